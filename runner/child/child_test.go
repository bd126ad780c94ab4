package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// roleVariable makes this test's binary play a program.
const roleVariable = "CHILD_TEST_ROLE"

// roles are the programs. They end by themselves, should a test not end them.
var roles = map[string]func(){
	"stubborn": func() {
		signal.Ignore(os.Interrupt, syscall.SIGTERM)
		fmt.Println("ready")
		time.Sleep(time.Minute)
	},
	"reporter": func() {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, os.Interrupt)
		fmt.Println("ready")
		fmt.Println("saved on", <-asked)
	},
	"environment": func() { fmt.Println(strings.Join(os.Environ(), "\n")) },
	"talker": func() {
		fmt.Print("out\nhalf a ")
		fmt.Fprintln(os.Stderr, "talk")
		fmt.Print("line")
		os.Exit(3)
	},
	"parent": parent,
}

func TestMain(m *testing.M) {
	if play := roles[os.Getenv(roleVariable)]; play != nil {
		play()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// role returns the command that plays a role.
func role(name string) Command {
	return Command{Args: []string{os.Args[0]}, Environ: append(os.Environ(), roleVariable+"="+name)}
}

// lines collects what is written, and tells a reader that waits for a line.
type lines struct {
	mu   sync.Mutex
	list []string
	more chan struct{}
}

func newLines() *lines { return &lines{more: make(chan struct{}, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, string(p))
	select {
	case l.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.list...)
}

// first waits for the first line.
func (l *lines) first(t *testing.T) string {
	t.Helper()
	select {
	case <-l.more:
		return strings.TrimSpace(l.all()[0])
	case <-time.After(20 * time.Second):
		t.Fatal("no line within 20 s")
		return ""
	}
}

func TestRunHandsOnWholeLines(t *testing.T) {
	t.Parallel()
	out, talk := newLines(), newLines()
	c := role("talker")
	c.Stdout, c.Stderr = out, talk
	err := Run(t.Context(), c)
	exit, ok := errors.AsType[*ExitError](err)
	if !ok || err.Error() != "exit status 3" {
		t.Fatalf("Run: %v, want exit status 3", err)
	}
	if d := cmp.Diff([]string{"out\n", "half a line"}, out.all()); d != "" {
		t.Errorf("standard output (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"talk\n"}, talk.all()); d != "" {
		t.Errorf("standard error (-want +got):\n%s", d)
	}
	// The streams have no order between them.
	for _, part := range []string{"out\n", "talk\n", "half a line"} {
		if !strings.Contains(exit.Tail, part) {
			t.Errorf("the tail %q lacks %q", exit.Tail, part)
		}
	}
}

func TestTailIsBounded(t *testing.T) {
	t.Parallel()
	var o output
	long := strings.Repeat("x", maxLine+10)
	out := newLines()
	o.copyLines(out, strings.NewReader(long+"\n"+strings.Repeat("123456789\n", 1000)))
	if n := len(out.all()[0]); n < maxLine || n > maxLine+10 {
		t.Errorf("the first piece of a long line has %d bytes", n)
	}
	if got, want := strings.Join(out.all(), ""), long+"\n"+strings.Repeat("123456789\n", 1000); got != want {
		t.Error("what was handed on is not what was read")
	}
	if tail, _ := o.end(); tail != strings.Repeat("123456789\n", maxTail/10) {
		t.Errorf("the tail has %d bytes and begins with %.20q", len(tail), tail)
	}
}

func TestStopAsksFirst(t *testing.T) {
	skipOnWindows(t)
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	out := newLines()
	c := role("reporter")
	c.Stdout = out
	p := start(ctx, t, c)
	out.first(t)
	stop(errors.New("p95 over the limit"))
	if err := p.Wait(); message(err) != "stopped: p95 over the limit" {
		t.Errorf("Wait: %v", err)
	}
	if d := cmp.Diff([]string{"ready\n", "saved on interrupt\n"}, out.all()); d != "" {
		t.Errorf("output (-want +got):\n%s", d)
	}
}

func TestStopKillsWhatIgnoresIt(t *testing.T) {
	skipOnWindows(t)
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	out := newLines()
	c := role("stubborn")
	c.Stdout, c.Grace = out, 200*time.Millisecond
	p := start(ctx, t, c)
	out.first(t)
	stop()
	err := p.Wait()
	if message(err) != "killed, as it did not end within 200ms: context canceled" || !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	const either = "expected either a program with its arguments or a command line"
	tests := []struct {
		name string
		ctx  context.Context
		c    Command
		want string
	}{
		{"nothing", t.Context(), Command{}, either},
		{"both", t.Context(), Command{Args: []string{"a"}, Shell: "a"}, either},
		{"no such program", t.Context(), Command{Args: []string{"no-such-program"}}, `exec: "no-such-program": executable file not found in $PATH`},
		{"cancelled before", cancelled, role("talker"), "context canceled"},
	}
	for _, tt := range tests {
		if err := Run(tt.ctx, tt.c); strings.Replace(message(err), "%PATH%", "$PATH", 1) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// brokenWriter has no room.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestRunTellsOfAWriterThatFails(t *testing.T) {
	t.Parallel()
	c := role("environment")
	c.Stdout = brokenWriter{}
	if err := Run(t.Context(), c); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Run: %v, want %v", err, syscall.ENOSPC)
	}
}

func start(ctx context.Context, t *testing.T, c Command) *Process {
	t.Helper()
	p, err := Start(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
