package gitlab

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegitlab"
	"speedgate/report/sticky"
)

const (
	head    = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	project = "9"
	mr      = "GET projects/9/merge_requests/3"
	user    = "GET user"
	list    = "GET projects/9/merge_requests/3/notes"
	create  = "POST projects/9/merge_requests/3/notes"
	edit    = "PUT projects/9/merge_requests/3/notes/3001"
	page    = "https://gitlab.example/g/p/-/merge_requests/3#note_"
)

// start serves the fake and returns a client of it whose pauses take no time.
func start(t *testing.T, f *fakegitlab.Server) *Client {
	t.Helper()
	f.Head = head
	return clientOf(t, f, f.Start(t))
}

func clientOf(t *testing.T, f *fakegitlab.Server, api string) *Client {
	t.Helper()
	c, err := New(Options{
		APIURL: api, Token: fakegitlab.Token + "\n",
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

func comment(run int64, body string) sticky.Comment {
	return sticky.Comment{ID: "perf", Body: body, Short: "short", Head: head, Run: run, Attempt: 8, Create: true}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestNote keeps one note over the life of a merge request.
func TestNote(t *testing.T) {
	t.Parallel()
	f := &fakegitlab.Server{}
	f.Add("mallory", "<!-- speedgate:v1 id=perf head= run=1 attempt=1 digest=0 -->\nplanted")
	c := start(t, f)
	for _, step := range []struct {
		name     string
		comment  sticky.Comment
		want     sticky.Outcome
		requests []string
	}{
		{"nothing to say", func() sticky.Comment { c := comment(1, "x"); c.Create = false; return c }(), sticky.Outcome{Action: "nothing to say"}, []string{mr, user, list}},
		{"first", comment(2, "worse"), sticky.Outcome{URL: page + "3002", Action: "created"}, []string{mr, user, list, create, list}},
		{"the same", comment(3, "worse"), sticky.Outcome{URL: page + "3002", Action: "unchanged"}, []string{mr, user, list}},
		{"green again", comment(4, "fine"), sticky.Outcome{URL: page + "3002", Action: "updated"}, []string{mr, user, list, "PUT projects/9/merge_requests/3/notes/3002"}},
		{"late", comment(3, "worse"), sticky.Outcome{URL: page + "3002", Action: "a newer run has written it"}, []string{mr, user, list}},
	} {
		f.Locked(func() { f.Requests = nil })
		got, err := c.Note(t.Context(), project, 3, step.comment)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, d)
		}
		if d := cmp.Diff(step.requests, f.Requests); d != "" {
			t.Errorf("%s: requests (-want +got):\n%s", step.name, d)
		}
	}
	if len(f.Notes) != 2 || !strings.HasSuffix(f.Notes[0].Body, "planted") || !strings.HasSuffix(f.Notes[1].Body, "-->\nfine") {
		t.Errorf("notes %+v", f.Notes)
	}
}

// TestFindsBehindPages demands that the own note is found behind hundreds of others,
// also where pages are short, and that GitLab's own words are never taken for it.
func TestFindsBehindPages(t *testing.T) {
	t.Parallel()
	f := &fakegitlab.Server{}
	own := "<!-- speedgate:v1 id=perf head= run=1 attempt=1 digest=0 -->\nold"
	f.Add(fakegitlab.Login, own)
	f.Notes[0].System = true
	for range 249 {
		f.Add("somebody", "talk")
	}
	f.Add(fakegitlab.Login, own)
	// A page of which the token may see nothing, though others follow.
	f.On(list, fakegitlab.Status(200, "[]", "X-Next-Page", "1"))
	got, err := start(t, f).Note(t.Context(), project, 3, comment(2, "new"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sticky.Outcome{URL: page + "3251", Action: "updated"}, got); d != "" {
		t.Errorf("outcome (-want +got):\n%s", d)
	}
	want := []string{mr, user, list, list, list, list, "PUT projects/9/merge_requests/3/notes/3251"}
	if d := cmp.Diff(want, f.Requests); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

// TestRefusals demands what is said, and how often is asked, when GitLab says no.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const scope = `{"error":"insufficient_scope","error_description":"The request requires higher privileges.","scope":"api"}`
	wait := func(request string, pauses ...string) (all []string) {
		for _, p := range pauses {
			all = append(all, request, "wait "+p)
		}
		return append(all, request)
	}
	for _, c := range []struct {
		name    string
		request string
		answers []fakegitlab.Answer
		want    []string
		done    string
		err     string
	}{
		{
			"wrong token", mr,
			[]fakegitlab.Answer{fakegitlab.Status(401, `{"message":"401 Unauthorized"}`)},
			[]string{mr},
			"", "reading merge request 3: the token is wrong or has expired (401 Unauthorized)",
		},
		{
			"a token that may only read", create,
			[]fakegitlab.Answer{fakegitlab.Status(403, scope)},
			[]string{mr, user, list, create, list},
			"", "writing a note on merge request 3: the token is not permitted; it needs the scope api and the role Reporter or more " +
				"(insufficient_scope: The request requires higher privileges.)",
		},
		{
			"a private project", mr,
			[]fakegitlab.Answer{fakegitlab.Status(404, `{"message":"404 Project Not Found"}`)},
			[]string{mr},
			"", "reading merge request 3: not found, or the token is not permitted to see it; it needs the scope api and the role Reporter or more",
		},
		{
			"a rate limit without a time", list,
			[]fakegitlab.Answer{fakegitlab.Status(429, `{"message":{"error":"Try again later."}}`)},
			append([]string{mr, user}, append(wait(list, "1m0s"), create, list)...), "created", "",
		},
		{
			"a rate limit with a time", create,
			[]fakegitlab.Answer{fakegitlab.Status(429, "Retry later\n", "Retry-After", "7")},
			append([]string{mr, user, list}, append(wait(create, "7s"), list)...), "created", "",
		},
		{
			"a rate limit that is too long", mr,
			[]fakegitlab.Answer{fakegitlab.Status(429, "Retry later\n", "RateLimit-Remaining", "0", "RateLimit-Reset", "4600")},
			[]string{mr},
			"", "reading merge request 3: GitLab answered 429: Retry later",
		},
		{
			"a server that is down for a moment", mr,
			[]fakegitlab.Answer{fakegitlab.Status(502, "<html>Bad Gateway</html>"), fakegitlab.Status(503, "x")},
			append(wait(mr, "1s", "2s"), user, list, create, list), "created", "",
		},
		{
			"a server that fails over a note", create,
			[]fakegitlab.Answer{fakegitlab.Status(500, `{"message":"500 Internal Server Error"}`)},
			[]string{mr, user, list, create, list},
			"", "writing a note on merge request 3: GitLab answered 500: 500 Internal Server Error",
		},
		{
			"too long", create,
			[]fakegitlab.Answer{fakegitlab.Status(400, `{"message":{"note":["is too long (maximum is 10 characters)"]}}`)},
			[]string{mr, user, list, create, create, list},
			"created", "",
		},
		{
			"too large for a proxy", create,
			[]fakegitlab.Answer{fakegitlab.Status(413, "<html>413 Request Entity Too Large</html>")},
			[]string{mr, user, list, create, create, list},
			"created", "",
		},
		{
			"no JSON", user,
			[]fakegitlab.Answer{fakegitlab.Status(200, "<html>Sign in</html>")},
			[]string{mr, user},
			"", "asking who the token is: the answer is not whole JSON: invalid character '<' looking for beginning of value",
		},
		{"no name", user, []fakegitlab.Answer{fakegitlab.Status(200, "{}")}, []string{mr, user}, "", "asking who the token is: the answer has no name"},
		{
			"no note", create,
			[]fakegitlab.Answer{fakegitlab.Status(202, `{"commands_changes":{}}`)},
			[]string{mr, user, list, create, list},
			"", "writing a note on merge request 3: the answer is no note",
		},
		{
			"a token that is repeated", mr,
			[]fakegitlab.Answer{fakegitlab.Status(400, `{"message":"bad\r\n::error::token `+fakegitlab.Token+`"}`)},
			[]string{mr},
			"", "reading merge request 3: GitLab answered 400: bad ::error::token ***",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fakegitlab.Server{}
			for _, a := range c.answers {
				f.On(c.request, a)
			}
			got, err := start(t, f).Note(t.Context(), project, 3, comment(2, "worse"))
			if text := message(err); text != c.err {
				t.Errorf("error %q, want %q", text, c.err)
			}
			if got.Action != c.done {
				t.Errorf("done: %q, want %q", got.Action, c.done)
			}
			if d := cmp.Diff(c.want, f.Requests); d != "" {
				t.Errorf("requests (-want +got):\n%s", d)
			}
		})
	}
}

// TestCutAnswers demands that a note whose answer breaks off is not written twice, and
// that one that broke off while it was changed is no success.
func TestCutAnswers(t *testing.T) {
	t.Parallel()
	f := &fakegitlab.Server{}
	f.On(create, f.Cut)
	c := start(t, f)
	got, err := c.Note(t.Context(), project, 3, comment(2, "worse"))
	if err != nil || got.Action != "created" || len(f.Notes) != 1 {
		t.Errorf("%+v, %v, %d notes", got, err, len(f.Notes))
	}
	f.Locked(func() { f.Requests = nil })
	f.On(list, f.Cut)
	_, err = c.Note(t.Context(), project, 3, comment(3, "fine"))
	if want := "listing the notes of merge request 3: the answer is not whole JSON: unexpected EOF"; message(err) != want {
		t.Errorf("error %q, want %q", message(err), want)
	}
}

// TestTogether demands that six jobs leave one note.
func TestTogether(t *testing.T) {
	t.Parallel()
	f := &fakegitlab.Server{}
	c := start(t, f)
	var wg sync.WaitGroup
	for i := range int64(6) {
		wg.Go(func() {
			if _, err := c.Note(context.Background(), project, 3, comment(i+1, "run "+strconv.FormatInt(i+1, 10))); err != nil {
				t.Errorf("run %d: %v", i+1, err)
			}
		})
	}
	wg.Wait()
	if len(f.Notes) != 1 {
		t.Errorf("%d notes, want 1", len(f.Notes))
	}
}

// TestDeletes demands that a second note goes, and that one that is gone is no error.
func TestDeletes(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		f := &fakegitlab.Server{}
		f.On(create, func(http.ResponseWriter, *http.Request) bool {
			f.Add(fakegitlab.Login, "<!-- speedgate:v1 id=perf head= run=1 attempt=1 digest=0 -->\nof a faster job")
			return false
		})
		if gone {
			f.On("DELETE projects/9/merge_requests/3/notes/3002", func(w http.ResponseWriter, r *http.Request) bool {
				f.Notes = f.Notes[:1]
				return false
			})
		}
		got, err := start(t, f).Note(t.Context(), project, 3, comment(2, "worse"))
		if err != nil || got.Action != "updated" || len(f.Notes) != 1 || !strings.HasSuffix(f.Notes[0].Body, "worse") {
			t.Errorf("gone %v: %+v, %v, notes %+v", gone, got, err, f.Notes)
		}
	}
}

// TestNoQuickAction demands that no line of a note is a command to GitLab. The fake
// fails the test where one is.
func TestNoQuickAction(t *testing.T) {
	t.Parallel()
	f := &fakegitlab.Server{}
	if _, err := start(t, f).Note(t.Context(), project, 3, comment(2, "worse\n/merge\n \t/approve\na / b")); err != nil {
		t.Fatal(err)
	}
	if want := "-->\nworse\n\\/merge\n \t\\/approve\na / b"; !strings.HasSuffix(f.Notes[0].Body, want) {
		t.Errorf("note %q, want the end %q", f.Notes[0].Body, want)
	}
}

// TestRedirects demands that nothing follows a redirect, and that the token stays.
func TestRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was followed", r.URL) }))
	t.Cleanup(other.Close)
	for _, request := range []string{mr, create} {
		f := &fakegitlab.Server{}
		f.On(request, func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, other.URL+"/?x="+fakegitlab.Token, http.StatusMovedPermanently)
			return true
		})
		_, err := start(t, f).Note(t.Context(), project, 3, comment(2, "worse"))
		method, _, _ := strings.Cut(request, " ")
		want := method + " was redirected to another address, of " + strings.TrimPrefix(other.URL, "http://") + "; is that of the API right?"
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error %v, want the end %q", request, err, want)
		}
	}
}

