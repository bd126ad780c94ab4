// Package fakegitlab is a small GitLab for tests: one merge request with its notes. It
// has state, so that what one request writes another one reads; it fails the test when
// a request is not as GitLab's description of its REST API has it, and answers a
// request differently when a test says so.
package fakegitlab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const (
	// Token is what every request must carry, and nothing else may hold.
	Token = "glpat-Token0123456789"
	// Login is whom the token belongs to: the bot of a project access token.
	Login = "project_9_bot_0123456789abcdef"
	// maxNote is the longest note, in characters: docs.gitlab.com, application limits.
	maxNote = 1_000_000
	// firstID is the number of the first note; they are unique in all of GitLab.
	firstID = 3001
)

// The paths of the API that the fake has.
const (
	root      = "/api/v4/"
	request   = "projects/9/merge_requests/3"
	notesPath = request + "/notes"
)

// User is the author of a note.
type User struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
}

// Note is a comment, or what GitLab itself says of a change.
type Note struct {
	ID     int64  `json:"id"`
	Body   string `json:"body"`
	System bool   `json:"system"`
	Author User   `json:"author"`
}

// Answer answers a request instead of the fake; it returns false to let the fake
// answer all the same.
type Answer func(w http.ResponseWriter, r *http.Request) bool

// Server is the project 9 with its merge request 3. Set its fields before it is used,
// and read them when all requests are done.
type Server struct {
	Head     string // commit of the merge request
	Notes    []Note
	Requests []string // METHOD path below the API, in order, and whatever a test adds

	mu      sync.Mutex
	t       testing.TB
	answers map[string][]Answer // by METHOD path, each used once
	added   int64               // notes that there ever were
}

// Start serves until the test ends and returns the address of the API.
func (f *Server) Start(t testing.TB) string {
	f.t = t
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL + strings.TrimSuffix(root, "/")
}

// Log adds a line to the requests, for a test that counts pauses among them.
func (f *Server) Log(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Requests = append(f.Requests, line)
}

// Locked calls do while no request is served, for a test that looks at the fields or
// changes them in between.
func (f *Server) Locked(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// On makes the next request METHOD path be answered by answer.
func (f *Server) On(request string, answer Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answers == nil {
		f.answers = map[string][]Answer{}
	}
	f.answers[request] = append(f.answers[request], answer)
}

// Status answers with a code, a JSON text and headers NAME, VALUE, …
func Status(code int, text string, headers ...string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, text)
		return true
	}
}

// Cut lets the fake do what it was asked to, and answers with half a body.
func (f *Server) Cut(w http.ResponseWriter, r *http.Request) bool {
	full := httptest.NewRecorder()
	f.route(full, r)
	w.Header().Set("Content-Length", strconv.Itoa(full.Body.Len()))
	w.WriteHeader(full.Code)
	_, _ = w.Write(full.Body.Bytes()[:full.Body.Len()/2])
	return true
}

// Add enters a note of somebody.
func (f *Server) Add(login, body string) Note {
	f.added++
	n := Note{ID: firstID + f.added - 1, Body: body, Author: User{ID: int64(len(login)), Username: login}}
	f.Notes = append(f.Notes, n)
	return n
}

// ServeHTTP implements [http.Handler].
func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.Path, root)
	request := r.Method + " " + path
	f.Requests = append(f.Requests, request)
	if !ok {
		f.t.Errorf("%s is not below %s", request, root)
	}
	f.checkToken(r)
	if queue := f.answers[request]; len(queue) > 0 {
		f.answers[request] = queue[1:]
		if queue[0](w, r) {
			return
		}
	}
	f.route(w, r)
}

// checkToken demands the token in its header, and nowhere else.
func (f *Server) checkToken(r *http.Request) {
	if got := r.Header.Get("PRIVATE-TOKEN"); got != Token {
		f.t.Errorf("%s %s with the token %q", r.Method, r.URL.Path, got)
	}
	if strings.Contains(r.URL.String(), Token) || r.Header.Get("Authorization") != "" {
		f.t.Errorf("%s %s: the token is where it must not be", r.Method, r.URL)
	}
}

