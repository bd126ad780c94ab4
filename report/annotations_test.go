package report

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/internal/ci"
	"speedgate/internal/testutil/hostile"
	"speedgate/internal/testutil/runneremu"
	"speedgate/perf"
	"speedgate/report/safetext"
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

// The runner counts what a step says, not what a suite does.
func TestNotesOfSeveralSuites(t *testing.T) {
	t.Parallel()
	notes := Notes(noted(6, gate.SeverityCritical, gate.Regressed), noted(5, gate.SeverityCritical, gate.Regressed), &gate.Result{Verdict: gate.Pass})
	want := Note{"error", "speedgate", "… and 3 more"}
	if len(notes) != 9 || notes[8] != want {
		t.Errorf("%d notes, the last %+v, want %+v", len(notes), notes[len(notes)-1], want)
	}
	if notes := Notes(noted(5, gate.SeverityCritical, gate.Regressed), noted(4, gate.SeverityCritical, gate.Regressed)); len(notes) != 9 || notes[8].Message == "… and 1 more" {
		t.Errorf("nine notes fit, and there are %d: %+v", len(notes), notes)
	}
}

// Whatever a name says, the runner obeys the commands of the notes and nothing else,
// and shows what they say.
func TestNotesOfHostileNames(t *testing.T) {
	t.Parallel()
	for _, name := range hostile.Names {
		r := noted(3, gate.SeverityCritical, gate.Regressed)
		r.Suite, r.Reason = name, name
		for i := range r.Metrics {
			r.Metrics[i].Key = perf.Key{Subject: name, Metric: name + strconv.Itoa(i)}
			r.Metrics[i].Reason = name
		}
		r.Metrics[2].Severity = gate.SeverityWarning
		noBase := *r
		noBase.Verdict, noBase.Metrics = gate.NoBaseline, nil
		checkNotes(t, name, Notes(r, &noBase))
	}
}

func checkNotes(t *testing.T, name string, notes []Note) {
	t.Helper()
	var log strings.Builder
	var want []runneremu.Command
	for _, n := range notes {
		log.WriteString(ci.Annotation(n.Level, n.Title, n.Message))
		// The runner trims a title.
		want = append(want, runneremu.Command{
			Name: n.Level, Data: n.Message, Properties: map[string]string{"title": strings.TrimRight(n.Title, " ")},
		})
		if safetext.Line(n.Title+n.Message) != n.Title+n.Message {
			t.Errorf("%q: %+v is not fit for a log", name, n)
		}
	}
	if len(notes) != 4 {
		t.Errorf("%q: %d notes, want 4", name, len(notes))
	}
	if d := cmp.Diff(want, runneremu.Commands(log.String())); d != "" {
		t.Errorf("%q: commands (-want +got):\n%s", name, d)
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
