package report

import (
	"math"
	"strconv"
	"strings"

	"speedgate/gate"
	"speedgate/perf"
)

// targetRow is a line of the table of targets, its numbers already written. Names are
// as they came and not yet safe to print.
type targetRow struct {
	met      bool
	severity gate.Severity
	subject  string // with the labels that it takes
	metric   string
	limit    string
	level    string
	measured string
	headroom string
	match    string
}

// What became of targets, and of sizes of a scaling, in people's words.
const (
	wordMet      = "met"
	wordMissed   = "missed"
	wordNear     = "near" // a warning is missed
	wordUnjudged = "unjudged"
)

func (t *targetRow) word() string {
	switch {
	case t.met:
		return wordMet
	case t.severity == gate.SeverityCritical:
		return wordMissed
	}
	return wordNear
}

// targetRows returns the targets, those that are not met first, and counts them.
func targetRows(r *gate.Result) (rows []targetRow, summary string) {
	names := newNamer(r.Metrics)
	count := map[string]int{}
	var met []targetRow
	for i := range r.Targets {
		row := newTargetRow(&r.Targets[i], names)
		count[row.word()]++
		if row.met {
			met = append(met, row)
		} else {
			rows = append(rows, row)
		}
	}
	summary = strings.Join(nonEmpty(countText(count[wordMet], wordMet), someText(count[wordNear], wordNear), someText(count[wordMissed], wordMissed)), ", ")
	return append(rows, met...), summary
}

func newTargetRow(t *gate.TargetResult, names *namer) targetRow {
	d := displayFor(t.Unit, &t.Limit, &t.Measured)
	row := targetRow{
		met: t.Met, severity: t.Severity, subject: strings.Join(nonEmpty(t.Key.Subject, names.labels(t.Key)), " "),
		metric: metricName(t.Key.Metric), limit: d.text(&t.Limit), level: t.Level, measured: d.text(&t.Measured),
		headroom: bound(t.Headroom), match: t.Match,
	}
	if t.Doubt != "" {
		row.headroom = none // of a figure that does not count
	}
	if t.Availability {
		row.metric = "availability"
		row.limit, row.measured = availabilityTexts(t.Limit, t.Measured, t.Unit)
	}
	return row
}

// availabilityTexts writes an error rate and its limit as shares of requests that do not
// fail, the rate with a decimal more than the limit. It does not round up: 99.999 % are
// not all.
func availabilityTexts(limit, errorRate float64, unit perf.Unit) (limitText, text string) {
	const rounding = 1e-6 // 100 - 0.1 is a little below 99.9
	most, _ := unit.Convert(limit, "%")
	percent, ok := unit.Convert(errorRate, "%")
	if !ok {
		return none, none
	}
	limitText = strconv.FormatFloat(math.Round((100-most)/rounding)*rounding, 'g', 10, 64)
	_, decimals, _ := strings.Cut(limitText, ".")
	scale := math.Pow10(len(decimals) + 1)
	text = strconv.FormatFloat(math.Floor((100-percent)*scale+rounding)/scale, 'f', -1, 64)
	return limitText + " %", text + " %"
}

// missedLimit is the limit of a target that a metric misses.
type missedLimit struct {
	unit  perf.Unit
	limit float64
}

// missedLimits finds for each key the limit that it misses: a critical one before a
// warning, a target's before one of the scaling.
func missedLimits(r *gate.Result) map[perf.Key]missedLimit {
	missed := map[perf.Key]missedLimit{}
	if r.Scaling != nil {
		missed = missedInScaling(r.Scaling)
	}
	for _, severity := range []gate.Severity{gate.SeverityWarning, gate.SeverityCritical} {
		for i := len(r.Targets) - 1; i >= 0; i-- { // of several the first stays
			if t := &r.Targets[i]; !t.Met && t.Severity == severity {
				missed[t.Key] = missedLimit{t.Unit, t.Limit}
			}
		}
	}
	return missed
}

func missedInScaling(s *gate.Scaling) map[perf.Key]missedLimit {
	missed := map[perf.Key]missedLimit{}
	for i := range s.Subjects {
		sub := &s.Subjects[i]
		for k := range sub.Points {
			p := &sub.Points[k]
			if !p.EfficiencyMet && p.Least != nil {
				missed[throughputKey(s, sub, p)] = missedLimit{sub.Unit, *p.Least}
			}
			for _, t := range p.Limits {
				if !t.Met {
					missed[t.Key] = missedLimit{t.Unit, t.Limit}
				}
			}
		}
	}
	return missed
}

// throughputKey is the metric whose efficiency a point has.
func throughputKey(s *gate.Scaling, sub *gate.ScalingSubject, p *gate.ScalingPoint) perf.Key {
	return perf.Key{Subject: sub.Subject, Metric: perf.Throughput, Labels: sub.Labels.With(s.Over, p.Label)}
}
