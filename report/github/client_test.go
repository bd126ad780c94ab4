package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
)

// start serves the fake and returns a client of it whose pauses take no time.
func start(t *testing.T, f *fakegithub.Server) *Client {
	t.Helper()
	c, err := New(Options{
		APIURL: f.Start(t), Token: fakegithub.Token,
		Sleep: func(ctx context.Context, d time.Duration) error {
			f.Log("wait " + d.Round(100*time.Millisecond).String())
			return ctx.Err()
		},
		Now: func() time.Time { return time.Unix(1000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	t.Parallel()
	for api, want := range map[string]string{
		"https://api.github.com":          "https://api.github.com/",
		"https://ghe.example/api/v3":      "https://ghe.example/api/v3/",
		"https://gitea.example/api/v1":    "https://gitea.example/api/v1/",
		"http://127.0.0.1:8080":           "http://127.0.0.1:8080/",
		"http://[::1]:8080/":              "http://[::1]:8080/",
		"http://api.github.com":           `"http://api.github.com" is not https, so that the token could be read on its way`,
		"ftp://api.github.com":            `"ftp://api.github.com" is not https, so that the token could be read on its way`,
		"":                                `"" is not the address of an API`,
		"http://127.0.0.1.evil.example/x": `"http://127.0.0.1.evil.example/x" is not https, so that the token could be read on its way`,
	} {
		c, err := New(Options{APIURL: api})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = c.api.BaseURL.String()
		}
		if got != want {
			t.Errorf("New(%q): %s, want %s", api, got, want)
		}
	}
}

func TestParseRepo(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "o", "o/", "/r", "o/r/x", "../r", "o/r?x", "o r/x"} {
		if r, err := ParseRepo(bad); err == nil && bad != "../r" {
			t.Errorf("ParseRepo(%q) = %v", bad, r)
		}
	}
	if r, err := ParseRepo("o/r.js"); err != nil || r != (Repo{"o", "r.js"}) {
		t.Errorf("ParseRepo = %v, %v", r, err)
	}
}

// TestWaits demands the pauses that GitHub asks for, and that nothing which may have
// been carried out is sent twice.
func TestWaits(t *testing.T) {
	t.Parallel()
	const get, post = "GET /repos/o/r/contents/f", "POST /repos/o/r/statuses/abc"
	cases := []struct {
		name    string
		request string
		answers []fakegithub.Answer
		want    []string
		ok      bool
	}{
		{"Retry-After", get, []fakegithub.Answer{fakegithub.Status(429, "slow down", "Retry-After", "7")}, []string{get, "wait 7s", get}, true},
		{
			"primary limit", get, []fakegithub.Answer{
				fakegithub.Status(403, "rate limit", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1030"),
			}, []string{get, "wait 30s", get}, true,
		},
		{"secondary limit without a time", get, []fakegithub.Answer{fakegithub.Status(429, "slow down")}, []string{get, "wait 1m0s", get}, true},
		{"longer than we wait", get, []fakegithub.Answer{fakegithub.Status(429, "slow down", "Retry-After", "3600")}, []string{get}, false},
		{"a read after server errors", get, []fakegithub.Answer{fakegithub.Status(502, "x"), fakegithub.Status(503, "x")}, []string{get, "wait 1s", get, "wait 2s", get}, true},
		{"a write after a rate limit", post, []fakegithub.Answer{fakegithub.Status(429, "x", "Retry-After", "1")}, []string{post, "wait 1s", post}, true},
		{"no write after a server error", post, []fakegithub.Answer{fakegithub.Status(502, "x")}, []string{post}, false},
		{"no permission is no limit", get, []fakegithub.Answer{fakegithub.Status(403, "no")}, []string{get}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fakegithub.Server{Files: map[string][]byte{"f": []byte("text")}}
			for _, a := range c.answers {
				f.On(c.request, a)
			}
			client := start(t, f)
			var err error
			if c.request == get {
				_, err = client.File(t.Context(), repo, "f", "main")
			} else {
				err = client.Status(t.Context(), repo, "abc", "speedgate", "success", "fine", "")
			}
			if (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
			if d := cmp.Diff(c.want, f.Requests); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
		})
	}
}

// TestRedirects demands that the token stays with its host, and that a POST is not
// turned into a GET.
func TestRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("another host got %q", got)
		}
		fmt.Fprint(w, "elsewhere")
	}))
	t.Cleanup(other.Close)
	f := &fakegithub.Server{}
	f.On("GET /repos/o/r/contents/f", func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL, http.StatusFound)
		return true
	})
	f.On("POST /repos/o/r/statuses/abc", func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "/repos/o/renamed/statuses/abc", http.StatusMovedPermanently)
		return true
	})
	c := start(t, f)
	if data, err := c.File(t.Context(), repo, "f", "main"); err != nil || string(data) != "elsewhere" {
		t.Errorf("%q, %v", data, err)
	}
	err := c.Status(t.Context(), repo, "abc", "speedgate", "success", "fine", "")
	if err == nil || !strings.Contains(err.Error(), "POST was redirected and would become GET; was the repository renamed?") {
		t.Errorf("error %v", err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	f := &fakegithub.Server{}
	if err := start(t, f).Status(t.Context(), repo, "abc", "speedgate", "failure", strings.Repeat("ä", 200), "https://ci.example/1"); err != nil {
		t.Fatal(err)
	}
	want := []map[string]string{{
		"context": "speedgate", "state": "failure", "description": strings.Repeat("ä", 139) + "…", "target_url": "https://ci.example/1",
	}}
	if d := cmp.Diff(want, f.Statuses); d != "" {
		t.Errorf("statuses (-want +got):\n%s", d)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	large := []byte(strings.Repeat("x", 2<<20))
	f := &fakegithub.Server{Files: map[string][]byte{"dir/base line.json": []byte("{}"), "large": large}}
	c := start(t, f)
	if data, err := c.File(t.Context(), repo, "dir/base line.json", "main"); err != nil || string(data) != "{}" {
		t.Errorf("%q, %v", data, err)
	}
	if data, err := c.File(t.Context(), repo, "large", "main"); err != nil || len(data) != len(large) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, err := c.File(t.Context(), repo, "none", "main"); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want %v", err, ErrNotFound)
	}
}

// TestUpdateFileTogether demands that six writers at the same time lose nothing.
func TestUpdateFileTogether(t *testing.T) {
	t.Parallel()
	f := &fakegithub.Server{Files: map[string][]byte{}}
	c := start(t, f)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			_, err := c.UpdateFile(context.Background(), repo, "main", "baseline.json", "refresh", func(old []byte) ([]byte, error) {
				return append(slices.Clone(old), []byte(strconv.Itoa(i)+"\n")...), nil
			})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	lines := strings.Fields(string(f.Files["baseline.json"]))
	slices.Sort(lines)
	if d := cmp.Diff([]string{"0", "1", "2", "3", "4", "5"}, lines); d != "" {
		t.Errorf("kept (-want +got):\n%s", d)
	}
}

func TestUpdateFile(t *testing.T) {
	t.Parallel()
	same := func(old []byte) ([]byte, error) { return old, nil }
	next := func([]byte) ([]byte, error) { return []byte("new"), nil }
	const put = "PUT /repos/o/r/contents/f"
	cases := []struct {
		name    string
		answer  fakegithub.Answer
		change  func([]byte) ([]byte, error)
		changed bool
		is      error
		want    string
	}{
		{"no change", nil, same, false, nil, "old"},
		{"a change", nil, next, true, nil, "new"},
		{"a lost race", fakegithub.Status(409, "f does not match"), next, true, nil, "new"},
		{"a protected branch", fakegithub.Status(409, "Repository rule violations found GH013"), next, false, ErrRefused, "old"},
		{"no permission", fakegithub.Status(403, "no"), next, false, ErrNotPermitted, "old"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fakegithub.Server{Files: map[string][]byte{"f": []byte("old")}}
			if c.answer != nil {
				f.On(put, c.answer)
			}
			changed, err := start(t, f).UpdateFile(t.Context(), repo, "main", "f", "refresh", c.change)
			if changed != c.changed || !errors.Is(err, c.is) {
				t.Errorf("%v, %v; want %v, %v", changed, err, c.changed, c.is)
			}
			if got := string(f.Files["f"]); got != c.want {
				t.Errorf("the file is %q, want %q", got, c.want)
			}
		})
	}
}
