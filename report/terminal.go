package report

import (
	"errors"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"speedgate/gate"
	"speedgate/report/safetext"
)

// maxTerminalRows is how many rows a terminal gets without --all: what does not
// fit on a screen is not read.
const maxTerminalRows = 40

// indent stands before every line, so that the report stands out of a log.
const indent = "  "

// maxNameWidth is how wide a name may be in a sentence.
const maxNameWidth = 80

var plainText = quoter{
	name:  func(s string) string { return shorten(safetext.Line(s), maxNameWidth) },
	prose: safetext.Line,
}

// Terminal writes r for people at a terminal or in a log. The whole text goes to
// w in one piece. Names are shortened to fit o.Width, numbers never.
func Terminal(w io.Writer, r *gate.Result, o Options) error {
	t := &terminal{o: o}
	headline := t.headline(r)
	if o.Quiet {
		_, err := io.WriteString(w, strings.TrimLeft(headline, " ")+"\n")
		return err
	}
	t.line("")
	t.line(headline)
	if r.Verdict != gate.Fail { // a failure has its reason in the headline
		t.paragraph(safetext.Line(r.Reason), continuation)
	}
	t.paragraph(againstText(r, plainText), continuation)
	for _, f := range findings(r, plainText) {
		t.paragraph(f, continuation)
	}
	for _, l := range wrap(editedText(o, plainText), o.width()-continuation) {
		t.line(strings.Repeat(" ", continuation) + t.paint(red, l))
	}
	if common := newNamer(r.Metrics).common; len(common) > 0 {
		t.paragraph("labels "+safetext.Line(strings.Trim(labelText(common), "{}")), continuation)
	}
	if err := errors.Join(t.table(r), t.scaling(r), t.targets(r)); err != nil {
		return err
	}
	t.section(notes(r, o, plainText))
	t.hints(hints(r, o))
	_, err := io.WriteString(w, t.b.String())
	return err
}

// continuation is where the text below the headline begins, under its words.
const continuation = 9

type terminal struct {
	o Options
	b strings.Builder
}

func (t *terminal) line(s string) {
	t.b.WriteString(strings.TrimRight(s, " ") + "\n")
}

// paragraph writes text wrapped at the width, all of it behind a margin.
func (t *terminal) paragraph(text string, margin int) {
	for _, l := range wrap(text, t.o.width()-margin) {
		t.line(strings.Repeat(" ", margin) + l)
	}
}

func (t *terminal) section(lines []string) {
	if len(lines) > 0 {
		t.line("")
	}
	for _, l := range lines {
		t.wrapped(l)
	}
}

// wrapped writes one line of a section, its continuations indented.
func (t *terminal) wrapped(text string) {
	for i, part := range wrap(text, t.o.width()-2*len(indent)) {
		if i > 0 {
			part = indent + part
		}
		t.line(indent + part)
	}
}

// headline is the verdict, what led to it, and what was compared: at the right
// where there is room, else on the next line.
func (t *terminal) headline(r *gate.Result) string {
	word, text := outcomeWord(r.Verdict), outcomeText(r, plainText)
	left := indent + t.paint(outcomeColor(r.Verdict), word)
	left += strings.Repeat(" ", max(2, continuation-textWidth(left)))
	right := comparedText(r)
	if r.Verdict == gate.NoBaseline && r.Compared == 0 {
		right = "" // the text says it
	}
	if t.o.Quiet {
		why := ""
		if r.Verdict == gate.NoBaseline {
			why = safetext.Line(r.Reason) // on a line of its own otherwise
		}
		return left + strings.Join(nonEmpty(text, why, right), "; ")
	}
	lines := wrap(text, t.o.width()-textWidth(left))
	space := t.o.width() - textWidth(left) - textWidth(text) - textWidth(right)
	if space >= 2 && right != "" {
		return left + text + strings.Repeat(" ", min(space, maxGap)) + right
	}
	return left + strings.Join(append(lines, nonEmpty(right)...), "\n"+strings.Repeat(" ", continuation))
}

// maxGap keeps the end of the headline near its beginning on wide screens.
const maxGap = 7

func (t *terminal) hints(list []hint) {
	if len(list) > 0 {
		t.line("")
	}
	leads := 0
	for _, h := range list {
		leads = max(leads, textWidth(h.lead))
	}
	for _, h := range list {
		one := h.lead + strings.Repeat(" ", leads-textWidth(h.lead)) + "  " + h.command
		if h.tail != "" {
			one += "   " + h.tail
		}
		if textWidth(indent+one) <= t.o.width() {
			t.line(indent + one)
			continue
		}
		// A command is never wrapped: half of it would still run when pasted.
		t.line(indent + h.lead)
		t.line(indent + indent + h.command)
		if h.tail != "" {
			t.line(indent + indent + h.tail)
		}
	}
}

