package jsonmap

import (
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
// or a percentage. Each group may be one number, an object with statistics, or null,
// which is a missing value. What is not read is listed in a warning of the run.
//
// ok is false if root is not of this shape: a latency object with a percentile or an
// average, beside throughput or error_rate or alone, and neither requests nor
// latencies, which belong to other tools. err is what is wrong with a document of this shape; it wraps
// [perf.ErrNoResults] if no value is present.
func Plain(root *jsontree.Node, file string) (run *perf.Run, ok bool, err error) {
	if !isPlain(root) {
		return nil, false, nil
	}
	c := newCollector(file, rulePlain)
	for i := range root.Members() {
		m := &root.Members()[i]
		at := (&trail{node: root}).member(m)
		if !slices.Contains(plainGroups, m.Name) {
			c.skip(at)
			continue
		}
		c.plainGroup(at, m.Name)
	}
	run, err = c.finish()
	return run, true, err
}

var plainGroups = []string{"latency", perf.Throughput, perf.ErrorRate, perf.CPUUsage, perf.MemoryUsage}

func isPlain(root *jsontree.Node) bool {
	latency := root.Get("latency")
	hasStat := slices.ContainsFunc([]string{"p50", "p95", "p99", "avg"}, latency.Has)
	hasOther := root.Has(perf.Throughput) || root.Has(perf.ErrorRate)
	return hasStat && (hasOther || len(root.Members()) == 1) && !root.Has("requests") && !root.Has("latencies")
}

func (c *collector) plainGroup(at *trail, group string) {
	if at.node.Kind != jsontree.Object {
		c.plainValue(at, group, "avg")
		return
	}
	for _, child := range at.children() {
		n := readName(child.key)
		if n.bare() && n.stat() != "" && n.unit == "" {
			c.plainValue(child, group, n.stat())
			continue
		}
		c.skip(child)
	}
}

// plainValue adds one number of a group.
func (c *collector) plainValue(at *trail, group, stat string) {
	v, ok, err := readValue(at.node)
	if err != nil {
		c.fail(err)
		return
	}
	if !ok {
		c.fail(perf.Errorf(at.node.Pos(), "expected a number or null as %s, found %s", at, at.node.Kind))
		return
	}
	metric, unit := plainMetric(group, stat)
	if v.missing {
		c.absent(at)
		return
	}
	if v.unit != "" && unit != "" {
		converted, ok := v.unit.Convert(v.number, unit)
		if !ok {
			c.fail(perf.Errorf(at.node.Pos(), "%s is %q; expected a number of %s", at, at.node.Text, unit))
			return
		}
		v.number, v.unit = converted, ""
	}
	if v.unit != "" {
		unit = v.unit
	}
	kind := kindOf(metric, name{stats: []string{stat}}, unit)
	c.add(perf.Series{
		Key: perf.Key{Subject: perf.Aggregated, Metric: metric}, Unit: unit, Better: plainBetter(group),
		Kind: kind, Samples: []float64{v.number}, Pos: at.node.Pos(),
	})
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
