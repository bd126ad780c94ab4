package github

import (
	"context"

	gh "github.com/google/go-github/v60/github"
)

// maxDescription is the length of a status's description that GitHub takes.
const maxDescription = 140

// Status sets the commit status name of a commit. state is success, failure or
// error; url is where a click leads, "" for nowhere.
func (c *Client) Status(ctx context.Context, repo Repo, commit, name, state, description, url string) error {
	if runes := []rune(description); len(runes) > maxDescription {
		description = string(runes[:maxDescription-1]) + "…"
	}
	s := &gh.RepoStatus{Context: gh.String(name), State: gh.String(state), Description: gh.String(description)}
	if url != "" {
		s.TargetURL = gh.String(url)
	}
	_, _, err := c.api.Repositories.CreateStatus(ctx, repo.Owner, repo.Name, commit, s)
	return c.explain("setting the commit status "+name, "statuses: write", err)
}
