package report

import (
	"math"
	"time"

	"speedgate/gate"
	"speedgate/perf"
)

// SchemaName identifies the JSON report. A change that a reader of the old one
// would misread gets a new name.
const SchemaName = "speedgate.report/v1"

// document is the JSON report. Every field is always there; what does not exist
// is null, so that a reader can tell it from a field it has misspelled.
type document struct {
	Schema      string          `json:"schema"`
	Verdict     gate.Outcome    `json:"verdict"`
	Reason      string          `json:"reason"`
	Compared    int             `json:"compared"`
	Expected    int             `json:"expected"`
	Counts      map[string]int  `json:"counts"`
	Ignored     int             `json:"ignored"`
	Unmatched   []patternJSON   `json:"unmatched"`
	Elsewhere   int             `json:"elsewhere"`
	Unleveled   int             `json:"unleveled"`
	Suspended   int             `json:"suspended"`
	Suite       string          `json:"suite"`
	Rule        gate.Rule       `json:"rule"`
	Commit      string          `json:"commit"`
	Runs        int             `json:"runs"`
	Head        []headJSON      `json:"head"`
	Environment environmentJSON `json:"environment"`
	Baseline    baselineJSON    `json:"baseline"`
	Metrics     []metricJSON    `json:"metrics"`
	Targets     []targetJSON    `json:"targets"`
	Scaling     *scalingJSON    `json:"scaling"`
	Backtest    *backtestJSON   `json:"backtest"`
	Accepted    []acceptedJSON  `json:"accepted"`
	Waivers     []waiverJSON    `json:"waivers"`
	Findings    []string        `json:"findings"`
	Warnings    []warningJSON   `json:"warnings"`
	Failures    []failureJSON   `json:"failures"`
	Files       []string        `json:"files"`
}

type patternJSON struct {
	Kind     gate.PatternKind `json:"kind"`
	Match    string           `json:"match"`
	Critical bool             `json:"critical"`
	Found    bool             `json:"found"`
	Missing  bool             `json:"missing"`
	Ignored  bool             `json:"ignored"`
	Meant    string           `json:"meant"`
}

type environmentJSON struct {
	Fingerprint string `json:"fingerprint"`
	Name        string `json:"name"`
	OS          string `json:"os"`
	Arch        string `json:"arch"`
	CPU         string `json:"cpu"`
	Cores       int    `json:"cores"`
	Runtime     string `json:"runtime"`
	Runner      string `json:"runner"`
}

type baselineJSON struct {
	Path    string     `json:"path"`
	Commit  string     `json:"commit"`
	Runs    int        `json:"runs"`
	Time    *time.Time `json:"time"`
	AgeDays *float64   `json:"age_days"`
}

type metricJSON struct {
	Subject    string            `json:"subject"`
	Metric     string            `json:"metric"`
	Labels     map[string]string `json:"labels"`
	Unit       perf.Unit         `json:"unit"`
	Better     string            `json:"better"`
	Kind       string            `json:"kind"`
	Baseline   *float64          `json:"baseline"`
	Current    *float64          `json:"current"`
	Change     *float64          `json:"change"`
	Threshold  *float64          `json:"threshold"`
	Limit      *float64          `json:"limit"`
	Verdict    string            `json:"verdict"`
	Severity   gate.Severity     `json:"severity"`
	Reason     string            `json:"reason"`
	Why        string            `json:"why"`
	Method     gate.Method       `json:"method"`
	NBaseline  int               `json:"n_baseline"`
	NCurrent   int               `json:"n_current"`
	PValue     *float64          `json:"p_value"`
	Interval   *[2]float64       `json:"interval"`
	Noise      *float64          `json:"noise"`
	Detectable *float64          `json:"detectable"`
	Marks      []string          `json:"marks"`
	Creep      *float64          `json:"creep"`
	Anchor     *anchorJSON       `json:"anchor"`
	History    []*float64        `json:"history"`
	Waiver     *waiverJSON       `json:"waiver"`
	Position   *positionJSON     `json:"position"`
	Exact      bool              `json:"exact"`
	Step       float64           `json:"step"`
	Samples    [][]float64       `json:"samples"` // of each run that was judged, null where it has none
	Counts     []int64           `json:"counts"`  // of requests or iterations behind them
}

