package fakegithub

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Answer answers a request instead of the fake; it returns false to let the fake
// answer all the same.
type Answer func(w http.ResponseWriter, r *http.Request) bool

// Server is a smaller fake without a contract: the repository o/r with its pull request 7. Set its fields before it is
// used, and read them when all requests are done.
type Server struct {
	Head     string // commit of the pull request
	Login    string // whom the token belongs to; "" = a workflow's token, which may not ask
	Comments []Comment
	Files    map[string][]byte   // by REF:PATH for a fixed revision, or PATH for any
	Parents  map[string][]string // of commits
	Statuses []map[string]string
	Requests []string // METHOD path, in order, and whatever a test adds

	mu      sync.Mutex
	t       testing.TB
	answers map[string][]Answer // by METHOD path, each used once
}

// Start serves until the test ends and returns the address of the API.
func (f *Server) Start(t testing.TB) string {
	f.t = t
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
}

// Log adds a line to the requests, for a test that counts pauses among them.
func (f *Server) Log(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Requests = append(f.Requests, line)
}

// Locked calls do while no request is served, for a test that looks at the fields
// or changes them in between.
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

// Status answers with a status and headers NAME, VALUE, …
func Status(code int, message string, headers ...string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"message": %q}`, message)
		return true
	}
}

// ServeHTTP implements [http.Handler].
func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	request := r.Method + " " + r.URL.Path
	f.Requests = append(f.Requests, request)
	if strings.Contains(r.URL.String(), Token) {
		f.t.Errorf("the token is in the address %s", r.URL)
	}
	if r.Header.Get("Authorization") != "Bearer "+Token {
		f.t.Errorf("%s without the token", request)
	}
	if queue := f.answers[request]; len(queue) > 0 {
		f.answers[request] = queue[1:]
		if queue[0](w, r) {
			return
		}
	}
	f.route(w, r)
}

func (f *Server) route(w http.ResponseWriter, r *http.Request) {
	const repo = "/repos/o/r/"
	path := strings.TrimPrefix(r.URL.Path, repo)
	switch {
	case r.URL.Path == "/user" && f.Login == "":
		Status(http.StatusForbidden, "Resource not accessible by integration")(w, r)
	case r.URL.Path == "/user":
		reply(w, http.StatusOK, map[string]string{"login": f.Login, "type": "User"})
	case path == "pulls/7":
		reply(w, http.StatusOK, map[string]any{"number": 7, "head": map[string]string{"sha": f.Head}})
	case path == "issues/7/comments":
		f.commentsOf(w, r)
	case strings.HasPrefix(path, "issues/comments/"):
		f.comment(w, r, strings.TrimPrefix(path, "issues/comments/"))
	case strings.HasPrefix(path, "contents/"):
		f.contents(w, r, strings.TrimPrefix(path, "contents/"))
	case strings.HasPrefix(path, "git/commits/"):
		f.commit(w, r, strings.TrimPrefix(path, "git/commits/"))
	case strings.HasPrefix(path, "statuses/"):
		var s map[string]string
		f.decode(r, &s)
		f.Statuses = append(f.Statuses, s)
		reply(w, http.StatusCreated, s)
	default:
		Status(http.StatusNotFound, "Not Found")(w, r)
	}
}

func (f *Server) commit(w http.ResponseWriter, r *http.Request, commit string) {
	parents, ok := f.Parents[commit]
	if !ok {
		Status(http.StatusNotFound, "Not Found")(w, r)
		return
	}
	list := make([]map[string]string, len(parents))
	for i, p := range parents {
		list[i] = map[string]string{"sha": p}
	}
	reply(w, http.StatusOK, map[string]any{"sha": commit, "parents": list})
}

func reply(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

func (f *Server) decode(r *http.Request, v any) {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		f.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
}

func (f *Server) commentsOf(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var c Comment
		f.decode(r, &c)
		login := f.Login
		if login == "" {
			login = Bot
		}
		reply(w, http.StatusCreated, f.Add(login, c.Body))
		return
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	from := min(max(page-1, 0)*per, len(f.Comments))
	to := min(from+per, len(f.Comments))
	if to < len(f.Comments) {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, max(page, 1)+1))
	}
	reply(w, http.StatusOK, f.Comments[from:to])
}

// Add enters a comment of somebody.
func (f *Server) Add(login, body string) Comment {
	c := Comment{ID: int64(len(f.Comments) + 100), Body: body}
	c.URL = fmt.Sprintf("https://github.example/o/r/pull/7#issuecomment-%d", c.ID)
	c.User.Login, c.User.Type = login, "User"
	if login == Bot {
		c.User.Type = "Bot"
	}
	f.Comments = append(f.Comments, c)
	return c
}

func (f *Server) comment(w http.ResponseWriter, r *http.Request, id string) {
	for i := range f.Comments {
		if strconv.FormatInt(f.Comments[i].ID, 10) != id {
			continue
		}
		switch r.Method {
		case http.MethodPatch:
			var c Comment
			f.decode(r, &c)
			f.Comments[i].Body = c.Body
			reply(w, http.StatusOK, f.Comments[i])
		case http.MethodDelete:
			f.Comments = append(f.Comments[:i], f.Comments[i+1:]...)
			w.WriteHeader(http.StatusNoContent)
		}
		return
	}
	Status(http.StatusNotFound, "Not Found")(w, r)
}

// contents serves files, with the hash of their content as compare-and-swap.
func (f *Server) contents(w http.ResponseWriter, r *http.Request, path string) {
	key := path
	if _, ok := f.Files[r.URL.Query().Get("ref")+":"+path]; ok {
		key = r.URL.Query().Get("ref") + ":" + path
	}
	old, exists := f.Files[key]
	if r.Method == http.MethodPut {
		f.put(w, r, path, old, exists)
		return
	}
	switch {
	case !exists:
		Status(http.StatusNotFound, "Not Found")(w, r)
	case strings.Contains(r.Header.Get("Accept"), "raw"):
		_, _ = w.Write(old)
	default:
		encoding, content := "base64", base64.StdEncoding.EncodeToString(old)
		if len(old) > 1<<20 {
			encoding, content = "none", ""
		}
		reply(w, http.StatusOK, map[string]any{"type": "file", "encoding": encoding, "content": content, "sha": hash(old)})
	}
}

func (f *Server) put(w http.ResponseWriter, r *http.Request, path string, old []byte, exists bool) {
	var in struct{ Message, Content, SHA, Branch string }
	f.decode(r, &in)
	data, err := base64.StdEncoding.DecodeString(in.Content)
	if err != nil || in.Message == "" || in.Branch == "" {
		f.t.Errorf("PUT %s: %+v, %v", path, in, err)
	}
	switch {
	case exists && in.SHA == "":
		Status(http.StatusUnprocessableEntity, `Invalid request. "sha" wasn't supplied.`)(w, r)
	case exists && in.SHA != hash(old):
		Status(http.StatusConflict, path+" does not match "+in.SHA)(w, r)
	default:
		f.Files[path] = data
		reply(w, http.StatusOK, map[string]any{"content": map[string]string{"sha": hash(data)}})
	}
}

func hash(data []byte) string {
	sum := sha1.Sum(data)
	return hex.EncodeToString(sum[:])
}
