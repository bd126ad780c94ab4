package sticky

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fake is a thread in memory.
type fake struct {
	head, login string
	posts       []Post
	limit       int            // longest body that is taken, 0 = any
	fail        map[string]int // how often a call fails, by name
	lost        bool           // Create works, and its answer gets lost
	rival       *Post          // written by another job just before Create
	log         []string
}

var errBroken = errors.New("broken")

func (f *fake) call(name string) error {
	f.log = append(f.log, name)
	if f.fail[name] > 0 {
		f.fail[name]--
		return errBroken
	}
	return nil
}

func (f *fake) Head(context.Context) (string, error)   { return f.head, f.call("head") }
func (f *fake) Author(context.Context) (string, error) { return f.login, f.call("author") }

func (f *fake) Find(_ context.Context, matches func(Post) bool) (*Post, error) {
	if err := f.call("find"); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(f.posts, matches); i >= 0 {
		return &f.posts[i], nil
	}
	return nil, nil
}

func (f *fake) Create(_ context.Context, body string) (Post, error) {
	err := f.call("create")
	switch {
	case err != nil:
		return Post{}, err
	case f.limit > 0 && len(body) > f.limit:
		return Post{}, ErrTooLong
	}
	if f.rival != nil {
		f.posts = append(f.posts, *f.rival)
	}
	made := Post{ID: 9, URL: "u9", Body: body, Author: "bot"}
	f.posts = append(f.posts, made)
	if f.lost {
		return Post{}, errBroken
	}
	return made, nil
}

func (f *fake) Edit(_ context.Context, id int64, body string) error {
	if err := f.call("edit"); err != nil {
		return err
	}
	if f.limit > 0 && len(body) > f.limit {
		return ErrTooLong
	}
	for i := range f.posts {
		if f.posts[i].ID == id {
			f.posts[i].Body = body
		}
	}
	return nil
}

func (f *fake) Delete(_ context.Context, id int64) error {
	f.posts = slices.DeleteFunc(f.posts, func(p Post) bool { return p.ID == id })
	return f.call("delete")
}

// comment is what the cases say, changed by change.
func comment(change func(*Comment)) Comment {
	c := Comment{ID: "perf", Body: "slower\n", Short: "slow", Head: "abc", Run: 7, Attempt: 2, Create: true}
	if change != nil {
		change(&c)
	}
	return c
}

// written is the post that a run of the gate has left.
func written(id int64, author string, change func(*Comment)) Post {
	c := comment(change)
	return Post{ID: id, URL: "u1", Body: c.marked(c.Body), Author: author}
}

func run(n, attempt int64, body string) func(*Comment) {
	return func(c *Comment) { c.Run, c.Attempt, c.Body = n, attempt, body }
}

