package gate

import (
	"math"

	"speedgate/perf"
)

// metricPolicy is the policy in force for one key.
type metricPolicy struct {
	threshold float64
	why       string // where the threshold comes from
	floor     *perf.Quantity
	better    perf.Better // unknown = as the series says
	ignore    bool
}

// errorRateFloor is the rise of an error rate, in percentage points, below which
// it is no regression, however many times the old rate it is.
var errorRateFloor = perf.Quantity{Value: 1, Unit: "%"}

// shareFloor is the rise of the share of processor or memory, in percentage points, below
// which it is no regression: systems count processor time in ticks of a hundredth of a
// second, and a process that is nearly idle moves by as much from run to run.
var shareFloor = perf.Quantity{Value: 5, Unit: "%"}

// of returns the policy for k: the defaults, then every matching rule in order. It
// marks these rules as used.
func (p Policy) of(k perf.Key, used []bool) metricPolicy {
	mp := metricPolicy{threshold: p.Threshold, why: "default"}
	switch {
	case p.Rule == RuleFixed: // the plain rule has no floor but one that is asked for
	case perf.IsLatency(k.Metric):
		mp.floor = &DefaultLatencyFloor
	case k.Metric == perf.ErrorRate:
		mp.floor = &errorRateFloor
	case k.Metric == perf.CPUUsage, k.Metric == perf.MemoryShare:
		mp.floor = &shareFloor
	}
	for i := range p.Metrics {
		if r := &p.Metrics[i]; r.Match.Match(k) {
			mp.apply(r)
			used[i] = true
		}
	}
	return mp
}

func (mp *metricPolicy) apply(r *MetricRule) {
	if r.Threshold != nil {
		mp.threshold, mp.why = *r.Threshold, "rule "+r.Match.String()
	}
	if r.Floor != nil {
		mp.floor = r.Floor
	}
	if r.Better != perf.BetterUnknown {
		mp.better = r.Better
	}
	mp.ignore = r.Ignore
}

// floorIn returns the floor in unit u, 0 if there is none or it measures
// something else.
func (mp *metricPolicy) floorIn(u perf.Unit) float64 {
	if mp.floor == nil || mp.floor.Unit != "" && u.Dimension() != mp.floor.Unit.Dimension() {
		return 0
	}
	v, _ := mp.floor.In(u)
	return v
}

// costThreshold turns a threshold on a value into one on its cost. For a value
// that is better higher, a drop of t is a rise of its cost 1/value by t/(1-t): a
// threshold of 20 % on a throughput is a drop of 20 %, not of the 17 % that its
// reciprocal's 20 % would be. A drop of 100 % or more has no cost: infinite.
func costThreshold(t float64, better perf.Better) float64 {
	if better != perf.BetterHigher {
		return t
	}
	if t >= 1 {
		return math.Inf(1)
	}
	return t / (1 - t)
}

// valueThreshold is the inverse of costThreshold.
func valueThreshold(cost float64, better perf.Better) float64 {
	switch {
	case better != perf.BetterHigher:
		return cost
	case math.IsInf(cost, 1):
		return 1
	}
	return cost / (1 + cost)
}
