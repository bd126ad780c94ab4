package fakegithub

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"path"
	"strings"
)

// maxContent is the size up to which the JSON of a file has its content.
const maxContent = 1 << 20

func getContents(c *call) answer {
	ref, name := c.r.URL.Query().Get("ref"), strings.TrimSuffix(c.r.PathValue("path"), "/")
	at := c.repo.resolve(ref)
	switch {
	case at == nil && ref == "":
		return refused(http.StatusNotFound, "This repository is empty.")
	case at == nil:
		return refused(http.StatusNotFound, "No commit found for the ref %s", ref)
	}
	e, ok := c.repo.objects.at(at.tree, name)
	switch {
	case !ok:
		return notFound()
	case c.wantsRaw() && !e.isTree():
		return answer{status: http.StatusOK, raw: c.repo.objects.blobs[e.sha], kind: "application/vnd.github.raw+json; charset=utf-8"}
	case e.isTree():
		return found(objectsOf(c.repo.objects.trees[e.sha], func(e entry) object {
			return c.repo.entryJSON(path.Join(name, e.name), e)
		}))
	}
	return found(c.repo.fileJSON(name, e))
}

// wantsRaw reports whether a request accepts the content itself instead of JSON.
func (c *call) wantsRaw() bool {
	accept := c.r.Header.Get("Accept")
	return strings.HasPrefix(accept, "application/vnd.github.raw") || strings.HasPrefix(accept, "application/vnd.github.v3.raw")
}

// entryJSON is a file or folder without its content.
func (r *Repo) entryJSON(name string, e entry) object {
	kind := "file"
	if e.isTree() {
		kind = "dir"
	}
	at := r.url("contents/" + name)
	return object{
		"type": kind, "name": path.Base(name), "path": name, "sha": e.sha, "size": len(r.objects.blobs[e.sha]),
		"url": at, "git_url": at, "html_url": at, "download_url": at, "_links": object{"self": at, "git": at, "html": at},
	}
}

func (r *Repo) fileJSON(name string, e entry) object {
	data := r.objects.blobs[e.sha]
	file := r.entryJSON(name, e)
	file["encoding"], file["content"] = "none", ""
	if len(data) <= maxContent {
		file["encoding"], file["content"] = "base64", base64.StdEncoding.EncodeToString(data)+"\n"
	}
	return file
}

// putContents creates or updates a file of a branch. The hash of the file that is
// replaced is compared and swapped.
func putContents(c *call) answer {
	var in struct {
		Message, Content, SHA, Branch string
		Author, Committer             *struct{ Name, Email string }
	}
	c.decode(&in)
	r, name := c.repo, c.r.PathValue("path")
	ref := "refs/heads/" + cmp.Or(strings.TrimPrefix(in.Branch, "refs/heads/"), defaultBranch)
	data, err := decodeBase64(in.Content)
	tip := r.objects.commits[r.refs[ref]]
	switch {
	case err != nil:
		return refused(http.StatusUnprocessableEntity, "content is not valid Base64")
	case !isPath(name):
		return refused(http.StatusUnprocessableEntity, "path contains a malformed path component")
	case tip == nil && len(r.refs) > 0:
		return refused(http.StatusNotFound, "Branch %s not found", strings.TrimPrefix(ref, "refs/heads/"))
	case r.guarded[ref]:
		return refused(http.StatusConflict, ruleViolation)
	}
	next := commit{message: in.Message, signed: c.who.isApp && in.Author == nil && in.Committer == nil}
	if in.Author != nil {
		next.author.name, next.author.email = in.Author.Name, in.Author.Email
	}
	files := map[string]entry{}
	if tip != nil { // else it is the first commit of an empty repository
		files, next.parents = r.objects.files(tip.tree), []string{tip.sha}
	}
	old, exists := files[name]
	if refusal, ok := swap(name, old.sha, in.SHA); !ok {
		return refusal
	}
	return c.replace(files, next, ref, name, data, exists)
}

// swap says whether a file with the hash old, "" if there is none, may be replaced
// by somebody who believes that it has the hash given.
func swap(name, old, given string) (answer, bool) {
	switch given {
	case old:
		return answer{}, true
	case "":
		return refused(http.StatusUnprocessableEntity, "Invalid request.\n\n\"sha\" wasn't supplied."), false
	}
	return refused(http.StatusConflict, "%s does not match %s", name, given), false
}

// replace commits files with a new content of one of them.
func (c *call) replace(files map[string]entry, next commit, ref, name string, data []byte, exists bool) answer {
	r := c.repo
	e := entry{mode: fileMode, sha: r.objects.addBlob(data)}
	files[name] = e
	tree, ok := r.objects.addTree(files)
	if !ok {
		return refused(http.StatusUnprocessableEntity, "path is a folder, or below a file")
	}
	next.tree = tree
	made := r.newCommit(next, c.who.login)
	r.refs[ref] = made.sha
	body := object{"content": r.entryJSON(name, e), "commit": r.gitCommitJSON(made)}
	if exists {
		return found(body)
	}
	return created(body)
}
