package gate

import (
	"time"

	"speedgate/perf"
)

// Rule is how a comparison with the baseline is decided.
type Rule string

// The rules. History is the procedure of docs/VERDICTS.md; Fixed compares with
// the newest accepted run by a plain ratio and knows no noise.
const (
	RuleHistory Rule = "history"
	RuleFixed   Rule = "fixed"
)

// Action is what a verdict does to the gate.
type Action string

// The actions. ActionStrict exists for suspects only: they fail when a stricter
// limit is broken too.
const (
	ActionFail   Action = "fail"
	ActionWarn   Action = "warn"
	ActionPass   Action = "pass"
	ActionStrict Action = "strict"
)

// Defaults of a policy.
const (
	DefaultThreshold = 0.20 // the field's common practice for latency and throughput
	DefaultWindow    = 20   // accepted runs a comparison looks back
	DefaultCreep     = ActionWarn
	// StaleAfter is the age from which a baseline is called stale.
	StaleAfter = 90 * 24 * time.Hour
)

// DefaultLatencyFloor is the absolute difference that a load test's latency must
// change by before it can regress: below it, scheduling alone moves a percentile.
var DefaultLatencyFloor = perf.Quantity{Value: 1, Unit: "ms"}

// Policy is everything that decides a verdict, apart from the measurements.
type Policy struct {
	Rule      Rule
	Threshold float64      // default relative threshold, 0.2 = 20 %
	Metrics   []MetricRule // the last match wins, field by field
	On        Actions
	Targets   []Target
	Level     string // the kind of load that targets with levels are judged by, "" if none
	Waivers   []Waiver
	Scaling   *ScalingRule // nil if the suite is of one size
	Window    int          // accepted runs looked back, at most
	Drift     float64      // how far a window may be worse than its anchor; 0 = the metric's threshold
	Strict    bool         // family-wise error rate instead of one per metric
	Now       time.Time
	MaxError  float64 // error rate above which latency is not believed; 0 = 5 %
}

// MetricRule changes the policy for the keys that match.
type MetricRule struct {
	Match     perf.Pattern
	Threshold *float64       // nil = as before
	Floor     *perf.Quantity // nil = as before
	Better    perf.Better    // of metrics whose direction the results do not tell; unknown = as before
	Ignore    bool           // neither shown nor gated; its number is said
	Shared    bool           // may be meant for another suite, so that no match in this one is no fault
}

// Actions says what each verdict does to the gate. The zero value of a field
// stands for its default, given in the comment.
type Actions struct {
	Regressed    Action // fail
	Suspect      Action // fail
	Missing      Action // fail
	Invalid      Action // fail
	OverTarget   Action // fail
	NearTarget   Action // warn
	New          Action // pass
	Incomparable Action // warn
	Inconclusive Action // pass
	Creep        Action // warn
}

// Target is an absolute limit. The metric's direction says which side is good:
// for a metric that is better higher, Limit is the least value allowed.
type Target struct {
	Match    perf.Pattern
	Limit    perf.Quantity
	Severity Severity // SeverityWarning or SeverityCritical
	Level    string   // judged only at this level of load; "" = always
	// Availability says that the limit of an error rate was written as an availability:
	// at least 99.9 % of requests that do not fail, in place of at most 0.1 % that do.
	Availability bool
}

// Waiver lets a known slowdown pass up to a limit and a day.
type Waiver struct {
	Match  perf.Pattern
	Limit  float64   // relative, 0.35 = up to 35 % worse than the baseline
	Until  time.Time // the last moment it holds
	Reason string
}
