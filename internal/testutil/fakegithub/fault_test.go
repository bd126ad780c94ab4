package fakegithub

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const commentsPath = "/repos/o/r/issues/7/comments"

// post comments through a plain client that follows no redirect.
func post(ctx context.Context, g *GitHub) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", g.URL+commentsPath, strings.NewReader(`{"body": "hello"}`))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+Token)
	req.Header.Set("Content-Type", "application/json")
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c.Do(req)
}

// Each fault answers as GitHub would, and carries the request out or not.
func TestFaults(t *testing.T) {
	t.Parallel()
	reset := time.Unix(1770000000, 0)
	const limited, secondary = "API rate limit exceeded for installation ID 1.", "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	cases := []struct {
		name       string
		fault      Fault
		status     int
		message    string            // of the JSON, "" = not looked at
		headers    map[string]string // "" = absent
		carriedOut bool
	}{
		{"401", Refuse(401, "Bad credentials"), 401, "Bad credentials", nil, false},
		{"403", NotAccessible(), 403, "Resource not accessible by integration", map[string]string{"Retry-After": ""}, false},
		{"404", Refuse(404, "Not Found"), 404, "Not Found", nil, false},
		{"409", Refuse(409, "f does not match"), 409, "f does not match", nil, false},
		{"410", Refuse(410, "gone"), 410, "gone", nil, false},
		{"422", TooLong(), 422, "Validation Failed", nil, false},
		{"429", SlowDown(429, 7*time.Second), 429, secondary, map[string]string{"Retry-After": "7"}, false},
		{"403 of the secondary limit, without a time", SlowDown(403, 0), 403, secondary, map[string]string{"Retry-After": ""}, false},
		{
			"403 of the primary limit", LimitReached(403, reset), 403, limited,
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1770000000", "X-RateLimit-Limit": "1000"},
			false,
		},
		{"a header", Refuse(418, "x", "X-Odd", "1"), 418, "x", map[string]string{"X-Odd": "1"}, false},
		{"502", Down(502), 502, "", map[string]string{"Content-Type": "text/html; charset=utf-8"}, false},
		{"503", Down(503), 503, "", nil, false},
		{"502, and it was carried out", AnswerLost(502), 502, "", nil, true},
		{"a redirect on the host", Redirect(307, "/repos/o/new"), 307, "", map[string]string{"Location": "http://HOST/repos/o/new"}, false},
		{"a redirect to another host", Redirect(301, "https://other.example/x"), 301, "", map[string]string{"Location": "https://other.example/x"}, false},
		{"slow, and complete", SlowBody(time.Millisecond), 201, "", nil, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g, r, _, _, _ := start(t)
			g.On("POST "+commentsPath, 1, tc.fault)
			resp, err := post(t.Context(), g)
			check(t, "post", err)
			defer resp.Body.Close()
			data, err := io.ReadAll(resp.Body)
			check(t, "read", err)
			var said struct{ Message string }
			if tc.message != "" {
				check(t, "JSON", json.Unmarshal(data, &said))
			}
			if redirects := tc.status/100 == 3; resp.StatusCode != tc.status || said.Message != tc.message || (len(data) == 0) != redirects {
				t.Errorf("%d %s", resp.StatusCode, data)
			}
			for name, want := range tc.headers {
				if got := resp.Header.Get(name); got != strings.Replace(want, "HOST", strings.TrimPrefix(g.URL, "http://"), 1) {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if made := len(r.Comments(7)) == 1; made != tc.carriedOut {
				t.Errorf("carried out: %v, want %v", made, tc.carriedOut)
			}
		})
	}
}

// The answer that does not arrive is that of a request which was carried out.
func TestBrokenBodies(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		fault Fault
		is    error // of reading, nil if the body ends as it should
	}{
		{"cut", CutBody(), io.ErrUnexpectedEOF},
		{"slower than the client waits", SlowBody(time.Hour), context.Canceled},
		{"half of the JSON", MalformedBody(), nil},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g, r, _, _, _ := start(t)
			g.On("POST "+commentsPath, 1, tc.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			resp, err := post(ctx, g)
			check(t, "post", err)
			defer resp.Body.Close()
			data := make([]byte, 10)
			_, err = io.ReadFull(resp.Body, data)
			check(t, "the begin", err)
			if tc.is == context.Canceled {
				cancel()
			}
			rest, err := io.ReadAll(resp.Body)
			data = append(data, rest...)
			if !errors.Is(err, tc.is) || resp.StatusCode != http.StatusCreated {
				t.Errorf("%d, error %v, want %v", resp.StatusCode, err, tc.is)
			}
			if len(data) == 0 || json.Valid(data) {
				t.Errorf("body %s", data)
			}
			if n := len(r.Comments(7)); n != 1 {
				t.Errorf("%d comments", n)
			}
		})
	}
}

// A test that ends does not wait for a slow answer.
func TestSlowBodyEnds(t *testing.T) {
	t.Parallel()
	g, _, _, rec := broken(t)
	g.On("POST "+commentsPath, 1, SlowBody(time.Hour))
	resp, err := post(t.Context(), g)
	check(t, "post", err)
	defer resp.Body.Close()
	begin := time.Now()
	if got := rec.finish(); got != nil || time.Since(begin) > time.Minute {
		t.Errorf("violations %q after %s", got, time.Since(begin))
	}
}

func TestMeanwhile(t *testing.T) {
	t.Parallel()
	g, r, _, _, _ := start(t)
	g.On("POST "+commentsPath, 1, Meanwhile(func() { r.AddComment(7, "faster", "first") }))
	resp, err := post(t.Context(), g)
	check(t, "post", err)
	resp.Body.Close()
	var who []string
	for _, c := range r.Comments(7) {
		who = append(who, c.Author)
	}
	diff(t, "comments by", []string{"faster", Bot}, who)
}

// Faults befall what matches them, in the order in which they were programmed, as
// often as was said.
func TestPatterns(t *testing.T) {
	t.Parallel()
	g, _, _, rec := broken(t)
	g.On("GET /repos/o/r/pulls/*", 2, Refuse(404, "first"))
	g.On("* /repos/o/r/pulls/7", 1, Refuse(410, "second"))
	g.On("GET *", Always, Refuse(418, "third"))
	var got []int
	for _, path := range []string{"pulls/7", "pulls", "pulls/7", "pulls/7", "pulls/7", "contents/a/b"} {
		status, _ := send(t, g, "GET", "/repos/o/r/"+path, "")
		got = append(got, status)
	}
	diff(t, "statuses", []int{404, 418, 404, 410, 418, 418}, got)
	if got := rec.finish(); got != nil {
		t.Errorf("violations %q", got)
	}
}

// A fault that nothing ran into means that the test did not test what it says.
func TestUnusedFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		times int
		want  string
	}{
		{2, "fault for GET /repos/o/r/pulls/7: 1 requests ran into it, not 2"},
		{Always, "fault for GET /repos/o/r/pulls/8: 0 requests ran into it, not at least 1"},
	} {
		g, _, _, rec := broken(t)
		pattern := "GET /repos/o/r/pulls/7"
		if tc.times == Always {
			pattern = "GET /repos/o/r/pulls/8"
		}
		g.On(pattern, tc.times, Refuse(404, "x"))
		send(t, g, "GET", "/repos/o/r/pulls/7", "")
		wantViolation(t, rec, tc.want)
	}
}
