package gate

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"speedgate/internal/stats"
	"speedgate/perf"
)

// Input is what a gate judges.
type Input struct {
	Suite string
	// Base is the accepted runs to compare with, nil if there are none. Its
	// environment may differ from Env; its metrics are then incomparable.
	Base     *perf.Window
	NoBase   string // why there are none, "" if nothing was accepted yet
	BasePath string
	// Head is the runs of the change, one for each invocation of a test, checked
	// and sorted.
	Head   []*perf.Run
	Env    perf.Env // environment of the head runs
	Commit string
}

// Evaluate judges the head runs. It never fails: whatever cannot be compared is
// said in the result. Patterns of the policy that match nothing are judged by
// [Settle], once all suites are evaluated.
func Evaluate(in Input, p Policy) *Result {
	e := evaluation{
		in: in, policy: p.withDefaults(), result: newResult(in, p), rulesUsed: make([]bool, len(p.Metrics)), uses: map[patternKey]int{},
	}
	e.envDiffers = in.Base != nil && in.Base.Env.Differs(in.Env) != ""
	e.health = newHealth(in, e.envDiffers)
	e.head = e.sortedHead()
	if e.policy.Strict {
		e.tested = e.countTestable()
	}
	e.result.Metrics = make([]Metric, 0, e.atLeast())
	for pr := range e.pairs() {
		e.add(pr)
	}
	e.mix()
	e.targets()
	e.scaling()
	e.backtest()
	e.notes()
	e.patterns()
	e.suspend()
	e.conclude()
	return e.result
}

// atLeast is how many metrics there are at least: those of the larger side.
func (e *evaluation) atLeast() int {
	if e.in.Base == nil || len(e.in.Head) > 1 {
		return len(e.head) / max(1, len(e.in.Head))
	}
	return max(len(e.head), len(e.in.Base.Metrics))
}

// evaluation is one call of Evaluate at work.
type evaluation struct {
	in         Input
	policy     Policy
	result     *Result
	head       []headSeries // sorted by key
	health     health
	envDiffers bool
	tested     int                // metrics on both sides; in family-wise mode only
	rulesUsed  []bool             // by index into policy.Metrics
	uses       map[patternKey]int // index into result.Patterns
	ignored    []perf.Key         // metrics left out by a rule
}

func newResult(in Input, p Policy) *Result {
	r := &Result{
		Suite: in.Suite, Rule: p.Rule, Env: in.Env, Commit: in.Commit,
		Counts: map[Verdict]int{}, Baseline: BaselineInfo{Path: in.BasePath}, Head: in.Head,
	}
	for _, run := range in.Head {
		r.Files = append(r.Files, run.Source.Files...)
		r.Failures = append(r.Failures, run.Failures...)
		r.Warnings = append(r.Warnings, run.Warnings...)
		for _, w := range run.Incomplete {
			r.Warnings = append(r.Warnings, perf.Warning{Pos: w.Pos, Msg: "incomplete: " + w.Msg})
		}
		for _, w := range run.Lost {
			r.Warnings = append(r.Warnings, perf.Warning{Pos: w.Pos, Msg: "failed: " + w.Msg})
		}
		r.Warnings = append(r.Warnings, run.Overloaded...)
		r.Findings = append(r.Findings, run.Findings...)
	}
	if in.Base == nil {
		return r
	}
	r.Accepted = in.Base.Accepted
	r.Baseline.Runs = len(in.Base.Runs)
	if n := len(in.Base.Runs); n > 0 {
		newest := in.Base.Runs[n-1]
		r.Baseline.Commit, r.Baseline.Time = newest.Commit, newest.Time
		if !newest.Time.IsZero() && !p.Now.IsZero() {
			days := math.Max(0, p.Now.Sub(newest.Time).Hours()/24)
			r.Baseline.AgeDays = &days
		}
	}
	return r
}

