package loadtest

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/config"
	"speedgate/runner/child"
	"speedgate/runner/load"
	"speedgate/runner/locust"
	"speedgate/runner/plan"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	h := config.HTTP{URL: "http://a:1/base/", Requests: []config.Request{
		{Method: "GET", Path: "/x?q=1", Weight: 2},
		{Name: "order", Method: "POST", Path: "/y", Body: "{}", Header: []config.Header{{Name: "content-type", Value: "a"}, {Name: "X", Value: "1"}, {Name: "X", Value: "2"}}, Weight: 1},
	}}
	want := []load.Target{
		{Name: "/x", Method: "GET", URL: "http://a:1/base/x?q=1", Header: map[string][]string{}, Body: []byte{}, Weight: 2},
		{Name: "order", Method: "POST", URL: "http://a:1/base/y", Header: map[string][]string{"Content-Type": {"a"}, "X": {"1", "2"}}, Body: []byte("{}"), Weight: 1},
	}
	if d := cmp.Diff(want, targets(h)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]load.Target{{URL: "http://a/b"}}, targets(config.HTTP{URL: "http://a/b"})); d != "" {
		t.Errorf("without requests (-want +got):\n%s", d)
	}
}

func TestProcessName(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]config.Profile{
		"given":   {Watch: config.Watch{PID: 1, Name: "given"}},
		"box":     {Watch: config.Watch{Container: "box"}},
		"shop":    {Start: "./bin/shop --port 1", Watch: config.Watch{}},
		"python3": {Start: "./other", Watch: config.Watch{Command: "python3 srv.py"}},
		"service": {Watch: config.Watch{PID: 1}},
		"env":     {Start: "env A=1 shop"},
	} {
		if got := processName(p); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPortFree(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	if err := portFree("http://" + taken + "/healthz"); err == nil || !strings.Contains(err.Error(), taken+" is taken") {
		t.Errorf("taken: %v", err)
	}
	// What listens on another machine is none of this one's ports.
	_, port, _ := net.SplitHostPort(taken)
	if err := portFree("http://192.0.2.1:" + port); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
}

func TestFindProcess(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mark := "speedgate-" + strconv.Itoa(os.Getpid()) + t.Name()
	start := func() *child.Process {
		// The shell and its child both have the mark: the shell is meant.
		p, err := child.Start(ctx, child.Command{Shell: "sh -c 'sleep 60; : " + mark + "'; : " + mark})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first := start()
	if pid := waitFor(t, mark); pid != first.PID() {
		t.Errorf("found %d, want %d", pid, first.PID())
	}
	second := start()
	for range 100 {
		if _, err := findProcess(mark); err != nil {
			if want := "2 processes have "; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s…", err, want)
			}
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	_, _ = first.Wait(), second.Wait()
	if _, err := findProcess(mark); err == nil || !strings.HasPrefix(err.Error(), "no process has ") {
		t.Errorf("after the end: %v", err)
	}
}

// waitFor waits until a process has replaced the image of the one that started it.
func waitFor(t *testing.T, mark string) int {
	t.Helper()
	for range 100 {
		if pid, err := findProcess(mark); err == nil {
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the process never came")
	return 0
}

func TestWithLast(t *testing.T) {
	t.Parallel()
	plain := errors.New("x")
	exit := &child.ExitError{Err: errors.New("exit status 1"), Tail: "a\n  b  \n\n"}
	for _, c := range []struct {
		err  error
		last string
		want string
	}{
		{plain, "y", "x"},
		{exit, "", "exit status 1; the last it said: b"},
		{exit, "c", "exit status 1; the last it said: c"},
		{&child.ExitError{Err: errors.New("exit status 1")}, "", "exit status 1"},
	} {
		if got := withLast(c.err, c.last); got.Error() != c.want || !errors.Is(got, c.err) {
			t.Errorf("got %v, want %s", got, c.want)
		}
	}
}

// TestLocust holds what Locust is told of stages.
func TestLocust(t *testing.T) {
	t.Parallel()
	d := &locustDriver{maker: &maker{p: config.Profile{Locust: config.Locust{
		File: "l.py", Host: "http://a", Tags: []string{"x"}, Workers: config.Workers{Expect: 3, Start: 1, Listen: "h:1"},
	}}}}
	warmup := plan.Stage{To: 20, Duration: 5 * time.Second, Warmup: true}
	steady := plan.Stage{From: 20, To: 20, Duration: 10 * time.Second}
	got := d.test([]plan.Stage{warmup, steady}, "p")
	if got.Users != 20 || got.SpawnRate != 4 || got.Duration != 15*time.Second || !got.ResetStats || got.Workers != 1 || got.Remote != 2 {
		t.Errorf("%+v", got)
	}
	if problems := got.Check(); len(problems) > 0 {
		t.Errorf("refused: %v", problems)
	}
	if got := d.test([]plan.Stage{steady}, "p"); got.SpawnRate != 20 || got.Duration != 10*time.Second {
		t.Errorf("without a warm-up %+v", got)
	}
}

// Users come within the warm-up, and change at once after it.
func TestChanges(t *testing.T) {
	t.Parallel()
	s := plan.Default(plan.Spike)
	s.Measure, s.Load, s.Warmup, s.Duration = plan.Users, 10, 5*time.Second, 40*time.Second
	s.Spike = plan.Burst{Times: 5, Duration: 10 * time.Second}
	want := []locust.Stage{
		{Users: 10, SpawnRate: 2, Duration: 5 * time.Second},
		{Users: 10, SpawnRate: 2, Duration: 10 * time.Second},
		{Users: 50, SpawnRate: 40, Duration: 10 * time.Second},
		{Users: 10, SpawnRate: 40, Duration: 20 * time.Second},
	}
	if d := cmp.Diff(want, changes(s.Stages())); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	d := &locustDriver{maker: &maker{p: config.Profile{Shape: s}}}
	if test := d.test(s.Stages(), "x"); !test.ResetStats || len(test.Stages) != 4 {
		t.Errorf("%+v", test)
	}
	s.Warmup = 0
	if test := d.test(s.Stages(), "x"); test.ResetStats || len(test.Stages) != 3 {
		t.Errorf("without a warm-up, whose end resets the statistics: %+v", test)
	}
	want = slices.Delete(want, 0, 1)
	want[0].SpawnRate = 10
	if d := cmp.Diff(want, changes(s.Stages())); d != "" {
		t.Errorf("without a warm-up (-want +got):\n%s", d)
	}
}
