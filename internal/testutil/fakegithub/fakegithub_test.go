package fakegithub

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	gh "github.com/google/go-github/v60/github"
)

// recorder is a test whose failures another test looks at.
type recorder struct {
	testing.TB
	mu     sync.Mutex
	errors []string
	last   []func()
}

func (r *recorder) Helper()           {}
func (r *recorder) Cleanup(do func()) { r.last = append(r.last, do) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// finish ends the recorded test, if it has not ended, and returns its failures.
func (r *recorder) finish() []string {
	for _, do := range slices.Backward(r.last) {
		do()
	}
	r.last = nil
	return r.errors
}

// with is an HTTP client that sends a token to wherever it goes, as go-github's does.
type with string

func (token with) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+string(token))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// client returns a go-github client of a fake.
func client(t *testing.T, g *GitHub, token string) *gh.Client {
	t.Helper()
	c := gh.NewClient(&http.Client{Transport: with(token)})
	base, err := url.Parse(g.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	c.BaseURL = base
	return c
}

// start returns a fake with the repository o/r, which has a pull request 7 from base
// to head, and a client with the token of a workflow.
func start(t *testing.T) (g *GitHub, r *Repo, c *gh.Client, base, head string) {
	t.Helper()
	g = New(t)
	r = g.AddRepo("o/r")
	base = r.Commit("main", "base.json", "{}\n", "dir/a", "A", "dir/sub/b", "B")
	head = r.AddCommit([]string{base}, "dir/a", "changed")
	r.AddPull(Pull{Number: 7, HeadSHA: head})
	return g, r, client(t, g, Token), base, head
}

// wantError demands that a request was refused: STATUS MESSAGE [RESOURCE FIELD CODE
// MESSAGE], the latter for each field.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	got := fmt.Sprint(err)
	if e, ok := errors.AsType[*gh.ErrorResponse](err); ok {
		got = fmt.Sprintf("%d %s", e.Response.StatusCode, e.Message)
		for _, f := range e.Errors {
			got += " [" + strings.TrimSpace(strings.Join([]string{f.Resource, f.Field, f.Code, f.Message}, " ")) + "]"
		}
	}
	if got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// The three lists of operations are one.
func TestOperations(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/operations.txt")
	check(t, "reading", err)
	listed := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(listed)
	doc, err := description()
	check(t, "loading", err)
	var described, handled []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	for name := range operations {
		handled = append(handled, name)
	}
	slices.Sort(described)
	slices.Sort(handled)
	diff(t, "described", listed, described)
	diff(t, "handled", listed, handled)
	if err := doc.Validate(t.Context()); err != nil {
		t.Errorf("the description is not valid: %v", err)
	}
	if got := doc.Info.Version; got != "23.0.2" {
		t.Errorf("version %s of the description", got)
	}
}

func request(t *testing.T, c *gh.Client, path string) *http.Request {
	t.Helper()
	r, err := c.NewRequest("GET", path, nil)
	check(t, "request", err)
	return r
}

// field is a writer that keeps one field of JSON, for what go-github does not read.
type field struct {
	to   *string
	name string
	data []byte
}

func writeField(to *string, name string) *field { return &field{to: to, name: name} }

func (f *field) Write(data []byte) (int, error) {
	f.data = append(f.data, data...)
	var all map[string]any
	if json.Unmarshal(f.data, &all) == nil {
		*f.to, _ = all[f.name].(string)
	}
	return len(data), nil
}
