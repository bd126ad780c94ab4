package gate_test

import (
	"slices"
	"testing"
	"time"

	"speedgate/gate"
	"speedgate/perf"
)

// now is the clock of all tests.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// p95 is the series most tests use: a Locust percentile of 10,000 requests.
func p95(values ...float64) perf.Series {
	return perf.Series{
		Key: perf.Key{Subject: "GET /items", Metric: "latency_p95"}, Unit: "ms", Better: perf.BetterLower,
		Kind: perf.KindQuantile, Samples: values, Count: 10_000,
	}
}

// series returns a series of any metric, with the direction of its name.
func series(subject, metric string, unit perf.Unit, values ...float64) perf.Series {
	return perf.Series{
		Key: perf.Key{Subject: subject, Metric: metric}, Unit: unit, Better: perf.DirectionOf(metric, unit), Samples: values,
	}
}

// run returns a checked run of some series.
func run(t *testing.T, list ...perf.Series) *perf.Run {
	t.Helper()
	r := &perf.Run{Series: list}
	r.Sort()
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	return r
}

// past returns the metric of s with one accepted value for each run.
func past(s perf.Series, values ...float64) perf.Past {
	p := perf.Past{Key: s.Key, Unit: s.Unit, Better: s.Better, Kind: s.Kind, Exact: s.Exact, Step: s.Step}
	for i, v := range values {
		p.Points = append(p.Points, perf.Point{Run: i, Value: v, Count: s.Count})
	}
	return p
}

// accepted returns a window of metrics, a day between its runs, the newest a day
// before now.
func accepted(metrics ...perf.Past) *perf.Window {
	w := &perf.Window{Metrics: metrics}
	slices.SortFunc(w.Metrics, func(a, b perf.Past) int { return a.Key.Compare(b.Key) })
	n := 0
	for _, m := range metrics {
		for _, p := range m.Points {
			n = max(n, p.Run+1)
		}
	}
	for i := range n {
		w.Runs = append(w.Runs, perf.RunInfo{Time: now.AddDate(0, 0, i-n), Commit: "c" + string(rune('a'+i))})
	}
	return w
}

// sameJob turns accepted runs into runs of one job, with samples in each run.
func sameJob(s perf.Series, runs ...[]float64) *perf.Window {
	p := past(s)
	for i, samples := range runs {
		p.Points = append(p.Points, perf.Point{Run: i, Value: median(samples), Samples: samples})
	}
	w := accepted(p)
	w.SameJob = true
	return w
}

func median(vs []float64) float64 {
	s := slices.Sorted(slices.Values(vs))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// evaluate judges head runs against a window at the clock of the tests, as the only
// suite.
func evaluate(w *perf.Window, p gate.Policy, head ...*perf.Run) *gate.Result {
	p.Now = now
	r := gate.Evaluate(gate.Input{Base: w, Head: head}, p)
	gate.Settle([]*gate.Result{r}, gate.Others{})
	return r
}

// only returns the only metric of a result.
func only(t *testing.T, r *gate.Result) gate.Metric {
	t.Helper()
	if len(r.Metrics) != 1 {
		t.Fatalf("%d metrics, want 1", len(r.Metrics))
	}
	return r.Metrics[0]
}

// pattern parses a pattern that is known to be good.
func pattern(t *testing.T, text string) perf.Pattern {
	t.Helper()
	p, err := perf.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
