package fakegithub

import (
	"testing"

	gh "github.com/google/go-github/v60/github"
)

func TestGetPull(t *testing.T) {
	t.Parallel()
	_, r, c, base, head := start(t)
	r.AddPull(Pull{Number: 8, HeadSHA: head, HeadRepo: "mallory/r", HeadBranch: "main", Author: "mallory"})
	r.AddPull(Pull{Number: 9, HeadSHA: head, HeadRepo: "gone/r", ForkDeleted: true})
	cases := []struct {
		number           int
		label, repo      string
		fork, hasNoFork  bool
		headSHA, baseSHA string
	}{
		{7, "o:change", "o/r", false, false, head, base},
		{8, "mallory:main", "mallory/r", true, false, head, base},
		{9, "gone:change", "", false, true, head, base},
	}
	for _, tc := range cases {
		got, _, err := c.PullRequests.Get(t.Context(), "o", "r", tc.number)
		check(t, "get", err)
		h := got.GetHead()
		if h.GetLabel() != tc.label || h.GetRepo().GetFullName() != tc.repo || h.GetRepo().GetFork() != tc.fork ||
			(h.Repo == nil) != tc.hasNoFork || h.GetSHA() != tc.headSHA || got.GetBase().GetSHA() != tc.baseSHA ||
			got.GetBase().GetRef() != "main" || got.GetState() != "open" {
			t.Errorf("pull request %d: %v", tc.number, got)
		}
	}
	next := r.Commit("change", "f", "1")
	fork := r.AddCommit([]string{head}, "f", "2")
	r.MovePull(8, fork)
	for number, want := range map[int]string{7: next, 8: fork, 9: head} {
		if got, _, err := c.PullRequests.Get(t.Context(), "o", "r", number); err != nil || got.GetHead().GetSHA() != want {
			t.Errorf("pull request %d: %v, %v, want head %s", number, got.GetHead(), err, want)
		}
	}
	_, _, err := c.PullRequests.Get(t.Context(), "o", "r", 1)
	wantError(t, err, "404 Not Found")
}

func numbers(list []*gh.PullRequest) []int {
	var all []int
	for _, p := range list {
		all = append(all, p.GetNumber())
	}
	return all
}

func TestListPulls(t *testing.T) {
	t.Parallel()
	_, r, c, base, head := start(t)
	r.Commit("release", "f", "1")
	r.AddPull(Pull{Number: 8, HeadSHA: head, HeadRepo: "mallory/r"})
	r.AddPull(Pull{Number: 9, HeadSHA: head, State: "closed"})
	r.AddPull(Pull{Number: 10, HeadSHA: head, BaseBranch: "release"})
	cases := []struct {
		name string
		o    gh.PullRequestListOptions
		want []int
	}{
		{"open, the newest first", gh.PullRequestListOptions{}, []int{10, 8, 7}},
		{"oldest first", gh.PullRequestListOptions{Direction: "asc"}, []int{7, 8, 10}},
		{"all", gh.PullRequestListOptions{State: "all"}, []int{10, 9, 8, 7}},
		{"closed", gh.PullRequestListOptions{State: "closed"}, []int{9}},
		{"a head", gh.PullRequestListOptions{Head: "o:change"}, []int{10, 7}},
		{"the head of a fork", gh.PullRequestListOptions{Head: "mallory:change"}, []int{8}},
		{"a head without an owner is ignored", gh.PullRequestListOptions{Head: "none"}, []int{10, 8, 7}},
		{"a base", gh.PullRequestListOptions{Base: "release"}, []int{10}},
		{"a page", gh.PullRequestListOptions{ListOptions: gh.ListOptions{Page: 2, PerPage: 2}}, []int{7}},
	}
	for _, tc := range cases {
		list, _, err := c.PullRequests.List(t.Context(), "o", "r", &tc.o)
		check(t, tc.name, err)
		diff(t, tc.name, tc.want, numbers(list))
	}

	r.ClosePull(7)
	list, _, err := c.PullRequests.List(t.Context(), "o", "r", &gh.PullRequestListOptions{Head: "o:change", State: "closed"})
	check(t, "closed", err)
	diff(t, "closed", []int{9, 7}, numbers(list))
	if r.Commit("change", "f", "later"); r.Pulls()[0].HeadSHA != head {
		t.Error("the head of a closed pull request moved")
	}
	list, _, err = c.PullRequests.ListPullRequestsWithCommit(t.Context(), "o", "r", head, nil)
	check(t, "of a commit", err)
	diff(t, "of a commit", []int{7, 8, 9, 10}, numbers(list))
	list, _, err = c.PullRequests.ListPullRequestsWithCommit(t.Context(), "o", "r", base, nil)
	check(t, "of the base", err)
	diff(t, "of the base", []int{10}, numbers(list)) // whose base has another history
	_, _, err = c.PullRequests.ListPullRequestsWithCommit(t.Context(), "o", "r", "none", nil)
	wantError(t, err, "422 No commit found for SHA: none")
}

func TestCreatePull(t *testing.T) {
	t.Parallel()
	_, r, c, base, _ := start(t)
	r.Commit("same", "base.json", "{}\n")
	create := func(head, base, title string) error {
		_, _, err := c.PullRequests.Create(t.Context(), "o", "r", &gh.NewPullRequest{Title: &title, Head: &head, Base: &base})
		return err
	}
	r.MovePull(7, base)
	wantError(t, create("change", "main", "x"), "422 Validation Failed [PullRequest  custom No commits between main and change]")
	wantError(t, create("none", "main", "x"), "422 Validation Failed [PullRequest head invalid]")
	wantError(t, create("same", "none", "x"), "422 Validation Failed [PullRequest base invalid]")
	wantError(t, create("same", "main", ""), "422 Validation Failed [PullRequest title missing_field]")
	wantError(t, create("mallory:x", "main", "x"), "422 Validation Failed [PullRequest head invalid the fake opens no pull request from a fork]")
	check(t, "create", create("o:same", "main", "Refresh"))
	wantError(t, create("same", "main", "x"), "422 Validation Failed [PullRequest  custom A pull request already exists for o:same.]")
	made := r.Pulls()[1]
	want := Pull{
		Number: 2, Title: "Refresh", State: "open", Author: Bot, HeadRepo: "o/r", HeadBranch: "same", HeadSHA: r.Tip("same"),
		BaseBranch: "main", BaseSHA: base,
	}
	diff(t, "pull request", want, made)
}
