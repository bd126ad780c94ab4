package gate_test

import (
	"testing"

	"speedgate/gate"
	"speedgate/perf"
)

// quiet is ten accepted runs with little noise around 100.
var quiet = []float64{100, 101, 99, 100, 102, 98, 100, 101, 99, 100}

// noisy is ten accepted runs whose worst is 40 % above the median.
var noisy = []float64{100, 140, 80, 100, 120, 90, 100, 110, 85, 100}

func TestOneMetric(t *testing.T) {
	t.Parallel()
	exact := series("Parse", "allocs_per_op", "allocs/op", 0)
	exact.Exact = true
	throughput := series("GET /items", "throughput", "/s", 0)
	locust := p95(0)
	locust.Step = 1
	coarse := p95(0)
	coarse.Step = 100
	few := p95(0)
	few.Count = 99
	unknown := series("x", "widgets", "widgets", 0)
	bytes := series("Parse", "bytes_per_op", "B/op", 0)
	cases := []struct {
		name     string
		of       perf.Series
		base     []float64
		heads    []float64 // a head run each
		policy   gate.Policy
		verdict  gate.Verdict
		severity gate.Severity
		outcome  gate.Outcome
		reason   string
	}{
		{
			"no change", p95(0), quiet,
			[]float64{101},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"exactly at the threshold is not over it", p95(0), quiet,
			[]float64{120},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"one run over is suspect", p95(0), quiet,
			[]float64{121},
			gate.Policy{},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "1 run over; noise of this metric is ±1.48 %",
		},
		{
			"a suspect may only warn", p95(0), quiet,
			[]float64{121},
			gate.Policy{On: gate.Actions{Suspect: gate.ActionWarn}},
			gate.Suspect, gate.SeverityWarning, gate.Pass, "1 run over; noise of this metric is ±1.48 %",
		},
		{
			"strict suspects fail when far beyond", p95(0), quiet,
			[]float64{150},
			gate.Policy{On: gate.Actions{Suspect: gate.ActionStrict}},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "1 run over; noise of this metric is ±1.48 %",
		},
		{
			"strict suspects warn inside the noise", p95(0), noisy,
			[]float64{190},
			gate.Policy{On: gate.Actions{Suspect: gate.ActionStrict}},
			gate.Suspect, gate.SeverityWarning, gate.Pass, "1 run over; noise of this metric is ±14.8 %",
		},
		{
			"two of two are still suspect", p95(0), quiet,
			[]float64{130, 131},
			gate.Policy{},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "2 runs over; noise of this metric is ±1.48 %",
		},
		{
			"three of three are regressed", p95(0), quiet,
			[]float64{130, 131, 132},
			gate.Policy{},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "3 of 3 runs over, p = .003",
		},
		{
			"one of three under the limit clears", p95(0), quiet,
			[]float64{130, 101, 132},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "not every one of 3 runs is over",
		},
		{
			"three of three better are improved", p95(0), quiet,
			[]float64{70, 71, 72},
			gate.Policy{},
			gate.Improved, gate.SeverityInfo, gate.Pass, "3 of 3 runs better",
		},
		{
			"one better run proves nothing", p95(0), quiet,
			[]float64{70},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "better in 1 run, not proved",
		},
		{
			"noise widens the limit", p95(0), noisy,
			[]float64{150},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"throughput down by less than the threshold", throughput, quiet,
			[]float64{81},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"throughput down by more", throughput, quiet,
			[]float64{79},
			gate.Policy{},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "1 run over; noise of this metric is ±1.48 %",
		},
		{
			"throughput up is better", throughput, quiet,
			[]float64{140, 141, 142},
			gate.Policy{},
			gate.Improved, gate.SeverityInfo, gate.Pass, "3 of 3 runs better",
		},
		{
			"one against one is unreplicated", p95(0),
			[]float64{100},
			[]float64{130},
			gate.Policy{},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "unreplicated, 1 run against 1",
		},
		{
			"a window of two is too short for the history limit", p95(0),
			[]float64{100, 102},
			[]float64{130, 131, 132},
			gate.Policy{},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "unreplicated, 3 runs against 2",
		},
		{
			"fixed fails at once", p95(0),
			[]float64{100},
			[]float64{121},
			gate.Policy{Rule: gate.RuleFixed},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "against the newest accepted run alone",
		},
		{
			"fixed compares with the newest alone", p95(0),
			[]float64{100, 200},
			[]float64{230},
			gate.Policy{Rule: gate.RuleFixed},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"fixed throughput at the limit passes", throughput,
			[]float64{100},
			[]float64{80},
			gate.Policy{Rule: gate.RuleFixed},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"fixed throughput below it fails", throughput,
			[]float64{100},
			[]float64{79.9},
			gate.Policy{Rule: gate.RuleFixed},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "against the newest accepted run alone",
		},
		{
			"the floor spares a small absolute difference", p95(0),
			[]float64{2, 2, 2, 2, 2},
			[]float64{2.9},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"fixed has no floor", p95(0),
			[]float64{2},
			[]float64{2.9},
			gate.Policy{Rule: gate.RuleFixed},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "against the newest accepted run alone",
		},
		{
			"one bucket is no change", locust,
			[]float64{3, 3, 3, 3, 3},
			[]float64{4},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"two buckets are", locust,
			[]float64{3, 3, 3, 3, 3},
			[]float64{5},
			gate.Policy{},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "1 run over; noise of this metric is ±0 %",
		},
		{
			"a bucket of 100 ms on 300 ms", coarse,
			[]float64{300, 300, 300, 300, 300},
			[]float64{400},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"allocations are exact at one run", exact,
			[]float64{10},
			[]float64{13},
			gate.Policy{},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "deterministic: one run decides",
		},
		{
			"allocations from zero have no ratio", exact,
			[]float64{0},
			[]float64{1},
			gate.Policy{},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "from 0 allocs/op to 1 allocs/op, which has no ratio",
		},
		{
			"allocations that stay at zero", exact,
			[]float64{0, 0, 0, 0},
			[]float64{0},
			gate.Policy{},
			gate.Passed, gate.SeverityInfo, gate.Pass, "",
		},
		{
			"allocations down to zero", exact,
			[]float64{3},
			[]float64{0},
			gate.Policy{},
			gate.Improved, gate.SeverityInfo, gate.Pass, "from 3 allocs/op to 0 allocs/op",
		},
		{
			"bytes from zero are suspect in one run", bytes,
			[]float64{0, 0, 0, 0},
			[]float64{64},
			gate.Policy{},
			gate.Suspect, gate.SeverityCritical, gate.Fail, "from 0 B/op to 64 B/op, which has no ratio; 1 run against 4 runs",
		},
		{
			"bytes from zero in three runs", bytes,
			[]float64{0, 0, 0, 0},
			[]float64{64, 64, 64},
			gate.Policy{},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "from 0 B/op to 64 B/op, which has no ratio",
		},
		{
			"throughput down to zero", throughput, quiet,
			[]float64{0, 0, 0},
			gate.Policy{},
			gate.Regressed, gate.SeverityCritical, gate.Fail, "from 100 /s to 0 /s, which has no ratio",
		},
		{
			"too few requests for the tail", few, quiet,
			[]float64{500},
			gate.Policy{},
			gate.Inconclusive, gate.SeverityInfo, gate.NoBaseline, "99 requests in the baseline, it takes 100",
		},
		{
			"a direction nobody knows is only shown", unknown, quiet,
			[]float64{900},
			gate.Policy{},
			gate.Inconclusive, gate.SeverityInfo, gate.NoBaseline,
			"it is not known whether more or less of it is better; set better in a rule",
		},
		{
			"missing", p95(0), quiet, nil,
			gate.Policy{},
			gate.Missing, gate.SeverityCritical, gate.Fail, "in the baseline, not in these results",
		},
		{
			"missing may only warn, and is no pass", p95(0), quiet, nil,
			gate.Policy{On: gate.Actions{Missing: gate.ActionWarn}},
			gate.Missing, gate.SeverityWarning, gate.NoBaseline, "in the baseline, not in these results",
		},
		{
			"new", p95(0), nil,
			[]float64{100},
			gate.Policy{},
			gate.New, gate.SeverityInfo, gate.NoBaseline, "not in the baseline yet",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var w *perf.Window
			if c.base != nil {
				w = accepted(past(c.of, c.base...))
			}
			var heads []*perf.Run
			for _, v := range c.heads {
				s := c.of
				s.Samples = []float64{v}
				heads = append(heads, run(t, s))
			}
			r := evaluate(w, c.policy, heads...)
			m := only(t, r)
			if m.Verdict != c.verdict || m.Severity != c.severity || r.Verdict != c.outcome {
				t.Errorf("%s, %s, gate %s; want %s, %s, gate %s", m.Verdict, m.Severity, r.Verdict, c.verdict, c.severity, c.outcome)
			}
			if m.Reason != c.reason {
				t.Errorf("reason %q, want %q", m.Reason, c.reason)
			}
		})
	}
}

