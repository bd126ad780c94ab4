package github

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
)

var proposed = Proposal{
	Base: "main", Branch: "speedgate/baseline", Path: "base.json", Message: "Refresh the baseline", Title: "Refresh the performance baseline",
}

// propose has a run propose its baseline, and returns what the pull request of the
// branch then holds.
func (h *hub) propose(run string) string {
	h.t.Helper()
	pull, _, err := h.BaselinePull(h.t.Context(), repo, proposed, adding(run))
	if err != nil {
		h.t.Fatalf("run %s: %v", run, err)
	}
	open := h.proposals("open")
	if len(open) != 1 || pull.Number != open[0].Number || pull.Head.Branch != proposed.Branch || pull.Base.Branch != "main" {
		h.t.Errorf("run %s: pull request %+v, open are %+v", run, pull, open)
	}
	return h.file(proposed.Branch, "base.json")
}

// proposals returns the pull requests of the proposal, in a state or all.
func (h *hub) proposals(state string) []fakegithub.Pull {
	return slices.DeleteFunc(h.repo.Pulls(), func(p fakegithub.Pull) bool {
		return p.HeadBranch != proposed.Branch || state != "" && p.State != state
	})
}

// isPartOf reports whether a commit is in the history of another.
func (h *hub) isPartOf(commit, other string) bool {
	h.t.Helper()
	status, err := h.Compare(h.t.Context(), repo, commit, other)
	if err != nil {
		h.t.Fatal(err)
	}
	return status == "ahead" || status == "identical"
}

func TestBaselinePull(t *testing.T) {
	t.Parallel()
	close := func(h *hub) { h.repo.ClosePull(h.proposals("open")[0].Number) }
	cases := []struct {
		name    string
		between func(h *hub) // after the run 1 was proposed, before the run 2
		want    string
		pulls   int
	}{
		{"what waits is kept", func(*hub) {}, "0 1 2", 1},
		{"main moved on", func(h *hub) { h.repo.Commit("main", "main.go", "new") }, "0 1 2", 1},
		{"another baseline was accepted", func(h *hub) { h.repo.Commit("main", "base.json", "x") }, "x 2", 1},
		{"it was closed", close, "0 2", 2},
		{"it was merged", func(h *hub) {
			close(h)
			h.repo.SetBranch("main", h.repo.AddCommit([]string{h.base, h.repo.Tip(proposed.Branch)}))
		}, "0 1 2", 2},
		{"it was merged by moving main forward", func(h *hub) {
			close(h)
			h.repo.SetBranch("main", h.repo.Tip(proposed.Branch))
		}, "0 1 2", 2},
		{"it was squashed", func(h *hub) {
			close(h)
			h.repo.Commit("main", "base.json", "0 1")
		}, "0 1 2", 2},
		{"its branch was deleted", func(h *hub) {
			close(h)
			h.repo.SetBranch(proposed.Branch, "")
		}, "0 2", 2},
		{"its branch was put back", func(h *hub) { h.repo.SetBranch(proposed.Branch, h.base) }, "0 2", 1},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			if got := h.propose("1"); got != "0 1" {
				t.Errorf("the first proposal is %q", got)
			}
			tc.between(h)
			if got := h.propose("2"); got != tc.want {
				t.Errorf("the second proposal is %q, want %q", got, tc.want)
			}
			if got := len(h.proposals("")); got != tc.pulls {
				t.Errorf("%d pull requests, want %d", got, tc.pulls)
			}
			// Apart from the baseline, nothing differs, and main can be merged into.
			want := map[string]string{"base.json": tc.want, "main.go": h.file("main", "main.go")}
			if d := cmp.Diff(want, h.repo.Files(proposed.Branch)); d != "" {
				t.Errorf("files (-want +got):\n%s", d)
			}
			if !h.isPartOf(h.repo.Tip("main"), h.repo.Tip(proposed.Branch)) {
				t.Error("the branch does not have main")
			}
			last := h.repo.Log(proposed.Branch)[0]
			if p := last.Parents; len(p) == 2 && (h.isPartOf(p[0], p[1]) || h.isPartOf(p[1], p[0])) {
				t.Error("one parent is part of the other")
			}
			if last.Message != proposed.Message || !last.Verified {
				t.Errorf("commit %+v", last)
			}
		})
	}
}

