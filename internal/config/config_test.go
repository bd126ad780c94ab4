package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/gate"
	"speedgate/perf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// inputs returns the .yml files of a folder under testdata by their base names.
func inputs(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no inputs in %s: %v", folder, err)
	}
	list := map[string][]byte{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		list[filepath.Base(p)] = data
	}
	return list
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	for name, data := range inputs(t, "ok") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := Parse(data, name)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "ok", strings.TrimSuffix(name, ".yml")+".golden"), describe(t, c))
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, data := range inputs(t, "bad") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := Parse(data, name)
			if err == nil {
				t.Fatalf("accepted as %+v", c)
			}
			golden(t, filepath.Join("testdata", "bad", strings.TrimSuffix(name, ".yml")+".err"), err.Error()+"\n")
		})
	}
}

// describe writes everything that a config says, for a golden file.
func describe(t *testing.T, c *Config) string {
	t.Helper()
	var b strings.Builder
	for _, suite := range append([]string{""}, suiteNames(c)...) {
		flags := Flags{}
		if suite != "" {
			flags[OptionSuite] = []string{suite}
		}
		s, err := Resolve(flags, noEnv, c)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "policy of suite %q in environment %q:\n%s\n", suite, s.Environment, indent(t, s.Policy(now)))
	}
	fmt.Fprintf(&b, "suites: %s\nprofiles: %s\njson: %s\nhistory: %s\n", indent(t, c.Suites), indent(t, c.Profiles), indent(t, c.JSON), indent(t, c.History))
	for _, w := range c.Warnings(now) {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	s, err := Resolve(nil, noEnv, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range s.Values() {
		fmt.Fprintf(&b, "%s = %s (%s)\n", v.Name, v.Text, v.Origin)
	}
	return b.String()
}

func suiteNames(c *Config) []string {
	var list []string
	for _, s := range c.Suites {
		list = append(list, s.Name)
	}
	return list
}

// indent writes a value as JSON, with patterns as text.
func indent(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(plain(v), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func noEnv(string) string { return "" }

func TestParseBounds(t *testing.T) {
	t.Parallel()
	big := "version: 1\n#" + strings.Repeat("x", MaxBytes-12)
	deep := "version: 1\nx-deep: " + strings.Repeat("[", 40) + strings.Repeat("]", 40)
	bomb := "version: 1\nx-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("x-%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	shared := "version: 1\nx-a: &a {" + strings.Repeat("k", 1000) + ": 5}\nthresholds:\n  rules: [*a" + strings.Repeat(", *a", 5000) + "]\n"
	long := strings.Repeat("a", 4097)
	for _, c := range []struct{ name, text, want string }{
		{"as large as allowed", big, ""},
		{"one byte more", big + "x", "f.yml:1:1: the file has 1048577 bytes; 1048576 is the limit"},
		{"deep", deep, "f.yml:2:41: values nest deeper than 32 levels"},
		{"alias bomb", bomb, "f.yml:2:6: aliases make the config larger than 4194304 bytes"},
		{"one alias too often", shared, "f.yml:2:1012: aliases make the config larger than 4194304 bytes"},
		{"result pattern", "version: 1\nsuites: {a: {results: [" + long + "]}}", "f.yml:2:24: suites.a.results[0]: a file pattern of 4097 bytes; 4096 is the limit"},
		{"file pattern", "version: 1\njson: [{files: " + long + ", select: [{path: $.a}]}]", "f.yml:2:16: json[0].files: a file pattern of 4097 bytes; 4096 is the limit"},
		{"expression", "version: 1\njson: [{files: a, select: [{path: $.a, keys: " + long + "}]}]", "f.yml:2:46: json[0].select[0].keys: a regular expression of 4097 bytes; 1000 is the limit"},
		{"quoted value", "version: 1\nrule: " + long, "f.yml:2:7: rule: \"" + long[:60] + "…\" is not a rule; write history or fixed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(c.text), "f.yml")
			if got := errorText(err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The path language belongs to package jsonmap; here its errors get their place.
func TestSelectorPathErrorsHaveAPlace(t *testing.T) {
	t.Parallel()
	for _, path := range []string{`"$.a["`, "5", `""`} {
		_, err := Parse([]byte("version: 1\njson: [{files: a, select: [{path: "+path+"}]}]"), "f.yml")
		if want := "f.yml:2:35: json[0].select[0].path: "; !strings.HasPrefix(errorText(err), want) {
			t.Errorf("path %s: got %v, want it to start with %s", path, err, want)
		}
	}
}

// The day of a waiver belongs to it.
func TestWaiverHoldsToTheEndOfItsDay(t *testing.T) {
	t.Parallel()
	c, err := Parse([]byte("version: 1\nwaivers: [{match: 'a:b', limit: 35%, until: 2026-12-31, reason: r}]\n"), "f.yml")
	if err != nil {
		t.Fatal(err)
	}
	last := time.Date(2026, 12, 31, 23, 59, 59, 999999999, time.UTC)
	want := []perf.Warning{{Pos: perf.Pos{File: "f.yml", Line: 2, Col: 11}, Msg: `the waiver of "a:b" expired on 2026-12-31 and holds no more`}}
	if d := gocmp.Diff([]perf.Warning(nil), c.Warnings(last), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("at the last moment (-want +got):\n%s", d)
	}
	if d := gocmp.Diff(want, c.Warnings(last.Add(1))); d != "" {
		t.Errorf("a nanosecond later (-want +got):\n%s", d)
	}
}

// The defaults that Values prints are written down twice, here and in gate.
func TestActionDefaultsNameEveryAction(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, f := range fileDefaults {
		if key, ok := strings.CutPrefix(f.path, "on."); ok {
			paths = append(paths, key)
		}
	}
	if d := gocmp.Diff(actionsObject.keys(), paths); d != "" {
		t.Errorf("keys of on (-table +defaults):\n%s", d)
	}
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("version: 1\na: 1\nb: 2\n"), "f.yml")
	list, ok := errors.AsType[perf.InputErrors](err)
	if !ok || len(list) != 2 {
		t.Fatalf("got %T %v, want two input errors", err, err)
	}
	if !slices.IsSortedFunc(list, func(a, b *perf.InputError) int { return cmp.Compare(a.Pos.Line, b.Pos.Line) }) {
		t.Errorf("not in file order: %v", err)
	}
}

// Each percentage must be the float64 nearest to its ratio, or a value just at the
// threshold would be judged by the error of the conversion.
func TestPercentIsExact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"20%": 0.2, "35%": 0.35, "12.5%": 0.125, "0.1%": 0.001, "7%": 0.07, "29%": 0.29, "57%": 0.57, "110%": 1.1} {
		if got, err := parsePercent(text); err != nil || got != want {
			t.Errorf("parsePercent(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, folder := range []string{"ok", "bad"} {
		for _, data := range inputs(f, folder) {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data, "f.yml")
		if err != nil {
			checkPlaces(t, data, err)
			return
		}
		if c == nil {
			t.Fatal("neither a config nor an error")
		}
		s, err := Resolve(nil, noEnv, c)
		if err != nil {
			t.Fatalf("accepted, and does not resolve: %v", err)
		}
		p := s.Policy(now)
		if !(p.Threshold > 0) || p.Window < 1 || p.Rule == "" || s.Baseline == "" {
			t.Fatalf("policy %+v", p)
		}
		checkTargets(t, p.Targets)
	})
}

// checkPlaces fails on an error without a place inside the file.
func checkPlaces(t *testing.T, data []byte, err error) {
	t.Helper()
	list, ok := errors.AsType[perf.InputErrors](err)
	if !ok {
		one, ok := errors.AsType[*perf.InputError](err)
		if !ok {
			t.Fatalf("%T has no place: %v", err, err)
		}
		list = perf.InputErrors{one}
	}
	lines := 1 + strings.Count(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)), "\n")
	for _, e := range list {
		if e.Pos.File != "f.yml" || e.Pos.Line < 1 || int(e.Pos.Line) > lines || e.Pos.Col < 0 {
			t.Fatalf("the file has %d lines; error at %+v: %v", lines, e.Pos, e)
		}
	}
}

func checkTargets(t *testing.T, targets []gate.Target) {
	t.Helper()
	for _, g := range targets {
		if g.Match.String() == "" || g.Limit.Value < 0 || g.Severity == "" {
			t.Fatalf("target %+v", g)
		}
	}
}

// TestGrowingLoad demands that a load grows as the sizes do, in whatever units.
func TestGrowingLoad(t *testing.T) {
	t.Parallel()
	c, err := Parse([]byte(`version: 1
profiles:
  a: {driver: http, url: "http://{m}", rate: 150, steps: {over: m, values: [1GB, 512MB, 4GB], grow: true}}
  b: {driver: locust, host: "http://{n}", users: 3, spawn_rate: 2, steps: {over: n, values: [2, 5], grow: true}}
  c: {driver: locust, spawn_rate: 2, steps: {over: concurrency, values: [3, 40]}}
`), "x.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		profile, value string
		load           float64
		warmup         time.Duration
	}{
		{"a", "512MB", 150, 30 * time.Second},
		{"a", "1GB", 150 * 1000 / 512.0, 30 * time.Second},
		{"a", "4GB", 150 * 4000 / 512.0, 30 * time.Second},
		{"b", "2", 3, 2 * time.Second},
		{"b", "5", 8, 4 * time.Second}, // 7.5 users are eight
		{"c", "3", 3, 2 * time.Second},
		{"c", "40", 40, 20 * time.Second},
	} {
		p := c.Profile(want.profile).At(want.value)
		if p.Shape.Load != want.load || p.Shape.Warmup != want.warmup {
			t.Errorf("%s at %s: load %g and warm-up %s, want %g and %s", want.profile, want.value, p.Shape.Load, p.Shape.Warmup, want.load, want.warmup)
		}
	}
}
