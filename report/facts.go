package report

import (
	"slices"
	"strings"

	"speedgate/gate"
	"speedgate/report/safetext"
)

// facts is a table of a terminal below that of the metrics: of targets, or of a
// scaling. Its first column is a name and its last a verdict; both are left-aligned.
type facts struct {
	header  []string
	align   string     // a letter for each column: l or r
	cells   [][]string // safe to print
	colors  []string   // of the verdicts
	narrows int        // column that narrow terminals do without, 0 for none
}

// minFactName is what a name keeps before it gets a line of its own, and what that of a
// figure below it keeps.
const minFactName = 11

// render returns the lines of the table. Where names would be cut to nothing, they
// stand above their rows.
func (f *facts) render(width int, color bool) ([]string, error) {
	above := make([]string, len(f.cells))
	room := f.roomForFirst(width - len(indent))
	if room < min(minFactName, f.columnWidth(0)) {
		above = f.stack(width - len(indent))
	} else {
		for _, c := range f.cells {
			c[0] = shorten(c[0], room)
		}
	}
	last := len(f.header) - 1
	for i, c := range f.cells {
		c[last] = paint(color, f.colors[i], c[last])
	}
	body, err := renderTable(f.header, f.cells, aligned(f.align))
	if err != nil {
		return nil, err
	}
	lines := []string{paint(color, dim, strings.TrimRight(body[0], " "))}
	for i, l := range body[1:] {
		if above[i] != "" {
			lines = append(lines, paint(color, bold, above[i]))
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// stack takes the names out of the table and returns those that begin a group.
func (f *facts) stack(width int) []string {
	above := make([]string, len(f.cells))
	before := ""
	for i, c := range f.cells {
		if c[0] != "" && (i == 0 || c[0] != before) {
			above[i], before = shorten(c[0], width), c[0]
		}
	}
	f.drop(0)
	if f.narrows > 0 {
		f.drop(f.narrows - 1)
	}
	room := max(minFactName, f.roomForFirst(width-len(indent)))
	for _, c := range f.cells {
		c[0] = indent + shorten(c[0], room)
	}
	f.header[0] = indent + f.header[0]
	return above
}

// roomForFirst is what the other columns leave of a width to the first.
func (f *facts) roomForFirst(width int) int {
	for col := 1; col < len(f.header); col++ {
		width -= f.columnWidth(col) + gap
	}
	return width
}

func (f *facts) drop(col int) {
	f.header, f.align = slices.Delete(f.header, col, col+1), f.align[:col]+f.align[col+1:]
	for i := range f.cells {
		f.cells[i] = slices.Delete(f.cells[i], col, col+1)
	}
}

func (f *facts) columnWidth(col int) int {
	w := textWidth(f.header[col])
	for _, c := range f.cells {
		w = max(w, textWidth(c[col]))
	}
	return w
}

// maxTargetRows is how many targets a terminal lists without --all, beside those that
// are missed.
const maxTargetRows = 15

// targets writes the table of the targets.
func (t *terminal) targets(r *gate.Result) error {
	rows, summary := targetRows(r)
	if len(rows) == 0 {
		return nil
	}
	shown := len(rows)
	if !t.o.All && shown > maxTargetRows {
		missed := slices.IndexFunc(rows, func(r targetRow) bool { return r.met })
		if missed < 0 {
			missed = len(rows)
		}
		shown = min(max(missed, maxTargetRows), maxTerminalRows)
	}
	f := facts{
		header: strings.Split("SUBJECT,METRIC,TARGET,LEVEL,MEASURED,HEADROOM,VERDICT", ","),
		align:  "llrlrrl",
	}
	for i := range rows[:shown] {
		row := &rows[i]
		f.cells = append(f.cells, []string{
			safetext.Line(row.subject), shorten(safetext.Line(row.metric), maxMetricWidth), safetext.Line(row.limit),
			safetext.Line(row.level), safetext.Line(row.measured), row.headroom, row.word(),
		})
		f.colors = append(f.colors, targetColor(row))
	}
	if !slices.ContainsFunc(rows[:shown], func(r targetRow) bool { return r.level != "" }) {
		f.drop(3)
	}
	lines, err := f.render(t.o.width(), t.o.Color)
	if err != nil {
		return err
	}
	t.block("targets: "+summary, lines)
	if more := len(rows) - shown; more > 0 {
		t.line(indent + "… and " + plural(more, "more target") + " (--all lists " + object(more) + ")")
	}
	return nil
}

func targetColor(r *targetRow) string {
	switch r.word() {
	case wordMissed:
		return red
	case wordNear:
		return yellow
	}
	return ""
}

// block writes a title and the lines below it, with a blank line in front.
func (t *terminal) block(title string, lines []string) {
	t.line("")
	t.paragraph(title, len(indent))
	for _, l := range lines {
		t.line(indent + l)
	}
}

// scaling writes the table of a scaling, its charts and its fits.
func (t *terminal) scaling(r *gate.Result) error {
	if r.Scaling == nil || len(r.Scaling.Subjects) == 0 {
		return nil
	}
	s := newScalingTable(r.Scaling, t.o.All)
	lines, err := scalingFacts(s).render(t.o.width(), t.o.Color)
	if err != nil {
		return err
	}
	t.block("scaling over "+safetext.Line(s.over)+": "+safetext.Line(s.asked), lines)
	if s.more > 0 {
		t.line(indent + "… and " + plural(s.more, "more subject") + " that missed nothing (--all lists " + object(s.more) + ")")
	}
	for i := range s.charts {
		t.chart(&s.charts[i], s.over)
	}
	if len(s.fits) > 0 {
		t.line("")
	}
	for _, f := range s.fits {
		t.wrapped(plainText.name(f.subject) + ": " + safetext.Line(f.text))
	}
	return nil
}

func scalingFacts(s *scalingTable) *facts {
	f := &facts{
		header:  []string{"SUBJECT", strings.ToUpper(safetext.Line(s.over)), "THROUGHPUT", "LIMIT", "EFFICIENCY"},
		align:   "lrrrr" + strings.Repeat("r", len(s.limited)) + "l",
		narrows: 3,
	}
	for _, metric := range s.limited {
		f.header = append(f.header, strings.ToUpper(shorten(safetext.Line(metricName(metric)), maxMetricWidth)))
	}
	f.header = append(f.header, "VERDICT")
	before := ""
	for i := range s.rows {
		row := &s.rows[i]
		name := safetext.Line(row.subject)
		if i > 0 && row.subject == before {
			name = ""
		}
		before = row.subject
		cells := []string{name, safetext.Line(row.size), safetext.Line(row.throughput), safetext.Line(row.least), row.efficiency}
		for _, l := range row.limited {
			cells = append(cells, safetext.Line(l))
		}
		f.cells = append(f.cells, append(cells, row.word))
		color := ""
		if row.missed {
			color = red
		}
		f.colors = append(f.colors, color)
	}
	return f
}

// maxChartColumns is how long a bar is at most; longer ones tell no more.
const maxChartColumns = 40

func (t *terminal) chart(c *chart, over string) {
	width := 0
	for _, l := range c.lines(0) {
		width = max(width, textWidth(l))
	}
	columns := min(maxChartColumns, t.o.width()-2*len(indent)-width)
	if columns < minChartColumns {
		return
	}
	lines := c.lines(columns)
	for i := range lines {
		lines[i] = indent + safetext.Line(lines[i])
	}
	t.block(safetext.Line(shorten(c.subject, maxNameWidth)+": "+c.legend(over)), lines)
}

// minChartColumns is the shortest bar that still shows a difference.
const minChartColumns = 10
