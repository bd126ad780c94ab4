package report

import (
	"io"
	"slices"
	"strings"

	"speedgate/gate"
)

// Markdown writes r for a pull request comment or a job summary, in at most
// o.MaxBytes bytes. Names stand in code spans; it loads nothing from another
// host and links to nothing but o.RunURL. Tables are cut on whole rows, with the
// number of those left out.
func Markdown(w io.Writer, r *gate.Result, o Options) error {
	m := &markdown{left: o.maxBytes() - sectionReserve}
	if isGreen(r) && len(o.Notices) == 0 && editedText(o, markdownText) == "" {
		m.green(r, o)
	} else {
		m.report(r, o)
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

// sectionReserve is kept for the one line that each folded section gets when
// there is no room for it: seven of them, each below 100 bytes.
const sectionReserve = 700

// openRows is how many rows stand unfolded; more are not read.
const openRows = 25

// noteShare is the part of the budget that notes may take: 1/noteShare.
const noteShare = 4

// markdown is a report of bounded size.
type markdown struct {
	b    strings.Builder
	left int // bytes that may still be written
}

// add writes s if there is room for all of it.
func (m *markdown) add(s string) bool {
	if len(s) > m.left {
		return false
	}
	m.left -= len(s)
	m.b.WriteString(s)
	return true
}

// head writes the title and those parts of the provenance that there is room for.
// Both have names of bounded length in them; the smallest budget holds a title.
func (m *markdown) head(title string, provenance []string) {
	m.add(title)
	m.add(provenance[0])
	for _, part := range provenance[1:] {
		m.add(" · " + part)
	}
	m.add("\n")
}

// findings adds a paragraph for each thing that a test found out.
func (m *markdown) findings(r *gate.Result) {
	for _, f := range findings(r, markdownText) {
		m.add("\n" + f + "\n")
	}
}

// isGreen reports whether there is nothing to say but that all is well.
func isGreen(r *gate.Result) bool {
	if r.Verdict != gate.Pass || r.Ignored > 0 {
		return false
	}
	for i := range r.Metrics {
		if v := r.Metrics[i].Verdict; v != gate.Passed && v != gate.Improved || r.Metrics[i].ShownOnly {
			return false
		}
	}
	for i := range r.Targets {
		if !r.Targets[i].Met {
			return false
		}
	}
	rest := *r
	rest.Backtest = nil // good news
	return len(remarks(&rest, newNamer(r.Metrics), markdownText)) == 0
}

// green is one line and one folded table, as a comment that speaks up about
// nothing gets muted.
func (m *markdown) green(r *gate.Result, o Options) {
	m.head("**✅ speedgate: "+passText(r)+"** · ", provenance(r, o, false))
	m.findings(r)
	m.folded(withinText(len(r.Metrics)), evidenceHead, evidenceRows(r, func(*gate.Metric) bool { return true }))
	m.scaling(r)
	m.targets(r)
}

func (m *markdown) report(r *gate.Result, o Options) {
	m.head("### "+title(r)+"\n", provenance(r, o, true))
	m.findings(r)
	if edited := editedText(o, markdownText); edited != "" {
		m.add("\n🔴 **" + edited + "**\n")
	}
	foot := hintLines(r, o)
	notes := m.notes(r, o)
	m.left -= len(foot) + len(notes)
	rows := tableRows(r, needsLook, true)
	lines := make([]string, len(rows))
	for i := range rows {
		lines[i] = rows[i].markdown()
	}
	if len(lines) > 0 {
		m.table("\n"+worstHead, lines[:min(len(lines), openRows)], "")
	}
	if len(lines) > openRows {
		m.folded(plural(len(lines)-openRows, "more row"), worstHead, lines[openRows:])
	}
	m.b.WriteString(notes)
	m.sections(r)
	m.b.WriteString(foot)
}

// sections are the folded tables.
func (m *markdown) sections(r *gate.Result) {
	improved, passed := count(r, calm(gate.Improved)), count(r, calm(gate.Passed))
	m.folded(plural(improved, "metric")+" proved faster", evidenceHead, evidenceRows(r, calm(gate.Improved)))
	m.folded(withinText(passed), evidenceHead, evidenceRows(r, calm(gate.Passed)))
	m.scaling(r)
	m.targets(r)
	isOpen := func(g *gate.Metric) bool { return calm(gate.New)(g) || calm(gate.Inconclusive)(g) }
	rows := tableRows(r, isOpen, true)
	lines := make([]string, len(rows))
	for i := range rows {
		lines[i] = rows[i].markdown()
	}
	m.folded("Not compared: "+tally(r, isOpen), worstHead, lines)
	m.folded("The evidence behind the table", evidenceHead, evidenceRows(r, func(g *gate.Metric) bool {
		return needsLook(g) && g.Change != nil
	}))
}

func withinText(n int) string {
	return plural(n, "metric") + " within " + possessive(n) + " limit" + suffix(n)
}

// notes returns the remarks as a list, cut to their share of the budget.
func (m *markdown) notes(r *gate.Result, o Options) string {
	lines := slices.Concat(noticeNotes(o, markdownText), countNotes(r), remarks(r, newNamer(r.Metrics), markdownText))
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte('\n')
	for i, l := range lines {
		line := "- " + l + "\n"
		if b.Len()+len(line) > m.left/noteShare {
			b.WriteString("- … and " + plural(len(lines)-i, "more note") + "\n")
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

func hintLines(r *gate.Result, o Options) string {
	var b strings.Builder
	for _, h := range hints(r, o) {
		b.WriteString("\n" + h.lead + " " + fence(h.command))
		if h.tail != "" {
			b.WriteString(" " + h.tail)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// titleCount says in the headline what was compared, so that its first line alone,
// as a notification shows it, tells a verdict on all from one on a few.
func titleCount(r *gate.Result) string {
	return " · " + comparedText(r)
}

// title is the headline without its mark-up.
func title(r *gate.Result) string {
	switch r.Verdict {
	case gate.Pass:
		if hasOverLimit(r) {
			return "⚠️ speedgate: pass " + passText(r) + titleCount(r)
		}
		return "✅ speedgate: " + passText(r)
	case gate.Fail:
		return "❌ speedgate: " + failTitle(r) + titleCount(r)
	}
	return "⚪ speedgate: no baseline, " + strings.Join(nonEmpty("nothing compared", markdownText.prose(r.Reason)), ": ")
}

// failTitle speaks of metrics that got slower, the reason that readers look for
// first, and counts the other reasons.
func failTitle(r *gate.Result) string {
	slower := count(r, func(g *gate.Metric) bool { return isCritical(g) && g.Verdict == gate.Regressed })
	rest := tally(r, func(g *gate.Metric) bool { return isCritical(g) && g.Verdict != gate.Regressed })
	parts := nonEmpty(rest, markdownText.prose(r.Reason))
	if slower > 0 {
		parts = append([]string{plural(slower, "metric") + " got slower"}, parts...)
	}
	if len(parts) == 0 {
		return "the gate failed"
	}
	return strings.Join(parts, ", ")
}

// provenance says what was compared with what, where, and links to the run.
func provenance(r *gate.Result, o Options, strong bool) []string {
	compared := comparedText(r)
	if r.Verdict == gate.NoBaseline {
		compared = outcomeText(r, markdownText)
	}
	if strong {
		compared = "**" + compared + "**"
	}
	parts := []string{compared, againstText(r, markdownText)}
	if common := newNamer(r.Metrics).common; len(common) > 0 {
		parts = append(parts, "labels "+codeSpan(strings.Trim(labelText(common), "{}")))
	}
	return nonEmpty(append(parts, runLink(o.RunURL))...)
}

// Heads of the tables.
const (
	worstHead = "| | subject | metric | baseline | this change | Δ | limit | how sure |\n" +
		"|---|---|---|--:|--:|--:|--:|---|\n"
	evidenceHead = "| subject | metric | baseline | this change | Δ | range | limit | noise | runs | sees from |\n" +
		"|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
	targetHead = "| | component | metric | target | level | measured | headroom | pattern |\n" +
		"|---|---|---|--:|---|--:|--:|---|\n"
)

// moreReserve is kept for the line that says how many rows are left out.
const moreReserve = 80

// table writes a table, or what fits of it, and end.
func (m *markdown) table(head string, rows []string, end string) {
	m.left -= len(end) + moreReserve
	m.add(head)
	n := 0
	for n < len(rows) && m.add(rows[n]) {
		n++
	}
	m.left += len(end) + moreReserve
	if more := len(rows) - n; more > 0 {
		m.add("\n… " + plural(more, "more row") + ": see the job summary or the JSON report\n")
	}
	m.add(end)
}

// folded writes a table that opens on a click; one line where there is no room.
func (m *markdown) folded(title, head string, rows []string) { m.foldedWith(title, head, rows, "") }

// foldedWith is folded with more below the table.
func (m *markdown) foldedWith(title, head string, rows []string, below string) {
	if len(rows) == 0 {
		return
	}
	end := below + "\n</details>\n"
	open := "\n<details><summary>" + title + "</summary>\n\n" + head
	if len(open)+len(rows[0])+len(end)+moreReserve > m.left {
		// Paid from sectionReserve.
		m.b.WriteString("\n" + title + ": no room here, see the job summary or the JSON report\n")
		return
	}
	m.table(open, rows, end)
}

func (m *markdown) targets(r *gate.Result) {
	rows, summary := targetRows(r)
	lines := make([]string, len(rows))
	for i := range rows {
		lines[i] = rows[i].markdown()
	}
	m.folded("Targets: "+summary, targetHead, lines)
}

// wordIcons stand before what became of targets and sizes.
var wordIcons = map[string]string{wordMet: "✅", wordMissed: "❌", wordNear: "⚠️", wordUnjudged: "❔"}

func (t *targetRow) markdown() string {
	level := ""
	if t.level != "" {
		level = cellCode(t.level)
	}
	return tableLine(noBreak(wordIcons[t.word()]+" "+t.word()), cellCode(t.subject), noBreak(cellProse(t.metric)),
		numberCell(t.limit), level, numberCell(t.measured), numberCell(t.headroom), cellCode(t.match))
}

// scaling writes how the suite scales, with bars in the table and the fits below.
func (m *markdown) scaling(r *gate.Result) {
	if r.Scaling == nil || len(r.Scaling.Subjects) == 0 {
		return
	}
	s := newScalingTable(r.Scaling, true)
	head := []string{"", "subject", cellProse(s.over), "throughput", idealMark + " = linear growth", "limit", "efficiency"}
	align := "|---|---|--:|--:|---|--:|--:|"
	for _, metric := range s.limited {
		head = append(head, noBreak(cellProse(metricName(metric))))
		align += "--:|"
	}
	lines := make([]string, len(s.rows))
	for i := range s.rows {
		lines[i] = s.rows[i].markdown()
	}
	asked := "Over " + codeSpan(s.over) + ": " + proseSpan(s.asked) + "\n\n"
	m.foldedWith("Scaling: "+s.counts(), asked+tableLine(head...)+align+"\n", lines, s.remarks())
}

func (r *scalingRow) markdown() string {
	bar := ""
	if r.bar != "" {
		bar = fence(r.bar)
	}
	cells := []string{
		noBreak(wordIcons[r.word] + " " + r.word), cellCode(r.subject), noBreak(cellProse(r.size)),
		numberCell(r.throughput), bar, numberCell(r.least), numberCell(r.efficiency),
	}
	for _, l := range r.limited {
		cells = append(cells, numberCell(l))
	}
	return tableLine(cells...)
}

// remarks are the fits, as a list.
func (t *scalingTable) remarks() string {
	lines := make([]string, len(t.fits))
	for i, f := range t.fits {
		lines[i] = codeSpan(f.subject) + ": " + proseSpan(f.text)
	}
	if len(lines) == 0 {
		return ""
	}
	return "\n- " + strings.Join(capped(lines, maxNotes, "subject"), "\n- ") + "\n"
}

func tableLine(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// verdictIcons stand before the word of a verdict, never alone.
var verdictIcons = map[gate.Verdict]string{
	gate.Regressed: "❌", gate.OverTarget: "❌", gate.Suspect: "⚠️", gate.Missing: "❓", gate.Invalid: "❌",
	gate.Waived: "⚠️", gate.NearTarget: "⚠️", gate.Incomparable: "❔", gate.Inconclusive: "❔", gate.New: "🆕",
	gate.Improved: "🚀", gate.Passed: "✅",
}

func (r *row) icon() string {
	icon := verdictIcons[r.verdict]
	if r.word == creepWord {
		icon = "❌"
	}
	if icon == "❌" && r.severity != gate.SeverityCritical {
		icon = "⚠️"
	}
	return noBreak(strings.Join(nonEmpty(icon, r.word), " "))
}

// markdown is the row as a line of the table of what needs a look.
func (r *row) markdown() string {
	change := numberCell(r.change)
	if r.verdict == gate.Regressed {
		change = "**" + change + "**"
	}
	sure := strings.Join(nonEmpty(cellProse(r.reason), sparkline(r.history, r.floor)), " ")
	return tableLine(r.icon(), cellCode(strings.Join(nonEmpty(r.subject, r.labels), " ")), noBreak(cellProse(r.metric)),
		numberCell(r.baseline), numberCell(r.current), change, numberCell(r.limit), sure)
}

// numberCell is a cell with a number and its unit, empty if there is none. The
// unit may be the tool's own and is not trusted.
func numberCell(s string) string {
	if s == none {
		return ""
	}
	return noBreak(minus(cellProse(s)))
}

func evidenceRows(r *gate.Result, keep func(*gate.Metric) bool) []string {
	names := newNamer(r.Metrics)
	var lines []string
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if !keep(m) {
			continue
		}
		row := metricRow(m, names)
		lines = append(lines, tableLine(
			cellCode(strings.Join(nonEmpty(row.subject, row.labels), " ")), noBreak(cellProse(row.metric)),
			numberCell(row.baseline), numberCell(row.current), numberCell(row.change), numberCell(intervalText(m)),
			numberCell(row.limit), numberCell(noiseText(m)), noBreak(runsText(m)), numberCell(detectableText(m))))
	}
	return lines
}
