package fakegithub

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// operations are those of testdata/operations.txt, which the description has.
var operations = map[string]func(*call) answer{
	"GET /user":                 getUser,
	"GET /repos/{owner}/{repo}": getRepo,
	"GET /repos/{owner}/{repo}/issues/{issue_number}/comments":                   listComments,
	"POST /repos/{owner}/{repo}/issues/{issue_number}/comments":                  createComment,
	"PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}":                   editComment,
	"DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}":                  deleteComment,
	"GET /repos/{owner}/{repo}/pulls":                                            listPulls,
	"POST /repos/{owner}/{repo}/pulls":                                           createPull,
	"GET /repos/{owner}/{repo}/pulls/{pull_number}":                              getPull,
	"GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls":                       pullsOfCommit,
	"GET /repos/{owner}/{repo}/compare/{basehead}":                               compare,
	"GET /repos/{owner}/{repo}/git/commits/{commit_sha}":                         getGitCommit,
	"POST /repos/{owner}/{repo}/git/commits":                                     createCommit,
	"POST /repos/{owner}/{repo}/git/trees":                                       createTree,
	"GET /repos/{owner}/{repo}/git/ref/{ref}":                                    getRef,
	"POST /repos/{owner}/{repo}/git/refs":                                        createRef,
	"PATCH /repos/{owner}/{repo}/git/refs/{ref}":                                 updateRef,
	"GET /repos/{owner}/{repo}/contents/{path}":                                  getContents,
	"PUT /repos/{owner}/{repo}/contents/{path}":                                  putContents,
	"POST /repos/{owner}/{repo}/statuses/{sha}":                                  createStatus,
	"POST /repos/{owner}/{repo}/check-runs":                                      createCheck,
	"PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}":                      updateCheck,
	"GET /repos/{owner}/{repo}/actions/runs/{run_id}":                            getRun,
	"GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts":                  listArtifacts,
	"GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}": downloadArtifact,
}

// operation is one that GitHub describes and the fake has.
type operation struct {
	method, path string
	pattern      *regexp.Regexp // of the escaped path
	params       []string       // in the order of their groups in the pattern
	handle       func(*call) answer

	doc  *openapi3.T
	item *openapi3.PathItem
	spec *openapi3.Operation
}

// routes returns all operations, those whose path has more fixed parts first: of
// .../commits/{ref} and .../commits/{ref}/status the latter must be asked first.
var routes = sync.OnceValues(func() ([]*operation, error) {
	doc, err := description()
	if err != nil {
		return nil, fmt.Errorf("testdata/api.github.com.json: %w", err)
	}
	var list []*operation
	for name, handle := range operations {
		method, path, _ := strings.Cut(name, " ")
		item := doc.Paths.Value(path)
		if item == nil || item.GetOperation(method) == nil {
			return nil, fmt.Errorf("testdata/api.github.com.json: %s is not described", name)
		}
		o := &operation{method: method, path: path, handle: handle, doc: doc, item: item, spec: item.GetOperation(method)}
		o.compile()
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(b.fixed(), a.fixed()), strings.Compare(a.path, b.path), strings.Compare(a.method, b.method))
	})
	return list, nil
})

// fixed counts the parts of the path that are no parameters.
func (o *operation) fixed() int { return strings.Count(o.path, "/") - len(o.params) }

// slashed are the parameters that may hold slashes, which OpenAPI has no way to say.
var slashed = []string{"path", "ref", "basehead"}

// compile makes the pattern.
func (o *operation) compile() {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimPrefix(o.path, "/"), "/") {
		name, isParam := strings.CutPrefix(part, "{")
		if !isParam {
			b.WriteString("/" + regexp.QuoteMeta(part))
			continue
		}
		name = strings.TrimSuffix(name, "}")
		o.params = append(o.params, name)
		if slices.Contains(slashed, name) {
			b.WriteString("/(.+)")
		} else {
			b.WriteString("/([^/]+)")
		}
	}
	o.pattern = regexp.MustCompile("^" + b.String() + "$") // made of quoted parts
}

// find returns the operation that a request asks for and sets the parameters of its
// path; nil if there is none.
func find(list []*operation, r *http.Request) *operation {
	for _, o := range list {
		values := o.pattern.FindStringSubmatch(r.URL.EscapedPath())
		if o.method != r.Method || values == nil {
			continue
		}
		for i, name := range o.params {
			value, err := url.PathUnescape(values[i+1])
			if err != nil {
				return nil
			}
			r.SetPathValue(name, value)
		}
		return o
	}
	return nil
}