func (p Policy) withDefaults() Policy {
	p.Rule = cmp.Or(p.Rule, RuleHistory)
	p.Threshold = cmp.Or(p.Threshold, DefaultThreshold)
	p.Window = cmp.Or(p.Window, DefaultWindow)
	p.MaxError = cmp.Or(p.MaxError, defaultMaxError)
	return p
}

// pair is one key with what both sides have of it.
type pair struct {
	key  perf.Key
	head []headSeries // one for each head run that has the key
	past *perf.Past   // nil if the baseline has not
	rule metricPolicy
}

// headSeries is a series, its median, and the run it belongs to.
type headSeries struct {
	*perf.Series
	median float64
	run    *perf.Run
}

// sortedHead returns the series of all head runs, sorted by key.
func (e *evaluation) sortedHead() []headSeries {
	var head []headSeries
	for _, run := range e.in.Head {
		head = slices.Grow(head, len(run.Series))
		for i := range run.Series {
			s := &run.Series[i]
			head = append(head, headSeries{s, stats.Median(s.Samples), run})
		}
	}
	if len(e.in.Head) > 1 {
		slices.SortStableFunc(head, func(a, b headSeries) int { return a.Key.Compare(b.Key) })
	}
	return head
}

// pairs merges the sorted sides by key. It makes one pair after the other, as all
// of them together would take as much memory as the series themselves.
func (e *evaluation) pairs() iter.Seq[pair] {
	return func(yield func(pair) bool) {
		head := e.head
		var past []perf.Past
		if e.in.Base != nil {
			past = e.in.Base.Metrics
		}
		for len(head) > 0 || len(past) > 0 {
			var pr pair
			switch {
			case len(past) == 0 || len(head) > 0 && head[0].Key.Compare(past[0].Key) < 0:
				pr.key = head[0].Key
			default:
				pr.key, pr.past = past[0].Key, &past[0]
				past = past[1:]
			}
			n := 0
			for n < len(head) && head[n].Key == pr.key {
				n++
			}
			pr.head, head = head[:n:n], head[n:]
			pr.alignUnits()
			pr.rule = e.policy.of(pr.key, e.rulesUsed)
			if !yield(pr) {
				return
			}
		}
	}
}

// alignUnits lets the two sides of an error rate lend each other their unit.
func (pr *pair) alignUnits() {
	if pr.past == nil || len(pr.head) == 0 {
		return
	}
	if u := pr.past.Unit.Beside(pr.head[0].Unit, pr.key.Metric); u != pr.past.Unit {
		past := *pr.past
		past.Unit = u
		pr.past = &past
	}
	for i, h := range pr.head {
		if u := h.Unit.Beside(pr.past.Unit, pr.key.Metric); u != h.Unit {
			series := *h.Series
			series.Unit = u
			pr.head[i].Series = &series
		}
	}
}

// countTestable counts the metrics that both sides have. Only family-wise mode
// needs it, before the first metric is judged.
func (e *evaluation) countTestable() int {
	n := 0
	for pr := range e.pairs() {
		if len(pr.head) > 0 && pr.past != nil && !pr.rule.ignore {
			n++
		}
	}
	return n
}

// add judges one pair and enters it into the result.
func (e *evaluation) add(pr pair) {
	if pr.rule.ignore {
		e.result.Ignored++
		e.ignored = append(e.ignored, pr.key)
		return
	}
	m, outcome := e.judge(pr)
	if outcome != notExpected {
		e.result.Expected++
	}
	if outcome == compared {
		e.result.Compared++
	}
	e.result.Metrics = append(e.result.Metrics, m)
}

