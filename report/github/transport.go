package github

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Headers of answers.
const (
	rateRemaining = "X-RateLimit-Remaining"
	rateReset     = "X-RateLimit-Reset"
)

// withoutReset takes the time of the reset out of answers that are no refusals. The
// library would refuse everything until then by itself when an answer was the last
// one, where the transport waits if that is bearable.
type withoutReset struct{ base http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t withoutReset) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err == nil && resp.StatusCode < http.StatusBadRequest {
		resp.Header.Del(rateReset)
	}
	return resp, err
}

// isLimited reports whether a 403 refuses the request for a rate limit. GitHub answers
// so for permissions too; for its secondary limits it does not promise any of the
// headers, only the words.
func isLimited(resp *http.Response) bool {
	return resp.StatusCode == http.StatusForbidden &&
		(resp.Header.Get("Retry-After") != "" || resp.Header.Get(rateRemaining) == "0" ||
			bytes.Contains(bytes.ToLower(peek(resp)), []byte("secondary rate limit")))
}

// maxPeek is how much of a refusal is read to learn its reason.
const maxPeek = 64 << 10

// peek returns the start of a body, which can be read again afterwards. What ended the
// reading early ends it again.
func peek(resp *http.Response) []byte {
	start, _ := io.ReadAll(io.LimitReader(resp.Body, maxPeek))
	rest := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), rest}
	return start
}

// maxRedirects is one more than GitHub needs for a download from a repository that
// was renamed.
const maxRedirects = 3

// checkRedirect follows a redirect only where nothing gets lost or told: net/http
// sends a POST that is answered 301 or 302 again as GET, which ends as a puzzling
// JSON error. That the token stays with its host is seen to by the transport.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first, last := via[0], via[len(via)-1]
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("more than %d redirects", maxRedirects)
	case req.Method != first.Method:
		return fmt.Errorf("%s was redirected and would become %s; was the repository renamed?", first.Method, req.Method)
	case last.URL.Scheme == "https" && req.URL.Scheme != "https":
		return errors.New("redirected from https to http")
	case req.Method != http.MethodGet && req.URL.Host != first.URL.Host:
		return fmt.Errorf("%s was redirected to another host, %s", req.Method, req.URL.Host)
	}
	return nil
}
