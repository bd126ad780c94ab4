package github

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	gh "github.com/google/go-github/v60/github"

	"speedgate/internal/testutil/fakegithub"
	"speedgate/report/sticky"
)

const (
	createComment = "POST issues/7/comments"
	bot           = fakegithub.Bot
)

// said is what run 20 has to say.
func (h *hub) said(id, body string) sticky.Comment {
	return sticky.Comment{ID: id, Body: body, Head: h.head, Run: 20, Attempt: 1, Create: true}
}

// wrote enters the comment of an earlier run, as older versions of the program wrote
// it.
func (h *hub) wrote(login, id, body string, run int64) {
	sum := sha256.Sum256([]byte(body))
	h.repo.AddComment(7, login, fmt.Sprintf("<!-- speedgate:v1 id=%s head=%s run=%d attempt=1 digest=%x -->\n%s", id, h.head, run, sum[:8], body))
}

// bodies returns the comments without their markers, with who wrote them.
func (h *hub) bodies() []string {
	var list []string
	for _, c := range h.repo.Comments(7) {
		_, body, ok := strings.Cut(c.Body, "\n")
		if !ok {
			body = c.Body
		}
		list = append(list, c.Author+": "+body)
	}
	return list
}

func TestComment(t *testing.T) {
	t.Parallel()
	silent := func(c *sticky.Comment) { c.Create = false }
	cases := []struct {
		name   string
		before func(h *hub)
		change func(c *sticky.Comment) // of run 20's api gate, which says "new"
		action string
		want   []string
	}{
		{"the first", nil, nil, "created", []string{bot + ": new"}},
		{"nothing to say", nil, silent, "nothing to say", nil},
		{
			"turned green although there is nothing to say", func(h *hub) { h.wrote(bot, "api", "old", 19) }, silent,
			"updated",
			[]string{bot + ": new"},
		},
		{"an update", func(h *hub) { h.wrote(bot, "api", "old", 19) }, nil, "updated", []string{bot + ": new"}},
		{"unchanged", func(h *hub) { h.wrote(bot, "api", "new", 19) }, nil, "unchanged", []string{bot + ": new"}},
		{
			"another gate", func(h *hub) { h.wrote(bot, "ap", "old", 19) }, nil,
			"created",
			[]string{bot + ": old", bot + ": new"},
		},
		{
			"a marker that somebody planted", func(h *hub) { h.wrote("mallory", "api", "planted", 99) }, nil,
			"created",
			[]string{"mallory: planted", bot + ": new"},
		},
		{"the oldest of two", func(h *hub) {
			h.wrote(bot, "api", "old", 18)
			h.wrote(bot, "api", "second", 19)
		}, nil, "updated", []string{bot + ": new", bot + ": second"}},
		{
			"a newer run", func(h *hub) { h.wrote(bot, "api", "newer", 21) }, nil,
			"a newer run has written it",
			[]string{bot + ": newer"},
		},
		{"too long", func(h *hub) { h.on(createComment, fakegithub.TooLong()) }, func(c *sticky.Comment) { c.Short = "short" }, "created", []string{bot + ": short"}},
		{"a comment that got through and was answered 502", func(h *hub) {
			h.on(createComment, fakegithub.AnswerLost(502))
		}, nil, "created", []string{bot + ": new"}},
		{"a comment whose answer was cut", func(h *hub) { h.on(createComment, fakegithub.CutBody()) }, nil, "created", []string{bot + ": new"}},
		{"a comment with half an answer", func(h *hub) { h.on(createComment, fakegithub.MalformedBody()) }, nil, "created", []string{bot + ": new"}},
		{"another job was faster", func(h *hub) {
			h.on(createComment, fakegithub.Meanwhile(func() { h.wrote(bot, "api", "old", 19) }))
		}, nil, "updated", []string{bot + ": new"}},
		{"another job was faster, and the answer is lost", func(h *hub) {
			h.wrote(bot, "other", "first", 19)
			h.on(createComment, fakegithub.Down(502))
			h.On("GET /repos/o/r/issues/7/comments", 1, fakegithub.Fault{})
			h.On("GET /repos/o/r/issues/7/comments", 1, fakegithub.Meanwhile(func() { h.wrote(bot, "api", "theirs", 19) }))
		}, nil, "updated", []string{bot + ": first", bot + ": new"}},
		{"our second comment is gone already", func(h *hub) {
			h.on(createComment, fakegithub.Meanwhile(func() { h.wrote(bot, "api", "old", 19) }))
			h.on("DELETE issues/comments/*", fakegithub.Refuse(404, "Not Found"))
		}, nil, "updated", []string{bot + ": new", bot + ": new"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			if tc.before != nil {
				tc.before(h)
			}
			com := h.said("api", "new")
			if tc.change != nil {
				tc.change(&com)
			}
			out, err := h.Comment(t.Context(), repo, 7, com)
			if err != nil || out.Action != tc.action {
				t.Errorf("%q, %v; want %q", out.Action, err, tc.action)
			}
			if d := cmp.Diff(tc.want, h.bodies()); d != "" {
				t.Errorf("comments (-want +got):\n%s", d)
			}
		})
	}
}

