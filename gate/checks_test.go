package gate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/perf"
)

func TestIncomparable(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(w *perf.Window, in *gate.Input)
		reason string
		why    string
	}{
		{
			"other CPU",
			func(w *perf.Window, in *gate.Input) {
				w.Env = perf.Env{OS: "linux", CPU: "EPYC"}
				in.Env = perf.Env{OS: "linux", CPU: "Xeon"}
			},
			`CPU "EPYC" against "Xeon"`,
			`the baseline was measured in another environment: CPU "EPYC" against "Xeon"`,
		},
		{
			"other dimension",
			func(w *perf.Window, _ *gate.Input) { w.Metrics[0].Unit = "B" },
			`unit "ms" () against "B" ()`,
			`no metric is comparable with the baseline: unit "ms" () against "B" ()`,
		},
		{
			"direction turned round",
			func(w *perf.Window, _ *gate.Input) { w.Metrics[0].Better = perf.BetterHigher },
			"better lower here and higher in the baseline; set better in a rule",
			"no metric is comparable with the baseline: better lower here and higher in the baseline; set better in a rule",
		},
		{
			"direction lost",
			func(_ *perf.Window, in *gate.Input) { in.Head[0].Series[0].Better = perf.BetterUnknown },
			"better unknown here and lower in the baseline; set better in a rule",
			"no metric is comparable with the baseline: better unknown here and lower in the baseline; set better in a rule",
		},
		{
			"other load",
			func(w *perf.Window, in *gate.Input) {
				for i := range w.Runs {
					w.Runs[i].Workload.Users = 50
				}
				in.Head[0].Workload.Users = 100
			},
			"another workload: 50 users against 100",
			"no metric is comparable with the baseline: another workload: 50 users against 100",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := accepted(past(p95(0), quiet...))
			in := gate.Input{Base: w, Head: []*perf.Run{run(t, p95(1000))}}
			c.change(w, &in)
			r := gate.Evaluate(in, gate.Policy{Now: now})
			m := only(t, r)
			if m.Verdict != gate.Incomparable || m.Severity != gate.SeverityWarning || m.Reason != c.reason {
				t.Errorf("%s, %s, %q; want incomparable, warning, %q", m.Verdict, m.Severity, m.Reason, c.reason)
			}
			if r.Verdict != gate.NoBaseline || r.Reason != c.why || r.Compared != 0 || r.Expected != 1 {
				t.Errorf("gate %s, %q, compared %d of %d; want no_baseline, %q, 0 of 1", r.Verdict, r.Reason, r.Compared, r.Expected, c.why)
			}
		})
	}
}

// TestWorkloadFilters demands that accepted runs under another load are left out
// one by one, and those under the same load kept.
func TestWorkloadFilters(t *testing.T) {
	t.Parallel()
	w := accepted(past(p95(0), 500, 500, 500, 100, 100, 100))
	for i := range w.Runs {
		w.Runs[i].Workload.Users = 10
		if i < 3 {
			w.Runs[i].Workload.Users = 99
		}
	}
	head := run(t, p95(150))
	head.Workload.Users = 10
	m := only(t, evaluate(w, gate.Policy{}, head))
	if m.Verdict != gate.Suspect || *m.Baseline != 100 || m.NBaseline != 3 {
		t.Errorf("%s against %g of %d runs, want suspect against 100 of 3", m.Verdict, *m.Baseline, m.NBaseline)
	}
}

// TestUnitsConvert demands that a baseline in another scale is compared by value.
func TestUnitsConvert(t *testing.T) {
	t.Parallel()
	w := accepted(past(p95(0), 0.1, 0.1, 0.1, 0.1))
	w.Metrics[0].Unit = "s"
	m := only(t, evaluate(w, gate.Policy{}, run(t, p95(110))))
	if m.Verdict != gate.Passed || *m.Baseline != 100 || m.Unit != "ms" || math.Abs(*m.Change-0.1) > 1e-12 {
		t.Errorf("%s, baseline %g %s, change %g; want pass, 100 ms, 0.1", m.Verdict, *m.Baseline, m.Unit, *m.Change)
	}
}