func TestKeep(t *testing.T) {
	t.Parallel()
	const marker = "<!-- speedgate:v1 id=perf head=abc run=7 attempt=2 digest=fb4a2d0c85876569 -->\n"
	plain := comment(nil)
	full, short := plain.marked(plain.Body), plain.marked(plain.Short)
	for _, c := range []struct {
		name   string
		change func(*Comment)
		thread fake
		want   Outcome
		err    string
		log    string
		bodies []string
	}{
		{name: "first", want: Outcome{"u9", "created"}, log: "head author find create find", bodies: []string{full}},
		{name: "nothing to say", change: func(c *Comment) { c.Create = false }, want: Outcome{"", "nothing to say"}, log: "head author find"},
		{name: "the head has moved", change: func(c *Comment) { c.Head = "def" }, want: Outcome{"", "the head has moved on to abc"}, log: "head"},
		{
			name: "recovered", change: func(c *Comment) { c.Create = false },
			thread: fake{posts: []Post{written(1, "bot", run(6, 1, "was worse"))}},
			want:   Outcome{"u1", "updated"}, log: "head author find edit", bodies: []string{full},
		},
		{
			name: "unchanged", thread: fake{posts: []Post{written(1, "bot", run(6, 9, "slower\n"))}},
			want: Outcome{"u1", "unchanged"}, log: "head author find", bodies: []string{written(1, "bot", run(6, 9, "slower\n")).Body},
		},
		{
			name: "a newer run", thread: fake{posts: []Post{written(1, "bot", run(8, 1, "x"))}},
			want: Outcome{"u1", "a newer run has written it"}, log: "head author find", bodies: []string{written(1, "bot", run(8, 1, "x")).Body},
		},
		{
			name: "a newer attempt", thread: fake{posts: []Post{written(1, "bot", run(7, 3, "x"))}},
			want: Outcome{"u1", "a newer run has written it"}, log: "head author find", bodies: []string{written(1, "bot", run(7, 3, "x")).Body},
		},
		{
			name: "a marker that is cut", thread: fake{posts: []Post{{ID: 1, URL: "u1", Author: "bot", Body: "<!-- speedgate:v1 id=perf "}}},
			want: Outcome{"u1", "updated"}, log: "head author find edit", bodies: []string{full},
		},
		{
			name: "planted by somebody", thread: fake{posts: []Post{written(1, "mallory", run(6, 1, "x")), written(2, "", run(6, 1, "x"))}},
			want: Outcome{"u9", "created"}, log: "head author find create find",
			bodies: []string{written(1, "", run(6, 1, "x")).Body, written(2, "", run(6, 1, "x")).Body, full},
		},
		{
			name: "the marker is not the first line", thread: fake{posts: []Post{{ID: 1, Author: "bot", Body: "> " + full}}},
			want: Outcome{"u9", "created"}, log: "head author find create find", bodies: []string{"> " + full, full},
		},
		{
			name: "another gate", thread: fake{posts: []Post{written(1, "bot", func(c *Comment) { c.ID = "perf2" })}},
			want: Outcome{"u9", "created"}, log: "head author find create find",
			bodies: []string{written(1, "bot", func(c *Comment) { c.ID = "perf2" }).Body, full},
		},
		{
			name: "the login in capitals", change: func(c *Comment) { c.Author = "Bot" },
			thread: fake{posts: []Post{written(1, "bot", run(6, 1, "x"))}},
			want:   Outcome{"u1", "updated"}, log: "head find edit", bodies: []string{full},
		},
		{
			name: "a token that does not know its login", thread: fake{login: "other", posts: []Post{written(1, "bot", run(6, 1, "x"))}},
			want: Outcome{"u1", "updated"}, log: "head author find create find delete edit", bodies: []string{full},
		},
		{
			name: "two jobs at once", thread: fake{rival: new(written(5, "bot", run(7, 1, "x")))},
			want: Outcome{"u1", "updated"}, log: "head author find create find delete edit", bodies: []string{full},
		},
		{
			name: "the answer is lost", thread: fake{lost: true},
			want: Outcome{"u9", "created"}, log: "head author find create find", bodies: []string{full},
		},
		{
			name: "nothing got through", thread: fake{fail: map[string]int{"create": 1}},
			err: "broken", log: "head author find create find",
		},
		{
			name: "too long", thread: fake{limit: len(full) - 1},
			want: Outcome{"u9", "created"}, log: "head author find create create find", bodies: []string{short},
		},
		{
			name: "too long to edit", thread: fake{limit: len(full) - 1, posts: []Post{written(1, "bot", run(6, 1, "x"))}},
			want: Outcome{"u1", "updated"}, log: "head author find edit edit", bodies: []string{short},
		},
		{
			name: "too long, and no shorter words", change: func(c *Comment) { c.Short = "" }, thread: fake{limit: 9},
			err: "the comment is too long", log: "head author find create find",
		},
		{name: "no head", thread: fake{fail: map[string]int{"head": 1}}, err: "broken", log: "head"},
		{name: "no author", thread: fake{fail: map[string]int{"author": 1}}, err: "broken", log: "head author"},
		{name: "no list", thread: fake{fail: map[string]int{"find": 1}}, err: "broken", log: "head author find"},
		{
			name: "no edit", thread: fake{fail: map[string]int{"edit": 1}, posts: []Post{written(1, "bot", run(6, 1, "x"))}},
			err: "broken", log: "head author find edit", bodies: []string{written(1, "bot", run(6, 1, "x")).Body},
		},
		{
			name: "no delete", thread: fake{fail: map[string]int{"delete": 1}, rival: new(written(5, "bot", run(7, 1, "x")))},
			err: "broken", log: "head author find create find delete", bodies: []string{written(5, "bot", run(7, 1, "x")).Body},
		},
		{name: "no id", change: func(c *Comment) { c.ID = "a b" }, err: `"a b" is not an id; letters, digits, dots, dashes and underscores, at most 64`},
		{name: "no commit", change: func(c *Comment) { c.Head = "main -->" }, err: `"main -->" is not a commit`},
		{name: "no run", change: func(c *Comment) { c.Run = -1 }, err: "run -1, attempt 2 is not the number of a run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := c.thread
			f.head = "abc"
			if f.login == "" {
				f.login = "bot"
			}
			got, err := Keep(t.Context(), &f, comment(c.change))
			if text := message(err); text != c.err {
				t.Errorf("error %q, want %q", text, c.err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("outcome (-want +got):\n%s", d)
			}
			if log := strings.Join(f.log, " "); log != c.log {
				t.Errorf("calls %s, want %s", log, c.log)
			}
			var bodies []string
			for _, p := range f.posts {
				bodies = append(bodies, p.Body)
			}
			if d := cmp.Diff(c.bodies, bodies); d != "" {
				t.Errorf("comments (-want +got):\n%s", d)
			}
		})
	}
	if !strings.HasPrefix(full, marker) {
		t.Errorf("the comment begins %q, want %q", full, marker)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestParseMode(t *testing.T) {
	t.Parallel()
	for _, m := range []Mode{Always, Changes, Regressions, Off} {
		if got, ok := ParseMode(string(m)); !ok || got != m {
			t.Errorf("ParseMode(%q) = %q, %v", m, got, ok)
		}
	}
	for _, bad := range []string{"", "Always", "never"} {
		if got, ok := ParseMode(bad); ok {
			t.Errorf("ParseMode(%q) = %q", bad, got)
		}
	}
}

// FuzzMarker demands that no first line of a comment, whoever wrote it, makes the
// decision fail or be made for another gate.
func FuzzMarker(f *testing.F) {
	plain := comment(nil)
	f.Add(plain.marked(plain.Body))
	f.Add("<!-- speedgate:v1 id=perf head= run=999999999999999999 attempt=0 digest=0 -->")
	f.Add("<!-- speedgate:v1 id=perf head= run=-1 attempt=99999999999999999999 digest=zz -->")
	f.Fuzz(func(t *testing.T, body string) {
		own := plain.isOwn(Post{Body: body, Author: "bot"}, "bot")
		if own != strings.HasPrefix(body, "<!-- speedgate:v1 id=perf ") {
			t.Errorf("own is %v for %q", own, body)
		}
		if why := plain.upToDate(body); why != "" && !strings.HasPrefix(body, "<!-- speedgate:v1 id=") {
			t.Errorf("%s, though %q has no marker", why, body)
		}
	})
}

// TestNobodyOwnsNothing demands that a token without a name owns no comment, not even
// one that has no author.
func TestNobodyOwnsNothing(t *testing.T) {
	t.Parallel()
	c := comment(nil)
	if c.isOwn(written(1, "", nil), "") {
		t.Error("a comment without an author is anybody's")
	}
}
