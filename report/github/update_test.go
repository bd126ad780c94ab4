package github

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gh "github.com/google/go-github/v60/github"

	"speedgate/internal/testutil/fakegithub"
)

// to returns a change to a text.
func to(text string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(text), nil }
}

// adding returns a change that adds a run to a baseline, once.
func adding(run string) func([]byte) ([]byte, error) {
	return func(old []byte) ([]byte, error) {
		runs := strings.Fields(string(old))
		if !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
		return []byte(strings.Join(runs, " ")), nil
	}
}

// TestUpdateFileTogether demands that six writers at the same time lose nothing.
func TestUpdateFileTogether(t *testing.T) {
	t.Parallel()
	h := start(t)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			changed, err := h.as(fakegithub.Token).UpdateFile(t.Context(), repo, "main", "new.json", "refresh", adding(strconv.Itoa(i)))
			if !changed || err != nil {
				t.Errorf("writer %d: %v, %v", i, changed, err)
			}
		})
	}
	wg.Wait()
	kept := strings.Fields(h.file("main", "new.json"))
	slices.Sort(kept)
	if d := cmp.Diff([]string{"0", "1", "2", "3", "4", "5"}, kept); d != "" {
		t.Errorf("kept (-want +got):\n%s", d)
	}
	if log := h.repo.Log("main"); len(log) != 7 || !log[0].Verified || log[0].Message != "refresh" {
		t.Errorf("commits %+v", log)
	}
}

func TestUpdateFile(t *testing.T) {
	t.Parallel()
	const put = "PUT contents/base.json"
	same := func(old []byte) ([]byte, error) { return old, nil }
	cases := []struct {
		name    string
		before  func(h *hub)
		change  func([]byte) ([]byte, error)
		changed bool
		content string
		is      error
		want    string // error
	}{
		{"no change", func(*hub) {}, same, false, "0", nil, ""},
		{"a change", func(*hub) {}, to("new"), true, "new", nil, ""},
		{"a lost race", func(h *hub) {
			h.on(put, fakegithub.Meanwhile(func() { h.repo.Commit("main", "base.json", "0 1") }))
		}, adding("2"), true, "0 1 2", nil, ""},
		{"a race whose winner wrote the same", func(h *hub) {
			h.on(put, fakegithub.Meanwhile(func() { h.repo.Commit("main", "base.json", "new") }))
		}, to("new"), true, "new", nil, ""},
		{"another file in between", func(h *hub) {
			h.on(put, fakegithub.Meanwhile(func() { h.repo.Commit("main", "main.go", "other") }))
		}, to("new"), true, "new", nil, ""},
		{"an answer that is cut", func(h *hub) { h.on(put, fakegithub.CutBody()) }, to("new"), true, "new", nil, ""},
		{
			"a ruleset", func(h *hub) { h.repo.Protect("main") }, to("new"), false, "0", ErrRefused,
			"writing base.json on main: the branch does not take the commit: Repository rule violations found " +
				"Changes must be made through a pull request.; " + refusedHint,
		},
		{
			"a protected branch", func(h *hub) { h.on(put, fakegithub.Refuse(403, "GH006: Protected branch update failed")) }, to("new"), false, "0", ErrRefused,
			"writing base.json on main: the branch does not take the commit: GH006: Protected branch update failed; " + refusedHint,
		},
		{
			"no permission", func(h *hub) { h.on(put, fakegithub.NotAccessible()) }, to("new"), false, "0", ErrNotPermitted,
			"writing base.json on main: the token is not permitted; the workflow needs permissions: contents: write " +
				"(Resource not accessible by integration) (the branch does not take the commit)",
		},
		{
			"no branch", func(h *hub) { h.repo.SetBranch("main", "") }, to("new"), false, "", ErrNotFound,
			"writing base.json on main: not found, or the token is not permitted; the workflow needs permissions: contents: write",
		},
		{
			"a read that is cut", func(h *hub) { h.on("GET contents/base.json", fakegithub.CutBody()) }, to("new"), false, "0", nil,
			"reading base.json at main: unexpected EOF",
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			tc.before(h)
			changed, err := h.UpdateFile(t.Context(), repo, "main", "base.json", "refresh", tc.change)
			if changed != tc.changed || textOf(err) != tc.want || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%v, %v; want %v, %q", changed, err, tc.changed, tc.want)
			}
			if got := h.file("main", "base.json"); got != tc.content {
				t.Errorf("the file is %q, want %q", got, tc.content)
			}
		})
	}
}

// TestUpdateFileUnchanged demands that nothing is written for nothing, also where the
// file is empty or there is none, and that a new one is written though it is empty.
func TestUpdateFileUnchanged(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.repo.Commit("main", "empty", "")
	for path, want := range map[string]bool{"base.json": false, "empty": false, "none": false, "new": true, "main.go": true} {
		changed, err := h.UpdateFile(t.Context(), repo, "main", path, "refresh", func(old []byte) ([]byte, error) {
			switch path {
			case "new":
				return []byte{}, nil
			case "main.go":
				return nil, nil
			}
			return old, nil
		})
		if changed != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", path, changed, err, want)
		}
	}
	want := map[string]string{"base.json": "0", "empty": "", "new": "", "main.go": ""}
	if d := cmp.Diff(want, h.repo.Files("main")); d != "" || len(h.writes()) != 2 {
		t.Errorf("%q; files (-want +got):\n%s", h.writes(), d)
	}
}