// TestSeveralReasons demands that the gate gives the first of several reasons, and says
// that there are others.
func TestSeveralReasons(t *testing.T) {
	t.Parallel()
	throughput := series("GET /items", perf.Throughput, "/s", 100)
	w := accepted(past(p95(0), quiet...), past(throughput, quiet...))
	w.Metrics[0].Unit, w.Metrics[1].Better = "B", perf.BetterLower
	r := evaluate(w, gate.Policy{}, run(t, p95(100), throughput))
	want := `no metric is comparable with the baseline: unit "ms" () against "B" (), and other reasons`
	if r.Verdict != gate.NoBaseline || r.Reason != want {
		t.Errorf("gate %s, %q; want no_baseline, %q", r.Verdict, r.Reason, want)
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	rate := func(percent float64, requests int64) perf.Series {
		s := series("GET /items", perf.ErrorRate, "%", percent)
		s.Count = requests
		return s
	}
	requests := func(n float64) perf.Series { return series("GET /items", perf.Requests, "", n) }
	cases := []struct {
		name    string
		base    []perf.Past
		head    []perf.Series
		verdict gate.Verdict
		reason  string
	}{
		{
			"every request failed", nil,
			[]perf.Series{p95(1), rate(100, 500), requests(500)},
			gate.Invalid, "100 % of the requests failed, more than 5 %",
		},
		{
			"no request was made", nil,
			[]perf.Series{p95(0), requests(0)},
			gate.Invalid, "0 requests",
		},
		{
			"no request was made, so that there is no latency",
			[]perf.Past{past(p95(0), quiet...), past(requests(0), 500, 500, 500, 500)},
			[]perf.Series{requests(0)},
			gate.Invalid, "0 requests",
		},
		{
			"no request was made before",
			[]perf.Past{past(requests(0), 0, 0, 0)},
			[]perf.Series{p95(100), requests(500)},
			gate.New, "0 requests in the baseline, so that there is nothing to compare with",
		},
		{
			"errors over five percent with a faster latency",
			[]perf.Past{past(p95(0), quiet...), past(rate(0, 10_000), 0, 0, 0)},
			[]perf.Series{p95(10), rate(6, 10_000)},
			gate.Invalid, "6 % of the requests failed, more than 5 %",
		},
		{
			"errors that rose for sure",
			[]perf.Past{past(p95(0), quiet...), past(rate(0, 10_000), 0, 0, 0)},
			[]perf.Series{p95(10), rate(2, 10_000)},
			gate.Invalid, "2 % of the requests failed, 0 % before (p = 8.6e-122)",
		},
		{
			"errors that rose by less than a point",
			[]perf.Past{past(p95(0), quiet...), past(rate(0, 10_000), 0, 0, 0)},
			[]perf.Series{p95(100), rate(0.9, 10_000)},
			gate.Passed, "",
		},
		{
			"errors that rose by chance",
			[]perf.Past{past(p95(0), quiet...), past(rate(1, 100), 1)},
			[]perf.Series{p95(100), rate(3, 100)},
			gate.Passed, "",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var w *perf.Window
			if c.base != nil {
				w = accepted(c.base...)
			}
			r := evaluate(w, gate.Policy{}, run(t, c.head...))
			i := slices.IndexFunc(r.Metrics, func(m gate.Metric) bool { return m.Key.Metric == "latency_p95" })
			m := r.Metrics[i]
			if m.Verdict != c.verdict || m.Reason != c.reason {
				t.Errorf("%s, %q; want %s, %q", m.Verdict, m.Reason, c.verdict, c.reason)
			}
			if wantFail := c.verdict == gate.Invalid; wantFail != (r.Verdict == gate.Fail) {
				t.Errorf("gate %s", r.Verdict)
			}
		})
	}
}

// TestIdleSubject demands that a subject without a request is told where nothing of it
// is in the baseline either.
func TestIdleSubject(t *testing.T) {
	t.Parallel()
	requests := series("GET /idle", perf.Requests, "", 0)
	w := accepted(past(p95(0), quiet...), past(requests, 0, 0, 0, 0))
	r := evaluate(w, gate.Policy{}, run(t, p95(100), requests))
	want := []perf.Warning{{Msg: `0 requests of "GET /idle", so that nothing is known of it`}}
	if d := cmp.Diff(want, r.Warnings); d != "" || r.Verdict != gate.Pass {
		t.Errorf("gate %s, warnings (-want +got):\n%s", r.Verdict, d)
	}
}

