package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
)

var repo = Repo{"o", "r"}

func said(id, body string) Comment {
	return Comment{ID: id, Body: body, Head: "abc", Run: 20, Attempt: 1, Create: true}
}

// bodies returns the comments without their markers, with who wrote them.
func bodies(f *fakegithub.Server) []string {
	var list []string
	for _, c := range f.Comments {
		_, body, ok := strings.Cut(c.Body, "\n")
		if !ok {
			body = c.Body
		}
		list = append(list, c.User.Login+": "+body)
	}
	return list
}

func TestComment(t *testing.T) {
	t.Parallel()
	old := said("api", "old")
	cases := []struct {
		name    string
		before  func(f *fakegithub.Server)
		comment Comment
		action  string
		want    []string
	}{
		{"the first", nil, said("api", "new"), "created", []string{"bot: new"}},
		{
			"nothing to say", nil, func() Comment { c := said("api", "new"); c.Create = false; return c }(),
			"nothing to say", nil,
		},
		{
			"turned green although there is nothing to say", func(f *fakegithub.Server) { f.Add("bot", old.marker("old")+"\nold") },
			func() Comment { c := said("api", "green"); c.Create = false; return c }(), "updated",
			[]string{"bot: green"},
		},
		{
			"an update", func(f *fakegithub.Server) { f.Add("bot", old.marker("old")+"\nold") }, said("api", "new"), "updated", []string{"bot: new"},
		},
		{
			"unchanged", func(f *fakegithub.Server) { f.Add("bot", old.marker("old")+"\nold") }, said("api", "old"), "unchanged", []string{"bot: old"},
		},
		{
			"another gate", func(f *fakegithub.Server) { f.Add("bot", old.marker("old")+"\nold") }, said("micro", "new"), "created", []string{"bot: old", "bot: new"},
		},
		{
			"a marker that somebody planted", func(f *fakegithub.Server) { f.Add("mallory", old.marker("old")+"\nplanted") }, said("api", "new"),
			"created",
			[]string{"mallory: planted", "bot: new"},
		},
		{
			"a marker inside a comment", func(f *fakegithub.Server) { f.Add("bot", "see: "+old.marker("old")+"\nquoted") }, said("api", "new"),
			"created",
			[]string{"bot: quoted", "bot: new"},
		},
		{
			"a newer run", func(f *fakegithub.Server) {
				newer := old
				newer.Run = 21
				f.Add("bot", newer.marker("newer")+"\nnewer")
			}, said("api", "new"), "a newer run has written it", []string{"bot: newer"},
		},
		{
			"a pull request that moved on", func(f *fakegithub.Server) { f.Head = "def" }, said("api", "new"),
			"the pull request has moved on to def", nil,
		},
		{
			"too long", func(f *fakegithub.Server) {
				f.On("POST /repos/o/r/issues/7/comments", fakegithub.Status(http.StatusUnprocessableEntity, "body is too long"))
			}, func() Comment { c := said("api", "long"); c.Short = "short"; return c }(), "created", []string{"bot: short"},
		},
		{
			"a POST that got through and was answered 502", func(f *fakegithub.Server) {
				f.On("POST /repos/o/r/issues/7/comments", func(w http.ResponseWriter, r *http.Request) bool {
					var c fakegithub.Comment
					if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
						return false
					}
					f.Add("bot", c.Body)
					return fakegithub.Status(http.StatusBadGateway, "oops")(w, r)
				})
			}, said("api", "new"), "created", []string{"bot: new"},
		},
		{
			"another job was faster", func(f *fakegithub.Server) {
				f.On("POST /repos/o/r/issues/7/comments", func(http.ResponseWriter, *http.Request) bool {
					f.Add("bot", old.marker("old")+"\nold")
					return false
				})
			}, said("api", "new"), "updated", []string{"bot: new"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fakegithub.Server{Head: "abc", Login: "bot"}
			if c.before != nil {
				c.before(f)
			}
			out, err := start(t, f).Comment(t.Context(), repo, 7, c.comment)
			if err != nil || out.Action != c.action {
				t.Errorf("%q, %v; want %q", out.Action, err, c.action)
			}
			if d := cmp.Diff(c.want, bodies(f)); d != "" {
				t.Errorf("comments (-want +got):\n%s", d)
			}
		})
	}
}

// TestCommentOfAWorkflow demands that the token of a workflow, which may not ask
// who it is, finds its own comment, behind 250 others.
func TestCommentOfAWorkflow(t *testing.T) {
	t.Parallel()
	f := &fakegithub.Server{Head: "abc"}
	old := said("api", "old")
	for range 250 {
		f.Add("somebody", "hello")
	}
	f.Add(fakegithub.Bot, old.marker("old")+"\nold")
	out, err := start(t, f).Comment(t.Context(), repo, 7, said("api", "new"))
	if err != nil || out.Action != "updated" || len(f.Comments) != 251 || !strings.HasSuffix(f.Comments[250].Body, "\nnew") {
		t.Errorf("%+v, %v, %d comments", out, err, len(f.Comments))
	}
}

func TestCommentErrors(t *testing.T) {
	t.Parallel()
	forbidden := fakegithub.Status(http.StatusForbidden, "Resource not accessible by integration "+fakegithub.Token)
	cases := []struct {
		name    string
		pull    int
		id      string
		request string
		answer  fakegithub.Answer
		is      error
		want    string
	}{
		{"no pull request", 0, "api", "", nil, nil, "0 is not the number of a pull request"},
		{"a bad id", 7, "a b", "", nil, nil, `"a b" is not an id; letters, digits, dots, dashes and underscores, at most 64`},
		{
			"a fork", 7, "api", "POST /repos/o/r/issues/7/comments", forbidden, ErrNotPermitted,
			"commenting on pull request 7: the token is not permitted; the workflow needs permissions: pull-requests: write (Resource not accessible by integration ***)",
		},
		{
			"gone", 7, "api", "GET /repos/o/r/issues/7/comments", fakegithub.Status(http.StatusGone, "gone"), ErrNotFound,
			"listing the comments of pull request 7: not found, or the workflow lacks permissions: pull-requests: write",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := &fakegithub.Server{Head: "abc", Login: "bot"}
			if c.answer != nil {
				f.On(c.request, c.answer)
			}
			_, err := start(t, f).Comment(t.Context(), repo, c.pull, said(c.id, "x"))
			if err == nil || err.Error() != c.want || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v, want %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), fakegithub.Token) {
				t.Errorf("the token is in the error %v", err)
			}
		})
	}
}