// TestCommentMovedOn demands that a report about a commit which is no longer the head
// is not written, and that a comment without a commit is.
func TestCommentMovedOn(t *testing.T) {
	t.Parallel()
	h := start(t)
	com := h.said("api", "new")
	next := h.repo.AddCommit([]string{h.head}, "main.go", "more")
	h.repo.MovePull(7, next)
	out, err := h.Comment(t.Context(), repo, 7, com)
	if want := "the head has moved on to " + next; out.Action != want || err != nil {
		t.Errorf("%q, %v; want %q", out.Action, err, want)
	}
	com.Head = ""
	if out, err := h.Comment(t.Context(), repo, 7, com); out.Action != "created" || err != nil {
		t.Errorf("%q, %v", out.Action, err)
	}
}

// TestCommentAuthors demands that each kind of token keeps one comment, and touches
// nobody else's: that of a person; that of an App, which may not ask who it is; and
// one whose owner is named.
func TestCommentAuthors(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, login, named string }{
		{"a person", "octocat", ""},
		{"an App", "gate[bot]", ""},
		{"an App that is named", "gate[bot]", "Gate[bot]"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			if strings.HasSuffix(tc.login, "[bot]") {
				h.AddApp("other", tc.login)
			} else {
				h.AddToken("other", tc.login)
			}
			h.wrote("mallory", "api", "planted", 18)
			h.wrote(tc.login, "api", "old", 19)
			com := h.said("api", "new")
			com.Author = tc.named
			out, err := h.as("other").Comment(t.Context(), repo, 7, com)
			if err != nil || out.Action != "updated" {
				t.Errorf("%+v, %v", out, err)
			}
			if d := cmp.Diff([]string{"mallory: planted", tc.login + ": new"}, h.bodies()); d != "" {
				t.Errorf("comments (-want +got):\n%s", d)
			}
		})
	}
}

// TestPost demands that a person who calls himself like the owner of a workflow's
// comments is not taken for it.
func TestPost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ login, kind, author string }{
		{"octocat", "User", "octocat"}, {bot, "Bot", bot}, {bot, "User", ""}, {"gate[bot]", "Bot", "gate[bot]"},
	} {
		com := &gh.IssueComment{User: &gh.User{Login: &tc.login, Type: &tc.kind}}
		if got := post(com).Author; got != tc.author {
			t.Errorf("%s %s: author %q, want %q", tc.kind, tc.login, got, tc.author)
		}
	}
}

