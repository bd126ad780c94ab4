package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
	"speedgate/report/sticky"
)

// TestWaits demands the pauses that GitHub asks for, and that nothing which may have
// been carried out is sent twice.
func TestWaits(t *testing.T) {
	t.Parallel()
	const get, post, second = "GET contents/base.json", "POST statuses/SHA", time.Second
	cases := []struct {
		name    string
		request string
		faults  []fakegithub.Fault
		want    []string
		ok      bool
	}{
		{"Retry-After", get, []fakegithub.Fault{fakegithub.SlowDown(429, 7*second)}, []string{get, "wait 7s", get}, true},
		{"Retry-After of a 403", get, []fakegithub.Fault{fakegithub.SlowDown(403, 7*second)}, []string{get, "wait 7s", get}, true},
		{"Retry-After without words", get, []fakegithub.Fault{fakegithub.Refuse(403, "no", "Retry-After", "7")}, []string{get, "wait 7s", get}, true},
		{"primary limit", get, []fakegithub.Fault{fakegithub.LimitReached(403, time.Unix(1030, 0))}, []string{get, "wait 30s", get}, true},
		{"primary limit as 429", get, []fakegithub.Fault{fakegithub.LimitReached(429, time.Unix(1030, 0))}, []string{get, "wait 30s", get}, true},
		{"secondary limit without a time", get, []fakegithub.Fault{fakegithub.SlowDown(429, 0)}, []string{get, "wait 1m0s", get}, true},
		{"secondary limit by its words", get, []fakegithub.Fault{fakegithub.SlowDown(403, 0)}, []string{get, "wait 1m0s", get}, true},
		{"longer than we wait", get, []fakegithub.Fault{fakegithub.SlowDown(429, 3600*second)}, []string{get}, false},
		{"two minutes are enough", get, []fakegithub.Fault{fakegithub.SlowDown(429, 0), fakegithub.SlowDown(429, 0)}, []string{get, "wait 1m0s", get}, false},
		{"a read after server errors", get, []fakegithub.Fault{fakegithub.Down(502), fakegithub.Down(503)}, []string{get, "wait 1s", get, "wait 2s", get}, true},
		{
			"five times are enough", get, slices.Repeat([]fakegithub.Fault{fakegithub.Down(500)}, 5),
			[]string{get, "wait 1s", get, "wait 2s", get, "wait 4s", get, "wait 8s", get},
			false,
		},
		{"a server that names a time", get, []fakegithub.Fault{fakegithub.Refuse(503, "x", "Retry-After", "9")}, []string{get, "wait 9s", get}, true},
		{
			"a date", get,
			[]fakegithub.Fault{fakegithub.Refuse(429, "x", "Retry-After", "Thu, 01 Jan 1970 00:17:00 GMT")},
			[]string{get, "wait 20s", get},
			true,
		},
		{"a time that is over", get, []fakegithub.Fault{fakegithub.Refuse(429, "x", "Retry-After", "0")}, []string{get, "wait 1s", get}, true},
		{"no permission is no limit", get, []fakegithub.Fault{fakegithub.NotAccessible()}, []string{get}, false},
		{"a write after a rate limit", post, []fakegithub.Fault{fakegithub.SlowDown(429, second)}, []string{post, "wait 1s", post}, true},
		{"no write after a server error", post, []fakegithub.Fault{fakegithub.Down(502)}, []string{post}, false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			for _, f := range tc.faults {
				h.on(strings.Replace(tc.request, "SHA", h.head, 1), f)
			}
			var err error
			if tc.request == get {
				_, err = h.File(t.Context(), repo, "base.json", h.base)
			} else {
				err = h.Status(t.Context(), repo, h.head, "speedgate", "success", "fine", "")
			}
			if (err == nil) != tc.ok {
				t.Errorf("error %v", err)
			}
			got := strings.ReplaceAll(strings.Join(h.story(), "\n"), h.head, "SHA")
			if d := cmp.Diff(strings.Join(tc.want, "\n"), got); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
		})
	}
}

