package gate

import (
	"fmt"
	"slices"

	"speedgate/perf"
)

// suspend takes back the verdicts that would fail the gate and that the machine which
// made the load may be the cause of. It does so for latencies, throughputs and the
// recovery after a burst, which such a machine makes worse and never better: what
// passed, passed. Errors are those of the service.
func (e *evaluation) suspend() {
	if !slices.ContainsFunc(e.in.Head, func(r *perf.Run) bool { return len(r.Overloaded) > 0 }) {
		return
	}
	for i := range e.result.Metrics {
		m := &e.result.Metrics[i]
		isFailure := m.Verdict == Regressed || m.Verdict == Suspect || m.Verdict == OverTarget
		if isFailure && m.Severity == SeverityCritical && e.isOverloaded(m.Key) {
			m.Suspended = true
			m.Verdict, m.Severity, m.Reason = Inconclusive, SeverityWarning, "not judged, as the load was late; otherwise: "+m.Reason
			e.result.Suspended++
		}
	}
}

// isOverloaded reports whether a metric may be worse for the machine that made the load.
func (e *evaluation) isOverloaded(k perf.Key) bool {
	if !perf.IsLatency(k.Metric) && k.Metric != perf.Throughput && k.Metric != perf.RecoveryTime {
		return false
	}
	return slices.ContainsFunc(e.in.Head, func(r *perf.Run) bool { return len(r.Overloaded) > 0 && r.Find(k) != nil })
}

// suspended says that metrics which are worse were not judged, "" if all were.
func (e *evaluation) suspended() string {
	if e.result.Suspended == 0 {
		return ""
	}
	return e.summary(fmt.Sprintf("%s that would fail cannot be judged: ", plural(e.result.Suspended, "metric")),
		func(r *perf.Run) []perf.Warning { return r.Overloaded })
}
