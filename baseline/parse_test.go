package baseline

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/perf"
)

// document is a baseline with the given lines of runs and metrics.
func document(runs, metrics string) string {
	return `{"schema": "speedgate.baseline/v1", "entries": [
{"suite": "api", "environment": {"os": "linux"},
"runs": [
` + runs + `],
"metrics": [
` + metrics + `]}]}
`
}

const (
	oneRun    = `{"id": "1", "time": "2026-03-01T01:00:00Z"}`
	oneMetric = `{"subject": "a", "metric": "m", "values": [1]}`
)

func TestParseTakesAnyOrder(t *testing.T) {
	t.Parallel()
	f := mustParse(t, `{
"entries": [
{"metrics": [
{"values": [30, 10, null], "counts": [3, 1, null], "subject": "b", "metric": "m", "labels": {"y": "2", "x": "1"}},
{"values": [null, 7, 8], "subject": "a", "metric": "m", "spreads": [null, 0.5, 0]}
], "runs": [
{"id": "3", "time": "2026-03-01T03:00:00+01:00"},
{"id": "1"},
{"id": "2", "time": "2026-03-01T01:00:00Z", "workload": {"users": 5, "spawn_rate": 0.5, "rate": 7.5, "duration": "1m30s", "host": "h"}}
], "environment": {"os": "linux"}, "suite": "api"}
], "schema": "speedgate.baseline/v1"}`)
	two := time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
	three := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	want := &perf.Window{
		Env: perf.Env{OS: "linux"},
		Runs: []perf.RunInfo{
			{ID: "1"},
			{ID: "2", Time: two, Workload: perf.Workload{Users: 5, SpawnRate: 0.5, Rate: 7.5, Duration: 90 * time.Second, Host: "h"}},
			{ID: "3", Time: three},
		},
		Metrics: []perf.Past{
			{
				Key:    perf.Key{Subject: "a", Metric: "m"},
				Points: []perf.Point{{Run: 0, Value: 7, Spread: 0.5}, {Run: 1, Value: 8}},
				Anchor: &perf.Anchor{Value: 7},
				Pos:    perf.Pos{File: "base.json", Line: 5, Col: 1},
			},
			{
				Key:    perf.Key{Subject: "b", Metric: "m", Labels: "x=1,y=2"},
				Points: []perf.Point{{Run: 0, Value: 10, Count: 1}, {Run: 2, Value: 30, Count: 3}},
				Anchor: &perf.Anchor{Value: 10},
				Pos:    perf.Pos{File: "base.json", Line: 4, Col: 1},
			},
		},
	}
	got, note := f.Window("api", perf.Env{OS: "linux"})
	wantEqual(t, "window", want, got, cmpopts.EquateEmpty())
	wantEqual(t, "note", "", note)
	wantEqual(t, "written and read", f, mustParse(t, string(f.Encode())), compareFiles)
}

// TestParseLetsGoOfTheText demands that nothing of a baseline that was read keeps its
// document in memory, which may have a hundred megabytes.
func TestParseLetsGoOfTheText(t *testing.T) {
	const padding = 32 << 20
	data := []byte(document(oneRun, oneMetric) + strings.Repeat(" ", padding))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f, err := Parse(data, "base.json")
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > padding/2 {
		t.Errorf("%d bytes kept of a document of %d", kept, len(data))
	}
	runtime.KeepAlive(f)
	runtime.KeepAlive(data)
}

func TestParseEmptyBaseline(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "\xEF\xBB\xBF"+`{"schema": "speedgate.baseline/v1", "entries": []}`)
	w, note := f.Window("api", linux)
	if w != nil || note != "the baseline is empty" {
		t.Errorf("got %v, %q", w, note)
	}
}

func TestParsePlainShape(t *testing.T) {
	t.Parallel()
	const text = `{"latency": {"p50": 45.2, "p95": 98, "p99": 180}, "throughput": {"avg": 1043.5}}`
	f := mustParse(t, text)
	w, note := f.Window("whatever", linux)
	if w == nil {
		t.Fatal("no window")
	}
	wantEqual(t, "runs", []perf.RunInfo{{ID: PlainRunID}}, w.Runs)
	got := map[string]float64{}
	for _, m := range w.Metrics {
		got[m.Key.Metric+" "+string(m.Unit)] = m.Points[0].Value
		wantEqual(t, "anchor", &perf.Anchor{Value: m.Points[0].Value}, m.Anchor)
	}
	wantEqual(t, "values", map[string]float64{"latency_p50 ms": 45.2, "latency_p95 ms": 98, "latency_p99 ms": 180, "throughput /s": 1043.5}, got)
	wantEqual(t, "note", "the environment of the baseline is unknown; the results are of linux/amd64 EPYC 7763 4 cpu", note)
	wantEqual(t, "suites", []string(nil), f.Suites())
}

