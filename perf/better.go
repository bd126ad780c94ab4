package perf

import (
	"slices"
	"strings"
)

// Better says which direction of a metric is the good one.
type Better int8

// The zero value is the safe one: a metric of unknown direction is shown and
// never gates.
const (
	BetterUnknown Better = iota
	BetterLower
	BetterHigher
)

func (b Better) String() string {
	switch b {
	case BetterLower:
		return "lower"
	case BetterHigher:
		return "higher"
	}
	return "unknown"
}

// ParseBetter reads what [Better.String] writes.
func ParseBetter(s string) (Better, bool) {
	switch s {
	case "lower":
		return BetterLower, true
	case "higher":
		return BetterHigher, true
	case "unknown", "":
		return BetterUnknown, true
	}
	return BetterUnknown, false
}

// standardBetter is the direction of the standard metrics. latency_* are lower.
var standardBetter = map[string]Better{
	Throughput: BetterHigher, ErrorRate: BetterLower, TimePerOp: BetterLower, BytesPerOp: BetterLower,
	AllocsPerOp: BetterLower, BytesPerSecond: BetterHigher, CPUUsage: BetterLower, MemoryUsage: BetterLower,
	MemoryShare: BetterLower, BreakingPoint: BetterHigher, RecoveryTime: BetterLower,
}

// DirectionOf guesses the direction of a metric from its name and unit, for
// formats that do not state one. Requests, disk operations and network traffic
// have none: more of them is neither good nor bad. Nor has a rate of failures,
// which a rate's usual direction would turn round.
func DirectionOf(metric string, unit Unit) Better {
	if b, ok := standardBetter[metric]; ok {
		return b
	}
	switch metric {
	case Requests, DiskIOPS, NetworkBPS:
		return BetterUnknown
	}
	if IsLatency(metric) {
		return BetterLower
	}
	text := string(unit)
	switch dim := unit.Dimension(); {
	case dim == DimensionTime, dim == DimensionAllocs:
		return BetterLower
	case strings.HasSuffix(text, "/op"), strings.HasSuffix(text, "-ns"), strings.HasPrefix(text, "ns/"):
		return BetterLower
	case isFailure(metric), isFailure(text):
		return BetterUnknown
	case dim == DimensionRate, dim == DimensionSizeRate, strings.HasSuffix(text, "/s"), strings.HasSuffix(text, "/sec"):
		return BetterHigher
	}
	return BetterUnknown
}

// failureWords are what should not happen, as units and metric names spell it.
var failureWords = map[string]bool{
	"error": true, "errors": true, "failure": true, "failures": true, "failed": true, "fail": true, "fails": true,
	"miss": true, "misses": true, "missed": true, "drop": true, "drops": true, "dropped": true, "timeout": true,
	"timeouts": true, "retry": true, "retries": true, "rejected": true, "aborts": true, "aborted": true,
	"fault": true, "faults": true, "stalls": true, "leaks": true,
}

// isFailure reports whether a word of a name counts failures.
func isFailure(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' })
	return slices.ContainsFunc(words, func(w string) bool { return failureWords[w] })
}
