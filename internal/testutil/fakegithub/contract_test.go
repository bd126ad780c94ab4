package fakegithub

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// broken returns a fake as start does, whose violations fail nothing but are
// returned by finish.
func broken(t *testing.T) (g *GitHub, r *Repo, head string, rec *recorder) {
	t.Helper()
	rec = &recorder{TB: t}
	g = New(rec)
	t.Cleanup(func() { rec.finish() }) // what a failed test left running
	r = g.AddRepo("o/r")
	base := r.Commit("main", "base.json", "{}\n")
	head = r.AddCommit([]string{base}, "f", "1")
	r.AddPull(Pull{Number: 7, HeadSHA: head})
	return g, r, head, rec
}

// send sends a request as it stands, and returns the status and the body of the
// answer.
func send(t *testing.T, g *GitHub, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.URL+path, strings.NewReader(body))
	check(t, "request", err)
	req.Header.Set("Authorization", "Bearer "+Token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	check(t, "send", err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	check(t, "read", err)
	return resp.StatusCode, string(data)
}

// What GitHub would not have understood is refused, fails the test, and changes
// nothing.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	const comments, checks = "/repos/o/r/issues/7/comments", "/repos/o/r/check-runs"
	output := func(summary string, annotations int) string {
		list := make([]Annotation, annotations)
		for i := range list {
			list[i] = Annotation{Path: "f", StartLine: 1, EndLine: 1, Level: "notice", Message: "m"}
		}
		text, err := json.Marshal(map[string]any{
			"name": "n", "head_sha": "HEAD", "output": map[string]any{"title": "t", "summary": summary, "annotations": list},
		})
		check(t, "JSON", err)
		return string(text)
	}
	cases := []struct {
		name, method, path, body string
		status                   int
		want                     []string // parts of the one violation
	}{
		{"no operation of the fake", "GET", "/repos/o/r/forks", "", 404, []string{"GET /repos/o/r/forks: the fake has no such operation"}},
		{"no method of a path", "PUT", comments, "{}", 404, []string{"PUT " + comments + ": the fake has no such operation"}},
		{"a field is missing", "POST", comments, "{}", 422, []string{"POST " + comments, `property "body" is missing`}},
		{"nothing is sent", "POST", comments, "", 422, []string{"POST " + comments, "value is required"}},
		{"no JSON", "POST", comments, "{", 422, []string{"POST " + comments, "unexpected EOF"}},
		{"another type", "POST", comments, `{"body": 5}`, 422, []string{"value must be a string"}},
		{"a misspelt field", "POST", comments, `{"body": "x", "boddy": "y"}`, 422, []string{`GitHub has no field "boddy"`}},
		{"a misspelt parameter", "GET", comments + "?per-page=5", "", 422, []string{`the fake has no parameter "per-page"`}},
		{"a parameter the fake ignores", "GET", comments + "?since=2026-01-01T00:00:00Z", "", 422, []string{`the fake has no parameter "since"`}},
		{"no number", "GET", comments + "?per_page=all", "", 422, []string{`parameter "per_page" in query has an error`, "invalid integer"}},
		{"no number in the path", "GET", "/repos/o/r/pulls/seven", "", 422, []string{`parameter "pull_number" in path has an error`}},
		{"no word of the list", "GET", "/repos/o/r/pulls?state=merged", "", 422, []string{`value is not one of the allowed values ["open","closed","all"]`}},
		{
			"a conclusion that is none", "POST", checks, `{"name": "n", "head_sha": "HEAD", "status": "completed", "conclusion": "bogus"}`,
			422,
			[]string{"POST " + checks},
		},
		{"a summary that is too long", "POST", checks, output(strings.Repeat("s", 65536), 1), 422, []string{"maximum string length is 65535"}},
		{"too many annotations", "POST", checks, output("s", 51), 422, []string{"maximum number of items is 50"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g, r, head, rec := broken(t)
			status, body := send(t, g, tc.method, tc.path, strings.ReplaceAll(tc.body, "HEAD", head))
			if status != tc.status {
				t.Errorf("%d %s", status, body)
			}
			if n := len(r.Comments(7)) + len(r.CheckRuns()); n > 0 {
				t.Errorf("it made %d things", n)
			}
			wantViolation(t, rec, tc.want...)
		})
	}
}

