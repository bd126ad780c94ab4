package alert

import (
	"fmt"
	"testing"
	"time"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/runner/monitor"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// slow fires when p95 is above 100 ms for 3 seconds.
var slow = Rule{
	Metric: "latency_p95", Side: Above, Limit: perf.Quantity{Value: 100, Unit: "ms"}, For: 3 * time.Second,
	Severity: gate.SeverityCritical, Abort: true,
}

// p95 is a snapshot of so many milliseconds, with requests enough, at a second.
func p95(second, ms float64) monitor.Snapshot {
	return monitor.Snapshot{
		At:      start.Add(time.Duration(second * float64(time.Second))),
		Latency: monitor.Latency{P95: &ms, Requests: monitor.WindowSize},
	}
}

// told plays snapshots and writes down what was told.
func told(w *Watcher, snapshots ...monitor.Snapshot) []string {
	var list []string
	for _, s := range snapshots {
		for _, e := range w.Observe(&s) {
			text := fmt.Sprintf("%s at %gs: %s since %gs", e.Kind, e.At.Sub(start).Seconds(), e.Value, e.Since.Sub(start).Seconds())
			if e.Aborts() {
				text += ", ends the test"
			}
			list = append(list, text)
		}
	}
	return list
}

func TestObserve(t *testing.T) {
	t.Parallel()
	once := slow
	once.For = 0
	for _, c := range []struct {
		name      string
		rule      Rule
		snapshots []monitor.Snapshot
		want      []string
	}{
		{"nothing", slow, nil, nil},
		{"on the limit is within it", slow, []monitor.Snapshot{p95(0, 100), p95(1, 100), p95(2, 100), p95(3, 100), p95(4, 100)}, nil},
		{
			"after its time", slow,
			[]monitor.Snapshot{p95(0, 90), p95(1, 150), p95(2, 150), p95(3, 150), p95(4, 180)},
			[]string{"fired at 4s: 180ms since 1s, ends the test"},
		},
		{
			"not twice", slow,
			[]monitor.Snapshot{p95(0, 150), p95(1, 150), p95(2, 150), p95(3, 150), p95(4, 150), p95(5, 150), p95(6, 150), p95(7, 150)},
			[]string{"fired at 3s: 150ms since 0s, ends the test"},
		},
		{
			"a good figure between", slow,
			[]monitor.Snapshot{p95(0, 150), p95(1, 150), p95(2, 150), p95(2.5, 90), p95(3, 150), p95(4, 150), p95(5, 150), p95(6, 160)},
			[]string{"fired at 6s: 160ms since 3s, ends the test"},
		},
		{
			"resolved after the same time", slow,
			[]monitor.Snapshot{p95(0, 150), p95(1, 150), p95(2, 150), p95(3, 150), p95(4, 90), p95(5, 90), p95(6, 90), p95(7, 80)},
			[]string{"fired at 3s: 150ms since 0s, ends the test", "resolved at 7s: 80ms since 0s"},
		},
		{
			"a relapse is the same breach", slow,
			[]monitor.Snapshot{
				p95(0, 150), p95(1, 150), p95(2, 150), p95(3, 150), p95(4, 90), p95(5, 90), p95(6, 150), p95(7, 150), p95(8, 150), p95(9, 150),
				p95(10, 90), p95(11, 90), p95(12, 90), p95(13, 90),
			},
			[]string{"fired at 3s: 150ms since 0s, ends the test", "resolved at 13s: 90ms since 0s"},
		},
		{
			"a second breach", once,
			[]monitor.Snapshot{p95(0, 150), p95(1, 90), p95(2, 150)},
			[]string{"fired at 0s: 150ms since 0s, ends the test", "resolved at 1s: 90ms since 0s", "fired at 2s: 150ms since 2s, ends the test"},
		},
		{
			"a gap is one interval", slow,
			[]monitor.Snapshot{p95(0, 150), p95(60, 150), p95(61, 150), p95(62, 150)},
			[]string{"fired at 62s: 150ms since 0s, ends the test"},
		},
		{
			"the same figures again", slow,
			[]monitor.Snapshot{p95(0, 150), p95(0, 150), p95(0, 150), p95(0, 150), p95(1, 150), p95(1, 150), p95(0.5, 150), p95(2, 150)},
			nil,
		},
		{
			"figures out of order", slow,
			[]monitor.Snapshot{p95(0, 150), p95(1, 150), p95(2, 150), p95(1.5, 90), p95(3, 150)},
			[]string{"fired at 3s: 150ms since 0s, ends the test"},
		},
		{
			"more often than the interval", slow,
			[]monitor.Snapshot{p95(0, 150), p95(0.25, 150), p95(1, 150), p95(1.75, 150), p95(2.75, 150), p95(3, 150)},
			[]string{"fired at 3s: 150ms since 0s, ends the test"},
		},
		{"not known", once, []monitor.Snapshot{{At: start}}, nil},
	} {
		if d := cmp.Diff(c.want, told(NewWatcher([]Rule{c.rule}, time.Second), c.snapshots...)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// figures are a snapshot that breaks each limit of every metric.
func figures() monitor.Snapshot {
	p50, p95, p99, failed, rate := 60.0, 150.0, 250.0, 10.0, 500.0
	level := func(v float64) monitor.Level { return monitor.Level{Last: v, Over: time.Second} }
	return monitor.Snapshot{
		At:         start,
		Latency:    monitor.Latency{P50: &p50, P95: &p95, P99: &p99, Requests: monitor.WindowSize},
		Errors:     monitor.Errors{Now: &failed, Requests: monitor.WindowSize, Failures: 100},
		Throughput: monitor.Throughput{Now: &rate},
		Usage:      monitor.Usage{At: start, CPU: level(90), Memory: level(1 << 30), MemoryShare: level(85)},
	}
}

// TestMetrics holds that each metric is read, and told in the unit of its limit.
func TestMetrics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		metric string
		side   Side
		limit  string
		want   []string
	}{
		{"latency_p50", Above, "50ms", []string{"fired at 0s: 60ms since 0s"}},
		{"latency_p95", Above, "0.1s", []string{"fired at 0s: 0.15s since 0s"}},
		{"latency_p99", Above, "249999us", []string{"fired at 0s: 250000us since 0s"}},
		{"latency_p99", Above, "250001us", nil},
		{"latency_p99", Below, "250001us", []string{"fired at 0s: 250000us since 0s"}},
		{"error_rate", Above, "5%", []string{"fired at 0s: 10% since 0s"}},
		{"throughput", Below, "501", []string{"fired at 0s: 500/s since 0s"}},
		{"throughput", Below, "30001/min", []string{"fired at 0s: 30000/min since 0s"}},
		{"throughput", Below, "500", nil},
		{"cpu_usage", Above, "80%", []string{"fired at 0s: 90% since 0s"}},
		{"memory_usage", Above, "80%", []string{"fired at 0s: 85% since 0s"}},
		{"memory_usage", Above, "1000MiB", []string{"fired at 0s: 1024MiB since 0s"}},
		{"memory_usage", Above, "1024MiB", nil},
	} {
		q, err := perf.ParseQuantity(c.limit)
		if err != nil {
			t.Fatal(err)
		}
		rule := Rule{Metric: c.metric, Side: c.side, Limit: q, Severity: gate.SeverityWarning}
		if d := cmp.Diff(c.want, told(NewWatcher([]Rule{rule}, time.Second), figures())); d != "" {
			t.Errorf("%s (-want +got):\n%s", rule, d)
		}
	}
}

// TestOrder holds that what changes at once is told in the order of the rules.
func TestOrder(t *testing.T) {
	t.Parallel()
	rules := Default()
	for i := range rules {
		rules[i].For = 0
	}
	s := figures()
	var got []Rule
	for _, e := range NewWatcher(rules, time.Second).Observe(&s) {
		got = append(got, e.Rule)
	}
	if d := cmp.Diff(rules, got); d != "" {
		t.Errorf("rules that fired (-want +got):\n%s", d)
	}
}

// TestTooFew holds how many requests an alert takes.
func TestTooFew(t *testing.T) {
	t.Parallel()
	errorsAbove := func(limit float64) Rule {
		return Rule{Metric: perf.ErrorRate, Side: Above, Limit: perf.Quantity{Value: limit, Unit: "%"}, Severity: gate.SeverityCritical}
	}
	latencyAbove := func(metric string) Rule {
		return Rule{Metric: metric, Side: Above, Limit: perf.Quantity{Value: 1, Unit: "ms"}, Severity: gate.SeverityCritical}
	}
	for _, c := range []struct {
		rule               Rule
		requests, failures int64
		fires, unseen      bool
	}{
		{latencyAbove("latency_p50"), 9, 0, false, true},
		{latencyAbove("latency_p50"), 10, 0, true, false},
		{latencyAbove("latency_p95"), 99, 0, false, true},
		{latencyAbove("latency_p95"), 100, 0, true, false},
		{latencyAbove("latency_p99"), 499, 0, false, true},
		{latencyAbove("latency_p99"), 500, 0, true, false},
		{errorsAbove(5), 10, 1, false, true},
		{errorsAbove(5), 10, 4, false, true},
		{errorsAbove(5), 10, 5, true, false}, // half of ten fail: no doubt
		{errorsAbove(5), 99, 0, false, true},
		{errorsAbove(5), 100, 0, false, false}, // seen, and good
		{errorsAbove(0.1), 999, 2, false, true},
		{errorsAbove(0.1), 1000, 2, true, false},
		{errorsAbove(0), 1000, 1, true, false},
		{errorsAbove(0), 1, 1, true, false},
		{errorsAbove(0), 1, 0, false, false},
	} {
		s := figures()
		rate := 100 * float64(c.failures) / float64(c.requests)
		s.Latency.Requests = c.requests
		s.Errors = monitor.Errors{Now: &rate, Requests: c.requests, Failures: c.failures}
		w := NewWatcher([]Rule{c.rule}, time.Second)
		if fires := len(w.Observe(&s)) == 1; fires != c.fires {
			t.Errorf("%s, %d of %d: fires %t, want %t", c.rule, c.failures, c.requests, fires, c.fires)
		}
		if unseen := len(w.Unseen()) == 1; unseen != c.unseen {
			t.Errorf("%s, %d of %d: unseen %t, want %t", c.rule, c.failures, c.requests, unseen, c.unseen)
		}
	}
}

// TestResolvedByFew holds that an alert does not stay because the load is over.
func TestResolvedByFew(t *testing.T) {
	t.Parallel()
	once := slow
	once.For = 0
	few := p95(1, 50)
	few.Latency.Requests = 3
	want := []string{"fired at 0s: 150ms since 0s, ends the test", "resolved at 1s: 50ms since 0s"}
	if d := cmp.Diff(want, told(NewWatcher([]Rule{once}, time.Second), p95(0, 150), few)); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}

// TestProcessTime holds that figures of the process have a time of their own: one
// sample that is seen with three snapshots was taken once.
func TestProcessTime(t *testing.T) {
	t.Parallel()
	rule := Rule{Metric: perf.CPUUsage, Side: Above, Limit: perf.Quantity{Value: 80, Unit: "%"}, For: time.Second, Severity: gate.SeverityWarning}
	snapshot := func(second, sampled int) monitor.Snapshot {
		return monitor.Snapshot{
			At:    start.Add(time.Duration(second) * time.Second),
			Usage: monitor.Usage{At: start.Add(time.Duration(sampled) * time.Second), CPU: monitor.Level{Last: 90, Over: time.Second}},
		}
	}
	w := NewWatcher([]Rule{rule}, time.Second)
	want := []string{"fired at 1s: 90% since 0s"}
	if d := cmp.Diff(want, told(w, snapshot(0, 0), snapshot(1, 0), snapshot(2, 0), snapshot(3, 1))); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}

func TestEventString(t *testing.T) {
	t.Parallel()
	rule := Rule{Metric: perf.ErrorRate, Side: Above, Limit: perf.Quantity{Value: 10, Unit: "%"}, For: DefaultFor}
	for value, want := range map[float64]string{
		38.666666666666664: "error_rate above 10% for 10s: it is 38.7%", 100: "error_rate above 10% for 10s: it is 100%",
		0: "error_rate above 10% for 10s: it is 0%", 1234.5: "error_rate above 10% for 10s: it is 1230%",
	} {
		if got := (Event{Rule: rule, Value: perf.Quantity{Value: value, Unit: "%"}}).String(); got != want {
			t.Errorf("%g: got %s, want %s", value, got, want)
		}
	}
}