func TestAddTurnsThePlainShapeIntoTheSchema(t *testing.T) {
	t.Parallel()
	f := mustParse(t, `{"latency": {"p95": 98}, "throughput": 1000}`)
	w, _ := f.Window("api", linux)
	series := latency("x:m", 90)
	series.Key = w.Metrics[0].Key
	c := mustAdd(t, f, at("1", 1), runOf(series), AddOptions{})
	wantEqual(t, "notes", []string{
		`the hand-written baseline was turned into speedgate.baseline/v1; its values are kept as the oldest run of suite "api", ` +
			`taken to be of this environment (linux/amd64 EPYC 7763 4 cpu)`,
	}, c.Notes)
	f = mustParse(t, string(f.Encode()))
	w, note := f.Window("api", linux)
	wantEqual(t, "note", "", note)
	wantEqual(t, "runs", []perf.RunInfo{{ID: PlainRunID}, at("1", 1)}, w.Runs)
	wantEqual(t, "points", []perf.Point{{Run: 0, Value: 98}, {Run: 1, Value: 90, Count: 1000}}, w.Metrics[0].Points)
	wantEqual(t, "anchor", 98.0, w.Metrics[0].Anchor.Value)
	if other, _ := f.Window("micro", linux); other != nil {
		t.Error("the baseline still serves any suite")
	}
}

