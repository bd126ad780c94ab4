package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"speedgate/internal/testutil/fakegitlab"
)

// gitlabJobs is what the template says, as far as a test plays it.
type gitlabJobs struct {
	Base struct {
		BeforeScript []string `yaml:"before_script"`
	} `yaml:".speedgate"`
	Job struct {
		Extends   string
		Script    []string
		Variables map[string]string
		Artifacts struct {
			Paths   []string
			Reports map[string]string
		}
	} `yaml:"speedgate"`
}

func readTemplate(t *testing.T) gitlabJobs {
	t.Helper()
	text, err := os.ReadFile("examples/gitlab/speedgate.gitlab-ci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var jobs gitlabJobs
	if err := yaml.Unmarshal(text, &jobs); err != nil {
		t.Fatal(err)
	}
	if jobs.Job.Extends != ".speedgate" || len(jobs.Base.BeforeScript) == 0 || len(jobs.Job.Script) == 0 {
		t.Fatalf("read %+v", jobs)
	}
	return jobs
}

// playGitlab runs scripts as GitLab's runner does, in one shell, and returns what they
// wrote and their exit code.
func playGitlab(t *testing.T, dir string, env []string, scripts ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -eo pipefail\n"+strings.Join(scripts, "\n"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GITHUB_ACTIONS=", "GITLAB_CI=true")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func needBash(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the tools of the scripts are put together by symbolic links")
	}
	for _, name := range []string{"bash", "git", "curl", "sha256sum"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("the scripts of CI need %s, which is not there", name)
		}
	}
}

// buildInto builds the program into a folder.
func buildInto(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command("go", "build", "-o", dir+string(filepath.Separator), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// stub writes a command into a folder.
func stub(t *testing.T, dir, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

const (
	fastResult = "BenchmarkParse-2  \t1000\t1000 ns/op"
	slowResult = "BenchmarkParse-2  \t1000\t1500 ns/op"
)

// gitlabClone makes a project whose main branch has accepted results, and a shallow
// clone of it with a change that accepts slower ones: what a runner checks out. It
// returns the clone and both commits.
func gitlabClone(t *testing.T, bin string) (clone, base, head string) {
	t.Helper()
	dir := t.TempDir()
	origin := filepath.Join(dir, "origin")
	script := `git init -q -b main origin && cd origin
git config user.name tester && git config user.email tester@example.com
git config uploadpack.allowAnySHA1InWant true
echo '` + fastResult + `' >bench.txt && speedgate update bench.txt && rm bench.txt
git add -A && git commit -qm accepted && git tag base
git checkout -qb change
echo '` + slowResult + `' >bench.txt && speedgate update --accept '*' --reason 'hidden in the change' bench.txt && rm bench.txt
git add -A && git commit -qm change && git tag head
git clone -q --depth=1 --branch change "file://$PWD" ../clone
git rev-parse base head`
	out, code := playGitlab(t, dir, []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "GITLAB_CI="}, script)
	if code != 0 {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	hashes := regexp.MustCompile(`(?m)^[0-9a-f]{40}$`).FindAllString(out, -1)
	if len(hashes) != 2 {
		t.Fatalf("no two commits in %s of\n%s", origin, out)
	}
	return filepath.Join(dir, "clone"), hashes[0], hashes[1]
}

// TestGitlabTemplate plays the template's job for a change that accepts its own
// slowdown: the gate reads the baseline of the base commit, fails and says so.
func TestGitlabTemplate(t *testing.T) {
	t.Parallel()
	needBash(t)
	jobs, bin := readTemplate(t), t.TempDir()
	buildInto(t, bin)
	clone, base, head := gitlabClone(t, bin)
	stub(t, bin, "go", "echo '"+slowResult+"'")
	f := &fakegitlab.Server{Head: head}
	env := []string{
		"PATH=" + bin + ":" + os.Getenv("PATH"), "CI_API_V4_URL=" + f.Start(t), "SPEEDGATE_GITLAB_TOKEN=" + fakegitlab.Token,
		"CI_COMMIT_SHA=" + head, "CI_JOB_ID=80", "CI_PIPELINE_ID=20", "CI_JOB_NAME=speedgate", "CI_MERGE_REQUEST_IID=3",
		"CI_MERGE_REQUEST_PROJECT_ID=9", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=9", "CI_MERGE_REQUEST_DIFF_BASE_SHA=" + base,
	}
	for name, value := range jobs.Job.Variables {
		env = append(env, name+"="+value)
	}
	out, code := playGitlab(t, clone, env, append(jobs.Base.BeforeScript, jobs.Job.Script...)...)
	if code != 1 || !strings.Contains(out, "edits the gate itself") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if len(f.Notes) != 1 || !strings.Contains(f.Notes[0].Body, "1 suspect") {
		t.Errorf("notes %+v", f.Notes)
	}
	if strings.Contains(out, fakegitlab.Token) {
		t.Errorf("the log holds the token:\n%s", out)
	}
	for kind, pattern := range jobs.Job.Artifacts.Reports {
		if found, err := filepath.Glob(filepath.Join(clone, pattern)); err != nil || len(found) != 1 {
			t.Errorf("%s: %v match %s, %v", kind, found, pattern, err)
		}
	}
	for _, path := range jobs.Job.Artifacts.Paths {
		if _, err := os.Stat(filepath.Join(clone, path)); err != nil {
			t.Error(err)
		}
	}
}

// TestGitlabTemplateDownloads demands that the template takes a release only with the
// hash that the project names.
func TestGitlabTemplateDownloads(t *testing.T) {
	t.Parallel()
	needBash(t)
	archive := tarGz(t, "speedgate", "#!/bin/sh\necho the release of $1")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive) }))
	t.Cleanup(server.Close)
	sum := sha256.Sum256(archive)
	right := hex.EncodeToString(sum[:])
	for _, c := range []struct {
		hash, want string
		ok         bool
	}{
		{right, "the release of version", true},
		{strings.Repeat("0", 64), "WARNING: 1 computed checksum did NOT match", false},
		{"", "no properly formatted", false},
	} {
		env := []string{"SPEEDGATE_ARCHIVE=" + server.URL, "SPEEDGATE_SHA256=" + c.hash, "PATH=" + plainPath(t)}
		out, code := playGitlab(t, t.TempDir(), env, readTemplate(t).Base.BeforeScript[0], "speedgate version")
		if (code == 0) != c.ok || !strings.Contains(out, c.want) {
			t.Errorf("hash %q: exit code %d, want the words %q:\n%s", c.hash, code, c.want, out)
		}
	}
}

// plainPath is a PATH with what the scripts need, without a speedgate of this machine.
func plainPath(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"bash", "sh", "curl", "sha256sum", "tar", "gzip", "mktemp", "git", "cat", "uname", "mkdir", "rm", "mv", "unzip", "cut", "grep", "sed", "dirname", "tr", "env"} {
		if path, err := exec.LookPath(name); err == nil {
			if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// tarGz returns an archive of one executable file.
func tarGz(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))})
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	for _, e := range []error{err, w.Close(), z.Close()} {
		if e != nil {
			t.Fatal(e)
		}
	}
	return b.Bytes()
}
