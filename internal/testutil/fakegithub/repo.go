package fakegithub

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Repo is a repository. All methods may be called at any time.
type Repo struct {
	g        *GitHub
	fullName string
	id       int64
	objects  objects
	refs     map[string]string // commits, by refs/heads/NAME
	guarded  map[string]bool   // refs that take no direct write

	pulls     []*Pull
	locked    map[int]bool // conversations
	comments  []*comment
	checks    []*CheckRun
	statuses  []CommitStatus
	runs      []*Run
	artifacts []*artifact
}

const defaultBranch = "main"

// AddRepo adds the public repository OWNER/NAME, whose default branch will be main.
func (g *GitHub) AddRepo(fullName string) *Repo {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := &Repo{
		g: g, fullName: fullName, id: g.nextID(), objects: newObjects(),
		refs: map[string]string{}, guarded: map[string]bool{}, locked: map[int]bool{},
	}
	g.repos[strings.ToLower(fullName)] = r
	return r
}

// Protect makes a branch refuse direct writes, as a ruleset does.
func (r *Repo) Protect(branch string) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.guarded["refs/heads/"+branch] = true
}

// Commit puts a commit with files, PATH, TEXT, …, on top of a branch, which is made
// when there is none, and returns its hash.
func (r *Repo) Commit(branch string, files ...string) string {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	ref := "refs/heads/" + branch
	var parents []string
	if tip := r.refs[ref]; tip != "" {
		parents = []string{tip}
	}
	r.refs[ref] = r.addCommit(files, parents)
	return r.refs[ref]
}

// SetBranch makes a branch, or moves it to any commit; "" deletes it.
func (r *Repo) SetBranch(branch, sha string) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	if sha == "" {
		delete(r.refs, "refs/heads/"+branch)
		return
	}
	r.refs["refs/heads/"+branch] = r.commit(sha).sha
}

// AddCommit adds a commit that is on no branch and returns its hash. It has the files
// of its parents, where the last one wins, and on top of these PATH, TEXT, ….
func (r *Repo) AddCommit(parents []string, files ...string) string {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	return r.addCommit(files, parents)
}

func (r *Repo) addCommit(files, parents []string) string {
	all := map[string]entry{}
	for _, p := range parents {
		maps.Copy(all, r.objects.files(r.commit(p).tree))
	}
	for i := 0; i+1 < len(files); i += 2 {
		all[files[i]] = entry{mode: fileMode, sha: r.objects.addBlob([]byte(files[i+1]))}
	}
	tree, ok := r.objects.addTree(all)
	if !ok {
		r.g.violate("a commit of the test has a path that is both a file and a folder")
	}
	return r.newCommit(commit{tree: tree, parents: parents, message: "Commit of the test"}, "octocat").sha
}

// commit returns a commit that a test names. A name that is none gets an empty
// commit and fails the test.
func (r *Repo) commit(sha string) *commit {
	if c := r.objects.commits[sha]; c != nil {
		return c
	}
	r.g.violate("%s has no commit %q", r.fullName, sha)
	return &commit{}
}

// newCommit stores a commit of now by login, unless it has an author.
func (r *Repo) newCommit(c commit, login string) *commit {
	if c.author.name == "" {
		c.author.name, c.author.email = login, login+"@users.noreply.github.com"
	}
	if c.author.when.IsZero() {
		c.author.when = r.g.tick()
	}
	return r.objects.addCommit(c)
}

// Tip returns the commit of a branch, "" if there is no such branch.
func (r *Repo) Tip(branch string) string {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	return r.refs["refs/heads/"+branch]
}

// Files returns the files of a branch or commit, by path; nil if there is no such
// revision.
func (r *Repo) Files(revision string) map[string]string {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	c := r.resolve(revision)
	if c == nil {
		return nil
	}
	files := map[string]string{}
	for path, e := range r.objects.files(c.tree) {
		files[path] = string(r.objects.blobs[e.sha])
	}
	return files
}

// Commit is what [Repo.Log] tells of a commit.
type Commit struct {
	SHA, Message string
	Parents      []string
	Author       string // login or name
	Verified     bool   // signed by GitHub
}

// Log returns a branch or commit and what came before it along first parents,
// newest first.
func (r *Repo) Log(revision string) []Commit {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	var list []Commit
	for c := r.resolve(revision); c != nil; {
		list = append(list, Commit{
			SHA: c.sha, Message: c.message, Parents: slices.Clone(c.parents), Author: c.author.name, Verified: c.signed,
		})
		if len(c.parents) == 0 {
			break
		}
		c = r.objects.commits[c.parents[0]]
	}
	return list
}

var fullHash = regexp.MustCompile(`^[0-9a-f]{40}$`)

// resolve returns the commit that a request means, nil if there is none.
func (r *Repo) resolve(revision string) *commit {
	if fullHash.MatchString(revision) {
		return r.objects.commits[revision]
	}
	if revision == "" || revision == "HEAD" {
		revision = defaultBranch
	}
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/", ""} {
		if sha, ok := r.refs[prefix+revision]; ok {
			return r.objects.commits[sha]
		}
	}
	return nil
}

// json is what every answer about a repository holds.
func (r *Repo) json() object {
	return repoJSON(r.fullName, r.id)
}

func getRepo(c *call) answer { return found(c.repo.json()) }

func repoJSON(fullName string, id int64) object {
	owner, name, _ := strings.Cut(fullName, "/")
	return object{
		"id": id, "node_id": fmt.Sprintf("R_%d", id), "name": name, "full_name": fullName, "owner": userJSON(owner),
		"private": false, "default_branch": defaultBranch, "html_url": "https://github.example/" + fullName,
	}
}
