package github

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"speedgate/internal/testutil/fakegithub"
)

// repo is the repository of a hub.
var repo = Repo{"o", "r"}

// hub is a fake GitHub whose repository has main with two files and pull request 7,
// with a client of it whose pauses take no time.
type hub struct {
	*fakegithub.GitHub
	*Client
	t          *testing.T
	repo       *fakegithub.Repo
	base, head string // of the pull request

	mu     sync.Mutex
	pauses []pause
}

// pause is a wait of a client after so many requests.
type pause struct {
	after int
	text  string
}

func start(t *testing.T) *hub {
	t.Helper()
	h := &hub{GitHub: fakegithub.New(t), t: t}
	h.repo = h.AddRepo("o/r")
	h.base = h.repo.Commit("main", "base.json", "0", "main.go", "package main")
	h.head = h.repo.AddCommit([]string{h.base}, "main.go", "changed")
	h.repo.AddPull(fakegithub.Pull{Number: 7, HeadSHA: h.head})
	h.Client = h.as(fakegithub.Token)
	return h
}

// as returns a client with a token. Its clock shows 1970-01-01 00:16:40.
func (h *hub) as(token string) *Client {
	h.t.Helper()
	c, err := New(Options{APIURL: h.URL, Token: token, Sleep: h.sleep, Now: func() time.Time { return time.Unix(1000, 0) }})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *hub) sleep(ctx context.Context, d time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pauses = append(h.pauses, pause{len(h.Lines()), "wait " + d.Round(100*time.Millisecond).String()})
	return ctx.Err()
}

// story returns the requests so far as METHOD PATH, with the pauses among them.
func (h *hub) story() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var lines []string
	for i, r := range h.Requests() {
		lines = append(lines, h.pausesAfter(i)...)
		lines = append(lines, r.Method+" "+strings.TrimPrefix(r.Path, "/repos/o/r/"))
	}
	return append(lines, h.pausesAfter(len(h.Lines()))...)
}

func (h *hub) pausesAfter(n int) []string {
	var lines []string
	for _, p := range h.pauses {
		if p.after == n {
			lines = append(lines, p.text)
		}
	}
	return lines
}

// writes returns the requests so far that are none for reading.
func (h *hub) writes() []string {
	return slices.DeleteFunc(h.Lines(), func(line string) bool { return strings.HasPrefix(line, "GET ") })
}

func (h *hub) file(branch, path string) string { return h.repo.Files(branch)[path] }

// on programs a fault for a request METHOD PATH of the repository, once.
func (h *hub) on(request string, f fakegithub.Fault) {
	method, path, _ := strings.Cut(request, " ")
	h.On(method+" /repos/o/r/"+path, 1, f)
}

// textOf returns the text of an error, "" for none.
func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
