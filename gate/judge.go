package gate

import (
	"cmp"
	"fmt"
	"math"

	"speedgate/internal/stats"
	"speedgate/perf"
)

// standing is how a metric counts in "compared 37 of 38".
type standing int8

const (
	notExpected standing = iota // new, or unable to gate: nobody waits for it
	expected                    // should have been compared, and was not
	compared
)

// tailEvidence is how many requests must lie beyond a percentile before it may
// be compared: below that it is an anecdote about a handful of requests.
const tailEvidence = 5

// judge gives the verdict on one key. The checks come in a fixed order, each
// ending the judgement: direction, unit, environment, workload, errors, evidence;
// only what passes them all is compared.
func (e *evaluation) judge(pr pair) (Metric, standing) {
	m := describe(pr)
	better, problem := direction(pr)
	m.Better = better
	e.warnDirection(pr, better)
	switch {
	case pr.past == nil:
		return e.judgeNew(m)
	case problem != "":
		return e.finish(m, Incomparable, problem), expected
	case better == perf.BetterUnknown:
		m.ShownOnly = true
		m.Baseline = valueOf(newest(pr.past.Points), pr.past.Unit, m.Unit)
		return e.finish(m, Inconclusive, "it is not known whether more or less of it is better; set better in a rule"), notExpected
	case isExtreme(pr.key.Metric):
		m.ShownOnly = true
		m.Baseline = valueOf(newest(pr.past.Points), pr.past.Unit, m.Unit)
		return e.finish(m, Inconclusive, "an extreme is a single request, which proves nothing"), notExpected
	}
	points := evident(pr.key.Metric, pr.past.Points)
	m.Baseline = valueOf(medianPoint(points), pr.past.Unit, m.Unit)
	if len(points) == 0 {
		return e.finish(m, Inconclusive, fewRequests(pr.key.Metric, pr.past.Points)), notExpected
	}
	if reason := e.incomparable(pr); reason != "" {
		return e.finish(m, Incomparable, reason), expected
	}
	if len(pr.head) == 0 {
		return e.absent(m), expected
	}
	if reason, bad := e.health.suspends(pr.key, e.policy.MaxError); bad {
		return e.finish(m, Invalid, reason), expected
	}
	points, reason := e.sameWorkload(pr, points)
	if len(points) == 0 {
		return e.finish(m, Incomparable, reason), expected
	}
	if !headEvident(pr) {
		return e.finish(m, Inconclusive, fewRequestsHead(pr)), expected
	}
	return e.compare(pr, m, points), compared
}

// warnDirection tells of a rule that contradicts a direction which is known: it is
// not used, as it would turn every slowdown into an improvement.
func (e *evaluation) warnDirection(pr pair, better perf.Better) {
	if r := pr.rule.better; r != perf.BetterUnknown && better != perf.BetterUnknown && r != better {
		e.result.Warnings = append(e.result.Warnings, perf.Warning{
			Msg: fmt.Sprintf("a rule says that %s is better of %q; it is known that %s is, and the rule is not used", r, pr.key, better),
		})
	}
}

// describe fills in what is known of a metric before it is judged.
func describe(pr pair) Metric {
	m := Metric{Key: pr.key, NCurrent: len(pr.head)}
	if len(pr.head) > 0 {
		h := pr.head[0]
		m.Unit, m.Better, m.Kind, m.Pos = h.Unit, h.Better, h.Kind, h.Pos
		values := make([]float64, 0, len(pr.head))
		for _, h := range pr.head {
			if v, ok := h.Unit.Convert(h.median, m.Unit); ok {
				values = append(values, v)
			}
		}
		m.Current = ptr(stats.Median(values))
	}
	if pr.past != nil {
		m.Anchor = pr.past.Anchor
		if len(pr.head) == 0 {
			m.Unit, m.Better, m.Kind, m.Pos = pr.past.Unit, pr.past.Better, pr.past.Kind, pr.past.Pos
		}
	}
	return m
}

// direction returns the direction in force, and what is wrong if the two sides
// contradict each other.
func direction(pr pair) (perf.Better, string) {
	if len(pr.head) == 0 {
		return cmp.Or(pr.past.Better, pr.rule.better), ""
	}
	h := pr.head[0].Better
	for _, other := range pr.head[1:] {
		if other.Better != h {
			return h, fmt.Sprintf("better %s at %s and %s at %s", h, pr.head[0].Pos, other.Better, other.Pos)
		}
	}
	if pr.past == nil || pr.past.Better == h {
		return cmp.Or(h, pr.rule.better), ""
	}
	if pr.rule.better != perf.BetterUnknown {
		return pr.rule.better, "" // of two that contradict each other, the rule chooses
	}
	return h, fmt.Sprintf("better %s here and %s in the baseline; set better in a rule", h, pr.past.Better)
}

