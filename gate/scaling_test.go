package gate_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/gate"
	"speedgate/perf"
)

// sized returns a run of one size of the label instances.
func sized(t *testing.T, label string, list ...perf.Series) *perf.Run {
	t.Helper()
	for i := range list {
		list[i].Key.Labels = list[i].Key.Labels.With("instances", label)
		if list[i].Count == 0 {
			list[i].Count = 10_000
		}
	}
	return run(t, list...)
}

func rate(subject string, v float64) perf.Series { return series(subject, perf.Throughput, "req/s", v) }

func latency(subject string, v float64) perf.Series {
	return series(subject, "latency_p95", "ms", v)
}

// scalingRule is the one of the README: 80 % and 100 ms.
func scalingRule(t *testing.T) *gate.ScalingRule {
	return &gate.ScalingRule{Over: "instances", Efficiency: 0.8, Limits: []gate.Target{
		{Match: pattern(t, "*:latency_p95"), Limit: perf.Quantity{Value: 100, Unit: "ms"}, Severity: gate.SeverityCritical},
	}}
}

// missedAt says what was missed of each subject at each size.
func missedAt(s *gate.Scaling) map[string]string {
	all := map[string]string{}
	for _, sub := range s.Subjects {
		for _, p := range sub.Points {
			text := strings.Join(p.Missed(), " ")
			if !p.IsJudged() {
				text = strings.TrimSpace("not judged " + text)
			}
			all[sub.Subject+" "+p.Label] = text
		}
	}
	return all
}

func TestScaling(t *testing.T) {
	t.Parallel()
	r := evaluate(nil, gate.Policy{Scaling: scalingRule(t)},
		sized(t, "8", rate(perf.Aggregated, 500), latency(perf.Aggregated, 120)),
		sized(t, "1", rate(perf.Aggregated, 100), latency(perf.Aggregated, 40)),
		sized(t, "2", rate(perf.Aggregated, 190), latency(perf.Aggregated, 45)),
		sized(t, "4", rate(perf.Aggregated, 320), latency(perf.Aggregated, 99)),
	)
	held := func(label string, v float64, met bool) []gate.TargetResult {
		return []gate.TargetResult{{
			Key:   perf.Key{Subject: perf.Aggregated, Metric: "latency_p95", Labels: perf.Labels("instances=" + label)},
			Match: "*:latency_p95", Unit: "ms", Limit: 100, Measured: v, Headroom: (100 - v) / 100, Met: met, Severity: gate.SeverityCritical,
		}}
	}
	p := func(v float64) *float64 { return &v }
	want := &gate.Scaling{Over: "instances", Efficiency: 0.8, Subjects: []gate.ScalingSubject{{
		Subject: perf.Aggregated, Unit: "req/s",
		Points: []gate.ScalingPoint{
			{"1", 1, p(100), p(100), p(1), p(80), true, held("1", 40, true)},
			{"2", 2, p(190), p(200), p(0.95), p(160), true, held("2", 45, true)},
			{"4", 4, p(320), p(400), p(0.8), p(320), true, held("4", 99, true)},
			{"8", 8, p(500), p(800), p(0.625), p(640), false, held("8", 120, false)},
		},
	}}}
	opts := cmp.Options{cmpopts.EquateApprox(1e-12, 1e-12), cmpopts.IgnoreFields(gate.ScalingSubject{}, "Fit")}
	if d := cmp.Diff(want, r.Scaling, opts); d != "" {
		t.Errorf("scaling (-want +got):\n%s", d)
	}
	var reasons []string
	for _, m := range r.Metrics {
		if m.Severity == gate.SeverityCritical {
			reasons = append(reasons, m.Key.String()+": "+m.Verdict.String()+": "+m.Reason)
		}
	}
	wantReasons := []string{
		"Aggregated · latency_p95 · {instances=8}: over_target: misses its target of 100 ms; not in the baseline yet",
		"Aggregated · throughput · {instances=8}: over_target: efficiency 62.5 % of linear growth from instances=1, at least 80 %; not in the baseline yet",
	}
	if d := cmp.Diff(wantReasons, reasons); d != "" {
		t.Errorf("reasons (-want +got):\n%s", d)
	}
	if r.Verdict != gate.Fail || len(r.Targets) != 0 {
		t.Errorf("gate %s, %d targets; want fail and none", r.Verdict, len(r.Targets))
	}
}

