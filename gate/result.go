package gate

import (
	"fmt"
	"time"

	"speedgate/perf"
)

// Outcome is the verdict of the whole gate.
type Outcome string

// The outcomes. A gate that compared nothing is never a pass.
const (
	Pass       Outcome = "pass"
	Fail       Outcome = "fail"
	NoBaseline Outcome = "no_baseline"
)

// Verdict is what the gate says of one metric.
type Verdict int8

// The verdicts, the worst first behind the safe zero value. DESIGN order: it is
// the order in which reports list them.
const (
	Inconclusive Verdict = iota // too few requests or runs to say anything, or no known direction
	Regressed                   // slower by more than the threshold, with evidence
	OverTarget                  // a critical absolute target is missed
	Suspect                     // over the threshold, without the evidence yet
	Missing                     // in the baseline, not in the results
	Invalid                     // zero requests, or an error rate too high to believe the latency
	Waived                      // would fail, and a waiver lets it pass
	NearTarget                  // a warning target is missed
	Incomparable                // environment, workload or unit differ
	New                         // not in the baseline yet
	Improved                    // faster by more than the threshold, with evidence
	Passed                      // within the limit
)

var verdictNames = [...]string{
	Inconclusive: "inconclusive", Regressed: "regressed", OverTarget: "over_target", Suspect: "suspect",
	Missing: "missing", Invalid: "invalid", Waived: "waived", NearTarget: "near_target",
	Incomparable: "incomparable", New: "new", Improved: "improved", Passed: "pass",
}

// Verdicts lists all verdicts in the order of reports: the worst first.
func Verdicts() []Verdict {
	return []Verdict{
		Regressed, OverTarget, Suspect, Missing, Invalid, Waived, NearTarget, Incomparable,
		Inconclusive, New, Improved, Passed,
	}
}

// String returns the verdict as the JSON report spells it.
func (v Verdict) String() string {
	if v < 0 || int(v) >= len(verdictNames) {
		return "inconclusive"
	}
	return verdictNames[v]
}

// Severity is what a metric's verdict means for the gate.
type Severity string

// The severities. Critical fails the gate, warning is told and passes.
const (
	SeverityInfo     Severity = "info"
	SeverityWarning  Severity = "warning"
	SeverityCritical Severity = "critical"
)

// Method is the comparison that decided a metric.
type Method string

// The methods, named for the report.
const (
	MethodNone        Method = ""
	MethodRanks       Method = "ranks"       // both sides at least 3 runs of one job: exact rank comparison
	MethodHistory     Method = "history"     // against a window of at least 3 accepted runs
	MethodSingle      Method = "single"      // one against one or two: unreplicated
	MethodExact       Method = "exact"       // deterministic: plain threshold
	MethodFixed       Method = "fixed"       // the plain rule
	MethodAbsolute    Method = "absolute"    // a side is 0 or below: no ratio exists
	MethodProportions Method = "proportions" // exact test on two error rates
)

// Methods lists all methods.
func Methods() []Method {
	return []Method{
		MethodNone, MethodRanks, MethodHistory, MethodSingle, MethodExact, MethodFixed, MethodAbsolute, MethodProportions,
	}
}

// Metric is the verdict on one metric, with every number that a report shows.
// Pointers are nil where a number does not exist.
type Metric struct {
	Key      perf.Key
	Unit     perf.Unit // of every value below; the current side's, or the baseline's if missing
	Better   perf.Better
	Kind     perf.Kind
	Verdict  Verdict
	Severity Severity
	// Reason says in a few words why, with the numbers that decided: "3 of 3
	// runs over, p = .004".
	Reason string
	// Suspended marks a metric that would fail the gate and is inconclusive, as the machine
	// that made the load may be why.
	Suspended bool
	// ShownOnly marks a metric that never gates, as its direction is unknown.
	ShownOnly bool

	Baseline *float64 // median of the runs compared with
	Current  *float64 // median of this side's runs
	// Change is Current/Baseline - 1: 0.25 = a quarter higher. nil without a ratio.
	Change *float64
	// Interval is the range of Change that the runs allow, both ends in the sign
	// of Change; nil for one run against one.
	Interval *[2]float64
	// Threshold is the relative threshold in force, 0.2 = 20 %, floor and
	// resolution included; Limit the value it stands for, in Unit.
	Threshold float64
	Limit     *float64
	// Why says where the threshold comes from: "default", "rule *:latency_p99",
	// "resolution 10 ms", "noise of the last 12 runs".
	Why string
	// Noise is the robust spread of the runs compared with, relative: 1.4826 ·
	// median absolute deviation / median. nil below 3 runs.
	Noise *float64
	// Detectable is the smallest slowdown that this comparison could have failed,
	// 0.3 = 30 % worse; nil if it could not have failed at all.
	Detectable *float64
	// Blind marks a pass that says little, as a slowdown could have passed too that is
	// large (by half) and well over the threshold that the policy asks for, or that
	// more than doubles the cost whatever it asks for, or any at all.
	Blind      bool
	PValue     *float64 // one-sided, of being this much worse by chance; nil without a test
	NBaseline  int      // runs compared with
	NCurrent   int      // runs of this side
	Method     Method
	Proved     bool // a pass whose upper bound is below the threshold
	OneProcess bool // samples of one process stood in for runs
	// Creep is how much worse the window is than its anchor, if that is over the
	// drift budget, 0.17 = 17 %; nil otherwise.
	Creep  *float64
	Anchor *perf.Anchor // what creep is measured from, nil without one
	// History is the values of the runs compared with, oldest first, for a sparkline.
	History []float64
	Waiver  *Waiver // the waiver that was used
	Pos     perf.Pos
}