// headJSON is one run that was judged.
type headJSON struct {
	Users      int           `json:"users"`
	SpawnRate  float64       `json:"spawn_rate"`
	Rate       float64       `json:"rate"`
	Duration   string        `json:"duration"` // as 1m30s
	Host       string        `json:"host"`
	Incomplete []warningJSON `json:"incomplete"`
	Lost       []warningJSON `json:"lost"`
	Overloaded []warningJSON `json:"overloaded"`
	Findings   []string      `json:"findings"`
}

// Marks beside a verdict.
const (
	markProved     = "proved"
	markOneProcess = "one_process"
	markShownOnly  = "shown_only"
	markSuspended  = "suspended"
	markCreep      = "creep"
	markBlind      = "blind"
	// Decided by one run against one or two, which know no noise.
	markUnreplicated = "unreplicated"
)

type anchorJSON struct {
	Value  *float64   `json:"value"`
	Commit string     `json:"commit"`
	Time   *time.Time `json:"time"`
	Reason string     `json:"reason"`
}

type positionJSON struct {
	File   string `json:"file"`
	Line   int32  `json:"line"`
	Column int32  `json:"column"`
}

type targetJSON struct {
	Subject      string            `json:"subject"`
	Metric       string            `json:"metric"`
	Labels       map[string]string `json:"labels"`
	Match        string            `json:"match"`
	Unit         perf.Unit         `json:"unit"`
	Limit        *float64          `json:"limit"`
	Measured     *float64          `json:"measured"`
	Headroom     *float64          `json:"headroom"`
	Met          bool              `json:"met"`
	Severity     gate.Severity     `json:"severity"`
	Level        string            `json:"level"`
	Availability bool              `json:"availability"`
	Doubt        string            `json:"doubt"`
}

type backtestJSON struct {
	Runs   int `json:"runs"`
	Failed int `json:"failed"`
}

type acceptedJSON struct {
	Match  string     `json:"match"`
	Reason string     `json:"reason"`
	Commit string     `json:"commit"`
	Time   *time.Time `json:"time"`
}

type waiverJSON struct {
	Match  string     `json:"match"`
	Limit  *float64   `json:"limit"`
	Until  *time.Time `json:"until"`
	Reason string     `json:"reason"`
}

type warningJSON struct {
	Message  string        `json:"message"`
	Position *positionJSON `json:"position"`
	Health   bool          `json:"health"`
}

type failureJSON struct {
	Subject string `json:"subject"`
	Message string `json:"message"`
	Count   int64  `json:"count"`
}

func newDocument(r *gate.Result) *document {
	d := &document{
		Schema: SchemaName, Verdict: r.Verdict, Reason: r.Reason, Compared: r.Compared, Expected: r.Expected,
		Counts: map[string]int{}, Ignored: r.Ignored, Elsewhere: r.Elsewhere, Unleveled: r.Unleveled, Suspended: r.Suspended, Suite: r.Suite, Rule: r.Rule, Commit: r.Commit, Runs: r.Runs,
		Unmatched: each(r.Unmatched, func(u *gate.PatternUse) patternJSON {
			return patternJSON{u.Kind, u.Match, u.Critical, u.Found, u.Missing, u.Ignored, u.Meant}
		}),
		Environment: environmentJSON{
			r.Env.Fingerprint(), r.Env.Name, r.Env.OS, r.Env.Arch, r.Env.CPU, r.Env.Cores, r.Env.Runtime, r.Env.Runner,
		},
		Baseline: baselineJSON{r.Baseline.Path, r.Baseline.Commit, r.Baseline.Runs, timeToJSON(r.Baseline.Time), optional(r.Baseline.AgeDays)},
		Metrics:  each(r.Metrics, metricToJSON),
		Targets:  each(r.Targets, targetToJSON),
		Scaling:  scalingToJSON(r.Scaling),
		Accepted: each(r.Accepted, func(a *perf.Acceptance) acceptedJSON {
			return acceptedJSON{a.Match, a.Reason, a.Commit, timeToJSON(a.Time)}
		}),
		Waivers:  each(r.Waivers, waiverToJSON),
		Findings: texts(r.Findings), Warnings: each(r.Warnings, warningToJSON),
		Failures: each(r.Failures, func(f *perf.Failure) failureJSON { return failureJSON(*f) }),
		Files:    texts(r.Files),
	}
	for _, v := range gate.Verdicts() {
		d.Counts[v.String()] = r.Counts[v]
	}
	if b := r.Backtest; b != nil {
		d.Backtest = &backtestJSON{b.Runs, b.Failed}
	}
	d.addRuns(r)
	return d
}

