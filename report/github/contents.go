package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// needContents is what reading files takes.
const needContents = "contents: read"

// File returns a file of a repository at a revision. The error wraps [ErrNotFound]
// if the revision has no such file.
func (c *Client) File(ctx context.Context, repo Repo, path, ref string) ([]byte, error) {
	what := "reading " + path + " at " + ref
	// The raw form has no limit of 1 MB, and needs no decoding.
	at := "repos/" + repo.Owner + "/" + repo.Name + "/contents/" + escapePath(path)
	req, err := c.api.NewRequest(http.MethodGet, at, nil)
	if err != nil {
		return nil, c.explain(what, needContents, err)
	}
	req.URL.RawQuery = "ref=" + url.QueryEscape(ref)
	req.Header.Set("Accept", "application/vnd.github.raw+json")
	resp, err := c.api.BareDo(ctx, req)
	if err != nil {
		return nil, c.explain(what, needContents, err)
	}
	data, err := io.ReadAll(resp.Body)
	return data, c.explain(what, needContents, errors.Join(err, resp.Body.Close()))
}

// Commit reports by its error whether a commit can be read: GitHub says "not found"
// of a file also when the token may not see the repository.
func (c *Client) Commit(ctx context.Context, repo Repo, commit string) error {
	_, _, err := c.api.Git.GetCommit(ctx, repo.Owner, repo.Name, commit)
	return c.explain("reading commit "+commit, needContents, err)
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
		return "", c.explain(what, needContents, errors.New("the commit has no parent"))
	}
	return found.Parents[0].GetSHA(), nil
}

// escapePath escapes each part of a path.
func escapePath(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

const (
	// needWrite is what writing files takes.
	needWrite = "contents: write"
	// maxUpdates is how often a file is read, changed and written again when others
	// write it at the same time.
	maxUpdates = 8
)

// ErrRefused is wrapped when the branch does not take the commit.
var ErrRefused = errors.New("the branch does not take the commit")

// refusedHint is the remedy for a refusal that no retry settles.
const refusedHint = "protect the branch in a way that lets this token push, keep the baseline on a branch of its own, or open a pull request with it"

// UpdateFile changes a file on a branch: it reads the file, calls change with its
// content (nil if there is none) and writes what that returns, from the start again
// whenever somebody else wrote in between. changed is false if the content is to
// stay as it is; nothing is written then. message is the commit message.
//
// The error wraps [ErrRefused] if the branch is protected.
func (c *Client) UpdateFile(ctx context.Context, repo Repo, branch, path, message string, change func(old []byte) ([]byte, error)) (changed bool, err error) {
	for try := range maxUpdates {
		if try > 0 {
			// Writers that met once would meet again without some disorder.
			wait := time.Duration(try)*updatePause + rand.N(updatePause)
			if err := c.sleep(ctx, wait); err != nil {
				return false, err
			}
		}
		old, sha, err := c.fileWithSHA(ctx, repo, path, branch)
		if err != nil {
			return false, err
		}
		next, err := change(old)
		if err != nil || sha != "" && bytes.Equal(next, old) {
			return false, err
		}
		err = c.put(ctx, repo, branch, path, message, next, sha)
		if !isConflict(err) {
			return err == nil, c.explainPut(path, branch, err)
		}
	}
	return false, fmt.Errorf("writing %s on %s: others wrote it %d times in between", path, branch, maxUpdates)
}

// updatePause is how long a writer waits after a conflict, and how far that varies.
const updatePause = 500 * time.Millisecond

// fileWithSHA returns a file with the hash of its content, by which a write makes
// sure that nobody else was faster. Both are empty if there is no file.
func (c *Client) fileWithSHA(ctx context.Context, repo Repo, path, ref string) ([]byte, string, error) {
	file, _, _, err := c.api.Repositories.GetContents(ctx, repo.Owner, repo.Name, escapePath(path), &gh.RepositoryContentGetOptions{Ref: ref})
	if err != nil {
		if err := c.explain("reading "+path+" on "+ref, needContents, err); !errors.Is(err, ErrNotFound) {
			return nil, "", err
		}
		return nil, "", nil
	}
	if file == nil {
		return nil, "", fmt.Errorf("%s on %s is a folder", path, ref)
	}
	if file.GetEncoding() == "none" { // above 1 MB only the raw form has the content
		data, err := c.File(ctx, repo, path, ref)
		return data, file.GetSHA(), err
	}
	text, err := file.GetContent()
	return []byte(text), file.GetSHA(), err
}

func (c *Client) put(ctx context.Context, repo Repo, branch, path, message string, data []byte, sha string) error {
	o := &gh.RepositoryContentFileOptions{Message: &message, Content: data, Branch: &branch}
	if sha != "" {
		o.SHA = &sha
	}
	_, _, err := c.api.Repositories.CreateFile(ctx, repo.Owner, repo.Name, escapePath(path), o)
	return err
}

// isConflict reports whether a write lost a race: 409 for another content, 422 for
// a file that was created in between.
func isConflict(err error) bool {
	var answer *gh.ErrorResponse
	if !errors.As(err, &answer) || answer.Response == nil {
		return false
	}
	isCreated := answer.Response.StatusCode == http.StatusUnprocessableEntity && strings.Contains(answer.Message, "sha")
	return (answer.Response.StatusCode == http.StatusConflict || isCreated) && !isProtected(answer.Message)
}

// isProtected recognises the refusals of protected branches and rulesets.
func isProtected(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "protected branch") || strings.Contains(message, "gh006") ||
		strings.Contains(message, "gh013") || strings.Contains(message, "rule violations")
}

func (c *Client) explainPut(path, branch string, err error) error {
	var answer *gh.ErrorResponse
	if errors.As(err, &answer) && isProtected(answer.Message) {
		return fmt.Errorf("writing %s on %s: %w: %s; %s", path, branch, ErrRefused, c.redact(answer.Message), refusedHint)
	}
	return c.explain("writing "+path+" on "+branch, needWrite, err)
}
