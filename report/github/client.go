package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"speedgate/internal/rest"
)

// Options is what a client is made of. Only APIURL is required.
type Options struct {
	APIURL string // as GITHUB_API_URL gives it, without a slash at the end
	Token  string
	Agent  string // User-Agent

	Base    http.RoundTripper // nil = http.DefaultTransport
	MaxWait time.Duration     // of all pauses of one request; 0 = 2 minutes
	Sleep   func(context.Context, time.Duration) error
	Now     func() time.Time
}

// Client speaks to one API. Make one with [New].
type Client struct {
	api   *gh.Client
	token string
	sleep func(context.Context, time.Duration) error
}

// forge is what sets GitHub apart. When it says "secondary rate limit" without a time,
// it asks for a minute, growing from try to try: docs.github.com, best practices for
// using the REST API.
var forge = rest.Forge{
	Header: "Authorization", Prefix: "Bearer ", Remaining: rateRemaining, Reset: rateReset, LimitWait: time.Minute, IsLimited: isLimited,
}

// New returns a client. The address must be https, or of this machine.
func New(o Options) (*Client, error) {
	u, err := rest.ParseAddress(o.APIURL)
	if err != nil {
		return nil, err
	}
	if o.Sleep == nil {
		o.Sleep = rest.Sleep
	}
	// A secret that was pasted often ends with a line feed, which no header takes.
	token := strings.TrimSpace(o.Token)
	t := rest.NewTransport(rest.Options{
		Forge: forge, API: u, Token: token, Agent: o.Agent, Base: o.Base, MaxWait: o.MaxWait, Sleep: o.Sleep, Now: o.Now,
	})
	api := gh.NewClient(&http.Client{Transport: withoutReset{t}, CheckRedirect: checkRedirect})
	api.BaseURL = u
	return &Client{api: api, token: token, sleep: o.Sleep}, nil
}

// Repo names a repository.
type Repo struct{ Owner, Name string }

// String returns OWNER/NAME.
func (r Repo) String() string { return r.Owner + "/" + r.Name }

var repoPart = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

// ParseRepo reads OWNER/NAME.
func ParseRepo(text string) (Repo, error) {
	owner, name, ok := strings.Cut(text, "/")
	if !ok || !isRepoPart(owner) || !isRepoPart(name) {
		return Repo{}, fmt.Errorf("%q is not a repository; write OWNER/NAME", text)
	}
	return Repo{owner, name}, nil
}

// isRepoPart reports whether text can stand in the path of a request: the dots of
// a folder would lead to another resource.
func isRepoPart(text string) bool {
	return repoPart.MatchString(text) && text != "." && text != ".."
}

// request makes a request about a repository. path follows the repository's, with
// its parts escaped.
func (c *Client) request(method string, repo Repo, path string, query url.Values, body any) (*http.Request, error) {
	req, err := c.api.NewRequest(method, "repos/"+repo.String()+"/"+path, body)
	if err != nil {
		return nil, err
	}
	req.URL.RawQuery = query.Encode()
	return req, nil
}