// TestWritesAgain demands that a write which may be carried out twice is sent again
// after a server error, and that its own success is not taken for a conflict.
func TestWritesAgain(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.on("PUT contents/base.json", fakegithub.AnswerLost(502))
	changed, err := h.UpdateFile(t.Context(), repo, "main", "base.json", "refresh", to("new"))
	if !changed || err != nil {
		t.Errorf("%v, %v", changed, err)
	}
	want := []string{
		"GET contents/base.json", "PUT contents/base.json", "wait 1s", "PUT contents/base.json", "wait", "GET contents/base.json",
	}
	got := h.story()
	if len(got) > 4 && strings.HasPrefix(got[4], "wait ") {
		got[4] = "wait" // of random length
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

// TestUpdateFileLost demands that a writer who always loses gives up, loudly, and
// waits longer from time to time.
func TestUpdateFileLost(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.On("PUT /repos/o/r/contents/base.json", maxUpdates, fakegithub.Refuse(409, "base.json does not match 123"))
	changed, err := h.UpdateFile(t.Context(), repo, "main", "base.json", "refresh", to("new"))
	if changed || textOf(err) != "writing base.json on main: others wrote it 8 times in between" {
		t.Errorf("%v, %v", changed, err)
	}
	if len(h.pauses) != maxUpdates-1 {
		t.Errorf("%d pauses", len(h.pauses))
	}
	for i, p := range h.pauses {
		d, err := time.ParseDuration(strings.TrimPrefix(p.text, "wait "))
		if least := time.Duration(i+1) * updatePause; err != nil || d < least || d > least+updatePause {
			t.Errorf("pause %d is %s", i+1, p.text)
		}
	}
}

// TestUpdateFileAborted demands that an error of the change is handed on as it is,
// and nothing written.
func TestUpdateFileAborted(t *testing.T) {
	t.Parallel()
	h := start(t)
	broken := errors.New("the baseline is broken")
	changed, err := h.UpdateFile(t.Context(), repo, "main", "base.json", "refresh", func([]byte) ([]byte, error) { return nil, broken })
	if changed || err != broken || len(h.writes()) > 0 {
		t.Errorf("%v, %v, %q", changed, err, h.writes())
	}
}

// TestUpdateFileGitea demands that a new file is created the way Gitea wants it.
func TestUpdateFileGitea(t *testing.T) {
	t.Parallel()
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.Method+" "+r.URL.Path)
		status := http.StatusCreated
		if r.Method == http.MethodGet {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
		fmt.Fprint(w, `{"message": "object does not exist"}`)
	}))
	t.Cleanup(server.Close)
	c := over(t, server.URL+"/api/v1", http.DefaultTransport.RoundTrip)
	changed, err := c.UpdateFile(t.Context(), repo, "main", "f", "refresh", to("new"))
	if !changed || err != nil {
		t.Errorf("%v, %v", changed, err)
	}
	if d := cmp.Diff([]string{"GET /api/v1/repos/o/r/contents/f", "POST /api/v1/repos/o/r/contents/f"}, requests); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

// TestConflict sorts the refusals that GitHub and Gitea are known for.
func TestConflict(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code                int
		message             string
		conflict, protected bool
	}{
		{409, "f does not match 123", true, false},
		{409, "main is at 123 but expected 456", true, false},
		{422, "Invalid request.\n\n\"sha\" wasn't supplied.", true, false},
		{422, "Reference already exists", true, false},
		{422, "Update is not a fast forward", true, false},
		{422, "Reference does not exist", true, false},
		{422, "sha does not match [given: 1, expected: 2]", true, false},
		{422, "path contains a malformed path component", false, false},
		{409, "Repository rule violations found\n\nChanges must be made through a pull request.", false, true},
		{409, "Could not update file: At least 1 approving review is required by reviewers with write access.", false, true},
		{422, "Could not update file: Required status check \"test\" is expected.", false, true},
		{403, "Protected branch update failed for refs/heads/main. GH006", false, true},
		{422, "Cannot update this protected ref.", false, true},
		{422, "Repository rule violations found\n\nUpdate is not a fast forward", false, true},
		{500, "f does not match", false, false},
	}
	for _, tc := range cases {
		err := &gh.ErrorResponse{Response: &http.Response{StatusCode: tc.code}, Message: tc.message}
		if isConflict(err) != tc.conflict || isProtected(err) != tc.protected {
			t.Errorf("%d %s: conflict %v, protected %v", tc.code, tc.message, isConflict(err), isProtected(err))
		}
	}
}
