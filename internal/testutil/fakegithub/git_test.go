package fakegithub

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Git itself names the same objects the same.
func TestHashes(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir := t.TempDir()
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "core.autocrlf=false"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example", "GIT_AUTHOR_DATE=1770000000 +0000",
			"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example", "GIT_COMMITTER_DATE=1770000000 +0000")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q", "-b", "main")
	// "a-b" sorts before the folder "a", which sorts as "a/".
	files := map[string]string{"a/x": "1", "a-b": "2", "a0": "", "dir/sub/deep": "3\n"}
	o := newObjects()
	entries := map[string]entry{}
	for path, text := range files {
		name := filepath.Join(dir, filepath.FromSlash(path))
		check(t, "folder", os.MkdirAll(filepath.Dir(name), 0o755))
		check(t, "file", os.WriteFile(name, []byte(text), 0o644))
		entries[path] = entry{fileMode, "", o.addBlob([]byte(text))}
	}
	git("add", ".")
	git("commit", "-q", "-m", "one", "--cleanup=verbatim")
	tree, ok := o.addTree(entries)
	if !ok {
		t.Fatal("no tree")
	}
	author := person{"A", "a@example", time.Unix(1770000000, 0).UTC()}
	first := o.addCommit(commit{tree: tree, message: "one\n", author: author})
	git("commit", "-q", "--allow-empty", "-m", "two", "--cleanup=verbatim")
	second := o.addCommit(commit{tree: tree, message: "two\n", author: author, parents: []string{first.sha}})
	diff(t, "hashes", []string{git("rev-parse", "HEAD^{tree}"), git("rev-parse", "HEAD~"), git("rev-parse", "HEAD")},
		[]string{tree, first.sha, second.sha})
}

func TestContents(t *testing.T) {
	t.Parallel()
	_, r, c, base, head := start(t)
	get := func(ref, path string) string {
		t.Helper()
		file, _, _, err := c.Repositories.GetContents(t.Context(), "o", "r", path, &gh.RepositoryContentGetOptions{Ref: ref})
		check(t, "get", err)
		text, err := file.GetContent()
		check(t, "content", err)
		return text
	}
	for _, ref := range []string{"", "main", "refs/heads/main", base} {
		if got := get(ref, "dir/a"); got != "A" {
			t.Errorf("%q: %q", ref, got)
		}
	}
	for _, ref := range []string{"change", head} {
		if got := get(ref, "dir/a"); got != "changed" {
			t.Errorf("%q: %q", ref, got)
		}
	}
	_, list, _, err := c.Repositories.GetContents(t.Context(), "o", "r", "dir", nil)
	check(t, "folder", err)
	var names []string
	for _, e := range list {
		names = append(names, e.GetType()+" "+e.GetPath())
	}
	diff(t, "folder", []string{"file dir/a", "dir dir/sub"}, names)
	_, _, _, err = c.Repositories.GetContents(t.Context(), "o", "r", "none", nil)
	wantError(t, err, "404 Not Found")
	_, _, _, err = c.Repositories.GetContents(t.Context(), "o", "r", "dir/a", &gh.RepositoryContentGetOptions{Ref: "none"})
	wantError(t, err, "404 No commit found for the ref none")
	r.Commit("main", "a b/ü?#%.json", "odd")
	if got := get("", "a b/ü?#%.json"); got != "odd" {
		t.Errorf("%q", got)
	}
}

