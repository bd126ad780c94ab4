package git

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hub returns a bare repository, as a server has it, with the commits of repository,
// a tag object v2, a branch team/topic and a ref of a pull request.
func hub(t *testing.T) string {
	t.Helper()
	needGit(t)
	dir := filepath.Join(t.TempDir(), "hub.git")
	copyOf(t, "hub.git", dir, func(dir string) { makeHub(t, dir) })
	return dir
}

func makeHub(t *testing.T, dir string) {
	t.Helper()
	work := repository(t)
	git(t, work, "tag", "-a", "-m", "second", "v2")
	git(t, work, "branch", "team/topic", "v1")
	// A tag and a branch of one name: the branch is meant.
	git(t, work, "tag", "main", "v1")
	git(t, work, "update-ref", "refs/pull/7/merge", "v1")
	git(t, work, "init", "--bare", "--template=", dir)
	git(t, dir, "config", "core.fsync", "none")
	git(t, work, "push", dir, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*", "refs/pull/*:refs/pull/*")
}

// clone returns a clone of a hub that nobody has changed yet.
func clone(t *testing.T, from string, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	const elsewhere = "file:///elsewhere/hub.git"
	copyOf(t, "clone"+strings.Join(args, ""), dir, func(dir string) {
		cloneAnew(t, from, dir, args...)
		git(t, dir, "remote", "set-url", "origin", elsewhere)
	})
	config := filepath.Join(dir, ".git", "config")
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, config, strings.Replace(string(data), elsewhere, "file://"+filepath.ToSlash(from), 1))
	return dir
}

// cloneAnew clones a repository on disk.
func cloneAnew(t *testing.T, from, dir string, args ...string) {
	t.Helper()
	git(t, from, append(append([]string{"clone", "--branch=main"}, args...), "file://"+filepath.ToSlash(from), dir)...)
}

// snapshot returns the content of all files of a clone, .git included.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestFetch(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	first := git(t, origin, "rev-parse", "v1")
	for _, c := range []struct{ name, dir, ref, file, want string }{
		{"a branch before a tag", dir, "main", "base.json", "two"},
		{"a branch with a slash", dir, "team/topic", "base.json", "one\r\n"},
		{"a tag", dir, "v1", "base.json", "one\r\n"},
		{"a tag object", dir, "v2", "base.json", "two"},
		{"a full name", dir, "refs/pull/7/merge", "base.json", "one\r\n"},
		{"HEAD", dir, "HEAD", "base.json", "two"},
		{"a hash", dir, first, "base.json", "one\r\n"},
		{"a path with folders", dir, "main", "perf/deep.json", "deep"},
		{"relative to a folder below", filepath.Join(dir, "perf"), "main", "deep.json", "deep"},
		{"an absolute path", dir, "main", filepath.Join(dir, "perf", "deep.json"), "deep"},
		{"a name that looks like a glob", dir, "main", "[a]*.json", "odd name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Fetch(t.Context(), c.dir, "origin", c.ref, c.file)
			wantEqual(t, "error", nil, err)
			wantEqual(t, "content", c.want, string(got))
		})
	}
}

func TestFetchErrors(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	gone := filepath.Join(filepath.Dir(origin), "gone")
	git(t, dir, "remote", "add", "gone", gone)
	const absent = "1234567890123456789012345678901234567890"
	for _, c := range []struct {
		name, remote, ref, file string
		is                      error
		want                    string
	}{
		{"no such file", "origin", "main", "none.json", ErrNoFile, "none.json at main of origin: no such file in the commit"},
		{"a folder", "origin", "main", "perf", ErrNoFile, "perf at main of origin: expected a file, found a tree: no such file in the commit"},
		{"outside", "origin", "main", "../x", ErrNoFile, "../x is outside the repository: no such file in the commit"},
		{"no such branch", "origin", "none", "base.json", ErrNoRef, "base.json at none of origin: unknown revision"},
		{"no such remote", "upstream", "main", "base.json", nil, `the clone has no remote "upstream"`},
		{"a path for a remote", origin, "main", "base.json", nil, `the clone has no remote "` + origin + `"`},
		{"a URL for a remote", "ext::sh", "main", "base.json", nil, `"ext::sh" is not the name of a remote`},
		{"an option for a remote", "--upload-pack=sh", "main", "base.json", nil, `"--upload-pack=sh" is not the name of a remote`},
		{"an option for a branch", "origin", "--help", "base.json", nil, `"--help" is not the name of a revision; expected a branch, a tag or a commit`},
		{"an expression", "origin", "main~1", "base.json", nil, `"main~1" is not the name of a branch or tag of a remote`},
		{"a remote that is gone", "gone", "main", "base.json", nil, "base.json at main of gone: git ls-remote: '" + gone +
			"' does not appear to be a git repository: exit status 128"},
		{"a hash of a remote that is gone", "gone", absent, "base.json", nil, "base.json at " + absent + " of gone: git fetch: '" + gone +
			"' does not appear to be a git repository: exit status 128"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Fetch(t.Context(), dir, c.remote, c.ref, c.file)
			if err == nil {
				t.Fatal("no error")
			}
			wantEqual(t, "error", c.want, err.Error())
			for _, sentinel := range []error{ErrNoFile, ErrNoRef} {
				wantEqual(t, "errors.Is "+sentinel.Error(), sentinel == c.is, errors.Is(err, sentinel))
			}
		})
	}
}

// TestFetchAbsentHash stands apart as git and the server race for the first word.
func TestFetchAbsentHash(t *testing.T) {
	t.Parallel()
	const absent = "1234567890123456789012345678901234567890"
	_, err := Fetch(t.Context(), clone(t, hub(t)), "origin", absent, "base.json")
	if !errors.Is(err, ErrNoRef) || !strings.Contains(err.Error(), "not our ref "+absent) {
		t.Errorf("got %v, want ErrNoRef with the server's words", err)
	}
}

func TestFetchLeavesTheCloneAlone(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	first := git(t, origin, "rev-parse", "v1")
	for _, c := range []struct {
		name    string
		args    []string
		commits string
	}{
		{"full", nil, "2"},
		{"shallow", []string{"--depth=1", "--no-tags"}, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := clone(t, origin, c.args...)
			write(t, filepath.Join(dir, "base.json"), "not committed")
			write(t, filepath.Join(dir, ".git", "FETCH_HEAD"), "of the user")
			before := snapshot(t, dir)
			for _, ref := range []string{"team/topic", first} {
				got, err := Fetch(t.Context(), dir, "origin", ref, "base.json")
				wantEqual(t, "error", nil, err)
				wantEqual(t, "content", "one\r\n", string(got))
			}
			wantEqual(t, "files of the clone", before, snapshot(t, dir))
			wantEqual(t, "commits", c.commits, git(t, dir, "rev-list", "--count", "HEAD"))
		})
	}
}

// TestFetchFrom reaches the same remote in all the ways that a config can say.
func TestFetchFrom(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	relative := func(dir string) string {
		name, err := filepath.Rel(dir, origin)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(name)
	}
	for _, c := range []struct {
		name   string
		set    func(t *testing.T, dir string)
		remote string
	}{
		{"a path", func(t *testing.T, dir string) { git(t, dir, "remote", "set-url", "origin", origin) }, "origin"},
		{"a relative path", func(t *testing.T, dir string) { git(t, dir, "remote", "set-url", "origin", relative(dir)) }, "origin"},
		{"insteadOf", func(t *testing.T, dir string) {
			git(t, dir, "remote", "set-url", "origin", "https://example.invalid/hub.git")
			git(t, dir, "config", "url."+filepath.ToSlash(filepath.Dir(origin))+"/.insteadOf", "https://example.invalid/")
		}, "origin"},
		{"an included file", func(t *testing.T, dir string) {
			git(t, dir, "remote", "set-url", "origin", "https://example.invalid/hub.git")
			more := filepath.Join(t.TempDir(), "more")
			git(t, dir, "config", "-f", more, "url."+filepath.ToSlash(filepath.Dir(origin))+"/.insteadOf", "https://example.invalid/")
			real, err := filepath.EvalSymlinks(dir)
			wantEqual(t, "EvalSymlinks", nil, err)
			git(t, dir, "config", "includeIf.gitdir:"+filepath.ToSlash(real)+"/.git.path", more)
		}, "origin"},
		{"a name with a slash and a dot", func(t *testing.T, dir string) { git(t, dir, "remote", "add", "Team/v1.x", origin) }, "Team/v1.x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := clone(t, origin, "--depth=1")
			c.set(t, dir)
			got, err := Fetch(t.Context(), filepath.Join(dir, "perf"), c.remote, "v1", "../base.json")
			wantEqual(t, "error", nil, err)
			wantEqual(t, "content", "one\r\n", string(got))
		})
	}
}

// TestFetchFilters asks servers that leave out contents, that do not know how to,
// that refuse to, and that do but do not hand them out later.
func TestFetchFilters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config []string
	}{
		{"allowed", []string{"uploadpack.allowFilter=true"}},
		{"unknown", []string{"uploadpack.allowFilter=false"}},
		{"refused", []string{"uploadpack.allowFilter=true", "uploadpackfilter.blob:none.allow=false"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			origin := hub(t)
			for _, s := range c.config {
				key, value, _ := strings.Cut(s, "=")
				git(t, origin, "config", key, value)
			}
			dir := clone(t, origin, "--depth=1")
			_, err := UpdateFile(t.Context(), dir, options(), add(" three")) // fetches, too
			wantEqual(t, "error", nil, err)
			wantEqual(t, "new content", "two three", git(t, origin, "show", "refs/heads/main:base.json"))
			wantEqual(t, "another file", "deep", git(t, origin, "show", "refs/heads/main:perf/deep.json"))
		})
	}
}

// TestFetchIsPartial looks at what comes over: with a filter, one file of three.
func TestFetchIsPartial(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	git(t, origin, "config", "uploadpack.allowFilter", "true")
	r, err := open(t.Context(), clone(t, origin), "origin")
	if err != nil {
		t.Fatal(err)
	}
	s, got, err := r.get(t.Context(), "refs/heads/main", "base.json")
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "content", "two", string(got.data))
	list := git(t, s.dir, "cat-file", "--batch-check=%(objecttype)", "--batch-all-objects", "--unordered")
	wantEqual(t, "files", 1, strings.Count(list, "blob"))
	wantEqual(t, "commits", 1, strings.Count(list, "commit"))
	s.close()
	if _, err := os.Stat(s.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the scratch repository is still there: %v", err)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	git(t, origin, "config", "uploadpack.allowFilter", "true")
	first := git(t, origin, "rev-parse", "v1")
	partial := filepath.Join(t.TempDir(), "partial")
	cloneAnew(t, origin, partial, "--no-checkout", "--filter=blob:none")
	alone := clone(t, origin, "--depth=1")
	git(t, alone, "remote", "remove", "origin")
	for _, c := range []struct{ name, dir, ref, file, want, err string }{
		{"in a full clone", clone(t, origin), first, "base.json", "one\r\n", ""},
		{"in a shallow clone", clone(t, origin, "--depth=1"), first, "base.json", "one\r\n", ""},
		{"in a partial clone", partial, first, "base.json", "one\r\n", ""},
		{"no such file", clone(t, origin, "--depth=1"), first, "none", "", "none at " + first + " of origin: no such file in the commit"},
		{"no such file here", alone, "HEAD", "none", "", "none at HEAD: no such file in the commit"},
		{"no remote", alone, first, "base.json", "", `unknown revision "` + first + `": ` + shallowHint + `; the clone has no remote "origin"`},
		{"no clone", filepath.Dir(partial), first, "base.json", "", "git rev-parse: not a git repository (or any of the parent directories): .git: exit status 128"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(t.Context(), c.dir, "origin", c.ref, c.file)
			wantEqual(t, "content", c.want, string(got))
			message := ""
			if err != nil {
				message = err.Error()
			}
			wantEqual(t, "error", c.err, message)
		})
	}
}

func TestDefaultBranch(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin, "--depth=1")
	git(t, origin, "symbolic-ref", "HEAD", "refs/heads/team/topic")
	branch, commit, err := DefaultBranch(t.Context(), dir, "origin")
	wantEqual(t, "error", nil, err)
	wantEqual(t, "branch", "team/topic", branch)
	wantEqual(t, "commit", git(t, origin, "rev-parse", "v1"), commit)
	git(t, origin, "update-ref", "--no-deref", "HEAD", "refs/tags/v1")
	_, _, err = DefaultBranch(t.Context(), dir, "origin")
	if !errors.Is(err, ErrNoRef) {
		t.Errorf("a remote without a branch checked out: got %v, want ErrNoRef", err)
	}
}

func TestFetchHashesOfSHA256(t *testing.T) {
	t.Parallel()
	needGit(t)
	dir := t.TempDir()
	git(t, dir, "init", "--object-format=sha256")
	write(t, filepath.Join(dir, "base.json"), "one")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-m", "first")
	from := filepath.Join(t.TempDir(), "clone")
	cloneAnew(t, dir, from)
	for _, ref := range []string{"main", git(t, dir, "rev-parse", "main")} {
		got, err := Fetch(t.Context(), from, "origin", ref, "base.json")
		wantEqual(t, "error", nil, err)
		wantEqual(t, "content", "one", string(got))
	}
}

func TestFetchOfTheFirstParent(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin, "--depth=1")
	base, err := FirstParent(t.Context(), dir, "HEAD")
	wantEqual(t, "FirstParent error", nil, err)
	if _, err := Show(t.Context(), dir, base, "base.json"); !errors.Is(err, ErrNoRef) {
		t.Errorf("Show: got %v, want ErrNoRef", err)
	}
	got, err := Fetch(t.Context(), dir, "origin", base, "base.json")
	wantEqual(t, "Fetch error", nil, err)
	wantEqual(t, "content", "one\r\n", string(got))
}

func TestBeyond(t *testing.T) {
	t.Parallel()
	clone := []setting{
		{"credential.helper", "store"},
		{"user.name", "A"},
		{"core.hookspath", "/trap"},
		{"core.sshcommand", "ssh -i key"},
		{"credential.helper", ""},
		{"credential.helper", "store"},
		{"http.https://example.com/.extraheader", "X: y"},
		{"remote.origin.url", "../hub"},
		{"remote.origin.uploadpack", "trap"},
		{"remote.origin.x.url", "another remote"},
		{"remote.other.url", "../other"},
		{"protocol.ext.allow", "always"},
		{"user.name", "A"},
	}
	known := []setting{{"credential.helper", "store"}, {"user.name", "A"}}
	want := []setting{
		{"core.sshcommand", "ssh -i key"},
		{"credential.helper", ""},
		{"credential.helper", "store"},
		{"http.https://example.com/.extraheader", "X: y"},
		{"remote.origin.url", "../hub"},
		{"user.name", "A"},
	}
	got := beyond(clone, known, "origin")
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		wantEqual(t, "setting", [2]string{want[i].key, want[i].value}, [2]string{got[i].key, got[i].value})
	}
	wantEqual(t, "variables", []string{
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=core.sshcommand", "GIT_CONFIG_VALUE_0=ssh -i key",
		"GIT_CONFIG_KEY_1=credential.helper", "GIT_CONFIG_VALUE_1=",
	}, byEnvironment(want[:2]))
}

func TestOnlineEnvironment(t *testing.T) {
	t.Parallel()
	got := onlineEnvironment([]string{
		"Path=/bin", "HOME=/h", "GIT_DIR=/elsewhere", "GITHUB_TOKEN=secret", "GIT_CONFIG_KEY_0=user.name", "GIT_CONFIG_COUNT=1",
		"GIT_ASKPASS=/askpass", "https_proxy=proxy", "GIT_TRACE=1", "SSH_AUTH_SOCK=/sock", "GIT_INDEX_FILE=x",
	})
	want := []string{
		"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1",
		"Path=/bin", "HOME=/h", "GIT_ASKPASS=/askpass", "https_proxy=proxy", "SSH_AUTH_SOCK=/sock",
	}
	wantEqual(t, "environment", want, got)
}
