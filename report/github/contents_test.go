package github

import (
	"errors"
	"strings"
	"testing"
	"time"

	"speedgate/internal/testutil/fakegithub"
)

func TestFile(t *testing.T) {
	t.Parallel()
	h := start(t)
	files := map[string]string{
		"base.json": "0", "dir/base line?ref=x#1%20.json": "{}", "empty": "",
		"limit": strings.Repeat("x", 1<<20), "large": strings.Repeat("x", 1<<20+1), // which has no content in JSON
	}
	for path, text := range files {
		h.repo.Commit("main", path, text)
	}
	commit := h.repo.Tip("main")
	h.repo.Commit("main", "base.json", "later")
	for path, want := range files {
		if data, err := h.File(t.Context(), repo, path, commit); err != nil || string(data) != want {
			t.Errorf("%s: %d bytes, want %d; %v", path, len(data), len(want), err)
		}
	}
}

func TestFileErrors(t *testing.T) {
	t.Parallel()
	const none = "0000000000000000000000000000000000000000"
	h := start(t)
	h.repo.Commit("main", "dir/f", "")
	commit := h.repo.Tip("main")
	cases := []struct {
		path, commit string
		isNotFound   bool
		want         string
	}{
		{
			"none", commit, true,
			"reading none at " + commit + ": not found, or the token is not permitted; the workflow needs permissions: contents: read",
		},
		{
			"base.json", none, true,
			"reading base.json at " + none + ": not found, or the token is not permitted; the workflow needs permissions: contents: read",
		},
		{"dir", commit, false, "reading dir at " + commit + ": it is not a file"},
		{"../x", commit, false, `"../x" is not the path of a file in a repository`},
		{"a/../../x", commit, false, `"a/../../x" is not the path of a file in a repository`},
		{"./f", commit, false, `"./f" is not the path of a file in a repository`},
		{"/f", commit, false, `"/f" is not the path of a file in a repository`},
		{"", commit, false, `"" is not the path of a file in a repository`},
	}
	for _, tc := range cases {
		data, err := h.File(t.Context(), repo, tc.path, tc.commit)
		if data != nil || textOf(err) != tc.want {
			t.Errorf("%q, %v; want %s", data, err, tc.want)
		}
		if errors.Is(err, ErrNotFound) != tc.isNotFound || errors.Is(err, ErrNotPermitted) != tc.isNotFound {
			t.Errorf("%v: not found: %v", err, !tc.isNotFound)
		}
	}
}

// TestCommit demands that a commit which cannot be read is told from one without a
// file.
func TestCommit(t *testing.T) {
	t.Parallel()
	const none = "0000000000000000000000000000000000000000"
	h := start(t)
	if err := h.Commit(t.Context(), repo, h.base); err != nil {
		t.Error(err)
	}
	err := h.Commit(t.Context(), repo, none)
	want := "reading commit " + none + ": not found, or the token is not permitted; the workflow needs permissions: contents: read"
	if textOf(err) != want || !errors.Is(err, ErrNotFound) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestFileLimits demands that requests which are used up, or come too fast for longer
// than is bearable, do not look like a missing permission.
func TestFileLimits(t *testing.T) {
	t.Parallel()
	cases := []struct {
		fault      fakegithub.Fault
		permission bool // is missing
		want       string
	}{
		{fakegithub.LimitReached(403, time.Unix(86400, 0)), false, "the token's requests are used up until 00:00:00 UTC"},
		{fakegithub.LimitReached(429, time.Unix(86400, 0)), false, "GitHub answered 429: API rate limit exceeded for installation ID 1."},
		{
			fakegithub.SlowDown(403, time.Hour), false,
			"GitHub asks to slow down: You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		},
		{
			fakegithub.SlowDown(429, time.Hour), false,
			"GitHub answered 429: You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		},
		{
			fakegithub.NotAccessible(), true,
			"the token is not permitted; the workflow needs permissions: contents: read (Resource not accessible by integration)",
		},
	}
	for _, tc := range cases {
		h := start(t)
		h.on("GET contents/base.json", tc.fault)
		_, err := h.File(t.Context(), repo, "base.json", h.base)
		if want := "reading base.json at " + h.base + ": " + tc.want; textOf(err) != want || errors.Is(err, ErrNotPermitted) != tc.permission {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestFileThatIsNone demands that what GitHub gives at a path instead of a file is
// not taken for one.
func TestFileThatIsNone(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"type": "submodule"}`:                                  "it is not a file",
		`{"type": "file", "encoding": "base64", "content": "!"}`: "illegal base64 data at input byte 0",
		`{"type": "file", "encoding": "base64"}`:                 "malformed response: base64 encoding of null content",
	} {
		data, err := over(t, "https://api.example", saying(200, answer)).File(t.Context(), repo, "f", "abc")
		if data != nil || textOf(err) != "reading f at abc: "+want {
			t.Errorf("%s: %q, %v", answer, data, err)
		}
	}
}
