package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"speedgate/gate"
	"speedgate/report"
	"speedgate/report/safetext"
)

// runnerCommands finds what the runners of GitHub Actions, Azure Pipelines and
// TeamCity would obey in a log. It follows the source of the GitHub runner:
// lines end at LF, CRLF and a lone CR; "::name props::data" counts at the start of
// a line, white space trimmed; "##[name props]data" counts anywhere in a line.
// Unknown names count here as well.
func runnerCommands(log string) []string {
	var found []string
	for _, line := range strings.FieldsFunc(log, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if head, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::"); ok {
			if name, _, ok := strings.Cut(head, "::"); ok && name != "" {
				found = append(found, line)
			}
		}
		lower := strings.ToLower(line)
		for _, open := range []string{"##[", "##vso[", "##teamcity["} {
			if _, rest, ok := strings.Cut(lower, open); ok && strings.Contains(rest, "]") {
				found = append(found, line)
			}
		}
	}
	return found
}

func TestRunnerCommands(t *testing.T) {
	t.Parallel()
	for log, want := range map[string]int{
		"::error::x": 1, "\u00a0 ::error file=a::x": 1, "a\r::x::": 1, "a\r\n::x::": 1, "a ##[x]": 1, "a ##VSO[x]y": 1,
		"a ::x::": 0, "::::": 0, "::x": 0, "## [x]": 0, "#\\#[x]": 0, "plain": 0, "##teamcity[a": 0,
	} {
		if got := runnerCommands(log); len(got) != want {
			t.Errorf("%q: found %q, want %d", log, got, want)
		}
	}
}

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
	results := map[string]*gate.Result{"all at once": hostile()}
	for _, n := range hostileNames {
		results[fmt.Sprintf("%q", n)] = hostileOne(n)
		noBase := hostileOne(n)
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

func checkLog(t *testing.T, name string, log []byte) {
	t.Helper()
	if c := runnerCommands(string(log)); len(c) > 0 {
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
	if n := len(hostileNames); n < 40 {
		t.Errorf("%d hostile names, want 40", n)
	}
}
