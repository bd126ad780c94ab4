package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// options are those of the tests: main, the file of repository, and short waits.
func options() UpdateOptions {
	return UpdateOptions{Remote: "origin", Branch: "main", File: "base.json", Message: "Refresh it", Sleep: hurry}
}

// hurry waits a tenth of the time, as remotes on disk answer soon.
func hurry(ctx context.Context, d time.Duration) error { return sleep(ctx, d/10) }

func replaceBy(text string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(text), nil }
}

func add(text string) func([]byte) ([]byte, error) {
	return func(old []byte) ([]byte, error) { return append(slices.Clone(old), text...), nil }
}

func TestUpdateFile(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin, "--depth=1")
	write(t, filepath.Join(dir, "base.json"), "not committed")
	write(t, filepath.Join(dir, "staged"), "x")
	git(t, dir, "add", "staged")
	old := git(t, origin, "rev-parse", "refs/heads/main")
	before := snapshot(t, dir)

	o := options()
	commit, err := UpdateFile(t.Context(), filepath.Join(dir, "perf"), withFile(o, "../base.json"), add(" three"))
	wantEqual(t, "error", nil, err)
	wantEqual(t, "tip", git(t, origin, "rev-parse", "refs/heads/main"), commit)
	wantEqual(t, "parent", old, git(t, origin, "rev-parse", commit+"^"))
	wantEqual(t, "changes", "base.json", git(t, origin, "diff-tree", "-r", "--name-only", old, commit))
	wantEqual(t, "content", "two three", git(t, origin, "show", commit+":base.json"))
	wantEqual(t, "commit", "speedgate <noreply@speedgate.invalid> speedgate: Refresh it",
		git(t, origin, "log", "-1", "--format=%an <%ae> %cn: %B", commit))
	wantEqual(t, "files of the clone", before, snapshot(t, dir))
}

func withFile(o UpdateOptions, file string) UpdateOptions {
	o.File = file
	return o
}

func TestUpdateFileUnchanged(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	old := git(t, origin, "rev-parse", "refs/heads/main")
	failure := errors.New("not that file")
	for _, c := range []struct {
		name, file string
		change     func([]byte) ([]byte, error)
		want       error
	}{
		{"the same content", "base.json", add(""), nil},
		{"no content for a new file", "new.json", add(""), nil},
		{"an error", "base.json", func([]byte) ([]byte, error) { return []byte("x"), failure }, failure},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			commit, err := UpdateFile(t.Context(), dir, withFile(options(), c.file), c.change)
			wantEqual(t, "commit", "", commit)
			if err != c.want {
				t.Errorf("got %v, want %v itself", err, c.want)
			}
			wantEqual(t, "tip", old, git(t, origin, "rev-parse", "refs/heads/main"))
		})
	}
}

func TestUpdateFileKeepsModeAndMakesFolders(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	work := clone(t, origin)
	git(t, work, "update-index", "--chmod=+x", "base.json")
	git(t, work, "commit", "-m", "mode")
	git(t, work, "push", "origin", "HEAD:refs/heads/main")
	for _, file := range []string{"base.json", "a/b/c.json"} {
		_, err := UpdateFile(t.Context(), work, withFile(options(), file), replaceBy("new"))
		wantEqual(t, "error", nil, err)
	}
	got := git(t, origin, "ls-tree", "-r", "--format=%(objectmode) %(path)", "refs/heads/main")
	wantEqual(t, "tree", "100644 [a]*.json\n100644 a/b/c.json\n100755 base.json\n100644 perf/deep.json", got)
}

func TestUpdateFileByTheUser(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	git(t, dir, "config", "user.name", "Ada")
	git(t, dir, "config", "user.email", "ada@example.com")
	commit, err := UpdateFile(t.Context(), dir, options(), replaceBy("x"))
	wantEqual(t, "error", nil, err)
	wantEqual(t, "author and committer", "Ada ada@example.com Ada ada@example.com", git(t, origin, "log", "-1", "--format=%an %ae %cn %ce", commit))
}

