package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/report/safetext"
)

// scalingRow is a line of the table of a scaling, its numbers already written.
type scalingRow struct {
	subject    string // with its labels, not yet safe to print
	size       string
	throughput string
	least      string
	efficiency string
	limited    []string // what was measured of each metric that has a limit
	bar        string   // short, with blanks that are not collapsed; "" if there is no chart
	word       string
	missed     bool
}

// scalingTable is what a report shows of a scaling.
type scalingTable struct {
	over    string
	asked   string // what was asked at each size, in words
	limited []string
	rows    []scalingRow
	charts  []chart
	fits    []aside
	more    int // subjects left out
}

// aside is a sentence on a subject. Neither is safe to print yet.
type aside struct{ subject, text string }

// How much of a scaling is shown unless all is asked for.
const (
	maxScalingSubjects = 5
	maxCharts          = 3
	// cellColumns is the length of a bar in a cell of a table.
	cellColumns = 16
	// maxChartSizes is how many bars a chart has at most; more are a table's matter.
	maxChartSizes = 24
)

// newScalingTable shows the subjects that missed something and those that come first;
// all of them if asked.
func newScalingTable(s *gate.Scaling, all bool) *scalingTable {
	t := &scalingTable{over: s.Over, limited: limitedMetrics(s)}
	t.asked = askedText(s, t.limited)
	// What is drawn of all requests says it; the same again of each endpoint is a screen
	// full of bars.
	onlyWhole := !all && len(s.Subjects) > 0 && s.Subjects[0].Subject == perf.Aggregated
	for i := range s.Subjects {
		sub := &s.Subjects[i]
		if !all && i >= maxScalingSubjects && !hasMissed(sub) {
			t.more++
			continue
		}
		t.add(s, sub, !onlyWhole || sub.Subject == perf.Aggregated)
	}
	return t
}

// add adds a subject, drawn in a chart of its own if asked.
func (t *scalingTable) add(s *gate.Scaling, sub *gate.ScalingSubject, drawn bool) {
	name := strings.Join(nonEmpty(sub.Subject, labelText(sub.Labels.List())), " ")
	d := displayFor(sub.Unit, throughputs(sub)...)
	c, hasChart := newChart(name, d, sub)
	for i := range sub.Points {
		row := t.row(name, d, &sub.Points[i])
		if b := barOf(&sub.Points[i], d); hasChart && b != nil {
			row.bar = strings.ReplaceAll(c.draw(*b, cellColumns), " ", "\u00a0")
		}
		t.rows = append(t.rows, row)
	}
	if hasChart && drawn && len(t.charts) < maxCharts {
		t.charts = append(t.charts, c)
	}
	for _, text := range nonEmpty(fitText(s, sub, d), unjudgedText(sub)) {
		t.fits = append(t.fits, aside{name, text})
	}
}

func (t *scalingTable) row(name string, d display, p *gate.ScalingPoint) scalingRow {
	row := scalingRow{
		subject: name, size: p.Label, throughput: d.text(p.Throughput), least: d.text(p.Least), efficiency: none, word: wordMet,
	}
	if p.Efficiency != nil && isFinite(*p.Efficiency) {
		row.efficiency = share(*p.Efficiency)
	}
	for _, metric := range t.limited {
		text := none
		for _, l := range p.Limits {
			if l.Key.Metric == metric {
				text = displayFor(l.Unit, &l.Measured, &l.Limit).text(&l.Measured)
			}
		}
		row.limited = append(row.limited, text)
	}
	switch missed := p.Missed(); {
	case len(missed) > 0:
		row.word, row.missed = wordMissed, true
	case !p.IsJudged():
		row.word = wordUnjudged
	}
	return row
}

// sentences say what was asked and what the fits are, safe to print.
func (t *scalingTable) sentences() []string {
	lines := []string{safetext.Line("scaling over " + t.over + ": " + t.asked)}
	for _, f := range t.fits {
		lines = append(lines, safetext.Line(f.subject+": "+f.text))
	}
	return lines
}

func hasMissed(sub *gate.ScalingSubject) bool {
	return slices.ContainsFunc(sub.Points, func(p gate.ScalingPoint) bool { return len(p.Missed()) > 0 })
}

// counts says how many rows met and missed what was asked.
func (t *scalingTable) counts() string {
	count := map[string]int{}
	for i := range t.rows {
		count[t.rows[i].word]++
	}
	return strings.Join(nonEmpty(countText(count[wordMet], wordMet), someText(count[wordMissed], wordMissed), someText(count[wordUnjudged], wordUnjudged)), ", ")
}

// throughputs are the numbers that are written in one unit.
func throughputs(sub *gate.ScalingSubject) []*float64 {
	var list []*float64
	for i := range sub.Points {
		list = append(list, sub.Points[i].Throughput)
	}
	return list
}

// limitedMetrics lists the metrics that have limits, in the order of the rule.
func limitedMetrics(s *gate.Scaling) []string {
	var list []string
	for i := range s.Subjects {
		for k := range s.Subjects[i].Points {
			for _, l := range s.Subjects[i].Points[k].Limits {
				if !slices.Contains(list, l.Key.Metric) {
					list = append(list, l.Key.Metric)
				}
			}
		}
	}
	return list
}

// askedText says what is asked at every size: "efficiency at least 80 %, latency p95
// limit 100 ms".
func askedText(s *gate.Scaling, limited []string) string {
	var parts []string
	if s.Efficiency > 0 {
		parts = append(parts, "efficiency at least "+share(s.Efficiency))
	}
	for _, metric := range limited {
		parts = append(parts, limitText(s, metric))
	}
	return strings.Join(parts, ", ")
}

