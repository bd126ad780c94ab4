package alert

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/runner/monitor"

	"github.com/google/go-cmp/cmp"
)

func TestDefault(t *testing.T) {
	t.Parallel()
	var got []string
	for _, r := range Default() {
		got = append(got, string(r.Severity)+": "+r.String())
		if problems := r.Check(); problems != nil {
			t.Errorf("%s: %v", r, problems)
		}
		if r.Abort {
			t.Errorf("%s ends the test", r)
		}
	}
	want := []string{
		"warning: latency_p50 above 50ms for 10s",
		"critical: latency_p95 above 100ms for 10s",
		"critical: latency_p99 above 200ms for 10s",
		"critical: error_rate above 5% for 10s",
		"warning: cpu_usage above 80% for 10s",
		"warning: memory_usage above 80% for 10s",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Default (-want +got):\n%s", d)
	}
}

func TestRuleString(t *testing.T) {
	t.Parallel()
	r := Rule{Metric: "throughput", Side: Below, Limit: perf.Quantity{Value: 800, Unit: "/s"}}
	if got, want := r.String(), "throughput below 800/s"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := Default()[1]
	changed := func(change func(*Rule)) Rule {
		r := good
		change(&r)
		return r
	}
	limit := func(metric, text string) Rule {
		q, err := perf.ParseQuantity(text)
		if err != nil {
			t.Fatal(err)
		}
		return changed(func(r *Rule) { r.Metric, r.Limit = metric, q })
	}
	for _, c := range []struct {
		name string
		rule Rule
		want []perf.Problem
	}{
		{"good", good, nil},
		{"seconds", limit("latency_p95", "0.1s"), nil},
		{"a plain rate", limit("throughput", "800"), nil},
		{"a rate per minute", limit("throughput", "8000/min"), nil},
		{"a ratio", limit("error_rate", "0.05ratio"), nil},
		{"a size", limit("memory_usage", "512MiB"), nil},
		{"once is enough", changed(func(r *Rule) { r.For = 0 }), nil},
		{"another metric", limit("latency_p90", "1ms"), []perf.Problem{{
			Key: "metric", Msg: `"latency_p90" is not watched while a test runs; write latency_p50, latency_p95, latency_p99, error_rate, throughput, cpu_usage or memory_usage`,
		}}},
		{"another dimension", limit("latency_p95", "5%"), []perf.Problem{{Key: "limit", Msg: "5% does not fit; latency_p95 needs a unit such as 100ms"}}},
		{"a plain share", limit("cpu_usage", "80"), []perf.Problem{{Key: "limit", Msg: "80 does not fit; cpu_usage needs a unit such as 80%"}}},
		{"a plain memory", limit("memory_usage", "80"), []perf.Problem{{Key: "limit", Msg: "80 does not fit; memory_usage needs a unit such as 80% or 512MiB"}}},
		{"a negative limit", limit("error_rate", "-1%"), []perf.Problem{{Key: "limit", Msg: "expected a limit of 0 or more, found -1%"}}},
		{"no number", changed(func(r *Rule) { r.Limit.Value = math.NaN() }), []perf.Problem{{Key: "limit", Msg: "expected a finite number, found NaN"}}},
		{"infinite", changed(func(r *Rule) { r.Limit.Value = math.Inf(1) }), []perf.Problem{{Key: "limit", Msg: "expected a finite number, found +Inf"}}},
		{
			"everything",
			Rule{Metric: "latency_p95", Side: "over", For: -time.Second, Severity: gate.SeverityInfo},
			[]perf.Problem{
				{Key: "limit", Msg: "0 does not fit; latency_p95 needs a unit such as 100ms"},
				{Key: "side", Msg: `expected above or below, found "over"`},
				{Key: "for", Msg: "expected a duration of 0 or more, found -1s"},
				{Key: "severity", Msg: `expected warning or critical, found "info"`},
			},
		},
	} {
		if d := cmp.Diff(c.want, c.rule.Check()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// TestExamples holds that each metric has an example, which its own check passes.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, metric := range monitor.Metrics() {
		first, _, _ := strings.Cut(examples[metric], " or ")
		q, err := perf.ParseQuantity(first)
		if err != nil {
			t.Errorf("%s: %v", metric, err)
		}
		r := Rule{Metric: metric, Side: Above, Limit: q, Severity: gate.SeverityWarning}
		if problems := r.Check(); len(problems) > 0 {
			t.Errorf("%s: %v", metric, problems)
		}
	}
	for metric := range examples {
		if !slices.Contains(monitor.Metrics(), metric) {
			t.Errorf("%s is not watched", metric)
		}
	}
}
