package gitlab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"speedgate/internal/rest"
	"speedgate/report/sticky"
)

// forge is what sets GitLab apart. A refusal for its rate limits often names no time:
// gitlab-org/gitlab#365728. The limits are a number of requests a minute.
var forge = rest.Forge{Header: "PRIVATE-TOKEN", Remaining: "RateLimit-Remaining", Reset: "RateLimit-Reset", LimitWait: time.Minute}

// Options is what a client is made of. APIURL and Token are required.
type Options struct {
	APIURL string // as CI_API_V4_URL gives it
	Token  string // personal, project or group access token with the scope api
	Agent  string // User-Agent

	Base    http.RoundTripper // nil = http.DefaultTransport
	MaxWait time.Duration     // of all pauses of one request; 0 = 2 minutes
	Sleep   func(context.Context, time.Duration) error
	Now     func() time.Time
}

// Client speaks to one API. Make one with [New].
type Client struct {
	http  *http.Client
	api   *url.URL
	token string
}

// New returns a client. The address must be https, or of this machine.
func New(o Options) (*Client, error) {
	u, err := rest.ParseAddress(o.APIURL)
	if err != nil {
		return nil, err
	}
	// A secret that was pasted often ends with a line feed, which no header takes.
	token := strings.TrimSpace(o.Token)
	t := rest.NewTransport(rest.Options{
		Forge: forge, API: u, Token: token, Agent: o.Agent, Base: o.Base, MaxWait: o.MaxWait, Sleep: o.Sleep, Now: o.Now,
	})
	return &Client{http: &http.Client{Transport: t, CheckRedirect: rest.RefuseRedirect}, api: u, token: token}, nil
}

// call is one request.
type call struct {
	what   string // what it is for, for errors
	method string
	path   string // below the API
	query  url.Values
	in     any // sent as JSON; nil = nothing
}

// do makes a request, reads its answer into out unless that is nil, and returns the
// answer's headers.
func (c *Client) do(ctx context.Context, r call, out any) (http.Header, error) {
	req, err := c.request(ctx, r)
	if err != nil {
		return nil, rest.Hide(r.what, err, c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, rest.Hide(r.what, err, c.token)
	}
	defer func() { _ = resp.Body.Close() }() // of what was only read
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, c.refusal(r, resp)
	}
	if out == nil {
		return resp.Header, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return nil, rest.Hide(r.what, fmt.Errorf("the answer is not whole JSON: %w", err), c.token)
	}
	return resp.Header, nil
}

func (c *Client) request(ctx context.Context, r call) (*http.Request, error) {
	u := c.api.JoinPath(r.path)
	u.RawQuery = r.query.Encode()
	if r.in == nil {
		return http.NewRequestWithContext(ctx, r.method, u.String(), nil)
	}
	data, err := json.Marshal(r.in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), bytes.NewReader(data))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}

// refused is an answer that says no.
type refused struct {
	code int
	text string
	is   error // nil = nothing that callers must know
}

func (r *refused) Error() string { return r.text }
func (r *refused) Unwrap() error { return r.is }

// refusal turns an answer that says no into an error that says what to do.
func (c *Client) refusal(r call, resp *http.Response) error {
	said := rest.Clean(words(resp.Body), c.token)
	e := &refused{code: resp.StatusCode, text: fmt.Sprintf("%s: GitLab answered %d: %s", r.what, resp.StatusCode, said)}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		e.text = fmt.Sprintf("%s: the token is wrong or has expired (%s)", r.what, said)
	case resp.StatusCode == http.StatusForbidden:
		e.text = fmt.Sprintf("%s: the token is not permitted; it needs the scope api and the role Reporter or more (%s)", r.what, said)
	case resp.StatusCode == http.StatusNotFound:
		e.text = fmt.Sprintf("%s: not found, or the token is not permitted to see it; it needs the scope api and the role Reporter or more", r.what)
	case resp.StatusCode == http.StatusRequestEntityTooLarge, strings.Contains(said, "too long"):
		e.is = sticky.ErrTooLong
	}
	return e
}
