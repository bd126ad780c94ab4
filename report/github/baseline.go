package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Proposal is a baseline that waits in a pull request until somebody merges it.
type Proposal struct {
	Base    string // branch to merge into
	Branch  string // branch that holds the proposal; nobody else may use it
	Path    string // of the baseline
	Message string // of the commit
	Title   string // of the pull request
	Body    string
}

// BaselinePull keeps one pull request open with the new baseline. change gets the
// baseline that is proposed already, so that what waits is kept, else that of the
// base branch, nil if there is none; it may be called several times. Nothing is
// written, and changed is false, if the proposal is to stay as it is, or if change
// returns the baseline of the base branch; no pull request is then opened, and that
// which is returned has Number 0 if none was open.
//
// What waits is dropped when its pull request was closed, or when the baseline on the
// base branch has changed since. Every commit brings the branch up to date with its
// base, so that the pull request shows the baseline only and always merges.
func (c *Client) BaselinePull(ctx context.Context, repo Repo, p Proposal, change func(old []byte) ([]byte, error)) (pull Pull, changed bool, err error) {
	if p.Base == p.Branch {
		return Pull{}, false, fmt.Errorf("the proposal for %s cannot be on the same branch", p.Base)
	}
	err = c.retry(ctx, "proposing the baseline on "+p.Branch, func() error {
		pull, changed, err = c.propose(ctx, repo, p, change)
		return err
	})
	return pull, changed, err
}

// propose tries once, and returns errConflict if somebody else was faster.
func (c *Client) propose(ctx context.Context, repo Repo, p Proposal, change func(old []byte) ([]byte, error)) (pull Pull, changed bool, err error) {
	b, err := c.proposed(ctx, repo, p)
	if err != nil {
		return Pull{}, false, err
	}
	next, err := change(b.old())
	if err != nil {
		return Pull{}, false, err
	}
	if bytes.Equal(next, b.accepted) {
		return b.pull, false, nil
	}
	if b.waiting == nil || !bytes.Equal(next, b.waiting) {
		if err := c.writeProposal(ctx, repo, p, b, next); err != nil {
			return Pull{}, false, err
		}
		changed = true
	}
	if b.pull.Number != 0 {
		return b.pull, changed, nil
	}
	pull, err = c.open(ctx, repo, p)
	return pull, changed && err == nil, err
}

// proposal is what base branch and proposal are at.
type proposal struct {
	base, tip string // commits; tip is "" if the branch is not there
	mergeBase string // of both, "" without a tip
	pull      Pull   // the open one, Number 0 without
	accepted  []byte // baseline of the base branch, nil if there is none
	waiting   []byte // baseline of the proposal's branch, nil if there is none that counts
}

func (b *proposal) old() []byte {
	if b.waiting != nil {
		return b.waiting
	}
	return b.accepted
}

// proposed finds out what base branch and proposal are at. The tip comes first: the
// write fails if it has moved since.
func (c *Client) proposed(ctx context.Context, repo Repo, p Proposal) (b proposal, err error) {
	if b.tip, err = c.tip(ctx, repo, p.Branch); err != nil {
		return b, err
	}
	if b.base, err = c.tip(ctx, repo, p.Base); err != nil {
		return b, err
	}
	if b.base == "" {
		return b, fmt.Errorf("proposing a baseline for %s: there is no such branch", p.Base)
	}
	if b.accepted, err = c.fileOrNone(ctx, repo, p.Path, b.base); err != nil || b.tip == "" {
		return b, err
	}
	compared, err := c.compare(ctx, repo, b.base, b.tip)
	if err != nil {
		return b, err
	}
	b.mergeBase = compared.GetMergeBaseCommit().GetSHA()
	pulls, err := c.pullsFrom(ctx, repo, repo.Owner, p.Branch, p.Base, "all")
	if err != nil {
		return b, err
	}
	if i := slices.IndexFunc(pulls, func(pr Pull) bool { return pr.Open }); i >= 0 {
		b.pull = pulls[i]
	} else if slices.ContainsFunc(pulls, func(pr Pull) bool { return pr.Head.Commit == b.tip }) {
		return b, nil // it was merged, or somebody did not want it
	}
	// Without a pull request, the commit is of a job that is about to open one.
	b.waiting, err = c.waiting(ctx, repo, p, b)
	return b, err
}

// waiting returns the baseline of the proposal's branch. It counts as long as the
// base branch has the baseline that it was made from.
func (c *Client) waiting(ctx context.Context, repo Repo, p Proposal, b proposal) ([]byte, error) {
	if b.mergeBase != b.base {
		from, err := c.fileOrNone(ctx, repo, p.Path, b.mergeBase)
		if err != nil || !bytes.Equal(from, b.accepted) {
			return nil, err
		}
	}
	return c.fileOrNone(ctx, repo, p.Path, b.tip)
}

func (c *Client) fileOrNone(ctx context.Context, repo Repo, path, ref string) ([]byte, error) {
	data, _, err := c.file(ctx, repo, path, ref)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return data, err
}

// writeProposal moves the branch forward to the files of the base branch with the
// new baseline. The base commit becomes a second parent where the branch does not
// have it: that is how a branch whose pull request was squashed or closed starts
// afresh without a forced push, which could drop what another job just wrote.
func (c *Client) writeProposal(ctx context.Context, repo Repo, p Proposal, b proposal, next []byte) error {
	what := "proposing the baseline on " + p.Branch
	base, _, err := c.api.Git.GetCommit(ctx, repo.Owner, repo.Name, b.base)
	if err != nil {
		return c.explain(what, needContents, err)
	}
	parents := []string{b.base}
	switch {
	case b.tip == "", b.mergeBase == b.tip:
	case b.mergeBase == b.base:
		parents = []string{b.tip}
	default:
		parents = []string{b.tip, b.base}
	}
	commit, err := c.commitFile(ctx, repo, newCommit{
		parents: parents, tree: base.GetTree().GetSHA(), path: p.Path, data: next, message: p.Message,
	})
	if err == nil {
		err = c.moveBranch(ctx, repo, p.Branch, b.tip, commit)
	}
	if err != nil {
		return c.refusal(what, err)
	}
	return nil
}

// open opens the pull request. Another job may have done so since.
func (c *Client) open(ctx context.Context, repo Repo, p Proposal) (Pull, error) {
	pr, _, err := c.api.PullRequests.Create(ctx, repo.Owner, repo.Name, &gh.NewPullRequest{
		Title: gh.String(p.Title), Body: gh.String(p.Body), Head: gh.String(p.Branch), Base: gh.String(p.Base),
	})
	if err == nil {
		return pullOf(pr), nil
	}
	if open, listErr := c.Pulls(ctx, repo, repo.Owner, p.Branch, p.Base); listErr == nil && len(open) > 0 {
		return open[0], nil
	}
	what := "opening the pull request with the baseline"
	if statusOf(err) == http.StatusForbidden && strings.Contains(words(err), "not permitted to create") {
		return Pull{}, fmt.Errorf("%s: %w; allow GitHub Actions to create pull requests in the settings of the repository, under Actions (%s)",
			what, ErrNotPermitted, c.said(err))
	}
	return Pull{}, c.explain(what, needComment, err)
}
