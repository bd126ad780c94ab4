package github

import (
	"context"
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
	"time"
)

const secret = "ghs_secret"

// comment is a comment of the fake.
type comment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
	URL  string `json:"html_url"`
	User struct {
		Login string `json:"login"`
		Type  string `json:"type"`
	} `json:"user"`
}

// fake is the part of GitHub that the client speaks to, with its state.
type fake struct {
	t  *testing.T
	mu sync.Mutex

	head     string // of the pull request
	comments []comment
	login    string // whom the token belongs to; "" = a workflow's token, which may not ask
	files    map[string][]byte
	statuses []map[string]string

	requests []string
	answers  map[string][]func(w http.ResponseWriter, r *http.Request) bool // by METHOD path, each used once; true = answered
}

// start serves the fake and returns a client of it whose pauses take no time.
func (f *fake) start(t *testing.T) *Client {
	t.Helper()
	f.t = t
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := New(Options{
		APIURL: server.URL, Token: secret,
		Sleep: func(ctx context.Context, d time.Duration) error {
			f.mu.Lock()
			f.requests = append(f.requests, "wait "+d.Round(100*time.Millisecond).String())
			f.mu.Unlock()
			return ctx.Err()
		},
		Now: func() time.Time { return time.Unix(1000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fake) on(request string, answer func(w http.ResponseWriter, r *http.Request) bool) {
	if f.answers == nil {
		f.answers = map[string][]func(http.ResponseWriter, *http.Request) bool{}
	}
	f.answers[request] = append(f.answers[request], answer)
}

// status answers a request with a status and headers NAME, VALUE, …
func status(code int, message string, headers ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"message": %q}`, message)
		return true
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	request := r.Method + " " + r.URL.Path
	f.requests = append(f.requests, request)
	if strings.Contains(r.URL.String(), secret) {
		f.t.Errorf("the token is in the address %s", r.URL)
	}
	if r.Header.Get("Authorization") != "Bearer "+secret {
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

func (f *fake) route(w http.ResponseWriter, r *http.Request) {
	const repo = "/repos/o/r/"
	path := strings.TrimPrefix(r.URL.Path, repo)
	switch {
	case r.URL.Path == "/user" && f.login == "":
		status(http.StatusForbidden, "Resource not accessible by integration")(w, r)
	case r.URL.Path == "/user":
		answer(w, http.StatusOK, map[string]string{"login": f.login, "type": "User"})
	case path == "pulls/7":
		answer(w, http.StatusOK, map[string]any{"number": 7, "head": map[string]string{"sha": f.head}})
	case path == "issues/7/comments":
		f.commentsOf(w, r)
	case strings.HasPrefix(path, "issues/comments/"):
		f.comment(w, r, strings.TrimPrefix(path, "issues/comments/"))
	case strings.HasPrefix(path, "contents/"):
		f.contents(w, r, strings.TrimPrefix(path, "contents/"))
	case strings.HasPrefix(path, "statuses/"):
		var s map[string]string
		f.decode(r, &s)
		f.statuses = append(f.statuses, s)
		answer(w, http.StatusCreated, s)
	default:
		status(http.StatusNotFound, "Not Found")(w, r)
	}
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fake) decode(r *http.Request, v any) {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		f.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
}

func (f *fake) commentsOf(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var c comment
		f.decode(r, &c)
		login := f.login
		if login == "" {
			login = actionsBot
		}
		answer(w, http.StatusCreated, f.add(login, c.Body))
		return
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	from := min(max(page-1, 0)*per, len(f.comments))
	to := min(from+per, len(f.comments))
	if to < len(f.comments) {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, max(page, 1)+1))
	}
	answer(w, http.StatusOK, f.comments[from:to])
}

// add enters a comment of somebody.
func (f *fake) add(login, body string) comment {
	c := comment{ID: int64(len(f.comments) + 100), Body: body}
	c.URL = fmt.Sprintf("https://github.example/o/r/pull/7#issuecomment-%d", c.ID)
	c.User.Login, c.User.Type = login, "User"
	if login == actionsBot {
		c.User.Type = "Bot"
	}
	f.comments = append(f.comments, c)
	return c
}

func (f *fake) comment(w http.ResponseWriter, r *http.Request, id string) {
	for i := range f.comments {
		if strconv.FormatInt(f.comments[i].ID, 10) != id {
			continue
		}
		switch r.Method {
		case http.MethodPatch:
			var c comment
			f.decode(r, &c)
			f.comments[i].Body = c.Body
			answer(w, http.StatusOK, f.comments[i])
		case http.MethodDelete:
			f.comments = append(f.comments[:i], f.comments[i+1:]...)
			w.WriteHeader(http.StatusNoContent)
		}
		return
	}
	status(http.StatusNotFound, "Not Found")(w, r)
}

// contents serves files, with the hash of their content as compare-and-swap.
func (f *fake) contents(w http.ResponseWriter, r *http.Request, path string) {
	old, exists := f.files[path]
	if r.Method == http.MethodPut {
		f.put(w, r, path, old, exists)
		return
	}
	switch {
	case !exists:
		status(http.StatusNotFound, "Not Found")(w, r)
	case strings.Contains(r.Header.Get("Accept"), "raw"):
		_, _ = w.Write(old)
	default:
		encoding, content := "base64", base64.StdEncoding.EncodeToString(old)
		if len(old) > 1<<20 {
			encoding, content = "none", ""
		}
		answer(w, http.StatusOK, map[string]any{"type": "file", "encoding": encoding, "content": content, "sha": hash(old)})
	}
}

func (f *fake) put(w http.ResponseWriter, r *http.Request, path string, old []byte, exists bool) {
	var in struct{ Message, Content, SHA, Branch string }
	f.decode(r, &in)
	data, err := base64.StdEncoding.DecodeString(in.Content)
	if err != nil || in.Message == "" || in.Branch == "" {
		f.t.Errorf("PUT %s: %+v, %v", path, in, err)
	}
	switch {
	case exists && in.SHA == "":
		status(http.StatusUnprocessableEntity, `Invalid request. "sha" wasn't supplied.`)(w, r)
	case exists && in.SHA != hash(old):
		status(http.StatusConflict, path+" does not match "+in.SHA)(w, r)
	default:
		f.files[path] = data
		answer(w, http.StatusOK, map[string]any{"content": map[string]string{"sha": hash(data)}})
	}
}

func hash(data []byte) string {
	sum := sha1.Sum(data)
	return hex.EncodeToString(sum[:])
}
