package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Run is a workflow run whose end started a trusted job. Its fields come from the
// event of that job or from [Client.Run], never from what the run left behind.
type Run struct {
	ID, Attempt int64
	URL         string
	Event       string // what started it
	Workflow    string // path of its file, such as .github/workflows/perf.yml
	Head        Tip    // what it was of
}

// Run returns a workflow run.
func (c *Client) Run(ctx context.Context, repo Repo, id int64) (Run, error) {
	req, err := c.request(http.MethodGet, repo, fmt.Sprintf("actions/runs/%d", id), nil, nil)
	what := fmt.Sprintf("reading workflow run %d", id)
	if err != nil {
		return Run{}, c.explain(what, needActions, err)
	}
	// The library's own type leaves out the path.
	var r struct {
		ID         int64  `json:"id"`
		Attempt    int64  `json:"run_attempt"`
		URL        string `json:"html_url"`
		Event      string `json:"event"`
		Path       string `json:"path"`
		HeadSHA    string `json:"head_sha"`
		HeadBranch string `json:"head_branch"`
		HeadRepo   struct {
			FullName string `json:"full_name"`
		} `json:"head_repository"`
	}
	if _, err := c.api.Do(ctx, req, &r); err != nil {
		return Run{}, c.explain(what, needActions, err)
	}
	// The path may have the revision behind it.
	path, _, _ := strings.Cut(r.Path, "@")
	return Run{r.ID, r.Attempt, r.URL, r.Event, path, Tip{r.HeadRepo.FullName, r.HeadBranch, r.HeadSHA}}, nil
}

var fullCommit = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// check reports why a run is not one whose results may be published.
func (r *Run) check(workflow string) error {
	switch {
	case r.ID <= 0:
		return errors.New("the event names no workflow run")
	case r.Event != "pull_request":
		return fmt.Errorf("run %d was started by %q, not by pull_request", r.ID, r.Event)
	case r.Workflow != workflow:
		return fmt.Errorf("run %d is of the workflow %q, not of %q", r.ID, r.Workflow, workflow)
	case !fullCommit.MatchString(r.Head.Commit):
		return fmt.Errorf("run %d is of %q, which is not a commit", r.ID, r.Head.Commit)
	case r.Head.Repo == "" || r.Head.Branch == "":
		return noPull(fmt.Sprintf("run %d is of a branch that was deleted", r.ID))
	}
	if _, err := ParseRepo(r.Head.Repo); err != nil {
		return fmt.Errorf("run %d: %w", r.ID, err)
	}
	return nil
}

// ErrNoPull is wrapped when the pull request of a run was closed, or its head moved on,
// while the run measured: there is nobody left to be told, which is no fault.
var ErrNoPull = errors.New("no open pull request")

// noPull says it with the run and its head.
type noPull string

func (n noPull) Error() string { return string(n) }

// Is makes it an [ErrNoPull].
func (noPull) Is(target error) bool { return target == ErrNoPull }

// PullOfRun returns the one pull request that a run of a workflow was of, or an
// error that says why it cannot be known. It is the open one whose head is exactly
// what ran; GitHub's own list in the event is empty for forks.
//
// number is the pull request that the run's artifact names, 0 if it names none. A
// fork can write any number there, so that it only chooses where one branch has pull
// requests for several bases, and is an error where it is none of them.
func (c *Client) PullOfRun(ctx context.Context, repo Repo, r Run, workflow string, number int) (Pull, error) {
	if err := r.check(workflow); err != nil {
		return Pull{}, err
	}
	owner, _, _ := strings.Cut(r.Head.Repo, "/")
	byBranch, err := c.Pulls(ctx, repo, owner, r.Head.Branch, "")
	if err != nil {
		return Pull{}, err
	}
	byCommit, err := c.PullsOfCommit(ctx, repo, r.Head.Commit)
	if err != nil {
		return Pull{}, err
	}
	return choose(candidates(slices.Concat(byBranch, byCommit), repo, r), r, number)
}

// candidates keeps the open pull requests of this repository whose head is what ran,
// each once.
func candidates(pulls []Pull, repo Repo, r Run) []Pull {
	var kept []Pull
	for _, p := range pulls {
		isOfRun := p.Open && strings.EqualFold(p.Base.Repo, repo.String()) &&
			strings.EqualFold(p.Head.Repo, r.Head.Repo) && p.Head.Commit == r.Head.Commit
		isKnown := slices.ContainsFunc(kept, func(k Pull) bool { return k.Number == p.Number })
		if isOfRun && !isKnown {
			kept = append(kept, p)
		}
	}
	return kept
}

// choose picks the pull request that the artifact names, if it is among those left.
func choose(left []Pull, r Run, number int) (Pull, error) {
	at := slices.IndexFunc(left, func(p Pull) bool { return p.Number == number })
	switch {
	case len(left) == 0:
		return Pull{}, noPull(fmt.Sprintf("run %d: no open pull request has the head %s of %s any more", r.ID, r.Head.Commit, r.Head.Repo))
	case number != 0 && at < 0:
		return Pull{}, fmt.Errorf("run %d: its artifact names pull request %d, which is not one of %s at %s", r.ID, number, r.Head.Repo, r.Head.Commit)
	case at >= 0:
		return left[at], nil
	case len(left) > 1:
		return Pull{}, fmt.Errorf("run %d: %d pull requests have the head %s, and its artifact names none of them", r.ID, len(left), r.Head.Commit)
	}
	return left[0], nil
}
