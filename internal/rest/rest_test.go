package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const token = "glpat-Token0123456789"

var testForge = Forge{
	Header: "PRIVATE-TOKEN", Remaining: "RateLimit-Remaining", Reset: "RateLimit-Reset", LimitWait: time.Minute,
	IsLimited: func(resp *http.Response) bool { return resp.StatusCode == http.StatusTeapot },
}

// answers is a server that gives its answers one after the other, then 200.
type answers struct {
	list []func(*http.Request) (*http.Response, error)
	log  []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	line := r.Method
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		line += " " + string(text)
	}
	a.log = append(a.log, line)
	if len(a.list) == 0 {
		return status(http.StatusOK)(r)
	}
	next := a.list[0]
	a.list = a.list[1:]
	return next(r)
}

// status answers with a code and headers NAME, VALUE, …
func status(code int, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader("text")), Request: r}, nil
	}
}

func broken(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection reset by peer")
}

func address(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestPauses demands the pauses that a forge asks for, and that nothing which may
// have been carried out is sent twice.
func TestPauses(t *testing.T) {
	t.Parallel()
	type list = []func(*http.Request) (*http.Response, error)
	for _, c := range []struct {
		name, method string
		answers      list
		want         []string
		code         int // 0 = an error
	}{
		{"Retry-After", "GET", list{status(429, "Retry-After", "7")}, []string{"GET", "wait 7s", "GET"}, 200},
		{"a date", "GET", list{status(429, "Retry-After", "Thu, 01 Jan 1970 00:17:00 GMT")}, []string{"GET", "wait 20s", "GET"}, 200},
		{"a time that is over", "GET", list{status(429, "Retry-After", "0")}, []string{"GET", "wait 1s", "GET"}, 200},
		{"a date that is over", "GET", list{status(429, "Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT")}, []string{"GET", "wait 1s", "GET"}, 200},
		{"no date", "GET", list{status(429, "Retry-After", "soon")}, []string{"GET", "wait 1m0s", "GET"}, 200},
		{"the time of the reset", "GET", list{status(429, "RateLimit-Remaining", "0", "RateLimit-Reset", "1030")}, []string{"GET", "wait 30s", "GET"}, 200},
		{"a reset of something else", "GET", list{status(429, "RateLimit-Remaining", "9", "RateLimit-Reset", "1030")}, []string{"GET", "wait 1m0s", "GET"}, 200},
		{"a limit that is the forge's own", "POST", list{status(418)}, []string{"POST x", "wait 1m0s", "POST x"}, 200},
		{"longer than we wait", "GET", list{status(429, "Retry-After", "3600")}, []string{"GET"}, 429},
		{"two minutes are enough", "GET", list{status(429), status(429)}, []string{"GET", "wait 1m0s", "GET"}, 429},
		{"five times are enough", "GET", slices.Repeat(list{status(500)}, 5), []string{"GET", "wait 1s", "GET", "wait 2s", "GET", "wait 4s", "GET", "wait 8s", "GET"}, 500},
		{"a server that names a time", "GET", list{status(503, "Retry-After", "9")}, []string{"GET", "wait 9s", "GET"}, 200},
		{"a broken connection", "GET", list{broken}, []string{"GET", "wait 1s", "GET"}, 200},
		{"a text that is set again", "PUT", list{status(502), broken}, []string{"PUT x", "wait 1s", "PUT x", "wait 2s", "PUT x"}, 200},
		{"a write after a rate limit", "POST", list{status(429, "Retry-After", "1")}, []string{"POST x", "wait 1s", "POST x"}, 200},
		{"no write after a server error", "POST", list{status(502)}, []string{"POST x"}, 502},
		{"no write after a broken connection", "POST", list{broken}, []string{"POST x"}, 0},
		{"no permission is no limit", "GET", list{status(403)}, []string{"GET"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := &answers{list: c.answers}
			client := &http.Client{Transport: NewTransport(Options{
				Forge: testForge, API: address(t, "https://l.example/api/v4"), Base: server,
				Sleep: func(ctx context.Context, d time.Duration) error {
					server.log = append(server.log, "wait "+d.String())
					return ctx.Err()
				},
				Now: func() time.Time { return time.Unix(1000, 0) },
			})}
			var body io.Reader
			if c.method != "GET" {
				body = strings.NewReader("x")
			}
			req, err := http.NewRequestWithContext(t.Context(), c.method, "https://l.example/api/v4/x", body)
			if err != nil {
				t.Fatal(err)
			}
			code := 0
			resp, err := client.Do(req)
			if err == nil {
				code = resp.StatusCode
				_ = resp.Body.Close()
			}
			if code != c.code {
				t.Errorf("status %d, %v; want %d", code, err, c.code)
			}
			if d := cmp.Diff(c.want, server.log); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
		})
	}
}

// TestBodyThatCannotBeReadAgain demands that a request is not repeated without what
// it sends.
func TestBodyThatCannotBeReadAgain(t *testing.T) {
	t.Parallel()
	server := &answers{list: []func(*http.Request) (*http.Response, error){status(429)}}
	req, err := http.NewRequestWithContext(t.Context(), "PUT", "https://l.example/x", io.MultiReader(strings.NewReader("x")))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := NewTransport(Options{Forge: testForge, API: address(t, "https://l.example"), Base: server}).RoundTrip(req)
	if err != nil || resp.StatusCode != 429 || len(server.log) != 1 {
		t.Errorf("%v, %v after %q", resp, err, server.log)
	}
}

// TestTokenStays demands that the token goes to the host of the API alone, by no
// header that the caller or a redirect brings.
func TestTokenStays(t *testing.T) {
	t.Parallel()
	var got []string
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		got = append(got, r.URL.String()+" "+r.Header.Get("PRIVATE-TOKEN")+" "+r.Header.Get("User-Agent"))
		return status(200)(r)
	})
	tr := NewTransport(Options{Forge: testForge, API: address(t, "https://l.example/api/v4"), Token: token, Base: base})
	for _, to := range []string{"https://l.example/api/v4/user", "http://l.example/api/v4/user", "https://l.example:444/", "https://evil.example/"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", to, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("PRIVATE-TOKEN", "of-somebody")
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if req.Header.Get("PRIVATE-TOKEN") != "of-somebody" {
			t.Error("the caller's request was changed")
		}
	}
	want := []string{
		"https://l.example/api/v4/user " + token + " speedgate", "http://l.example/api/v4/user  speedgate",
		"https://l.example:444/  speedgate", "https://evil.example/  speedgate",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// endless is a body without an end, which a request that is given up ends.
type endless struct {
	ctx   context.Context
	stuck bool
}

func (e endless) Read(p []byte) (int, error) {
	if e.stuck {
		<-e.ctx.Done()
		return 0, context.Cause(e.ctx)
	}
	return len(p), nil
}
func (e endless) Close() error { return nil }

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stuck bool
		size  int64
		err   string
	}{{true, 0, "no whole answer within 1m0s"}, {false, maxBody, "the answer is too large"}} {
		synctest.Test(t, func(t *testing.T) {
			base := roundTripper(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: endless{r.Context(), c.stuck}, Request: r}, nil
			})
			client := &http.Client{Transport: NewTransport(Options{Forge: testForge, API: address(t, "https://l.example"), Base: base})}
			resp, err := client.Get("https://l.example/x")
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if n != c.size || err == nil || err.Error() != c.err {
				t.Errorf("%d bytes, %v; want %d, %s", n, err, c.size, c.err)
			}
		})
	}
}