// TestInvalidWhateverItIsCalled demands that failing requests suspend what home-made
// results call by names of their own, and an error rate of 100 % even if it was accepted.
func TestInvalidWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	rate := func(u perf.Unit, v float64) perf.Series { return series("login", perf.ErrorRate, u, v) }
	w := accepted(
		past(rate("ratio", 0), 1, 1, 1), past(series("login", "memory_usage", "MB", 0), 7, 7, 7),
		past(series("login", "signin", "ms", 0), 30, 30, 30), past(series("login", "views", "views/s", 0), 9, 9, 9),
	)
	rateless := series("login", perf.ErrorRate, "", 1) // the accepted runs know that it is a share
	for _, head := range []perf.Series{rate("%", 100), rate("", 100), rateless} {
		r := evaluate(w, gate.Policy{}, run(t, head, series("login", "signin", "ms", 3), series("login", "memory_usage", "MB", 7)))
		want := map[string]gate.Verdict{
			"error_rate": gate.Invalid, "signin": gate.Invalid, "memory_usage": gate.Passed, "views": gate.Missing,
		}
		got := map[string]gate.Verdict{}
		for _, m := range r.Metrics {
			got[m.Key.Metric] = m.Verdict
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%g %q (-want +got):\n%s", head.Samples[0], head.Unit, d)
		}
	}
}

// TestErrorRatesLendTheirUnit demands that an error rate without a unit is compared with
// one that counts told to be a share or a percentage, whichever side it is on.
func TestErrorRatesLendTheirUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, head perf.Unit
		v          float64
		want       gate.Verdict
	}{
		{"", "ratio", 0.04, gate.Suspect},
		{"", "%", 0.01, gate.Passed},
		{"ratio", "", 0.01, gate.Passed},
		{"%", "", 4, gate.Suspect},
		{"", "ms", 0.01, gate.Incomparable},
	} {
		w := accepted(past(series("a", perf.ErrorRate, c.base, 0), 0.01))
		m := only(t, evaluate(w, gate.Policy{}, run(t, series("a", perf.ErrorRate, c.head, c.v))))
		if m.Verdict != c.want {
			t.Errorf("%q against %q: %s (%s), want %s", c.head, c.base, m.Verdict, m.Reason, c.want)
		}
	}
}

// TestLost demands that a test which failed by itself never passes, and that this is
// said before that it is incomplete too.
func TestLost(t *testing.T) {
	t.Parallel()
	head := run(t, p95(100))
	head.Lost = []perf.Warning{{Msg: "an alert ended it"}}
	head.Incomplete = []perf.Warning{{Msg: "stopped"}}
	r := gate.Evaluate(gate.Input{Base: accepted(past(p95(0), 100, 100, 100)), Head: []*perf.Run{head}}, gate.Policy{Now: now})
	if want := "the test failed: an alert ended it"; r.Verdict != gate.Fail || r.Reason != want {
		t.Errorf("%s, %q; want fail, %q", r.Verdict, r.Reason, want)
	}
	if d := cmp.Diff([]perf.Warning{{Msg: "incomplete: stopped"}, {Msg: "failed: an alert ended it"}}, r.Warnings); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
}

// TestIncomplete demands that results of a test that crashed half-way never pass.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	w := accepted(past(p95(0), quiet...))
	head := run(t, p95(100))
	head.Incomplete = []perf.Warning{{Pos: perf.Pos{File: "x"}, Msg: "B failed"}, {Msg: "C failed"}}
	r := evaluate(w, gate.Policy{}, head)
	if want := "the results are incomplete: B failed, and 1 more"; r.Verdict != gate.Fail || r.Reason != want {
		t.Errorf("gate %s, %q; want fail, %q", r.Verdict, r.Reason, want)
	}
	// A test that was cut off is shorter than the accepted ones as well: that nothing is
	// comparable must not hide why.
	for i := range w.Runs {
		w.Runs[i].Workload.Duration = 5 * time.Minute
	}
	head.Workload.Duration = 2 * time.Minute
	if cut := evaluate(w, gate.Policy{}, head); cut.Verdict != gate.Fail || cut.Reason != r.Reason || cut.Compared != 0 {
		t.Errorf("cut off: gate %s, %q, compared %d; want fail, %q, 0", cut.Verdict, cut.Reason, cut.Compared, r.Reason)
	}
	if first := evaluate(nil, gate.Policy{}, head); first.Verdict != gate.Fail || first.Reason != r.Reason {
		t.Errorf("without a baseline: gate %s, %q; want fail, %q", first.Verdict, first.Reason, r.Reason)
	}
	if d := cmp.Diff([]perf.Warning{{Pos: perf.Pos{File: "x"}, Msg: "incomplete: B failed"}, {Msg: "incomplete: C failed"}}, r.Warnings); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
}

