package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docCommand matches a command of ours in a line of the docs for CI systems.
var docCommand = regexp.MustCompile("speedgate check [^`'|;\\\\]*")

// TestCICommands runs each command that docs/CI.md has for other CI systems, where
// there is a baseline and one result, and demands the reports that it names.
func TestCICommands(t *testing.T) {
	t.Parallel()
	needShell(t)
	text, err := os.ReadFile("docs/CI.md")
	if err != nil {
		t.Fatal(err)
	}
	_, others, ok := strings.Cut(string(text), "\n## Others\n")
	commands := docCommand.FindAllString(others, -1)
	if rows := strings.Count(others, "\n| ") - 1; !ok || len(commands) != rows {
		t.Fatalf("found %q in %d rows", commands, rows)
	}
	bin := t.TempDir()
	buildInto(t, bin)
	env := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "GITHUB_ACTIONS=", "GITLAB_CI="}
	for _, command := range commands {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "bench.txt"), []byte(fastResult+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, code := shell(t, dir, "speedgate update bench.txt && "+command, env...); code != 0 {
			t.Errorf("%s: exit code %d:\n%s", command, code, out)
		}
		for _, report := range regexp.MustCompile(`--report \w+=(\S+)`).FindAllStringSubmatch(command, -1) {
			if _, err := os.Stat(filepath.Join(dir, report[1])); err != nil {
				t.Errorf("%s: %v", command, err)
			}
		}
	}
}