// TestLastRequest demands that the client waits for new requests, and does not refuse
// by itself, after GitHub said of an answer that it was the last for some seconds.
func TestLastRequest(t *testing.T) {
	t.Parallel()
	h := start(t)
	reset := time.Now().Add(30 * time.Second).Truncate(time.Second)
	h.SetRate(1, reset)
	c, err := New(Options{
		APIURL: h.URL, Token: fakegithub.Token, Now: func() time.Time { return reset.Add(-20 * time.Second) },
		Sleep: func(ctx context.Context, d time.Duration) error {
			h.SetRate(1000, reset.Add(time.Hour))
			return h.sleep(ctx, d)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Pull(t.Context(), repo, 7); err != nil {
			t.Error(err)
		}
	}
	if d := cmp.Diff([]string{"GET pulls/7", "GET pulls/7", "wait 20s", "GET pulls/7"}, h.story()); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

// TestBrokenAnswers demands that half an answer is none: a baseline that ends early
// could be read as one with fewer metrics.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("metric 1\n", 1<<17) // which comes in a form of its own
	for name, tc := range map[string]struct {
		fault fakegithub.Fault
		want  string // error behind "reading … at …: "
	}{
		"cut":     {fakegithub.CutBody(), "unexpected EOF"},
		"stopped": {fakegithub.SlowBody(time.Hour), "context canceled"},
		"slow":    {fakegithub.SlowBody(10 * time.Millisecond), ""},
	} {
		for path, text := range map[string]string{"base.json": "0", "large": large} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				h := start(t)
				commit := h.repo.Commit("main", "large", large)
				answers := 1
				if path == "large" {
					answers = 2
					h.on("GET contents/large", fakegithub.Fault{}) // the form without a content
				}
				h.on("GET contents/"+path, tc.fault)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				c := h.Client
				if name == "stopped" {
					c = over(t, h.URL, cancelling(answers, cancel))
				}
				want := tc.want
				if want != "" {
					want, text = "reading "+path+" at "+commit+": "+want, ""
				}
				data, err := c.File(ctx, repo, path, commit)
				if string(data) != text || textOf(err) != want {
					t.Errorf("%d bytes, %v; want %d, %q", len(data), err, len(text), want)
				}
			})
		}
	}
}

// cancelling is a transport that calls cancel when the n-th answer was begun to be
// read.
func cancelling(n int, cancel func()) oneAnswer {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if n--; n == 0 && err == nil {
			resp.Body = begun{resp.Body, cancel}
		}
		return resp, err
	}
}

// begun is a body that calls then after each read.
type begun struct {
	io.ReadCloser
	then func()
}

func (b begun) Read(p []byte) (int, error) {
	defer b.then()
	return b.ReadCloser.Read(p)
}

// oneAnswer is a transport that gives each request the same answer.
type oneAnswer func(*http.Request) (*http.Response, error)

