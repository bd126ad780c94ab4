package alert

import (
	"fmt"
	"math"
	"slices"
	"time"

	"speedgate/gate"
	"speedgate/internal/suggest"
	"speedgate/perf"
	"speedgate/runner/monitor"
)

// Side is where of its limit a figure is wrong.
type Side string

// The sides.
const (
	Above Side = "above"
	Below Side = "below"
)

// Rule is what an alert is for.
type Rule struct {
	Metric   string // one of [monitor.Metrics]
	Side     Side
	Limit    perf.Quantity // the limit itself is right on both sides
	For      time.Duration // how long it must be crossed; 0 = once is enough
	Severity gate.Severity // warning or critical
	Abort    bool          // end the test when the alert fires
}

// DefaultFor is how long the limits of the default rules must be crossed: a figure
// that looks ten seconds back, as Locust's do, has then been wrong by itself and not
// for one burst, and a garbage collection or a cold cache is over.
const DefaultFor = 10 * time.Second

// Default returns the rules in force where the config has none. The latencies are
// what users of an interactive service feel; above 80 % of processor or memory
// there is no room for a burst.
func Default() []Rule {
	above := func(metric string, value float64, unit perf.Unit, severity gate.Severity) Rule {
		return Rule{Metric: metric, Side: Above, Limit: perf.Quantity{Value: value, Unit: unit}, For: DefaultFor, Severity: severity}
	}
	return []Rule{
		above("latency_p50", 50, "ms", gate.SeverityWarning),
		above("latency_p95", 100, "ms", gate.SeverityCritical),
		above("latency_p99", 200, "ms", gate.SeverityCritical),
		above(perf.ErrorRate, 5, "%", gate.SeverityCritical),
		above(perf.CPUUsage, 80, "%", gate.SeverityWarning),
		above(perf.MemoryUsage, 80, "%", gate.SeverityWarning),
	}
}

// String returns the rule in words: latency_p95 above 100ms for 10s.
func (r Rule) String() string {
	s := fmt.Sprintf("%s %s %s", r.Metric, r.Side, r.Limit)
	if r.For > 0 {
		s += " for " + r.For.String()
	}
	return s
}

// Check returns everything that is wrong with the rule. A rule that passes can fire
// as soon as its metric is measured.
func (r Rule) Check() []perf.Problem {
	var list []perf.Problem
	add := func(key, msg string) {
		if msg != "" {
			list = append(list, perf.Problem{Key: key, Msg: msg})
		}
	}
	if !slices.Contains(monitor.Metrics(), r.Metric) {
		add("metric", fmt.Sprintf("%q is not watched while a test runs; write %s", r.Metric, suggest.Or(monitor.Metrics())))
	} else {
		add("limit", r.badLimit())
	}
	if r.Side != Above && r.Side != Below {
		add("side", fmt.Sprintf("expected above or below, found %q", r.Side))
	}
	if r.For < 0 {
		add("for", fmt.Sprintf("expected a duration of 0 or more, found %s", r.For))
	}
	if r.Severity != gate.SeverityWarning && r.Severity != gate.SeverityCritical {
		add("severity", fmt.Sprintf("expected warning or critical, found %q", r.Severity))
	}
	return list
}

// badLimit says what is wrong with the limit, "" if nothing.
func (r Rule) badLimit() string {
	switch v := r.Limit.Value; {
	case math.IsNaN(v), math.IsInf(v, 0):
		return fmt.Sprintf("expected a finite number, found %g", v)
	case v < 0:
		return fmt.Sprintf("expected a limit of 0 or more, found %s", r.Limit)
	}
	if _, _, ok := r.limit(); !ok {
		return fmt.Sprintf("%s does not fit; %s needs a unit such as %s", r.Limit, r.Metric, examples[r.Metric])
	}
	return ""
}

var examples = map[string]string{
	"latency_p50": "50ms", "latency_p95": "100ms", "latency_p99": "200ms",
	perf.ErrorRate: "5%", perf.Throughput: "1000/s", perf.CPUUsage: "80%", perf.MemoryUsage: "80% or 512MiB",
}

// limit returns the limit in a unit that the metric is read in; ok is false if none
// fits. A plain number is a rate, as in the targets, and nothing else: 80 may be
// percent, bytes or neither.
func (r Rule) limit() (value float64, unit perf.Unit, ok bool) {
	for _, u := range monitor.Units(r.Metric) {
		if r.Limit.Unit == "" && u.Dimension() != perf.DimensionRate {
			continue
		}
		if v, ok := r.Limit.In(u); ok {
			return v, u, true
		}
	}
	return 0, "", false
}
