package config

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/gate"
	"speedgate/perf"
)

const settingsFile = `version: 1
rule: fixed
environment: common
baseline: {file: file.json, window: 7}
thresholds: {default: 11%, rules: [{match: "file:*", threshold: 1%}]}
suites:
  api: {results: [a.csv], environment: machine, level: peak, thresholds: {default: 12%, drift: 3%, rules: [{match: "suite:*", threshold: 2%}]}}
  web: {results: [b.csv]}
`

func parseText(t testing.TB, text string) *Config {
	t.Helper()
	c, err := Parse([]byte(text), "f.yml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// variables makes an environment of a map.
func variables(m map[string]string) func(string) string {
	return func(name string) string { return m[name] }
}

func sharedRule(t *testing.T, match string, threshold float64) gate.MetricRule {
	t.Helper()
	r := rule(t, match, threshold)
	r.Shared = true
	return r
}

func rule(t *testing.T, match string, threshold float64) gate.MetricRule {
	t.Helper()
	p, err := perf.ParsePattern(match)
	if err != nil {
		t.Fatal(err)
	}
	return gate.MetricRule{Match: p, Threshold: &threshold}
}

var comparePatterns = gocmp.Comparer(func(a, b perf.Pattern) bool { return a == b })

func TestResolvePrecedence(t *testing.T) {
	t.Parallel()
	file := parseText(t, settingsFile)
	env := map[string]string{
		"SPEEDGATE_CONFIG": "env.yml", "SPEEDGATE_BASELINE": "env.json", "SPEEDGATE_BASE_REF": "env-ref",
		"SPEEDGATE_FORMAT": "env-format", "SPEEDGATE_SUITE": "web", "SPEEDGATE_ENVIRONMENT": "env-machine",
		"SPEEDGATE_RULE": "history", "SPEEDGATE_ON_MISSING_BASELINE": "fail", "SPEEDGATE_RERUN": "env-rerun",
		"SPEEDGATE_THRESHOLD": "13\n\nenv:*=3%\r\n",
	}
	flags := Flags{
		"config": {"flag.yml"}, "baseline": {"flag.json"}, "base-ref": {"flag-ref"}, "format": {"flag-format"},
		"suite": {"api"}, "environment": {"flag-machine"}, "rule": {"fixed"}, "on-missing-baseline": {"pass"},
		"window": {"9"}, "rerun": {"flag-rerun"}, "threshold": {"flag:*=4", "14%"},
	}
	for _, c := range []struct {
		name  string
		flags Flags
		env   map[string]string
		file  *Config
		want  Settings
	}{
		{"nothing", nil, nil, nil, Settings{
			Config: "speedgate.yml", Baseline: "performance_baseline.json", Rule: gate.RuleHistory,
			OnMissingBaseline: gate.ActionWarn, Window: 20, Threshold: 0.2,
		}},
		{"file", nil, nil, file, Settings{
			Config: "speedgate.yml", Baseline: "file.json", Environment: "common", Rule: gate.RuleFixed,
			OnMissingBaseline: gate.ActionWarn, Window: 7, Threshold: 0.11, Rules: []gate.MetricRule{sharedRule(t, "file:*", 0.01)},
		}},
		{"suite of the file", Flags{"suite": {"api"}}, nil, file, Settings{
			Config: "speedgate.yml", Baseline: "file.json", Suite: "api", Level: "peak", Environment: "machine", Rule: gate.RuleFixed,
			OnMissingBaseline: gate.ActionWarn, Window: 7, Threshold: 0.12,
			Rules: []gate.MetricRule{sharedRule(t, "file:*", 0.01), rule(t, "suite:*", 0.02)},
		}},
		{"variables", nil, env, file, Settings{
			Config: "env.yml", Baseline: "env.json", BaseRef: "env-ref", Format: "env-format", Suite: "web",
			Environment: "env-machine", Rule: gate.RuleHistory, OnMissingBaseline: gate.ActionFail, Window: 7, Rerun: "env-rerun",
			Threshold: 0.13, Rules: []gate.MetricRule{sharedRule(t, "file:*", 0.01), rule(t, "env:*", 0.03)},
		}},
		{"flags", flags, env, file, Settings{
			Config: "flag.yml", Baseline: "flag.json", BaseRef: "flag-ref", Format: "flag-format", Suite: "api", Level: "peak",
			Environment: "flag-machine", Rule: gate.RuleFixed, OnMissingBaseline: gate.ActionPass, Window: 9, Rerun: "flag-rerun",
			Threshold: 0.14,
			Rules: []gate.MetricRule{
				sharedRule(t, "file:*", 0.01), rule(t, "suite:*", 0.02), rule(t, "env:*", 0.03), rule(t, "flag:*", 0.04),
			},
		}},
		{"empty variables", nil, map[string]string{"SPEEDGATE_BASELINE": "", "SPEEDGATE_THRESHOLD": ""}, nil, Settings{
			Config: "speedgate.yml", Baseline: "performance_baseline.json", Rule: gate.RuleHistory,
			OnMissingBaseline: gate.ActionWarn, Window: 20, Threshold: 0.2,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := Resolve(c.flags, variables(c.env), c.file)
			if err != nil {
				t.Fatal(err)
			}
			if d := gocmp.Diff(&c.want, got, cmpopts.IgnoreUnexported(Settings{}), comparePatterns); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestResolveRemembersOrigins(t *testing.T) {
	t.Parallel()
	s, err := Resolve(
		Flags{"rule": {"history"}, "suite": {"api"}, "threshold": {"9%", "a=b:*=5"}},
		variables(map[string]string{"SPEEDGATE_BASELINE": "env.json", "SPEEDGATE_THRESHOLD": "8%"}),
		parseText(t, settingsFile))
	if err != nil {
		t.Fatal(err)
	}
	want := []Value{
		{"config", "speedgate.yml", "default"},
		{"baseline", "env.json", "SPEEDGATE_BASELINE"},
		{"base-ref", "", "default"},
		{"format", "", "default"},
		{"suite", "api", "--suite"},
		{"environment", "machine", "f.yml:7:40"},
		{"rule", "history", "--rule"},
		{"on-missing-baseline", "warn", "default"},
		{"window", "7", "f.yml:4:37"},
		{"rerun", "", "default"},
		{"threshold", "9%", "--threshold"},
		{"threshold", "a=b:*=5", "--threshold"},
	}
	if d := gocmp.Diff(want, s.Values()[:len(want)]); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := s.Value(OptionRule); got != want[6] {
		t.Errorf("Value(rule) = %v, want %v", got, want[6])
	}
	if got := s.Value("no such option"); got != (Value{}) {
		t.Errorf("a value of an unknown option: %v", got)
	}
}

// A value that is overridden must not be listed as in force a second time.
func TestValuesListsEachNameOnce(t *testing.T) {
	t.Parallel()
	s, err := Resolve(Flags{"baseline": {"x.json"}, "suite": {"api"}}, noEnv, parseText(t, settingsFile))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, v := range s.Values() {
		if seen[v.Name] {
			t.Errorf("%s is listed twice", v.Name)
		}
		seen[v.Name] = true
		if v.Name == "baseline.file" || v.Name == "suites.api.environment" {
			t.Errorf("%v stands for an option", v)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	file := parseText(t, settingsFile)
	for _, c := range []struct {
		name  string
		flags Flags
		env   map[string]string
		want  string
	}{
		{"rule by flag", Flags{"rule": {"fast"}}, nil, `--rule: "fast" is not a rule; write history or fixed`},
		{"rule by variable", nil, map[string]string{"SPEEDGATE_RULE": "fast"}, `SPEEDGATE_RULE: "fast" is not a rule; write history or fixed`},
		{"blank variable", nil, map[string]string{"SPEEDGATE_RULE": " "}, "SPEEDGATE_RULE: expected a value, found an empty one"},
		{"empty flag", Flags{"baseline": {""}}, nil, "--baseline: expected a value, found an empty one"},
		{"flag twice", Flags{"rule": {"fixed", "history"}}, nil, "--rule: given 2 times; once is the limit"},
		{"unknown flag", Flags{"bseline": {"x"}}, nil, "--bseline: not an option of the config"},
		{"action", Flags{"on-missing-baseline": {"strict"}}, nil, `--on-missing-baseline: "strict" is not an action; write fail, warn or pass`},
		{"window zero", Flags{"window": {"0"}}, nil, "--window: expected a whole number from 1 to 2147483647, found 0"},
		{"window fraction", Flags{"window": {"2.5"}}, nil, "--window: expected a whole number, found 2.5"},
		{"window octal", Flags{"window": {"010"}}, nil, `--window: "010" is not a plain decimal number`},
		{"window too large", Flags{"window": {"1e999"}}, nil, `--window: "1e999" is too large a number`},
		{"threshold too large", Flags{"threshold": {strings.Repeat("9", 400) + "%"}}, nil, `--threshold: "` + strings.Repeat("9", 60) + `…" is too large a percentage`},
		{"suite", Flags{"suite": {"apo"}}, nil, `--suite: no suite is called "apo" in f.yml; did you mean "api"?`},
		{"far suite", nil, map[string]string{"SPEEDGATE_SUITE": "other"}, `SPEEDGATE_SUITE: no suite is called "other" in f.yml; known are api, web`},
		{"suite name", Flags{"suite": {"a b"}}, nil, `--suite: "a b" is not a name; write up to 64 letters, digits, dots, dashes and underscores`},
		{"threshold word", Flags{"threshold": {"much"}}, nil, `--threshold: "much" is not a percentage; write a number above 0 and its sign, such as 20%`},
		{"threshold NaN", Flags{"threshold": {"NaN"}}, nil, `--threshold: "NaN" is not a percentage; write a number above 0 and its sign, such as 20%`},
		{"threshold infinite", Flags{"threshold": {"*:*=Inf%"}}, nil, `--threshold: "Inf%" is not a percentage; write a number above 0 and its sign, such as 20%`},
		{"threshold negative", Flags{"threshold": {"-20"}}, nil, `--threshold: "-20" is not a percentage; write a number above 0 and its sign, such as 20%`},
		{"threshold zero", Flags{"threshold": {"0"}}, nil, "--threshold: expected a percentage above 0%, found 0%"},
		{"threshold as a ratio", Flags{"threshold": {"0.2"}}, nil, "--threshold: 0.2 has no percent sign; write 0.2% or 20%"},
		{"threshold empty", Flags{"threshold": {""}}, nil, `--threshold: "" is not a percentage; write a number above 0 and its sign, such as 20%`},
		{"threshold without pattern", Flags{"threshold": {"=20"}}, nil, `--threshold: "" is not a pattern; write SUBJECT:METRIC, with * for anything`},
		{"threshold without number", Flags{"threshold": {"a:*="}}, nil, `--threshold: "" is not a percentage; write a number above 0 and its sign, such as 20%`},
		{"two defaults", Flags{"threshold": {"20", "a:*=5", "30%"}}, nil, `--threshold: "20" and "30%" are both the default; keep one`},
		{"thresholds by variable", nil, map[string]string{"SPEEDGATE_THRESHOLD": "20 percent\na:*=x"}, `SPEEDGATE_THRESHOLD: "20 percent" is not a percentage; write 20%
SPEEDGATE_THRESHOLD: "x" is not a percentage; write a number above 0 and its sign, such as 20%`},
		{"all at once", Flags{"rule": {"x"}, "window": {"y"}}, nil, `--rule: "x" is not a rule; write history or fixed
--window: "y" is not a plain decimal number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Resolve(c.flags, variables(c.env), file)
			if d := gocmp.Diff(c.want, errorText(err)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestParseThreshold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]gate.MetricRule{
		"20":                  {Threshold: new(0.2)},
		"20%":                 {Threshold: new(0.2)},
		" 12.5% ":             {Threshold: new(0.125)},
		"0.5%":                {Threshold: new(0.005)},
		"Parse*:*=5":          rule(t, "Parse*:*", 0.05),
		"*:latency_p99 = 30%": rule(t, "*:latency_p99", 0.3),
		"GET /a?b=c:*=5%":     rule(t, "GET /a?b=c:*", 0.05),
	} {
		got, err := parseThreshold(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if d := gocmp.Diff(want, got, comparePatterns); d != "" {
			t.Errorf("%q (-want +got):\n%s", text, d)
		}
	}
}

func TestLocation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flags Flags
		env   map[string]string
		want  Value
		err   string
	}{
		{"default", nil, nil, Value{"config", "speedgate.yml", "default"}, ""},
		{"variable", nil, map[string]string{"SPEEDGATE_CONFIG": "e.yml"}, Value{"config", "e.yml", "SPEEDGATE_CONFIG"}, ""},
		{"flag", Flags{"config": {"f.yml"}, "rule": {"no rule"}}, map[string]string{"SPEEDGATE_CONFIG": "e.yml"}, Value{"config", "f.yml", "--config"}, ""},
		{"empty", Flags{"config": {""}}, nil, Value{"config", "", "--config"}, "--config: expected a value, found an empty one"},
	} {
		got, err := Location(c.flags, variables(c.env))
		if got != c.want || errorText(err) != c.err {
			t.Errorf("%s: got %v, %v, want %v, %s", c.name, got, err, c.want, c.err)
		}
	}
}

// The policy of a suite takes the suite's drift budget and level.
func TestPolicyOfSuite(t *testing.T) {
	t.Parallel()
	s, err := Resolve(Flags{"suite": {"api"}}, noEnv, parseText(t, settingsFile))
	if err != nil {
		t.Fatal(err)
	}
	want := gate.Policy{
		Rule: gate.RuleFixed, Threshold: 0.12, Level: "peak", Window: 7, Drift: 0.03, Now: now,
		Metrics: []gate.MetricRule{sharedRule(t, "file:*", 0.01), rule(t, "suite:*", 0.02)},
	}
	if d := gocmp.Diff(want, s.Policy(now), comparePatterns); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestHidePassword(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"postgres://gate:secret@db/x":   "postgres://gate:…@db/x",
		"postgres://:secret@db":         "postgres://:…@db",
		"postgres://gate@db:5432/x":     "postgres://gate@db:5432/x",
		"http://localhost:8000/a@b":     "http://localhost:8000/a@b",
		"file:.speedgate/log.jsonl":     "file:.speedgate/log.jsonl",
		"run --to https://u:p@h/ --now": "run --to https://u:…@h/ --now",
	} {
		if got := hidePassword(text); got != want {
			t.Errorf("hidePassword(%q) = %q, want %q", text, got, want)
		}
	}
}
