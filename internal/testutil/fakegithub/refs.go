package fakegithub

import (
	"net/http"
	"strings"
)

func (r *Repo) refJSON(ref string) object {
	sha := r.refs[ref]
	return object{
		"ref": ref, "node_id": "REF_" + ref, "url": r.url("git/" + ref),
		"object": object{"type": "commit", "sha": sha, "url": r.url("git/commits/" + sha)},
	}
}

func getRef(c *call) answer {
	ref := "refs/" + c.r.PathValue("ref")
	if c.repo.refs[ref] == "" {
		return notFound()
	}
	return found(c.repo.refJSON(ref))
}

func createRef(c *call) answer {
	var in struct{ Ref, SHA string }
	c.decode(&in)
	switch {
	case !strings.HasPrefix(in.Ref, "refs/") || strings.Count(in.Ref, "/") < 2 || !isPath(in.Ref):
		return refused(http.StatusUnprocessableEntity, "%s is not a valid ref name.", in.Ref)
	case c.repo.refs[in.Ref] != "":
		return refused(http.StatusUnprocessableEntity, "Reference already exists")
	case c.repo.objects.commits[in.SHA] == nil:
		return refused(http.StatusUnprocessableEntity, "Object does not exist")
	}
	c.repo.refs[in.Ref] = in.SHA
	return created(c.repo.refJSON(in.Ref))
}

func updateRef(c *call) answer {
	var in struct {
		SHA   string
		Force bool
	}
	c.decode(&in)
	r, ref := c.repo, "refs/"+c.r.PathValue("ref")
	switch {
	case r.refs[ref] == "":
		return refused(http.StatusUnprocessableEntity, "Reference does not exist")
	case r.objects.commits[in.SHA] == nil:
		return refused(http.StatusUnprocessableEntity, "Object does not exist")
	case r.guarded[ref]:
		return refused(http.StatusUnprocessableEntity, ruleViolation)
	case !in.Force && !r.objects.history(in.SHA)[r.refs[ref]]:
		return refused(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	r.refs[ref] = in.SHA
	return found(r.refJSON(ref))
}

// ruleViolation is what a ruleset says of a direct write to a branch.
const ruleViolation = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"