func TestBaselinePullUnchanged(t *testing.T) {
	t.Parallel()
	h := start(t)
	pull, changed, err := h.BaselinePull(t.Context(), repo, proposed, adding("0"))
	if changed || err != nil || pull.Number != 0 || len(h.writes()) > 0 {
		t.Errorf("what main has: %v, %v, %v, %q", pull, changed, err, h.writes())
	}
	h.propose("1")
	written := len(h.writes())
	pull, changed, err = h.BaselinePull(t.Context(), repo, proposed, adding("1"))
	if changed || err != nil || pull.Number != h.proposals("")[0].Number || len(h.writes()) != written {
		t.Errorf("what is proposed: %v, %v, %v, %q", pull, changed, err, h.writes()[written:])
	}
}

// TestBaselinePullFirst demands that the first baseline of a repository can be
// proposed, too.
func TestBaselinePullFirst(t *testing.T) {
	t.Parallel()
	h := start(t)
	first := proposed
	first.Path = "perf/first.json"
	pull, changed, err := h.BaselinePull(t.Context(), repo, first, adding("1"))
	if pull.Number == 0 || !changed || err != nil || h.file(first.Branch, first.Path) != "1" {
		t.Errorf("%v, %v, %v", pull, changed, err)
	}
}

// TestBaselinePullTogether demands that runs which propose at the same time share one
// pull request and lose nothing.
func TestBaselinePullTogether(t *testing.T) {
	t.Parallel()
	h := start(t)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			c := h.as(fakegithub.Token)
			if _, _, err := c.BaselinePull(t.Context(), repo, proposed, adding(strconv.Itoa(i+1))); err != nil {
				t.Errorf("run %d: %v", i+1, err)
			}
		})
	}
	wg.Wait()
	runs := strings.Fields(h.file(proposed.Branch, "base.json"))
	slices.Sort(runs)
	if d := cmp.Diff([]string{"0", "1", "2", "3", "4", "5", "6"}, runs); d != "" || len(h.proposals("")) != 1 {
		t.Errorf("%d pull requests; runs (-want +got):\n%s", len(h.proposals("")), d)
	}
}

// TestBaselinePullRace demands that a run which finds another one's branch, where a
// moment ago there was none, adds to it, whether its pull request is open yet or not.
func TestBaselinePullRace(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.on("POST git/refs", fakegithub.Meanwhile(func() {
		h.repo.SetBranch(proposed.Branch, h.repo.AddCommit([]string{h.base}, "base.json", "0 other"))
	}))
	h.on("POST pulls", fakegithub.Meanwhile(func() { h.repo.AddPull(fakegithub.Pull{HeadBranch: proposed.Branch}) }))
	if got := h.propose("1"); got != "0 other 1" {
		t.Errorf("the proposal is %q", got)
	}
}

// TestBaselinePullLostAnswer demands that a pull request which was opened, though the
// answer says otherwise, is found.
func TestBaselinePullLostAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakegithub.Fault{
		"502": fakegithub.AnswerLost(502), "cut": fakegithub.CutBody(), "half": fakegithub.MalformedBody(),
	} {
		h := start(t)
		h.on("POST pulls", fault)
		if got := h.propose("1"); got != "0 1" || len(h.proposals("")) != 1 {
			t.Errorf("%s: the proposal is %q, in %d pull requests", name, got, len(h.proposals("")))
		}
	}
}