// absent judges a metric that is not in the results. One whose subject was sent no
// request is there, and says nothing.
func (e *evaluation) absent(m Metric) Metric {
	if e.health.zero[subject{m.Key.Subject, m.Key.Labels}] {
		return e.finish(m, Invalid, zeroRequests)
	}
	return e.finish(m, Missing, "in the baseline, not in these results")
}

func (e *evaluation) judgeNew(m Metric) (Metric, standing) {
	m.ShownOnly = m.Better == perf.BetterUnknown || isExtreme(m.Key.Metric)
	if reason, bad := e.health.suspends(m.Key, e.policy.MaxError); bad && !m.ShownOnly {
		return e.finish(m, Invalid, reason), notExpected
	}
	if e.health.idle[subject{m.Key.Subject, m.Key.Labels}] && m.Key.Metric != perf.Requests {
		return e.finish(m, New, zeroRequests+" in the baseline, so that there is nothing to compare with"), notExpected
	}
	return e.finish(m, New, "not in the baseline yet"), notExpected
}

// isExtreme reports whether the metric is the least or the greatest of many values,
// for which no number of requests is evidence.
func isExtreme(metric string) bool {
	q, ok := perf.Quantile(metric)
	return ok && (q == 0 || q == 1)
}

// incomparable says why the sides cannot be compared at all, "" if they can.
func (e *evaluation) incomparable(pr pair) string {
	for _, h := range pr.head {
		if h.Unit.Dimension() != pr.past.Unit.Dimension() {
			return fmt.Sprintf("unit %q (%s) against %q (%s)", h.Unit, h.Pos, pr.past.Unit, pr.past.Pos)
		}
	}
	if e.envDiffers {
		return e.in.Base.Env.Differs(e.in.Env)
	}
	return ""
}

// sameWorkload leaves only the points of runs under the load of the head runs,
// and says why none is left.
func (e *evaluation) sameWorkload(pr pair, points []perf.Point) ([]perf.Point, string) {
	var same []perf.Point
	var reason string
	for _, pt := range points {
		diff := ""
		for _, h := range pr.head {
			if diff = e.in.Base.Runs[pt.Run].Workload.Differs(h.run.Workload); diff != "" {
				reason = "another workload: " + diff
				break
			}
		}
		if diff == "" {
			same = append(same, pt)
		}
	}
	return same, reason
}

// RequestsNeeded is the least number of requests that are evidence for the
// metric, 0 if it is no tail.
func RequestsNeeded(metric string) int64 {
	q, ok := perf.Quantile(metric)
	if !ok || q == 0 || q == 1 {
		return 0
	}
	// The slack undoes the rounding of 1-q: p99 needs 500 requests, not 501.
	return int64(math.Ceil(tailEvidence/(1-q) - 1e-6))
}

// evident leaves the points with enough requests behind them. A count of 0 is not
// known, and believed.
func evident(metric string, points []perf.Point) []perf.Point {
	need := RequestsNeeded(metric)
	if need == 0 {
		return points
	}
	var kept []perf.Point
	for _, pt := range points {
		if pt.Count == 0 || pt.Count >= need {
			kept = append(kept, pt)
		}
	}
	return kept
}

func headEvident(pr pair) bool {
	need := RequestsNeeded(pr.key.Metric)
	for _, h := range pr.head {
		if h.Count != 0 && h.Count < need {
			return false
		}
	}
	return true
}

func fewRequests(metric string, points []perf.Point) string {
	most := int64(0)
	for _, pt := range points {
		most = max(most, pt.Count)
	}
	return fmt.Sprintf("%d requests in the baseline, it takes %d", most, RequestsNeeded(metric))
}

func fewRequestsHead(pr pair) string {
	least := int64(math.MaxInt64)
	for _, h := range pr.head {
		if h.Count != 0 {
			least = min(least, h.Count)
		}
	}
	return fmt.Sprintf("%d requests, it takes %d", least, RequestsNeeded(pr.key.Metric))
}

// finish sets the verdict and what it means. Metrics that are only shown never
// fail or warn.
func (e *evaluation) finish(m Metric, v Verdict, reason string) Metric {
	m.Verdict, m.Reason = v, reason
	m.Severity = e.policy.On.Of(v).severity()
	if m.ShownOnly {
		m.Severity = SeverityInfo
	}
	return m
}

func newest(points []perf.Point) *float64 {
	if len(points) == 0 {
		return nil
	}
	return &points[len(points)-1].Value
}

func medianPoint(points []perf.Point) *float64 {
	if len(points) == 0 {
		return nil
	}
	return ptr(stats.Median(values(points)))
}

func valueOf(v *float64, from, to perf.Unit) *float64 {
	if v == nil {
		return nil
	}
	if c, ok := from.Convert(*v, to); ok {
		return &c
	}
	return v
}

func values(points []perf.Point) []float64 {
	vs := make([]float64, len(points))
	for i, pt := range points {
		vs[i] = pt.Value
	}
	return vs
}

func ptr(v float64) *float64 { return &v }
