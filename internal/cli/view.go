package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"speedgate/report/safetext"
	"speedgate/runner"
	"speedgate/runner/alert"
	"speedgate/runner/monitor"
)

// view returns the view of a running test on standard error: redrawn in place on a
// terminal, one line for each stage elsewhere.
func (s *session) view(name string) runner.View {
	width, isTerminal := terminal(s.Stderr)
	if !isTerminal || s.env("TERM") == "dumb" {
		return &lineView{s}
	}
	return &screenView{w: s.Stderr, name: name, width: cmp.Or(width, defaultWidth)}
}

// lineView writes a line for each thing that happens.
type lineView struct{ s *session }

func (v *lineView) Say(text string) { v.s.talk("%s", text) }

// Show shows nothing: a log is no place for figures that the next second replaces.
func (v *lineView) Show(runner.Status) {}

func (v *lineView) StageEnded(s runner.Status) { v.s.talk("%s", stageText(s)) }

func (v *lineView) Alert(e alert.Event) { v.s.talk("%s", alertText(e)) }

// stageText is a stage that has ended, in one line.
func stageText(s runner.Status) string {
	parts := []string{fmt.Sprintf("%s, %s", s.Stage.Name, s.Into.Round(time.Second))}
	if !s.Blind {
		f := &s.Figures
		parts = append(parts, rateText("", f.Throughput.Average), latencyText("at its end p50", f.Latency.P50), latencyText("p95", f.Latency.P95),
			latencyText("p99", f.Latency.P99), "errors "+percentText(f.Errors.Average))
	}
	if u := usageText(&s.Figures.Usage, average, highest); u != "" {
		parts = append(parts, u)
	}
	return strings.Join(parts, ", ")
}

func alertText(e alert.Event) string {
	if e.Kind == alert.Resolved {
		return fmt.Sprintf("alert resolved: %s", e)
	}
	return fmt.Sprintf("alert (%s): %s", e.Rule.Severity, e)
}

// screenView redraws a few lines in place.
type screenView struct {
	w      io.Writer
	name   string
	width  int
	drawn  int // lines that stand on the screen and are redrawn
	alerts []string
}

// defaultWidth is that of a terminal that does not say.
const defaultWidth = 80

// maxAlerts is how many alerts are shown; the report has all.
const maxAlerts = 3

func (v *screenView) Say(text string) { v.draw([]string{v.name + ": " + text}) }

func (v *screenView) Show(s runner.Status) { v.draw(v.lines(s)) }

// StageEnded leaves a line above those that are redrawn.
func (v *screenView) StageEnded(s runner.Status) {
	v.draw([]string{v.name + ": " + stageText(s)})
	v.drawn = 0
}

func (v *screenView) Alert(e alert.Event) {
	v.alerts = append(v.alerts, alertText(e))
	if len(v.alerts) > maxAlerts {
		v.alerts = v.alerts[1:]
	}
}

// draw puts lines in the place of those drawn before. A line that is too long would
// take two, and the next redraw would miss one.
func (v *screenView) draw(lines []string) {
	var b strings.Builder
	if v.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", v.drawn)
	}
	b.WriteString("\r\x1b[J")
	for _, line := range lines {
		b.WriteString(cut(safetext.Line(line), v.width) + "\n")
	}
	v.drawn = len(lines)
	_, _ = io.WriteString(v.w, b.String()) // a terminal that is gone needs no view
}

// cut shortens a line to a number of characters.
func cut(line string, width int) string {
	if r := []rune(line); len(r) > width {
		return string(r[:max(0, width-1)]) + "…"
	}
	return line
}

// lines describes a running test.
func (v *screenView) lines(s runner.Status) []string {
	f := &s.Figures
	lines := []string{fmt.Sprintf("%s  %s  %s", v.name, s.Stage.Name, progressText(s, v.width/3))}
	if !s.Blind {
		lines = append(lines,
			fmt.Sprintf("  latency     %s   %s   %s   %s", latencyText("p50", f.Latency.P50), latencyText("p95", f.Latency.P95),
				latencyText("p99", f.Latency.P99), latencyText("average", f.Latency.Average)),
			fmt.Sprintf("  throughput  %s   %s   %s   %s", rateText("now ", f.Throughput.Now), rateText("average ", f.Throughput.Average),
				rateText("lowest ", f.Throughput.Lowest), rateText("highest ", f.Throughput.Peak)),
			fmt.Sprintf("  errors      now %s   average %s   %d of %d requests", percentText(f.Errors.Now), percentText(f.Errors.Average), f.Failures, f.Requests))
	}
	if u := usageText(&f.Usage, last, last); u != "" {
		lines = append(lines, "  process     "+u)
	}
	for _, a := range v.alerts {
		lines = append(lines, "  "+a)
	}
	return lines
}

// progressText is a bar of some width where the end is known, else the time.
func progressText(s runner.Status, width int) string {
	elapsed := s.Elapsed.Round(time.Second)
	if s.Total <= 0 {
		return elapsed.String()
	}
	share := min(1, max(0, s.Elapsed.Seconds()/s.Total.Seconds()))
	full := int(share * float64(width))
	return fmt.Sprintf("[%s%s] %3.0f %%  %s of %s", strings.Repeat("#", full), strings.Repeat("-", width-full), 100*share, elapsed, s.Total.Round(time.Second))
}

const unknownFigure = "-"

func latencyText(name string, ms *float64) string {
	if ms == nil {
		return name + " " + unknownFigure
	}
	return fmt.Sprintf("%s %s ms", name, short(*ms))
}

func rateText(name string, v *float64) string {
	if v == nil {
		return name + unknownFigure
	}
	return name + short(*v) + "/s"
}

func percentText(v *float64) string {
	if v == nil {
		return unknownFigure
	}
	return short(*v) + " %"
}

// short writes a number with three digits, and never with an exponent.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func last(l monitor.Level) float64    { return l.Last }
func average(l monitor.Level) float64 { return l.Average }
func highest(l monitor.Level) float64 { return l.Max }

// usageText describes what the watched process uses, "" if none is: of what it uses and
// of the memory that it holds, both as they are chosen.
func usageText(u *monitor.Usage, of, held func(monitor.Level) float64) string {
	var parts []string
	add := func(format string, v float64, known bool) {
		if known {
			parts = append(parts, fmt.Sprintf(format, short(v)))
		}
	}
	cpu := u.CPU
	if !cpu.Known() {
		cpu = u.CPUOfCore
	}
	add("cpu %s %%", of(cpu), cpu.Known())
	add("memory %s MiB", held(u.Memory)/(1<<20), u.Memory.Known())
	add("disk %s/s", of(u.DiskReads)+of(u.DiskWrites), u.DiskReads.Known() || u.DiskWrites.Known())
	add("network %s MB/s", (of(u.NetworkIn)+of(u.NetworkOut))/1e6, u.NetworkIn.Known() || u.NetworkOut.Known())
	return strings.Join(parts, "   ")
}
