package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"speedgate/gate"
	"speedgate/internal/jsontree"
	"speedgate/perf"
	"speedgate/report/safetext"
)

//go:embed schema/report.v1.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what [JSON] writes.
func Schema() []byte { return bytes.Clone(schema) }

// JSON writes r as schema [SchemaName]: every number in full, null where there
// is none, the same bytes for the same result. Text that is not valid UTF-8 gets
// replacement characters.
func JSON(w io.Writer, r *gate.Result) error {
	data, err := encode(newDocument(r))
	if err != nil {
		return err
	}
	if bytes.Contains(data, []byte(`\ufffd`)) {
		// The encoder spells an invalid byte as an escape and the character
		// itself as is. Once more through it, both are the same.
		var d document
		if err := json.Unmarshal(data, &d); err != nil {
			return err
		}
		if data, err = encode(&d); err != nil {
			return err
		}
	}
	_, err = w.Write(inert(data))
	return err
}

func encode(d *document) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(d)
	return b.Bytes(), err
}

// inert escapes what could harm a terminal or the log of a CI job that the JSON
// is written to: characters that nobody sees, and the second of two hash marks.
// All of these stand inside strings, where an escape means the same.
func inert(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/64)
	var last rune
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r != '\n' && !safetext.Visible(r), r == '#' && last == '#':
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		default:
			out = append(out, data[i:i+n]...)
		}
		last = r
		i += n
	}
	return out
}

// MaxReportBytes is the largest JSON report that [ReadJSON] takes: 100,000
// metrics with a full history each fit.
const MaxReportBytes = 128 << 20

// maxReportMetrics bounds what a report may hold: many times the largest suites.
const maxReportMetrics = 200_000

// ReadJSON reads what [JSON] has written. It is strict, as what it returns may be
// published: unknown fields, verdicts and schemas, text behind the document, and
// a verdict that its own metrics contradict are errors. The reader may be under
// the control of others; no input makes it panic.
func ReadJSON(r io.Reader) (*gate.Result, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxReportBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxReportBytes {
		return nil, fmt.Errorf("a report of more than %d bytes is too large", MaxReportBytes)
	}
	var head reportHead
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, jsonError(data, err)
	}
	if head.Schema != SchemaName {
		return nil, fmt.Errorf("schema %q is not %q, the only one that is understood", head.Schema, SchemaName)
	}
	var d document
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, jsonError(data, err)
	}
	if err := noTwins(data); err != nil {
		return nil, err
	}
	res, err := d.result()
	if err != nil {
		return nil, err
	}
	return res, consistent(res)
}

// noTwins refuses a key that stands twice in one object: the library takes the last,
// another reader of the same report the first.
func noTwins(data []byte) error {
	_, err := jsontree.Parse(string(data), "")
	if e, ok := errors.AsType[*perf.InputError](err); ok {
		return fmt.Errorf("line %d, column %d: not a JSON report: %s", e.Pos.Line, e.Pos.Col, e.Msg)
	}
	return err
}

// reportHead is what tells whether the rest can be understood.
type reportHead struct {
	Schema string `json:"schema"`
}

