package github

import (
	"context"

	gh "github.com/google/go-github/v60/github"
)

// maxDescription is the length of a status's description that GitHub takes.
const maxDescription = 140

// Status sets the commit status name of a commit. state is pending, success, failure
// or error; url is where a click leads, "" for nowhere.
func (c *Client) Status(ctx context.Context, repo Repo, commit, name, state, description, url string) error {
	s := &gh.RepoStatus{
		Context: gh.String(name), State: gh.String(state), Description: gh.String(cut(description, maxDescription)), TargetURL: optional(url),
	}
	_, _, err := c.api.Repositories.CreateStatus(ctx, repo.Owner, repo.Name, commit, s)
	return c.explain("setting the commit status "+name, needStatuses, err)
}

// optional leaves an empty text out of a request.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// cut shortens text to n runes.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}