// TestScalingFit takes the law's own throughputs, three runs at each size.
func TestScalingFit(t *testing.T) {
	t.Parallel()
	const lambda, contention, coherency = 200, 0.05, 0.002
	var runs []*perf.Run
	at := func(n float64) float64 { return lambda * n / (1 + contention*(n-1) + coherency*n*(n-1)) }
	for _, n := range []float64{1, 2, 4, 8} {
		for _, noise := range []float64{0.99, 1, 1.01} {
			runs = append(runs, sized(t, fmt.Sprint(n), rate(perf.Aggregated, noise*at(n))))
		}
	}
	rule := &gate.ScalingRule{Over: "instances", Efficiency: 0.6}
	f := evaluate(nil, gate.Policy{Scaling: rule}, runs...).Scaling.Subjects[0].Fit
	if f == nil {
		t.Fatal("no fit")
	}
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 0.2*want {
			t.Errorf("%s %g, want %g within 20 %%", name, got, want)
		}
	}
	near("lambda", f.Lambda, lambda)
	near("contention", f.Contention, contention)
	near("coherency", f.Coherency, coherency)
	peak := math.Sqrt((1 - contention) / coherency)
	near("peak", *f.Peak, peak)
	near("throughput at the peak", *f.PeakThroughput, at(peak))
	if !f.Predicted || f.Points != 12 || f.Unit != 1 || f.Error > 0.02 || f.ContentionError == nil {
		t.Errorf("%+v", f)
	}
}

// TestSizes holds which labels are sizes, in which order and ratio.
func TestSizes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		labels   string
		sizes    string // label:size of the points, in their order
		unjudged string
	}{
		{"10 100 200 50", "10:10 50:50 100:100 200:200", ""},
		{"4 0.5 2 1", "0.5:0.5 1:1 2:2 4:4", ""},
		{"4GB 512MB 1GB 2GB", "512MB:0.512 1GB:1 2GB:2 4GB:4", ""},
		{"1GiB 512MiB", "512MiB:0.5 1GiB:1", ""},
		{"500m 250m", "250m:250 500m:500", ""}, // minutes by their unit; their ratio is what counts
		{"1 2 many", "", `instances="many" is not a size; expected a number above 0, with a unit or without, such as 4, 0.5 or 512MB`},
		{"512Mi 1Gi", "", `instances="1Gi" is not a size; expected a number above 0, with a unit or without, such as 4, 0.5 or 512MB`},
		{"0 1", "", `instances="0" is not a size; expected a number above 0, with a unit or without, such as 4, 0.5 or 512MB`},
		{"-1 1", "", `instances="-1" is not a size; expected a number above 0, with a unit or without, such as 4, 0.5 or 512MB`},
		{"NaN 1", "", `instances="NaN" is not a size; expected a number above 0, with a unit or without, such as 4, 0.5 or 512MB`},
		{"1 2GB", "", `instances="1" and instances="2GB" do not measure the same thing`},
		{"1 1.0 2", "", `instances="1" and instances="1.0" are the same size; write it in one way`},
		{"1000MB 1GB", "", `instances="1000MB" and instances="1GB" are the same size; write it in one way`},
		{"4", "", "only instances=4 was measured; it takes two sizes"},
		{"", "", `no result has the label "instances"`},
	}
	for _, c := range cases {
		t.Run(c.labels, func(t *testing.T) {
			t.Parallel()
			runs := []*perf.Run{run(t, rate("without", 1))}
			for _, label := range strings.Fields(c.labels) {
				runs = append(runs, sized(t, label, rate("a", 100)))
			}
			r := evaluate(nil, gate.Policy{Scaling: &gate.ScalingRule{Over: "instances", Efficiency: 0.01}}, runs...)
			var sizes []string
			for _, sub := range r.Scaling.Subjects {
				for _, p := range sub.Points {
					sizes = append(sizes, fmt.Sprintf("%s:%g", p.Label, p.Size))
				}
			}
			if got := strings.Join(sizes, " "); got != c.sizes || r.Scaling.Unjudged != c.unjudged {
				t.Errorf("%q, %q; want %q, %q", got, r.Scaling.Unjudged, c.sizes, c.unjudged)
			}
			wantReason := ""
			if c.unjudged != "" {
				wantReason = "the scaling cannot be judged: " + c.unjudged
			}
			if (r.Verdict == gate.Fail) != (wantReason != "") || wantReason != "" && r.Reason != wantReason {
				t.Errorf("gate %s, %q; want %q", r.Verdict, r.Reason, wantReason)
			}
		})
	}
}

