package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Options is what a client is made of. Only APIURL is required.
type Options struct {
	APIURL string // as GITHUB_API_URL gives it, without a slash at the end
	Token  string
	Agent  string // User-Agent

	Base    http.RoundTripper // nil = http.DefaultTransport
	MaxWait time.Duration     // of all pauses of one call; 0 = 2 minutes
	Sleep   func(context.Context, time.Duration) error
	Now     func() time.Time
}

// Client speaks to one API. Make one with [New].
type Client struct {
	api   *gh.Client
	token string
	sleep func(context.Context, time.Duration) error
}

// New returns a client. The address must be https, or of this machine.
func New(o Options) (*Client, error) {
	u, err := apiURL(o.APIURL)
	if err != nil {
		return nil, err
	}
	t := &transport{
		base: o.Base, host: u.Host, token: o.Token, agent: o.Agent, maxWait: o.MaxWait, sleep: o.Sleep, now: o.Now,
	}
	if t.base == nil {
		t.base = http.DefaultTransport
	}
	if t.maxWait == 0 {
		t.maxWait = defaultMaxWait
	}
	if t.agent == "" {
		t.agent = "speedgate"
	}
	if t.sleep == nil {
		t.sleep = sleep
	}
	if t.now == nil {
		t.now = time.Now
	}
	api := gh.NewClient(&http.Client{Transport: t, Timeout: requestTimeout + t.maxWait, CheckRedirect: checkRedirect})
	api.BaseURL = u
	return &Client{api: api, token: o.Token, sleep: t.sleep}, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Repo names a repository.
type Repo struct{ Owner, Name string }

var repoPart = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

// ParseRepo reads OWNER/NAME.
func ParseRepo(text string) (Repo, error) {
	owner, name, ok := strings.Cut(text, "/")
	if !ok || !repoPart.MatchString(owner) || !repoPart.MatchString(name) {
		return Repo{}, fmt.Errorf("%q is not a repository; write OWNER/NAME", text)
	}
	return Repo{owner, name}, nil
}

// The normal cases in which GitHub says no.
var (
	// ErrNotPermitted is wrapped when the token may not do what was asked, as on a
	// pull request from a fork. GitHub answers 404 too for what a token cannot see.
	ErrNotPermitted = errors.New("the token is not permitted")
	// ErrNotFound is wrapped when a file or revision is not there.
	ErrNotFound = errors.New("not found")
)

// explain turns an error of the library into one of ours, without the token and
// with what to do. need is the line that `permissions:` may lack.
func (c *Client) explain(what, need string, err error) error {
	if err == nil {
		return nil
	}
	var answer *gh.ErrorResponse
	if errors.As(err, &answer) && answer.Response != nil {
		switch answer.Response.StatusCode {
		case http.StatusUnauthorized, http.StatusForbidden:
			return fmt.Errorf("%s: %w; the workflow needs permissions: %s (%s)", what, ErrNotPermitted, need, c.redact(answer.Message))
		case http.StatusNotFound, http.StatusGone:
			return fmt.Errorf("%s: %w, or the workflow lacks permissions: %s", what, ErrNotFound, need)
		}
		return fmt.Errorf("%s: GitHub answered %d: %s", what, answer.Response.StatusCode, c.redact(answer.Message))
	}
	return fmt.Errorf("%s: %s", what, c.redact(err.Error()))
}

func (c *Client) redact(text string) string {
	if c.token == "" {
		return text
	}
	return strings.ReplaceAll(text, c.token, "***")
}
