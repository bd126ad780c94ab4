package locust

import (
	"cmp"
	"fmt"
	"math"
	"net"
	"runtime"
	"strconv"
	"time"

	"speedgate/perf"
	"speedgate/runner/plan"
)

// Test is a load test.
type Test struct {
	Locustfile  string // "" is locustfile.py; several have commas between them
	Dir         string // where Locust runs, and what Locustfile is relative to; "" is the current folder
	Host        string // address of the service; "" is what the locustfile says
	Users       int
	SpawnRate   float64       // users started a second
	Duration    time.Duration // whole seconds, with the ramp
	Tags        []string      // run only the tasks with one of these
	ExcludeTags []string      // run no task with one of these
	// Stages has the users change in turn, in place of Users, SpawnRate and Duration, as
	// Locust's load shapes do; nil for a test that does not.
	Stages []Stage
	// ResetStats leaves out what is measured before all users run, or in the first stage.
	// In the latter case what workers have not reported yet, three seconds at most, stays.
	ResetStats bool
	// StopTimeout is how long requests under way may take at the end, in whole
	// seconds; 0 stands for one. Those that take longer are not counted.
	StopTimeout time.Duration

	// Processes is in how many processes of this machine the users run; 0 and 1 are
	// one. Locust cannot do more on Windows, where Workers can.
	Processes int
	// Workers is how many workers are started on this machine, and Remote how many
	// are awaited from others, for a master that makes no requests itself.
	Workers, Remote int
	// Listen is where the master listens for workers, 127.0.0.1:5557 by default.
	// Locust's own default is every address of the machine, and it believes whoever
	// connects.
	Listen string
	// WorkerWait is how long workers are awaited, in whole seconds; 0 stands for 60.
	WorkerWait time.Duration

	// Prefix is the path that the files of results begin with: PREFIX_stats.csv.
	// Files of an earlier run are removed.
	Prefix string
	HTML   bool // write Locust's own report too
}

// Stage is a part of a test with a number of users, which is changed at once or by so
// many a second.
type Stage struct {
	Users     int
	SpawnRate float64
	Duration  time.Duration
}

// Report is how often the history of the test tells something new.
func (t *Test) Report() time.Duration {
	if t.listens() {
		return plan.WorkersReport
	}
	return time.Second
}

// Window is how long the percentiles of a test with stages look back: less than ten
// seconds, which is what Locust's do otherwise and as much as a stage may have.
func (t *Test) Window() time.Duration { return 2 * t.Report() }

const (
	defaultLocustfile  = "locustfile.py"
	defaultListen      = "127.0.0.1:5557"
	defaultStopTimeout = time.Second
	defaultWorkerWait  = time.Minute
	// spareTime is for the start and the end of Locust, beside what its options say.
	spareTime = 2 * time.Minute
)

// limit returns how long the test may take before it is taken to hang.
func (t *Test) limit() time.Duration {
	limit := t.Duration + t.stopTimeout() + spareTime
	for _, s := range t.Stages {
		limit += s.Duration
	}
	if t.distributed() {
		limit += t.workerWait()
	}
	return limit
}

func (t *Test) stopTimeout() time.Duration { return cmp.Or(t.StopTimeout, defaultStopTimeout) }

func (t *Test) workerWait() time.Duration { return cmp.Or(t.WorkerWait, defaultWorkerWait) }

// distributed reports whether the test has a master and workers.
func (t *Test) distributed() bool { return t.Workers+t.Remote > 0 }

// listens reports whether a master listens for workers.
func (t *Test) listens() bool { return t.distributed() || t.Processes > 1 }

func (t *Test) listen() string { return cmp.Or(t.Listen, defaultListen) }

// problems collects what is wrong with settings.
type problems []perf.Problem

func (p *problems) demand(ok bool, key, format string, args ...any) {
	if !ok {
		*p = append(*p, perf.Problem{Key: key, Msg: fmt.Sprintf(format, args...)})
	}
}

// Check returns everything that is wrong with the test.
func (t *Test) Check() []perf.Problem {
	var p problems
	stages := t.Stages
	if len(stages) == 0 {
		stages = []Stage{{t.Users, t.SpawnRate, t.Duration}}
	}
	for _, s := range stages {
		p.demand(s.Users >= 1, "users", "expected 1 or more, found %d", s.Users)
		p.demand(s.SpawnRate > 0 && !math.IsInf(s.SpawnRate, 0), "spawn_rate", "expected a number above 0, found %g", s.SpawnRate)
		p.demand(s.Duration >= time.Second, "duration", "expected 1s or more, found %s", s.Duration)
	}
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"duration", t.Duration}, {"stop_timeout", t.StopTimeout}, {"worker_wait", t.WorkerWait}} {
		p.demand(d.value >= 0, d.key, "expected 0 or more, found %s", d.value)
		p.demand(d.value%time.Second == 0, d.key, "expected whole seconds, found %s", d.value)
	}
	p.words("tags", t.Tags)
	p.words("exclude_tags", t.ExcludeTags)
	p.demand(t.Prefix != "", "prefix", "expected the path that the files of results begin with")
	t.checkProcesses(&p)
	return p
}

// words demands that Locust takes each of a list for a word: it would take -x for an
// option.
func (p *problems) words(key string, list []string) {
	for _, w := range list {
		p.demand(w != "" && w[0] != '-', key, "expected a name, found %q", w)
	}
}

func (t *Test) checkProcesses(p *problems) {
	p.demand(t.Processes >= 0, "processes", "expected 0 or more, found %d", t.Processes)
	p.demand(t.Workers >= 0, "workers", "expected 0 or more, found %d", t.Workers)
	p.demand(t.Remote >= 0, "remote_workers", "expected 0 or more, found %d", t.Remote)
	p.demand(t.Processes <= 1 || !t.distributed(), "processes", "expected either processes or workers")
	p.demand(t.Processes <= 1 || runtime.GOOS != "windows", "processes", "expected 1: Locust has no more on Windows; use workers")
	p.demand(t.Remote <= 0 || t.Listen != "", "listen", "expected the address that remote workers connect to, such as 10.0.0.5:5557")
	if _, _, err := splitAddress(t.listen()); err != nil {
		p.demand(false, "listen", "expected HOST:PORT as in %s, found %q", defaultListen, t.Listen)
	}
}

// splitAddress splits HOST:PORT. A host that is left out is every address.
func splitAddress(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		return "", "", err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", "", fmt.Errorf("%q is no port", port)
	}
	return host, port, nil
}