// TestScalingSubjects holds which subjects are judged, and what is missed of each.
func TestScalingSubjects(t *testing.T) {
	t.Parallel()
	rare := func(v float64) perf.Series {
		s := rate("GET /rare", v)
		s.Count = 40
		return s
	}
	failing := func(v, errors float64) []perf.Series {
		return []perf.Series{rate("GET /a", v), series("GET /a", perf.ErrorRate, "%", errors)}
	}
	efficiencyOnly := &gate.ScalingRule{Over: "instances", Efficiency: 0.8}
	cases := []struct {
		name     string
		rule     *gate.ScalingRule
		sizes    [][]perf.Series // at 1, 2, 4, …
		want     map[string]string
		verdict  gate.Outcome
		reason   string
		warnings []string
	}{
		{
			"an endpoint of its own is judged beside the sum", efficiencyOnly,
			[][]perf.Series{{rate("Aggregated", 200), rate("POST /b", 100)}, {rate("Aggregated", 380), rate("POST /b", 110)}},
			map[string]string{"Aggregated 1": "", "Aggregated 2": "", "POST /b 1": "", "POST /b 2": "efficiency"},
			gate.Fail, "", nil,
		},
		{
			"a rare one is drawn by chance", efficiencyOnly,
			[][]perf.Series{{rate("Aggregated", 200), rare(4)}, {rate("Aggregated", 380), rare(5)}},
			map[string]string{"Aggregated 1": "", "Aggregated 2": "", "GET /rare 1": "not judged", "GET /rare 2": "not judged"},
			gate.NoBaseline, "there is no baseline yet", nil,
		},
		{
			"a rare one that is all there is", efficiencyOnly,
			[][]perf.Series{{rare(4)}, {rare(5)}},
			map[string]string{"GET /rare 1": "", "GET /rare 2": "efficiency"},
			gate.Fail, "", nil,
		},
		{
			"failing requests prove no growth", efficiencyOnly,
			[][]perf.Series{failing(100, 0), failing(900, 60)},
			map[string]string{"GET /a 1": "", "GET /a 2": "efficiency"},
			gate.Fail, "", nil,
		},
		{
			"no throughput at the last size", efficiencyOnly,
			[][]perf.Series{{rate("a", 100)}, {rate("a", 190)}, {rate("a", 0)}},
			map[string]string{"a 1": "", "a 2": "", "a 4": "not judged efficiency"},
			gate.Fail, "", nil,
		},
		{
			"nothing left at the last size, beside another", efficiencyOnly,
			[][]perf.Series{{rate("a", 100), rate("b", 100)}, {rate("a", 190), rate("b", 0)}},
			map[string]string{"a 1": "", "a 2": "", "b 1": "not judged", "b 2": "not judged efficiency"},
			gate.Fail, "", nil,
		},
		{
			"a gap is told", efficiencyOnly,
			[][]perf.Series{{rate("a", 100), rate("b", 100)}, {rate("a", 200)}, {rate("a", 400), rate("b", 390)}},
			map[string]string{"a 1": "", "a 2": "", "a 4": "", "b 1": "", "b 4": ""},
			gate.NoBaseline, "there is no baseline yet",
			[]string{`no throughput of "b" at instances=2; its scaling says nothing of it`},
		},
		{
			"each subject at one size only", efficiencyOnly,
			[][]perf.Series{{rate("a", 100)}, {rate("b", 100)}},
			map[string]string{"a 1": "not judged", "b 2": "not judged"},
			gate.Fail, `the scaling cannot be judged: "a": it has a throughput at one size only`,
			[]string{
				`no throughput of "a" at instances=2; its scaling says nothing of it`,
				`no throughput of "b" at instances=1; its scaling says nothing of it`,
			},
		},
		{
			"no throughput at all", efficiencyOnly,
			[][]perf.Series{{latency("a", 10)}, {latency("a", 10)}},
			map[string]string{},
			gate.Fail, "the scaling cannot be judged: nothing has a throughput", nil,
		},
		{
			"limits without an efficiency", &gate.ScalingRule{Over: "instances", Limits: scalingRule(t).Limits},
			[][]perf.Series{{rate("a", 100), latency("a", 10)}, {rate("a", 100), latency("a", 101)}, {latency("b", 10)}},
			map[string]string{"a 1": "", "a 2": "latency_p95", "b 4": ""},
			gate.Fail, "",
			[]string{`no throughput of "a" at instances=4; its scaling says nothing of it`},
		},
		{
			"a limit that nothing is held against", scalingRule(t),
			[][]perf.Series{{rate("a", 100)}, {rate("a", 200)}},
			map[string]string{"a 1": "", "a 2": ""},
			gate.Fail, `critical target "*:latency_p95" matches no metric`, nil,
		},
		{
			"a limit that nothing can be held against",
			&gate.ScalingRule{Over: "instances", Limits: []gate.Target{{
				Match: pattern(t, "*:latency_p95"), Limit: perf.Quantity{Value: 1, Unit: "/s"}, Severity: gate.SeverityCritical,
			}}},
			[][]perf.Series{{rate("a", 100), latency("a", 1)}, {rate("a", 200)}},
			map[string]string{"a 1": "not judged", "a 2": "not judged"},
			gate.Fail, `critical target "*:latency_p95" could not be judged`,
			[]string{`target 1/s of *:latency_p95 cannot be judged on a value in "ms"`},
		},
		{
			"units that do not compare", efficiencyOnly,
			[][]perf.Series{{rate("a", 100)}, {series("a", perf.Throughput, "MB/s", 200)}, {rate("a", 400)}},
			map[string]string{"a 1": "", "a 4": ""},
			gate.NoBaseline, "there is no baseline yet",
			[]string{
				`the throughput of "a" is in "MB/s" at instances=2, and in "req/s" before; it is left out of the scaling`,
				`no throughput of "a" at instances=2; its scaling says nothing of it`,
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var runs []*perf.Run
			for i, list := range c.sizes {
				runs = append(runs, sized(t, fmt.Sprint(1<<i), list...))
			}
			r := evaluate(nil, gate.Policy{Scaling: c.rule}, runs...)
			if d := cmp.Diff(c.want, missedAt(r.Scaling)); d != "" {
				t.Errorf("missed (-want +got):\n%s", d)
			}
			if r.Verdict != c.verdict || r.Reason != c.reason {
				t.Errorf("gate %s, %q; want %s, %q", r.Verdict, r.Reason, c.verdict, c.reason)
			}
			var warnings []string
			for _, w := range r.Warnings {
				warnings = append(warnings, w.Msg)
			}
			if d := cmp.Diff(c.warnings, warnings); d != "" {
				t.Errorf("warnings (-want +got):\n%s", d)
			}
		})
	}
}

