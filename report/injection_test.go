package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"speedgate/gate"
	"speedgate/internal/testutil/hostile"
	"speedgate/report"
	"speedgate/report/safetext"
)

// renderers are all formats, each of which may go to standard output.
var renderers = []renderer{
	{"terminal", terminal},
	{"markdown", markdown},
	{"json", jsonReport},
	{"junit", junit},
	{"openmetrics", openMetrics},
}

// No name makes a log a command, moves the cursor or hides text, in any format
// and at any width.
func TestNoInjection(t *testing.T) {
	t.Parallel()
	results := map[string]*gate.Result{"all at once": hostileResult()}
	for _, n := range hostile.Names {
		results[fmt.Sprintf("%q", n)] = hostileResultOf(n)
		noBase := hostileResultOf(n)
		noBase.Verdict, noBase.Baseline.Runs = gate.NoBaseline, 0
		results[fmt.Sprintf("%q without baseline", n)] = noBase
	}
	for name, r := range results {
		for _, f := range renderers {
			for _, o := range []report.Options{{}, {Width: 60}, {Width: 80, All: true}, {Quiet: true}} {
				if f.name != "terminal" && (o.Width != 0 || o.Quiet) {
					continue
				}
				o.Files, o.Flags, o.Notices, o.Rerun, o.RunURL = r.Files, r.Files, r.Files[:1], r.Files[0], r.Files[0]
				checkLog(t, f.name+" of "+name, render(t, f.render, r, o))
			}
		}
	}
}

// An alert is one line, in which nothing is a command, whatever it tells of.
func TestAlert(t *testing.T) {
	t.Parallel()
	for _, n := range append(hostile.Names, strings.Repeat("`", 2000)) {
		got := report.Alert("no comment: " + n)
		checkLog(t, fmt.Sprintf("markdown of %q", n), []byte(got))
		if strings.Count(got, "\n") != 1 || len(got) > 5000 {
			t.Errorf("Alert of %q is no line: %q", n, got)
		}
	}
	const want = "⚠️ no comment: the token is not permitted; the workflow needs permissions: pull-requests: write\n"
	if got := report.Alert(strings.TrimSuffix(strings.TrimPrefix(want, "⚠️ "), "\n")); got != want {
		t.Errorf("Alert = %q, want %q", got, want)
	}
}

func checkLog(t *testing.T, name string, log []byte) {
	t.Helper()
	if c := hostile.Commands(string(log)); len(c) > 0 {
		t.Errorf("%s: commands %q", name, c)
	}
	for _, r := range string(bytes.ToValidUTF8(log, []byte{0})) {
		ours := r == '\n' || strings.HasPrefix(name, "markdown") && (r == '\ufe0f' || r == '\u00a0')
		if !ours && !safetext.Visible(r) {
			t.Errorf("%s: %U in the output", name, r)
			return
		}
	}
}

func TestHostileNamesAreMany(t *testing.T) {
	t.Parallel()
	if n := len(hostile.Names); n < 40 {
		t.Errorf("%d hostile names, want 40", n)
	}
}
