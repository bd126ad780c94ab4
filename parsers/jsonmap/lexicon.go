package jsonmap

import (
	"slices"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// lexicon remembers what was worked out about keys while one document is read: the
// same few keys stand in it again and again, and taking a key apart costs more than
// everything else that is done with its value.
type lexicon struct {
	names       map[string]*name
	percentiles map[string]*name
	joins       map[junction]*name
	meanings    map[statement]*meaning
	// shapes are the names of the last object with so many members: most objects of a
	// document have the same keys as the one before.
	shapes map[int][]*name
}

func newLexicon() *lexicon {
	return &lexicon{
		names: map[string]*name{}, percentiles: map[string]*name{},
		joins: map[junction]*name{}, meanings: map[statement]*meaning{}, shapes: map[int][]*name{},
	}
}

// name is what a key says.
func (l *lexicon) name(key string) *name {
	n := l.names[key]
	if n == nil {
		n = readName(key)
		l.names[key] = n
	}
	return n
}

// namesOf are the names of the keys of an object; in one of percentiles, plain numbers
// are keys of percentiles. The list must not be changed.
func (l *lexicon) namesOf(members []jsontree.Member, percentiles bool) []*name {
	last := l.shapes[len(members)]
	if !percentiles && slices.EqualFunc(last, members, func(n *name, m jsontree.Member) bool { return n.text == m.Name }) {
		return last
	}
	names := make([]*name, len(members))
	for i := range members {
		names[i] = l.name(members[i].Name)
		if percentiles && names[i].barePercent {
			names[i] = l.percentile(names[i])
		}
	}
	if !percentiles {
		l.shapes[len(members)] = names
	}
	return names
}

// percentile is what the key of n, a plain number, says below "percentiles".
func (l *lexicon) percentile(n *name) *name {
	p := l.percentiles[n.text]
	if p == nil {
		p = &name{text: n.text, stats: []string{"p" + n.text}}
		p.settle()
		l.percentiles[n.text] = p
	}
	return p
}

// junction is a way to make one name of two.
type junction struct {
	kind         junctionKind
	outer, inner *name
}

type junctionKind uint8

const (
	inGroup  junctionKind = iota // inner is a statistic or part of the group outer
	asValue                      // inner only says that the value of outer stands there, or in which unit
	withUnit                     // inner, measured in the unit of outer
)

// join makes one name of two.
func (l *lexicon) join(kind junctionKind, outer, inner *name) *name {
	at := junction{kind, outer, inner}
	n := l.joins[at]
	if n == nil {
		n = joinNames(kind, outer, inner)
		l.joins[at] = n
	}
	return n
}

func joinNames(kind junctionKind, outer, inner *name) *name {
	var n name
	switch kind {
	case inGroup:
		n = name{
			text: outer.text + "_" + inner.text, unit: inner.unit, spread: outer.spread || inner.spread,
			base: slices.Concat(outer.base, inner.base), stats: slices.Concat(outer.stats, inner.stats),
		}
	case asValue:
		n = *outer
		n.unit = inner.unit
	case withUnit:
		n = *inner
	}
	if n.unit == "" {
		n.unit = outer.unit
	}
	n.settle()
	return &n
}

// statement is a name with the unit of a value that has it.
type statement struct {
	n    *name
	unit perf.Unit
}

// meaning is what a statement says about a value.
type meaning struct {
	metric string // the standard name, else the keys as they are written
	unit   perf.Unit
	better perf.Better
	kind   perf.Kind
	// isMeasurement reports whether the value is taken for a measurement, if nothing
	// beside it speaks against.
	isMeasurement bool
	isTime        bool // it cannot be negative
	isCounted     bool // it is a statistic of response times, made of a number of them
}

func (l *lexicon) meaning(n *name, unit perf.Unit) *meaning {
	at := statement{n, unit}
	m := l.meanings[at]
	if m == nil {
		m = n.in(unit)
		l.meanings[at] = m
	}
	return m
}

// in is what a name says about a value in a unit.
func (n *name) in(unit perf.Unit) *meaning {
	m := &meaning{metric: metricName(n, unit), unit: unit}
	if m.metric == "" {
		m.metric = n.text
	}
	m.better = directionOf(m.metric, n, unit)
	m.kind = kindOf(m.metric, n, unit)
	m.isMeasurement = n.isMeasurement(unit, m.better)
	m.isTime = unit.Dimension() == perf.DimensionTime || perf.IsLatency(m.metric)
	m.isCounted = n.isLatency() && (m.kind == perf.KindMean || m.kind == perf.KindQuantile)
	return m
}

// isMeasurement reports whether a value in a unit is taken for a measurement.
func (n *name) isMeasurement(unit perf.Unit, better perf.Better) bool {
	switch {
	case n.spread:
		return false
	case slices.ContainsFunc(n.stats, isExtreme) && len(n.stats) > 1:
		return false
	case unit.Dimension() == perf.DimensionRatio:
		return n.measures() || better != perf.BetterUnknown
	case unit != "":
		return true
	case len(n.stats) > 0:
		return isPercentile(n.stats[0]) || n.isLatency() || n.measures()
	}
	return n.measures()
}
