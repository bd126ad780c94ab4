package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/config"
	"speedgate/internal/workflows"
)

var fence = regexp.MustCompile("(?ms)^```(\\S+)( guide)?\n(.*?)^```$")

// readme returns the README's blocks of one kind.
func readme(t *testing.T, kind string) []string {
	t.Helper()
	return blocks(t, "README.md", kind)
}

// blocks returns the blocks of one kind in a page.
func blocks(t *testing.T, page, kind string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range fence.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
		if m[1]+m[2] == kind {
			list = append(list, m[3])
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s has no block of kind %q", page, kind)
	}
	return list
}

// TestDocumentedConfigs demands that the config reference, and that of profiles, are
// configs.
func TestDocumentedConfigs(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "docs/RUN.md"} {
		for _, text := range blocks(t, page, "yaml") {
			if _, err := config.Parse([]byte(text), page); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestReadmeWorkflows demands that the workflows are those that init --github writes.
func TestReadmeWorkflows(t *testing.T) {
	t.Parallel()
	var want []string
	for _, f := range workflows.Starter(workflows.Options{Results: []string{"bench.txt"}}) {
		want = append(want, string(f.Data))
	}
	if d := cmp.Diff(want, readme(t, "yml")); d != "" {
		t.Errorf("(-init +README):\n%s", d)
	}
}

// cloneCommands are the commands that a reader types in a clone, each with its
// exit code. The tests themselves are run by .ci/run, which calls them by the same
// words.
var cloneCommands = map[string]int{
	"cd examples/shop && go run ../.. check": 1,
	"go install .":                           0,
	"go test ./...":                          -1,
}

func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	needShell(t)
	seen := 0
	for _, block := range readme(t, "sh") {
		for command := range strings.Lines(block) {
			command = strings.TrimSpace(command)
			want, ok := cloneCommands[command]
			if !ok {
				t.Errorf("README.md has the command %q, which no test runs", command)
				continue
			}
			seen++
			if want < 0 {
				demandInCI(t, command)
				continue
			}
			out, code := shell(t, ".", command, "GOBIN="+t.TempDir(), "GITHUB_ACTIONS=")
			if code != want {
				t.Errorf("%s: exit code %d, want %d:\n%s", command, code, want, out)
			}
		}
	}
	if seen != len(cloneCommands) {
		t.Errorf("README.md has %d of %d commands", seen, len(cloneCommands))
	}
}

func demandInCI(t *testing.T, command string) {
	t.Helper()
	script, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(command) + `$`).Match(script) {
		t.Errorf(".ci/run does not call %q", command)
	}
}

// TestReadmeGuide types the five-minute guide in a project that has the results of
// the example, line by line.
func TestReadmeGuide(t *testing.T) {
	t.Parallel()
	needShell(t)
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("the guide compares with a commit, and git is not there")
	}
	dir := guideProject(t)
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, block := range readme(t, "sh guide") {
		for command := range strings.Lines(block) {
			command, _, _ = strings.Cut(strings.TrimSpace(command), "  #")
			if strings.Contains(command, "--base-ref") {
				shell(t, dir, "git add -A && git commit -qm accepted")
			}
			out, code := shell(t, dir, command, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			if code != 0 {
				t.Errorf("%s: exit code %d:\n%s", command, code, out)
			}
		}
	}
	for _, name := range []string{"speedgate.yml", "performance_baseline.json", "out/load-results.md", "out/bench-base.xml"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the guide left no %s", name)
		}
	}
}

// guideProject makes a repository with results as the guide expects them.
func guideProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{
		"base/1/api_stats.csv":         "results/api_stats.csv",
		"base/1/api_stats_history.csv": "results/api_stats_history.csv",
		"base/1/bench.txt":             "base/1.txt",
		"base/2/bench.txt":             "base/2.txt",
		"base/3/bench.txt":             "base/3.txt",
		"head-same/1/bench.txt":        "head/1.txt",
		"head-same/2/bench.txt":        "head/2.txt",
		"head-same/3/bench.txt":        "head/3.txt",
	} {
		data, err := os.ReadFile(filepath.Join("examples/shop/results", from))
		if err != nil {
			t.Fatal(err)
		}
		to = filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	shell(t, dir, "git init -q -b main && git config user.name tester && git config user.email tester@example.com")
	return dir
}

func needShell(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the README's commands are for a POSIX shell, and there is none")
	}
}

func shell(t *testing.T, dir, command string, env ...string) (out string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	text, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}
