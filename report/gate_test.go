package report_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/report"
)

// judgedRuns is what a real gate says of two endpoints over twelve accepted runs
// and three new ones, of which one endpoint is slower by half.
func judgedRuns(t testing.TB) *gate.Result {
	t.Helper()
	window := &perf.Window{Env: perf.Env{Name: "ci"}}
	slow := perf.Past{Key: key("GET /slow", perf.LatencyPercentile("95")), Unit: "ms", Better: perf.BetterLower, Kind: perf.KindQuantile}
	calm := slow
	calm.Key.Subject = "GET /calm"
	for i := range 12 {
		window.Runs = append(window.Runs, perf.RunInfo{ID: fmt.Sprint(i), Commit: fmt.Sprintf("%07x", i), Time: evening.AddDate(0, 0, i-12)})
		point := perf.Point{Run: i, Value: 100 + 3*math.Sin(float64(i)), Count: 5000}
		slow.Points, calm.Points = append(slow.Points, point), append(calm.Points, point)
	}
	window.Metrics = []perf.Past{calm, slow}
	in := gate.Input{Base: window, BasePath: "performance_baseline.json", Env: window.Env, Commit: "c0ffee1"}
	for i := range 3 {
		run := &perf.Run{Env: window.Env, Source: perf.Source{Files: []string{fmt.Sprintf("run%d_stats.csv", i)}}}
		for _, p := range window.Metrics {
			value := 100.0
			if p.Key.Subject == "GET /slow" {
				value = 150 + float64(i)
			}
			run.Series = append(run.Series, perf.Series{
				Key: p.Key, Unit: p.Unit, Better: p.Better, Kind: p.Kind, Samples: []float64{value}, Count: 5000,
				Pos: perf.Pos{File: run.Source.Files[0], Line: 2},
			})
		}
		if err := run.Check(); err != nil {
			t.Fatal(err)
		}
		in.Head = append(in.Head, run)
	}
	return gate.Evaluate(in, gate.Policy{Now: evening})
}

// A result of the gate itself passes through every format.
func TestRealResult(t *testing.T) {
	t.Parallel()
	r := judgedRuns(t)
	quiet := string(render(t, terminal, r, report.Options{Quiet: true}))
	if want := "FAIL   1 regressed; compared 2 of 2 metrics\n"; quiet != want {
		t.Errorf("%q, want %q", quiet, want)
	}
	text := string(render(t, terminal, r, report.Options{}))
	for _, want := range []string{"GET /slow", "regressed", "3 of 3 runs over, p = .", "1 metric within its limit"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	checkMarkdown(t, "markdown", render(t, markdown, r, report.Options{}))
	data := render(t, jsonReport, r, report.Options{})
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := compileSchema(t).Validate(doc); err != nil {
		t.Error(err)
	}
	back, err := report.ReadJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(data), string(render(t, jsonReport, back, report.Options{}))); d != "" {
		t.Errorf("JSON (-first +second):\n%s", d)
	}
}

// A report holds what it takes to judge the same results again.
func TestJudgedAgain(t *testing.T) {
	t.Parallel()
	r := judgedRuns(t)
	r.Head[0].Workload = perf.Workload{Users: 5, SpawnRate: 0.5, Rate: 7.5, Duration: 90 * time.Second, Host: "shop"}
	r.Head[0].Lost = []perf.Warning{{Msg: "an alert ended it"}}
	r.Head[0].Findings = []string{"breaking point: 7/s"}
	r.Head[0].Overloaded = []perf.Warning{{Msg: "late"}}
	r.Head[1].Incomplete = []perf.Warning{{Pos: perf.Pos{File: "run1_stats.csv", Line: 9}, Msg: "cut short"}}
	r.Head[2].Series = r.Head[2].Series[1:]
	back, err := report.ReadJSON(bytes.NewReader(render(t, jsonReport, r, report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	for i, run := range r.Head {
		// A report tells where the first run has a metric, and which files there are.
		for k := range run.Series {
			run.Series[k].Pos = perf.Pos{File: "run0_stats.csv", Line: 2}
		}
		run.Source.Files = r.Files
		if d := cmp.Diff(run, back.Head[i], cmpopts.EquateEmpty()); d != "" {
			t.Errorf("run %d (-judged +read):\n%s", i, d)
		}
	}
}