// each maps a list to one that is never nil, as an absent list is [] in JSON.
func each[T, J any](list []T, f func(*T) J) []J {
	out := make([]J, len(list))
	for i := range list {
		out[i] = f(&list[i])
	}
	return out
}

func metricToJSON(m *gate.Metric) metricJSON {
	j := metricJSON{
		Subject: m.Key.Subject, Metric: m.Key.Metric, Labels: m.Key.Labels.Map(), Unit: m.Unit,
		Better: m.Better.String(), Kind: m.Kind.String(),
		Baseline: optional(m.Baseline), Current: optional(m.Current), Change: optional(m.Change),
		Threshold: finite(m.Threshold), Limit: optional(m.Limit),
		Verdict: m.Verdict.String(), Severity: m.Severity, Reason: m.Reason, Why: m.Why, Method: m.Method,
		NBaseline: m.NBaseline, NCurrent: m.NCurrent, PValue: optional(m.PValue),
		Noise: optional(m.Noise), Detectable: optional(m.Detectable),
		Marks: marksToJSON(m), Creep: optional(m.Creep),
		History: each(m.History, func(v *float64) *float64 { return finite(*v) }), Position: positionToJSON(m.Pos),
	}
	if i := m.Interval; i != nil && isFinite(i[0]) && isFinite(i[1]) {
		j.Interval = i
	}
	if a := m.Anchor; a != nil {
		j.Anchor = &anchorJSON{finite(a.Value), a.Commit, timeToJSON(a.Time), a.Reason}
	}
	if m.Waiver != nil {
		w := waiverToJSON(m.Waiver)
		j.Waiver = &w
	}
	return j
}

func marksToJSON(m *gate.Metric) []string {
	marks := []string{}
	for _, mark := range []struct {
		set  bool
		name string
	}{{m.Proved, markProved}, {m.OneProcess, markOneProcess}, {m.ShownOnly, markShownOnly}, {m.Suspended, markSuspended}, {m.Creep != nil, markCreep}, {m.Blind, markBlind}, {m.Method == gate.MethodSingle, markUnreplicated}} {
		if mark.set {
			marks = append(marks, mark.name)
		}
	}
	return marks
}

func targetToJSON(t *gate.TargetResult) targetJSON {
	return targetJSON{
		t.Key.Subject, t.Key.Metric, t.Key.Labels.Map(), t.Match, t.Unit, finite(t.Limit), finite(t.Measured),
		finite(t.Headroom), t.Met, t.Severity, t.Level, t.Availability, t.Doubt,
	}
}

func waiverToJSON(w *gate.Waiver) waiverJSON {
	return waiverJSON{w.Match.String(), finite(w.Limit), timeToJSON(w.Until), w.Reason}
}

func warningToJSON(w *perf.Warning) warningJSON {
	return warningJSON{w.Msg, positionToJSON(w.Pos), w.Health}
}

func positionToJSON(p perf.Pos) *positionJSON {
	if p == (perf.Pos{}) {
		return nil
	}
	return &positionJSON{p.File, p.Line, p.Col}
}

// maxYear is the last that RFC 3339 can write.
const maxYear = 9999

func timeToJSON(t time.Time) *time.Time {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > maxYear {
		return nil
	}
	return &t
}

// finite returns a pointer to v, nil for NaN and infinities, which JSON has not.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func optional(v *float64) *float64 {
	if v == nil {
		return nil
	}
	return finite(*v)
}

// texts makes an empty list of none.
func texts(list []string) []string { return append([]string{}, list...) }
