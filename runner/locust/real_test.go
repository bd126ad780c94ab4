package locust

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"speedgate/parsers/locust"
	"speedgate/perf"
	"speedgate/runner/child"
	"speedgate/runner/monitor"
)

// realVariable names the Locust to test with.
const realVariable = "SPEEDGATE_LOCUST"

// realLocust returns an installed Locust: the one that the variable names, or
// that of the pipeline's own folder.
func realLocust(t *testing.T) Program {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes some ten seconds")
	}
	path := os.Getenv(realVariable)
	if found, _ := filepath.Glob("../../.cache/locust-*/bin/locust"); path == "" && len(found) > 0 {
		path = found[len(found)-1]
	}
	if path == "" {
		t.Skip("no Locust: " + realVariable + " names none, and .cache has none")
	}
	p, err := Find(t.Context(), path, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	t.Log("locust", p.Version)
	return p
}

// buildShop builds the example's service.
func buildShop(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "shop")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir = "../../examples/shop"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// startShop starts the example's service and returns its address.
func startShop(t *testing.T, program string) string {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	p, err := child.Start(ctx, child.Command{Args: []string{program, "-addr", "127.0.0.1:0"}, Environ: os.Environ(), Stdout: in})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end()
		_ = p.Wait()
		_ = in.Close()
		_ = out.Close()
	})
	line := bufio.NewScanner(out)
	line.Scan()
	address, ok := strings.CutPrefix(line.Text(), "listening on ")
	if !ok {
		t.Fatalf("the shop says %q", line.Text())
	}
	return address
}

// ofShop is a test of the shop.
func ofShop(t *testing.T, program string) Test {
	t.Helper()
	file, err := filepath.Abs("../../examples/shop/locustfile.py")
	if err != nil {
		t.Fatal(err)
	}
	return Test{
		Locustfile: file, Host: startShop(t, program), Users: 4, SpawnRate: 4, Duration: 5 * time.Second,
		Prefix: filepath.Join(t.TempDir(), "new", "api"), HTML: true,
	}
}

// ticks collects the rows of a history.
type ticks struct {
	mu    sync.Mutex
	list  []monitor.Tick
	all   monitor.Ticks
	users int // at most
}

func (c *ticks) add(tick monitor.Tick) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, tick)
	c.users = max(c.users, tick.Users)
	c.all.Add(tick)
}

// measured returns the requests in the files of a test, read as the gate reads them.
func measured(t *testing.T, f Files) float64 {
	t.Helper()
	var parts []*perf.Run
	for _, name := range f.CSV() {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		read := locust.ParseStats
		switch name {
		case f.History:
			read = locust.ParseHistory
		case f.Failures:
			read = locust.ParseFailures
		case f.Exceptions:
			read = locust.ParseExceptions
		}
		part, err := read(file, name)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part)
	}
	run, err := locust.Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range run.Warnings {
		t.Errorf("%s", w)
	}
	for _, s := range run.Series {
		if s.Key.Subject == "Aggregated" && s.Key.Metric == perf.Requests {
			return s.Samples[0]
		}
	}
	return 0
}

// way is one in which Locust can be run.
type way struct {
	name   string
	change func(*Test)
}

func ways(t *testing.T) []way {
	return []way{
		{"one process", func(*Test) {}},
		{"two processes", func(c *Test) { c.Processes, c.Listen = 2, freeAddress(t) }},
		{"two workers", func(c *Test) { c.Workers, c.Listen = 2, freeAddress(t) }},
	}
}

// TestRealLocust runs the installed Locust in each way in which it can be run.
func TestRealLocust(t *testing.T) {
	const least = 60 // requests; four users make forty a second
	p := realLocust(t)
	shop := buildShop(t)
	for _, c := range ways(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			test := ofShop(t, shop)
			c.change(&test)
			var seen ticks
			log := new(strings.Builder)
			result, err := p.Run(t.Context(), test, Streams{Environ: os.Environ(), Stdout: log, Stderr: log, Tick: seen.add})
			if err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			requests := measured(t, result.Files)
			last, _ := seen.all.Snapshot()
			t.Logf("%g requests, %d rows, %+v", requests, len(seen.list), result.Warnings)
			if requests < least || float64(last.Requests) < requests*0.8 || float64(last.Requests) > requests {
				t.Errorf("the files have %g requests, the last row %d; want at least %d", requests, last.Requests, least)
			}
			if seen.users != 4 || last.Latency.P95 == nil || last.Throughput.Peak == nil {
				t.Errorf("the last row: %+v", last)
			}
			if result.Files.HTML == "" || (result.Files.JSON != "") != p.Version.writesJSON() {
				t.Errorf("files: %+v", result.Files)
			}
		})
	}
}