func TestRunsOfOneJob(t *testing.T) {
	t.Parallel()
	s := series("Parse", "time_per_op", "ns/op", 0)
	one := func(vs ...float64) (runs [][]float64) {
		for _, v := range vs {
			runs = append(runs, []float64{v})
		}
		return runs
	}
	cases := []struct {
		name       string
		base, head [][]float64
		verdict    gate.Verdict
		proved     bool
		oneProcess bool
		reason     string
	}{
		{
			"five clearly slower", one(100, 101, 99, 100, 102), one(130, 131, 129, 130, 132),
			gate.Regressed, false, false, "at least +27.5 %, 5 runs a side",
		},
		{
			"five clearly faster", one(130, 131, 129, 130, 132), one(100, 101, 99, 100, 102),
			gate.Improved, false, false, "at least -21.5 %, 5 runs a side",
		},
		{
			"five that overlap", one(100, 101, 99, 180, 102), one(99, 135, 129, 130, 132),
			gate.Suspect, false, false, "over the limit, but the runs overlap too much to be sure; 5 runs a side",
		},
		{
			"five alike", one(100, 101, 99, 100, 102), one(101, 100, 99, 100, 101),
			gate.Passed, true, false, "",
		},
		{
			"ten samples of one process are suspect",
			[][]float64{{100, 101, 99, 100, 102, 98, 100, 101, 99, 100}},
			[][]float64{{130, 131, 129, 130, 132, 128, 130, 131, 129, 130}},
			gate.Suspect, false, true, "10 samples of one process; it takes 2 fresh processes a side to be sure",
		},
		{
			"two processes confirm",
			[][]float64{{100, 101, 99, 100, 102}, {100, 103, 99, 100, 102}},
			[][]float64{{130, 131, 129, 130, 132}, {135, 131, 129, 130, 132}},
			gate.Regressed, false, true, "2 of 2 processes slower",
		},
		{
			"a second process clears",
			[][]float64{{100, 101, 99, 100, 102}, {100, 103, 99, 100, 102}},
			[][]float64{{130, 131, 129, 130, 132}, {100, 101, 99, 100, 102}},
			gate.Passed, false, true, "one process",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var heads []*perf.Run
			for _, samples := range c.head {
				h := s
				h.Samples = samples
				heads = append(heads, run(t, h))
			}
			m := only(t, evaluate(sameJob(s, c.base...), gate.Policy{}, heads...))
			if m.Verdict != c.verdict || m.Proved != c.proved || m.OneProcess != c.oneProcess || m.Reason != c.reason {
				t.Errorf("%s, proved %v, one process %v, %q;\nwant %s, %v, %v, %q",
					m.Verdict, m.Proved, m.OneProcess, m.Reason, c.verdict, c.proved, c.oneProcess, c.reason)
			}
		})
	}
}