func TestErrorRate(t *testing.T) {
	t.Parallel()
	rate := func(percent float64, requests int64) perf.Series {
		s := series("GET /items", perf.ErrorRate, "%", percent)
		s.Count = requests
		return s
	}
	cases := []struct {
		name       string
		base, head perf.Series
		verdict    gate.Verdict
		reason     string
	}{
		{"one failure more", rate(0.01, 10_000), rate(0.02, 10_000), gate.Passed, ""},
		{"a sure rise", rate(0, 10_000), rate(3, 10_000), gate.Regressed, "300 of 10000 requests failed, p = 5e-92"},
		{"a sure fall", rate(3, 10_000), rate(0, 10_000), gate.Improved, "0 of 10000 requests failed"},
		{"few requests", rate(0, 10), rate(10, 10), gate.Passed, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			base := c.base
			w := accepted(past(base, base.Samples...))
			m := only(t, evaluate(w, gate.Policy{}, run(t, c.head)))
			if m.Verdict != c.verdict || m.Reason != c.reason || m.Method != gate.MethodProportions {
				t.Errorf("%s, %q by %s; want %s, %q by proportions", m.Verdict, m.Reason, m.Method, c.verdict, c.reason)
			}
		})
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	five, none, two := 0.05, 2.0, perf.Quantity{Value: 30, Unit: "ms"}
	w := accepted(past(p95(0), quiet...))
	cases := []struct {
		name    string
		rules   []gate.MetricRule
		head    float64
		verdict gate.Verdict
		why     string
	}{
		{"tighter", []gate.MetricRule{{Match: pattern(t, "GET *:*"), Threshold: &five}}, 110, gate.Suspect, "rule GET *:*"},
		{
			"the last match wins",
			[]gate.MetricRule{{Match: pattern(t, "*:*"), Threshold: &five}, {Match: pattern(t, "*:latency_p95"), Threshold: &none}},
			250, gate.Passed, "rule *:latency_p95",
		},
		{"other subjects keep the default", []gate.MetricRule{{Match: pattern(t, "POST *:*"), Threshold: &five}}, 110, gate.Passed, "default"},
		{"floor", []gate.MetricRule{{Match: pattern(t, "*:*"), Floor: &two}}, 125, gate.Passed, "floor 30 ms"},
		{"a known direction stays", []gate.MetricRule{{Match: pattern(t, "*:*"), Better: perf.BetterHigher}}, 130, gate.Suspect, "default"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := only(t, evaluate(w, gate.Policy{Metrics: c.rules}, run(t, p95(c.head))))
			if m.Verdict != c.verdict || m.Why != c.why {
				t.Errorf("%s by %s, want %s by %s", m.Verdict, m.Why, c.verdict, c.why)
			}
		})
	}
	t.Run("direction", func(t *testing.T) {
		t.Parallel()
		s := series("queue", "widgets", "widgets", 130)
		w := accepted(past(s, quiet...))
		rules := []gate.MetricRule{{Match: pattern(t, "*:*"), Better: perf.BetterLower}}
		if m := only(t, evaluate(w, gate.Policy{Metrics: rules}, run(t, s))); m.Verdict != gate.Suspect {
			t.Errorf("%s, want suspect", m.Verdict)
		}
	})
	t.Run("shares of an idle process", func(t *testing.T) {
		t.Parallel()
		for _, metric := range []string{perf.CPUUsage, perf.MemoryShare} {
			for head, want := range map[float64]gate.Verdict{3.8: gate.Passed, 7.9: gate.Passed, 8.5: gate.Suspect} {
				s := series("process:shop", metric, "%", head)
				w := accepted(past(s, 3.0, 3.1, 3.0, 2.9, 3.0, 3.1, 2.9, 3.0))
				if m := only(t, evaluate(w, gate.Policy{}, run(t, s))); m.Verdict != want || m.Limit == nil || *m.Limit != 8 {
					t.Errorf("%s of %v %%: %s, limit %v; want %s, 8", metric, head, m.Verdict, m.Limit, want)
				}
			}
		}
	})
	t.Run("ignored", func(t *testing.T) {
		t.Parallel()
		r := evaluate(w, gate.Policy{Metrics: []gate.MetricRule{{Match: pattern(t, "*"), Ignore: true}}}, run(t, p95(900)))
		if len(r.Metrics) != 0 || r.Ignored != 1 || r.Verdict != gate.NoBaseline {
			t.Errorf("%d metrics, %d ignored, gate %s; want 0, 1, no_baseline", len(r.Metrics), r.Ignored, r.Verdict)
		}
	})
}

