package locust

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"speedgate/perf"
	"speedgate/runner/monitor"

	"github.com/google/go-cmp/cmp"
)

// builder is a writer for several goroutines.
type builder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *builder) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *builder) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestRun(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{0, 2} {
		args := filepath.Join(t.TempDir(), "args")
		p, environ := fakeProgram("", argsVariable+"="+args)
		test := simple(t)
		test.Workers, test.Listen = workers, freeAddress(t)
		var seen ticks
		log := new(builder)
		result, err := p.Run(t.Context(), test, Streams{Environ: environ, Stderr: log, Tick: seen.add})
		if err != nil {
			t.Fatal(err)
		}
		want := Files{
			Stats: test.Prefix + "_stats.csv", History: test.Prefix + "_stats_history.csv",
			Failures: test.Prefix + "_failures.csv", Exceptions: test.Prefix + "_exceptions.csv",
		}
		if d := cmp.Diff(Result{want, nil, []perf.Warning{{Msg: overload.text}}}, result); d != "" {
			t.Errorf("Run (-want +got):\n%s", d)
		}
		if last, ok := seen.all.Snapshot(); !ok || float64(last.Requests) != measured(t, result.Files) {
			t.Errorf("the last row is %+v, the files have %g requests", last, measured(t, result.Files))
		}
		if !strings.Contains(log.String(), "CPU usage above 90%!") {
			t.Errorf("the log is not handed on: %q", log)
		}
		line, err := os.ReadFile(args)
		if err != nil {
			t.Fatal(err)
		}
		_, flush, _ := strings.Cut(string(line), "--locustfile=locustfile.py,")
		flush, _, _ = strings.Cut(flush, " ")
		if _, err := os.Stat(filepath.Dir(flush)); err == nil || filepath.Base(flush) != "speedgate_flush.py" {
			t.Errorf("the second locustfile %q is still there, or was never: %v", flush, err)
		}
	}
}

