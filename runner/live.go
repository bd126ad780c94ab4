package runner

import (
	"sync"
	"time"

	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

// Live is what a driver tells while it runs. All methods may be called from any
// goroutine.
type Live struct {
	stages []plan.Stage
	warmup time.Duration

	mu      sync.Mutex
	started time.Time // when the load began; zero before
	source  source
	// Both are nil until the load began, and once each for the warm-up and for what
	// counts.
	requests [2]*monitor.Window
	ticks    [2]*monitor.Ticks
}

// source is where the live figures come from.
type source int8

const (
	sourceNone     source = iota // a tool that tells nothing while it runs
	sourceRequests               // every request
	sourceTicks                  // rows that a tool writes about itself
)

// Parts of a test.
const (
	partWarmup = iota
	partMeasured
)

func newLive(stages []plan.Stage) *Live {
	l := &Live{stages: stages}
	if len(stages) > 0 && stages[0].Warmup {
		l.warmup = stages[0].Duration
	}
	return l
}

// Start says that the load begins at a time. The first call counts.
func (l *Live) Start(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.started.IsZero() {
		return
	}
	l.started = at
	l.requests = [2]*monitor.Window{monitor.NewWindow(at), monitor.NewWindow(at.Add(l.warmup))}
	l.ticks = [2]*monitor.Ticks{{}, {}}
}

// Request takes in a request that has ended; warmup says that it does not count.
func (l *Live) Request(m monitor.Measurement, warmup bool) {
	l.Start(m.At.Add(-m.Latency))
	part := partMeasured
	if warmup {
		part = partWarmup
	}
	l.mu.Lock()
	l.source = sourceRequests
	w := l.requests[part]
	l.mu.Unlock()
	w.Add(m)
}

// Tick takes in a row that a tool wrote about its test. A test that is measured this
// way begins when the driver says so with [Live.Start].
func (l *Live) Tick(row monitor.Tick) {
	l.Start(row.At)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.source = sourceTicks
	if !row.At.After(l.measuredFrom()) {
		// The last row of the warm-up is where the first interval that counts begins.
		l.ticks[partWarmup].Add(row)
		l.ticks[partMeasured] = &monitor.Ticks{}
	}
	l.ticks[partMeasured].Add(row)
}

// measuredFrom returns when what counts begins.
func (l *Live) measuredFrom() time.Time { return l.started.Add(l.warmup) }

// isMeasured reports whether what happens at now counts.
func (l *Live) isMeasured(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.started.IsZero() && now.After(l.measuredFrom())
}

// snapshot returns the figures at now; ok is false while there are none.
func (l *Live) snapshot(now time.Time) (s monitor.Snapshot, ok bool) {
	l.mu.Lock()
	source, requests, ticks := l.source, l.requests, l.ticks
	part := partMeasured
	if l.started.IsZero() || !now.After(l.measuredFrom()) {
		part = partWarmup
	}
	l.mu.Unlock()
	switch source {
	case sourceRequests:
		return requests[part].Snapshot(now), true
	case sourceTicks:
		return ticks[part].Snapshot()
	}
	return monitor.Snapshot{At: now}, false
}

// intervals returns what finished in each short time of a part of the test.
func (l *Live) intervals(part int, now time.Time) []monitor.Interval {
	l.mu.Lock()
	source, requests, ticks := l.source, l.requests, l.ticks
	l.mu.Unlock()
	switch source {
	case sourceRequests:
		return requests[part].Intervals(now)
	case sourceTicks:
		return ticks[part].Intervals()
	}
	return nil
}

// averages returns how many requests finished in a second of stage i, and the share of
// them that failed, in percent. Both are nil where it is too short to tell.
func (l *Live) averages(i int, now time.Time) (rate, errors *float64) {
	part := partMeasured
	if l.stages[i].Warmup {
		part = partWarmup
	}
	begin := l.begins(i)
	end := begin.Add(l.stages[i].Duration)
	var requests, failures int64
	length := 0.0
	for _, in := range l.intervals(part, now) {
		if !in.From.Before(begin) && !in.To.After(end) {
			requests, failures, length = requests+in.Requests, failures+in.Failures, length+in.To.Sub(in.From).Seconds()
		}
	}
	if requests == 0 {
		return nil, nil
	}
	perSecond, percent := float64(requests)/length, 100*float64(failures)/float64(requests)
	return &perSecond, &percent
}

// at returns the stage at now and how long it has run. Behind the end it is the last
// one, which takes no longer than it should: what comes then is its last answers.
func (l *Live) at(now time.Time) (i int, into time.Duration) {
	l.mu.Lock()
	elapsed := now.Sub(l.started)
	if l.started.IsZero() {
		elapsed = 0
	}
	l.mu.Unlock()
	last := len(l.stages) - 1
	for i = 0; i < last && elapsed >= l.stages[i].Duration; i++ {
		elapsed -= l.stages[i].Duration
	}
	if d := l.stages[i].Duration; d > 0 {
		elapsed = min(elapsed, d)
	}
	return i, elapsed
}

// begins returns when stage i begins.
func (l *Live) begins(i int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.started.Add(plan.Total(l.stages[:i]))
}
