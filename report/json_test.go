package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"speedgate/gate"
	"speedgate/report"
)

func jsonReport(b *bytes.Buffer, r *gate.Result, _ report.Options) error { return report.JSON(b, r) }

func TestJSONGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fail", "no_baseline", "scaling"} {
		checkGolden(t, "json_"+name+".json", render(t, jsonReport, corpus()[name], report.Options{}))
	}
}

// Reading a report and writing it again gives the same bytes.
func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	all := corpus()
	all["large"], all["broken"] = large(2000), broken()
	for name, r := range all {
		first := render(t, jsonReport, r, report.Options{})
		back, err := report.ReadJSON(bytes.NewReader(first))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(string(first), string(render(t, jsonReport, back, report.Options{}))); d != "" {
			t.Errorf("%s (-first +second):\n%s", name, d)
		}
	}
}

// What is read back renders as what was written.
func TestJSONKeepsReports(t *testing.T) {
	t.Parallel()
	for name, r := range corpus() {
		if name == "hostile" {
			continue // JSON cannot hold its invalid UTF-8
		}
		back, err := report.ReadJSON(bytes.NewReader(render(t, jsonReport, r, report.Options{})))
		if err != nil {
			t.Fatal(err)
		}
		o := report.Options{All: true}
		if d := cmp.Diff(string(render(t, terminal, r, o)), string(render(t, terminal, back, o))); d != "" {
			t.Errorf("%s (-before +after):\n%s", name, d)
		}
	}
}