// TestScalingOfSizes holds that sizes in a unit are counted in the smallest.
func TestScalingOfSizes(t *testing.T) {
	t.Parallel()
	var runs []*perf.Run
	for i, label := range []string{"2000MB", "4GB", "8GB", "16GB"} {
		n := float64(int(1) << i)
		runs = append(runs, sized(t, label, rate("a", 100*n/(1+0.02*(n-1)+0.01*n*(n-1)))))
	}
	s := evaluate(nil, gate.Policy{Scaling: &gate.ScalingRule{Over: "instances", Efficiency: 0.5}}, runs...).Scaling
	peak := 2 * math.Sqrt(0.98/0.01)
	want := &gate.ScalingFit{
		Unit: 2, Lambda: 100, Contention: 0.02, Coherency: 0.01, Points: 4, Predicted: true,
		Peak: &peak,
	}
	opts := cmp.Options{
		cmpopts.EquateApprox(1e-6, 1e-9),
		cmpopts.IgnoreFields(gate.ScalingFit{}, "ContentionError", "CoherencyError", "RSquared", "PeakThroughput", "Error"),
	}
	if d := cmp.Diff(want, s.Subjects[0].Fit, opts); d != "" || s.Unit != "GB" {
		t.Errorf("unit %q, fit (-want +got):\n%s", s.Unit, d)
	}
}

