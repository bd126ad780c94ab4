package gate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/perf"
)

// TestUnmatched demands that every pattern which does nothing is told, with what was
// meant, and that only a critical target fails the gate.
func TestUnmatched(t *testing.T) {
	t.Parallel()
	half := 0.5
	rule := func(p string) gate.MetricRule { return gate.MetricRule{Match: pattern(t, p), Threshold: &half} }
	target := func(p string, s gate.Severity) gate.Target {
		return gate.Target{Match: pattern(t, p), Limit: perf.Quantity{Value: 1, Unit: "s"}, Severity: s}
	}
	waiver := gate.Waiver{Match: pattern(t, "POST *"), Until: now.Add(time.Hour)}
	cases := []struct {
		name   string
		policy gate.Policy
		want   []gate.PatternUse
		reason string
	}{
		{
			name: "all match",
			policy: gate.Policy{
				Metrics: []gate.MetricRule{rule("GET /items:latency_p95"), {Match: pattern(t, "GET /gone"), Ignore: true}},
				Targets: []gate.Target{target("GET /items", gate.SeverityCritical)},
			},
		},
		{
			name:   "a rule with a wrong metric",
			policy: gate.Policy{Metrics: []gate.MetricRule{rule("GET *:latency_p59")}},
			want:   []gate.PatternUse{{Kind: gate.PatternRule, Match: "GET *:latency_p59", Meant: "GET *:latency_p95"}},
		},
		{
			name:   "a rule without its colon",
			policy: gate.Policy{Metrics: []gate.MetricRule{rule("latency_p95")}},
			want:   []gate.PatternUse{{Kind: gate.PatternRule, Match: "latency_p95", Meant: "*:latency_p95"}},
		},
		{
			name:   "a rule twice is told once",
			policy: gate.Policy{Metrics: []gate.MetricRule{rule("Prase"), rule("Prase")}},
			want:   []gate.PatternUse{{Kind: gate.PatternRule, Match: "Prase"}},
		},
		{
			name: "a waiver and a warning",
			policy: gate.Policy{
				Waivers: []gate.Waiver{waiver}, Targets: []gate.Target{target("GET /itms", gate.SeverityWarning)},
			},
			want: []gate.PatternUse{
				{Kind: gate.PatternTarget, Match: "GET /itms", Shared: true, Meant: "GET /items"},
				{Kind: gate.PatternWaiver, Match: "POST *", Shared: true},
			},
		},
		{
			name: "a target of both severities",
			policy: gate.Policy{Targets: []gate.Target{
				target("GET /x", gate.SeverityWarning), target("GET /x", gate.SeverityCritical),
			}},
			want:   []gate.PatternUse{{Kind: gate.PatternTarget, Match: "GET /x", Shared: true, Critical: true}},
			reason: `critical target "GET /x" matches no metric`,
		},
		{
			name: "two critical targets",
			policy: gate.Policy{Targets: []gate.Target{
				target("POST /x", gate.SeverityCritical), target("POST /y", gate.SeverityCritical),
			}},
			want: []gate.PatternUse{
				{Kind: gate.PatternTarget, Match: "POST /x", Shared: true, Critical: true},
				{Kind: gate.PatternTarget, Match: "POST /y", Shared: true, Critical: true},
			},
			reason: `2 critical targets judged nothing, the first is "POST /x"`,
		},
	}
	gone := p95(0)
	gone.Key.Subject = "GET /gone"
	w := accepted(past(p95(0), quiet...), past(gone, quiet...))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.policy.On.Missing = gate.ActionPass
			r := evaluate(w, c.policy, run(t, p95(100)))
			if d := cmp.Diff(c.want, r.Unmatched); d != "" {
				t.Errorf("unmatched (-want +got):\n%s", d)
			}
			outcome := gate.Pass
			if c.reason != "" {
				outcome = gate.Fail
			}
			if r.Verdict != outcome || r.Reason != c.reason {
				t.Errorf("gate %s, %q; want %s, %q", r.Verdict, r.Reason, outcome, c.reason)
			}
		})
	}
}

// TestSettle demands that a pattern counts as unmatched only where no suite has a
// metric for it, and that it is told in the first suite that it is meant for.
func TestSettle(t *testing.T) {
	t.Parallel()
	shared := gate.MetricRule{Match: pattern(t, "GET *"), Ignore: true, Shared: true}
	typo := gate.MetricRule{Match: pattern(t, "Prase"), Ignore: true, Shared: true}
	own := gate.MetricRule{Match: pattern(t, "Fib"), Ignore: true}
	suites := func() []*gate.Result {
		return []*gate.Result{
			gate.Evaluate(gate.Input{Head: []*perf.Run{run(t, p95(100))}}, gate.Policy{Metrics: []gate.MetricRule{shared, typo}}),
			gate.Evaluate(gate.Input{Head: []*perf.Run{run(t, series("Parse", perf.TimePerOp, "ns/op", 1))}},
				gate.Policy{Metrics: []gate.MetricRule{shared, typo, own}}),
		}
	}
	unmatched := func(list []*gate.Result) (names [][]string) {
		for _, r := range list {
			var of []string
			for _, u := range r.Unmatched {
				of = append(of, u.Match+" → "+u.Meant)
			}
			names = append(names, of)
		}
		return names
	}
	all := suites()
	gate.Settle(all, gate.Others{})
	if d := cmp.Diff([][]string{{"Prase → Parse"}, {"Fib → "}}, unmatched(all)); d != "" {
		t.Errorf("both suites (-want +got):\n%s", d)
	}
	second := suites()[1:]
	gate.Settle(second, gate.Others{Exist: true})
	if d := cmp.Diff([][]string{{"Fib → "}}, unmatched(second)); d != "" || second[0].Elsewhere != 2 {
		t.Errorf("one of two, %d elsewhere, want 2 (-want +got):\n%s", second[0].Elsewhere, d)
	}
	if w := second[0].Warnings; len(w) != 2 || w[1].Msg != `rule "Prase" matches no metric here; whether a suite that was not checked has one is not known` {
		t.Errorf("warnings %v, want one for each pattern", w)
	}
	known := suites()[1:]
	gate.Settle(known, gate.Others{Exist: true, Known: []perf.Key{{Subject: "GET /items", Metric: "latency_p95"}}})
	if known[0].Elsewhere != 1 {
		t.Errorf("%d elsewhere, want 1: accepted runs of another suite have the other", known[0].Elsewhere)
	}
}
