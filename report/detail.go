package report

import (
	"fmt"
	"strings"

	"speedgate/gate"
)

// intervalText is the range of the change that the runs allow, none if unknown.
func intervalText(m *gate.Metric) string {
	if m.Interval == nil {
		return none
	}
	return bound(m.Interval[0]) + " to " + bound(m.Interval[1])
}

func noiseText(m *gate.Metric) string {
	if m.Noise == nil {
		return none
	}
	return "±" + share(*m.Noise)
}

// runsText is how many runs stand on each side.
func runsText(m *gate.Metric) string { return fmt.Sprintf("%d + %d", m.NBaseline, m.NCurrent) }

// detectableText is the smallest slowdown that could have failed.
func detectableText(m *gate.Metric) string {
	if m.Detectable == nil {
		return none
	}
	return share(*m.Detectable)
}

// detail is everything about the evidence of a metric in one line: what the runs
// allow, how many there are, the noise, what could have been seen and where the
// threshold comes from.
func detail(m *gate.Metric) string {
	var parts []string
	if m.Interval != nil {
		parts = append(parts, intervalText(m))
	}
	if m.NBaseline > 0 {
		parts = append(parts, runsText(m)+" runs")
	}
	if m.PValue != nil && !strings.Contains(m.Reason, "p =") && !strings.Contains(m.Reason, "p <") {
		parts = append(parts, pValue(*m.PValue))
	}
	if m.Noise != nil {
		parts = append(parts, "noise "+noiseText(m))
	}
	if m.Detectable != nil {
		parts = append(parts, "sees from "+detectableText(m))
	}
	if m.Why != "" {
		parts = append(parts, "limit: "+m.Why)
	}
	return strings.Join(parts, ", ")
}