func TestParsePlainShapeKeepsWarnings(t *testing.T) {
	t.Parallel()
	f := mustParse(t, `{"latency": {"p95": 98}, "throughput": 1000, "comment": 3}`)
	if len(f.Warnings()) == 0 {
		t.Error("a part that was not read is not told")
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	metric := func(more string) string { return document(oneRun, `{"subject": "a", "metric": "m", `+more+`}`) }
	run := func(line string) string { return document(line, oneMetric) }
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", `base.json: the file is empty; expected ` + example},
		{"blank", " \n\t", `base.json: the file is empty; expected ` + example},
		{"no keys", "{}", `base.json:1:1: expected a baseline, ` + example},
		{"an array", "[]", `base.json:1:1: expected a baseline, ` + example + `; found an array`},
		{"UTF-16 with a mark", "\xFF\xFE" + utf16LE("{}"), "base.json: the file is in UTF-16; expected UTF-8"},
		{"UTF-16 without a mark", utf16LE("{}"), "base.json: the file is in UTF-16; expected UTF-8"},
		{
			"a conflict", "{\n<<<<<<< HEAD\n  \"a\": 1\n=======\n",
			"base.json:2:1: a conflict of a git merge is not resolved; take one side and run speedgate update",
		},
		{
			"the end of a conflict", "{\n=======\n>>>>>>> topic\n",
			"base.json:2:1: a conflict of a git merge is not resolved; take one side and run speedgate update",
		},
		{"a newer schema", `{"schema": "speedgate.baseline/v2"}`, `base.json:1:12: schema "speedgate.baseline/v2" was written by a newer speedgate; this one reads "speedgate.baseline/v1"`},
		{"another schema", `{"schema": "speedgate.report/v1"}`, `base.json:1:12: expected the schema "speedgate.baseline/v1", found "speedgate.report/v1"`},
		{"a schema that is no text", `{"schema": 1}`, `base.json:1:12: expected a string, found a number`},
		{"no entries", `{"schema": "speedgate.baseline/v1"}`, `base.json:1:1: expected the key "entries"`},
		{"a key with a slip", `{"schema": "speedgate.baseline/v1", "entrys": []}`, "base.json:1:1: expected the key \"entries\"\nbase.json:1:37: unknown key \"entrys\"; did you mean \"entries\"?"},
		{"an unknown key", metric(`"values": [1], "frobnicate": 2`), `base.json:6:48: unknown key "frobnicate"; expected one of ` + strings.Join(metricKeys, ", ")},
		{
			"another estimator", `{"schema": "speedgate.baseline/v1", "estimators": {"value": "mean", "mode": "x"}, "entries": []}`,
			"base.json:1:61: the values were made by \"mean\"; this speedgate compares \"median\"\nbase.json:1:69: unknown key \"mode\"; expected one of value, spread, quantile",
		},
		{"an entry without keys", `{"schema": "speedgate.baseline/v1", "entries": [{}]}`, "base.json:1:49: expected the key \"suite\"\nbase.json:1:49: expected the key \"environment\"\nbase.json:1:49: expected the key \"runs\"\nbase.json:1:49: expected the key \"metrics\""},
		{"an entry that is a number", `{"schema": "speedgate.baseline/v1", "entries": [7]}`, "base.json:1:49: expected an object, found 7"},
		{"no runs", document("", oneMetric), "base.json:3:9: expected at least one run\nbase.json:6:43: expected 0 values, one for each run, found 1"},
		{"no metrics", document(oneRun, ""), "base.json:5:12: expected at least one metric"},
		{"a run without id", run(`{"commit": "c"}`), `base.json:4:1: expected the key "id"`},
		{"an empty id", run(`{"id": ""}`), `base.json:4:8: expected a text that is not empty`},
		{"a run twice", document(oneRun+",\n"+oneRun, `{"subject": "a", "metric": "m", "values": [1, 2]}`), `base.json:5:1: the run "1" stands twice, first at base.json:4:1`},
		{"a bad time", run(`{"id": "1", "time": "yesterday"}`), `base.json:4:21: expected a time such as 2026-01-31T12:00:00Z, found "yesterday"`},
		{"a time that is a number", run(`{"id": "1", "time": 7}`), `base.json:4:21: expected a time as text, found 7`},
		{"a time behind the last year", run(`{"id": "1", "time": "9999-12-31T23:59:59-01:00"}`), `base.json:4:21: expected a time such as 2026-01-31T12:00:00Z, found "9999-12-31T23:59:59-01:00"`},
		{"a bad duration", run(`{"id": "1", "workload": {"duration": "-5m"}}`), `base.json:4:38: expected a duration such as 5m0s, found "-5m"`},
		{"users in fractions", run(`{"id": "1", "workload": {"users": 1.5}}`), `base.json:4:35: expected a whole number that is not negative, found 1.5`},
		{"a spawn rate below zero", run(`{"id": "1", "workload": {"spawn_rate": -1}}`), `base.json:4:40: expected a number that is not negative, found -1`},
		{"no subject", document(oneRun, `{"metric": "m", "values": [1]}`), `base.json:6:1: expected the key "subject"`},
		{"an empty metric", document(oneRun, `{"subject": "a", "metric": "", "values": [1]}`), `base.json:6:28: expected a text that is not empty`},
		{"a metric twice", document(oneRun, oneMetric+",\n"+oneMetric), `base.json:7:1: "a · m" stands twice, first at base.json:6:1`},
		{"NaN", metric(`"values": [NaN]`), "base.json:6:44: expected a number or null, found NaN"},
		{"text for a number", metric(`"values": ["1"]`), "base.json:6:44: expected a number or null, found a string"},
		{"out of range", metric(`"values": [1e999]`), "base.json:6:44: 1e999 is out of the range of numbers"},
		{"no value at all", metric(`"values": [null]`), `base.json:6:1: "a · m" has no value in any run`},
		{"a value too many", metric(`"values": [1, 2]`), "base.json:6:43: expected 1 values, one for each run, found 2"},
		{"a spread too few", metric(`"values": [1], "spreads": []`), "base.json:6:59: expected 1 spreads, one for each run, found 0"},
		{"counts that are no array", metric(`"values": [1], "counts": 1`), "base.json:6:58: expected an array, found 1"},
		{"a spread below zero", metric(`"values": [1], "spreads": [-1]`), "base.json:6:60: expected a number that is not negative, found -1"},
		{"a spread without a value", document(oneRun+`, {"id": "2"}`, `{"subject": "a", "metric": "m", "values": [1, null], "spreads": [1, 2]}`), "base.json:6:69: expected null, as the run has no value, found 2"},
		{"a value without a count", metric(`"values": [1], "counts": [null]`), "base.json:6:59: expected a whole number that is not negative, found null"},
		{"a negative time", metric(`"values": [-1], "unit": "ms"`), `base.json:6:1: "a · m" has the negative time -1 ms`},
		{"a negative anchor", metric(`"values": [1], "unit": "ms", "anchor": {"value": -2}`), `base.json:6:1: "a · m" has the negative time -2 ms`},
		{"an anchor without a value", metric(`"values": [1], "anchor": {}`), `base.json:6:58: expected the key "value"`},
		{"an origin alone", metric(`"values": [1], "origin": {"value": 1}`), `base.json:6:1: "a · m" has the key "origin" without "anchor"`},
		{"an odd direction", metric(`"values": [1], "better": "smaller"`), `base.json:6:58: expected "lower", "higher" or "unknown", found "smaller"`},
		{"an odd kind", metric(`"values": [1], "kind": "mode"`), `base.json:6:56: expected the kind of a metric, found "mode"`},
		{"exact as text", metric(`"values": [1], "exact": "yes"`), `base.json:6:57: expected true or false, found a string`},
		{"a label that is a number", metric(`"values": [1], "labels": {"n": 1}`), `base.json:6:64: expected a string, found 1`},
		{"an unknown key of a run", run(`{"id": "1", "sha": "c"}`), `base.json:4:13: unknown key "sha"; expected one of id, commit, time, workload`},
		{"an unknown key of a workload", run(`{"id": "1", "workload": {"user": 1}}`), `base.json:4:26: unknown key "user"; did you mean "users"?`},
		{"an unknown key of an anchor", metric(`"values": [1], "anchor": {"value": 1, "who": "me"}`), `base.json:6:71: unknown key "who"; expected one of value, commit, time, reason`},
		{"an unknown key of an environment", strings.Replace(entryDocument("api"), `"name"`, `"nam"`, 1), `base.json:1:82: unknown key "nam"; did you mean "name"?`},
		{
			"an unknown key of an acceptance",
			strings.Replace(entryDocument("api"), `"runs"`, `"accepted": [{"match": "*", "reason": "r", "by": "me"}], "runs"`, 1),
			`base.json:1:140: unknown key "by"; expected one of match, reason, commit, time`,
		},
		{"a duration that is a number", run(`{"id": "1", "workload": {"duration": 300}}`), `base.json:4:38: expected a duration as text, found 300`},
		{
			"an environment twice",
			`{"schema": "speedgate.baseline/v1", "entries": [` + "\n" + entryOf("api") + ",\n" + entryOf("api") + "]}",
			`base.json:3:1: suite "api" has the environment "ci" twice, first at base.json:2:1`,
		},
		{"an acceptance without a reason", strings.Replace(entryDocument("api"), `"runs"`, `"accepted": [{"match": "*"}], "runs"`, 1), `base.json:1:110: expected the key "reason"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := Parse([]byte(c.text), "base.json")
			wantError(t, c.want, err)
			if f != nil {
				t.Error("a part of a broken file is returned")
			}
			if errors.Is(err, perf.ErrNoResults) || errors.Is(err, ErrNotFound) {
				t.Errorf("%v passes for missing results or a missing file", err)
			}
		})
	}
}

func TestParsePlainShapeErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"latency": {"p95": "fast"}, "throughput": 1}`,
		`{"latency": {"p95": null}, "throughput": null}`,
		`{"latency": {"p95": -3}, "throughput": 1}`,
		`{"latency": {"p95": NaN}, "throughput": {}}`,
	} {
		_, err := Parse([]byte(text), "base.json")
		if err == nil || errors.Is(err, perf.ErrNoResults) || !strings.HasPrefix(err.Error(), "base.json") {
			t.Errorf("%s: got %v, want an error with its place that is not about results", text, err)
		}
	}
}

// TestParseBrokenJSON leaves the words to package jsontree and looks at the places.
func TestParseBrokenJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, place string }{
		{"not JSON", "p95 = 3", "base.json:1:1: "},
		{"cut off", document(oneRun, oneMetric)[:150], "base.json:4:43: "},
		{"two documents", "{} {}", "base.json:1:4: "},
		{"a duplicate key", `{"schema": "speedgate.baseline/v1", "schema": 1}`, "base.json:1:37: "},
		{"not UTF-8", `{"schema": "` + "\xFF" + `"}`, "base.json:1:13: "},
	} {
		_, err := Parse([]byte(c.text), "base.json")
		if err == nil || errors.Is(err, perf.ErrNoResults) || !strings.HasPrefix(err.Error(), c.place) {
			t.Errorf("%s: got %v, want an error at %s", c.name, err, c.place)
		}
	}
}

func entryOf(suite string) string {
	return fmt.Sprintf(`{"suite": %q, "environment": {"name": "ci"}, "runs": [{"id": "1"}], "metrics": [%s]}`, suite, oneMetric)
}

func entryDocument(suite string) string {
	return `{"schema": "speedgate.baseline/v1", "entries": [` + entryOf(suite) + "]}"
}

func utf16LE(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestParseReportsTwentyErrors(t *testing.T) {
	t.Parallel()
	lines := make([]string, 25)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"subject": "s%d", "metric": "m", "values": [NaN]}`, i)
	}
	_, err := Parse([]byte(document(oneRun, strings.Join(lines, ",\n"))), "base.json")
	if err == nil || !strings.HasSuffix(err.Error(), "\n… and 5 more") {
		t.Errorf("got %v", err)
	}
}
