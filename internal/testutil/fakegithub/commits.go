package fakegithub

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

func noCommit(sha string) answer {
	return refused(http.StatusUnprocessableEntity, "No commit found for SHA: %s", sha)
}

func personJSON(p person) object {
	return object{"name": p.name, "email": p.email, "date": p.when}
}

// reason is what GitHub gives for a signature that it checked or missed.
func (c *commit) reason() string {
	if c.signed {
		return "valid"
	}
	return "unsigned"
}

func (r *Repo) gitCommitJSON(c *commit) object {
	return object{
		"sha": c.sha, "node_id": "C_" + c.sha, "message": c.message, "tree": object{"sha": c.tree},
		"author": personJSON(c.author), "committer": personJSON(c.author), "parents": parentsJSON(c),
		"url":          r.g.URL + "/repos/" + r.fullName + "/git/commits/" + c.sha,
		"verification": object{"verified": c.signed, "reason": c.reason()},
	}
}

func parentsJSON(c *commit) []any {
	return objectsOf(c.parents, func(sha string) object { return object{"sha": sha} })
}

// commitJSON is a commit as it stands in the list of a repository's commits.
func (r *Repo) commitJSON(c *commit) object {
	return object{
		"sha": c.sha, "node_id": "C_" + c.sha, "parents": parentsJSON(c), "author": nil, "committer": nil,
		"url": r.g.URL + "/repos/" + r.fullName + "/commits/" + c.sha,
		"commit": object{
			"message": c.message, "author": personJSON(c.author), "committer": personJSON(c.author), "tree": object{"sha": c.tree},
		},
	}
}

func getGitCommit(c *call) answer {
	at := c.repo.objects.commits[c.r.PathValue("commit_sha")]
	if at == nil {
		return notFound()
	}
	return found(c.repo.gitCommitJSON(at))
}

func createCommit(c *call) answer {
	var in struct {
		Message, Tree     string
		Parents           []string
		Author, Committer *struct {
			Name, Email string
			Date        time.Time
		}
	}
	c.decode(&in)
	if _, ok := c.repo.objects.trees[in.Tree]; !ok {
		return refused(http.StatusUnprocessableEntity, "Tree SHA does not exist")
	}
	for _, p := range in.Parents {
		if c.repo.objects.commits[p] == nil {
			return refused(http.StatusUnprocessableEntity, "Parent SHA does not exist or is not a commit object")
		}
	}
	made := commit{tree: in.Tree, parents: in.Parents, message: in.Message}
	if in.Author != nil {
		made.author = person{in.Author.Name, in.Author.Email, in.Author.Date}
	}
	made.signed = c.who.isApp && in.Author == nil && in.Committer == nil
	return created(c.repo.gitCommitJSON(c.repo.newCommit(made, c.who.login)))
}

// compare answers for BASE...HEAD of one repository.
func compare(c *call) answer {
	from, to, ok := strings.Cut(c.r.PathValue("basehead"), "...")
	base, head := c.repo.resolve(from), c.repo.resolve(to)
	if !ok || base == nil || head == nil {
		return notFound()
	}
	o := &c.repo.objects
	fork := o.mergeBase(base.sha, head.sha)
	if fork == nil {
		return refused(http.StatusNotFound, "No common ancestor between %s and %s.", from, to)
	}
	ahead, behind := o.only(head.sha, base.sha), o.only(base.sha, head.sha)
	part, header := page(c, ahead)
	return answer{status: http.StatusOK, header: header, body: object{
		"status": direction(len(ahead), len(behind)), "ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead),
		"base_commit": c.repo.commitJSON(base), "merge_base_commit": c.repo.commitJSON(fork),
		"commits": objectsOf(part, c.repo.commitJSON), "files": []any{},
	}}
}

func direction(ahead, behind int) string {
	switch {
	case ahead > 0 && behind > 0:
		return "diverged"
	case ahead > 0:
		return "ahead"
	case behind > 0:
		return "behind"
	}
	return "identical"
}

// only returns the commits in the history of a and not in that of b, oldest first.
func (o *objects) only(a, b string) []*commit {
	without := o.history(b)
	var list []*commit
	for sha := range maps.Keys(o.history(a)) {
		if !without[sha] {
			list = append(list, o.commits[sha])
		}
	}
	slices.SortFunc(list, func(a, b *commit) int {
		if d := a.author.when.Compare(b.author.when); d != 0 {
			return d
		}
		return strings.Compare(a.sha, b.sha)
	})
	return list
}
