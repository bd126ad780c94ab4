package github

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	gh "github.com/google/go-github/v60/github"

	"speedgate/report/sticky"
)

const (
	// actionsBot owns the comments of GITHUB_TOKEN, which may not ask who it is.
	actionsBot = "github-actions[bot]"
	// maxPages bounds how much of a list is looked through, at 100 entries a page.
	maxPages = 50
	perPage  = 100
)

// Comment creates or updates the one comment of a gate on a pull request.
//
// The token of a GitHub App, like that of a workflow, may not ask who it is; set
// Author for it, or its comment is only found by writing a new one. An error wraps
// [ErrNotPermitted] if the token may not comment or the conversation is locked.
func (c *Client) Comment(ctx context.Context, repo Repo, pull int, com sticky.Comment) (sticky.Outcome, error) {
	if pull <= 0 { // 0 would list the comments of the whole repository
		return sticky.Outcome{}, fmt.Errorf("%d is not the number of a pull request", pull)
	}
	return sticky.Keep(ctx, &thread{c, repo, pull}, com)
}

// thread is the conversation of a pull request.
type thread struct {
	c    *Client
	repo Repo
	pull int
}

// post is a comment as package sticky knows it.
func post(com *gh.IssueComment) sticky.Post {
	p := sticky.Post{ID: com.GetID(), URL: com.GetHTMLURL(), Body: com.GetBody(), Author: com.GetUser().GetLogin()}
	if p.Author == actionsBot && com.GetUser().GetType() != "Bot" {
		p.Author = "" // a person who calls himself that
	}
	return p
}

// Head implements [sticky.Thread].
func (t *thread) Head(ctx context.Context) (string, error) {
	pr, err := t.c.pull(ctx, t.repo, t.pull, needComment)
	return pr.Head.Commit, err
}

// Author implements [sticky.Thread].
func (t *thread) Author(ctx context.Context) (string, error) {
	user, _, err := t.c.api.Users.Get(ctx, "")
	switch {
	case statusOf(err) == http.StatusForbidden:
		return actionsBot, nil // the token of a workflow may not ask
	case err != nil:
		return "", t.c.explain("asking who the token is", needComment, err)
	}
	return user.GetLogin(), nil
}

// Find implements [sticky.Thread].
func (t *thread) Find(ctx context.Context, matches func(sticky.Post) bool) (*sticky.Post, error) {
	o := &gh.IssueListCommentsOptions{ListOptions: gh.ListOptions{PerPage: perPage}}
	for range maxPages {
		list, resp, err := t.c.api.Issues.ListComments(ctx, t.repo.Owner, t.repo.Name, t.pull, o)
		if err != nil {
			return nil, t.c.explain("listing the comments of pull request "+strconv.Itoa(t.pull), needComment, err)
		}
		for _, com := range list {
			if p := post(com); matches(p) {
				return &p, nil
			}
		}
		if resp.NextPage == 0 {
			return nil, nil
		}
		o.Page = resp.NextPage
	}
	return nil, fmt.Errorf("pull request %d has more than %d comments", t.pull, perPage*maxPages)
}

// Create implements [sticky.Thread].
func (t *thread) Create(ctx context.Context, body string) (sticky.Post, error) {
	made, _, err := t.c.api.Issues.CreateComment(ctx, t.repo.Owner, t.repo.Name, t.pull, &gh.IssueComment{Body: &body})
	if err != nil {
		return sticky.Post{}, t.refusal("commenting on pull request "+strconv.Itoa(t.pull), err)
	}
	return post(made), nil
}

// Edit implements [sticky.Thread].
func (t *thread) Edit(ctx context.Context, id int64, body string) error {
	_, _, err := t.c.api.Issues.EditComment(ctx, t.repo.Owner, t.repo.Name, id, &gh.IssueComment{Body: &body})
	return t.refusal("updating the comment", err)
}

// Delete implements [sticky.Thread].
func (t *thread) Delete(ctx context.Context, id int64) error {
	_, err := t.c.api.Issues.DeleteComment(ctx, t.repo.Owner, t.repo.Name, id)
	if statusOf(err) == http.StatusNotFound {
		return nil
	}
	return t.c.explain("deleting a second comment", needComment, err)
}

// refusal explains why a body was not taken.
func (t *thread) refusal(what string, err error) error {
	explained := t.c.explain(what, needComment, err)
	// "Body is too long (maximum is 65536 characters)", whatever the maximum really is.
	if statusOf(err) == http.StatusUnprocessableEntity && containsAny(err, "too long") {
		return tooLong{explained}
	}
	return explained
}

// tooLong is a refusal of a body for its length.
type tooLong struct{ error }

// Is makes it a [sticky.ErrTooLong] without saying so twice.
func (tooLong) Is(target error) bool { return target == sticky.ErrTooLong }
