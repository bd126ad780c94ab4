package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"speedgate/gate"
	"speedgate/perf"
)

// quoter makes untrusted text harmless for one syntax.
type quoter struct {
	name  func(string) string // names: of subjects, files, commits
	prose func(string) string // sentences that may have names in them
}

// verdictWords are the verdicts in people's words.
var verdictWords = map[gate.Verdict]string{
	gate.Regressed: "regressed", gate.OverTarget: "over target", gate.Suspect: "suspect",
	gate.Missing: "missing", gate.Invalid: "invalid", gate.Waived: "waived", gate.NearTarget: "near target",
	gate.Incomparable: "incomparable", gate.Inconclusive: "inconclusive", gate.New: "new",
	gate.Improved: "improved", gate.Passed: "pass",
}

func verdictWord(v gate.Verdict) string {
	if s, ok := verdictWords[v]; ok {
		return s
	}
	return v.String()
}

// creepWord stands for the verdict of a metric that has no other fault than that
// its accepted runs crept away from their anchor.
const creepWord = "creeping"

// isCreeping reports whether creep is what a metric is told for: it is a mark
// beside the verdict, which is a good one then.
func isCreeping(m *gate.Metric) bool {
	return m.Creep != nil && m.Severity != gate.SeverityInfo && (m.Verdict == gate.Passed || m.Verdict == gate.Improved)
}

// metricWord is the verdict of a metric in people's words.
func metricWord(m *gate.Metric) string {
	if isCreeping(m) {
		return creepWord
	}
	return verdictWord(m.Verdict)
}

// tally counts the metrics that keep holds for, by verdict, and says so: "2
// regressed, 1 suspect". The order is that of reports.
func tally(r *gate.Result, keep func(*gate.Metric) bool) string {
	n := map[string]int{}
	for i := range r.Metrics {
		if m := &r.Metrics[i]; keep(m) {
			n[metricWord(m)]++
		}
	}
	var parts []string
	for _, v := range gate.Verdicts() {
		if word := verdictWord(v); n[word] > 0 {
			parts = append(parts, countText(n[word], word))
		}
	}
	return strings.Join(append(parts, nonEmpty(someText(n[creepWord], creepWord))...), ", ")
}

// count is how many metrics keep holds for.
func count(r *gate.Result, keep func(*gate.Metric) bool) int {
	n := 0
	for i := range r.Metrics {
		if keep(&r.Metrics[i]) {
			n++
		}
	}
	return n
}

// calm returns what holds for metrics of the verdict v that need no look.
func calm(v gate.Verdict) func(*gate.Metric) bool {
	return func(m *gate.Metric) bool { return m.Verdict == v && !needsLook(m) }
}

func isCritical(m *gate.Metric) bool { return m.Severity == gate.SeverityCritical }

// isRemark reports whether a metric did not fail the gate and yet belongs into
// the headline of one that passed.
func isRemark(m *gate.Metric) bool {
	return !isCritical(m) && (isCreeping(m) || m.Verdict != gate.Passed && m.Verdict != gate.New)
}

// outcomeWord is the verdict of the gate in capitals.
func outcomeWord(v gate.Outcome) string {
	switch v {
	case gate.Pass:
		return "PASS"
	case gate.Fail:
		return "FAIL"
	}
	return "NO BASELINE"
}

// outcomeText says in a few words what led to the outcome.
func outcomeText(r *gate.Result, q quoter) string {
	switch r.Verdict {
	case gate.Fail:
		parts := nonEmpty(tally(r, isCritical), q.prose(r.Reason))
		if len(parts) == 0 {
			return "the gate failed"
		}
		return strings.Join(parts, "; ")
	case gate.Pass:
		return passText(r)
	}
	return strings.Join(nonEmpty(plural(count(r, isMeasured), "metric")+" measured, nothing compared", unmatchedText(r)), "; ")
}

// blindText counts for the headline the passes that say little.
func blindText(r *gate.Result) string {
	n := count(r, func(m *gate.Metric) bool { return m.Blind })
	if n == 0 {
		return ""
	}
	return plural(n, "pass") + " could hide a large slowdown"
}