// TestNoNetwork demands that an error of the network holds no address.
func TestNoNetwork(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := clientOf(t, &fakegitlab.Server{}, closed.URL).Note(t.Context(), project, 3, comment(2, "worse"))
	if err == nil || strings.Contains(err.Error(), "merge_requests") || !strings.HasPrefix(err.Error(), "reading merge request 3: dial tcp ") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = start(t, &fakegitlab.Server{}).Note(ctx, project, 3, comment(2, "worse"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestNoteArguments(t *testing.T) {
	t.Parallel()
	c, err := New(Options{APIURL: "https://gitlab.example/api/v4", Token: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		project string
		request int
		want    string
	}{
		{"", 3, `"" is not the number of a project`},
		{"../9", 3, `"../9" is not the number of a project`},
		{"9", 0, "0 is not the number of a merge request"},
	} {
		if _, err := c.Note(t.Context(), tt.project, tt.request, comment(1, "x")); message(err) != tt.want {
			t.Errorf("error %q, want %q", message(err), tt.want)
		}
	}
	if _, err := New(Options{APIURL: "http://gitlab.example/api/v4"}); message(err) != `"http://gitlab.example/api/v4" is not https, so that the token could be read on its way` {
		t.Errorf("error %v", err)
	}
}

func FuzzWords(f *testing.F) {
	f.Add(`{"message":{"body":["is too long",{"a":[1,null]}]}}`)
	f.Add(`{"error":"x","error_description":"y"}`)
	f.Add("Retry later")
	f.Fuzz(func(t *testing.T, body string) {
		if got := words(strings.NewReader(body)); len(got) > maxWords+len(body) {
			t.Errorf("%d bytes of %d", len(got), len(body))
		}
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"message":"404 Not Found"}`:                              "404 Not Found",
		`{"message":{"note":["is too long","is bad"],"a":["b"]}}`:  "a b, note is too long, is bad",
		`{"error":"insufficient_scope","error_description":"No."}`: "insufficient_scope: No.",
		`{"message":7,"scope":"api"}`:                              "",
		`["x"]`:                                                    `["x"]`,
		"Retry later\n":                                            "Retry later\n",
		"":                                                         "",
	} {
		if got := words(strings.NewReader(body)); got != want {
			t.Errorf("words(%s) = %q, want %q", body, got, want)
		}
	}
}