func TestUpdateFileOrphan(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin, "--depth=1")
	o := options()
	o.Branch = "perf/data"
	_, err := UpdateFile(t.Context(), dir, o, replaceBy("x"))
	if !errors.Is(err, ErrNoRef) {
		t.Errorf("without Orphan: got %v, want ErrNoRef", err)
	}
	o.Orphan = true
	for i, want := range []string{"a", "aa"} {
		_, err = UpdateFile(t.Context(), dir, o, add("a"))
		wantEqual(t, "error", nil, err)
		wantEqual(t, "content", want, git(t, origin, "show", "perf/data:base.json"))
		wantEqual(t, "commits", fmt.Sprint(i+1), git(t, origin, "rev-list", "--count", "perf/data"))
	}
	wantEqual(t, "tree", "base.json", git(t, origin, "ls-tree", "-r", "--name-only", "perf/data"))
}

// TestUpdatesAtOnce is the race that a refresh after each of several merges makes, here
// also for who starts the branch.
func TestUpdatesAtOnce(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	o := options()
	o.Branch, o.Orphan = "perf-data", true
	var clones []string
	var before []map[string]string
	for range 4 {
		dir := clone(t, origin, "--depth=1")
		clones, before = append(clones, dir), append(before, snapshot(t, dir))
	}
	var group sync.WaitGroup
	for i, dir := range clones {
		group.Go(func() {
			if _, err := UpdateFile(t.Context(), dir, o, add(fmt.Sprintf("%d ", i))); err != nil {
				t.Errorf("update %d: %v", i, err)
			}
		})
	}
	group.Wait()
	kept := strings.Fields(git(t, origin, "show", "perf-data:base.json"))
	slices.Sort(kept)
	wantEqual(t, "updates", []string{"0", "1", "2", "3"}, kept)
	wantEqual(t, "commits", "4", git(t, origin, "rev-list", "--count", "perf-data"))
	for i, dir := range clones {
		wantEqual(t, "files of the clone", before[i], snapshot(t, dir))
	}
}

// TestSameCommitTwice has another writer make, in between, the same change; within a
// second that is the same commit. Both changes count.
func TestSameCommitTwice(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	calls := 0
	_, err := UpdateFile(t.Context(), dir, options(), func(old []byte) ([]byte, error) {
		if calls++; calls == 1 {
			if _, err := UpdateFile(t.Context(), dir, options(), add("+")); err != nil {
				return nil, err
			}
		}
		return add("+")(old)
	})
	wantEqual(t, "error", nil, err)
	wantEqual(t, "content", "two++", git(t, origin, "show", "refs/heads/main:base.json"))
	wantEqual(t, "calls", 2, calls)
}

func TestUpdateFileGivesUp(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	var waits []time.Duration
	o := options()
	o.Sleep = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}
	_, err := UpdateFile(t.Context(), dir, o, func(old []byte) ([]byte, error) {
		tip := git(t, origin, "commit-tree", "-p", "refs/heads/main", "-m", fmt.Sprint(len(waits)), "refs/heads/main^{tree}")
		git(t, origin, "update-ref", "refs/heads/main", tip)
		return add("x")(old)
	})
	if err == nil {
		t.Fatal("no error")
	}
	wantEqual(t, "error", "updating base.json on branch main of origin: others pushed to the branch 8 times in between", err.Error())
	wantEqual(t, "waits", 7, len(waits))
	for i, d := range waits {
		if low, high := updatePause/2, updatePause/2+time.Duration(i+1)*updatePause; d < low || d >= high {
			t.Errorf("wait %d is %v, want from %v to below %v", i, d, low, high)
		}
	}
	wantEqual(t, "content", "two", git(t, origin, "show", "refs/heads/main:base.json"))
}