// TestRealAbort ends a test as a breach does, and holds that its files are whole within
// two seconds.
func TestRealAbort(t *testing.T) {
	p := realLocust(t)
	shop := buildShop(t)
	dontIgnore(t)
	limit := 2 * time.Second
	if os.Getenv(realVariable) == "" {
		limit = 10 * time.Second // a machine that does other things meanwhile
	}
	breach := errors.New("latency_p95 above 1ms")
	for _, c := range ways(t) {
		t.Run(c.name, func(t *testing.T) {
			test := ofShop(t, shop)
			test.Duration = time.Minute
			c.change(&test)
			ctx, abort := context.WithCancelCause(t.Context())
			var seen ticks
			var breached time.Time
			var total int64
			log := new(strings.Builder)
			result, err := p.Run(ctx, test, Streams{Environ: os.Environ(), Stdout: log, Stderr: log, Tick: func(tick monitor.Tick) {
				seen.add(tick)
				if total = tick.Requests; tick.Requests > 80 && breached.IsZero() {
					breached = time.Now()
					abort(breach)
				}
			}})
			took := time.Since(breached)
			if !errors.Is(err, breach) || err.Error() != "locust: stopped: latency_p95 above 1ms" {
				t.Errorf("Run: %v\n%s", err, log)
			}
			if took > limit {
				t.Errorf("it took %s to end\n%s", took, log)
			}
			requests := measured(t, result.Files)
			t.Logf("ended within %s, %g requests in the files, %d in the last row", took, requests, total)
			if requests < float64(total) || requests < 80 {
				t.Errorf("the files have %g requests, the last row %d", requests, total)
			}
		})
	}
}

// TestRealStages holds that users come and go as the stages say, which begin to the
// moment, and that what the first one measured is left out.
func TestRealStages(t *testing.T) {
	p := realLocust(t)
	shop := buildShop(t)
	for _, c := range ways(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			test := ofShop(t, shop)
			test.Stages = []Stage{{4, 2, 3 * time.Second}, {4, 2, 5 * time.Second}, {20, 16, 4500 * time.Millisecond}, {4, 16, 5 * time.Second}}
			test.ResetStats = true
			c.change(&test)
			var seen ticks
			var began []time.Time
			log := new(builder)
			result, err := p.Run(t.Context(), test, Streams{
				Environ: os.Environ(), Stdout: log, Stderr: log, Tick: seen.add,
				Stage: func(i int) {
					if i != len(began) {
						t.Errorf("stage %d begins after %d others", i, len(began))
					}
					began = append(began, time.Now())
				},
			})
			if err != nil || len(began) != len(test.Stages) {
				t.Fatalf("%d stages, %v\n%s", len(began), err, log)
			}
			for i, s := range test.Stages[:3] {
				// A machine with other things to do is late.
				if took := began[i+1].Sub(began[i]); took < s.Duration-100*time.Millisecond || took > s.Duration+2*time.Second {
					t.Errorf("stage %d took %s, want %s", i, took, s.Duration)
				}
			}
			// Four customers make 40 requests a second, and twenty make 200: some 1,300 in
			// what counts, and with workers 300 more of the first stage at most.
			requests := measured(t, result.Files)
			last, _ := seen.all.Snapshot()
			t.Logf("%g requests, %d at most and %d users at the end", requests, seen.users, last.Users)
			if seen.users != 20 || last.Users > 4 || requests < 600 || requests > 1800 {
				t.Errorf("%d users at most and %d at the end, %g requests\n%s", seen.users, last.Users, requests, log)
			}
		})
	}
}

// TestRealShape holds that a test is not made by another's plan.
func TestRealShape(t *testing.T) {
	p := realLocust(t)
	test := ofShop(t, buildShop(t))
	own := filepath.Join(t.TempDir(), "own.py")
	text := "from locust import LoadTestShape\nclass Own(LoadTestShape):\n    def tick(self):\n        return (1, 1) if self.get_run_time() < 3 else None\n"
	if err := os.WriteFile(own, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	test.Locustfile += "," + own
	result, err := p.Run(t.Context(), test, Streams{Environ: os.Environ()})
	if err != nil || len(result.Warnings) != 1 || !strings.HasPrefix(result.Warnings[0].Msg, "the locustfile has a load shape of its own: ") {
		t.Errorf("without stages: %v, %v", result.Warnings, err)
	}
	test.Stages = []Stage{{4, 4, 3 * time.Second}, {8, 4, 3 * time.Second}}
	_, err = p.Run(t.Context(), test, Streams{Environ: os.Environ()})
	if want := "the locustfile has a load shape of its own, and so has the profile; leave one of them out"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("with stages: %v, want %s", err, want)
	}
}

// TestRealMissingWorker holds that the master's own words for it are understood.
func TestRealMissingWorker(t *testing.T) {
	p := realLocust(t)
	test := ofShop(t, buildShop(t))
	test.Workers, test.Remote, test.Listen, test.WorkerWait = 1, 1, freeAddress(t), 8*time.Second
	result, err := p.Run(t.Context(), test, Streams{Environ: os.Environ()})
	if want := "1 of 2 workers of locust connected to " + test.Listen + " within 8s; start the others"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Run: %v, want %s…", err, want)
	}
	if result.Files.Stats != "" {
		t.Errorf("files: %+v", result.Files)
	}
}

// freeAddress returns an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// dontIgnore makes programs that a test starts heed an interrupt: if the test was
// started in the background, it ignores that, and so would they.
func dontIgnore(t *testing.T) {
	t.Helper()
	if !signal.Ignored(os.Interrupt) {
		return
	}
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	t.Cleanup(func() { signal.Stop(c) })
}