// TestCommentTogether demands that jobs which comment at the same time end with one
// comment, and without an error.
func TestCommentTogether(t *testing.T) {
	t.Parallel()
	h := start(t)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			com := h.said("api", "run "+strconv.Itoa(i))
			com.Run = int64(i)
			if _, err := h.as(fakegithub.Token).Comment(t.Context(), repo, 7, com); err != nil {
				t.Errorf("run %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if got := h.bodies(); len(got) != 1 {
		t.Errorf("comments %q, want one", got)
	}
}

// TestCommentShort demands that a body which was refused for its length is told from
// another one the next time, although its short form is what stands there.
func TestCommentShort(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.wrote(bot, "api", "old", 19)
	h.on("PATCH issues/comments/*", fakegithub.TooLong())
	long := h.said("api", "long")
	long.Short = "short"
	for _, want := range []string{"updated", "unchanged"} {
		out, err := h.Comment(t.Context(), repo, 7, long)
		if err != nil || out.Action != want || !strings.HasPrefix(out.URL, "https://github.example/o/r/pull/7#issuecomment-") {
			t.Errorf("%+v, %v; want %s", out, err, want)
		}
	}
	if d := cmp.Diff([]string{bot + ": short"}, h.bodies()); d != "" {
		t.Errorf("comments (-want +got):\n%s", d)
	}
}

// TestCommentPages demands that the gate's comment is found behind 250 others, and
// that no more of them is read than that takes.
func TestCommentPages(t *testing.T) {
	t.Parallel()
	h := start(t)
	for range 250 {
		h.repo.AddComment(7, "somebody", "hello")
	}
	h.wrote(bot, "api", "old", 19)
	for range 100 {
		h.repo.AddComment(7, "somebody", "bye")
	}
	out, err := h.Comment(t.Context(), repo, 7, h.said("api", "new"))
	if got := h.bodies(); err != nil || out.Action != "updated" || len(got) != 351 || got[250] != bot+": new" {
		t.Errorf("%+v, %v, %d comments", out, err, len(got))
	}
	list := "GET /repos/o/r/issues/7/comments?"
	want := []string{
		"GET /repos/o/r/pulls/7", "GET /user", list + "per_page=100", list + "page=2&per_page=100", list + "page=3&per_page=100",
	}
	if d := cmp.Diff(want, h.Lines()[:5]); d != "" || len(h.Lines()) != 6 {
		t.Errorf("%d requests (-want +got):\n%s", len(h.Lines()), d)
	}
}

func TestCommentErrors(t *testing.T) {
	t.Parallel()
	const list, edit = "GET issues/7/comments", "PATCH issues/comments/*"
	cases := []struct {
		name    string
		request string
		fault   fakegithub.Fault
		is      error
		want    string
	}{
		{
			"no permission, as on a fork", createComment, fakegithub.Refuse(403, "Resource not accessible by integration "+fakegithub.Token), ErrNotPermitted,
			"commenting on pull request 7: the token is not permitted; the workflow needs permissions: pull-requests: write (Resource not accessible by integration ***)",
		},
		{
			"gone", list, fakegithub.Refuse(410, "gone"), ErrNotFound,
			"listing the comments of pull request 7: not found, or the token is not permitted; the workflow needs permissions: pull-requests: write",
		},
		{
			"not to be seen", "GET pulls/7", fakegithub.Refuse(404, "Not Found"), ErrNotPermitted,
			"reading pull request 7: not found, or the token is not permitted; the workflow needs permissions: pull-requests: write",
		},
		{
			"invalid", createComment, fakegithub.Refuse(422, "Validation Failed"), nil,
			"commenting on pull request 7: GitHub answered 422: Validation Failed",
		},
		{
			"down", createComment, fakegithub.Down(502), nil,
			"commenting on pull request 7: GitHub answered 502: Bad Gateway",
		},
		{
			"renamed", createComment, fakegithub.Redirect(301, "/repos/o/renamed/issues/7/comments"), nil,
			"commenting on pull request 7: POST was redirected and would become GET; was the repository renamed?",
		},
		{"an update that is cut", edit, fakegithub.CutBody(), nil, "updating the comment: unexpected EOF"},
		{"a list that is cut", list, fakegithub.CutBody(), nil, "listing the comments of pull request 7: unexpected EOF"},
		{"half a list", list, fakegithub.MalformedBody(), nil, "listing the comments of pull request 7: unexpected EOF"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			if tc.request == edit {
				h.wrote(bot, "api", "old", 19)
			}
			h.on(tc.request, tc.fault)
			_, err := h.Comment(t.Context(), repo, 7, h.said("api", "x"))
			if textOf(err) != tc.want || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

// TestCommentOfOthers demands the right words for tokens that cannot comment.
func TestCommentOfOthers(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.AddReader("ghs_Fork")
	h.AddToken("ghp_Person", "octocat")
	h.On("GET /user", 2, fakegithub.Refuse(418, strings.Repeat("\n\x1b::error::x ", 100)))
	for token, want := range map[string]string{
		"ghs_Old":    "reading pull request 7: the token is not permitted: it is wrong or has expired (Bad credentials)",
		"ghp_Person": "asking who the token is: GitHub answered 418: " + strings.Repeat("::error::x ", 100)[:299] + "…",
		"ghs_Fork":   "asking who the token is: GitHub answered 418: " + strings.Repeat("::error::x ", 100)[:299] + "…",
	} {
		if _, err := h.as(token).Comment(t.Context(), repo, 7, h.said("api", "x")); textOf(err) != want {
			t.Errorf("%s: %v, want %s", token, err, want)
		}
	}
	_, err := h.as("ghs_Fork").Comment(t.Context(), repo, 7, h.said("api", "x"))
	want := "commenting on pull request 7: the token is not permitted; the workflow needs permissions: pull-requests: write (Resource not accessible by integration)"
	if textOf(err) != want || !errors.Is(err, ErrNotPermitted) {
		t.Errorf("%v, want %s", err, want)
	}
	h.repo.Lock(7)
	_, err = h.Comment(t.Context(), repo, 7, h.said("api", "x"))
	want = "commenting on pull request 7: the token is not permitted: the conversation is locked"
	if textOf(err) != want || !errors.Is(err, ErrNotPermitted) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestNoPull demands that what is no number of a pull request is refused before
// anything is asked: 0 would list the comments of the whole repository.
func TestNoPull(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, number := range []int{0, -1} {
		if _, err := h.Comment(t.Context(), repo, number, h.said("api", "x")); textOf(err) != strconv.Itoa(number)+" is not the number of a pull request" {
			t.Errorf("error %v", err)
		}
	}
	if asked := h.Lines(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}
