package report_test

import (
	"bytes"
	"encoding/xml"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/internal/testutil/hostile"
	"speedgate/report"
)

func junit(b *bytes.Buffer, r *gate.Result, _ report.Options) error { return report.JUnit(b, r) }

func TestJUnitGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fail", "no_baseline", "creep_fails", "scaling"} {
		checkGolden(t, "junit_"+name+".xml", render(t, junit, corpus()[name], report.Options{}))
	}
}

// xunit is what a CI system counts in a report.
type xunit struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Skipped  int `xml:"skipped,attr"`
	Suites   []struct {
		Cases []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
			Skipped *struct{} `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type xunitCounts struct{ Tests, Failures, Skipped int }

func TestJUnitCounts(t *testing.T) {
	t.Parallel()
	all := corpus()
	all["empty"] = &gate.Result{Verdict: gate.NoBaseline}
	all["broken"] = broken()
	all["unexplained"] = green()
	all["unexplained"].Verdict = gate.Fail
	all["incomplete"] = failing()
	all["incomplete"].Reason = "the results are incomplete: x failed"
	for name, want := range map[string]xunitCounts{
		"incomplete": {17, 8, 4},
		"fail":       {16, 7, 4}, "pass": {4, 0, 0}, "green": {2, 0, 0}, "no_baseline": {4, 0, 4}, "targets": {3, 1, 2},
		"fixed": {2, 1, 0}, "creep_fails": {2, 1, 0}, "empty": {1, 0, 1}, "unexplained": {3, 1, 0}, "broken": {16, 7, 0},
		"scaling": {16, 2, 14}, "many_targets": {21, 0, 0},
		"hostile": {3 * len(hostile.Names), 2 * len(hostile.Names), 0},
	} {
		var x xunit
		if err := xml.Unmarshal(render(t, junit, all[name], report.Options{}), &x); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := xunitCounts{}
		for _, c := range x.Suites[0].Cases {
			got.Tests++
			if c.Failure != nil {
				got.Failures++
			}
			if c.Skipped != nil {
				got.Skipped++
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if d := cmp.Diff(want, xunitCounts{x.Tests, x.Failures, x.Skipped}); d != "" {
			t.Errorf("%s, attributes (-want +got):\n%s", name, d)
		}
	}
}
