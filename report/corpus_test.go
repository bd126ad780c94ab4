package report_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/internal/testutil/hostile"
	"speedgate/perf"
	"speedgate/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// checkGolden compares got with testdata/name.
func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// renderer writes a result in one format.
type renderer struct {
	name   string
	render func(*bytes.Buffer, *gate.Result, report.Options) error
}

func render(t testing.TB, f func(*bytes.Buffer, *gate.Result, report.Options) error, r *gate.Result, o report.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func terminal(b *bytes.Buffer, r *gate.Result, o report.Options) error {
	return report.Terminal(b, r, o)
}

// corpus is every kind of result that a report must show.
func corpus() map[string]*gate.Result {
	return map[string]*gate.Result{
		"fail": failing(), "pass": passing(), "green": green(), "no_baseline": noBaseline(),
		"targets": onlyTargets(), "fixed": fixedRule(), "hostile": hostileResult(), "creep_fails": creepFails(),
		"scaling": scales(), "many_targets": manyTargets(),
	}
}

func ptr[T any](v T) *T { return &v }

var evening = time.Date(2026, 3, 14, 18, 0, 0, 0, time.UTC)

func key(subject, metric string, labels ...string) perf.Key {
	m := map[string]string{}
	for i := 0; i+1 < len(labels); i += 2 {
		m[labels[i]] = labels[i+1]
	}
	return perf.Key{Subject: subject, Metric: metric, Labels: perf.NewLabels(m)}
}

func baseResult(v gate.Outcome) *gate.Result {
	return &gate.Result{
		Verdict: v, Rule: gate.RuleHistory, Suite: "api", Commit: "c0ffee1234567890c0ffee1234567890c0ffee12", Runs: 3,
		Env:      perf.Env{OS: "linux", Arch: "amd64", CPU: "AMD EPYC 7763", Cores: 4, Runtime: "go1.26", Runner: "ubuntu-24.04"},
		Baseline: gate.BaselineInfo{Path: "performance_baseline.json", Commit: "4f2c1e90d1b2a3", Runs: 12, Time: evening, AgeDays: ptr(3.4)},
		Files:    []string{"results/api_stats.csv", "bench.txt"},
	}
}

// finish counts the metrics, as the gate does.
func finish(r *gate.Result) *gate.Result {
	r.Counts = map[gate.Verdict]int{}
	for i := range r.Metrics {
		r.Counts[r.Metrics[i].Verdict]++
	}
	return r
}

func measurement(k perf.Key, u perf.Unit, better perf.Better, base, cur float64) gate.Metric {
	m := gate.Metric{
		Key: k, Unit: u, Better: better, Kind: perf.KindQuantile, Verdict: gate.Passed, Severity: gate.SeverityInfo,
		Baseline: &base, Current: &cur, Change: ptr(cur/base - 1), Threshold: 0.2, Why: "default",
		NBaseline: 12, NCurrent: 3, Method: gate.MethodHistory, Noise: ptr(0.03), Detectable: ptr(0.22), Proved: true,
		History: []float64{base, base * 1.01, base * 0.99, base * 1.02, base, base * 0.98, base, base * 1.01, base, base, base, base},
		Pos:     perf.Pos{File: "results/api_stats.csv", Line: 17, Col: 4},
	}
	m.Limit = ptr(base * 1.2)
	if better == perf.BetterHigher {
		m.Limit = ptr(base * 0.8)
	}
	return m
}

func (m metricEdit) apply(g gate.Metric) gate.Metric { m(&g); return g }

type metricEdit func(*gate.Metric)

func judged(g gate.Metric, v gate.Verdict, s gate.Severity, reason string, edits ...metricEdit) gate.Metric {
	g.Verdict, g.Severity, g.Reason, g.Proved = v, s, reason, false
	for _, e := range edits {
		g = e.apply(g)
	}
	return g
}

func gone(g *gate.Metric) {
	g.Current, g.Change, g.History, g.NCurrent, g.Method = nil, nil, nil, 0, gate.MethodNone
	g.Noise, g.Detectable = nil, nil
}

func fresh(g *gate.Metric) {
	g.Baseline, g.Change, g.Limit, g.History, g.NBaseline, g.Method = nil, nil, nil, nil, 0, gate.MethodNone
	g.Noise, g.Detectable = nil, nil
}

// failing has a metric of every verdict and every kind of note.
func failing() *gate.Result {
	r := baseResult(gate.Fail)
	const critical, warning, info = gate.SeverityCritical, gate.SeverityWarning, gate.SeverityInfo
	lower, higher := perf.BetterLower, perf.BetterHigher
	waiver := gate.Waiver{Match: perf.MatchAll(), Limit: 0.35, Until: evening.AddDate(0, 9, 0), Reason: "new fraud check"}
	r.Metrics = []gate.Metric{
		judged(measurement(key("POST /api/v1/chat/message", "latency_p95", "host", "a"), "ms", lower, 182, 243), gate.Regressed, critical, "3 of 3 runs over, p = .004",
			func(m *gate.Metric) { m.PValue, m.Interval = ptr(0.004), ptr([2]float64{0.214, 0.41}) }),
		judged(measurement(key("Parse/large", "time_per_op", "host", "a", "pkg", "example.com/x"), "ns/op", lower, 41200, 52900), gate.Regressed, critical, "at least +21 %, 5 runs a side",
			func(m *gate.Metric) {
				m.Threshold, m.Limit, m.Why, m.Method, m.Kind = 0.05, nil, "rule Parse*:*", gate.MethodRanks, perf.KindSample
				m.Interval = ptr([2]float64{0.21, 0.36})
			}),
		judged(measurement(key("GET /api/v1/orders", "latency_p99", "host", "a"), "ms", lower, 790, 812), gate.OverTarget, critical, "the target is 800 ms"),
		judged(measurement(key("GET /api/v1/carts", "throughput", "host", "a"), "req/s", higher, 1041, 811), gate.Suspect, critical, "1 run; noise of this metric is ±9 %",
			func(m *gate.Metric) { m.NCurrent, m.Noise, m.Detectable = 1, ptr(0.09), ptr(0.48) }),
		judged(measurement(key("GET /api/v1/analytics", "latency_p50", "host", "a"), "ms", lower, 45, 0), gate.Missing, critical, "in the baseline, not in these results", gone),
		judged(measurement(key("GET /api/v1/analytics", "latency_p95", "host", "a"), "ms", lower, 98, 0), gate.Missing, critical, "in the baseline, not in these results", gone),
		judged(measurement(key("GET /api/v1/broken", "latency_p95", "host", "a"), "ms", lower, 98, 12), gate.Invalid, critical, "error rate 12.5 %"),
		judged(measurement(key("POST /orders", "latency_p95", "host", "a"), "ms", lower, 120, 155), gate.Waived, warning, "+29.2 %, waived up to 35 %",
			func(m *gate.Metric) { m.Waiver = &waiver }),
		judged(measurement(key("GET /api/v1/items", "latency_p95", "host", "a"), "ms", lower, 490, 512), gate.NearTarget, warning, "the target is 500 ms"),
		judged(measurement(key("Scan", "time_per_op", "host", "a", "gomaxprocs", "8"), "ns/op", lower, 900, 1500), gate.Incomparable, warning, `CPU "EPYC" against "Xeon"`),
		judged(measurement(key("GET /rare", "latency_p99", "host", "a"), "ms", lower, 800, 1900), gate.Inconclusive, warning, "40 requests; a p99 needs 500"),
		judged(measurement(key("GET /new", "latency_p95", "host", "a"), "ms", lower, 1, 33), gate.New, info, "not in the baseline", fresh),
		judged(measurement(key("GET /fast", "latency_p95", "host", "a"), "ms", lower, 100, 61.5), gate.Improved, info, "3 of 3 runs below"),
		measurement(key("GET /noisy", "latency_p95", "host", "a", "instances", "1"), "ms", lower, 14, 15),
		measurement(key("GET /noisy", "latency_p95", "host", "a", "instances", "4"), "ms", lower, 13, 13),
		judged(measurement(key("disk", "widgets", "host", "a"), "widgets", perf.BetterUnknown, 10, 20), gate.Inconclusive, info, "no known direction",
			func(m *gate.Metric) { m.ShownOnly = true }),
	}
	quiet := &r.Metrics[13]
	quiet.Detectable, quiet.Blind = ptr(0.48), true
	quiet.Creep, quiet.Anchor = ptr(0.17), &perf.Anchor{Value: 12, Commit: "a91b3d0", Time: evening.AddDate(0, 0, -38), Reason: "first level"}
	r.Compared, r.Expected, r.Ignored, r.Suspended = 12, 14, 2, 1
	late := slices.IndexFunc(r.Metrics, func(m gate.Metric) bool { return m.Verdict == gate.Inconclusive && !m.ShownOnly })
	r.Metrics[late].Suspended, r.Metrics[late].Severity, r.Metrics[late].Reason = true, gate.SeverityWarning, "not judged, as the load was late; otherwise: 1 run over"
	r.Targets = []gate.TargetResult{
		{Key: key("GET /api/v1/orders", "latency_p99", "host", "a"), Match: "* /api/v1/*:latency_p99", Unit: "ms", Limit: 800, Measured: 812, Headroom: -0.015, Severity: critical},
		{Key: key("GET /api/v1/items", "latency_p95", "host", "a"), Match: "* /api/v1/*:latency_p95", Unit: "ms", Limit: 500, Measured: 512, Headroom: -0.024, Severity: warning},
		{Key: key("GET /api/v1/carts", "throughput", "host", "a"), Match: "*:throughput", Unit: "req/s", Limit: 500, Measured: 811, Headroom: 0.622, Met: true, Severity: critical, Level: "normal"},
		{Key: key("GET /api/v1/carts", "error_rate", "host", "a"), Match: "*:error_rate", Unit: "%", Limit: 0.1, Measured: 0.0235, Headroom: 0.765, Met: true, Severity: critical, Availability: true},
	}
	r.Backtest = &gate.Backtest{Runs: 12, Failed: 0}
	r.Unmatched = []gate.PatternUse{{Kind: gate.PatternWaiver, Match: "GET /tpyo:*"}}
	r.Accepted = []perf.Acceptance{{Match: "Parse/small:*", Reason: "checks its input now", Commit: "bead5", Time: evening.AddDate(0, 0, -9)}}
	r.Waivers = []gate.Waiver{waiver}
	r.Findings = []string{"recovery: the service was well again 4s after the burst"}
	r.Warnings = []perf.Warning{{Pos: perf.Pos{File: "bench.txt", Line: 3}, Msg: "2 lines are no results"}, {Msg: "the load ran 4 % shorter"}}
	r.Failures = []perf.Failure{{Subject: "GET /api/v1/broken", Message: "HTTPError('500 Server Error')", Count: 1250}, {Message: "connection refused", Count: 2}}
	return finish(r)
}

// passing passed with remarks, against an old baseline.
func passing() *gate.Result {
	r := baseResult(gate.Pass)
	r.Suite, r.Baseline.AgeDays = "", ptr(120.5)
	r.Warnings = []perf.Warning{{Msg: "the baseline is 120 days old; refresh it with speedgate update"}}
	r.Metrics = []gate.Metric{
		judged(measurement(key("GET /b", "latency_p95"), "ms", perf.BetterLower, 100, 130), gate.Suspect, gate.SeverityWarning, "1 of 3 runs over"),
		judged(measurement(key("GET /fast", "latency_p95"), "ms", perf.BetterLower, 100, 61.5), gate.Improved, gate.SeverityInfo, "3 of 3 runs below"),
		measurement(key("GET /a", "latency_p95"), "ms", perf.BetterLower, 98, 99),
		measurement(key("GET /a", "throughput"), "req/s", perf.BetterHigher, 1043.5, 1050),
	}
	r.Metrics[2].Method, r.Metrics[2].Detectable, r.Metrics[2].Blind = gate.MethodRanks, nil, true
	r.Compared, r.Expected = 4, 4
	return finish(r)
}

// green is the plain pass.
func green() *gate.Result {
	r := baseResult(gate.Pass)
	r.Suite = ""
	r.Metrics = []gate.Metric{
		measurement(key("GET /a", "latency_p95"), "ms", perf.BetterLower, 98, 99),
		measurement(key("GET /a", "throughput"), "req/s", perf.BetterHigher, 1043.5, 1050),
	}
	r.Compared, r.Expected = 2, 2
	return finish(r)
}

func noBaseline() *gate.Result {
	r := baseResult(gate.NoBaseline)
	r.Suite, r.Reason, r.Runs, r.Commit = "", "performance_baseline.json does not exist", 1, ""
	r.Env, r.Baseline = perf.Env{}, gate.BaselineInfo{Path: "performance_baseline.json"}
	for i, subject := range []string{"GET /a", "GET /b", "GET /c"} {
		m := judged(measurement(key(subject, "latency_p95"), "ms", perf.BetterLower, 1, float64(90+i)), gate.New, gate.SeverityInfo, "not in the baseline", fresh)
		r.Metrics = append(r.Metrics, m)
	}
	return finish(r)
}

func onlyTargets() *gate.Result {
	r := noBaseline()
	r.Verdict, r.Reason = gate.Fail, ""
	r.Metrics[0].Verdict, r.Metrics[0].Severity, r.Metrics[0].Reason = gate.OverTarget, gate.SeverityCritical, "the target is 80 ms"
	r.Targets = []gate.TargetResult{
		{Key: r.Metrics[0].Key, Match: "*:latency_p95", Unit: "ms", Limit: 80, Measured: 90, Headroom: -0.125, Severity: gate.SeverityCritical},
		{Key: r.Metrics[1].Key, Match: "*:latency_p95", Unit: "ms", Limit: 100, Measured: 91, Headroom: 0.09, Met: true, Severity: gate.SeverityCritical},
	}
	return finish(r)
}

// manyTargets meets all of them but one, at a level.
func manyTargets() *gate.Result {
	r := green()
	r.Metrics = nil
	for i, subject := range []string{"router", "workflow", "websocket", "database", "cache", "api", "tool execution"} {
		for k, metric := range []string{"latency_p50", "latency_p95", "latency_p99"} {
			limit := float64(20 * (i + 1) * (k + 1))
			m := measurement(key(subject, metric), "ms", perf.BetterLower, limit*0.7, limit*0.72)
			t := gate.TargetResult{
				Key: m.Key, Match: subject + ":" + metric, Unit: "ms", Limit: limit, Measured: *m.Current,
				Headroom: 0.28, Met: true, Severity: gate.SeverityCritical, Level: "peak",
			}
			if i == 3 && k == 2 {
				t.Measured, t.Headroom, t.Met, t.Severity = limit*1.1, -0.1, false, gate.SeverityWarning
				m.Verdict, m.Severity, m.Reason, m.Current = gate.NearTarget, gate.SeverityWarning, "misses its target of 240 ms", ptr(limit*1.1)
			}
			r.Metrics, r.Targets = append(r.Metrics, m), append(r.Targets, t)
		}
	}
	r.Compared, r.Expected = len(r.Metrics), len(r.Metrics)
	return finish(r)
}

// scales is a suite of four sizes, of which the largest misses its efficiency and its
// limit. Rare requests are not judged, and one subject has a limit only.
func scales() *gate.Result {
	r := noBaseline()
	r.Verdict, r.Reason, r.Metrics = gate.Fail, "", nil
	s := &gate.Scaling{Over: "instances", Efficiency: 0.8}
	limited := func(subject, label string, ms float64) gate.TargetResult {
		return gate.TargetResult{
			Key: key(subject, "latency_p95", "instances", label), Match: "*:latency_p95", Unit: "ms", Limit: 100, Measured: ms,
			Headroom: (100 - ms) / 100, Met: ms <= 100, Severity: gate.SeverityCritical,
		}
	}
	add := func(subject string, least float64, rates, latencies []float64) *gate.ScalingSubject {
		sub := gate.ScalingSubject{Subject: subject, Unit: "req/s"}
		for i, label := range []string{"1", "2", "4", "8"} {
			n := float64(int(1) << i)
			p := gate.ScalingPoint{Label: label, Size: n, EfficiencyMet: true}
			if rates != nil {
				p.Throughput, p.Ideal, p.Efficiency = ptr(rates[i]), ptr(n*rates[0]), ptr(rates[i]/(n*rates[0]))
				m := judged(measurement(key(subject, perf.Throughput, "instances", label), "req/s", perf.BetterHigher, 1, rates[i]), gate.New, gate.SeverityInfo, "not in the baseline yet", fresh)
				if least > 0 {
					p.Least = ptr(least * n * rates[0])
					if p.EfficiencyMet = rates[i] >= *p.Least; !p.EfficiencyMet {
						m = judged(m, gate.OverTarget, gate.SeverityCritical, "efficiency 61.9 % of linear growth from instances=1, at least 80 %")
					}
				}
				r.Metrics = append(r.Metrics, m)
			}
			if latencies != nil {
				t := limited(subject, label, latencies[i])
				p.Limits = append(p.Limits, t)
				m := judged(measurement(t.Key, "ms", perf.BetterLower, 1, t.Measured), gate.New, gate.SeverityInfo, "not in the baseline yet", fresh)
				if !t.Met {
					m = judged(m, gate.OverTarget, gate.SeverityCritical, "misses its target of 100 ms")
				}
				r.Metrics = append(r.Metrics, m)
			}
			sub.Points = append(sub.Points, p)
		}
		s.Subjects = append(s.Subjects, sub)
		return &s.Subjects[len(s.Subjects)-1]
	}
	add(perf.Aggregated, 0.8, []float64{212, 409, 745, 1050}, []float64{40, 43, 62, 118}).Fit = &gate.ScalingFit{
		Unit: 1, Lambda: 212, Contention: 0.0218, Coherency: 0.0086, ContentionError: ptr(0.004), CoherencyError: ptr(0.0007),
		Peak: ptr(10.7), PeakThroughput: ptr(1106.0), Predicted: true, RSquared: ptr(0.999), Error: 0.0121, Points: 4,
	}
	rare := add("POST /rare", 0, []float64{0.4, 0.6, 1.3, 1.1}, nil)
	rare.Unjudged, rare.NoFit = "too few requests: 24 at instances=1", "the law misses the points by 31 %; more than 10 % means that they do not follow it"
	add("POST /report", 0, nil, []float64{61, 66, 70, 75})
	r.Scaling = s
	worst := func(m gate.Metric) int { return slices.Index(gate.Verdicts(), m.Verdict) }
	slices.SortStableFunc(r.Metrics, func(a, b gate.Metric) int { return worst(a) - worst(b) })
	return finish(r)
}

func fixedRule() *gate.Result {
	r := baseResult(gate.Fail)
	r.Rule, r.Baseline.Runs, r.Runs = gate.RuleFixed, 1, 1
	m := judged(measurement(key("GET /a", "latency_p95"), "ms", perf.BetterLower, 100, 120.04), gate.Regressed, gate.SeverityCritical, "1 run against 1",
		func(m *gate.Metric) {
			m.Method, m.NBaseline, m.NCurrent, m.Noise, m.History = gate.MethodFixed, 1, 1, nil, nil
		})
	r.Metrics = []gate.Metric{m, measurement(key("GET /b", "latency_p95"), "ms", perf.BetterLower, 98, 99)}
	r.Compared, r.Expected = 2, 2
	return finish(r)
}

// creepFails fails for a metric that is within its limit and far from its anchor.
func creepFails() *gate.Result {
	r := green()
	r.Verdict = gate.Fail
	r.Metrics[0] = judged(r.Metrics[0], gate.Passed, gate.SeverityCritical, "the window has crept away from its anchor",
		func(m *gate.Metric) { m.Creep, m.Anchor = ptr(0.31), &perf.Anchor{Value: 70, Time: evening} })
	return finish(r)
}

// hostileResult has every hostile name everywhere that a name can be.
func hostileResult() *gate.Result {
	r := baseResult(gate.Fail)
	for i, n := range hostile.Names {
		addHostile(r, i, n)
	}
	r.Files = hostile.Names
	r.Compared, r.Expected = len(r.Metrics), len(r.Metrics)
	return finish(r)
}

func addHostile(r *gate.Result, i int, n string) {
	m := judged(measurement(key(n, "latency_p95", n, n), "ms", perf.BetterLower, 100, 130+float64(i)), gate.Regressed, gate.SeverityCritical, n)
	m.Why, m.Pos.File = n, n
	r.Metrics = append(r.Metrics, m, judged(measurement(key("s", n), perf.Unit(n), perf.BetterLower, 100, 130), gate.Suspect, gate.SeverityCritical, n))
	m = measurement(key("pass "+n, "latency_p50"), perf.Unit(n), perf.BetterLower, 100, 101)
	m.Creep, m.Anchor, m.Detectable = ptr(0.2), &perf.Anchor{Commit: n, Reason: n}, ptr(0.9)
	r.Metrics = append(r.Metrics, m)
	r.Findings = append(r.Findings, n)
	r.Targets = append(r.Targets, gate.TargetResult{Key: key(n, n), Match: n, Unit: perf.Unit(n), Limit: 1, Measured: 2, Severity: gate.SeverityWarning, Level: n})
	point := gate.ScalingPoint{Label: n, Size: 1, Throughput: ptr(1.0), Ideal: ptr(2.0), Efficiency: ptr(0.5), Least: ptr(1.6), Limits: r.Targets[len(r.Targets)-1:]}
	if r.Scaling == nil {
		r.Scaling = &gate.Scaling{Over: n, Unit: perf.Unit(n), Efficiency: 0.8}
	}
	r.Scaling.Subjects = append(r.Scaling.Subjects, gate.ScalingSubject{
		Subject: n, Labels: perf.NewLabels(map[string]string{n: n}), Unit: perf.Unit(n), Points: []gate.ScalingPoint{point, point}, Unjudged: n, NoFit: n,
	})
	r.Warnings = append(r.Warnings, perf.Warning{Pos: perf.Pos{File: n, Line: 1}, Msg: n})
	r.Failures = append(r.Failures, perf.Failure{Subject: n, Message: n, Count: 1})
	r.Accepted = append(r.Accepted, perf.Acceptance{Match: n, Reason: n, Commit: n})
	p, err := perf.ParsePattern(n)
	if err != nil {
		p = perf.MatchAll()
	}
	r.Waivers = append(r.Waivers, gate.Waiver{Match: p, Reason: n, Limit: 0.1, Until: evening})
}

// hostileResultOf is a result with one hostile name in every place, so that no cap on
// the number of lines hides it.
func hostileResultOf(n string) *gate.Result {
	r := baseResult(gate.Fail)
	addHostile(r, 0, n)
	r.Suite, r.Commit, r.Reason = n, n, n
	r.Env = perf.Env{Name: n, CPU: n}
	r.Baseline.Path, r.Baseline.Commit = n, n
	r.Files, r.Unmatched = []string{n}, []gate.PatternUse{{Kind: gate.PatternRule, Match: n, Meant: n}}
	r.Compared, r.Expected = len(r.Metrics), len(r.Metrics)
	return finish(r)
}

// large has n metrics, one in ten of them slower.
func large(n int) *gate.Result {
	r := baseResult(gate.Fail)
	for i := range n {
		m := measurement(key(fmt.Sprintf("GET /api/v1/resource/%04d/with/a/long/path", i), "latency_p95"), "ms", perf.BetterLower, 100+float64(i), 101+float64(i))
		if i < n/10 {
			m = judged(m, gate.Regressed, gate.SeverityCritical, "3 of 3 runs over, p = .004", func(m *gate.Metric) {
				*m.Current *= 1.5
				m.Change = ptr(*m.Current / *m.Baseline - 1)
			})
		}
		r.Metrics = append(r.Metrics, m)
	}
	r.Compared, r.Expected = n, n
	return finish(r)
}

// broken has numbers that no gate makes.
func broken() *gate.Result {
	r := failing()
	nan := math.NaN()
	for i := range r.Metrics {
		m := &r.Metrics[i]
		m.Baseline, m.Current, m.Change, m.Threshold = &nan, &nan, &nan, math.Inf(1)
		m.Limit, m.Noise, m.Detectable, m.PValue = &nan, &nan, &nan, &nan
		m.Interval, m.History = &[2]float64{nan, nan}, []float64{nan, math.Inf(1)}
		m.Verdict = gate.Verdict(i * 9)
	}
	r.Baseline.AgeDays = &nan
	r.Scaling = scales().Scaling
	for i := range r.Scaling.Subjects {
		for k := range r.Scaling.Subjects[i].Points {
			p := &r.Scaling.Subjects[i].Points[k]
			p.Size, p.Throughput, p.Ideal, p.Efficiency, p.Least = nan, &nan, &nan, &nan, &nan
		}
	}
	r.Scaling.Subjects[0].Fit = &gate.ScalingFit{Lambda: nan, Contention: nan, Coherency: nan, Peak: &nan, PeakThroughput: &nan, Error: nan}
	return r
}