// Of returns the action for a verdict: the one that is set, else its default.
func (a Actions) Of(v Verdict) Action {
	switch v {
	case Regressed:
		return cmp.Or(a.Regressed, ActionFail)
	case Suspect:
		return cmp.Or(a.Suspect, ActionFail)
	case Missing:
		return cmp.Or(a.Missing, ActionFail)
	case Invalid:
		return cmp.Or(a.Invalid, ActionFail)
	case OverTarget:
		return cmp.Or(a.OverTarget, ActionFail)
	case NearTarget:
		return cmp.Or(a.NearTarget, ActionWarn)
	case New:
		return cmp.Or(a.New, ActionPass)
	case Incomparable:
		return cmp.Or(a.Incomparable, ActionWarn)
	case Inconclusive:
		return cmp.Or(a.Inconclusive, ActionPass)
	case Waived:
		return ActionWarn
	}
	return ActionPass
}

// severity returns what an action means for the gate.
func (a Action) severity() Severity {
	switch a {
	case ActionFail, ActionStrict:
		return SeverityCritical
	case ActionWarn:
		return SeverityWarning
	}
	return SeverityInfo
}

func (e *evaluation) warn(format string, args ...any) {
	e.result.Warnings = append(e.result.Warnings, perf.Warning{Msg: fmt.Sprintf(format, args...)})
}

// notes adds the warnings that belong to the comparison as a whole.
func (e *evaluation) notes() {
	r := e.result
	if age := r.Baseline.AgeDays; age != nil && *age > StaleAfter.Hours()/24 {
		e.warn("the baseline is %.0f days old; refresh it with speedgate update", *age)
	}
	if e.in.Base != nil && !e.envDiffers && e.in.Base.Env.Known() != e.in.Env.Known() {
		side := "these results do"
		if e.in.Env.Known() {
			side = "the baseline does"
		}
		e.warn("%s not say on which machine they were measured; compared all the same (name it with --environment)", side)
	}
	e.noteIdle()
	r.Waivers = activeWaivers(e.policy.Waivers, e.policy.Now)
}

// noteIdle tells of subjects that were sent no request and have no metric that could
// fail for it: they are not in the baseline either.
func (e *evaluation) noteIdle() {
	failed := map[subject]bool{}
	for i := range e.result.Metrics {
		if m := &e.result.Metrics[i]; m.Verdict == Invalid {
			failed[subject{m.Key.Subject, m.Key.Labels}] = true
		}
	}
	for i := range e.result.Metrics {
		m := &e.result.Metrics[i]
		at := subject{m.Key.Subject, m.Key.Labels}
		if m.Key.Metric == perf.Requests && e.health.zero[at] && !failed[at] {
			e.result.Warnings = append(e.result.Warnings, perf.Warning{
				Pos: m.Pos, Msg: fmt.Sprintf("%s of %q, so that nothing is known of it", zeroRequests, m.Key.Subject),
			})
		}
	}
}

func activeWaivers(all []Waiver, now time.Time) []Waiver {
	var active []Waiver
	for _, w := range all {
		if !now.After(w.Until) {
			active = append(active, w)
		}
	}
	return active
}

// conclude sorts the metrics, counts verdicts and decides the gate.
func (e *evaluation) conclude() {
	r := e.result
	failed := false
	for i := range r.Metrics {
		r.Counts[r.Metrics[i].Verdict]++
		r.Runs = max(r.Runs, r.Metrics[i].NCurrent)
		failed = failed || r.Metrics[i].Severity == SeverityCritical
	}
	worstFirst(r.Metrics)
	unfit := joinReasons(joinReasons(cmp.Or(e.lost(), e.incomplete()), e.scalingUnjudged()), e.suspended())
	switch {
	case failed || unfit != "":
		r.Verdict, r.Reason = Fail, unfit
	case r.Compared == 0:
		r.Verdict, r.Reason = NoBaseline, e.whyNothing()
	default:
		r.Verdict = Pass
	}
}

