package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// maxFile is the largest file that is read, in bytes. GitHub's own limit is 100 MB.
const maxFile = 100 << 20

// File returns a file of a repository at a revision: a commit, a branch or a tag.
// The error wraps [ErrNotFound] if there is no such file, no such revision, or no
// permission to see them, which GitHub does not tell apart; [Client.Commit] does.
func (c *Client) File(ctx context.Context, repo Repo, path, ref string) ([]byte, error) {
	data, _, err := c.file(ctx, repo, path, ref)
	return data, err
}

// Repository is what is known of a repository itself.
type Repository struct {
	DefaultBranch string
	Fork          bool // of another repository
}

// Repository returns what is known of a repository.
func (c *Client) Repository(ctx context.Context, repo Repo) (Repository, error) {
	found, _, err := c.api.Repositories.Get(ctx, repo.Owner, repo.Name)
	if err != nil {
		return Repository{}, c.explain("reading the repository "+repo.String(), needContents, err)
	}
	return Repository{found.GetDefaultBranch(), found.GetFork()}, nil
}

// Commit reports by its error whether a commit, of which the whole hash is given, can
// be read.
func (c *Client) Commit(ctx context.Context, repo Repo, commit string) error {
	_, _, err := c.api.Git.GetCommit(ctx, repo.Owner, repo.Name, commit)
	return c.explain("reading commit "+commit, needContents, err)
}

// file returns a file with the hash of its content, by which a write makes sure that
// nobody else was faster.
func (c *Client) file(ctx context.Context, repo Repo, path, ref string) ([]byte, string, error) {
	what := "reading " + path + " at " + ref
	resource, err := contentsPath(path)
	if err != nil {
		return nil, "", err
	}
	req, err := c.request(http.MethodGet, repo, resource, url.Values{"ref": {ref}}, nil)
	if err != nil {
		return nil, "", c.explain(what, needContents, err)
	}
	var answer json.RawMessage
	if _, err := c.api.Do(ctx, req, &answer); err != nil {
		return nil, "", c.explain(what, needContents, err)
	}
	var found gh.RepositoryContent
	if err := json.Unmarshal(answer, &found); err != nil || found.GetType() != "file" {
		return nil, "", fmt.Errorf("%s: it is not a file", what)
	}
	if found.GetEncoding() == "none" {
		data, err := c.raw(ctx, repo, resource, ref)
		return data, found.GetSHA(), c.explain(what, needContents, err)
	}
	text, err := found.GetContent()
	if err != nil {
		return nil, "", c.explain(what, needContents, err)
	}
	return []byte(text), found.GetSHA(), nil
}

// raw reads a file in the form that works above 1 MB. Gitea does not know it, and
// gives large files in the other one.
func (c *Client) raw(ctx context.Context, repo Repo, resource, ref string) ([]byte, error) {
	req, err := c.request(http.MethodGet, repo, resource, url.Values{"ref": {ref}}, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/vnd.github.raw+json")
	return c.download(ctx, req, maxFile)
}

// download returns the whole body of an answer, or nothing if it is longer than
// limit.
func (c *Client) download(ctx context.Context, req *http.Request, limit int64) ([]byte, error) {
	resp, err := c.api.BareDo(ctx, req)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if int64(len(data)) > limit {
		err = fmt.Errorf("it has more than %d bytes", limit)
	}
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	return data, nil
}

// contentsPath returns the resource of a file, with its parts escaped. Dots that
// lead out of it would make it another resource.
func contentsPath(path string) (string, error) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part == "" || part == "." || part == ".." {
			return "", fmt.Errorf("%q is not the path of a file in a repository", path)
		}
		parts[i] = url.PathEscape(part)
	}
	return "contents/" + strings.Join(parts, "/"), nil
}