func TestTargets(t *testing.T) {
	t.Parallel()
	limit := func(v float64, u perf.Unit) perf.Quantity { return perf.Quantity{Value: v, Unit: u} }
	cases := []struct {
		name     string
		target   gate.Target
		level    string
		verdict  gate.Verdict
		outcome  gate.Outcome
		reason   string
		why      string // the reason of the gate
		warnings []string
	}{
		{
			"met",
			gate.Target{Limit: limit(100, "ms"), Severity: gate.SeverityCritical},
			"",
			gate.Passed, gate.Pass, "", "", nil,
		},
		{
			"missed",
			gate.Target{Limit: limit(0.09, "s"), Severity: gate.SeverityCritical},
			"",
			gate.OverTarget, gate.Fail, "misses its target of 90 ms", "", nil,
		},
		{
			"a warning missed",
			gate.Target{Limit: limit(90, "ms"), Severity: gate.SeverityWarning},
			"",
			gate.NearTarget, gate.Pass, "misses its target of 90 ms", "", nil,
		},
		{
			"another level",
			gate.Target{Limit: limit(90, "ms"), Severity: gate.SeverityCritical, Level: "peak"},
			"normal",
			gate.Passed, gate.Pass, "", "",
			[]string{`no target judged: the limits of these metrics are for other levels than "normal"`},
		},
		{
			"no level chosen",
			gate.Target{Limit: limit(90, "ms"), Severity: gate.SeverityCritical, Level: "peak"},
			"",
			gate.Passed, gate.Pass, "", "",
			[]string{"1 target not judged, for want of a level; name the level of load of the suite"},
		},
		{
			"a typo",
			gate.Target{Match: pattern(t, "GET /itmes:*"), Limit: limit(90, "ms"), Severity: gate.SeverityCritical},
			"",
			gate.Passed, gate.Fail, "",
			`critical target "GET /itmes:*" matches no metric; did you mean "GET /items"?`,
			nil,
		},
		{
			"another dimension",
			gate.Target{Limit: limit(90, "/s"), Severity: gate.SeverityCritical},
			"",
			gate.Passed, gate.Fail, "",
			`critical target "*:*" could not be judged`,
			[]string{`target 90/s of *:* cannot be judged on a value in "ms"`},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.target.Match == (perf.Pattern{}) {
				c.target.Match = perf.MatchAll()
			}
			w := accepted(past(p95(0), quiet...))
			r := evaluate(w, gate.Policy{Targets: []gate.Target{c.target}, Level: c.level}, run(t, p95(100)))
			m := only(t, r)
			if m.Verdict != c.verdict || r.Verdict != c.outcome || m.Reason != c.reason {
				t.Errorf("%s, gate %s, %q; want %s, %s, %q", m.Verdict, r.Verdict, m.Reason, c.verdict, c.outcome, c.reason)
			}
			var warnings []string
			for _, w := range r.Warnings {
				warnings = append(warnings, w.Msg)
			}
			if d := cmp.Diff(c.warnings, warnings); d != "" {
				t.Errorf("warnings (-want +got):\n%s", d)
			}
			if r.Reason != c.why {
				t.Errorf("reason of the gate %q, want %q", r.Reason, c.why)
			}
		})
	}
}

// TestNeedsAcceptance demands that a slowdown is known as one behind the verdict on a
// target too, and that a target missed at the usual level is none.
func TestNeedsAcceptance(t *testing.T) {
	t.Parallel()
	throughput := func(v float64) perf.Series { return series("GET /items", perf.Throughput, "/s", v) }
	target := func(limit perf.Quantity) gate.Policy {
		return gate.Policy{Targets: []gate.Target{{Match: perf.MatchAll(), Limit: limit, Severity: gate.SeverityCritical}}}
	}
	latency, rate := perf.Quantity{Value: 50, Unit: "ms"}, perf.Quantity{Value: 500, Unit: "/s"}
	cases := []struct {
		name    string
		policy  gate.Policy
		head    perf.Series
		verdict gate.Verdict
		want    bool
	}{
		{"as before", gate.Policy{}, p95(101), gate.Passed, false},
		{"faster", gate.Policy{}, p95(50), gate.Passed, false},
		{"slower", gate.Policy{}, p95(150), gate.Suspect, true},
		{"as before, over its target", target(latency), p95(101), gate.OverTarget, false},
		{"slower, over its target", target(latency), p95(150), gate.OverTarget, true},
		{"throughput as before, under its target", target(rate), throughput(101), gate.OverTarget, false},
		{"a drop of throughput, under its target", target(rate), throughput(50), gate.OverTarget, true},
		{"down to nothing, under its target", target(rate), throughput(0), gate.OverTarget, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := only(t, evaluate(accepted(past(c.head, quiet...)), c.policy, run(t, c.head)))
			if m.Verdict != c.verdict || m.NeedsAcceptance() != c.want {
				t.Errorf("%s, needs acceptance %t; want %s, %t", m.Verdict, m.NeedsAcceptance(), c.verdict, c.want)
			}
		})
	}
	gone := only(t, gate.Evaluate(gate.Input{Base: accepted(past(p95(0), quiet...))}, gate.Policy{}))
	if !gone.NeedsAcceptance() {
		t.Errorf("%s needs no acceptance", gone.Verdict)
	}
}