// TestRunWithoutTick holds that nobody needs to watch.
func TestRunWithoutTick(t *testing.T) {
	t.Parallel()
	p, environ := fakeProgram("")
	if result, err := p.Run(t.Context(), simple(t), Streams{Environ: environ}); err != nil || result.Files.Stats == "" {
		t.Errorf("Run: %+v, %v", result, err)
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, role string
		change     func(*Test)
		want       string // PREFIX stands for that of the test
	}{
		{"it fails", "fails", func(*Test) {}, "locust: exit status 3; its last lines were:\n  \\x1b[31mTraceback\n  :\\:error::no module"},
		{"no results", "writes nothing", func(*Test) {}, "locust ended and left no PREFIX_stats.csv"},
		{
			"the port is taken", "",
			func(c *Test) { c.Workers, c.Listen = 1, taken.Addr().String() },
			"the master of locust cannot listen for workers: " + taken.Addr().String() + " is taken: another program listens there; end it, or choose another port",
		},
		{
			"the port of the processes is taken", "",
			func(c *Test) { c.Processes, c.Listen = 2, taken.Addr().String() },
			"the master of locust cannot listen for workers: " + taken.Addr().String() + " is taken: another program listens there; end it, or choose another port",
		},
		{
			"no workers", "no workers",
			func(c *Test) { c.Remote, c.Listen, c.WorkerWait = 3, freeAddress(t), 5*time.Second },
			"1 of 3 workers of locust connected to LISTEN within 5s; start the others on their machines with " +
				"locust --worker --locustfile FILE --master-host THIS-MACHINE --master-port PORT",
		},
		{"no folder", "", func(c *Test) { c.Prefix = filepath.Join(file, "api") }, "mkdir " + file + ": not a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.name == "no folder" && runtime.GOOS == "windows" {
				t.Skip("Windows says it in other words")
			}
			p, environ := fakeProgram(c.role)
			test := simple(t)
			c.change(&test)
			old := test.Prefix + "_stats.csv"
			if c.role == "fails" || c.role == "writes nothing" {
				if err := errors.Join(os.MkdirAll(filepath.Dir(old), 0o755), os.WriteFile(old, []byte("old"), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			result, err := p.Run(t.Context(), test, Streams{Environ: environ})
			_, port, _ := strings.Cut(test.Listen, ":")
			want := strings.NewReplacer("PREFIX", test.Prefix, "LISTEN", test.Listen, "PORT", port).Replace(c.want)
			if message(err) != want {
				t.Errorf("Run: %v, want %s", err, want)
			}
			if result.Files.Stats != "" {
				t.Errorf("an old %s is there", result.Files.Stats)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestStop(t *testing.T) {
	skipOnWindows(t)
	t.Parallel()
	dontIgnore(t)
	p, environ := fakeProgram("goes on")
	ctx, abort := context.WithCancelCause(t.Context())
	breach := errors.New("error_rate above 5%")
	test := simple(t)
	result, err := p.Run(ctx, test, Streams{Environ: environ, Tick: func(monitor.Tick) { abort(breach) }})
	if !errors.Is(err, breach) || err.Error() != "locust: stopped: error_rate above 5%" {
		t.Errorf("Run: %v", err)
	}
	if result.Files.Stats == "" || measured(t, result.Files) == 0 {
		t.Errorf("nothing is kept: %+v", result.Files)
	}
}

// A worker that dies ends the test, as the load is not what was asked for.
func TestWorkerDies(t *testing.T) {
	skipOnWindows(t)
	t.Parallel()
	dontIgnore(t)
	p, environ := fakeProgram("worker dies, the master goes on")
	test := simple(t)
	test.Workers, test.Listen = 1, freeAddress(t)
	result, err := p.Run(t.Context(), test, Streams{Environ: environ})
	const want = "locust: stopped: worker 1 ended before the test did: exit status 7; its last lines were:\n  no memory"
	if message(err) != want {
		t.Errorf("Run: %v, want %s", err, want)
	}
	if result.Files.Stats == "" {
		t.Errorf("nothing is kept: %+v", result.Files)
	}
}

// TestHang ends a Locust that does not end by itself.
func TestHang(t *testing.T) {
	skipOnWindows(t)
	t.Parallel()
	dontIgnore(t)
	p, environ := fakeProgram("goes on")
	test := simple(t)
	files := filesOf(test.Prefix)
	if err := files.clear(); err != nil {
		t.Fatal(err)
	}
	r := &run{program: p, test: test, streams: Streams{Environ: environ}, notes: newNotes(nil), limit: time.Second}
	if err := r.all(t.Context(), []string{"flush.py"}, files.History); message(err) != "locust: stopped: it did not end within 1s" {
		t.Errorf("all: %v", err)
	}
}

func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot ask a program to end")
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	log := new(builder)
	n := newNotes(log)
	lines := []string{
		"[..] host/INFO/locust.main: Starting Locust 2.47.0\n",
		"[..] host/INFO/locust.runners: Worker host_ab12 failed to send heartbeat, setting state to missing.\n",
		"[..] host/WARNING/locust.runners: Worker host_ab12 (index 0) exceeded cpu threshold (will only log this once per worker)\n",
		"[..] host/WARNING/root: CPU usage above 90%! This may constrain your throughput\n",
	}
	for _, line := range lines {
		if _, err := n.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	missing := []perf.Warning{{Msg: "a worker of locust went missing, and its users with it: the load was less than what was asked for"}}
	if d := cmp.Diff(missing, n.warnings(false)); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
	overloaded := []perf.Warning{{Msg: "locust used up a processor, so that response times are in part its own; spread the users over more processes or workers"}}
	if d := cmp.Diff(overloaded, n.warnings(true)); d != "" {
		t.Errorf("overloaded (-want +got):\n%s", d)
	}
	if connected, ok := n.missing(); ok {
		t.Errorf("%q workers connected, and nobody gave up waiting", connected)
	}
	if log.String() != strings.Join(lines, "") {
		t.Errorf("the log is %q", log)
	}
}
