package monitor

import (
	"slices"
	"sync"
	"time"

	"speedgate/internal/stats"
)

// WindowSize is how many of the latest requests the current figures are of: ten of
// them lie beyond the 99th percentile.
const WindowSize = 1000

// Measurement is one finished request.
type Measurement struct {
	At      time.Time // when it ended
	Latency time.Duration
	Failed  bool
}

// Window takes in every request of a test. It keeps the latest [WindowSize] and, for
// each second, a few numbers. All methods may be called from any goroutine.
//
// A test that leaves out its warm-up makes a window when that is over.
type Window struct {
	mu       sync.Mutex
	start    time.Time
	requests int64
	failures int64
	latest   ring
	seconds  seconds
}

// NewWindow returns an empty window of a test that starts at start.
func NewWindow(start time.Time) *Window { return &Window{start: start} }

// Add takes in a request. One that ended before the start belongs to the first
// second: it was on its way when the test began.
func (w *Window) Add(m Measurement) {
	ms := float64(max(m.Latency, 0)) / float64(time.Millisecond)
	second := secondOf(m.At.Sub(w.start))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	if m.Failed {
		w.failures++
	}
	w.latest.add(ms, m.Failed)
	w.seconds.add(second, ms, m.Failed)
}

// Snapshot returns the figures at now. Seconds that are not over by then take no
// part in the throughput: part of a second has part of its requests.
func (w *Window) Snapshot(now time.Time) Snapshot {
	w.mu.Lock()
	s := Snapshot{At: now, Elapsed: max(0, now.Sub(w.start)), Requests: w.requests, Failures: w.failures}
	latest := slices.Clone(w.latest.latencies)
	s.Errors = Errors{Requests: int64(len(latest)), Failures: int64(w.latest.failures)}
	s.Throughput = w.seconds.throughput(secondOf(s.Elapsed))
	w.mu.Unlock()

	s.Errors.Now = percentage(s.Errors.Failures, s.Errors.Requests)
	s.Errors.Average = percentage(s.Failures, s.Requests)
	s.Latency = latencyOf(latest)
	return s
}

// Intervals returns the seconds from the start that are over at now, none missing.
// A request that is added more than a second late counts in its second, but takes
// no part in the percentile of that.
func (w *Window) Intervals(now time.Time) []Interval {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seconds.intervals(w.start, secondOf(now.Sub(w.start)))
}

// latencyOf describes latencies in milliseconds, which it sorts.
func latencyOf(ms []float64) Latency {
	if len(ms) == 0 {
		return Latency{}
	}
	slices.Sort(ms)
	p50, p95, p99, average := stats.Quantile(ms, 0.5), stats.Quantile(ms, 0.95), stats.Quantile(ms, 0.99), stats.Mean(ms)
	return Latency{P50: &p50, P95: &p95, P99: &p99, Average: &average, Requests: int64(len(ms))}
}

// percentage returns how many percent part is of all, nil of nothing.
func percentage(part, all int64) *float64 {
	if all <= 0 {
		return nil
	}
	v := 100 * float64(part) / float64(all)
	return &v
}

// ring is the latest [WindowSize] requests, in no order.
type ring struct {
	latencies []float64 // milliseconds
	failed    [WindowSize]bool
	failures  int
	next      int // what the next request takes the place of, once the ring is full
}

func (r *ring) add(ms float64, failed bool) {
	at := r.next
	if len(r.latencies) < WindowSize {
		at = len(r.latencies)
		r.latencies = append(r.latencies, ms)
	} else {
		r.next = (r.next + 1) % WindowSize
	}
	if r.failed[at] {
		r.failures--
	}
	if failed {
		r.failures++
	}
	r.latencies[at], r.failed[at] = ms, failed
}