// TestTargetsWithoutBaseline demands that targets fail a gate that has nothing to
// compare with, and that meeting them is still no pass.
func TestTargetsWithoutBaseline(t *testing.T) {
	t.Parallel()
	policy := func(ms float64) gate.Policy {
		return gate.Policy{Targets: []gate.Target{{
			Match: perf.MatchAll(), Limit: perf.Quantity{Value: ms, Unit: "ms"}, Severity: gate.SeverityCritical,
		}}}
	}
	if r := evaluate(nil, policy(50), run(t, p95(100))); r.Verdict != gate.Fail || r.Targets[0].Headroom != -1 {
		t.Errorf("missed: gate %s, headroom %g; want fail, -1", r.Verdict, r.Targets[0].Headroom)
	}
	if r := evaluate(nil, policy(200), run(t, p95(100))); r.Verdict != gate.NoBaseline || r.Targets[0].Headroom != 0.5 {
		t.Errorf("met: gate %s, headroom %g; want no_baseline, 0.5", r.Verdict, r.Targets[0].Headroom)
	}
}

func TestWaivers(t *testing.T) {
	t.Parallel()
	waiver := gate.Waiver{Match: pattern(t, "GET *:latency_p95"), Limit: 0.35, Until: now.Add(time.Hour), Reason: "new fraud check"}
	w := accepted(past(p95(0), quiet...))
	cases := []struct {
		name    string
		until   time.Time
		head    float64
		verdict gate.Verdict
		reason  string
	}{
		{"inside", now.Add(time.Hour), 130, gate.Waived, "suspect, waived up to 35 % until 2026-03-01: new fraud check"},
		{"beyond its limit", now.Add(time.Hour), 140, gate.Suspect, "1 run over; noise of this metric is ±1.48 %"},
		{"expired", now.Add(-time.Hour), 130, gate.Suspect, "1 run over; noise of this metric is ±1.48 %"},
		{"not needed", now.Add(time.Hour), 100, gate.Passed, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wv := waiver
			wv.Until = c.until
			m := only(t, evaluate(w, gate.Policy{Waivers: []gate.Waiver{wv}}, run(t, p95(c.head))))
			if m.Verdict != c.verdict || m.Reason != c.reason {
				t.Errorf("%s, %q; want %s, %q", m.Verdict, m.Reason, c.verdict, c.reason)
			}
		})
	}
}

// TestBlind demands that a pass which could hide a large slowdown is marked, also
// where the threshold itself hides it.
func TestBlind(t *testing.T) {
	t.Parallel()
	throughput := series("GET /items", perf.Throughput, "/s", 100)
	noisy := []float64{100, 180, 100, 100, 180}
	cases := []struct {
		name      string
		threshold float64
		series    perf.Series
		past      []float64
		want      bool
	}{
		{"the default", 0.2, p95(100), quiet, false},
		{"a quiet metric may double", 1, p95(100), quiet, false},
		{"and no more", 1.01, p95(100), quiet, true},
		{"fifty times", 50, p95(100), quiet, true},
		{"noise beyond the threshold", 0.2, p95(100), noisy, true},
		{"noise that hides less than a half", 0.2, p95(100), []float64{100, 120, 100, 100, 120}, false},
		{"half of a throughput", 0.5, throughput, quiet, false},
		{"more than half of it", 0.51, throughput, quiet, true},
		{"all of it", 1, throughput, quiet, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := only(t, evaluate(accepted(past(c.series, c.past...)), gate.Policy{Threshold: c.threshold}, run(t, c.series)))
			if m.Verdict != gate.Passed || m.Blind != c.want {
				t.Errorf("%s, blind %t, detectable %v; want pass, blind %t", m.Verdict, m.Blind, *m.Detectable, c.want)
			}
		})
	}
}