// jsonError gives an error of encoding/json the line and column it happened at,
// as far as known.
func jsonError(data []byte, err error) error {
	var offset int64
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = e.Offset
	} else if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = e.Offset
	}
	if offset == 0 {
		return fmt.Errorf("not a JSON report: %w", err)
	}
	before := data[:min(int(offset), len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := max(1, len(before)-1-bytes.LastIndexByte(before, '\n'))
	return fmt.Errorf("line %d, column %d: not a JSON report: %w", line, column, err)
}

// consistent refuses a report whose verdict its own content contradicts. A pass
// is what others rely on, so it is what must be believable.
func consistent(r *gate.Result) error {
	if r.Verdict != gate.Pass {
		return nil
	}
	if r.Compared == 0 && len(r.Targets) == 0 {
		return errors.New("the report says pass and compared nothing")
	}
	for i := range r.Metrics {
		if m := &r.Metrics[i]; isCritical(m) {
			return fmt.Errorf("the report says pass and %q is %s, which fails a gate", m.Key, m.Verdict)
		}
	}
	if s := r.Scaling; s != nil && s.Unjudged != "" {
		return fmt.Errorf("the report says pass and its scaling could not be judged, which fails a gate: %s", s.Unjudged)
	}
	for i := range r.Unmatched {
		if u := &r.Unmatched[i]; u.Critical {
			return fmt.Errorf("the report says pass and the critical target %q judged nothing, which fails a gate", u.Match)
		}
	}
	return nil
}

// result turns the document back into what it was made of.
func (d *document) result() (*gate.Result, error) {
	if len(d.Metrics) > maxReportMetrics {
		return nil, fmt.Errorf("%d metrics are too many; %d is the limit", len(d.Metrics), maxReportMetrics)
	}
	if !slices.Contains([]gate.Outcome{gate.Pass, gate.Fail, gate.NoBaseline}, d.Verdict) {
		return nil, fmt.Errorf("%q is not a verdict of a gate; expected pass, fail or no_baseline", d.Verdict)
	}
	if !slices.Contains([]gate.Rule{"", gate.RuleHistory, gate.RuleFixed}, d.Rule) {
		return nil, fmt.Errorf("%q is not a rule; expected history or fixed", d.Rule)
	}
	e, b := d.Environment, d.Baseline
	r := &gate.Result{
		Verdict: d.Verdict, Reason: d.Reason, Suite: d.Suite, Rule: d.Rule, Commit: d.Commit,
		Compared: d.Compared, Expected: d.Expected, Ignored: d.Ignored, Elsewhere: d.Elsewhere, Unleveled: d.Unleveled, Suspended: d.Suspended, Runs: d.Runs, Files: d.Files,
		Env:      perf.Env{Name: e.Name, OS: e.OS, Arch: e.Arch, CPU: e.CPU, Cores: e.Cores, Runtime: e.Runtime, Runner: e.Runner},
		Baseline: gate.BaselineInfo{Path: b.Path, Commit: b.Commit, Runs: b.Runs, Time: timeFromJSON(b.Time), AgeDays: b.AgeDays},
		Targets:  each(d.Targets, targetFromJSON),
		Unmatched: each(d.Unmatched, func(u *patternJSON) gate.PatternUse {
			return gate.PatternUse{Kind: u.Kind, Match: u.Match, Critical: u.Critical, Found: u.Found, Missing: u.Missing, Ignored: u.Ignored, Meant: u.Meant}
		}),
		Accepted: each(d.Accepted, func(a *acceptedJSON) perf.Acceptance {
			return perf.Acceptance{Match: a.Match, Reason: a.Reason, Commit: a.Commit, Time: timeFromJSON(a.Time)}
		}),
		Findings: d.Findings, Warnings: each(d.Warnings, warningFromJSON),
		Failures: each(d.Failures, func(f *failureJSON) perf.Failure { return perf.Failure(*f) }),
	}
	if d.Backtest != nil {
		r.Backtest = &gate.Backtest{Runs: d.Backtest.Runs, Failed: d.Backtest.Failed}
	}
	return r, errors.Join(d.countsInto(r), d.metricsInto(r), d.scalingInto(r), d.waiversInto(r), d.runsInto(r))
}

func (d *document) countsInto(r *gate.Result) error {
	r.Counts = map[gate.Verdict]int{}
	for _, v := range gate.Verdicts() {
		n, ok := d.Counts[v.String()]
		if !ok {
			return fmt.Errorf("counts lacks %q", v)
		}
		r.Counts[v] = n
	}
	if len(d.Counts) > len(r.Counts) {
		return errors.New("counts has a verdict that is not known")
	}
	return nil
}

func (d *document) metricsInto(r *gate.Result) error {
	r.Metrics = make([]gate.Metric, len(d.Metrics))
	for i := range d.Metrics {
		m, err := d.Metrics[i].metric()
		if err != nil {
			return fmt.Errorf("metric %d: %w", i+1, err)
		}
		r.Metrics[i] = m
	}
	return nil
}

func (d *document) waiversInto(r *gate.Result) error {
	r.Waivers = make([]gate.Waiver, len(d.Waivers))
	for i := range d.Waivers {
		w, err := d.Waivers[i].waiver()
		if err != nil {
			return fmt.Errorf("waiver %d: %w", i+1, err)
		}
		r.Waivers[i] = w
	}
	return nil
}

func (j *metricJSON) metric() (gate.Metric, error) {
	better, okBetter := perf.ParseBetter(j.Better)
	kind, okKind := perf.ParseKind(j.Kind)
	verdict, okVerdict := parseVerdict(j.Verdict)
	severities := []gate.Severity{gate.SeverityInfo, gate.SeverityWarning, gate.SeverityCritical}
	switch {
	case !okVerdict:
		return gate.Metric{}, fmt.Errorf("%q is not a verdict", j.Verdict)
	case !okBetter:
		return gate.Metric{}, fmt.Errorf("%q is not a direction; expected lower, higher or unknown", j.Better)
	case !okKind:
		return gate.Metric{}, fmt.Errorf("%q is not a kind of series", j.Kind)
	case !slices.Contains(severities, j.Severity):
		return gate.Metric{}, fmt.Errorf("%q is not a severity; expected info, warning or critical", j.Severity)
	}
	m := gate.Metric{
		Key: j.key(), Unit: j.Unit, Better: better, Kind: kind, Verdict: verdict, Severity: j.Severity, Reason: j.Reason,
		Baseline: j.Baseline, Current: j.Current, Change: j.Change, Interval: j.Interval,
		Threshold: required(j.Threshold), Limit: j.Limit, Why: j.Why, Noise: j.Noise, Detectable: j.Detectable,
		PValue: j.PValue, NBaseline: j.NBaseline, NCurrent: j.NCurrent, Method: j.Method,
		Creep: j.Creep, History: each(j.History, func(v **float64) float64 { return required(*v) }),
		Pos: positionFromJSON(j.Position),
	}
	if a := j.Anchor; a != nil {
		m.Anchor = &perf.Anchor{Value: required(a.Value), Commit: a.Commit, Time: timeFromJSON(a.Time), Reason: a.Reason}
	}
	if j.Waiver != nil {
		w, err := j.Waiver.waiver()
		if err != nil {
			return gate.Metric{}, err
		}
		m.Waiver = &w
	}
	return m, j.marksInto(&m)
}

func (j *metricJSON) key() perf.Key {
	return perf.Key{Subject: j.Subject, Metric: j.Metric, Labels: perf.NewLabels(j.Labels)}
}

func (j *metricJSON) marksInto(m *gate.Metric) error {
	for _, mark := range j.Marks {
		switch mark {
		case markProved:
			m.Proved = true
		case markOneProcess:
			m.OneProcess = true
		case markShownOnly:
			m.ShownOnly = true
		case markSuspended:
			m.Suspended = true
		case markBlind:
			m.Blind = true
		case markUnreplicated: // follows from the method
		case markCreep: // stands for the number, which is read by itself
		default:
			return fmt.Errorf("%q is not a mark", mark)
		}
	}
	return nil
}

func parseVerdict(s string) (gate.Verdict, bool) {
	for _, v := range gate.Verdicts() {
		if v.String() == s {
			return v, true
		}
	}
	return gate.Inconclusive, false
}

func targetFromJSON(j *targetJSON) gate.TargetResult {
	return gate.TargetResult{
		Key:   perf.Key{Subject: j.Subject, Metric: j.Metric, Labels: perf.NewLabels(j.Labels)},
		Match: j.Match, Unit: j.Unit, Limit: required(j.Limit), Measured: required(j.Measured),
		Headroom: required(j.Headroom), Met: j.Met, Severity: j.Severity, Level: j.Level, Availability: j.Availability, Doubt: j.Doubt,
	}
}

func (j *waiverJSON) waiver() (gate.Waiver, error) {
	w := gate.Waiver{Limit: required(j.Limit), Until: timeFromJSON(j.Until), Reason: j.Reason}
	if j.Match == "" {
		return w, nil // the pattern that matches nothing
	}
	var err error
	w.Match, err = perf.ParsePattern(j.Match)
	return w, err
}

func warningFromJSON(j *warningJSON) perf.Warning {
	return perf.Warning{Pos: positionFromJSON(j.Position), Msg: j.Message, Health: j.Health}
}

func positionFromJSON(j *positionJSON) perf.Pos {
	if j == nil {
		return perf.Pos{}
	}
	return perf.Pos{File: j.File, Line: j.Line, Col: j.Column}
}

func timeFromJSON(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// required reads a number that a result always has: null stands for one that
// JSON could not hold.
func required(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
