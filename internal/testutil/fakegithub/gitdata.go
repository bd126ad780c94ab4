package fakegithub

import (
	"encoding/base64"
	"net/http"
	"path"
	"strings"
)

// url is the address of a part of the repository.
func (r *Repo) url(path string) string { return r.g.URL + "/repos/" + r.fullName + "/" + path }

// decodeBase64 reads Base64 with or without line feeds.
func decodeBase64(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
}

func (r *Repo) treeJSON(sha string) object {
	return object{
		"sha": sha, "url": r.url("git/trees/" + sha), "truncated": false,
		"tree": objectsOf(r.objects.trees[sha], func(e entry) object {
			if e.isTree() {
				return object{"path": e.name, "mode": "040000", "type": "tree", "sha": e.sha}
			}
			return object{"path": e.name, "mode": e.mode, "type": "blob", "sha": e.sha, "size": len(r.objects.blobs[e.sha])}
		}),
	}
}

// treeLine is an entry that a new tree should have: a blob by hash or by content, a
// whole tree, or nothing any more when both are null.
type treeLine struct {
	Path, Mode, Type string
	SHA, Content     *string
}

func createTree(c *call) answer {
	var in struct {
		Base string `json:"base_tree"`
		Tree []treeLine
	}
	c.decode(&in)
	o := &c.repo.objects
	if _, ok := o.trees[in.Base]; in.Base != "" && !ok {
		return refused(http.StatusNotFound, "Not Found")
	}
	files := o.files(in.Base)
	for _, line := range in.Tree {
		if message := o.put(files, line); message != "" {
			return refused(http.StatusUnprocessableEntity, "%s", message)
		}
	}
	sha, ok := o.addTree(files)
	if !ok {
		return refused(http.StatusUnprocessableEntity, "tree.path is both a file and a folder")
	}
	return created(c.repo.treeJSON(sha))
}

// put changes files as a line of a tree says, and says what is wrong with it.
func (o *objects) put(files map[string]entry, line treeLine) string {
	switch {
	case !isPath(line.Path):
		return "tree.path contains a malformed path component"
	case line.SHA == nil && line.Content == nil:
		delete(files, line.Path)
	case line.Type == "tree" || line.Mode == "040000":
		if line.SHA == nil || o.trees[*line.SHA] == nil {
			return "tree.sha is not a valid tree"
		}
		for name, e := range o.files(*line.SHA) {
			files[line.Path+"/"+name] = e
		}
	case line.Content != nil:
		files[line.Path] = entry{mode: line.Mode, sha: o.addBlob([]byte(*line.Content))}
	case o.blobs[*line.SHA] == nil:
		return "tree.sha " + *line.SHA + " is not a valid blob"
	default:
		files[line.Path] = entry{mode: line.Mode, sha: *line.SHA}
	}
	return ""
}

// isPath reports whether git takes a text as the path of a file.
func isPath(text string) bool {
	if text == "" || strings.HasPrefix(text, "/") || path.Clean(text) != text {
		return false
	}
	for part := range strings.SplitSeq(text, "/") {
		if part == "." || part == ".." || strings.EqualFold(part, ".git") {
			return false
		}
	}
	return true
}