func limitText(s *gate.Scaling, metric string) string {
	for i := range s.Subjects {
		for k := range s.Subjects[i].Points {
			for _, l := range s.Subjects[i].Points[k].Limits {
				if l.Key.Metric == metric {
					return metricName(metric) + " limit " + displayFor(l.Unit, &l.Limit).text(&l.Limit)
				}
			}
		}
	}
	return ""
}

// fitText is the law in one sentence, or why there is none; "" for a subject without a
// throughput.
func fitText(s *gate.Scaling, sub *gate.ScalingSubject, d display) string {
	f := sub.Fit
	switch {
	case f == nil && sub.NoFit == "":
		return ""
	case f == nil:
		return "no scalability law fitted, " + sub.NoFit
	}
	peak := "no greatest throughput within reach"
	if f.Peak != nil {
		peak = "greatest throughput " + d.text(f.PeakThroughput)
		if f.Predicted {
			peak += " predicted"
		}
		peak += " at " + s.Over + "=" + number(*f.Peak) + string(s.Unit)
	}
	return fmt.Sprintf("contention %s, coherency %s, %s; the fit misses the runs by %s",
		uncertain(f.Contention, f.ContentionError), uncertain(f.Coherency, f.CoherencyError), peak, number(100*f.Error)+" %")
}

func unjudgedText(sub *gate.ScalingSubject) string {
	if sub.Unjudged == "" {
		return ""
	}
	return "efficiency not judged, " + sub.Unjudged
}

// uncertain writes a share with its standard error: "3.2 % ± 0.4 %".
func uncertain(v float64, e *float64) string {
	text := number(100*v) + " %"
	if e != nil {
		text += " ± " + strconv.FormatFloat(100**e, 'g', 2, 64) + " %"
	}
	return text
}

// chart draws the throughput of one subject as a bar for each size, with a mark where
// linear growth would be.
type chart struct {
	subject string
	bars    []bar
	full    float64 // value of a bar of full length
}

type bar struct {
	label, text string
	value       float64
	ideal       *float64
}

// offScale is how many times the greatest throughput a chart spans at most: where
// little is gained, linear growth would leave no room for the bars.
const offScale = 2

// newChart returns ok = false where there is nothing to compare or too much to draw.
func newChart(name string, d display, sub *gate.ScalingSubject) (c chart, ok bool) {
	c.subject = name
	greatest := 0.0
	for i := range sub.Points {
		b := barOf(&sub.Points[i], d)
		if b == nil {
			continue
		}
		c.bars = append(c.bars, *b)
		greatest = max(greatest, b.value)
		c.full = max(c.full, b.value)
		if b.ideal != nil {
			c.full = max(c.full, *b.ideal)
		}
	}
	c.full = min(c.full, offScale*greatest)
	return c, len(c.bars) > 1 && len(c.bars) <= maxChartSizes && c.full > 0
}

// barOf returns the bar of a point, nil where there is nothing to draw.
func barOf(p *gate.ScalingPoint, d display) *bar {
	if p.Throughput == nil || !isFinite(*p.Throughput) {
		return nil
	}
	b := &bar{p.Label, d.text(p.Throughput), *p.Throughput, p.Ideal}
	if p.Ideal != nil && !isFinite(*p.Ideal) {
		b.ideal = nil
	}
	return b
}

// legend says what the chart shows.
func (c *chart) legend(over string) string {
	s := "throughput by " + over + ", " + idealMark + " where linear growth would be"
	if slices.ContainsFunc(c.bars, func(b bar) bool { return b.ideal != nil && *b.ideal > c.full }) {
		s += ", " + farMark + " farther off"
	}
	return s
}

// Marks of a chart.
const (
	idealMark = "│"
	// farMark stands at the end of a bar whose linear growth lies beyond it.
	farMark = "→"
)

// eighths are the blocks that end a bar.
var eighths = []rune(" ▏▎▍▌▋▊▉")

// lines draws the bars, in columns for those of full length. Labels and numbers are as
// they came.
func (c *chart) lines(columns int) []string {
	labels, texts := 0, 0
	for _, b := range c.bars {
		labels, texts = max(labels, textWidth(b.label)), max(texts, textWidth(b.text))
	}
	lines := make([]string, len(c.bars))
	for i, b := range c.bars {
		lines[i] = strings.Repeat(" ", labels-textWidth(b.label)) + b.label + "  " + c.draw(b, columns) +
			strings.Repeat(" ", texts-textWidth(b.text)) + "  " + b.text
	}
	return lines
}

// draw returns one bar with its mark, in columns + 1 characters.
func (c *chart) draw(b bar, columns int) string {
	cells := slices.Repeat([]rune{' '}, columns+1)
	length := min(1, max(0, b.value)/c.full) * float64(columns)
	whole := int(length)
	for i := range whole {
		cells[i] = '█'
	}
	if whole < columns {
		cells[whole] = eighths[int((length-float64(whole))*float64(len(eighths)))]
	}
	if b.ideal != nil {
		switch at := math.Ceil(*b.ideal/c.full*float64(columns) - 1e-9); { // rounding is no cell
		case at > float64(columns):
			cells[columns] = []rune(farMark)[0]
		case at >= 0:
			cells[int(at)] = []rune(idealMark)[0]
		}
	}
	return string(cells)
}