// TestFitLeavesOut holds what the fit does not show: figures of requests that failed,
// and a peak that hangs on the last digits of the coherency.
func TestFitLeavesOut(t *testing.T) {
	t.Parallel()
	var runs []*perf.Run
	for _, n := range []float64{1, 2, 4, 8} {
		runs = append(runs, sized(t, fmt.Sprint(n), rate("a", 100*n/(1+0.05*(n-1)+1e-7*n*(n-1)))))
	}
	runs = append(runs, sized(t, "16", rate("a", 1500), series("a", perf.ErrorRate, "%", 40)))
	f := evaluate(nil, gate.Policy{Scaling: &gate.ScalingRule{Over: "instances", Efficiency: 0.5}}, runs...).Scaling.Subjects[0].Fit
	if f == nil || f.Points != 4 || f.Coherency < 1e-8 || f.Peak != nil || f.PeakThroughput != nil || f.Predicted {
		t.Errorf("%+v", f)
	}
}

// TestScalingCountsAllRuns holds that the requests of all runs count, and that metrics
// without a size are told.
func TestScalingCountsAllRuns(t *testing.T) {
	t.Parallel()
	runs := []*perf.Run{run(t, rate("elsewhere", 1))}
	for _, label := range []string{"1", "2"} {
		for range 4 {
			part := rate("GET /a", 100)
			part.Count = 100
			runs = append(runs, sized(t, label, rate(perf.Aggregated, 100), part))
		}
	}
	r := evaluate(nil, gate.Policy{Scaling: &gate.ScalingRule{Over: "instances", Efficiency: 0.8}}, runs...)
	want := map[string]string{"Aggregated 1": "", "Aggregated 2": "efficiency", "GET /a 1": "", "GET /a 2": "efficiency"}
	if d := cmp.Diff(want, missedAt(r.Scaling)); d != "" {
		t.Errorf("missed (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]perf.Warning{{Msg: `1 metric without the label "instances" left out of the scaling`}}, r.Warnings); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
}

// TestScalingWarns holds that the config decides what a miss means.
func TestScalingWarns(t *testing.T) {
	t.Parallel()
	p := gate.Policy{Scaling: scalingRule(t), On: gate.Actions{OverTarget: gate.ActionWarn}}
	r := evaluate(nil, p, sized(t, "1", rate("a", 100), latency("a", 1)), sized(t, "2", rate("a", 100), latency("a", 1)))
	if r.Verdict != gate.NoBaseline || r.Counts[gate.OverTarget] != 1 {
		t.Errorf("gate %s, %d over their targets; want no_baseline and 1", r.Verdict, r.Counts[gate.OverTarget])
	}
}

// TestScalingBoundByLoad demands that a system which served all that it was sent is not
// said to scale badly.
func TestScalingBoundByLoad(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		rate    float64 // sent at each size, 0 = not known
		at4     float64 // throughput at 4; 100 at 1
		outcome gate.Outcome
		reason  string
	}{
		{"served", 160, 158, gate.Fail, `the scaling cannot be judged: "Aggregated": at instances=4 all of the 160 requests/s that were sent were served, so the load was the limit; raise it above what the greatest size carries, or let it grow with the size`},
		{"overloaded", 500, 158, gate.Fail, ""},
		{"not known", 0, 158, gate.Fail, ""},
		{"served and efficient", 400, 396, gate.NoBaseline, ""},
	} {
		var runs []*perf.Run
		for label, v := range map[string]float64{"1": 100, "4": c.at4} {
			one := sized(t, label, rate(perf.Aggregated, v))
			one.Workload.Rate = c.rate
			runs = append(runs, one)
		}
		r := evaluate(nil, gate.Policy{Scaling: &gate.ScalingRule{Over: "instances", Efficiency: 0.8}}, runs...)
		if r.Verdict != c.outcome || c.name == "served" && r.Reason != c.reason {
			t.Errorf("%s: %s %q, want %s %q", c.name, r.Verdict, r.Reason, c.outcome, c.reason)
		}
		if sub := r.Scaling.Subjects[0]; (sub.Unjudged != "") != (c.name == "served") {
			t.Errorf("%s: unjudged %q", c.name, sub.Unjudged)
		}
	}
}