func TestCreep(t *testing.T) {
	t.Parallel()
	w := accepted(past(p95(0), 130, 130, 131, 129, 130))
	w.Metrics[0].Anchor = &perf.Anchor{Value: 100, Commit: "a91b3d0", Time: now.AddDate(0, 0, -41)}
	m := only(t, evaluate(w, gate.Policy{}, run(t, p95(131))))
	if m.Verdict != gate.Passed || m.Severity != gate.SeverityWarning || m.Creep == nil || math.Abs(*m.Creep-0.3) > 1e-9 {
		t.Errorf("%s, %s, creep %v; want pass, warning, 0.3", m.Verdict, m.Severity, m.Creep)
	}
	r := evaluate(w, gate.Policy{On: gate.Actions{Creep: gate.ActionFail}}, run(t, p95(131)))
	if r.Verdict != gate.Fail {
		t.Errorf("drift that fails: gate %s", r.Verdict)
	}
	if m := only(t, evaluate(w, gate.Policy{Drift: 0.4}, run(t, p95(131)))); m.Creep != nil {
		t.Errorf("creep %g inside a budget of 0.4", *m.Creep)
	}
}

// TestWindow demands that runs before a change point do not blur the level.
func TestWindow(t *testing.T) {
	t.Parallel()
	values := []float64{200, 201, 199, 200, 202, 198, 200, 201, 100, 101, 99, 100, 102, 98, 100}
	m := only(t, evaluate(accepted(past(p95(0), values...)), gate.Policy{}, run(t, p95(130))))
	if m.NBaseline != 7 || *m.Baseline != 100 || m.Verdict != gate.Suspect {
		t.Errorf("%d runs at %g, %s; want 7 runs at 100, suspect", m.NBaseline, *m.Baseline, m.Verdict)
	}
}

func TestFamilyWise(t *testing.T) {
	t.Parallel()
	head := make([]*perf.Run, 3)
	var pasts []perf.Past
	for i := range head {
		var list []perf.Series
		for j := range 100 {
			s := p95(130 + float64(i))
			s.Key.Subject = string(rune('a'+j/26)) + string(rune('a'+j%26))
			list = append(list, s)
			if i == 0 {
				pasts = append(pasts, past(s, 100, 101, 99, 100, 102))
			}
		}
		head[i] = run(t, list...)
	}
	r := evaluate(accepted(pasts...), gate.Policy{Strict: true}, head...)
	want := "3 of 3 runs over, but 5 runs are too few for all 100 metrics together"
	if m := r.Metrics[0]; m.Verdict != gate.Suspect || m.Reason != want {
		t.Errorf("%s, %q; want suspect, %q", m.Verdict, m.Reason, want)
	}
}

func TestBacktest(t *testing.T) {
	t.Parallel()
	values := append(slices.Clone(quiet), 130, 100)
	r := evaluate(accepted(past(p95(0), values...)), gate.Policy{}, run(t, p95(100)))
	if d := cmp.Diff(&gate.Backtest{Runs: 7, Failed: 1}, r.Backtest); d != "" {
		t.Errorf("backtest (-want +got):\n%s", d)
	}
}

func TestStaleAndUnknownEnvironment(t *testing.T) {
	t.Parallel()
	w := accepted(past(p95(0), quiet...))
	w.Env = perf.Env{OS: "linux"}
	for i := range w.Runs {
		w.Runs[i].Time = w.Runs[i].Time.AddDate(0, 0, -100)
	}
	r := evaluate(w, gate.Policy{}, run(t, p95(100)))
	want := []perf.Warning{
		{Msg: "the baseline is 101 days old; refresh it with speedgate update"},
		{Msg: "these results do not say on which machine they were measured; compared all the same (name it with --environment)"},
	}
	if d := cmp.Diff(want, r.Warnings); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
	if r.Baseline.AgeDays == nil || *r.Baseline.AgeDays != 101 {
		t.Errorf("age %v, want 101 days", r.Baseline.AgeDays)
	}
}

// TestLaws holds properties that no verdict may break, on random metrics.
func TestLaws(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n, k := 1+rnd.IntN(20), 1+rnd.IntN(4)
		base := make([]float64, n)
		for i := range base {
			base[i] = 100 * math.Exp(rnd.NormFloat64()*0.1)
		}
		s := series("x", "cost", "ms", 0)
		heads := make([]*perf.Run, k)
		worse := make([]*perf.Run, k)
		for i := range heads {
			v := 100 * math.Exp(rnd.NormFloat64()*0.3)
			h, wv := s, s
			h.Samples, wv.Samples = []float64{v}, []float64{v * (1 + rnd.Float64())}
			heads[i], worse[i] = run(t, h), run(t, wv)
		}
		w := accepted(past(s, base...))
		m, bad := only(t, evaluate(w, gate.Policy{}, heads...)), only(t, evaluate(w, gate.Policy{}, worse...))
		if failing(m.Verdict) && !failing(bad.Verdict) {
			t.Fatalf("%v: %s, but slower runs are %s", base, m.Verdict, bad.Verdict)
		}
		if again := only(t, evaluate(w, gate.Policy{}, heads...)); cmp.Diff(m, again) != "" {
			t.Fatalf("the same input gave another result:\n%s", cmp.Diff(m, again))
		}
		if m.Verdict == gate.Regressed && (k < 3 || n < 3 || *m.Change <= 0.2-1e-9) {
			t.Fatalf("regressed with %d runs against %d at %+g", k, n, *m.Change)
		}
		if failing(m.Verdict) && *m.Current <= *m.Limit {
			t.Fatalf("%s at %g, under the limit %g", m.Verdict, *m.Current, *m.Limit)
		}
		selfRuns := make([]*perf.Run, k)
		for i := range selfRuns {
			h := s
			h.Samples = []float64{base[rnd.IntN(n)]}
			selfRuns[i] = run(t, h)
		}
		if m := only(t, evaluate(w, gate.Policy{}, selfRuns...)); n >= 5 && m.NBaseline == n && failing(m.Verdict) {
			t.Fatalf("%v: runs of the window itself are %s", base, m.Verdict)
		}
	}
}