func (f *Server) route(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, root)
	id, isNote := strings.CutPrefix(path, notesPath+"/")
	switch {
	case path == "user" && r.Method == http.MethodGet:
		f.checkQuery(r, nil)
		answer(w, http.StatusOK, User{ID: 77, Username: Login})
	case path == request && r.Method == http.MethodGet:
		f.checkQuery(r, nil)
		answer(w, http.StatusOK, map[string]any{"iid": 3, "sha": f.Head, "web_url": "https://gitlab.example/g/p/-/merge_requests/3"})
	case path == notesPath && r.Method == http.MethodGet:
		f.list(w, r)
	case path == notesPath && r.Method == http.MethodPost:
		f.create(w, r)
	case isNote && (r.Method == http.MethodPut || r.Method == http.MethodDelete):
		f.change(w, r, id)
	default:
		f.t.Errorf("GitLab has no %s %s", r.Method, path)
		Status(http.StatusNotFound, `{"error":"404 Not Found"}`)(w, r)
	}
}

// queries are the parameters that the list of notes takes, with what each may be.
var queries = map[string]func(string) bool{
	"sort":     func(v string) bool { return v == "asc" || v == "desc" },
	"order_by": func(v string) bool { return v == "created_at" || v == "updated_at" },
	"page":     func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n >= 1 },
	"per_page": func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n >= 1 && n <= 100 },
}

func (f *Server) checkQuery(r *http.Request, allowed map[string]func(string) bool) {
	for name, values := range r.URL.Query() {
		if ok := allowed[name]; ok == nil || len(values) != 1 || !ok(values[0]) {
			f.t.Errorf("%s %s takes no %s=%q", r.Method, r.URL.Path, name, values)
		}
	}
}

// list answers a page, by default the newest notes first, with the headers of a page.
func (f *Server) list(w http.ResponseWriter, r *http.Request) {
	f.checkQuery(r, queries)
	q := r.URL.Query()
	all := slices.Clone(f.Notes)
	if q.Get("sort") != "asc" {
		slices.Reverse(all)
	}
	page, per := number(q.Get("page"), 1), number(q.Get("per_page"), 20)
	from := min((page-1)*per, len(all))
	to := min(from+per, len(all))
	next := ""
	if to < len(all) {
		next = strconv.Itoa(page + 1)
	}
	h := w.Header()
	h.Set("X-Page", strconv.Itoa(page))
	h.Set("X-Per-Page", strconv.Itoa(per))
	h.Set("X-Next-Page", next)
	h.Set("X-Total", strconv.Itoa(len(all)))
	answer(w, http.StatusOK, all[from:to])
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

// body reads the text of a note, and reports whether GitLab takes it.
func (f *Server) body(w http.ResponseWriter, r *http.Request) (string, bool) {
	var fields map[string]string
	err := json.NewDecoder(r.Body).Decode(&fields)
	text := fields["body"]
	if err != nil || len(fields) != 1 || text == "" || r.Header.Get("Content-Type") != "application/json" {
		f.t.Errorf("%s %s as %s: %d fields, %v; want a body in JSON", r.Method, r.URL.Path, r.Header.Get("Content-Type"), len(fields), err)
	}
	// GitLab obeys a line such as /merge, on behalf of the token.
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "/") {
			f.t.Errorf("%s %s: GitLab would obey %q", r.Method, r.URL.Path, line)
		}
	}
	if utf8.RuneCountInString(text) > maxNote {
		Status(http.StatusBadRequest, `{"message":{"note":["is too long (maximum is 1000000 characters)"]}}`)(w, r)
		return "", false
	}
	return text, true
}

func (f *Server) create(w http.ResponseWriter, r *http.Request) {
	f.checkQuery(r, nil)
	if text, ok := f.body(w, r); ok {
		answer(w, http.StatusCreated, f.Add(Login, text))
	}
}

func (f *Server) change(w http.ResponseWriter, r *http.Request, id string) {
	f.checkQuery(r, nil)
	i := slices.IndexFunc(f.Notes, func(n Note) bool { return strconv.FormatInt(n.ID, 10) == id })
	if i < 0 {
		Status(http.StatusNotFound, `{"message":"404 Note Not Found"}`)(w, r)
		return
	}
	if r.Method == http.MethodDelete {
		f.Notes = slices.Delete(f.Notes, i, i+1)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if text, ok := f.body(w, r); ok {
		f.Notes[i].Body = text
		answer(w, http.StatusOK, f.Notes[i])
	}
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}