func TestUpdateFileCanceled(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := UpdateFile(ctx, clone(t, origin), options(), func([]byte) ([]byte, error) {
		cancel()
		return []byte("x"), nil
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrRefused) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	wantEqual(t, "content", "two", git(t, origin, "show", "refs/heads/main:base.json"))
}

// script writes an executable script.
func script(t *testing.T, name, text string) {
	t.Helper()
	write(t, name, "#!/bin/sh\n"+text)
	if err := os.Chmod(name, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestUpdateFileRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, hook, text, want string }{
		{"a protected branch", "pre-receive", "printf 'error: GH006: Protected branch update failed.\\n\\n- Changes must be made through a pull request.\\n' >&2\nexit 1\n", "" +
			"[remote rejected] (pre-receive hook declined); error: GH006: Protected branch update failed.; - Changes must be made through a pull request."},
		{"without a word", "update", "exit 1\n", "[remote rejected] (hook declined); error: hook declined to update refs/heads/main"},
		{"control characters", "update", "printf '\\033[31m::error::x\\a\\n' >&2\nexit 1\n", "[remote rejected] (hook declined); \ufffd[31m::error::x\ufffd; error: hook declined to update refs/heads/main"},
		{"many words", "update", "printf '%05000d' 7 >&2\nexit 1\n", "[remote rejected] (hook declined); " + strings.Repeat("0", 965) + "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			origin := hub(t)
			script(t, filepath.Join(origin, "hooks", c.hook), c.text)
			_, err := UpdateFile(t.Context(), clone(t, origin, "--depth=1"), options(), replaceBy("x"))
			if !errors.Is(err, ErrRefused) {
				t.Fatalf("got %v, want ErrRefused", err)
			}
			wantEqual(t, "error", "updating base.json on branch main of origin: the remote refused the push: "+c.want, err.Error())
			wantEqual(t, "content", "two", git(t, origin, "show", "refs/heads/main:base.json"))
		})
	}
}

// TestRefusedOrMoved has a hook decline while the branch moves: the race counts, and
// the next try tells.
func TestRefusedOrMoved(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	flag := filepath.Join(t.TempDir(), "flag")
	script(t, filepath.Join(origin, "hooks", "update"), "[ -e '"+flag+"' ] && exit 0\ntouch '"+flag+"'\n"+
		"unset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/main refs/tags/v1\nexit 1\n")
	_, err := UpdateFile(t.Context(), clone(t, origin), options(), add("+"))
	wantEqual(t, "error", nil, err)
	wantEqual(t, "content", "one\r\n+", git(t, origin, "show", "refs/heads/main:base.json"))
}

func TestUpdateFileHostileBranches(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	before := git(t, origin, "for-each-ref")
	for _, branch := range []string{
		"", "-d", "--receive-pack=sh", "a..b", "main:other", ":main", "+main:main", "a b", "a\nb", "a\x00b", "a\tb", "main~1", "main^", "^main",
		"main@{1}", "*", "a?", "[a]", `a\b`, "x.lock", "/main", "main/", "a//b", ".hidden", "a/.b", "a.", "HEAD", "refs/heads/main",
		"refs/tags/v9", strings.Repeat("0", 40), strings.Repeat("a", maxRefBytes+1),
	} {
		if err := CheckBranch(t.Context(), dir, branch); err == nil || !strings.Contains(err.Error(), " is not the ") {
			t.Errorf("%q: got %v, want that it is no name of a branch", branch, err)
		}
	}
	o := options()
	o.Branch, o.Orphan = "HEAD", true
	_, err := UpdateFile(t.Context(), dir, o, replaceBy("x"))
	if err == nil {
		t.Fatal("no error")
	}
	wantEqual(t, "error", `"HEAD" is not the short name of a branch`, err.Error())
	wantEqual(t, "refs", before, git(t, origin, "for-each-ref"))
}

func TestUpdateFileOddButLegal(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	branches := []string{"$(id)", "a;b", "ä/ü", "+main", "@", "a'b"}
	for i, file := range []string{
		"--cacheinfo", ":(top)x*", "a,b", "ä\tü\n.json", `q"uo\te`, "$(id).json",
	} {
		o := withFile(options(), file)
		o.Branch, o.Orphan = branches[i%len(branches)], true
		want := "content " + file
		if _, err := UpdateFile(t.Context(), dir, o, replaceBy(want)); err != nil {
			t.Errorf("%q on %q: %v", file, o.Branch, err)
			continue
		}
		wantEqual(t, "content", want, git(t, origin, "cat-file", "blob", "refs/heads/"+o.Branch+":"+file))
	}
	got, err := Fetch(t.Context(), dir, "origin", "$(id)", "--cacheinfo")
	wantEqual(t, "error", nil, err)
	wantEqual(t, "content", "content --cacheinfo", string(got))
}

