package jsonmap

import (
	"slices"
	"strings"

	"speedgate/perf"
)

// metricName is the standard name of what n and unit say, "" if there is none.
func metricName(n *name, unit perf.Unit) string {
	if len(n.stats) > 1 || n.spread {
		return ""
	}
	for _, rule := range []func(*name, perf.Unit) string{latencyName, throughputName, perOpName, shareName, usageName} {
		if metric := rule(n, unit); metric != "" {
			return metric
		}
	}
	return ""
}

func latencyName(n *name, unit perf.Unit) string {
	stat, dim := n.stat(), unit.Dimension()
	if stat == "" || !n.isLatency() || dim != perf.DimensionTime && dim != perf.DimensionNone || strings.Contains(string(unit), "/") {
		return ""
	}
	// A bare mean of nanoseconds is a benchmark, not a response time, and keeps its name.
	if n.bare() && !isPercentile(stat) && dim == perf.DimensionTime && unit != "ms" && unit != "s" {
		return ""
	}
	return latencyMetric(stat)
}

// latencyMetric is the standard name of a statistic of response times.
func latencyMetric(stat string) string {
	switch {
	case stat == "median":
		return perf.LatencyPercentile("50")
	case isPercentile(stat):
		return perf.LatencyPercentile(stat[1:])
	}
	return "latency_" + stat
}

func throughputName(n *name, unit perf.Unit) string {
	switch unit.Dimension() {
	case perf.DimensionSizeRate:
		if n.bare() && n.stat() == "" {
			return perf.BytesPerSecond
		}
		return ""
	case perf.DimensionRate:
	case perf.DimensionNone:
		if !slices.Contains(n.base, "throughput") {
			return ""
		}
	default:
		return ""
	}
	if !n.only(throughputOf) {
		return ""
	}
	switch stat := n.stat(); stat {
	case "", "avg":
		return perf.Throughput
	case "min", "max":
		return perf.Throughput + "_" + stat
	}
	return ""
}

func perOpName(n *name, unit perf.Unit) string {
	if !strings.HasSuffix(string(unit), "/op") || n.stat() != "" || !n.bare() && !slices.Equal(n.base, []string{"time"}) {
		return ""
	}
	switch unit.Dimension() {
	case perf.DimensionTime:
		return perf.TimePerOp
	case perf.DimensionSize:
		return perf.BytesPerOp
	case perf.DimensionAllocs:
		return perf.AllocsPerOp
	}
	return ""
}

func shareName(n *name, unit perf.Unit) string {
	if n.stat() != "" && n.stat() != "avg" || unit.Dimension() != perf.DimensionRatio && unit != "" {
		return ""
	}
	isShare := n.has(shareWords) || unit.Dimension() == perf.DimensionRatio
	words := slices.DeleteFunc(slices.Clone(n.base), func(w string) bool { return shareWords.has(w) || w == "request" || w == "http" })
	if isShare && len(words) == 1 && errorWords.has(words[0]) {
		return perf.ErrorRate
	}
	return ""
}

func usageName(n *name, unit perf.Unit) string {
	if n.stat() != "" || len(n.base) == 0 || len(n.base) > 2 || len(n.base) == 2 && !usageWords.has(n.base[1]) {
		return ""
	}
	dim := unit.Dimension()
	named := len(n.base) == 2
	switch first := n.base[0]; {
	case first == "cpu" && (dim == perf.DimensionRatio || named && unit == ""):
		return perf.CPUUsage
	case (first == "memory" || first == "mem") && (dim == perf.DimensionSize || named && (unit == "" || dim == perf.DimensionRatio)):
		return perf.MemoryUsage
	}
	return ""
}

// directionOf is the good direction of a metric. Words of failure come first: more
// errors per second are worse, though a rate is otherwise better higher.
func directionOf(metric string, n *name, unit perf.Unit) perf.Better {
	if b := perf.DirectionOf(metric, ""); b != perf.BetterUnknown {
		return b
	}
	switch {
	case n.has(badWords):
		return perf.BetterLower
	case n.has(goodShares) && unit.Dimension() != perf.DimensionTime && unit.Dimension() != perf.DimensionSize:
		return perf.BetterHigher
	}
	if b := perf.DirectionOf(metric, unit); b != perf.BetterUnknown {
		return b
	}
	amount, _, per := strings.Cut(string(unit), "/")
	switch {
	case per && perf.Unit(amount).Dimension() == perf.DimensionTime:
		return perf.BetterLower
	case n.has(goodWords) || goodWords.has(string(unit)):
		return perf.BetterHigher
	case n.has(costWords):
		return perf.BetterLower
	}
	return perf.BetterUnknown
}

func kindOf(metric string, n *name, unit perf.Unit) perf.Kind {
	switch dim := unit.Dimension(); {
	case metric == perf.ErrorRate || dim == perf.DimensionRatio || n.has(shareWords):
		return perf.KindRatio
	case strings.HasPrefix(metric, perf.Throughput) || slices.Contains(n.base, perf.Throughput) || dim == perf.DimensionRate || dim == perf.DimensionSizeRate:
		return perf.KindRate
	case n.stat() == "avg":
		return perf.KindMean
	case n.stat() != "":
		return perf.KindQuantile
	}
	return perf.KindUnknown
}

// measures reports whether the words, without any unit, name a measurement.
func (n *name) measures() bool {
	switch {
	case n.isTime(), slices.Contains(n.base, "throughput"), slices.Contains(n.base, "availability"):
		return true
	case n.has(shareWords):
		return n.has(errorWords) || n.has(goodShares) || n.has(badWords)
	case n.has(usageWords) || slices.Contains(n.base, "peak"):
		return slices.ContainsFunc(n.base, func(w string) bool { return w == "memory" || w == "mem" || w == "cpu" })
	}
	return false
}