// unmatchedText counts for the headline the patterns that do nothing, or nothing here,
// and the targets that could not be judged.
func unmatchedText(r *gate.Result) string {
	var nothing, here, unleveled string
	switch n := len(r.Unmatched); n {
	case 0:
	case 1:
		nothing = "1 pattern does nothing"
	default:
		nothing = countText(n, "patterns do nothing")
	}
	if r.Elsewhere > 0 {
		here = plural(r.Elsewhere, "pattern") + " without a match here"
	}
	if r.Unleveled > 0 {
		unleveled = plural(r.Unleveled, "critical target") + " not judged, for want of a level"
	}
	return strings.Join(nonEmpty(nothing, here, unleveled, healthText(r)), ", ")
}

// healthText says for the headline that requests may have failed.
func healthText(r *gate.Result) string {
	if slices.ContainsFunc(r.Warnings, func(w perf.Warning) bool { return w.Health }) {
		return "the error rate is not known to be healthy"
	}
	return ""
}

// passText is what a gate that passed says of itself. Where metrics over a limit
// only warn, it does not claim that there are none.
func passText(r *gate.Result) string {
	remarks := strings.Join(nonEmpty(tally(r, isRemark), blindText(r), unmatchedText(r)), ", ")
	if hasOverLimit(r) {
		return "with " + remarks
	}
	return strings.Join(nonEmpty("nothing over its limit", remarks), "; ")
}

func hasOverLimit(r *gate.Result) bool {
	return slices.ContainsFunc(r.Metrics, func(m gate.Metric) bool {
		switch m.Verdict {
		case gate.Regressed, gate.Suspect, gate.OverTarget, gate.NearTarget, gate.Waived:
			return true
		}
		return false
	})
}

