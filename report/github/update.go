package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

const (
	// maxUpdates is how often something is read, changed and written again when
	// others write it at the same time.
	maxUpdates = 8
	// updatePause is how long a writer waits after a conflict, and how far that
	// varies.
	updatePause = 500 * time.Millisecond
)

// refusedHint is the remedy for a refusal that no retry settles.
const refusedHint = "protect the branch in a way that lets this token push, keep the baseline on a branch of its own, or open a pull request with it"

// errConflict says that somebody else wrote in between.
var errConflict = errors.New("somebody else wrote in between")

// UpdateFile changes a file on a branch: it reads the file, calls change with its
// content (nil if there is none) and writes what that returns, from the start again
// whenever somebody else wrote in between. Nothing is written, and changed is false,
// if the content is to stay as it is, nil where there is none. message is the commit message. The commit has
// no author of its own, so that GitHub signs it.
//
// The error wraps [ErrRefused] if the branch does not take the commit.
func (c *Client) UpdateFile(ctx context.Context, repo Repo, branch, path, message string, change func(old []byte) ([]byte, error)) (changed bool, err error) {
	var sent []byte // what the last try wrote, perhaps
	what := "writing " + path + " on " + branch
	err = c.retry(ctx, what, func() error {
		old, sha, err := c.file(ctx, repo, path, branch)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		next, err := change(old)
		if err != nil {
			return err
		}
		isThere := sha != ""
		if bytes.Equal(next, old) && (isThere || next == nil) {
			// A write that was carried out and sent again, for want of an answer, looks
			// like a conflict.
			changed = sent != nil && bytes.Equal(sent, old)
			return nil
		}
		sent = next
		if err := c.put(ctx, repo, branch, path, message, next, sha); err != nil {
			return c.refusal(what, err)
		}
		changed = true
		return nil
	})
	return changed && err == nil, err
}

// retry calls do until it ends without errConflict. Writers that met once would meet
// again without some disorder.
func (c *Client) retry(ctx context.Context, what string, do func() error) error {
	for try := range maxUpdates {
		if try > 0 {
			if err := c.sleep(ctx, time.Duration(try)*updatePause+rand.N(updatePause)); err != nil {
				return err
			}
		}
		if err := do(); !errors.Is(err, errConflict) {
			return err
		}
	}
	return fmt.Errorf("%s: others wrote it %d times in between", what, maxUpdates)
}

// put writes a file. sha is the hash of what it replaces, "" for a new file.
func (c *Client) put(ctx context.Context, repo Repo, branch, path, message string, data []byte, sha string) error {
	resource, err := contentsPath(path)
	if err != nil {
		return err
	}
	content := append([]byte{}, data...) // nil would be null
	o := &gh.RepositoryContentFileOptions{Message: &message, Content: content, Branch: &branch}
	method := http.MethodPut
	if sha != "" {
		o.SHA = &sha
	} else if c.isGitea() {
		method = http.MethodPost // its PUT wants a file to be there
	}
	req, err := c.request(method, repo, resource, nil, o)
	if err != nil {
		return err
	}
	_, err = c.api.Do(ctx, req, nil)
	return err
}

// isGitea reports whether the API is that of Gitea or Forgejo, by its version: that
// of GitHub is none or v3.
func (c *Client) isGitea() bool { return strings.HasSuffix(c.api.BaseURL.Path, "/api/v1/") }

// refusal tells why a commit was not written: a lost race as errConflict, a branch
// that does not take it as [ErrRefused].
func (c *Client) refusal(what string, err error) error {
	switch status := statusOf(err); {
	case isConflict(err):
		return fmt.Errorf("%s: %w", what, errConflict)
	case status == http.StatusForbidden && !isProtected(err):
		return fmt.Errorf("%w (%w)", c.explain(what, needWrite, err), ErrRefused)
	case status == http.StatusForbidden, status == http.StatusConflict, status == http.StatusUnprocessableEntity:
		return fmt.Errorf("%s: %w: %s; %s", what, ErrRefused, c.said(err), refusedHint)
	}
	return c.explain(what, needWrite, err)
}

// isConflict reports whether a write lost a race: 409 for another content, 422 for
// what was created in between, or a branch that was moved or deleted.
func isConflict(err error) bool {
	switch statusOf(err) {
	case http.StatusConflict:
		return !isProtected(err)
	case http.StatusUnprocessableEntity:
		return !isProtected(err) && containsAny(err, `"sha" wasn't supplied`, "sha does not match", "already exists", "not a fast forward", "reference does not exist")
	}
	return false
}

// isProtected recognises the refusals of protected branches and rulesets. GitHub
// has no code for them in the API: GH006 and GH013 are of git's output, and come
// along only at times.
func isProtected(err error) bool {
	return containsAny(err, "protected branch", "protected ref", "gh006", "gh013", "rule violation",
		"must be made through a pull request", "required status check", "approving review", "verified signatures", "merge queue")
}