// NeedsAcceptance reports whether a level of the metric becomes the normal one only
// on purpose: it is over its limit, crept there, is gone, or cannot be compared with
// what was accepted.
func (m *Metric) NeedsAcceptance() bool {
	switch m.Verdict {
	case Regressed, Suspect, Waived, Missing, Incomparable:
		return true
	case OverTarget, NearTarget: // they take the place of the verdict on the change
		if m.Method == MethodAbsolute || m.isOverLimit() {
			return true
		}
	}
	return m.Creep != nil
}

func (m *Metric) isOverLimit() bool {
	switch {
	case m.Limit == nil || m.Current == nil:
		return false
	case m.Better == perf.BetterHigher:
		return *m.Current < *m.Limit
	}
	return *m.Current > *m.Limit
}

// TargetResult is one absolute target judged on one metric.
type TargetResult struct {
	Key      perf.Key
	Match    string    // the pattern of the target, as written
	Unit     perf.Unit // of Limit and Measured
	Limit    float64
	Measured float64
	// Headroom is how much of the limit is left, relative: 0.2 = 20 % below an
	// upper limit (or above a lower one), negative when it is missed.
	Headroom float64
	Met      bool
	Doubt    string // why Measured cannot meet a target, whatever it is, "" if it can
	Severity Severity
	Level    string
	// Availability is that of [Target]: reports show both numbers as such.
	Availability bool
}

// String says what was measured and what is allowed, for a sentence: latency_p95 of
// "GET /items" is 104 ms, its target 100 ms.
func (r TargetResult) String() string {
	if r.Doubt != "" {
		return fmt.Sprintf("%s of %q cannot meet its target of %s: %s", r.Key.Metric, r.Key.Subject, quantity(r.Limit, r.Unit), r.Doubt)
	}
	return fmt.Sprintf("%s of %q is %s, its target %s", r.Key.Metric, r.Key.Subject, quantity(r.Measured, r.Unit), quantity(r.Limit, r.Unit))
}

// BaselineInfo identifies what was compared with.
type BaselineInfo struct {
	Path   string
	Commit string    // of the newest accepted run
	Runs   int       // accepted runs in the window
	Time   time.Time // of the newest accepted run, zero if unknown
	// AgeDays is the age of the newest accepted run, nil if unknown.
	AgeDays *float64
}

// Backtest is what the single-run rule would have done to the accepted runs
// themselves.
type Backtest struct {
	Runs   int // accepted runs that had at least 5 before them
	Failed int // of these, how many would have failed on at least one metric
}

// Result is the verdict of the gate and every number that a report prints.
// Renderers compute nothing.
type Result struct {
	Verdict Outcome
	// Reason says why a gate did not pass for another reason than its metrics, ""
	// otherwise: nothing was compared, the test failed by itself, the results are
	// incomplete, the load was late, the scaling could not be judged, or a critical target judged nothing.
	Reason   string
	Suite    string
	Rule     Rule
	Env      perf.Env
	Commit   string // commit of this run, "" if unknown
	Compared int    // metrics that were compared with the baseline
	Expected int    // metrics that should have been: those of the baseline that can gate
	Counts   map[Verdict]int
	Ignored  int // metrics left out by a rule
	// Patterns are those of the policy, and what became of them here.
	Patterns []PatternUse
	// Unmatched are the patterns that did nothing in any suite, and Elsewhere is the
	// number of those that did nothing here and may be meant for a suite that was not
	// judged, of which nothing is known. Both are set by [Settle].
	Unmatched []PatternUse
	Elsewhere int
	// Unleveled is the number of critical targets that match and were not judged for
	// want of a level, where no critical target was judged.
	Unleveled int
	Baseline  BaselineInfo
	Runs      int      // runs on this side of the metric that has the most
	Metrics   []Metric // the worst first: by severity, verdict, excess over the limit, key
	Targets   []TargetResult
	Suspended int       // metrics that are; one of them is no pass
	Scaling   *Scaling  // nil if none was asked for
	Backtest  *Backtest // nil below 10 accepted runs
	Accepted  []perf.Acceptance
	Waivers   []Waiver // all that have not expired, used or not
	Warnings  []perf.Warning
	Files     []string
	// Head is the runs that were judged, so that a report of them can be judged again.
	Head []*perf.Run
	// Findings are those of the runs.
	Findings []string
	// Failures are the errors that requests ended with, for the reader to see why.
	Failures []perf.Failure
}
