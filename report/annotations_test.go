package report

import (
	"fmt"
	"strings"
	"testing"

	"speedgate/gate"
	"speedgate/perf"
)

func noted(n int, severity gate.Severity, verdict gate.Verdict) *gate.Result {
	r := &gate.Result{Suite: "api", Verdict: gate.Fail, Counts: map[gate.Verdict]int{verdict: n}}
	for i := range n {
		r.Metrics = append(r.Metrics, gate.Metric{
			Key: perf.Key{Subject: fmt.Sprintf("GET /%02d", i), Metric: "latency_p95"}, Verdict: verdict, Severity: severity, Reason: "3 of 3 runs over",
		})
	}
	return r
}

func TestNotes(t *testing.T) {
	t.Parallel()
	notes := Notes(noted(2, gate.SeverityCritical, gate.Regressed))
	if len(notes) != 2 || notes[0].Level != "error" || notes[0].Title != "speedgate api" || !strings.HasPrefix(notes[0].Message, "GET /00 latency p95 regressed") {
		t.Errorf("%+v", notes)
	}
	notes = Notes(noted(30, gate.SeverityWarning, gate.Incomparable))
	if len(notes) != 10 || notes[9].Level != "warning" || notes[9].Message != "… and 22 more" {
		// One error for the gate, which failed for no metric, and nine warnings.
		t.Errorf("%d notes, the last %+v", len(notes), notes[len(notes)-1])
	}
	none := Notes(&gate.Result{Verdict: gate.NoBaseline, Reason: "there is no baseline yet"})
	if len(none) != 1 || none[0].Level != "warning" || !strings.Contains(none[0].Message, "there is no baseline yet") {
		t.Errorf("%+v", none)
	}
	if all := Notes(&gate.Result{Verdict: gate.Pass}); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestNotesAreShort(t *testing.T) {
	t.Parallel()
	r := noted(1, gate.SeverityCritical, gate.Regressed)
	r.Metrics[0].Reason = strings.Repeat("ä", 5000)
	if n := len([]rune(Notes(r)[0].Message)); n > maxNoteRunes+1 {
		t.Errorf("%d characters", n)
	}
}