func TestBaselinePullErrors(t *testing.T) {
	t.Parallel()
	same := proposed
	same.Branch = "main"
	nowhere := proposed
	nowhere.Base = "none"
	hostile := proposed
	hostile.Branch = "x/../../../y"
	none := fakegithub.Fault{}
	cases := []struct {
		name    string
		p       Proposal
		request string
		fault   fakegithub.Fault
		is      error
		want    string
	}{
		{"on its own base", same, "", none, nil, "the proposal for main cannot be on the same branch"},
		{"no base", nowhere, "", none, nil, "proposing a baseline for none: there is no such branch"},
		{"no name of a branch", hostile, "", none, nil, `"x/../../../y" is not the name of a branch`},
		{
			"a workflow that may open none", proposed, "POST pulls",
			fakegithub.Refuse(403, "GitHub Actions is not permitted to create or approve pull requests."), ErrNotPermitted,
			"opening the pull request with the baseline: the token is not permitted; allow GitHub Actions to create pull requests in the settings of the " +
				"repository, under Actions (GitHub Actions is not permitted to create or approve pull requests.)",
		},
		{
			"no permission to open", proposed, "POST pulls", fakegithub.NotAccessible(), ErrNotPermitted,
			"opening the pull request with the baseline: the token is not permitted; the workflow needs permissions: pull-requests: write " +
				"(Resource not accessible by integration)",
		},
		{
			"no permission to commit", proposed, "POST git/trees", fakegithub.NotAccessible(), ErrRefused,
			"proposing the baseline on speedgate/baseline: the token is not permitted; the workflow needs permissions: contents: write " +
				"(Resource not accessible by integration) (the branch does not take the commit)",
		},
		{
			"a ruleset", proposed, "POST git/refs",
			fakegithub.Refuse(422, "Repository rule violations found\n\nCannot create ref due to creations being restricted."), ErrRefused,
			"proposing the baseline on speedgate/baseline: the branch does not take the commit: Repository rule violations found " +
				"Cannot create ref due to creations being restricted.; " + refusedHint,
		},
		{
			"a list that is cut", proposed, "GET contents/base.json", fakegithub.CutBody(), nil,
			"reading base.json at BASE: unexpected EOF",
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			if tc.request != "" {
				h.on(tc.request, tc.fault)
			}
			_, changed, err := h.BaselinePull(t.Context(), repo, tc.p, adding("1"))
			if want := strings.Replace(tc.want, "BASE", h.base, 1); changed || textOf(err) != want || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%v, %v; want %s", changed, err, want)
			}
		})
	}
}

func TestEnsureBranch(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, want := range []bool{true, false} {
		if created, err := h.EnsureBranch(t.Context(), repo, "data/perf", "Start"); created != want || err != nil {
			t.Errorf("%v, %v; want %v", created, err, want)
		}
	}
	if n := len(h.writes()); n != 3 {
		t.Errorf("%d requests that write, want a tree, a commit and a branch", n)
	}
	if d := cmp.Diff(map[string]string{"README.md": readme}, h.repo.Files("data/perf")); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if log := h.repo.Log("data/perf"); len(log) != 1 || len(log[0].Parents) > 0 || log[0].Message != "Start" || !log[0].Verified {
		t.Errorf("commits %+v", log)
	}
	h.on("POST git/refs", fakegithub.Meanwhile(func() { h.repo.Commit("other", "base.json", "theirs") }))
	if created, err := h.EnsureBranch(t.Context(), repo, "other", "Start"); created || err != nil || h.file("other", "base.json") != "theirs" {
		t.Errorf("another job was faster: %v, %v, %v", created, err, h.repo.Files("other"))
	}
}

func TestEnsureBranchErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		request, branch string
		fault           fakegithub.Fault
		want            string
	}{
		{"", "a..b", fakegithub.Fault{}, `"a..b" is not the name of a branch`},
		{
			"GET git/ref/heads/data", "data", fakegithub.NotAccessible(),
			"reading the branch data: the token is not permitted; the workflow needs permissions: contents: read (Resource not accessible by integration)",
		},
		{
			"POST git/commits", "data", fakegithub.NotAccessible(),
			"creating the branch data: the token is not permitted; the workflow needs permissions: contents: write (Resource not accessible by integration)",
		},
		{
			"POST git/refs", "data", fakegithub.Refuse(422, "Repository rule violations found"),
			"creating the branch data: the branch does not take the commit: Repository rule violations found; " + refusedHint,
		},
	} {
		h := start(t)
		if tc.request != "" {
			h.on(tc.request, tc.fault)
		}
		if created, err := h.EnsureBranch(t.Context(), repo, tc.branch, "Start"); created || textOf(err) != tc.want {
			t.Errorf("%v, %v; want %s", created, err, tc.want)
		}
	}
}

func TestCheckBranch(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"main", "data/perf", "speedgate-baseline", "ä", "a@b"} {
		if err := checkBranch(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "/", "a/", "/a", "a//b", "-a", ".", "..", "a/../b", "a..b", ".a", "a/.b", "a.lock", "a.", "a b", "a\n", "a~1", "a^", "a:b", "a?", "a*", "a[", `a\b`, "a@{1}"} {
		if checkBranch(bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
}
