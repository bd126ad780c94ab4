package config

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"speedgate/gate"
	"speedgate/internal/suggest"
	"speedgate/perf"
)

// availability is the key that people write for an error rate: 99.9% stands for
// an error rate of at most 0.1 %.
const availability = "availability"

// target is one item of targets: a pattern of subjects and limits of metrics.
type target struct {
	match  string
	limits []metricLimit
}

var targetObject = object[target]{
	def: "target",
	fields: []field[target]{
		{key: "match", required: true, read: into(subjectPattern, func(t *target) *string { return &t.match })},
	},
	rest: func(d *decoder, e entry, t *target) bool {
		if !d.metricKey(e, []string{"match", availability}) {
			return true
		}
		t.limits = append(t.limits, d.limits(e)...)
		return true
	},
}

// subjectPattern reads the pattern of a target. The metrics are keys of their own,
// so a metric in the pattern is a mistake that would match nothing.
func subjectPattern(n *node) (string, error) {
	p, err := pattern(n)
	if err != nil {
		return "", err
	}
	s := p.String()
	if m := metricOf(p); m != "" && slices.Contains(metricNames(), m) {
		return "", fmt.Errorf("a target matches subjects, not metrics; write match: %s and %s: as a key beside it",
			quote(strings.TrimSuffix(s, ":"+m)), m)
	}
	return s, nil
}

func readTargets(d *decoder, n *node, c *Config) {
	var list []target
	listInto(readTarget, false, func(l *[]target) *[]target { return l })(d, n, &list)
	for _, t := range list {
		for _, l := range t.limits {
			p, err := perf.ParsePattern(t.match + ":" + l.metric)
			if err != nil {
				continue // told where match was read
			}
			l.target.Match = p
			c.Targets = append(c.Targets, l.target)
		}
	}
}

func readTarget(d *decoder, n *node, t *target) {
	targetObject.read(d, n, t)
	if n.kind == kindMapping && len(n.entries) == 1 && n.child("match") != nil {
		d.errorf(n, "the target has no limit; add a metric such as latency_p95: 100ms")
	}
}

// metricNames lists the standard metrics, with the percentiles that tools report.
func metricNames() []string {
	return []string{
		"latency_p50", "latency_p66", "latency_p75", "latency_p80", "latency_p90", "latency_p95", "latency_p98", "latency_p99",
		"latency_p99.9", "latency_p99.99", perf.LatencyAvg, perf.LatencyMin, perf.LatencyMax, perf.Throughput,
		perf.ErrorRate, perf.Requests, perf.TimePerOp, perf.BytesPerOp, perf.AllocsPerOp, perf.BytesPerSecond,
		perf.CPUUsage, perf.MemoryUsage, perf.MemoryShare, perf.DiskIOPS, perf.NetworkBPS, perf.BreakingPoint, perf.RecoveryTime,
	}
}

// metricKey reports whether a key may be the name of a metric. Any may, as tools
// have their own; one letter away from a known word it is a misspelling, and would
// silently never be judged.
func (d *decoder) metricKey(e entry, others []string) bool {
	known := append(metricNames(), others...)
	if _, isQuantile := perf.Quantile(e.key); isQuantile || slices.Contains(known, e.key) {
		return true
	}
	problem := ""
	for _, k := range known {
		if suggest.Within(e.key, k, 1) {
			problem = fmt.Sprintf("unknown metric %s; did you mean %q?", quote(e.key), k)
			break
		}
	}
	switch {
	case problem != "":
	case e.key == "" || strings.ContainsAny(e.key, ":*"):
		problem = quote(e.key) + " is not the name of a metric"
	case perf.IsLatency(e.key):
		problem = fmt.Sprintf("unknown metric %s; a latency is latency_avg, latency_min, latency_max or a percentile such as latency_p95", quote(e.key))
	default:
		return true
	}
	d.report(e.pos, "", problem)
	return false
}

// metricLimit is a limit of a metric: a target that lacks its subjects.
type metricLimit struct {
	metric string
	target gate.Target
}

// Levels of load that most people name so. Others are free.
var commonLevels = []string{"normal", "peak", "burst", "limit"}

var severities = []string{string(gate.SeverityWarning), string(gate.SeverityCritical)}

// limits reads the limits of one metric: a quantity, a mapping of severities or a
// mapping of levels.
func (d *decoder) limits(e entry) []metricLimit {
	n := e.value
	if n.kind != kindMapping {
		l, ok := d.limit(e.key, n)
		if !ok {
			return nil
		}
		return []metricLimit{{l.metric, gate.Target{Limit: l.value, Severity: gate.SeverityCritical, Availability: e.key == availability}}}
	}
	if len(n.entries) == 0 {
		d.errorf(n, "expected a limit, found an empty mapping")
	}
	bySeverity := slices.ContainsFunc(n.entries, func(e entry) bool { return slices.Contains(severities, e.key) })
	var list []metricLimit
	for _, le := range n.entries {
		if !d.limitKey(n, le, bySeverity) {
			continue
		}
		l, ok := d.limit(e.key, le.value)
		if !ok {
			continue
		}
		t := gate.Target{Limit: l.value, Severity: gate.SeverityCritical, Level: le.key, Availability: e.key == availability}
		if bySeverity {
			t.Severity, t.Level = gate.Severity(le.key), ""
		}
		list = append(list, metricLimit{l.metric, t})
	}
	if bySeverity {
		d.severityOrder(n, list)
	}
	return list
}

