package runfile

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/perf"
)

// whole is a run with every field set.
func whole() *perf.Run {
	r := &perf.Run{
		Source: perf.Source{Tool: "vegeta", Version: "12"},
		Env:    perf.Env{Name: "ci", OS: "linux", Arch: "amd64", CPU: "EPYC", Cores: 4, Runtime: "go1.26", Runner: "large"},
		Workload: perf.Workload{
			Users: 10, SpawnRate: 2.5, Rate: 200, Duration: 90 * time.Second, Host: "http://localhost:8080",
		},
		Series: []perf.Series{
			{
				Key:  perf.Key{Subject: "GET /<a>", Metric: "latency_p95", Labels: perf.NewLabels(map[string]string{"instances": "4", "a,b": "c=d"})},
				Unit: "ms", Better: perf.BetterLower, Kind: perf.KindQuantile, Samples: []float64{1.25, 0.1}, Count: 1 << 40, Step: 0.01,
			},
			{Key: perf.Key{Subject: "process:shop", Metric: "memory_usage"}, Unit: "B", Better: perf.BetterLower, Kind: perf.KindMean, Samples: []float64{1e9}},
			{Key: perf.Key{Subject: "x", Metric: "allocs_per_op"}, Exact: true, Samples: []float64{3}},
		},
		Failures:   []perf.Failure{{Subject: "GET /", Message: "500 \u2028 \"quoted\"", Count: 3}},
		Warnings:   []perf.Warning{{Msg: "alert: p95"}},
		Incomplete: []perf.Warning{{Msg: "stopped"}},
		Lost:       []perf.Warning{{Msg: "an alert"}},
		Overloaded: []perf.Warning{{Msg: "late"}},
		Findings:   []string{"breaking point: 7/s"},
	}
	r.Sort()
	return r
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]*perf.Run{"everything": whole(), "least": {Series: whole().Series[:1]}} {
		var b bytes.Buffer
		if err := Write(&b, run); err != nil {
			t.Fatal(err)
		}
		if Sniff(b.Bytes()) == "" {
			t.Errorf("%s: not recognised:\n%s", name, &b)
		}
		got, err := Parse(&b, "run.json")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(run, got, cmpopts.IgnoreFields(perf.Series{}, "Pos"), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-written +read):\n%s", name, d)
		}
	}
}

func TestSeriesHaveALineEach(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := Write(&b, whole()); err != nil {
		t.Fatal(err)
	}
	got, err := Parse(strings.NewReader(b.String()), "run.json")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for _, s := range got.Series {
		if line := lines[s.Pos.Line-1]; !strings.Contains(line, s.Key.Metric) {
			t.Errorf("%s stands at %s, which is %q", s.Key, s.Pos, line)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const head = `{"schema": "speedgate.run/v1", "failures": [], "warnings": [], "incomplete": [], "lost": [], "series": `
	for _, c := range []struct{ name, text, want string }{
		{"nothing", ``, "r.json: expected JSON, found an empty file: no results"},
		{"newer", `{"schema": "speedgate.run/v9", "failures": [], "warnings": [], "incomplete": [], "lost": [], "series": []}`, `r.json:1:12: "speedgate.run/v9" is not a version that this speedgate reads; it reads speedgate.run/v1`},
		{"no lists", `{"schema": "speedgate.run/v1"}`, "r.json:1:1: warnings is missing\nr.json:1:1: incomplete is missing\nr.json:1:1: lost is missing\nr.json:1:1: failures is missing\nr.json:1:1: series is missing"},
		{"no series", head + `[]}`, "nothing was measured: no results"},
		{"series of text", head + `"a"}`, "r.json:1:104: expected an array, found a string"},
		{"nameless", head + `[{"kind": "mean", "samples": [1]}]}`, "r.json:1:105: subject is missing\nr.json:1:105: metric is missing"},
		{"words", head + `[{"subject": 1, "metric": "m", "kind": "x", "better": "x", "labels": {"a": 1}, "samples": ["x"]}]}`, "r.json:1:117: expected a string, found a number\nr.json:1:179: expected a string, found a number\nr.json:1:158: expected lower, higher or unknown\nr.json:1:143: \"x\" is not a kind of series\nr.json:1:195: expected a number, found a string"},
		{"numbers", head + `[{"subject": "s", "metric": "m", "kind": "mean", "count": 1.5, "step": -1, "samples": [1e999]}]}`, "r.json:1:162: expected a whole number of 0 or more\nr.json:1:175: expected a number of 0 or more\nr.json:1:191: 1e999 is out of the range of numbers"},
		{"labels", head + `[{"subject": "s", "metric": "m", "kind": "mean", "labels": [], "samples": [1]}]}`, "r.json:1:163: expected an object, found an array"},
		{"twice", head + `[{"subject": "s", "metric": "m", "kind": "mean", "samples": [1]}, {"subject": "s", "metric": "m", "kind": "mean", "samples": [1]}]}`, `r.json:1:170: "s · m" is measured twice in one run, first at r.json:1:105`},
		{"duration", `{"schema": "speedgate.run/v1", "workload": {"duration": "-1s"}, "failures": [], "warnings": [1], "incomplete": [], "lost": [], "series": []}`, "r.json:1:57: \"-1s\" is not a duration such as 5m0s\nr.json:1:94: expected a string, found a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(strings.NewReader(c.text), "r.json")
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestSniffLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{}`, `[]`, `{"schema": "speedgate.report/v1"}`, `{"a": 1, "schema": "speedgate.run/v1"}`, `"schema": "speedgate.run/v1"`} {
		if rule := Sniff([]byte(text)); rule != "" {
			t.Errorf("%s is recognised by %s", text, rule)
		}
	}
}

func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, whole()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema": "speedgate.run/v1"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := Parse(bytes.NewReader(in), "in")
		if err == nil {
			if err := r.Check(); err != nil {
				t.Errorf("the run is not valid: %v", err)
			}
			var again bytes.Buffer
			if err := Write(&again, r); err != nil {
				t.Errorf("cannot be written: %v", err)
			}
			return
		}
		if errors.Is(err, perf.ErrNoResults) {
			return
		}
		list, ok := errors.AsType[perf.InputErrors](err)
		if one, isOne := errors.AsType[*perf.InputError](err); !ok && isOne {
			list = perf.InputErrors{one}
		}
		lines := bytes.Count(in, []byte{'\n'}) + 1
		for _, e := range list {
			if e.Pos.File != "in" || int(e.Pos.Line) > lines {
				t.Errorf("error %v has no place", e)
			}
		}
		if len(list) == 0 {
			t.Errorf("error %v has no place", err)
		}
	})
}
