package gate_test

import (
	"testing"

	"speedgate/gate"
	"speedgate/perf"
)

// TestOverloaded demands that a machine which is too slow for its own load fails nobody's
// change, and passes none that may be worse.
func TestOverloaded(t *testing.T) {
	t.Parallel()
	const late = "40 of 100 requests were sent late"
	errorRate := func(v float64) perf.Series {
		s := series("GET /items", perf.ErrorRate, "%", v)
		s.Count = 10_000
		return s
	}
	recovery := series("profile:x", perf.RecoveryTime, "s", 60)
	cpu := series("process:x", perf.CPUUsage, "%", 95)
	limit := gate.Target{Match: pattern(t, "*:latency_p95"), Limit: perf.Quantity{Value: 90, Unit: "ms"}, Severity: gate.SeverityCritical}
	for _, c := range []struct {
		name    string
		base    *perf.Window
		targets []gate.Target
		head    []perf.Series
		verdict gate.Outcome
		reason  string
		metric  gate.Verdict // of the worst
	}{
		{"no slower", accepted(past(p95(0), quiet...)), nil, []perf.Series{p95(100)}, gate.Pass, "", gate.Passed},
		{
			"slower", accepted(past(p95(0), quiet...)), nil,
			[]perf.Series{p95(300)},
			gate.Fail,
			"1 metric that would fail cannot be judged: " + late, gate.Inconclusive,
		},
		{
			"misses a target", nil,
			[]gate.Target{limit},
			[]perf.Series{p95(100)},
			gate.Fail,
			"1 metric that would fail cannot be judged: " + late, gate.Inconclusive,
		},
		{
			"recovers late", accepted(past(recovery, 5, 5, 5, 5)), nil,
			[]perf.Series{recovery},
			gate.Fail,
			"1 metric that would fail cannot be judged: " + late, gate.Inconclusive,
		},
		{"fails more often", accepted(past(errorRate(0), 0, 0, 0, 0)), nil, []perf.Series{errorRate(4)}, gate.Fail, "", gate.Regressed},
		{"uses more", accepted(past(cpu, 20, 20, 20, 20)), nil, []perf.Series{cpu}, gate.Fail, "", gate.Suspect},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			head := run(t, c.head...)
			head.Overloaded = []perf.Warning{{Msg: late}}
			r := gate.Evaluate(gate.Input{Base: c.base, Head: []*perf.Run{head}}, gate.Policy{Now: now, Targets: c.targets})
			if r.Verdict != c.verdict || r.Reason != c.reason || r.Metrics[0].Verdict != c.metric {
				t.Errorf("%s, %q, %s (%s); want %s, %q, %s", r.Verdict, r.Reason, r.Metrics[0].Verdict, r.Metrics[0].Reason, c.verdict, c.reason, c.metric)
			}
			if isSuspended := c.metric == gate.Inconclusive; isSuspended != (r.Suspended == 1) || isSuspended != r.Metrics[0].Suspended || isSuspended && r.Metrics[0].Severity != gate.SeverityWarning {
				t.Errorf("%d suspended, %s", r.Suspended, r.Metrics[0].Severity)
			}
			if len(r.Warnings) == 0 || r.Warnings[0].Msg != late {
				t.Errorf("warnings %v", r.Warnings)
			}
		})
	}
}

// TestOverloadedElsewhere demands that the lateness of one test excuses no other.
func TestOverloadedElsewhere(t *testing.T) {
	t.Parallel()
	slow := p95(300)
	other := p95(100)
	other.Key.Subject = "GET /other"
	late := run(t, other)
	late.Overloaded = []perf.Warning{{Msg: "late"}}
	w := accepted(past(slow, quiet...), past(other, quiet...))
	if r := evaluate(w, gate.Policy{}, run(t, slow), late); r.Metrics[0].Verdict != gate.Suspect || r.Reason != "" {
		t.Errorf("%s, %q", r.Metrics[0].Verdict, r.Reason)
	}
}