func failing(v gate.Verdict) bool { return v == gate.Regressed || v == gate.Suspect }

func BenchmarkEvaluate(b *testing.B) {
	var pasts []perf.Past
	var list []perf.Series
	for i := range 30_000 {
		s := series("bench"+string(rune('0'+i%10))+string(rune('0'+i/10%10))+string(rune('0'+i/100%10))+string(rune('0'+i/1000%10))+string(rune('0'+i/10000)),
			"time_per_op", "ns/op", 100)
		list = append(list, s)
		pasts = append(pasts, past(s, quiet...))
	}
	head := &perf.Run{Series: list}
	head.Sort()
	w := accepted(pasts...)
	b.ReportAllocs()
	for b.Loop() {
		evaluate(w, gate.Policy{}, head)
	}
}

// TestMemoryTarget demands that a share of the memory is judged where there is one, and
// told where there is none.
func TestMemoryTarget(t *testing.T) {
	t.Parallel()
	bytes, share := series("process:shop", perf.MemoryUsage, "B", 3<<30), series("process:shop", perf.MemoryShare, "%", 90)
	target := func(v float64, unit perf.Unit) gate.Policy {
		limit := perf.Quantity{Value: v, Unit: unit}
		return gate.Policy{Targets: []gate.Target{{Match: pattern(t, "process:*:memory_usage"), Limit: limit, Severity: gate.SeverityCritical}}}
	}
	for name, c := range map[string]struct {
		policy gate.Policy
		list   []perf.Series
		metric string // that is judged
		met    bool
	}{
		"share":               {target(80, "%"), []perf.Series{bytes, share}, perf.MemoryShare, false},
		"large share":         {target(95, "%"), []perf.Series{bytes, share}, perf.MemoryShare, true},
		"size":                {target(2, "GiB"), []perf.Series{bytes, share}, perf.MemoryUsage, false},
		"no share":            {target(80, "%"), []perf.Series{bytes}, "", false},
		"of a tool's own, %%": {target(80, "%"), []perf.Series{series("process:shop", perf.MemoryUsage, "%", 70)}, perf.MemoryUsage, true},
	} {
		r := evaluate(nil, c.policy, run(t, c.list...))
		if c.metric == "" {
			if len(r.Targets) != 0 || r.Verdict != gate.Fail {
				t.Errorf("%s: %s, %v", name, r.Verdict, r.Targets)
			}
			continue
		}
		if len(r.Targets) != 1 || r.Targets[0].Key.Metric != c.metric || r.Targets[0].Met != c.met || (r.Verdict == gate.Fail) == c.met {
			t.Errorf("%s: %s, %+v", name, r.Verdict, r.Targets)
		}
	}
}

// TestIdleIsNotBlind demands no word of what a share of the processor hides below the
// points that are no regression, and one of more.
func TestIdleIsNotBlind(t *testing.T) {
	t.Parallel()
	cpu := series("process:shop", perf.CPUUsage, "%", 0.2)
	if m := only(t, evaluate(accepted(past(cpu, 0.2, 0.1, 0.2, 0.3)), gate.Policy{}, run(t, cpu))); m.Blind || m.Verdict != gate.Passed {
		t.Errorf("%s, blind %t, detectable %v", m.Verdict, m.Blind, *m.Detectable)
	}
	noisy := accepted(past(cpu, 0.2, 30, 0.2, 30))
	if m := only(t, evaluate(noisy, gate.Policy{}, run(t, cpu))); !m.Blind {
		t.Errorf("%s, not blind, detectable %v", m.Verdict, *m.Detectable)
	}
}
