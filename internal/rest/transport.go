package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// requestTimeout is for one request with its answer.
	requestTimeout = time.Minute
	// defaultMaxWait bounds all waiting of one request together. A job that waits
	// longer costs more than the comment is worth.
	defaultMaxWait = 2 * time.Minute
	// maxTries is how often a request is sent at most.
	maxTries = 5
	// maxBody bounds an answer; the largest file that is read has less.
	maxBody = 128 << 20
	// maxDrain is how much of an answer nobody wants is read, to keep its connection.
	maxDrain = 64 << 10
)

// Forge is how an API differs from others.
type Forge struct {
	Header, Prefix   string                    // header of the token, and what stands before it
	Remaining, Reset string                    // headers with the requests left, and when there are more, in seconds since 1970
	LimitWait        time.Duration             // pause where a rate limit names no time; doubles from try to try
	IsLimited        func(*http.Response) bool // rate limits beside 429; nil = none
}

// Options is what a transport is made of. Forge and API are required.
type Options struct {
	Forge Forge
	API   *url.URL // no other host gets the token
	Token string   // "" = none
	Agent string   // User-Agent; "" = speedgate

	Base    http.RoundTripper // nil = http.DefaultTransport
	MaxWait time.Duration     // of all pauses of one request; 0 = 2 minutes
	// RepeatPost says that a POST may be carried out twice: a message that comes twice
	// is better than one that does not come.
	RepeatPost bool

	Sleep func(context.Context, time.Duration) error
	Now   func() time.Time
}

// Transport sends requests to one API. Make one with [NewTransport].
type Transport struct{ o Options }

// NewTransport returns a transport for the API of o.
func NewTransport(o Options) *Transport {
	if o.Base == nil {
		o.Base = http.DefaultTransport
	}
	if o.MaxWait == 0 {
		o.MaxWait = defaultMaxWait
	}
	if o.Agent == "" {
		o.Agent = "speedgate"
	}
	if o.Sleep == nil {
		o.Sleep = Sleep
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Transport{o}
}

// Sleep waits for d, or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// RoundTrip implements [http.RoundTripper]. A request is sent again when the answer
// says that it was not carried out, for a rate limit. After a server error or a
// broken connection nobody knows that, so that only requests which may be carried out
// twice are repeated.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	start, waited := t.o.Now(), time.Duration(0)
	for try := 1; ; try++ {
		resp, err := t.send(req)
		wait, again := t.pause(req, resp, err, try)
		if !again || try == maxTries || max(waited, t.o.Now().Sub(start))+wait > t.o.MaxWait {
			return resp, err
		}
		if resp != nil {
			drain(resp.Body)
		}
		if err := t.o.Sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		waited += wait
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

var errTimeout = fmt.Errorf("no whole answer within %s", requestTimeout)

func (t *Transport) send(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), requestTimeout, errTimeout)
	out := req.Clone(ctx)
	out.Header.Set("User-Agent", t.o.Agent)
	out.Header.Del(t.o.Forge.Header)
	if t.o.Token != "" && req.URL.Host == t.o.API.Host && req.URL.Scheme == t.o.API.Scheme {
		out.Header.Set(t.o.Forge.Header, t.o.Forge.Prefix+t.o.Token)
	}
	resp, err := t.o.Base.RoundTrip(out)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &body{resp.Body, maxBody, cancel}
	return resp, nil
}

func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDrain) // what is left is closed with the connection
	_ = body.Close()
}

// body ends an answer that is too large with an error, and stops its clock.
type body struct {
	io.ReadCloser
	left int64
	stop context.CancelFunc
}

var errTooLarge = errors.New("the answer is too large")

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	// One byte more than the limit tells an answer that ends there from one that
	// goes on.
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		n, err = n-1, errTooLarge
		b.left = 0
	}
	if err != nil {
		b.stop()
	}
	return n, err
}

// Close implements [io.Closer].
func (b *body) Close() error {
	b.stop()
	return b.ReadCloser.Close()
}