// A file of more than 1 MB has no content in JSON, but in the raw media type.
func TestLargeFile(t *testing.T) {
	t.Parallel()
	_, r, c, _, _ := start(t)
	limit, over := strings.Repeat("x", maxContent), strings.Repeat("x", maxContent+1)
	r.Commit("main", "limit", limit, "over", over)
	for name, want := range map[string]int{"limit": maxContent, "over": 0} {
		file, _, _, err := c.Repositories.GetContents(t.Context(), "o", "r", name, nil)
		check(t, name, err)
		text, err := file.GetContent()
		if len(text) != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
	var raw bytes.Buffer
	req, err := c.NewRequest("GET", "repos/o/r/contents/over", nil)
	check(t, "request", err)
	req.Header.Set("Accept", "application/vnd.github.raw+json")
	_, err = c.Do(t.Context(), req, &raw)
	check(t, "raw", err)
	if raw.String() != over {
		t.Errorf("%d bytes", raw.Len())
	}
}

func TestPutContents(t *testing.T) {
	t.Parallel()
	_, r, c, base, _ := start(t)
	old := hashObject("blob", []byte("{}\n"))
	put := func(path, branch, sha, text string) error {
		o := &gh.RepositoryContentFileOptions{Message: gh.String("refresh"), Content: []byte(text), Branch: &branch}
		if sha != "" {
			o.SHA = &sha
		}
		_, _, err := c.Repositories.UpdateFile(t.Context(), "o", "r", path, o)
		return err
	}
	wantError(t, put("base.json", "main", "", "x"), "422 Invalid request.\n\n\"sha\" wasn't supplied.")
	wantError(t, put("base.json", "main", base, "x"), "409 base.json does not match "+base)
	wantError(t, put("new.json", "main", old, "x"), "409 new.json does not match "+old)
	wantError(t, put("base.json", "none", old, "x"), "404 Branch none not found")
	wantError(t, put(".git/config", "main", "", "x"), "422 path contains a malformed path component")
	wantError(t, put("dir", "main", "", "x"), "422 path is a folder, or below a file")
	wantError(t, put("base.json/x", "main", "", "x"), "422 path is a folder, or below a file")
	r.Commit("release", "f", "1")
	r.Protect("release")
	wantError(t, put("g", "release", "", "x"), "409 "+ruleViolation)
	if tip := r.Tip("main"); tip != base {
		t.Fatalf("a refused request made the commit %s", tip)
	}

	check(t, "update", put("base.json", "main", old, "{1}\n"))
	check(t, "create", put("deep/new.json", "main", "", "new"))
	diff(t, "files", map[string]string{"base.json": "{1}\n", "deep/new.json": "new", "dir/a": "A", "dir/sub/b": "B"}, r.Files("main"))
	log := r.Log("main")
	want := Commit{SHA: log[0].SHA, Message: "refresh", Parents: []string{log[1].SHA}, Author: Bot, Verified: true}
	diff(t, "commit", want, log[0])
	if len(log) != 3 {
		t.Errorf("%d commits", len(log))
	}
	wantError(t, put("base.json", "main", old, "late"), "409 base.json does not match "+old)
}

func TestFirstCommitOfARepository(t *testing.T) {
	t.Parallel()
	g := New(t)
	r := g.AddRepo("o/empty")
	c := client(t, g, Token)
	_, _, _, err := c.Repositories.GetContents(t.Context(), "o", "empty", "f", nil)
	wantError(t, err, "404 This repository is empty.")
	_, _, err = c.Repositories.CreateFile(t.Context(), "o", "empty", "f", &gh.RepositoryContentFileOptions{
		Message: gh.String("first"), Content: []byte("1"), Author: &gh.CommitAuthor{Name: gh.String("A"), Email: gh.String("a@example")},
	})
	check(t, "create", err)
	log := r.Log("")
	diff(t, "log", []Commit{{SHA: log[0].SHA, Message: "first", Author: "A"}}, log)
}

func TestRefs(t *testing.T) {
	t.Parallel()
	_, r, c, base, head := start(t)
	ref := func(name, sha string) *gh.Reference {
		return &gh.Reference{Ref: gh.String(name), Object: &gh.GitObject{SHA: gh.String(sha)}}
	}
	got, _, err := c.Git.GetRef(t.Context(), "o", "r", "heads/main")
	check(t, "get", err)
	if got.GetRef() != "refs/heads/main" || got.GetObject().GetSHA() != base {
		t.Errorf("%v", got)
	}
	_, _, err = c.Git.GetRef(t.Context(), "o", "r", "heads/none")
	wantError(t, err, "404 Not Found")
	_, _, err = c.Git.CreateRef(t.Context(), "o", "r", ref("refs/heads/perf/data", base))
	check(t, "create", err)
	_, _, err = c.Git.CreateRef(t.Context(), "o", "r", ref("refs/heads/perf/data", base))
	wantError(t, err, "422 Reference already exists")
	_, _, err = c.Git.CreateRef(t.Context(), "o", "r", ref("refs/heads/x", strings.Repeat("0", 40)))
	wantError(t, err, "422 Object does not exist")
	_, _, err = c.Git.CreateRef(t.Context(), "o", "r", ref("refs/x", base))
	wantError(t, err, "422 refs/x is not a valid ref name.")
	_, _, err = c.Git.UpdateRef(t.Context(), "o", "r", ref("refs/heads/perf/data", head), false)
	check(t, "fast forward", err)
	_, _, err = c.Git.UpdateRef(t.Context(), "o", "r", ref("refs/heads/perf/data", base), false)
	wantError(t, err, "422 Update is not a fast forward")
	_, _, err = c.Git.UpdateRef(t.Context(), "o", "r", ref("refs/heads/perf/data", base), true)
	check(t, "force", err)
	_, _, err = c.Git.UpdateRef(t.Context(), "o", "r", ref("refs/heads/none", base), false)
	wantError(t, err, "422 Reference does not exist")
	_, _, err = c.Git.UpdateRef(t.Context(), "o", "r", ref("refs/heads/main", strings.Repeat("0", 40)), false)
	wantError(t, err, "422 Object does not exist")
	r.Protect("main")
	_, _, err = c.Git.UpdateRef(t.Context(), "o", "r", ref("refs/heads/main", head), false)
	wantError(t, err, "422 "+ruleViolation)
	if tip := r.Tip("perf/data"); tip != base {
		t.Errorf("the branch is at %s, want %s", tip, base)
	}
	r.SetBranch("perf/data", head)
	r.SetBranch("change", "")
	for branch, want := range map[string]string{"perf/data": head, "change": ""} {
		if tip := r.Tip(branch); tip != want {
			t.Errorf("%s is at %q, want %q", branch, tip, want)
		}
	}
}

// An orphan branch through the Git Data API: tree, commit, ref.
func TestGitData(t *testing.T) {
	t.Parallel()
	_, r, c, base, _ := start(t)
	ctx := t.Context()
	tree, _, err := c.Git.CreateTree(ctx, "o", "r", "", []*gh.TreeEntry{line("a/hi", "", "hi"), line("b", "", "text")})
	check(t, "tree", err)
	if n := len(tree.Entries); n != 2 || tree.Entries[0].GetType() != "tree" || tree.Entries[1].GetType() != "blob" {
		t.Errorf("tree %v", tree)
	}
	made, _, err := c.Git.CreateCommit(ctx, "o", "r", &gh.Commit{Message: gh.String("orphan"), Tree: tree}, nil)
	check(t, "commit", err)
	if !made.GetVerification().GetVerified() || len(made.Parents) != 0 {
		t.Errorf("commit %v", made)
	}
	_, _, err = c.Git.CreateRef(ctx, "o", "r", &gh.Reference{Ref: gh.String("refs/heads/data"), Object: &gh.GitObject{SHA: made.SHA}})
	check(t, "ref", err)
	diff(t, "files", map[string]string{"a/hi": "hi", "b": "text"}, r.Files("data"))

	// A second commit drops a file, and adds a whole tree and a known blob.
	second, _, err := c.Git.CreateTree(ctx, "o", "r", tree.GetSHA(), []*gh.TreeEntry{
		{Path: gh.String("b"), Mode: gh.String("100644"), Type: gh.String("blob")},
		{Path: gh.String("copy"), Mode: gh.String("040000"), Type: gh.String("tree"), SHA: tree.Entries[0].SHA},
		line("c", hashObject("blob", []byte("hi")), ""),
	})
	check(t, "second tree", err)
	next, _, err := c.Git.CreateCommit(ctx, "o", "r", &gh.Commit{Message: gh.String("next"), Tree: second, Parents: []*gh.Commit{made}}, nil)
	check(t, "second commit", err)
	diff(t, "files", map[string]string{"a/hi": "hi", "copy/hi": "hi", "c": "hi"}, r.Files(next.GetSHA()))
	diff(t, "parents", []string{made.GetSHA()}, r.Log(next.GetSHA())[0].Parents)
	if got := r.Files(base + "0"); got != nil {
		t.Errorf("files %v of what is no commit", got)
	}
}

// line is an entry of a tree, by hash or with its content.
func line(path, sha, content string) *gh.TreeEntry {
	e := &gh.TreeEntry{Path: &path, Mode: gh.String("100644"), Type: gh.String("blob"), SHA: optional(sha)}
	if sha == "" {
		e.Content = &content
	}
	return e
}

func TestGitDataRefusals(t *testing.T) {
	t.Parallel()
	_, r, c, base, _ := start(t)
	nothing := strings.Repeat("0", 40)
	tree := func(parent string, lines ...*gh.TreeEntry) error {
		_, _, err := c.Git.CreateTree(t.Context(), "o", "r", parent, lines)
		return err
	}
	wantError(t, tree("", line("a", nothing, "")), "422 tree.sha "+nothing+" is not a valid blob")
	wantError(t, tree("", line("../a", "", "x")), "422 tree.path contains a malformed path component")
	wantError(t, tree("", line("a", "", "x"), line("a/b", "", "x")), "422 tree.path is both a file and a folder")
	wantError(t, tree(nothing, line("a", "", "x")), "404 Not Found")
	bad := &gh.TreeEntry{Path: gh.String("a"), Mode: gh.String("040000"), Type: gh.String("tree"), SHA: &nothing}
	wantError(t, tree("", bad), "422 tree.sha is not a valid tree")

	commit := func(tree string, parents ...*gh.Commit) error {
		_, _, err := c.Git.CreateCommit(t.Context(), "o", "r", &gh.Commit{Message: gh.String("x"), Tree: &gh.Tree{SHA: &tree}, Parents: parents}, nil)
		return err
	}
	wantError(t, commit(nothing), "422 Tree SHA does not exist")
	wantError(t, commit(r.objects.commits[base].tree, &gh.Commit{SHA: &nothing}), "422 Parent SHA does not exist or is not a commit object")
}

func TestCommits(t *testing.T) {
	t.Parallel()
	_, r, c, base, head := start(t)
	merge := r.AddCommit([]string{base, head})
	got, _, err := c.Git.GetCommit(t.Context(), "o", "r", merge)
	check(t, "get", err)
	var parents []string
	for _, p := range got.Parents {
		parents = append(parents, p.GetSHA())
	}
	diff(t, "parents", []string{base, head}, parents)
	if got := r.Files(merge)["dir/a"]; got != "changed" {
		t.Errorf("the merge has %q", got)
	}
	_, _, err = c.Git.GetCommit(t.Context(), "o", "r", "none")
	wantError(t, err, "404 Not Found")
}

func TestCompare(t *testing.T) {
	t.Parallel()
	_, r, c, base, head := start(t)
	other := r.Commit("feature/x", "f", "1") // without a common ancestor
	main := r.Commit("main", "f", "2")
	cases := []struct {
		base, head, status string
		ahead, behind      int
	}{
		{base, base, "identical", 0, 0},
		{base, head, "ahead", 1, 0},
		{head, base, "behind", 0, 1},
		{head, "main", "diverged", 1, 1},
		{"main", "change", "diverged", 1, 1},
	}
	for _, tc := range cases {
		got, _, err := c.Repositories.CompareCommits(t.Context(), "o", "r", tc.base, tc.head, nil)
		check(t, "compare", err)
		if got.GetStatus() != tc.status || got.GetAheadBy() != tc.ahead || got.GetBehindBy() != tc.behind || got.GetMergeBaseCommit().GetSHA() != base {
			t.Errorf("%+v: %s %d %d", tc, got.GetStatus(), got.GetAheadBy(), got.GetBehindBy())
		}
	}
	_, _, err := c.Repositories.CompareCommits(t.Context(), "o", "r", main, "feature/x", nil)
	wantError(t, err, "404 No common ancestor between "+main+" and feature/x.")
	_, _, err = c.Repositories.CompareCommits(t.Context(), "o", "r", other, "none", nil)
	wantError(t, err, "404 Not Found")
}

// The best common ancestor is not any common one.
func TestMergeBase(t *testing.T) {
	t.Parallel()
	g := New(t)
	r := g.AddRepo("o/r")
	a := r.AddCommit(nil, "f", "1")
	b := r.AddCommit([]string{a}, "f", "2")
	left, right := r.AddCommit([]string{b}, "l", ""), r.AddCommit([]string{b}, "r", "")
	if got := r.objects.mergeBase(left, right); got == nil || got.sha != b {
		t.Errorf("merge base %v, want %s", got, b)
	}
	order := r.objects.only(left, a)
	if !slices.Equal([]string{order[0].sha, order[1].sha}, []string{b, left}) {
		t.Errorf("order %v", order)
	}
}
