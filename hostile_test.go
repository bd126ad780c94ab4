package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"speedgate/internal/testutil/hostile"
	"speedgate/internal/testutil/runneremu"
)

// TestHostileNames runs the program on results whose endpoints have hostile names,
// as a job of GitHub, and demands that the runner obeys nothing in its output but
// what the program means it to: to stop obeying, to begin again, and its notes.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bin := filepath.Join(dir, "speedgate")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	writeStats(t, filepath.Join(dir, "base_stats.csv"), "20")
	writeStats(t, filepath.Join(dir, "slow_stats.csv"), "60")
	for _, args := range [][]string{
		{"show", "slow_stats.csv"},
		{"update", "base_stats.csv"},
		{"check", "slow_stats.csv"},
		{"check", "--all", "slow_stats.csv"},
		{"check", "--report", "markdown=-", "slow_stats.csv"},
		{"check", "--report", "json=-", "slow_stats.csv"},
		{"update", "slow_stats.csv"},
		{"check", "--baseline", "nosuch.json", "--update", "slow_stats.csv"},
	} {
		cmd := exec.CommandContext(t.Context(), bin, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GITHUB_ACTIONS=true", "GITHUB_EVENT_PATH=", "GITHUB_STEP_SUMMARY=", "GITHUB_OUTPUT=", "GITHUB_TOKEN=")
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%v: %v\n%s%s", args, err, stdout.String(), stderr.String())
		}
		for _, line := range hostile.Commands(stdout.String() + "\n" + stderr.String()) {
			if !isOurs(line) {
				t.Errorf("%v: the runner obeys %q", args, line)
			}
		}
		checkOrder(t, args, stdout.String(), stderr.String())
	}
}

// TestHostileRerun runs a command whose standard error is hostile.
func TestHostileRerun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the command is for a POSIX shell")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "speedgate")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("base.txt", "BenchmarkA-2  \t1000\t1000 ns/op\n")
	write("slow.txt", "BenchmarkA-2  \t1000\t1500 ns/op\n")
	write("talk", "told\tplainly\n"+strings.Join(hostile.Names, "\n")+"\rx\r::add-mask::e\n"+strings.Repeat("x", 64<<10)+"::add-mask::e")
	run := func(want int, args ...string) (stdout, stderr string) {
		cmd := exec.CommandContext(t.Context(), bin, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=push", "GITHUB_EVENT_PATH=", "GITHUB_STEP_SUMMARY=", "GITHUB_OUTPUT=", "GITHUB_TOKEN=")
		var out, talk bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &talk
		err := cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Fatalf("%v: exit code %d, want %d (%v)\n%s%s", args, got, want, err, out.String(), talk.String())
		}
		return out.String(), talk.String()
	}
	run(0, "update", "base.txt")
	args := []string{"check", "--rerun", "cat talk >&2; cat slow.txt", "slow.txt"}
	stdout, stderr := run(1, args...)
	if c := runneremu.Commands(stderr); len(c) > 0 {
		t.Errorf("the runner obeys %v", c)
	}
	if !strings.Contains(stderr, "told    plainly\n") || !strings.Contains(stderr, "\nx\n") {
		t.Errorf("standard error of the command is not told:\n%.500s", stderr)
	}
	checkOrder(t, args, stdout, stderr)
}

// checkOrder demands that the runner obeys the same commands in whatever order it
// reads the two streams, and is not stopped in the end.
func checkOrder(t *testing.T, args []string, stdout, stderr string) {
	t.Helper()
	want := runneremu.Commands(stdout, stderr)
	if n := len(want); n > 0 && want[n-1].Name == "stop-commands" {
		t.Errorf("%v: the runner is stopped for good", args)
	}
	orders := [][]string{{stderr, stdout}}
	if begin, rest, ok := strings.Cut(stdout, "\n"); ok {
		orders = append(orders, []string{begin, stderr, rest}) // while it is stopped, if it is
	}
	for _, outputs := range orders {
		if got := runneremu.Commands(outputs...); len(got) != len(want) {
			t.Errorf("%v: the runner obeys %d commands, or %d in another order of the streams", args, len(want), len(got))
		}
	}
}

// isOurs reports whether a command is one that the program gives on purpose.
func isOurs(line string) bool {
	for _, begin := range []string{"::stop-commands::speedgate-", "::speedgate-", "::error title=speedgate", "::warning title=speedgate"} {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return false
}

// writeStats writes the results of a load test with an endpoint for each name.
func writeStats(t *testing.T, path, latency string) {
	t.Helper()
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	rows := [][]string{strings.Split("Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%", ",")}
	for i, name := range hostile.Names {
		// A file with bytes that are no text is refused whole. The number keeps names
		// apart that are alike once line ends are; no type stands before them, so that
		// they begin the subject.
		name = strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), "?") + " " + strconv.Itoa(i)
		rows = append(rows, []string{"", name, "1000", "0", latency, latency, "1", "90", "10", "100", "0", latency, latency})
	}
	if len(rows) < 41 {
		t.Fatalf("%d hostile names, want at least 40", len(rows)-1)
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