func (f oneAnswer) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// over returns a client of an API that a function answers for, for what a real server
// cannot do, or GitHub never does. It does not wait.
func over(t *testing.T, api string, base oneAnswer) *Client {
	t.Helper()
	c, err := New(Options{
		APIURL: api, Token: fakegithub.Token, Base: base, MaxWait: time.Nanosecond,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// saying is a transport that answers with a status and a text.
func saying(status int, text string) oneAnswer {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	h := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.on("GET contents/base.json", fakegithub.Meanwhile(func() {
		cancel()
		time.Sleep(time.Second) // an answer at once may be there before anybody sees the end
	}))
	if _, err := h.File(ctx, repo, "base.json", h.base); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := len(h.Lines()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// TestRedirects demands that the token stays with its host, which the fake sees to,
// and that nothing is changed by a request that was sent elsewhere or as another one.
func TestRedirects(t *testing.T) {
	t.Parallel()
	const get, post = "GET contents/base.json", "POST statuses/*"
	cases := []struct {
		name     string
		request  string
		status   int
		location string // OTHER stands for the other host, NEW for where the repository is now
		want     string // error, "" for none
	}{
		{"a read from another host", get, 302, "OTHER/file", ""},
		{
			"a renamed repository", post, 301, "NEW",
			"setting the commit status speedgate: POST was redirected and would become GET; was the repository renamed?",
		},
		{
			"a renamed repository, found", post, 302, "NEW",
			"setting the commit status speedgate: POST was redirected and would become GET; was the repository renamed?",
		},
		{"a renamed repository as GitHub does it", post, 307, "NEW", ""},
		{"a write to another host", post, 308, "OTHER/file", "setting the commit status speedgate: POST was redirected to another host, OTHER"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			h.Other.Put("/file", []byte(`{"type": "file", "encoding": "base64", "content": "ZWxzZXdoZXJl", "sha": "1"}`))
			renamed := h.AddRepo("o/renamed")
			commit := renamed.Commit("main", "f", "1")
			places := strings.NewReplacer("OTHER", h.Other.URL, "NEW", "/repos/o/renamed/statuses/"+commit)
			h.on(tc.request, fakegithub.Redirect(tc.status, places.Replace(tc.location)))
			var err error
			if tc.request == get {
				var data []byte
				if data, err = h.File(t.Context(), repo, "base.json", h.base); string(data) != "elsewhere" {
					t.Errorf("file %q", data)
				}
			} else {
				err = h.Status(t.Context(), repo, commit, "speedgate", "success", "fine", "")
			}
			want := strings.Replace(tc.want, "OTHER", strings.TrimPrefix(h.Other.URL, "http://"), 1)
			if textOf(err) != want {
				t.Errorf("error %v, want %q", err, want)
			}
			if n := len(renamed.Statuses()); (n == 1) != (tc.status == 307) {
				t.Errorf("%d statuses where the repository is now", n)
			}
		})
	}
}

func TestRedirectsInCircles(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.On("GET /repos/o/r/contents/base.json", 4, fakegithub.Redirect(302, "/repos/o/r/contents/base.json"))
	if _, err := h.File(t.Context(), repo, "base.json", h.base); textOf(err) != "reading base.json at "+h.base+": more than 3 redirects" {
		t.Errorf("error %v", err)
	}
}

// TestDowngrade demands that a redirect cannot take the token off its encryption.
func TestDowngrade(t *testing.T) {
	t.Parallel()
	c := over(t, "https://api.example", func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme != "https" {
			t.Errorf("asked %s", r.URL)
		}
		header := http.Header{"Location": {"http://api.example/elsewhere"}}
		return &http.Response{StatusCode: 302, Header: header, Body: http.NoBody, Request: r}, nil
	})
	if _, err := c.File(t.Context(), repo, "f", "main"); textOf(err) != "reading f at main: redirected from https to http" {
		t.Errorf("error %v", err)
	}
}

// TestTokenHidden demands that whatever an answer or a broken connection says, no
// error repeats the token, nor the address that a redirect led to.
func TestTokenHidden(t *testing.T) {
	t.Parallel()
	h := fakegithub.New(t) // for its search for secrets
	answers := map[string]oneAnswer{
		"no connection": func(*http.Request) (*http.Response, error) { return nil, errors.New("refused " + fakegithub.Token) },
		"a redirect to a signed address": func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "blob.example" {
				return nil, errors.New("refused")
			}
			header := http.Header{"Location": {"https://blob.example/?sig=" + fakegithub.Token}}
			return &http.Response{StatusCode: 307, Header: header, Body: http.NoBody, Request: r}, nil
		},
		"no JSON": saying(200, "<"+fakegithub.Token),
	}
	answers["a secondary limit"] = saying(403, fmt.Sprintf(`{"message": %q, "documentation_url": "https://docs.github.com/#secondary-rate-limits"}`, fakegithub.Token))
	text := fmt.Sprintf(`{"message": %q, "errors": [{"message": %q}], "documentation_url": %q}`, fakegithub.Token, fakegithub.Token, fakegithub.Token)
	for _, code := range []int{202, 400, 401, 403, 404, 409, 410, 422, 429, 500} {
		answers[strconv.Itoa(code)] = saying(code, text)
	}
	for name, answer := range answers {
		c := over(t, "https://api.example", func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.String(), fakegithub.Token) && r.URL.Host == "api.example" {
				t.Errorf("%s: the token is in the address %s", name, r.URL)
			}
			return answer(r)
		})
		for call, err := range everyCall(t.Context(), c) {
			if err == nil {
				t.Errorf("%s: %s: no error", name, call)
				continue
			}
			text := fmt.Sprintf("%v %+v", err, errors.Unwrap(err))
			if h.CheckSecret(fakegithub.Token, text); strings.Contains(text, "sig=") {
				t.Errorf("%s: %s: %s", name, call, text)
			}
		}
	}
}

// everyCall returns the error of each method.
func everyCall(ctx context.Context, c *Client) map[string]error {
	errs := map[string]error{"Commit": c.Commit(ctx, repo, "abc"), "Status": c.Status(ctx, repo, "abc", "speedgate", "success", "fine", "")}
	_, errs["File"] = c.File(ctx, repo, "f", "main")
	_, errs["UpdateFile"] = c.UpdateFile(ctx, repo, "main", "f", "refresh", to("new"))
	_, errs["EnsureBranch"] = c.EnsureBranch(ctx, repo, "data", "start")
	_, _, errs["BaselinePull"] = c.BaselinePull(ctx, repo, proposed, to("new"))
	_, errs["Comment"] = c.Comment(ctx, repo, 7, sticky.Comment{ID: "api", Body: "new", Create: true})
	_, errs["CheckRun"] = c.CheckRun(ctx, repo, CheckRun{Name: "speedgate", Commit: "abc"})
	_, errs["Pull"] = c.Pull(ctx, repo, 7)
	_, errs["Pulls"] = c.Pulls(ctx, repo, "o", "main", "")
	_, errs["PullsOfCommit"] = c.PullsOfCommit(ctx, repo, "abc")
	_, errs["FirstParent"] = c.FirstParent(ctx, repo, "abc")
	_, errs["Compare"] = c.Compare(ctx, repo, "abc", "def")
	_, errs["Run"] = c.Run(ctx, repo, 1)
	_, errs["Artifact"] = c.Artifact(ctx, repo, 1, "speedgate")
	return errs
}