// TestSleepEnds demands that a pause ends with the context, and otherwise in time.
func TestSleepEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := Sleep(t.Context(), time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestRefuseRedirect(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	t.Cleanup(other.Close)
	api := httptest.NewServer(http.RedirectHandler(other.URL+"/?signed="+token, http.StatusTemporaryRedirect))
	t.Cleanup(api.Close)
	client := &http.Client{
		Transport:     NewTransport(Options{Forge: testForge, API: address(t, api.URL), Token: token}),
		CheckRedirect: RefuseRedirect,
	}
	resp, err := client.Post(api.URL+"/x", "text/plain", strings.NewReader("x"))
	if err == nil {
		_ = resp.Body.Close()
		t.Fatal("the redirect was followed")
	}
	want := "commenting: POST was redirected to another address, of " + strings.TrimPrefix(other.URL, "http://") + "; is that of the API right?"
	if got := Hide("commenting", err, token).Error(); got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestHide(t *testing.T) {
	t.Parallel()
	err := Hide("listing", fmt.Errorf("%w: with %s", context.Canceled, token), token)
	if got, want := err.Error(), "listing: context canceled: with ***"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if !errors.Is(err, context.Canceled) {
		t.Error("the cause is lost")
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\r\n::error::b\tc\x1b[1m":          "a ::error::b c [1m",
		"with " + token + " twice " + token:  "with *** twice ***",
		strings.Repeat("ä", 300):             strings.Repeat("ä", 300),
		strings.Repeat("ä", 301):             strings.Repeat("ä", 299) + "…",
		"  a line of a page  \n\n  another ": "a line of a page another",
	} {
		if got := Clean(text, token); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	if got := Clean("plain", ""); got != "plain" {
		t.Errorf("without a token %q", got)
	}
}

func TestParseAddress(t *testing.T) {
	t.Parallel()
	const form = "the address of the API is not of the form https://HOST/PATH"
	for text, want := range map[string]string{
		"https://gitlab.example/api/v4":      "https://gitlab.example/api/v4/",
		"https://gitlab.example/g/api/v4/":   "https://gitlab.example/g/api/v4/",
		"http://127.0.0.1:8080":              "http://127.0.0.1:8080/",
		"http://[::1]:8080/":                 "http://[::1]:8080/",
		"http://localhost/api":               "http://localhost/api/",
		"http://gitlab.example":              `"http://gitlab.example" is not https, so that the token could be read on its way`,
		"http://127.0.0.1.evil.example/x":    `"http://127.0.0.1.evil.example/x" is not https, so that the token could be read on its way`,
		"ftp://gitlab.example":               `"ftp://gitlab.example" is not https, so that the token could be read on its way`,
		"":                                   form,
		"https://user:pass@gitlab.example":   form,
		"https://gitlab.example/api?token=x": form,
		"https://gitlab.example/api#x":       form,
		"https://gitlab.example/%zz":         form,
	} {
		u, err := ParseAddress(text)
		got := fmt.Sprint(u)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("ParseAddress(%q): %s, want %s", text, got, want)
		}
	}
}
