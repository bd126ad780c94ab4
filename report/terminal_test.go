package report_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"speedgate/gate"
	"speedgate/report"
)

func TestTerminalGolden(t *testing.T) {
	t.Parallel()
	o := report.Options{Files: []string{"results/api_stats.csv", "bench.txt"}}
	with := func(edit func(*report.Options)) report.Options {
		c := o
		edit(&c)
		return c
	}
	tests := []struct {
		name   string
		result *gate.Result
		o      report.Options
	}{
		{"fail_140", failing(), with(func(o *report.Options) { o.Width = 140 })},
		{"fail_120", failing(), o},
		{"fail_80", failing(), with(func(o *report.Options) { o.Width = 80 })},
		{"fail_60", failing(), with(func(o *report.Options) { o.Width = 60 })},
		{"fail_all", failing(), with(func(o *report.Options) { o.All = true })},
		{"fail_color", failing(), with(func(o *report.Options) { o.Color = true })},
		{"pass", passing(), o},
		{"green", green(), o},
		{"no_baseline", noBaseline(), o},
		{"targets", onlyTargets(), o},
		{"fixed", fixedRule(), with(func(o *report.Options) { o.Flags = []string{"--suite", "my suite"} })},
		{"creep_fails", creepFails(), o},
		{"large", large(2000), o},
		{"scaling", scales(), o},
		{"scaling_60", scales(), with(func(o *report.Options) { o.Width = 60 })},
		{"scaling_color", scales(), with(func(o *report.Options) { o.Color = true })},
		{"many_targets", manyTargets(), o},
		{"many_targets_60", manyTargets(), with(func(o *report.Options) { o.Width = 60 })},
		{"broken", broken(), o},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkGolden(t, "terminal_"+tt.name+".txt", render(t, terminal, tt.result, tt.o))
		})
	}
}

func TestTerminalQuiet(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"fail":        "FAIL   2 regressed, 1 over target, 1 suspect, 2 missing, 1 invalid; compared 12 of 14 metrics\n",
		"pass":        "PASS   with 1 suspect, 1 improved, 1 pass could hide a large slowdown; compared 4 of 4 metrics\n",
		"green":       "PASS   nothing over its limit; compared 2 of 2 metrics\n",
		"no_baseline": "NO BASELINE  3 metrics measured, nothing compared; performance_baseline.json does not exist\n",
		"targets":     "FAIL   1 over target; nothing to compare with\n",
		"creep_fails": "FAIL   1 creeping; compared 2 of 2 metrics\n",
	} {
		got := string(render(t, terminal, corpus()[name], report.Options{Quiet: true}))
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Colour changes no word and no column.
func TestTerminalColor(t *testing.T) {
	t.Parallel()
	for name, r := range corpus() {
		for _, width := range []int{60, 80, 120, 200} {
			plain := render(t, terminal, r, report.Options{Width: width})
			color := render(t, terminal, r, report.Options{Width: width, Color: true})
			if bytes.Contains(plain, []byte("\x1b")) {
				t.Errorf("%s: an escape sequence without colour", name)
			}
			if got := ansi.ReplaceAllString(string(color), ""); got != string(plain) {
				t.Errorf("%s at %d: colour changes the text", name, width)
			}
		}
	}
}

// No line is wider than the terminal, unless it is a command, which is never
// broken.
func TestTerminalWidth(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fail", "pass", "green", "no_baseline", "targets", "creep_fails", "scaling", "many_targets"} {
		for width := 60; width <= 160; width += 7 {
			for _, all := range []bool{false, true} {
				text := string(render(t, terminal, corpus()[name], report.Options{Width: width, All: all}))
				for line := range strings.Lines(text) {
					if n := len([]rune(strings.TrimRight(line, "\n"))); n > width && !strings.Contains(line, "speedgate ") {
						t.Errorf("%s at %d: %d columns: %q", name, width, n, line)
					}
				}
			}
		}
	}
}

var errDisk = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDisk }

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	for _, r := range corpus() {
		for name, err := range map[string]error{
			"terminal":       report.Terminal(fullDisk{}, r, report.Options{}),
			"markdown":       report.Markdown(fullDisk{}, r, report.Options{}),
			"junit":          report.JUnit(fullDisk{}, r),
			"openmetrics":    report.OpenMetrics(fullDisk{}, r),
			"json":           report.JSON(fullDisk{}, r),
			"terminal quiet": report.Terminal(fullDisk{}, r, report.Options{Quiet: true}),
		} {
			if !errors.Is(err, errDisk) {
				t.Errorf("%s: error %v, want %v", name, err, errDisk)
			}
		}
	}
}