func someText(n int, word string) string {
	if n == 0 {
		return ""
	}
	return countText(n, word)
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// isMeasured reports whether this run has a value of the metric.
func isMeasured(m *gate.Metric) bool { return m.Current != nil }

// comparedText is the count that every headline carries.
func comparedText(r *gate.Result) string {
	if r.Baseline.Runs == 0 && r.Compared == 0 && r.Expected == 0 {
		return "nothing to compare with"
	}
	return fmt.Sprintf("compared %s of %s", grouped(strconv.Itoa(r.Compared)), plural(r.Expected, "metric"))
}

// againstText says what was compared with what: the accepted runs and their age,
// the runs of this side, the environment.
func againstText(r *gate.Result, q quoter) string {
	s := baselineText(&r.Baseline, q)
	if r.Baseline.Runs > 0 {
		s += " against " + headText(r, q)
	}
	if r.Env.Known() {
		s += ", " + q.prose(r.Env.String())
	} else {
		s += ", unknown environment"
	}
	if r.Suite != "" {
		s = "suite " + q.name(r.Suite) + ": " + s
	}
	return s
}

func baselineText(b *gate.BaselineInfo, q quoter) string {
	if b.Runs == 0 {
		if b.Path == "" {
			return "no accepted run"
		}
		return "no accepted run in " + q.name(b.Path)
	}
	s := plural(b.Runs, "accepted run")
	if b.Commit != "" {
		s += " up to " + commitName(b.Commit, q)
	}
	if b.AgeDays != nil {
		s += " (" + ageOld(*b.AgeDays) + ")"
	}
	return s
}

func headText(r *gate.Result, q quoter) string {
	s := "this run"
	if r.Runs > 1 {
		s = plural(r.Runs, "run")
	}
	if r.Commit != "" {
		s += " of " + commitName(r.Commit, q)
	}
	return s
}

// commitName leaves a hash bare, so that GitHub can link it, and quotes all else.
func commitName(hash string, q quoter) string {
	if isHex(hash) {
		return commitText(hash)
	}
	return q.name(hash)
}

// How many lines of one kind a report lists before it counts.
const (
	maxNotes    = 5
	maxWarnings = 10
)

// notes are the lines below the table of a terminal, the important first.
func notes(r *gate.Result, o Options, q quoter) []string {
	names := newNamer(r.Metrics)
	return slices.Concat(noticeNotes(o, q), withinNote(r, o), countNotes(r), remarks(r, names, q))
}

// editedText says which of the gate's own files the change edits, "" if none.
func editedText(o Options, q quoter) string {
	var names []string
	for _, f := range o.Edited {
		names = append(names, q.name(f))
	}
	switch {
	case o.Judge == JudgeUnread:
		return "this change was judged by its own config and baseline; whether they differ from those of the base commit is not known"
	case len(names) == 0:
		return ""
	case o.Judge == JudgeChange:
		return "this change edits the gate itself: " + strings.Join(names, " and ") + "; its own was used, not that of the base commit"
	}
	return "this change edits the gate itself: " + strings.Join(names, " and ") + "; that of the base commit was used"
}

// findings are what tests found out, the first of them.
func findings(r *gate.Result, q quoter) []string {
	lines := make([]string, len(r.Findings))
	for i, f := range r.Findings {
		lines[i] = q.prose(f)
	}
	return capped(lines, maxNotes, "finding")
}

func noticeNotes(o Options, q quoter) []string {
	lines := make([]string, len(o.Notices))
	for i, n := range o.Notices {
		lines[i] = "notice: " + q.prose(n)
	}
	return capped(lines, maxWarnings, "notice")
}

// remarks are the lines that stand below every report, long or short.
func remarks(r *gate.Result, names *namer, q quoter) []string {
	return slices.Concat(
		capped(creepNotes(r, names, q), maxNotes, "creeping metric"),
		blindNotes(r, names, q), backtestNote(r), fixedNote(r),
		unmatchedNote(r, q),
		capped(waiverNotes(r, q), maxNotes, "waiver"),
		capped(acceptedNotes(r, q), maxNotes, "accepted slowdown"),
		capped(failureNotes(r, q), maxNotes, "failure message"),
		capped(warningNotes(r, q), maxWarnings, "warning"),
	)
}

func capped(lines []string, limit int, noun string) []string {
	if len(lines) <= limit {
		return lines
	}
	return append(lines[:limit:limit], "… and "+countText(len(lines)-limit, "more "+pluralNoun(len(lines)-limit, noun)))
}

func withinNote(r *gate.Result, o Options) []string {
	improved := count(r, calm(gate.Improved))
	within := improved + count(r, calm(gate.Passed))
	if within == 0 {
		return nil
	}
	s := withinText(within)
	switch {
	case improved == within:
		s += ", proved faster"
	case improved > 0:
		s += ", " + grouped(strconv.Itoa(improved)) + " of them proved faster"
	}
	if !o.All {
		s += " (--all lists " + object(within) + ")"
	}
	return []string{s}
}

func suffix(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func possessive(n int) string {
	if n == 1 {
		return "its"
	}
	return "their"
}

func object(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// countNotes counts what is neither within a limit nor wrong.
func countNotes(r *gate.Result) []string {
	shownOnly := count(r, func(m *gate.Metric) bool { return m.ShownOnly })
	var parts []string
	for _, c := range []struct {
		n    int
		text string
	}{
		{count(r, calm(gate.New)), "new, not in the baseline yet"},
		{count(r, calm(gate.Inconclusive)), "inconclusive"},
		{shownOnly, "shown only: which direction is good is not known"},
		{r.Ignored, "ignored by the config"},
		{r.Elsewhere, pluralNoun(r.Elsewhere, "pattern") + " of the config without a match here, maybe meant for another suite"},
	} {
		if c.n > 0 {
			parts = append(parts, countText(c.n, c.text))
		}
	}
	if len(parts) == 0 || r.Verdict == gate.NoBaseline && shownOnly+r.Ignored+r.Elsewhere == 0 {
		return nil
	}
	return []string{strings.Join(parts, "; ")}
}

func creepNotes(r *gate.Result, names *namer, q quoter) []string {
	var lines []string
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if m.Creep == nil {
			continue
		}
		s := "creep: " + q.name(names.name(m.Key)) + " is " + share(*m.Creep) + " worse"
		if m.Anchor != nil {
			s += " than at " + anchorText(r, m.Anchor, q)
		}
		lines = append(lines, s+", in steps too small to fail by themselves")
	}
	return lines
}

// anchorText names the commit and the age of an anchor. The result has no clock;
// the age of the baseline tells what day it is.
func anchorText(r *gate.Result, a *perf.Anchor, q quoter) string {
	s := "its anchor"
	if a.Commit != "" {
		s = commitName(a.Commit, q)
	}
	if a.Time.IsZero() {
		return s
	}
	if r.Baseline.AgeDays != nil && !r.Baseline.Time.IsZero() {
		if days := *r.Baseline.AgeDays + r.Baseline.Time.Sub(a.Time).Hours()/24; days >= 0 {
			return s + " (" + age(days) + " ago)"
		}
	}
	return s + " (" + day(a.Time) + ")"
}

// maxBlind is how many metrics the note on hidden slowdowns names.
const maxBlind = 3

// blindNotes names the passes that say little, as even a large slowdown would
// have passed.
func blindNotes(r *gate.Result, names *namer, q quoter) []string {
	var blind []*gate.Metric
	never := 0
	for i := range r.Metrics {
		m := &r.Metrics[i]
		switch {
		case !m.Blind:
		case m.Detectable == nil:
			never++
		default:
			blind = append(blind, m)
		}
	}
	var lines []string
	slices.SortStableFunc(blind, func(a, b *gate.Metric) int { return cmp.Compare(*b.Detectable, *a.Detectable) })
	for _, m := range blind[:min(len(blind), maxBlind)] {
		lines = append(lines, fmt.Sprintf("a slowdown of up to %s of %s could not have been seen", share(*m.Detectable), q.name(names.name(m.Key))))
	}
	if n := len(blind) - maxBlind; n > 0 {
		lines = append(lines, "… and "+plural(n, "more pass")+" could hide a large slowdown")
	}
	if never > 0 {
		lines = append(lines, plural(never, "pass")+" could not have been a failure, however slow: too few runs or requests")
	}
	return lines
}

func backtestNote(r *gate.Result) []string {
	b := r.Backtest
	if b == nil {
		return nil
	}
	return []string{fmt.Sprintf("backtest: at these thresholds your last %s would have failed %s",
		plural(b.Runs, "accepted run"), plural(b.Failed, "time"))}
}

// fixedRuleNote tells the price of the plain rule. The share is that of the rule
// "last value x 1.2" in `go test ./gate -run Histories -v`.
const fixedRuleNote = "fixed rule: a plain ratio of 1.2 to the last run fails 31 % of the clean runs" +
	" in 13 suites of public CI histories; rule: history judges by the noise of the accepted runs and fails 0.7 % with 3 of 3 runs"

func fixedNote(r *gate.Result) []string {
	if r.Rule != gate.RuleFixed {
		return nil
	}
	return []string{fixedRuleNote}
}

// unmatchedNote names the patterns that do nothing: a typo in one is a target, a
// threshold or a waiver that nobody keeps.
func unmatchedNote(r *gate.Result, q quoter) []string {
	lines := make([]string, len(r.Unmatched))
	for i := range r.Unmatched {
		u := &r.Unmatched[i]
		lines[i] = string(u.Kind) + " matches no metric: " + q.name(u.Match)
		switch {
		case u.Found:
			lines[i] = string(u.Kind) + " could not be judged: " + q.name(u.Match)
		case u.Ignored:
			lines[i] = string(u.Kind) + " matches only metrics that a rule ignores: " + q.name(u.Match)
		case u.Missing:
			lines[i] = string(u.Kind) + " matches no metric that was measured: " + q.name(u.Match)
		case u.Meant != "":
			lines[i] += "; did you mean " + q.name(u.Meant) + "?"
		}
	}
	return capped(lines, maxNotes, "pattern")
}

func waiverNotes(r *gate.Result, q quoter) []string {
	lines := make([]string, 0, len(r.Waivers))
	for i := range r.Waivers {
		w := &r.Waivers[i]
		lines = append(lines, fmt.Sprintf("waiver: %s may be %s worse until %s: %s",
			q.name(w.Match.String()), share(w.Limit), day(w.Until), q.prose(w.Reason)))
	}
	return lines
}

func acceptedNotes(r *gate.Result, q quoter) []string {
	lines := make([]string, 0, len(r.Accepted))
	for _, a := range r.Accepted {
		s := "accepted: " + q.name(a.Match)
		if a.Commit != "" {
			s += " at " + commitName(a.Commit, q)
		}
		if !a.Time.IsZero() {
			s += " on " + day(a.Time)
		}
		lines = append(lines, s+": "+q.prose(a.Reason))
	}
	return lines
}

func failureNotes(r *gate.Result, q quoter) []string {
	lines := make([]string, 0, len(r.Failures))
	for _, f := range r.Failures {
		s := "failed requests: " + grouped(strconv.FormatInt(f.Count, 10)) + " ×"
		if f.Subject != "" {
			s += " " + q.name(f.Subject) + ":"
		}
		lines = append(lines, s+" "+q.name(f.Message))
	}
	return lines
}

func warningNotes(r *gate.Result, q quoter) []string {
	lines := make([]string, 0, len(r.Warnings))
	for _, w := range r.Warnings {
		lines = append(lines, "warning: "+q.prose(w.String()))
	}
	return lines
}
