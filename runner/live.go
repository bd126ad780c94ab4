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
	started time.Time   // when the load began; zero before
	began   []time.Time // when the stages did, as far as the driver says so
	every   time.Duration
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
	l := &Live{stages: stages, began: make([]time.Time, len(stages))}
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

// StageBegan says that stage i begins at a time. A driver that does not say so keeps the
// plan to the second.
func (l *Live) StageBegan(i int, at time.Time) {
	l.Start(at)
	l.mu.Lock()
	defer l.mu.Unlock()
	if i >= 0 && i < len(l.began) {
		l.began[i] = at
	}
}

// TellsEvery says how often the rows of a tool tell something new, and half of how long
// their percentiles look back. It is a second otherwise.
func (l *Live) TellsEvery(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.every = d
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
func (l *Live) measuredFrom() time.Time {
	if l.warmup > 0 && len(l.stages) > 1 {
		return l.begin(1)
	}
	return l.started.Add(l.warmup)
}

// begin returns when stage i began, or is to begin. The caller holds the lock.
func (l *Live) begin(i int) time.Time {
	switch {
	case !l.began[i].IsZero():
		return l.began[i]
	case i == 0:
		return l.started
	}
	return l.begin(i - 1).Add(l.stages[i-1].Duration)
}

// hasBegun reports whether stage i has begun at now. The caller holds the lock.
func (l *Live) hasBegun(i int, now time.Time) bool {
	isTold := !l.began[0].IsZero() // a driver that tells of stages tells of each
	return !now.Before(l.begin(i)) && (!isTold || !l.began[i].IsZero())
}

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
	source, requests, ticks, every := l.source, l.requests, l.ticks, l.every
	l.mu.Unlock()
	switch source {
	case sourceRequests:
		return requests[part].Intervals(now)
	case sourceTicks:
		return joined(ticks[part].Intervals(), every)
	}
	return nil
}

// joined makes intervals of at least some length of those that touch each other. The
// percentile is that of the last.
func joined(list []monitor.Interval, least time.Duration) []monitor.Interval {
	var all []monitor.Interval
	for _, in := range list {
		last := len(all) - 1
		if last < 0 || all[last].To.Sub(all[last].From) >= least || !in.From.Equal(all[last].To) {
			all = append(all, in)
			continue
		}
		all[last].To, all[last].P95 = in.To, in.P95
		all[last].Requests += in.Requests
		all[last].Failures += in.Failures
	}
	return all
}

// minReports is how many lumps of workers a stage must have for an average: what one
// holds may be of the stage before.
const minReports = 10

// isTooShort reports whether stage i is too short to tell what workers did in it.
func (l *Live) isTooShort(i int) bool {
	return l.every > time.Second && l.stages[i].Duration < minReports*l.every
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
	if l.isTooShort(i) {
		return nil, nil
	}
	isLast := i == len(l.stages)-1
	var inTime, requests, failures int64
	length := 0.0
	for _, in := range l.intervals(part, now) {
		if in.From.Before(begin) || in.To.After(end) && !isLast {
			continue
		}
		// What is answered, or given up, after the end of the load was sent in it.
		requests, failures = requests+in.Requests, failures+in.Failures
		if !in.To.After(end) {
			inTime, length = inTime+in.Requests, length+in.To.Sub(in.From).Seconds()
		}
	}
	if length == 0 || requests == 0 {
		return nil, nil
	}
	perSecond, percent := float64(inTime)/length, 100*float64(failures)/float64(requests)
	return &perSecond, &percent
}

// at returns the stage at now and how long it has run. Behind the end it is the last
// one, which takes no longer than it should: what comes then is its last answers.
func (l *Live) at(now time.Time) (i int, into time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started.IsZero() {
		return 0, 0
	}
	for i = len(l.stages) - 1; i > 0 && !l.hasBegun(i, now); i-- {
	}
	into = max(0, now.Sub(l.begin(i)))
	if d := l.stages[i].Duration; d > 0 {
		into = min(into, d)
	}
	return i, into
}

// begins returns when stage i begins.
func (l *Live) begins(i int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begin(i)
}

// resolution is how exact a time is that follows from the intervals.
func (l *Live) resolution() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.source != sourceTicks {
		return time.Second
	}
	return 2 * max(l.every, time.Second)
}
