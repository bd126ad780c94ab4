package jsonmap

import (
	"cmp"
	"slices"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// rulePlain is the source rule of the plain shape.
const rulePlain = "plain shape"

// Plain reads the shape that hand-written gates use, for a result and for a
// baseline alike:
//
//	{"latency": {"p50": 45.2, "p95": 98, "avg": 51}, "throughput": {"avg": 1043.5}, "error_rate": 0.002}
//
// Latencies are milliseconds, throughputs are per second. error_rate, cpu_usage and
// memory_usage are numbers without unit, as nobody can tell whether 0.5 is a share
// or a percentage. A unit that is written, in a key, in a text or as the member "unit"
// of a group, counts instead. Each group may be one number, an object with statistics, or
// null, which is a missing value. What else stands there is read as the automatic reading
// does, counts of requests and errors among it, and what nobody can read is listed in a
// warning of the run.
//
// ok is false if root is not of this shape: a latency object with a percentile or an
// average, and beside it throughput or error_rate, or nothing but plain values, counts of
// requests and settings. Documents of other tools are not. err is what is wrong with a document of this shape;
// it wraps [perf.ErrNoResults] if no value is present.
func Plain(root *jsontree.Node, file string) (run *perf.Run, ok bool, err error) {
	if !isPlain(root) {
		return nil, false, nil
	}
	a := newAuto(root, file, rulePlain)
	t := a.enter(spot{node: root})
	t.facts().isLoad = true
	for i := range t.size() {
		if s := t.child(i); slices.Contains(plainGroups, s.key()) {
			a.plainGroup(s)
		}
	}
	plain := len(a.readings)
	for i := range t.size() {
		if s := t.child(i); !slices.Contains(plainGroups, s.key()) {
			a.walkMember(s)
		}
	}
	a.dropRepeated(plain)
	run, err = a.done()
	return run, true, err
}

var plainGroups = []string{"latency", perf.Throughput, perf.ErrorRate, perf.CPUUsage, perf.MemoryUsage}

func isPlain(root *jsontree.Node) bool {
	latency := root.Get("latency")
	if !slices.ContainsFunc([]string{"p50", "p95", "p99", "avg"}, latency.Has) || root.Has("latencies") || Foreign(root) != "" {
		return false
	}
	if requests := root.Get("requests"); requests != nil && slices.ContainsFunc([]string{"average", "mean", "p50", "p95", "p99", "avg"}, requests.Has) {
		return false // autocannon, whose throughput is bytes
	}
	if root.Has(perf.Throughput) || root.Has(perf.ErrorRate) {
		return true
	}
	return !slices.ContainsFunc(root.Members(), func(m jsontree.Member) bool {
		return !slices.Contains(plainGroups, m.Name) && holdsMore(&m)
	})
}

// holdsMore reports whether results of something else may be below a member.
func holdsMore(m *jsontree.Member) bool {
	if m.Value.Kind != jsontree.Object && m.Value.Kind != jsontree.Array {
		return false
	}
	n := readName(m.Name)
	return !n.isSetting && n.role != roleRequests && n.role != roleFailures
}

// plainGroup reads a group, or the number that stands for it.
func (a *auto) plainGroup(s spot) {
	if s.node.Kind != jsontree.Object {
		a.plainValue(s, nil, "avg", "")
		return
	}
	t := a.enter(s)
	for i := range t.size() {
		child := t.child(i)
		n := child.name()
		switch {
		case n.bare() && n.stat() != "":
			a.plainValue(child, t, n.stat(), n.unit)
		case (n.isNumberValue || n.bare() && n.unit.Dimension() == perf.DimensionRate) && !slices.ContainsFunc([]string{"avg", "average", "mean"}, t.node.Has):
			a.plainValue(child, t, "avg", n.unit)
		default:
			a.skipped = append(a.skipped, child)
		}
	}
}

// plainValue adds one number of the group t, or the number that stands for a group if t
// is nil.
func (a *auto) plainValue(s spot, t *trail, stat string, unit perf.Unit) {
	v, ok, err := readValue(s.node)
	switch {
	case err != nil:
		a.fail(err)
		return
	case !ok:
		a.fail(perf.Errorf(s.node.Pos(), "expected a number or null as %s, found %s", s, s.node.Kind))
		return
	case v.missing:
		a.absent(s)
		return
	}
	group := s.key()
	if t != nil {
		group, unit = t.key(), cmp.Or(unit, t.facts().unit)
	}
	if group == "latency" {
		unit = cmp.Or(unit, timeUnit(s.root()))
	}
	metric, usual := plainMetric(group, stat)
	unit = cmp.Or(v.unit, unit, usual)
	if usual != "" {
		if v.number, ok = unit.Convert(v.number, usual); !ok {
			a.fail(perf.Errorf(s.node.Pos(), "%s is in %s; expected a number of %s", s, unit, usual))
			return
		}
		unit = usual
	}
	a.plainReading(s, t, v.number, &meaning{
		metric: metric, unit: unit, better: plainBetter(group), kind: kindOf(metric, &name{stats: []string{stat}}, unit), isCounted: group == "latency",
	})
}

func (a *auto) plainReading(s spot, group *trail, v float64, m *meaning) {
	r := reading{at: s, top: group, m: m, from: int32(len(a.values)), size: 1, isPlain: true}
	r.subject = r.subjectText(false)
	a.values = append(a.values, v)
	a.readings = append(a.readings, r)
}

// root is the document around a value.
func (s spot) root() *jsontree.Node {
	for s.up != nil {
		s = s.up.spot
	}
	return s.node
}

// timeUnit is the unit of time that a document names for all of it: "time_unit": "us".
func timeUnit(root *jsontree.Node) perf.Unit {
	for i := range root.Members() {
		m := &root.Members()[i]
		words := splitWords(m.Name)
		if m.Value.Kind != jsontree.String || len(words) == 0 || !slices.Contains([]string{"unit", "units"}, words[len(words)-1]) {
			continue
		}
		if _, every := classesOf(words[:len(words)-1]); every&latencyWords == 0 {
			continue
		}
		if u := unitOf(m.Value.Text); u.Dimension() == perf.DimensionTime {
			return u
		}
	}
	return ""
}

// dropRepeated leaves out what the rest of the document says again of what the plain
// groups said: {"throughput": {"avg": 99}, "rps": 99}.
func (a *auto) dropRepeated(plain int) {
	said := map[perf.Key]bool{}
	for _, r := range a.readings[:plain] {
		said[r.key()] = true
	}
	kept := a.readings[:plain]
	for _, r := range a.readings[plain:] {
		if said[r.key()] {
			a.skipped = append(a.skipped, r.at)
			continue
		}
		kept = append(kept, r)
	}
	a.readings = kept
}

func plainMetric(group, stat string) (metric string, unit perf.Unit) {
	switch {
	case group == "latency":
		return latencyMetric(stat), "ms"
	case group == perf.Throughput:
		unit = "/s"
	}
	if stat == "avg" {
		return group, unit
	}
	return group + "_" + stat, unit
}

func plainBetter(group string) perf.Better {
	if group == perf.Throughput {
		return perf.BetterHigher
	}
	return perf.BetterLower
}
