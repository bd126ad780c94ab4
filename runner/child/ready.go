package child

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// readyPause lies between two questions.
	readyPause = 100 * time.Millisecond
	// readyAttempt is how long one answer may take: a service that accepts a
	// connection before it can serve may never answer the first question.
	readyAttempt = 2 * time.Second
)

// Ready waits until an HTTP service answers at address with a status below 500; a
// redirect and "not found" are answers too. After timeout, and when ctx ends, the
// error says what went wrong last. To give up when the service's own process ends,
// end ctx with that cause.
func Ready(ctx context.Context, address string, timeout time.Duration) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is not the address of a service; write for example http://127.0.0.1:8000/healthz", address)
	}
	late := fmt.Errorf("%s did not get ready within %s", u.Redacted(), timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	client := newReadyClient()
	defer client.CloseIdleConnections()
	last := errors.New("no answer came")
	for {
		err := ask(ctx, client, u)
		if err == nil {
			return nil
		}
		// What the end of ctx itself breaks off says nothing of the service.
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-time.After(readyPause):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), last)
		}
	}
}

// newReadyClient asks the service itself: no proxy, and no page that it points to.
func newReadyClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{},
		Timeout:       readyAttempt,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ask asks once.
func ask(ctx context.Context, client *http.Client, u *url.URL) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err // without the address, which the message has already
	}
	if err != nil {
		return err
	}
	// The rest of an answer has no interest, but the connection can be used again.
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	_ = resp.Body.Close()
	if resp.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("it answered %d %s", resp.StatusCode, cmp.Or(http.StatusText(resp.StatusCode), "(unknown status)"))
	}
	return nil
}

// PortFree returns an error if no program can listen at a TCP address such as
// 127.0.0.1:8000, most often as another one does.
func PortFree(address string) error {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, addressInUse) {
		return fmt.Errorf("%s is taken: another program listens there; end it, or choose another port", address)
	}
	if err != nil {
		return err
	}
	return l.Close()
}
