package fakegithub

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Pull is a pull request.
type Pull struct {
	Number      int // 0 = the next
	Title, Body string
	State       string // open or closed; "" = open
	Author      string // "" = octocat
	HeadRepo    string // OWNER/NAME of the fork; "" = the repository itself
	ForkDeleted bool   // so that the head has no repository
	HeadBranch  string // "" = change
	HeadSHA     string // "" = the tip of the branch
	BaseBranch  string // "" = main
	BaseSHA     string // "" = the tip of the branch
}

// AddPull opens a pull request and returns it with all fields filled. The commits of
// a fork are in the repository too, as [Repo.AddCommit] makes them.
func (r *Repo) AddPull(p Pull) Pull {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	p.HeadRepo = cmp.Or(p.HeadRepo, r.fullName)
	p.HeadBranch = cmp.Or(p.HeadBranch, "change")
	if p.HeadSHA == "" {
		p.HeadSHA = r.refs["refs/heads/"+p.HeadBranch]
	}
	r.commit(p.HeadSHA)
	if p.HeadRepo == r.fullName {
		r.refs["refs/heads/"+p.HeadBranch] = p.HeadSHA
	}
	return *r.addPull(p)
}

func (r *Repo) addPull(p Pull) *Pull {
	p.Number = cmp.Or(p.Number, len(r.pulls)+1)
	p.Title = cmp.Or(p.Title, "A change")
	p.State = cmp.Or(p.State, "open")
	p.Author = cmp.Or(p.Author, "octocat")
	p.BaseBranch = cmp.Or(p.BaseBranch, defaultBranch)
	p.BaseSHA = cmp.Or(p.BaseSHA, r.refs["refs/heads/"+p.BaseBranch])
	r.pulls = append(r.pulls, &p)
	return &p
}

// MovePull pushes a commit to the head of a pull request.
func (r *Repo) MovePull(number int, sha string) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	p := r.pull(number)
	if p == nil {
		r.g.violate("the test moves pull request %d, which does not exist", number)
		return
	}
	r.commit(sha)
	p.HeadSHA = sha
	if p.HeadRepo == r.fullName {
		r.refs["refs/heads/"+p.HeadBranch] = sha
	}
}

// ClosePull closes a pull request, whose head stays what it is now.
func (r *Repo) ClosePull(number int) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	p := r.pull(number)
	if p == nil {
		r.g.violate("the test closes pull request %d, which does not exist", number)
		return
	}
	p.HeadSHA, p.State = r.head(p), "closed"
}

// Pulls returns all pull requests, in the order in which they were opened.
func (r *Repo) Pulls() []Pull {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	list := make([]Pull, len(r.pulls))
	for i, p := range r.pulls {
		list[i] = *p
		list[i].HeadSHA = r.head(p)
	}
	return list
}

func (r *Repo) pull(number int) *Pull {
	i := slices.IndexFunc(r.pulls, func(p *Pull) bool { return p.Number == number })
	if i < 0 {
		return nil
	}
	return r.pulls[i]
}

// head returns the commit of a pull request. An open one follows its branch.
func (r *Repo) head(p *Pull) string {
	if tip := r.refs["refs/heads/"+p.HeadBranch]; p.HeadRepo == r.fullName && p.State == "open" && tip != "" {
		p.HeadSHA = tip
	}
	return p.HeadSHA
}

