package alert

import (
	"fmt"
	"strconv"
	"time"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/runner/monitor"
)

// minFailures is how many failed requests make an error rate: the five that the
// gate wants beyond a percentile. One failure of ten requests would be 10 %.
const minFailures = 5

// Kind is what happened to an alert.
type Kind string

// The kinds of events.
const (
	Fired    Kind = "fired"
	Resolved Kind = "resolved"
)

// Event is a change of an alert.
type Event struct {
	Kind  Kind
	Rule  Rule
	At    time.Time     // when the figure was taken that decided
	Value perf.Quantity // that figure, in the unit of the limit
	Since time.Time     // when the limit was first crossed
}

// String says what happened, for a sentence: latency_p95 above 100ms for 10s: it is
// 143ms.
func (e Event) String() string {
	return fmt.Sprintf("%s: it is %s", e.Rule, e.Rounded())
}

// Rounded returns the figure for a reader: three digits tell what happened, and those
// behind them are noise.
func (e Event) Rounded() perf.Quantity {
	value := e.Value
	value.Value, _ = strconv.ParseFloat(strconv.FormatFloat(value.Value, 'g', 3, 64), 64)
	return value
}

// Aborts reports whether the test must end.
func (e Event) Aborts() bool { return e.Kind == Fired && e.Rule.Abort }

// Watcher applies rules to the figures of one test. It is for one goroutine.
type Watcher struct {
	interval time.Duration
	states   []state
}

// state is one rule at work.
type state struct {
	rule     Rule
	limit    float64
	unit     perf.Unit
	seen     time.Time     // when the last figure was taken
	firing   bool          // whether it fired and is not resolved
	crossed  bool          // whether the last figure was beyond the limit
	since    time.Time     // when the breach began
	standing time.Duration // how long the figure has been on the side where it is
}

// NewWatcher returns a watcher for rules that [Rule.Check] passes. interval is the
// time between two figures. A longer gap counts as one interval only: nobody saw
// what happened in it.
func NewWatcher(rules []Rule, interval time.Duration) *Watcher {
	w := &Watcher{interval: interval, states: make([]state, len(rules))}
	for i, r := range rules {
		w.states[i].rule = r
		w.states[i].limit, w.states[i].unit, _ = r.limit()
	}
	return w
}

// Observe takes in the next figures and returns what changed, in the order of the
// rules. An alert fires once its limit was crossed for as long as its rule says, and
// is resolved once the figure was right for as long. Time is that of the figures, so
// that the same figures seen twice are not twice as bad.
//
// Figures of too few requests are left out: a percentile needs five requests beyond
// it (p50 10, p95 100, p99 500), as for a verdict; an error rate five failures, or as
// many requests as have five at the limit, or as many as a [monitor.Window] keeps. A
// limit of 0 takes one failure. Any number resolves an alert, which would otherwise
// outlive the load.
func (w *Watcher) Observe(s *monitor.Snapshot) []Event {
	var events []Event
	for i := range w.states {
		st := &w.states[i]
		r, ok := s.Read(st.rule.Metric, st.unit)
		if !ok || !r.At.After(st.seen) || !st.firing && !st.evident(s) {
			continue
		}
		if kind := st.observe(r, w.interval); kind != "" {
			events = append(events, st.event(kind, r))
		}
	}
	return events
}

// Unseen returns the rules whose metric was never known, or of too few requests all
// the time: they have watched nothing, which a reader must not take for good news.
func (w *Watcher) Unseen() []Rule {
	var list []Rule
	for _, st := range w.states {
		if st.seen.IsZero() {
			list = append(list, st.rule)
		}
	}
	return list
}

// evident reports whether there are enough requests behind the rule's figure.
func (st *state) evident(s *monitor.Snapshot) bool {
	if perf.IsLatency(st.rule.Metric) {
		return s.Latency.Requests >= gate.RequestsNeeded(st.rule.Metric)
	}
	if st.rule.Metric == perf.ErrorRate && st.limit > 0 {
		atLimit := min(100*minFailures/st.limit, monitor.WindowSize) // the limit is in percent
		return s.Errors.Failures >= minFailures || float64(s.Errors.Requests) >= atLimit
	}
	return true
}

// observe takes in a reading and returns what it changes, "" if nothing.
func (st *state) observe(r monitor.Reading, interval time.Duration) Kind {
	crossed := st.crosses(r.Value)
	if crossed == st.crossed && !st.seen.IsZero() {
		st.standing += min(r.At.Sub(st.seen), interval)
	} else {
		st.standing = 0
	}
	if crossed && !st.crossed && !st.firing {
		st.since = r.At
	}
	st.crossed, st.seen = crossed, r.At
	if crossed == st.firing || st.standing < st.rule.For {
		return ""
	}
	st.firing = crossed
	if crossed {
		return Fired
	}
	return Resolved
}

func (st *state) crosses(v float64) bool {
	if st.rule.Side == Below {
		return v < st.limit
	}
	return v > st.limit
}

func (st *state) event(kind Kind, r monitor.Reading) Event {
	value := perf.Quantity{Value: r.Value, Unit: st.unit}
	if v, ok := value.In(st.rule.Limit.Unit); ok { // not in that of a plain number
		value = perf.Quantity{Value: v, Unit: st.rule.Limit.Unit}
	}
	return Event{Kind: kind, Rule: st.rule, At: r.At, Value: value, Since: st.since}
}
