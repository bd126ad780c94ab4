package gobench

import (
	"bytes"
	"strings"

	"speedgate/perf"
)

// standardMetrics are the metrics that the testing package reports by itself, and
// their spelling in base units, in which benchmark tools write results back.
var standardMetrics = map[string]string{
	"ns/op": perf.TimePerOp, "sec/op": perf.TimePerOp,
	"B/op": perf.BytesPerOp, "allocs/op": perf.AllocsPerOp,
	"MB/s": perf.BytesPerSecond, "B/s": perf.BytesPerSecond,
}

// metricOf names the metric of a unit: the standard one, or the unit itself, which is
// all the name that [testing.B.ReportMetric] gives a metric.
func metricOf(unit string) string {
	if m, ok := standardMetrics[unit]; ok {
		return m
	}
	return unit
}

// unitOf returns the unit that values are in. Names such as p95-ns and
// peak-RSS-bytes hold it behind the last dash, by a convention of the Go project.
func unitOf(unit string) perf.Unit {
	_, last, ok := cutLast(unit, "-")
	if !ok {
		return perf.Unit(unit)
	}
	switch last {
	case "ns", "us", "ms", "bytes":
		return perf.Unit(last)
	}
	return perf.Unit(unit)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// unitInfo is what Unit lines say of one metric.
type unitInfo struct {
	better perf.Better
	assume string // exact, nothing, or "" if not said
}

// unitLine reads "Unit score better=higher assume=exact". It returns false for a line
// that only begins with the word.
func (p *parser) unitLine(b []byte, at perf.Pos) bool {
	if !bytes.HasPrefix(b, []byte("Unit ")) {
		return false
	}
	fields := bytes.Fields(b)
	if len(fields) < 3 {
		return false
	}
	metric := metricOf(string(fields[1]))
	isUnit, hasKey := true, false
	for _, f := range fields[2:] {
		key, _, isPair := strings.Cut(string(f), "=")
		isUnit = isUnit && isPair
		hasKey = hasKey || key == "better" || key == "assume"
	}
	if !isUnit && !hasKey {
		return false
	}
	for _, f := range fields[2:] {
		if msg := p.unitKey(metric, string(f)); msg != "" {
			p.fail(at, "unit %q: %s", clip(fields[1]), msg)
		}
	}
	return true
}

// unitKey takes one key=value of a Unit line and says what is wrong with it. Keys
// that it does not know are for other tools.
func (p *parser) unitKey(metric, pair string) (problem string) {
	key, val, isPair := strings.Cut(pair, "=")
	info := p.units[metric]
	switch {
	case !isPair:
		return "expected key=value, such as better=lower or assume=exact"
	case key == "better":
		b, ok := perf.ParseBetter(val)
		if !ok || b == perf.BetterUnknown {
			return "expected better=lower or better=higher"
		}
		if said := p.direction(metric); said != perf.BetterUnknown && said != b {
			return "better=" + val + " contradicts better=" + said.String()
		}
		info.better = b
	case key == "assume":
		if val != "exact" && val != "nothing" {
			return "expected assume=exact or assume=nothing"
		}
		if info.assume != "" && info.assume != val {
			return "assume=" + val + " contradicts assume=" + info.assume
		}
		info.assume = val
	}
	p.units[metric] = info
	return ""
}

// direction is what is certain of a metric's direction: what a Unit line said, or
// what the metric is.
func (p *parser) direction(metric string) perf.Better {
	if b := p.units[metric].better; b != perf.BetterUnknown {
		return b
	}
	switch metric {
	case perf.TimePerOp, perf.BytesPerOp, perf.AllocsPerOp, perf.BytesPerSecond:
		return perf.DirectionOf(metric, "")
	}
	return perf.BetterUnknown
}

// traits is what the unit says of a series.
type traits struct {
	metric string
	unit   perf.Unit
	better perf.Better
	exact  bool
}

// describe returns the traits of a unit, once all Unit lines have been read.
func (p *parser) describe(unit string) traits {
	t := traits{metric: metricOf(unit), unit: unitOf(unit)}
	t.better = p.direction(t.metric)
	for _, u := range []perf.Unit{perf.Unit(unit), t.unit} {
		if t.better == perf.BetterUnknown {
			t.better = perf.DirectionOf(t.metric, u)
		}
	}
	// Bytes are not exact: sizes of maps and of pooled buffers vary from run to run.
	assume := p.units[t.metric].assume
	t.exact = assume == "exact" || assume == "" && t.metric == perf.AllocsPerOp
	return t
}
