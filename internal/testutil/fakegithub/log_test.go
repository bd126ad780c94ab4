package fakegithub

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestLog(t *testing.T) {
	t.Parallel()
	g, _, _, _, _ := start(t)
	g.On("GET /repos/o/r/pulls/7", 1, Down(502))
	send(t, g, "GET", "/repos/o/r/pulls/7", "")
	send(t, g, "POST", commentsPath, `{"body": "hello"}`)
	send(t, g, "GET", commentsPath+"?per_page=5", "")
	diff(t, "lines", []string{"GET /repos/o/r/pulls/7", "POST " + commentsPath, "GET " + commentsPath + "?per_page=5"}, g.Lines())
	log := g.Requests()
	statuses := []int{log[0].Status, log[1].Status, log[2].Status}
	diff(t, "statuses", []int{502, 201, 200}, statuses)
	if got := log[1].Header.Get("Authorization"); got != "Bearer ***" || string(log[1].Body) != `{"body": "hello"}` {
		t.Errorf("authorization %q, body %s", got, log[1].Body)
	}
	log[1].Body[0], log[1].Header["Authorization"][0] = 'x', "x"
	if again := g.Requests()[1]; again.Body[0] != '{' || again.Header.Get("Authorization") != "Bearer ***" {
		t.Error("the log was changed through its copy")
	}
}

// A token anywhere but in Authorization fails the test, in any of the forms in which
// it travels, and is itself not told.
func TestTokenAstray(t *testing.T) {
	t.Parallel()
	const odd = "t+/k=n"
	git := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + odd))
	cases := []struct {
		name, path, body string
		header           []string
		want             string
	}{
		{"in the query", "/repos/o/r/pulls/7?t=" + Token, "", nil, "in the URL"},
		{"escaped", "/repos/o/r/contents/t%2B%2Fk%3Dn", "", nil, "in the URL"},
		{"in the body", commentsPath, `{"body": "see ` + Token + `"}`, nil, "in the body"},
		{"in another header", "/repos/o/r/pulls/7", "", []string{"X-Token", Token}, "in the header X-Token"},
		{"as git sends it", "/repos/o/r/pulls/7", "", []string{"X-Extra", "Basic " + git}, "in the header X-Extra"},
		{"without a scheme", "/repos/o/r/pulls/7", "", []string{"Authorization", Token}, "in the header Authorization"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g, _, _, rec := broken(t)
			g.AddToken(odd, "octocat")
			method := "GET"
			if tc.body != "" {
				method = "POST"
			}
			send(t, g, method, tc.path, tc.body, tc.header...)
			got := rec.finish()
			if !slices.ContainsFunc(got, func(v string) bool { return strings.HasSuffix(v, ": a token is "+tc.want) }) {
				t.Errorf("violations %q, want %q", got, tc.want)
			}
			if text := strings.Join(got, "\n"); strings.Contains(text, Token) || strings.Contains(text, odd) {
				t.Errorf("the violations tell the token: %q", got)
			}
		})
	}
}

// The other host must not get the header at all, whatever it holds.
func TestTokenAtTheOtherHost(t *testing.T) {
	t.Parallel()
	g, _, _, rec := broken(t)
	g.Other.Put("/file", []byte("text"))
	for path, want := range map[string]int{"/file": http.StatusOK, "/none": http.StatusNotFound} {
		resp, err := http.Get(g.Other.URL + path)
		check(t, "get", err)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", g.Other.URL+"/file", nil)
	check(t, "request", err)
	req.Header.Set("Authorization", "Bearer nothing")
	resp, err := http.DefaultClient.Do(req)
	check(t, "get", err)
	resp.Body.Close()
	wantViolation(t, rec, "GET /file: the other host got an Authorization header")
}

func TestCheckSecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cr+t"
	coded := base64.StdEncoding.EncodeToString([]byte(secret))
	cases := []struct {
		name   string
		secret string
		do     func(g *GitHub)
		texts  []string
		want   []string
	}{
		{"nowhere", secret, func(g *GitHub) { send(t, g, "GET", "/repos/o/r/pulls/7", "") }, []string{"fine", ""}, nil},
		{"no secret", "", func(*GitHub) {}, nil, []string{"fakegithub: no secret to look for"}},
		{
			"in texts", secret, func(*GitHub) {},
			[]string{"a s3cr+t b", "fine", "https://x/?t=s3cr%2Bt", coded},
			[]string{"fakegithub: the secret is in text 1", "fakegithub: the secret is in text 3", "fakegithub: the secret is in text 4"},
		},
		{
			"in a request", secret, func(g *GitHub) { send(t, g, "POST", commentsPath, `{"body": "s3cr+t"}`) }, nil,
			[]string{"fakegithub: the secret is in the body of a request POST"},
		},
		{
			"in a request to the other host", secret, func(g *GitHub) {
				resp, err := http.Get(g.Other.URL + "/x?s3cr%2Bt")
				check(t, "get", err)
				resp.Body.Close()
			}, nil,
			[]string{"fakegithub: the secret is in the URL of a request GET"},
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g, _, _, rec := broken(t)
			tc.do(g)
			g.CheckSecret(tc.secret, tc.texts...)
			got := rec.finish()
			diff(t, "failures", tc.want, got)
		})
	}
}
