package monitor

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Tick is a row that a tool writes about its own test, as Locust does each second.
// Numbers are finite; pointers are nil where the row has no such number.
type Tick struct {
	At       time.Time
	Requests int64   // since the start
	Failures int64   // of these
	Rate     float64 // finished requests a second, over the last [RateSpan]
	FailRate float64 // failed ones
	Users    int
	// Recent says that the latencies are of the last [RateSpan], else since the start:
	// Locust has the former with its full history only.
	Recent                 bool
	P50, P95, P99, Average *float64 // milliseconds
}

// Ticks takes in the rows of another tool. All methods may be called from any
// goroutine. The zero value is ready for use.
type Ticks struct {
	mu        sync.Mutex
	first     Tick // where the test starts
	last      Tick
	intervals []Interval
}

// Add takes in a row, and reports whether it was new: a file that was read again
// from its start gives its rows again. What comes before the first user or request
// is not part of the test. Where a total falls, the tool has begun anew, and so
// do the figures.
func (t *Ticks) Add(row Tick) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !row.At.After(t.last.At) {
		return false
	}
	if !t.loaded() || row.Requests < t.last.Requests || row.Failures < t.last.Failures {
		t.first, t.intervals = row, nil
	} else {
		t.intervals = append(t.intervals, t.interval(&row))
	}
	t.last = row
	return true
}

// interval returns what finished between the last row and the next.
func (t *Ticks) interval(row *Tick) Interval {
	i := Interval{
		From: t.last.At, To: row.At,
		Requests: row.Requests - t.last.Requests, Failures: row.Failures - t.last.Failures,
	}
	if row.Recent {
		i.P95 = row.P95
	}
	return i
}

// loaded reports whether there were users or requests yet.
func (t *Ticks) loaded() bool { return t.first.Users > 0 || t.first.Requests > 0 }

// Snapshot returns the figures at the newest row; ok is false before the first.
func (t *Ticks) Snapshot() (s Snapshot, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &t.last
	if l.At.IsZero() {
		return Snapshot{}, false
	}
	s = Snapshot{
		At: l.At, Elapsed: l.At.Sub(t.first.At), Requests: l.Requests, Failures: l.Failures, Users: l.Users,
		Latency:    Latency{P50: l.P50, P95: l.P95, P99: l.P99, Average: l.Average, Requests: l.Requests},
		Throughput: t.throughput(),
		Errors:     Errors{Requests: countOf(l.Rate), Failures: countOf(l.FailRate)},
	}
	s.Errors.Now = percentage(s.Errors.Failures, s.Errors.Requests)
	s.Errors.Average = percentage(l.Failures, l.Requests)
	if l.Recent {
		s.Latency.Requests = s.Errors.Requests
	}
	return s, true
}

// countOf returns how many requests a current rate stands for.
func countOf(rate float64) int64 { return int64(math.Round(rate * RateSpan.Seconds())) }

func (t *Ticks) throughput() Throughput {
	now := t.last.Rate
	tp := Throughput{Now: &now}
	if len(t.intervals) == 0 {
		return tp
	}
	lowest, peak := math.Inf(1), 0.0
	for _, i := range t.intervals {
		v := float64(i.Requests) / i.To.Sub(i.From).Seconds()
		lowest, peak = min(lowest, v), max(peak, v)
	}
	average := float64(t.last.Requests-t.first.Requests) / t.last.At.Sub(t.first.At).Seconds()
	tp.Average, tp.Lowest, tp.Peak = &average, &lowest, &peak
	return tp
}

// Intervals returns what finished between each two rows, oldest first. The
// percentile of an interval is that of the row at its end; one since the start of the
// test says nothing of an interval.
func (t *Ticks) Intervals() []Interval {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.intervals)
}
