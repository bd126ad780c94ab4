package github

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
	"speedgate/report/sticky"
)

// fork opens a pull request from a fork's branch topic.
func (h *hub) fork(number int, from, base string) {
	h.repo.AddPull(fakegithub.Pull{Number: number, HeadRepo: from, HeadBranch: "topic", HeadSHA: h.head, BaseBranch: base})
}

// TestPulls demands that nothing is asked for with half a filter, which GitHub takes
// for none, that all pages are read, and that a commit which GitHub does not know is
// no error.
func TestPulls(t *testing.T) {
	t.Parallel()
	h := start(t)
	for i := range 101 {
		h.fork(100+i, "fork/r", "main")
	}
	pulls, err := h.Pulls(t.Context(), repo, "fork", "topic", "main")
	if len(pulls) != 101 || err != nil {
		t.Errorf("%d pull requests, %v", len(pulls), err)
	}
	if pulls, err := h.Pulls(t.Context(), repo, "fork", "topic", "other"); len(pulls) > 0 || err != nil {
		t.Errorf("for another base: %v, %v", pulls, err)
	}
	if pulls, err := h.PullsOfCommit(t.Context(), repo, strings.Repeat("0", 40)); len(pulls) > 0 || err != nil {
		t.Errorf("%v, %v", pulls, err)
	}
	asked := len(h.Lines())
	for _, half := range [][2]string{{"", "topic"}, {"fork", ""}} {
		if _, err := h.Pulls(t.Context(), repo, half[0], half[1], ""); textOf(err) != "pull requests are asked for by the owner and the name of their branch" {
			t.Errorf("error %v", err)
		}
	}
	for _, number := range []int{0, -1} {
		if _, err := h.Pull(t.Context(), repo, number); err == nil || !strings.HasSuffix(err.Error(), " is not the number of a pull request") {
			t.Errorf("error %v", err)
		}
	}
	if n := len(h.Lines()) - asked; n > 0 {
		t.Errorf("%d requests that should not have been sent", n)
	}
}

func TestPull(t *testing.T) {
	t.Parallel()
	h := start(t)
	got, err := h.Pull(t.Context(), repo, 7)
	want := Pull{
		Number: 7, URL: "https://github.example/o/r/pull/7", Open: true, Head: Tip{"o/r", "change", h.head}, Base: Tip{"o/r", "main", h.base},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	if _, err := h.Pull(t.Context(), repo, 8); err == nil || !strings.HasPrefix(err.Error(), "reading pull request 8: not found") {
		t.Errorf("error %v", err)
	}
}

// A list without an end is one that lies.
func TestEndlessList(t *testing.T) {
	t.Parallel()
	c := over(t, "https://api.example", func(r *http.Request) (*http.Response, error) {
		resp, err := saying(200, "[]")(r)
		resp.Header.Set("Link", `<https://api.example/x?page=2>; rel="next"`)
		return resp, err
	})
	_, err := c.Pulls(t.Context(), repo, "o", "topic", "")
	if want := "listing the pull requests from o:topic: there are more than 5000"; textOf(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, err := (&thread{c, repo, 7}).Find(t.Context(), func(sticky.Post) bool { return false }); textOf(err) != "pull request 7 has more than 5000 comments" {
		t.Errorf("error %v", err)
	}
}

func TestCompareAndParents(t *testing.T) {
	t.Parallel()
	h := start(t)
	second := h.repo.Commit("main", "f", "1")
	merge := h.repo.AddCommit([]string{second, h.head})
	for _, row := range [][3]string{
		{h.base, second, "ahead"}, {second, h.base, "behind"}, {h.base, h.base, "identical"}, {second, h.head, "diverged"},
	} {
		if got, err := h.Compare(t.Context(), repo, row[0], row[1]); got != row[2] || err != nil {
			t.Errorf("Compare(%s, %s) = %q, %v", row[0], row[1], got, err)
		}
	}
	if got, err := h.FirstParent(t.Context(), repo, merge); got != second || err != nil {
		t.Errorf("FirstParent = %q, %v", got, err)
	}
	if _, err := h.FirstParent(t.Context(), repo, h.base); textOf(err) != "reading the parents of "+h.base+": the commit has no parent" {
		t.Errorf("error %v", err)
	}
}