func TestReadJSONErrors(t *testing.T) {
	t.Parallel()
	good := string(render(t, jsonReport, green(), report.Options{}))
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the report lacks %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	grown := green()
	grown.Scaling = scales().Scaling
	scaled := string(render(t, jsonReport, grown, report.Options{}))
	unjudged := green()
	unjudged.Scaling = &gate.Scaling{Over: "instances", Unjudged: "only instances=1 was measured; it takes two sizes"}
	tests := []struct{ name, in, want string }{
		{
			"a miss taken out", strings.Replace(scaled, "\"efficiency\",\n              \"latency_p95\"", `"efficiency"`, 1),
			`scaling of "Aggregated" at "8": what it says it missed is not what its limits say`,
		},
		{
			"pass with a scaling that judged nothing", string(render(t, jsonReport, unjudged, report.Options{})),
			"the report says pass and its scaling could not be judged, which fails a gate: only instances=1 was measured; it takes two sizes",
		},
		{"empty", "", "not a JSON report: unexpected end of JSON input"},
		{"no JSON", "{\n  x", "line 2, column 3: not a JSON report: invalid character 'x' looking for beginning of object key string"},
		{"other schema", `{"schema": "speedgate.report/v2"}`, `schema "speedgate.report/v2" is not "speedgate.report/v1", the only one that is understood`},
		{"a list", "[]", "line 1, column 1: not a JSON report: json: cannot unmarshal array into Go value of type report.reportHead"},
		{"trailing text", good + "{}", fmt.Sprintf("line %d, column 1: not a JSON report: invalid character '{' after top-level value", strings.Count(good, "\n")+1)},
		{
			"a key twice",
			replace(`  "suite":`, "  \"suite\": \"x\",\n  \"suite\":"),
			`line 27, column 3: not a JSON report: the key "suite" stands twice in one object, first at line 26, column 3`,
		},
		{"unknown field", replace(`"compared"`, `"compaerd"`), `not a JSON report: json: unknown field "compaerd"`},
		{"unknown gate verdict", replace(`"verdict": "pass"`, `"verdict": "PASS"`), `"PASS" is not a verdict of a gate; expected pass, fail or no_baseline`},
		{"unknown rule", replace(`"rule": "history"`, `"rule": "none"`), `"none" is not a rule; expected history or fixed`},
		{"unknown verdict", replace(`      "verdict": "pass"`, `      "verdict": "fine"`), `metric 1: "fine" is not a verdict`},
		{"unknown direction", replace(`"better": "lower"`, `"better": "less"`), `metric 1: "less" is not a direction; expected lower, higher or unknown`},
		{"unknown kind", replace(`"kind": "quantile"`, `"kind": "x"`), `metric 1: "x" is not a kind of series`},
		{"unknown severity", replace(`"severity": "info"`, `"severity": "bad"`), `metric 1: "bad" is not a severity; expected info, warning or critical`},
		{"unknown mark", replace(`"proved"`, `"prove"`), `metric 1: "prove" is not a mark`},
		{"a count is missing", replace(`    "regressed": 0,`, ``), `counts lacks "regressed"`},
		{"a count too many", replace(`    "regressed": 0,`, `"regressed": 0, "x": 1,`), `counts has a verdict that is not known`},
		{"pass with a failing metric", replace(`"severity": "info"`, `"severity": "critical"`), `the report says pass and "GET /a · latency_p95" is pass, which fails a gate`},
		{"pass with nothing compared", replace(`"compared": 2`, `"compared": 0`), `the report says pass and compared nothing`},
		{"negative workload", replace(`"head": []`, `"head": [{"users": -1, "spawn_rate": 0, "rate": 0, "duration": "0s", "host": "", "incomplete": [], "lost": []}]`), `run 1: its workload has a part that is negative or not a duration such as 1m30s`},
		{"workload without duration", replace(`"head": []`, `"head": [{"users": 0, "spawn_rate": 0, "rate": 0, "duration": "", "host": "", "incomplete": [], "lost": []}]`), `run 1: its workload has a part that is negative or not a duration such as 1m30s`},
		{"samples of no run", replace(`"samples": null`, `"samples": [[1]]`), `metric 1: samples of 1 runs and counts of 0; the report is of 0`},
		{
			"pass with a critical target that judged nothing",
			replace(`"unmatched": []`, `"unmatched": [{"kind": "target", "match": "x", "critical": true, "found": false, "meant": ""}]`),
			`the report says pass and the critical target "x" judged nothing, which fails a gate`,
		},
		{"bad pattern", replace(`"waivers": []`, `"waivers": [{"match": ":x", "limit": 1, "until": null, "reason": ""}]`), `waiver 1: ":x" is not a pattern; write SUBJECT:METRIC, with * for anything`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := report.ReadJSON(strings.NewReader(tt.in))
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSONSchema(t *testing.T) {
	t.Parallel()
	s := compileSchema(t)
	all := corpus()
	all["large"], all["broken"] = large(20), broken()
	for name, r := range all {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, jsonReport, r, report.Options{})))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{`{}`, `{"schema": "speedgate.report/v1"}`} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
}

// The schema allows no other field than those it lists, and requires all of
// them, so that validation of a report that fills every part holds both ways.
// This checks that the schema is that strict everywhere.
func TestSchemaIsClosed(t *testing.T) {
	t.Parallel()
	var schema any
	if err := json.Unmarshal(report.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	closed := 0
	walk(schema, func(o map[string]any) {
		props, ok := o["properties"].(map[string]any)
		if !ok || o["type"] == nil {
			return
		}
		closed++
		var required []string
		for _, r := range o["required"].([]any) {
			required = append(required, r.(string))
		}
		for name := range props {
			if !slices.Contains(required, name) {
				t.Errorf("%q is not required", name)
			}
		}
		if o["additionalProperties"] != false || len(required) != len(props) {
			t.Errorf("an object with %q is not closed", required)
		}
	})
	if want := 19; closed != want {
		t.Errorf("%d objects in the schema, want %d", closed, want)
	}
	fields := string(render(t, jsonReport, failing(), report.Options{}))
	for _, part := range []string{`"backtest": {`, `"anchor": {`, `"waiver": {`, `"position": {`, `"targets": [
    {`, `"accepted": [
    {`, `"failures": [
    {`} {
		if !strings.Contains(fields, part) {
			t.Errorf("the report that is validated leaves %s empty", part)
		}
	}
}

func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, child := range v {
			walk(child, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	}
}

func FuzzReadJSON(f *testing.F) {
	for _, r := range []*gate.Result{green(), noBaseline(), fixedRule(), scales(), judgedRuns(f), hostileResultOf("##[error]\xff")} {
		f.Add(render(f, jsonReport, r, report.Options{}))
	}
	f.Add([]byte(`{"schema": "speedgate.report/v1", "metrics": [null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := report.ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		first := render(t, jsonReport, r, report.Options{})
		back, err := report.ReadJSON(bytes.NewReader(first))
		if err != nil {
			t.Fatalf("%v in\n%s", err, first)
		}
		if second := render(t, jsonReport, back, report.Options{}); !bytes.Equal(first, second) {
			t.Errorf("unstable:\n%s", cmp.Diff(string(first), string(second)))
		}
		render(t, terminal, r, report.Options{All: true, Width: 60})
		render(t, markdown, r, report.Options{})
	})
}

// TestSchemaKnowsAllMethods demands that the schema takes every method of the gate.
func TestSchemaKnowsAllMethods(t *testing.T) {
	t.Parallel()
	for _, m := range gate.Methods() {
		if !strings.Contains(string(report.Schema()), strconv.Quote(string(m))) {
			t.Errorf("the schema does not know the method %q", m)
		}
	}
}
