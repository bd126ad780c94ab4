package jsonmap

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"speedgate/perf"
)

// unbelievable is the share of failed requests above which a subject that says nothing
// of failures itself is given the error rate of what is around it. It is what the gate takes by default for too much to believe a latency. Below,
// one error rate would be repeated for every subject of a document.
const unbelievable = 0.05

// rounding is how far a written error rate may be from the counts beside it: half a
// percent, for whole percentages, and what binary fractions leave.
const rounding = 0.005 + 1e-9

// checkRequests refuses a document in which nothing was requested: it measured nothing.
func (a *auto) checkRequests(groups []group) {
	isMeasured := func(g group) bool { return len(g.readings) > 0 && g.zero == nil }
	if len(a.readings) == 0 || slices.ContainsFunc(groups, isMeasured) {
		return
	}
	i := slices.IndexFunc(groups, func(g group) bool { return g.zero != nil })
	a.errs = append(a.errs, &perf.InputError{Pos: groups[i].zero.Pos(), Msg: "no requests were made", Err: perf.ErrNoResults})
}

// build makes the series of the groups.
func (a *auto) build(groups []group) {
	n := 0
	for i := range groups {
		g := &groups[i]
		a.decide(g)
		n += len(g.readings) + len(g.extra())
	}
	a.run.Series = make([]perf.Series, 0, n)
	for i := range groups {
		a.buildGroup(&groups[i])
	}
}

// buildGroup adds the series of a group in the order of their metrics.
func (a *auto) buildGroup(g *group) {
	extra := g.extra()
	for _, i := range g.readings {
		r := &a.readings[i]
		for len(extra) > 0 && extra[0] < r.m.metric {
			a.add(a.extraSeries(g, extra[0]))
			extra = extra[1:]
		}
		a.add(a.series(r))
	}
	for _, metric := range extra {
		a.add(a.extraSeries(g, metric))
	}
}

// decide settles which of the metrics that follow from counts no reading gives.
func (a *auto) decide(g *group) {
	if r := a.find(g, perf.ErrorRate); r != nil {
		a.settle(g, r)
	} else {
		g.addsRate = g.isCounted() || g.said.at != nil || g.share.at != nil && g.share.of > unbelievable
	}
	g.addsRequests = (g.zero != nil || g.requests.at != nil) && a.find(g, perf.Requests) == nil
}

var extraMetrics = []string{perf.ErrorRate, perf.Requests}

// extra lists the metrics that no reading gives, sorted.
func (g *group) extra() []string {
	switch {
	case g.addsRate && g.addsRequests:
		return extraMetrics
	case g.addsRate:
		return extraMetrics[:1]
	case g.addsRequests:
		return extraMetrics[1:]
	}
	return nil
}

// extraSeries makes the series of such a metric.
func (a *auto) extraSeries(g *group, metric string) perf.Series {
	s := perf.Series{Key: perf.Key{Subject: g.subject, Metric: metric}, Better: perf.DirectionOf(metric, "")}
	at, v := g.requests.at, float64(g.requests.n)
	switch {
	case metric == perf.Requests && g.zero != nil:
		at, v = g.zero, 0
	case metric == perf.Requests:
	case g.isCounted():
		at, v, s.Count = g.failed.at, g.failed.of(g.requests), g.requests.n
	default:
		at, v = g.share.at, g.share.of
	}
	s.Kind = perf.KindTotal
	if metric == perf.ErrorRate {
		s.Kind, s.Unit = perf.KindRatio, "ratio"
	}
	a.values = append(a.values, v)
	s.Samples, s.Pos = a.values[len(a.values)-1:len(a.values):len(a.values)], at.Pos()
	return s
}

// find returns the reading of a metric, nil if the group has none.
func (a *auto) find(g *group, metric string) *reading {
	i, ok := slices.BinarySearchFunc(g.readings, metric, func(i int32, metric string) int {
		return strings.Compare(a.readings[i].m.metric, metric)
	})
	if !ok {
		return nil
	}
	return &a.readings[g.readings[i]]
}

// settle finds out whether an error rate is a share or a percentage, by the counts of its
// group or a success rate. Where they contradict each other, the worse counts.
func (a *auto) settle(g *group, r *reading) {
	if r.isArray {
		return
	}
	r.of = g.requests.n
	v, of := a.values[r.from], g.said.of
	switch {
	case g.isCounted():
		of = g.failed.of(g.requests)
	case g.said.at == nil:
		if r.m.unit == "" && v > unbelievable && v < 100 {
			a.unitless.add(r.at)
		}
		return
	}
	unit, written := nearest(v, r.m.unit, of)
	switch {
	case math.Abs(written-of) <= rounding:
	case written > of:
		a.contradiction(g, r, of, "the error rate is")
		r.of = 0 // a count would speak for the other
		return
	default:
		a.contradiction(g, r, of, "the latter is")
		a.values[r.from], unit = of, "ratio"
	}
	r.m = r.m.measuredIn(unit)
}

// nearest reads an error rate as a share, by its unit or else by the unit that brings it
// nearer to what the counts give.
func nearest(v float64, unit perf.Unit, of float64) (perf.Unit, float64) {
	if share, ok := unit.Convert(v, "ratio"); ok {
		return unit, share
	}
	if math.Abs(v-of) <= math.Abs(v/100-of) {
		return "ratio", v
	}
	return "%", v / 100
}

func (a *auto) contradiction(g *group, r *reading, of float64, used string) {
	failed := fmt.Sprintf("%.3g %% of the", 100*of)
	if g.isCounted() {
		failed = fmt.Sprintf("%d of %d", g.failed.n, g.requests.n)
	}
	a.warn(r.at.node.Pos(), "%s is %s, yet %s requests failed; %s taken, being worse",
		r.at, strings.TrimSpace(fmt.Sprintf("%g %s", a.values[r.from], r.m.unit)), failed, used)
}

// measuredIn is the meaning of the same value in another unit.
func (m *meaning) measuredIn(unit perf.Unit) *meaning {
	other := *m
	other.unit = unit
	return &other
}