// table writes the rows that need a look, or all of them.
func (t *terminal) table(r *gate.Result) error {
	rows := tableRows(r, func(m *gate.Metric) bool { return t.o.All || needsLook(m) }, !t.o.All)
	if len(rows) == 0 {
		return nil
	}
	for i := range rows {
		if t.o.All {
			rows[i].reason = strings.Join(nonEmpty(rows[i].reason, rows[i].detail), "; ")
		}
	}
	left := 0
	if !t.o.All && len(rows) > maxTerminalRows {
		left = len(rows) - maxTerminalRows
		rows = rows[:maxTerminalRows]
	}
	lines, err := newGrid(rows, t.o).render()
	if err != nil {
		return err
	}
	t.line("")
	for _, l := range lines {
		t.line(indent + l)
	}
	if left > 0 {
		t.line(indent + "… and " + plural(left, "more row") + " (--all lists them)")
	}
	return nil
}

// ANSI attributes.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (t *terminal) paint(code, s string) string { return paint(t.o.Color, code, s) }

func paint(color bool, code, s string) string {
	if !color || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func outcomeColor(v gate.Outcome) string {
	switch v {
	case gate.Pass:
		return bold + ";" + green
	case gate.Fail:
		return bold + ";" + red
	}
	return bold + ";" + yellow
}

func verdictColor(r *row) string {
	switch {
	case r.severity == gate.SeverityCritical:
		return red
	case r.severity == gate.SeverityWarning:
		return yellow
	case r.verdict == gate.Improved:
		return green
	}
	return ""
}

// grid lays out a table of metrics. There are three layouts, by the width: the
// reason in a column of its own, the reason below its row, and for very narrow
// terminals the subject above and the limit below as well.
type grid struct {
	rows   []row
	color  bool
	avail  int
	header []string
	cells  [][]string
	align  []tw.Align
	above  []string // "" for no line above
	below  []string
	margin string // of the lines below
}

// What names and reasons keep before the next narrower layout is taken.
const (
	minSubjectWide   = 24
	minReasonWide    = 28
	minSubjectMedium = 16
)

// gap is the number of blanks between two columns, one of padding on each side.
const gap = 2

func newGrid(rows []row, o Options) *grid {
	g := &grid{rows: rows, color: o.Color, avail: o.width() - len(indent)}
	switch {
	case !o.All && g.wide(): // the evidence that --all adds needs lines of its own
	case g.medium():
	default:
		g.narrow()
	}
	return g
}

func subjectCell(r *row) string {
	if r.labels == "" {
		return safetext.Line(r.subject)
	}
	return safetext.Line(r.subject + " " + r.labels)
}

func (g *grid) reset(header, align string) {
	g.header = strings.Split(header, ",")
	g.align = aligned(align)
	g.cells = make([][]string, len(g.rows))
	g.above = make([]string, len(g.rows))
	g.below = make([]string, len(g.rows))
	g.margin = indent
}

func (g *grid) wide() bool {
	g.reset("SUBJECT,METRIC,BASELINE,CURRENT,CHANGE,LIMIT,VERDICT,", "llrrrrll")
	for i := range g.rows {
		r := &g.rows[i]
		g.cells[i] = append(numberCells(r), r.word, safetext.Line(r.reason))
	}
	last := len(g.header) - 1
	reasons := g.columnWidth(last)
	room := g.room() + reasons // for subjects and reasons together
	reasons = min(reasons, max(minReasonWide, room-g.columnWidth(0)))
	if room-reasons < min(g.columnWidth(0), minSubjectWide) {
		return false
	}
	for _, c := range g.cells {
		c[last] = strings.Join(wrap(c[last], reasons), "\n")
	}
	return g.fitFirst(room - reasons)
}

func (g *grid) medium() bool {
	g.reset("SUBJECT,METRIC,BASELINE,CURRENT,CHANGE,LIMIT,VERDICT", "llrrrrl")
	for i := range g.rows {
		r := &g.rows[i]
		g.cells[i] = append(numberCells(r), r.word)
		g.below[i] = safetext.Line(r.reason)
	}
	room := g.room()
	return room >= min(minSubjectMedium, g.columnWidth(0)) && g.fitFirst(room)
}

func numberCells(r *row) []string {
	return []string{
		subjectCell(r), metricCell(r), safetext.Line(r.baseline), safetext.Line(r.current),
		r.change, safetext.Line(r.limit),
	}
}

// maxMetricWidth leaves room for the numbers beside a tool's own metric names.
const maxMetricWidth = 32

func metricCell(r *row) string { return shorten(safetext.Line(r.metric), maxMetricWidth) }

func (g *grid) narrow() {
	g.reset("METRIC,BASELINE,CURRENT,CHANGE,VERDICT", "lrrrl")
	g.margin = indent + indent
	for i := range g.rows {
		r := &g.rows[i]
		g.cells[i] = []string{
			indent + metricCell(r), safetext.Line(r.baseline), safetext.Line(r.current), r.change, r.word,
		}
		if subject := subjectCell(r); i == 0 || subject != subjectCell(&g.rows[i-1]) {
			g.above[i] = shorten(subject, g.avail)
		}
		g.below[i] = safetext.Line(r.reason)
		if r.limit != none {
			g.below[i] = strings.Join(nonEmpty("limit "+safetext.Line(r.limit), g.below[i]), "; ")
		}
	}
	if g.room() < minMetricNarrow+len(indent) {
		for _, c := range g.cells {
			c[0] = strings.TrimPrefix(c[0], indent)
		}
	}
	g.fitFirst(max(g.room(), minMetricNarrow))
}

// minMetricNarrow is the least width of a metric's name in the narrow layout:
// most standard names fit.
const minMetricNarrow = 11

// fitFirst shortens the first column to width. It reports whether names that
// differ still do: many differ only in the middle that is cut out.
func (g *grid) fitFirst(width int) bool {
	whole := map[string]string{}
	distinct := true
	for _, c := range g.cells {
		short := shorten(c[0], width)
		if w, ok := whole[short]; ok && w != c[0] {
			distinct = false
		}
		whole[short] = c[0]
		c[0] = short
	}
	return distinct
}

// room is what the first column may take.
func (g *grid) room() int {
	room := g.avail
	for col := 1; col < len(g.header); col++ {
		room -= g.columnWidth(col) + gap
	}
	return room
}

func (g *grid) columnWidth(col int) int {
	w := textWidth(g.header[col])
	for _, c := range g.cells {
		w = max(w, textWidth(c[col]))
	}
	return w
}

// render returns the lines of the table.
func (g *grid) render() ([]string, error) {
	for i := range g.rows {
		g.paintVerdict(i)
	}
	body, err := renderTable(g.header, g.cells, g.align)
	if err != nil {
		return nil, err
	}
	body[0] = paint(g.color, dim, strings.TrimRight(body[0], " "))
	if len(body) != len(g.rows)+1 {
		return body, nil // wide, with reasons of several lines: nothing stands between rows
	}
	lines := body[:1:1]
	for i, l := range body[1:] {
		if g.above[i] != "" {
			lines = append(lines, paint(g.color, bold, g.above[i]))
		}
		lines = append(lines, l)
		lines = append(lines, g.belowLines(i)...)
	}
	return lines, nil
}

func (g *grid) belowLines(i int) []string {
	lines := wrap(g.below[i], g.avail-len(g.margin)-2)
	for j := range lines {
		mark := "└ "
		if j > 0 {
			mark = "  "
		}
		lines[j] = paint(g.color, dim, g.margin+mark+lines[j])
	}
	return lines
}

func (g *grid) paintVerdict(i int) {
	for col, h := range g.header {
		if h == "VERDICT" {
			g.cells[i][col] = paint(g.color, verdictColor(&g.rows[i]), g.cells[i][col])
		}
	}
}

// aligned reads a letter for each column: l or r.
func aligned(letters string) []tw.Align {
	list := make([]tw.Align, len(letters))
	for i, l := range letters {
		list[i] = tw.AlignLeft
		if l == 'r' {
			list[i] = tw.AlignRight
		}
	}
	return list
}

// renderTable returns the lines of a table, the header first: one line a row.
// The library would by default rewrite headers, wrap cells, draw lines, and
// measure by the locale of the machine; all of it is off.
func renderTable(header []string, rows [][]string, align []tw.Align) ([]string, error) {
	var b strings.Builder // never fails; the library hides the errors of its writer
	table := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleNone),
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		// One blank on each side: a padding of two is cut in half, with an escape
		// sequence at the cut, where the width left is odd.
		tablewriter.WithPadding(tw.Padding{Left: " ", Right: " ", Overwrite: true}),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
	)
	table.Header(header)
	for _, r := range rows {
		if err := table.Append(r); err != nil {
			return nil, err
		}
	}
	if err := table.Render(); err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, " ") // the padding of the first column
	}
	return lines, nil
}