func TestUpdateFileErrors(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	work := clone(t, origin)
	if err := os.Symlink("base.json", filepath.Join(work, "link.json")); err != nil {
		t.Fatal(err)
	}
	git(t, work, "add", ".")
	git(t, work, "commit", "-m", "link")
	git(t, work, "push", "origin", "HEAD:refs/heads/main")
	before := git(t, origin, "for-each-ref")
	const on = " on branch main of origin: "
	for _, c := range []struct{ file, want string }{
		{"../x", "../x is outside the repository: no such file in the commit"},
		{"", " is outside the repository: no such file in the commit"},
		{"perf", "updating perf" + on + "expected a file, found a tree: no such file in the commit"},
		{"link.json", "updating link.json" + on + "expected a file, found a symbolic link; name the file that it points to"},
		{
			"base.json/x", "updating base.json/x" + on +
				"git update-index: git update-index: --cacheinfo cannot add base.json/x: exit status 128",
		},
		{".git/config", "updating .git/config" + on + "git update-index: git update-index: --cacheinfo cannot add .git/config: exit status 128"},
		{"a/.GIT/config", "updating a/.GIT/config" + on + "git update-index: git update-index: --cacheinfo cannot add a/.GIT/config: exit status 128"},
	} {
		_, err := UpdateFile(t.Context(), work, withFile(options(), c.file), replaceBy("x"))
		if err == nil {
			t.Errorf("%q: no error", c.file)
			continue
		}
		wantEqual(t, "error", c.want, err.Error())
	}
	wantEqual(t, "refs", before, git(t, origin, "for-each-ref"))
}

func TestScratchIsRemoved(t *testing.T) {
	origin := hub(t)
	dir := clone(t, origin)
	temp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	script(t, filepath.Join(origin, "hooks", "update"), "[ \"$1\" = refs/heads/main ]\n")
	other := options()
	other.Branch, other.Orphan = "other", true
	isThere := false
	for _, call := range []func() error{
		func() error { _, err := Fetch(t.Context(), dir, "origin", "main", "base.json"); return err },
		func() error { _, err := Fetch(t.Context(), dir, "origin", "main", "none"); return err },
		func() error { _, err := Fetch(t.Context(), dir, "origin", strings.Repeat("0", 40), "none"); return err },
		func() error {
			_, err := UpdateFile(t.Context(), dir, withFile(options(), "perf"), add("+"))
			return err
		},
		func() error { _, err := UpdateFile(t.Context(), dir, other, add("+")); return err },
		func() error {
			_, err := UpdateFile(t.Context(), dir, options(), func(old []byte) ([]byte, error) {
				names, err := os.ReadDir(temp)
				isThere = len(names) > 0
				return append(old, '+'), err
			})
			return err
		},
	} {
		err := call()
		names, readErr := os.ReadDir(temp)
		if readErr != nil || len(names) > 0 {
			t.Errorf("after %v: %v is left, %v", err, names, readErr)
		}
	}
	wantEqual(t, "a scratch repository while it is needed", true, isThere)
}

// TestHooksDoNotRun sets traps in the clone, in the user's config and in the user's
// template for new repositories.
func TestHooksDoNotRun(t *testing.T) {
	origin := hub(t)
	dir := clone(t, origin)
	home := t.TempDir()
	trap := filepath.Join(home, "sprung")
	for _, folder := range []string{filepath.Join(dir, ".git", "hooks"), filepath.Join(home, "hooks"), filepath.Join(home, "template", "hooks")} {
		for _, hook := range []string{"pre-push", "reference-transaction", "post-index-change", "pre-auto-gc", "fsmonitor-watchman"} {
			// The remote is on this machine too, and its side runs what the user's config says.
			script(t, filepath.Join(folder, hook), "case $PWD in */hub.git) exit 0 ;; esac\ntouch '"+trap+"'\n")
		}
	}
	git(t, dir, "config", "core.fsmonitor", filepath.Join(home, "hooks", "fsmonitor-watchman"))
	global := filepath.Join(home, "config")
	for key, value := range map[string]string{
		"core.hooksPath": filepath.Join(home, "hooks"), "core.fsmonitor": filepath.Join(home, "hooks", "fsmonitor-watchman"),
		"init.templateDir": filepath.Join(home, "template"), "commit.gpgSign": "true", "push.gpgSign": "true", "push.followTags": "true",
	} {
		git(t, dir, "config", "-f", global, key, value)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", global)
	if _, err := Fetch(t.Context(), dir, "origin", "v1", "base.json"); err != nil {
		t.Error(err)
	}
	if _, err := UpdateFile(t.Context(), dir, options(), replaceBy("x")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(trap); err == nil {
		t.Error("a hook or monitor of the user was run")
	}
}
