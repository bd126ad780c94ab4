package github

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
)

const workflow = ".github/workflows/perf.yml"

// ran returns a run of the fork's branch topic at the head of pull request 7.
func (h *hub) ran() Run {
	return Run{ID: 9, Event: "pull_request", Workflow: workflow, Head: Tip{"fork/r", "topic", h.head}}
}

func TestPullOfRun(t *testing.T) {
	t.Parallel()
	const gone = "run 9: no open pull request has the head HEAD of fork/r any more"
	twoBases := func(h *hub) {
		h.fork(8, "fork/r", "main")
		h.repo.SetBranch("release", h.base)
		h.fork(9, "fork/r", "release")
	}
	cases := []struct {
		name   string
		before func(h *hub)
		change func(r *Run)
		number int
		want   int
		err    string
	}{
		{"one", func(h *hub) { h.fork(8, "fork/r", "main") }, nil, 8, 8, ""},
		{"names have no case", func(h *hub) { h.fork(8, "Fork/R", "main") }, nil, 8, 8, ""},
		{"one, by its branch only", func(h *hub) {
			h.fork(8, "fork/r", "main")
			h.on("GET commits/*/pulls", fakegithub.Refuse(422, "No commit found for SHA: x"))
		}, nil, 8, 8, ""},
		{
			"one, by its commit only", func(h *hub) { h.fork(8, "fork/r", "main") }, func(r *Run) { r.Head.Branch = "renamed" },
			8, 8, "",
		},
		{"one, and the artifact names none", func(h *hub) { h.fork(8, "fork/r", "main") }, nil, 0, 8, ""},
		{"two bases", twoBases, nil, 9, 9, ""},
		{"the other of two bases", twoBases, nil, 8, 8, ""},
		{"none", func(*hub) {}, nil, 7, 0, gone},
		{"pushed since", func(h *hub) {
			h.fork(8, "fork/r", "main")
			h.repo.MovePull(8, h.repo.AddCommit([]string{h.head}, "f", "more"))
		}, nil, 8, 0, gone},
		{"closed since", func(h *hub) {
			h.fork(8, "fork/r", "main")
			h.repo.ClosePull(8)
		}, nil, 8, 0, gone},
		{"the same commit from another fork", func(h *hub) { h.fork(8, "evil/r", "main") }, nil, 8, 0, gone},
		{"a fork that was deleted", func(h *hub) {
			h.repo.AddPull(fakegithub.Pull{Number: 8, HeadRepo: "fork/r", HeadBranch: "topic", HeadSHA: h.head, ForkDeleted: true})
		}, nil, 8, 0, gone},
		{
			"a fork that names somebody else's", func(h *hub) { h.fork(8, "fork/r", "main") }, nil, 7, 0,
			"run 9: its artifact names pull request 7, which is not one of fork/r at HEAD",
		},
		{
			"two bases and no number", twoBases, nil, 0, 0,
			"run 9: 2 pull requests have the head HEAD, and its artifact names none of them",
		},
		{
			"no permission", func(h *hub) { h.on("GET pulls", fakegithub.NotAccessible()) }, nil, 8, 0,
			"listing the pull requests from fork:topic: the token is not permitted; the workflow needs permissions: pull-requests: read " +
				"(Resource not accessible by integration)",
		},
		{
			"a list that is cut", func(h *hub) { h.on("GET commits/*/pulls", fakegithub.CutBody()) }, nil, 8, 0,
			"listing the pull requests of HEAD: unexpected EOF",
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			tc.before(h)
			run := h.ran()
			if tc.change != nil {
				tc.change(&run)
			}
			pull, err := h.PullOfRun(t.Context(), repo, run, workflow, tc.number)
			if got := strings.ReplaceAll(textOf(err), h.head, "HEAD"); pull.Number != tc.want || got != tc.err {
				t.Errorf("%d, %q; want %d, %q", pull.Number, got, tc.want, tc.err)
			}
		})
	}
}

// TestCandidates demands that each mark of a pull request counts.
func TestCandidates(t *testing.T) {
	t.Parallel()
	good := Pull{Number: 8, Open: true, Head: Tip{"fork/r", "topic", "abc"}, Base: Tip{"o/r", "main", "def"}}
	run := Run{Head: Tip{"fork/r", "topic", "abc"}}
	for name, change := range map[string]func(p *Pull){
		"closed":              func(p *Pull) { p.Open = false },
		"for another":         func(p *Pull) { p.Base.Repo = "fork/r" },
		"from another":        func(p *Pull) { p.Head.Repo = "evil/r" },
		"of a deleted fork":   func(p *Pull) { p.Head.Repo = "" },
		"at another commit":   func(p *Pull) { p.Head.Commit = "def" },
		"of which all is odd": func(p *Pull) { *p = Pull{Number: 8} },
	} {
		bad := good
		change(&bad)
		if got := candidates([]Pull{bad}, repo, run); len(got) > 0 {
			t.Errorf("a pull request %s is kept", name)
		}
	}
	if d := cmp.Diff([]Pull{good}, candidates([]Pull{good, good}, repo, run)); d != "" {
		t.Errorf("kept (-want +got):\n%s", d)
	}
}

// TestPullOfBadRun demands that a run which is not of a pull request and of the
// expected workflow is refused before anything is asked.
func TestPullOfBadRun(t *testing.T) {
	t.Parallel()
	h := start(t)
	cases := []struct {
		change func(r *Run)
		want   string
	}{
		{func(r *Run) { r.ID = 0 }, "the event names no workflow run"},
		{func(r *Run) { r.Event = "push" }, `run 9 was started by "push", not by pull_request`},
		{func(r *Run) { r.Event = "pull_request_target" }, `run 9 was started by "pull_request_target", not by pull_request`},
		{func(r *Run) { r.Workflow = ".github/workflows/x.yml" }, `run 9 is of the workflow ".github/workflows/x.yml", not of "` + workflow + `"`},
		{func(r *Run) { r.Head.Commit = "main" }, `run 9 is of "main", which is not a commit`},
		{func(r *Run) { r.Head.Repo = "" }, "run 9 is of a branch that was deleted"},
		{func(r *Run) { r.Head.Branch = "" }, "run 9 is of a branch that was deleted"},
		{func(r *Run) { r.Head.Repo = "fork/../r" }, `run 9: "fork/../r" is not a repository; write OWNER/NAME`},
	}
	for _, tc := range cases {
		run := h.ran()
		tc.change(&run)
		if _, err := h.PullOfRun(t.Context(), repo, run, workflow, 7); textOf(err) != tc.want {
			t.Errorf("error %v, want %s", err, tc.want)
		}
	}
	if asked := h.Lines(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	h := start(t)
	made := h.repo.AddRun(fakegithub.Run{
		ID: 9, Attempt: 2, Path: workflow + "@refs/heads/main", HeadRepo: "fork/r", HeadBranch: "topic", HeadSHA: h.head,
	})
	got, err := h.Run(t.Context(), repo, made.ID)
	want := h.ran()
	want.Attempt, want.URL = 2, "https://github.example/o/r/actions/runs/9"
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	_, err = h.Run(t.Context(), repo, 1)
	if want := "reading workflow run 1: not found, or the token is not permitted; the workflow needs permissions: actions: read"; textOf(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