// textWidth is the number of columns that s takes, colours left out. East Asian
// ambiguous characters count one, as the table counts them.
func textWidth(s string) int { return twwidth.WidthWithOptions(s, twwidth.Options{}) }

// shorten cuts s in its middle to a width of at least 1, as both ends of a name
// tell it from others.
func shorten(s string, width int) string {
	if textWidth(s) <= width {
		return s
	}
	runes := []rune(s)
	head, tail := 0, len(runes)
	used := 1 // the ellipsis
	for head < tail {
		next := runes[head]
		fromTail := head > len(runes)-tail
		if fromTail {
			next = runes[tail-1]
		}
		if used += textWidth(string(next)); used > width {
			break
		}
		if fromTail {
			tail--
		} else {
			head++
		}
	}
	return string(runes[:head]) + "…" + string(runes[tail:])
}

// wrap breaks s at blanks into lines of at most width columns; a longer word
// stays whole. Empty text has no lines. Each line is made safe by itself: what
// was harmless inside a sentence may be a command at the start of a line.
func wrap(s string, width int) []string {
	if s == "" {
		return nil
	}
	var lines []string
	line := ""
	for word := range strings.SplitSeq(s, " ") {
		switch {
		case line == "":
			line = word
		case textWidth(line)+1+textWidth(word) > width:
			lines = append(lines, safetext.Line(line))
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, safetext.Line(line))
}
