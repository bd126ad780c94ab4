package jsonmap

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/perf"
)

func mustPath(t *testing.T, text string) Path {
	t.Helper()
	p, err := ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var configPos = perf.Pos{File: "speedgate.yml", Line: 12, Col: 9}

func TestSelectors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		path     string
		s        Selector
		want     []string
		warnings []string
	}{
		{
			"capture of a key", `{"scenarios": {"login": {"p95_ms": 10}, "cart": {"p95_ms": 20}}}`,
			"$.scenarios.*.p95_ms",
			Selector{Subject: "{1}", Metric: "latency_p95", Unit: "ms"},
			[]string{`cart · latency_p95 = [20] "ms" lower quantile @1:60`, `login · latency_p95 = [10] "ms" lower quantile @1:36`},
			nil,
		},
		{
			"names left to the automatic rules", `{"scenarios": {"login": {"p95_ms": 10, "rps": 5}}}`,
			"$.scenarios.*.*",
			Selector{},
			[]string{`login · latency_p95 = [10] "ms" lower quantile @1:36`, `login · throughput = [5] "rps" higher rate @1:47`},
			nil,
		},
		{
			"member lookup and key", `{"suite": "api", "results": [{"name": "a", "v": {"fast": 3}}]}`,
			"$.results[*].v.*",
			Selector{Subject: "{suite} {name} {1}", Metric: "{key}", Unit: "widgets", Better: perf.BetterHigher},
			[]string{`api a 0 · fast = [3] "widgets" higher unknown @1:58`},
			nil,
		},
		{
			"scale and unit", `{"took": 1.5}`,
			"$.took",
			Selector{Metric: "boot", Unit: "ms", Scale: 1000},
			[]string{`Aggregated · boot = [1500] "ms" lower unknown @1:10`},
			nil,
		},
		{
			"unit of a string", `{"took": "1.5 s"}`,
			"$.took",
			Selector{Metric: "boot", Unit: "ms"},
			[]string{`Aggregated · boot = [1500] "ms" lower unknown @1:10`},
			nil,
		},
		{
			"samples", `{"took": [3, 1, 2]}`,
			"$.took",
			Selector{Metric: "boot", Unit: "ms", Samples: true, Scale: 2},
			[]string{`Aggregated · boot = [6 2 4] "ms" lower sample @1:10`},
			nil,
		},
		{
			"last of a list", `{"runs": [{"ms": 1}, {"ms": 2}]}`,
			"$.runs[*].ms",
			Selector{Metric: "boot", Last: true},
			[]string{`Aggregated · boot = [2] "ms" lower unknown @1:29`},
			nil,
		},
		{
			"last of an array at the end", `{"boot_ms": [1, 2]}`,
			"$.boot_ms",
			Selector{Last: true},
			[]string{`Aggregated · boot_ms = [2] "ms" lower unknown @1:17`},
			nil,
		},
		{
			"keys", `{"a_ms": 1, "note": "x", "b_ms": 2}`,
			"$.*",
			Selector{Keys: regexp.MustCompile(`_ms$`)},
			[]string{`Aggregated · a_ms = [1] "ms" lower unknown @1:10`, `Aggregated · b_ms = [2] "ms" lower unknown @1:34`},
			nil,
		},
		{
			"any depth", `{"x": {"y": {"p95": 4}}, "p95": 1}`,
			"$.**.p95",
			Selector{Subject: "at {1}"},
			[]string{`at  · latency_p95 = [1] "" lower quantile @1:33`, `at x / y · latency_p95 = [4] "" lower quantile @1:21`},
			nil,
		},
		{
			"missing value", `{"a_ms": 1, "b_ms": null}`,
			"$.*",
			Selector{},
			[]string{`Aggregated · a_ms = [1] "ms" lower unknown @1:10`},
			[]string{"x.json:1:21: no value: 1 metric: $.b_ms"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.s.Path, tt.s.Pos = mustPath(t, tt.path), configPos
			run, err := Parse(strings.NewReader(tt.in), "x.json", []Mapping{{Files: "*.json", Select: []Selector{tt.s}}})
			if err != nil {
				t.Fatal(err)
			}
			want := summary{Rule: "selectors of speedgate.yml:12", Series: tt.want, Warnings: tt.warnings}
			if d := cmp.Diff(want, summarize(run)); d != "" {
				t.Errorf("run (-want +got):\n%s", d)
			}
		})
	}
}

func TestSelectorErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, path string
		s              Selector
		want           string
	}{
		{
			"matches nothing", `{"a": 1}`, "$.b",
			Selector{},
			"speedgate.yml:12:9: the json selector $.b matches nothing in x.json",
		},
		{
			"no key matches", `{"a": 1}`, "$.*",
			Selector{Keys: regexp.MustCompile("_ms$")},
			"speedgate.yml:12:9: the json selector $.* with a key like _ms$ matches nothing in x.json",
		},
		{
			"not a number", `{"a": "fast"}`, "$.a",
			Selector{},
			`x.json:1:7: the json selector $.a expects a number at $.a, found "fast"`,
		},
		{
			"an array", `{"a": [1]}`, "$.a",
			Selector{},
			"x.json:1:7: the json selector $.a expects a number at $.a, found an array; set samples, or add [*] to the path",
		},
		{
			"samples of something else", `{"a": 1}`, "$.a",
			Selector{Samples: true},
			"x.json:1:7: the json selector $.a expects an array of numbers at $.a, found a number",
		},
		{
			"another dimension", `{"a": "3 MB"}`, "$.a",
			Selector{Unit: "ms"},
			`x.json:1:7: the json selector $.a expects a number of ms at $.a, found "3 MB"`,
		},
		{
			"no such wildcard", `{"a": 1}`, "$.a",
			Selector{Subject: "{1}"},
			`speedgate.yml:12:9: {1} in "{1}": the path has 0 wildcards`,
		},
		{
			"no such member", `{"a": {"b": 1}}`, "$.a.*",
			Selector{Metric: "x {name}"},
			`speedgate.yml:12:9: {name} in "x {name}": no object around $.a.b has a member "name" with a text`,
		},
		{
			"twice", `{"a": 1, "b": 2}`, "$.*",
			Selector{Metric: "m"},
			`x.json:1:15: "Aggregated · m" is measured twice in one run, first at x.json:1:7`,
		},
		{
			"negative time", `{"a_ms": -1}`, "$.a_ms",
			Selector{},
			`x.json:1:10: "Aggregated · a_ms" has the negative time -1 ms`,
		},
		{
			"out of range", `{"a_ms": 1e999}`, "$.a_ms",
			Selector{},
			`x.json:1:10: 1e999 is out of the range of numbers`,
		},
		{
			"scaled out of range", `{"a_ms": 1e300}`, "$.a_ms",
			Selector{Scale: 1e300},
			`x.json:1:10: "Aggregated · a_ms" has the value +Inf, which is not a finite number`,
		},
		{
			"only missing values", `{"a_ms": null}`, "$.a_ms",
			Selector{},
			`x.json: no numeric metric matched; name them with a json selector in speedgate.yml; 1 metric without a value: $.a_ms: no results`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.s.Path, tt.s.Pos = mustPath(t, tt.path), configPos
			_, err := Parse(strings.NewReader(tt.in), "x.json", []Mapping{{Files: "*.json", Select: []Selector{tt.s}}})
			if err == nil {
				t.Fatal("no error")
			}
			if d := cmp.Diff(tt.want, err.Error()); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
		})
	}
}

func TestMappingFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		glob, name string
		want       bool
	}{
		{"*.json", "a.json", true},
		{"*.json", "out/deep/a.json", true},
		{"bench/*.json", "bench/a.json", true},
		{"bench/*.json", "./bench/a.json", true},
		{"bench/*.json", "bench/x/a.json", false},
		{"bench/**/*.json", "bench/x/y/a.json", true},
		{"**/perf-*.json", "perf-1.json", true},
		{"*.json", "a.csv", false},
		{"[", "a.json", false},
	}
	for _, tt := range tests {
		t.Run(tt.glob+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			if got := (&Mapping{Files: tt.glob}).matches(tt.name); got != tt.want {
				t.Errorf("matches = %v, want %v", got, tt.want)
			}
		})
	}
}

// A mapping wins over the signature of a foreign tool and over the plain shape, and
// other files are read as if it were not there.
func TestMappingWins(t *testing.T) {
	t.Parallel()
	mappings := []Mapping{{Files: "k6*.json", Select: []Selector{{Path: mustPath(t, "$.metrics.*['p(95)']"), Subject: "{1}"}}}}
	const in = `{"metrics": {"http_req_duration": {"p(95)": 20}}, "root_group": {}}`
	run, err := Parse(strings.NewReader(in), "k6-summary.json", mappings)
	if err != nil {
		t.Fatal(err)
	}
	want := summary{Rule: "selectors", Series: []string{`http_req_duration · latency_p95 = [20] "" lower quantile @1:45`}}
	if d := cmp.Diff(want, summarize(run)); d != "" {
		t.Errorf("run (-want +got):\n%s", d)
	}
	if _, err := Parse(strings.NewReader(in), "other.json", mappings); err == nil || errors.Is(err, perf.ErrNoResults) {
		t.Errorf("another file: %v, want a refusal", err)
	}
}