// limitKey reports whether the key of one limit is a severity or a level, as its
// neighbours are.
func (d *decoder) limitKey(n *node, e entry, bySeverity bool) bool {
	if bySeverity {
		if slices.Contains(severities, e.key) {
			return true
		}
		d.unknownKey(n, e, severities)
		return false
	}
	if slices.Contains(commonLevels, e.key) {
		return true
	}
	for _, k := range slices.Concat(severities, commonLevels) {
		if suggest.Within(e.key, k, 1) {
			d.unknownKey(n, e, []string{k})
			return false
		}
	}
	if !validName(e.key) {
		d.report(e.pos, prefix(n.path), badName(e.key))
		return false
	}
	return true
}

// limit is an absolute limit of one metric.
type limit struct {
	metric string
	value  perf.Quantity
}

// limit reads one limit of the metric that key names.
func (d *decoder) limit(key string, n *node) (limit, bool) {
	l, err := parseLimit(key, n)
	if err != nil {
		d.errorf(n, "%s", err)
	}
	return l, err == nil
}

func parseLimit(key string, n *node) (limit, error) {
	if key == availability {
		rate, err := errorRate(n)
		return limit{perf.ErrorRate, rate}, err
	}
	q, err := quantity(n)
	if err == nil && q.Value < 0 {
		err = fmt.Errorf("expected a limit of 0 or more, found %s", n.text)
	}
	if err == nil {
		err = plausible(key, q)
	}
	return limit{key, q}, err
}

// errorRate reads an availability as the error rate it allows. It subtracts in
// decimals: 100 - 99.9 is not 0.1 in binary.
func errorRate(n *node) (perf.Quantity, error) {
	share, err := percent(n)
	if err != nil {
		return perf.Quantity{}, err
	}
	if share > 1 {
		return perf.Quantity{}, fmt.Errorf("expected an availability of at most 100%%, found %s", n.text)
	}
	up, ok := new(big.Rat).SetString(strings.TrimSuffix(n.text, "%"))
	if !ok {
		return perf.Quantity{}, fmt.Errorf("%s is not a percentage", quote(n.text))
	}
	down, _ := new(big.Rat).Sub(big.NewRat(100, 1), up).Float64()
	return perf.Quantity{Value: down, Unit: "%"}, nil
}

// severityOrder refuses a warning behind its critical limit: it could never be
// told, and most often the two are exchanged.
func (d *decoder) severityOrder(n *node, list []metricLimit) {
	if len(list) != len(severities) || list[0].target.Severity == list[1].target.Severity {
		return
	}
	warning, critical := list[0], list[1]
	if warning.target.Severity != gate.SeverityWarning {
		warning, critical = critical, warning
	}
	most := critical.target.Limit
	w, ok := warning.target.Limit.In(most.Unit)
	if !ok {
		d.errorf(n, "warning and critical have units that do not compare")
		return
	}
	direction := perf.DirectionOf(warning.metric, most.Unit)
	if direction == perf.BetterLower && w > most.Value || direction == perf.BetterHigher && w < most.Value {
		d.errorf(n, "the warning lies behind the critical limit and would never be told; exchange them")
	}
}

// dimensionsOf says which dimensions a limit of a standard metric may have, and
// how to say so. Other metrics have units of their own.
func dimensionsOf(metric string) (dims []perf.Dimension, example string) {
	switch metric {
	case perf.Throughput, perf.DiskIOPS:
		return []perf.Dimension{perf.DimensionRate, perf.DimensionNone}, "a rate such as 1000/s"
	case perf.ErrorRate, perf.CPUUsage, perf.MemoryShare:
		return []perf.Dimension{perf.DimensionRatio}, "a percentage such as 5%"
	case perf.BreakingPoint:
		return []perf.Dimension{perf.DimensionRate, perf.DimensionNone}, "a rate such as 1000/s or a number of users"
	case perf.RecoveryTime:
		return []perf.Dimension{perf.DimensionTime}, "a time such as 30s"
	case perf.TimePerOp:
		return []perf.Dimension{perf.DimensionTime}, "a time such as 50us"
	case perf.BytesPerOp:
		return []perf.Dimension{perf.DimensionSize}, "a size such as 64KiB"
	case perf.AllocsPerOp:
		return []perf.Dimension{perf.DimensionAllocs, perf.DimensionNone}, "a number such as 10"
	case perf.Requests:
		return []perf.Dimension{perf.DimensionNone}, "a number such as 10000"
	case perf.BytesPerSecond, perf.NetworkBPS:
		return []perf.Dimension{perf.DimensionSizeRate}, "a rate such as 50MB/s"
	case perf.MemoryUsage:
		return []perf.Dimension{perf.DimensionSize, perf.DimensionRatio}, "a size such as 512MiB or a percentage such as 80%"
	}
	if perf.IsLatency(metric) {
		return []perf.Dimension{perf.DimensionTime}, "a time such as 100ms"
	}
	return nil, ""
}

// plausible reports a quantity that its metric can never be compared with.
func plausible(metric string, q perf.Quantity) error {
	dims, example := dimensionsOf(metric)
	if dims == nil || slices.Contains(dims, q.Unit.Dimension()) {
		return nil
	}
	if q.Unit == "" {
		return errors.New(q.String() + " has no unit; " + metric + " needs " + example)
	}
	return fmt.Errorf("%s does not fit; %s needs %s", q, metric, example)
}
