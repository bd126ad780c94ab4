package github

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	gh "github.com/google/go-github/v60/github"
)

// Tip is one side of a pull request.
type Tip struct {
	Repo   string // OWNER/NAME, "" if the fork was deleted
	Branch string
	Commit string
}

// Pull is a pull request.
type Pull struct {
	Number int
	URL    string
	Open   bool
	Head   Tip
	Base   Tip
}

func pullOf(pr *gh.PullRequest) Pull {
	tip := func(b *gh.PullRequestBranch) Tip {
		return Tip{Repo: b.GetRepo().GetFullName(), Branch: b.GetRef(), Commit: b.GetSHA()}
	}
	return Pull{
		Number: pr.GetNumber(), URL: pr.GetHTMLURL(), Open: pr.GetState() == "open",
		Head: tip(pr.GetHead()), Base: tip(pr.GetBase()),
	}
}

// Pull returns a pull request.
func (c *Client) Pull(ctx context.Context, repo Repo, number int) (Pull, error) {
	if number <= 0 {
		return Pull{}, fmt.Errorf("%d is not the number of a pull request", number)
	}
	return c.pull(ctx, repo, number, needPulls)
}

func (c *Client) pull(ctx context.Context, repo Repo, number int, need string) (Pull, error) {
	pr, _, err := c.api.PullRequests.Get(ctx, repo.Owner, repo.Name, number)
	if err != nil {
		return Pull{}, c.explain("reading pull request "+strconv.Itoa(number), need, err)
	}
	return pullOf(pr), nil
}

// Pulls returns the open pull requests from a branch of owner's repository. base is
// the branch that they are for, "" for any.
func (c *Client) Pulls(ctx context.Context, repo Repo, owner, branch, base string) ([]Pull, error) {
	return c.pullsFrom(ctx, repo, owner, branch, base, "open")
}

// pullsFrom returns the pull requests from a branch in a state: open, closed or all.
func (c *Client) pullsFrom(ctx context.Context, repo Repo, owner, branch, base, state string) ([]Pull, error) {
	// GitHub takes half a filter for none, and returns every pull request.
	if owner == "" || branch == "" {
		return nil, errors.New("pull requests are asked for by the owner and the name of their branch")
	}
	o := &gh.PullRequestListOptions{State: state, Head: owner + ":" + branch, Base: base}
	return c.pulls("listing the pull requests from "+owner+":"+branch, func(page gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		o.ListOptions = page
		return c.api.PullRequests.List(ctx, repo.Owner, repo.Name, o)
	})
}

// PullsOfCommit returns the pull requests that a commit is part of, open or not. A
// commit that GitHub does not know is part of none.
func (c *Client) PullsOfCommit(ctx context.Context, repo Repo, commit string) ([]Pull, error) {
	return c.pulls("listing the pull requests of "+commit, func(page gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error) {
		list, resp, err := c.api.PullRequests.ListPullRequestsWithCommit(ctx, repo.Owner, repo.Name, commit, &page)
		if containsAny(err, "no commit found") {
			return nil, resp, nil
		}
		return list, resp, err
	})
}

// pulls collects the pages of a list.
func (c *Client) pulls(what string, get func(gh.ListOptions) ([]*gh.PullRequest, *gh.Response, error)) ([]Pull, error) {
	var all []Pull
	page := gh.ListOptions{PerPage: perPage}
	for range maxPages {
		list, resp, err := get(page)
		if err != nil {
			return nil, c.explain(what, needPulls, err)
		}
		for _, pr := range list {
			all = append(all, pullOf(pr))
		}
		if resp.NextPage == 0 {
			return all, nil
		}
		page.Page = resp.NextPage
	}
	return nil, fmt.Errorf("%s: there are more than %d", what, perPage*maxPages)
}

// FirstParent returns the first parent of a commit: for the test merge commit of a
// pull request, the commit of the base branch that it was merged with.
func (c *Client) FirstParent(ctx context.Context, repo Repo, commit string) (string, error) {
	what := "reading the parents of " + commit
	found, _, err := c.api.Git.GetCommit(ctx, repo.Owner, repo.Name, commit)
	switch {
	case err != nil:
		return "", c.explain(what, needContents, err)
	case len(found.Parents) == 0:
		return "", fmt.Errorf("%s: the commit has no parent", what)
	}
	return found.Parents[0].GetSHA(), nil
}

// Compare returns how head stands to base: ahead, behind, identical or diverged.
func (c *Client) Compare(ctx context.Context, repo Repo, base, head string) (string, error) {
	found, err := c.compare(ctx, repo, base, head)
	return found.GetStatus(), err
}

func (c *Client) compare(ctx context.Context, repo Repo, base, head string) (*gh.CommitsComparison, error) {
	// One commit a page: the status and the merge base are all that is of interest.
	found, _, err := c.api.Repositories.CompareCommits(ctx, repo.Owner, repo.Name, base, head, &gh.ListOptions{PerPage: 1})
	return found, c.explain("comparing "+base+" with "+head, needContents, err)
}
