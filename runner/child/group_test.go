//go:build unix

package child

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func skipOnWindows(*testing.T) {}

// leaver is a command line that leaves processes behind, one of which nothing but
// a kill ends, and prints their ids. They would end by themselves.
const leaver = `sleep 60 & a=$!; (trap '' INT TERM; echo $a $(exec sh -c 'echo $PPID'); sleep 60; sleep 60) & sleep 0.2; `

func TestRunEndsWhatAProgramLeaves(t *testing.T) {
	t.Parallel()
	out := newLines()
	began := time.Now()
	err := Run(t.Context(), Command{Shell: leaver + "true", Environ: os.Environ(), Stdout: out, Grace: 300 * time.Millisecond})
	if err != nil {
		t.Errorf("Run: %v", err)
	}
	expectEnded(t, out.first(t))
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("it took %s", d)
	}
}

func TestStopEndsGrandchildren(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	out := newLines()
	p := start(ctx, t, Command{Shell: leaver + "wait", Environ: os.Environ(), Stdout: out, Grace: 300 * time.Millisecond})
	pids := out.first(t)
	stop()
	if err := p.Wait(); err == nil {
		t.Error("Wait: no error")
	}
	expectEnded(t, pids)
}

// parent plays a program that starts a load test and is then killed.
func parent() {
	p, err := Start(context.Background(), Command{Shell: leaver + "wait", Environ: os.Environ(), Stdout: os.Stdout})
	if err != nil {
		os.Exit(1)
	}
	_ = p.Wait()
}

// A process that is killed cannot clean up: the guard has to.
func TestKilledParentLeavesNothing(t *testing.T) {
	t.Parallel()
	out := newLines()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stdout = append(os.Environ(), roleVariable+"=parent"), out
	cmd.WaitDelay = time.Second // should a grandchild hold the pipe
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pids := out.first(t)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	expectEnded(t, pids)
}

// expectEnded checks that processes, by their ids with blanks between them, end
// within some seconds.
func expectEnded(t *testing.T, pids string) {
	t.Helper()
	fields := strings.Fields(pids)
	if len(fields) != 2 {
		t.Fatalf("%q are not the ids of two processes", pids)
	}
	for _, f := range fields {
		pid, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		end := time.Now().Add(5 * time.Second)
		for isRunning(pid) && time.Now().Before(end) {
			time.Sleep(pollTime)
		}
		if isRunning(pid) {
			t.Errorf("process %d still runs", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// isRunning reports whether a process is alive. Where there is no /proc, one that
// has ended and that nobody has collected counts as alive.
func isRunning(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return !strings.Contains(string(stat), ") Z ")
}