// worstFirst sorts metrics by severity, verdict, excess over the limit and key. They
// are large, so their order is found over indices and each is moved once.
func worstFirst(metrics []Metric) {
	type rank struct {
		severity, verdict int
		excess            float64
		at                int
	}
	order := make([]rank, len(metrics))
	for i := range metrics {
		m := &metrics[i]
		order[i] = rank{severityRank(m.Severity), verdictRank[m.Verdict], m.excess(), i}
	}
	// Metrics come sorted by key, so that the index stands for it.
	slices.SortFunc(order, func(a, b rank) int {
		return cmp.Or(cmp.Compare(a.severity, b.severity), cmp.Compare(a.verdict, b.verdict), cmp.Compare(b.excess, a.excess), a.at-b.at)
	})
	for i := range order {
		// Move the metrics of the cycle that begins at i, each to its place.
		moved, to := metrics[i], i
		for from := order[to].at; from != i; from = order[to].at {
			metrics[to], order[to].at, to = metrics[from], to, from
		}
		metrics[to], order[to].at = moved, to
	}
}

// incomplete says that some test ended before it was done, "" if none did. A pass
// would rest on what happened to finish.
func (e *evaluation) incomplete() string {
	return e.summary("the results are incomplete: ", func(r *perf.Run) []perf.Warning { return r.Incomplete })
}

// lost says that some test failed by itself, "" if none did.
func (e *evaluation) lost() string {
	return e.summary("the test failed: ", func(r *perf.Run) []perf.Warning { return r.Lost })
}

// summary begins with what and names the first of what the runs say, "" if they say
// nothing.
func (e *evaluation) summary(what string, of func(*perf.Run) []perf.Warning) string {
	var all []perf.Warning
	for _, run := range e.in.Head {
		all = append(all, of(run)...)
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return what + all[0].Msg
	}
	return fmt.Sprintf("%s%s, and %d more", what, all[0].Msg, len(all)-1)
}

// scalingUnjudged says that the results do not tell how the suite scales, "" if they
// do or nobody asked.
func (e *evaluation) scalingUnjudged() string {
	if s := e.result.Scaling; s != nil && s.Unjudged != "" {
		return "the scaling cannot be judged: " + s.Unjudged
	}
	return ""
}

// whyNothing says why no metric was compared.
func (e *evaluation) whyNothing() string {
	switch {
	case e.in.Base == nil:
		return cmp.Or(e.in.NoBase, "there is no baseline yet")
	case e.result.Ignored > 0 && len(e.result.Metrics) == 0:
		return "every metric is ignored by the config"
	case e.envDiffers:
		return "the baseline was measured in another environment: " + e.in.Base.Env.Differs(e.in.Env)
	case e.result.Counts[Incomparable] > 0:
		return "no metric is comparable with the baseline: " + e.whyIncomparable()
	case e.result.Counts[Inconclusive] > 0:
		return "too little was measured to compare anything"
	}
	return "the baseline and these results have no metric in common"
}

// whyIncomparable gives the first of the reasons, of which there is seldom more than
// one: a test under another load, or one that was cut off, makes all of it incomparable.
func (e *evaluation) whyIncomparable() string {
	first := ""
	for i := range e.result.Metrics {
		m := &e.result.Metrics[i]
		switch {
		case m.Verdict != Incomparable || m.Reason == first:
		case first == "":
			first = m.Reason
		default:
			return first + ", and other reasons"
		}
	}
	return first
}

func severityRank(s Severity) int {
	return slices.Index([]Severity{SeverityCritical, SeverityWarning, SeverityInfo}, s)
}

var verdictRank = func() (rank [len(verdictNames)]int) {
	for i, v := range Verdicts() {
		rank[v] = i
	}
	return rank
}()

// excess is how far a metric is over its threshold, as a multiple of it; for
// sorting.
func (m *Metric) excess() float64 {
	if m.Change == nil || m.Threshold == 0 {
		return 0
	}
	worse := *m.Change
	if m.Better == perf.BetterHigher {
		worse = -worse
	}
	return worse / m.Threshold
}
