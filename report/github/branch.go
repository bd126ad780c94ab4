package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// readme is what a data branch holds beside its data: git has commits without files,
// GitHub's API has no way to make one.
const readme = "The performance baseline of this repository. speedgate reads and writes it; nothing is to be merged from here.\n"

// EnsureBranch makes a branch without history for data, unless it is there. message
// is that of its first commit. created is false if the branch was there already, also
// when another job was faster.
func (c *Client) EnsureBranch(ctx context.Context, repo Repo, branch, message string) (created bool, err error) {
	tip, err := c.tip(ctx, repo, branch)
	if err != nil || tip != "" {
		return false, err
	}
	what := "creating the branch " + branch
	commit, err := c.commitFile(ctx, repo, newCommit{path: "README.md", data: []byte(readme), message: message})
	if err != nil {
		return false, c.explain(what, needWrite, err)
	}
	err = c.moveBranch(ctx, repo, branch, "", commit)
	if isConflict(err) {
		return false, nil
	}
	if err != nil {
		return false, c.refusal(what, err)
	}
	return true, nil
}

// tip returns the commit of a branch, "" if there is no such branch.
func (c *Client) tip(ctx context.Context, repo Repo, branch string) (string, error) {
	if err := checkBranch(branch); err != nil {
		return "", err
	}
	ref, _, err := c.api.Git.GetRef(ctx, repo.Owner, repo.Name, "heads/"+branch)
	switch {
	case statusOf(err) == http.StatusNotFound:
		return "", nil
	case err != nil:
		return "", c.explain("reading the branch "+branch, needContents, err)
	}
	return ref.GetObject().GetSHA(), nil
}

// newCommit is a commit that adds or replaces one file.
type newCommit struct {
	parents []string // none for the first commit of a branch
	tree    string   // that of the files that stay, "" for none
	path    string
	data    []byte
	message string
}

// commitFile makes a commit that no branch has yet. It has no author of its own, so
// that GitHub signs it.
func (c *Client) commitFile(ctx context.Context, repo Repo, n newCommit) (string, error) {
	entry := &gh.TreeEntry{Path: gh.String(n.path), Mode: gh.String("100644"), Type: gh.String("blob"), Content: gh.String(string(n.data))}
	tree, _, err := c.api.Git.CreateTree(ctx, repo.Owner, repo.Name, n.tree, []*gh.TreeEntry{entry})
	if err != nil {
		return "", err
	}
	commit := &gh.Commit{Message: gh.String(n.message), Tree: tree}
	for _, parent := range n.parents {
		commit.Parents = append(commit.Parents, &gh.Commit{SHA: gh.String(parent)})
	}
	made, _, err := c.api.Git.CreateCommit(ctx, repo.Owner, repo.Name, commit, nil)
	return made.GetSHA(), err
}

// moveBranch creates a branch, or moves it forward from old. Either fails with a
// conflict if somebody else was faster.
func (c *Client) moveBranch(ctx context.Context, repo Repo, branch, old, commit string) error {
	ref := &gh.Reference{Ref: gh.String("refs/heads/" + branch), Object: &gh.GitObject{SHA: gh.String(commit)}}
	var err error
	if old == "" {
		_, _, err = c.api.Git.CreateRef(ctx, repo.Owner, repo.Name, ref)
	} else {
		_, _, err = c.api.Git.UpdateRef(ctx, repo.Owner, repo.Name, ref, false)
	}
	return err
}

// checkBranch refuses what git does not allow as the name of a branch, and what would
// lead a request to another resource.
func checkBranch(branch string) error {
	for _, part := range strings.Split(branch, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return fmt.Errorf("%q is not the name of a branch", branch)
		}
	}
	hasControl := strings.ContainsFunc(branch, func(r rune) bool { return r <= ' ' || r == 0x7f })
	if hasControl || strings.HasPrefix(branch, "-") || strings.HasSuffix(branch, ".") || strings.ContainsAny(branch, `~^:?*[\`) ||
		strings.Contains(branch, "..") || strings.Contains(branch, "@{") {
		return fmt.Errorf("%q is not the name of a branch", branch)
	}
	return nil
}