// wantViolation ends a recorded test and demands one failure with these parts.
func wantViolation(t *testing.T, rec *recorder, parts ...string) {
	t.Helper()
	got := rec.finish()
	if len(got) != 1 || !strings.HasPrefix(got[0], "fakegithub: ") {
		t.Fatalf("violations %q, want one", got)
	}
	for _, part := range parts {
		if !strings.Contains(got[0], part) {
			t.Errorf("violation %q, want %q", got[0], part)
		}
	}
	if strings.Contains(got[0], "\n") || len(got[0]) > 1000 {
		t.Errorf("violation of %d bytes, want one line", len(got[0]))
	}
}

// The fake is held to the description too.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	const path = "/repos/o/r/git/ref/heads/main"
	cases := []struct {
		name string
		a    answer
		want string // part of the violation
	}{
		{"a field of another type", found(object{"ref": 5}), "doesn't match schema #/components/schemas/git-ref"},
		{"a list", found([]any{}), "value must be an object"},
		{"a status with a body that has none", answer{status: http.StatusNoContent, body: object{}}, "has a body that is not described"},
		{"a refusal without a message in words", answer{status: http.StatusTeapot, body: object{"message": 5}}, "value must be a string"},
		{"no JSON", found(func() {}), "unsupported type"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g, _, _, rec := broken(t)
			g.On("GET "+path, 1, Fault{answer: &tc.a})
			send(t, g, "GET", path, "")
			wantViolation(t, rec, fmt.Sprintf("GET %s: the fake's answer %d: ", path, tc.a.status), tc.want)
		})
	}
}

// What a request asks for and what the test itself does wrong are told apart from
// what GitHub refuses: a repository, a branch or a number that is not there fails
// nothing.
func TestRefusalsAreNoViolations(t *testing.T) {
	t.Parallel()
	g, _, _, rec := broken(t)
	for _, path := range []string{
		"/repos/o/none/pulls/7", "/repos/o/r/pulls/8", "/repos/o/r/git/ref/heads/none", "/repos/o/r/contents/none", "/repos/o/r/commits/none/pulls",
	} {
		if status, body := send(t, g, "GET", path, ""); status != 404 && status != 422 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if got := rec.finish(); got != nil {
		t.Errorf("violations %q", got)
	}
}

func TestMistakesOfATest(t *testing.T) {
	t.Parallel()
	none := strings.Repeat("0", 40)
	for want, do := range map[string]func(g *GitHub, r *Repo){
		`o/r has no commit "` + none + `"`:                             func(_ *GitHub, r *Repo) { r.SetBranch("main", none) },
		"the test comments on pull request 8, which does not exist":    func(_ *GitHub, r *Repo) { r.AddComment(8, "x", "y") },
		"the test moves pull request 8, which does not exist":          func(_ *GitHub, r *Repo) { r.MovePull(8, none) },
		"the test closes pull request 8, which does not exist":         func(_ *GitHub, r *Repo) { r.ClosePull(8) },
		"the test adds an artifact to run 8, which does not exist":     func(_ *GitHub, r *Repo) { r.AddArtifact(8, "x", nil) },
		"a commit of the test has a path that is both a file and a fo": func(_ *GitHub, r *Repo) { r.AddCommit(nil, "a", "", "a/b", "") },
		`On("GET", 1): the pattern is METHOD PATH`:                     func(g *GitHub, _ *Repo) { g.On("GET", 1, TooLong()) },
		`On("GET [", 1): the pattern is METHOD PATH`:                   func(g *GitHub, _ *Repo) { g.On("GET [", 1, TooLong()) },
		`On("GET /x", 0): the pattern is METHOD PATH`:                  func(g *GitHub, _ *Repo) { g.On("GET /x", 0, TooLong()) },
	} {
		g, r, _, rec := broken(t)
		do(g, r)
		wantViolation(t, rec, want)
	}
}