func (r *Repo) pullJSON(p *Pull) object {
	made := r.g.now
	headOwner, _, _ := strings.Cut(p.HeadRepo, "/")
	baseOwner, _, _ := strings.Cut(r.fullName, "/")
	id := r.id*1000 + int64(p.Number)
	var headRepo any
	switch {
	case p.HeadRepo == r.fullName:
		headRepo = r.json()
	case !p.ForkDeleted:
		fork := repoJSON(p.HeadRepo, r.id+forkID)
		fork["fork"] = true
		headRepo = fork
	}
	return object{
		"id": id, "node_id": fmt.Sprintf("PR_%d", id), "number": p.Number, "title": p.Title, "body": p.Body, "state": p.State,
		"url":      fmt.Sprintf("%s/repos/%s/pulls/%d", r.g.URL, r.fullName, p.Number),
		"html_url": fmt.Sprintf("https://github.example/%s/pull/%d", r.fullName, p.Number),
		"user":     userJSON(p.Author), "locked": r.locked[p.Number], "created_at": made, "updated_at": made,
		"head": object{
			"label": headOwner + ":" + p.HeadBranch, "ref": p.HeadBranch, "sha": r.head(p), "user": userJSON(headOwner), "repo": headRepo,
		},
		"base": object{
			"label": baseOwner + ":" + p.BaseBranch, "ref": p.BaseBranch, "sha": p.BaseSHA, "user": userJSON(baseOwner), "repo": r.json(),
		},
	}
}

func getPull(c *call) answer {
	p := c.repo.pull(int(c.id("pull_number")))
	if p == nil {
		return notFound()
	}
	return found(c.repo.pullJSON(p))
}

func listPulls(c *call) answer {
	query := c.r.URL.Query()
	state, base, head := cmp.Or(query.Get("state"), "open"), query.Get("base"), query.Get("head")
	var list []*Pull
	for _, p := range c.repo.pulls {
		switch {
		case state != "all" && state != p.State, base != "" && base != p.BaseBranch:
			continue
		case strings.Contains(head, ":") && head != p.label(): // without an owner GitHub does not filter
			continue
		}
		list = append(list, p)
	}
	if query.Get("direction") != "asc" {
		slices.Reverse(list)
	}
	return c.pulls(list)
}

// label is the head as OWNER:BRANCH.
func (p *Pull) label() string {
	owner, _, _ := strings.Cut(p.HeadRepo, "/")
	return owner + ":" + p.HeadBranch
}

func (c *call) pulls(list []*Pull) answer {
	part, header := page(c, list)
	return answer{status: http.StatusOK, header: header, body: objectsOf(part, c.repo.pullJSON)}
}

// pullsOfCommit lists the pull requests that brought or would bring a commit.
func pullsOfCommit(c *call) answer {
	r, sha := c.repo, c.r.PathValue("commit_sha")
	if r.objects.commits[sha] == nil {
		return noCommit(sha)
	}
	var list []*Pull
	for _, p := range r.pulls {
		if r.objects.history(r.head(p))[sha] && !r.objects.history(p.BaseSHA)[sha] {
			list = append(list, p)
		}
	}
	return c.pulls(list)
}

func createPull(c *call) answer {
	var in struct{ Title, Body, Head, Base string }
	c.decode(&in)
	r := c.repo
	owner, branch, forked := strings.Cut(in.Head, ":")
	if !forked {
		branch = in.Head
	} else if !strings.HasPrefix(r.fullName, owner+"/") {
		return invalid("PullRequest", "head", "invalid", "the fake opens no pull request from a fork")
	}
	head, base := r.refs["refs/heads/"+branch], r.refs["refs/heads/"+in.Base]
	p := Pull{
		Title: in.Title, Body: in.Body, Author: c.who.login, HeadRepo: r.fullName, HeadBranch: branch, HeadSHA: head,
		BaseBranch: in.Base, BaseSHA: base,
	}
	switch {
	case in.Title == "":
		return invalid("PullRequest", "title", "missing_field", "")
	case head == "":
		return invalid("PullRequest", "head", "invalid", "")
	case base == "":
		return invalid("PullRequest", "base", "invalid", "")
	case r.objects.history(base)[head]:
		return invalid("PullRequest", "", "custom", fmt.Sprintf("No commits between %s and %s", in.Base, branch))
	case slices.ContainsFunc(r.pulls, func(o *Pull) bool {
		return o.State == "open" && o.label() == p.label() && o.BaseBranch == in.Base
	}):
		return invalid("PullRequest", "", "custom", "A pull request already exists for "+p.label()+".")
	}
	return created(r.pullJSON(r.addPull(p)))
}
