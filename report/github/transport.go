package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// requestTimeout is for one request with its body.
	requestTimeout = 30 * time.Second
	// defaultMaxWait bounds all waiting of one call together. A job that waits
	// longer costs more than the comment is worth.
	defaultMaxWait = 2 * time.Minute
	// secondaryWait is what GitHub asks for when it says "secondary rate limit"
	// without a time: docs.github.com, best practices for using the REST API.
	secondaryWait = time.Minute
	// firstWait is the pause before a failed read is tried again; it doubles.
	firstWait = time.Second
	// maxTries is how often a request is sent at most.
	maxTries = 5
	// maxBody bounds an answer; the largest file that is read has less.
	maxBody = 128 << 20
)

// transport sends requests to one API: it adds the token, waits when it is told
// to, and repeats what may be repeated.
type transport struct {
	base    http.RoundTripper
	host    string // of the API; no other one gets the token
	token   string
	agent   string
	maxWait time.Duration
	sleep   func(context.Context, time.Duration) error
	now     func() time.Time
}

// RoundTrip implements [http.RoundTripper]. A request that changes something is
// sent again only when the answer says that it was not carried out: 403 or 429 for
// a rate limit. One that only reads is repeated after a server error too.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	waited, pause := time.Duration(0), firstWait
	for try := 1; ; try++ {
		resp, err := t.send(req)
		wait, again := t.verdict(req, resp, err, pause)
		if !again || try == maxTries || waited+wait > t.maxWait {
			return resp, err
		}
		if resp != nil {
			drain(resp.Body)
		}
		if err := t.sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		waited += wait
		pause *= 2
		if req, err = renewed(req); err != nil {
			return nil, err
		}
	}
}

// renewed returns the request with a fresh body.
func renewed(req *http.Request) (*http.Request, error) {
	if req.Body == nil || req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	next := req.Clone(req.Context())
	next.Body = body
	return next, nil
}

func (t *transport) send(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Header.Set("User-Agent", t.agent)
	out.Header.Del("Authorization")
	if t.token != "" && req.URL.Host == t.host {
		out.Header.Set("Authorization", "Bearer "+t.token)
	}
	resp, err := t.base.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	resp.Body = &limitedBody{resp.Body, maxBody}
	return resp, nil
}

// verdict says whether to send a request again, and after how long.
func (t *transport) verdict(req *http.Request, resp *http.Response, err error, pause time.Duration) (wait time.Duration, again bool) {
	reads := req.Method == http.MethodGet || req.Method == http.MethodHead
	switch {
	case req.Body != nil && req.GetBody == nil:
		return 0, false
	case err != nil:
		return pause, reads && req.Context().Err() == nil
	case isLimited(resp):
		return t.limitWait(resp, pause), true
	case resp.StatusCode >= http.StatusInternalServerError:
		return pause, reads
	}
	return 0, false
}

// isLimited reports whether an answer refuses the request for a rate limit. GitHub
// answers 403 for permissions too, without any of these headers.
func isLimited(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-RateLimit-Remaining") == "0"
	}
	return false
}

// limitWait obeys Retry-After, then the reset time, else waits a minute.
func (t *transport) limitWait(resp *http.Response, pause time.Duration) time.Duration {
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		return max(time.Duration(s)*time.Second, pause)
	}
	if reset, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil && resp.Header.Get("X-RateLimit-Remaining") == "0" {
		return max(time.Unix(reset, 0).Sub(t.now()), pause)
	}
	return max(secondaryWait, pause)
}

func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // what is left is closed with the connection
	_ = body.Close()
}

// limitedBody ends a body that is too large with an error.
type limitedBody struct {
	io.ReadCloser
	left int64
}

var errTooLarge = errors.New("the answer is too large")

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// checkRedirect follows a redirect only where nothing gets lost or told: net/http
// sends a POST that is answered 301 or 302 again as GET, which ends as a puzzling
// JSON error, and a token must not leave its host.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case len(via) > 3:
		return errors.New("more than 3 redirects")
	case req.Method != first.Method:
		return fmt.Errorf("%s was redirected and would become %s; was the repository renamed?", first.Method, req.Method)
	case first.URL.Scheme == "https" && req.URL.Scheme != "https":
		return errors.New("redirected from https to http")
	}
	return nil
}

// apiURL checks the address of an API and gives it the slash at the end that
// relative paths need.
func apiURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is not the address of an API", text)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("%q is not https, so that the token could be read on its way", text)
	}
	return u.JoinPath("/"), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
