package gate

import (
	"fmt"
	"math"
	"slices"

	"speedgate/internal/stats"
	"speedgate/perf"
)

// familyAlpha is the level that family-wise mode spreads over all metrics.
const familyAlpha = 0.05

// alpha returns the level of one test in family-wise mode, 0 otherwise.
func (c *comparison) alpha() float64 {
	if !c.e.policy.Strict {
		return 0
	}
	return familyAlpha / float64(max(1, c.e.tested))
}

// ranks compares at least 3 runs a side of one job.
func (c *comparison) ranks() {
	c.m.Method = MethodRanks
	r := c.rankBy(c.base, c.heads)
	switch c.status(r, c.heads) {
	case stats.StatusFail:
		c.set(Regressed, "at least %s, %s", signed(c.change(r.Lower)), c.sides())
	case stats.StatusSuspect:
		c.set(Suspect, "over the limit, but the runs overlap too much to be sure; %s", c.sides())
	default:
		c.passRanks(r)
	}
}

// passRanks tells a pass from an improvement.
func (c *comparison) passRanks(r stats.Comparison) {
	mirrored := stats.Compare(negate(c.costs(c.base)), negate(c.costs(c.heads)), c.cost, c.alpha())
	if mirrored.Status == stats.StatusFail && c.beyondFloor(*c.m.Current) {
		c.set(Improved, "at least %s, %s", signed(c.change(-mirrored.Lower)), c.sides())
		return
	}
	c.m.Proved = r.High < math.Log1p(c.cost)
	c.set(Passed, "")
}

// rankBy compares two sets of values and fills in the figures of the comparison.
func (c *comparison) rankBy(base, head []float64) stats.Comparison {
	c.base = base
	c.setLevel()
	r := c.rank(base, head)
	c.m.Change = ptr(c.change(r.Shift))
	c.setInterval(r.Low, r.High, len(base)*len(head))
	c.m.PValue = &r.PValue
	c.setLimit(math.Log1p(c.cost))
	c.m.Detectable = nil
	if !math.IsInf(r.Detectable, 0) {
		c.m.Detectable = ptr(max(valueThreshold(r.Detectable, c.m.Better), c.m.Threshold))
	}
	return r
}

func (c *comparison) rank(base, head []float64) stats.Comparison {
	return stats.Compare(c.costs(base), c.costs(head), c.cost+tolerance, c.alpha())
}

// status is the status of a rank comparison with the floor applied.
func (c *comparison) status(r stats.Comparison, head []float64) stats.Status {
	if r.Status != stats.StatusPass && !c.beyondFloor(stats.Median(head)) {
		return stats.StatusPass
	}
	return r.Status
}

func (c *comparison) setInterval(low, high float64, pairs int) {
	if pairs < 2 {
		return
	}
	ends := [2]float64{c.change(low), c.change(high)}
	if ends[0] > ends[1] {
		ends[0], ends[1] = ends[1], ends[0]
	}
	c.m.Interval = &ends
}

// sides says how many runs there are a side.
func (c *comparison) sides() string {
	if len(c.base) == len(c.heads) {
		return fmt.Sprintf("%d runs a side", len(c.base))
	}
	return fmt.Sprintf("%d runs against %d", len(c.heads), len(c.base))
}

// confirmProcesses is how many fresh processes a side must agree before samples
// inside processes fail a metric.
const confirmProcesses = 2

// haveSamples reports whether each run of both sides has samples enough to stand
// in for runs.
func (c *comparison) haveSamples() bool {
	for _, pt := range c.points {
		if len(pt.Samples) < minRuns {
			return false
		}
	}
	for _, h := range c.head {
		if len(h.Samples) < minRuns {
			return false
		}
	}
	return true
}

// processes compares the samples inside the processes of one job, when there are
// too few processes to compare those. Samples of one process share its memory
// layout and its moment, so even a sure difference between two processes is only
// suspect until a second pair of processes confirms it.
func (c *comparison) processes() {
	c.m.Method, c.m.OneProcess = MethodRanks, true
	first, samples := c.points[0].Samples, c.samples(0)
	r := c.rankBy(first, samples)
	c.m.NBaseline, c.m.NCurrent = len(c.points), len(c.heads)
	n := max(len(c.points), len(c.heads))
	var count [stats.StatusFail + 1]int
	count[c.status(r, samples)]++
	for i := 1; i < n; i++ {
		base, head := c.points[min(i, len(c.points)-1)].Samples, c.samples(min(i, len(c.heads)-1))
		count[c.status(c.rank(base, head), head)]++
	}
	confirmed := min(len(c.points), len(c.heads)) >= confirmProcesses
	switch {
	case count[stats.StatusPass] > 0:
		c.m.Proved = c.m.Interval != nil && worst(c.m) < c.m.Threshold
		c.set(Passed, "one process")
	case count[stats.StatusFail] == n && confirmed:
		c.set(Regressed, "%d of %d processes slower", n, n)
	default:
		c.set(Suspect, "%d samples of one process; it takes %d fresh processes a side to be sure", len(samples), confirmProcesses)
	}
}

func (c *comparison) samples(i int) []float64 {
	h := c.head[i]
	if h.Unit == c.m.Unit {
		return h.Samples
	}
	out := make([]float64, len(h.Samples))
	for j, s := range h.Samples {
		out[j], _ = h.Unit.Convert(s, c.m.Unit)
	}
	return out
}

// worst is the end of the interval on the bad side, positive when worse.
func worst(m Metric) float64 {
	if m.Better == perf.BetterHigher {
		return -m.Interval[0]
	}
	return m.Interval[1]
}

// history compares runs of the change with a window of accepted runs.
func (c *comparison) history() {
	c.m.Method = MethodHistory
	c.setLevel()
	base, heads := c.costs(c.base), c.costs(c.heads)
	level := stats.Median(base)
	limit := stats.HistoryLimit(base, c.cost)
	if limit-level > math.Log1p(c.cost)+tolerance {
		c.m.Why = fmt.Sprintf("noise of the last %d runs", len(base))
	}
	c.setLimit(limit - level)
	r := stats.Compare(base, heads, c.cost, 0)
	c.setInterval(r.Low, r.High, len(base)*len(heads))
	c.m.PValue = &r.PValue
	switch stats.AgainstHistory(c.overFloor(heads, limit), limit+tolerance) {
	case stats.StatusFail:
		c.failHistory()
	case stats.StatusSuspect:
		c.set(Suspect, "%s over%s", runs(len(heads)), c.noise())
	default:
		c.passHistory(base, heads)
	}
}

// overFloor puts heads that differ by less than the floor at the limit.
func (c *comparison) overFloor(heads []float64, limit float64) []float64 {
	out := slices.Clone(heads)
	for i, v := range c.heads {
		if !c.beyondFloor(v) {
			out[i] = min(out[i], limit)
		}
	}
	return out
}

// failHistory fails a metric of which all head runs are over, unless family-wise
// mode asks for more accepted runs than there are.
func (c *comparison) failHistory() {
	p := stats.MinP(len(c.base), len(c.heads))
	if alpha := c.alpha(); alpha > 0 && p > alpha {
		c.set(Suspect, "%d of %d runs over, but %s are too few for all %d metrics together", len(c.heads), len(c.heads),
			runs(len(c.base)), c.e.tested)
		return
	}
	c.set(Regressed, "%d of %d runs over, p = %s", len(c.heads), len(c.heads), pText(p))
}

// passHistory tells a pass from an improvement, and says what a pass rests on.
func (c *comparison) passHistory(base, heads []float64) {
	mirror := stats.HistoryLimit(negate(base), c.cost)
	switch status := stats.AgainstHistory(c.overFloor(negate(heads), mirror), mirror+tolerance); {
	case status == stats.StatusFail:
		c.set(Improved, "%d of %d runs better", len(heads), len(heads))
	case status == stats.StatusSuspect:
		c.set(Passed, "better in %s, not proved", runs(len(heads)))
	case len(heads) > 1 && c.anyOver(heads):
		c.set(Passed, "not every one of %s is over", runs(len(heads)))
	default:
		c.set(Passed, "")
	}
}

// anyOver reports whether a head run is over the limit in force.
func (c *comparison) anyOver(heads []float64) bool {
	limit := c.costs([]float64{*c.m.Limit})[0]
	return slices.Max(heads) > limit+tolerance
}

func (c *comparison) noise() string {
	if c.m.Noise == nil {
		return ""
	}
	return fmt.Sprintf("; noise of this metric is ±%s", percent(*c.m.Noise))
}

// single compares with one or two accepted runs, which carry no idea of noise.
func (c *comparison) single() {
	c.plain(MethodSingle)
	switch c.m.Verdict {
	case Regressed:
		c.set(Suspect, "unreplicated, %s against %d", runs(len(c.heads)), len(c.base))
	case Improved:
		c.set(Passed, "better, but unreplicated: %s against %d", runs(len(c.heads)), len(c.base))
	}
}

// fixed is the rule of those who want nothing else: a plain ratio against the
// newest accepted run.
func (c *comparison) fixed() { c.plain(MethodFixed) }

// plain compares the medians with the threshold alone.
func (c *comparison) plain(method Method) {
	if method == MethodFixed {
		c.step = 0
	}
	c.m.Method = method
	c.setLevel()
	if !c.ratios() {
		c.absoluteBy(method)
		return
	}
	c.setLimit(math.Log1p(c.cost))
	costs := c.costs([]float64{*c.m.Baseline, *c.m.Current})
	shift, limit := costs[1]-costs[0], math.Log1p(c.cost)+tolerance
	switch {
	case !c.beyondFloor(*c.m.Current):
		c.set(Passed, "")
	case shift > limit:
		c.set(Regressed, "%s", plainReasons[method])
	case -shift > limit:
		c.set(Improved, "")
	default:
		c.set(Passed, "")
	}
}

// plainReasons say why a plain ratio was enough.
var plainReasons = map[Method]string{
	MethodExact: "deterministic: one run decides",
	MethodFixed: "against the newest accepted run alone",
}

// absolute compares where a value is 0 or below, so that there is no ratio: only
// whether all runs of one side are worse than all of the other.
func (c *comparison) absolute() {
	c.m.Method = MethodAbsolute
	c.setLevel()
	c.absoluteBy(MethodAbsolute)
}

func (c *comparison) absoluteBy(method Method) {
	c.m.Method = method
	c.m.Detectable = nil
	least := max(c.floor, c.step)
	worse, better := c.separated(least)
	sure := method != MethodAbsolute || len(c.base) >= minRuns && len(c.heads) >= minRuns
	change := fmt.Sprintf("from %s to %s", quantity(*c.m.Baseline, c.m.Unit), quantity(*c.m.Current, c.m.Unit))
	switch {
	case worse && sure:
		c.set(Regressed, "%s, which has no ratio", change)
	case worse:
		c.set(Suspect, "%s, which has no ratio; %s against %s", change, runs(len(c.heads)), runs(len(c.base)))
	case better && sure:
		c.set(Improved, "%s", change)
	default:
		c.set(Passed, "")
	}
}

// separated reports whether every head value is worse, or better, than every base
// value by more than least.
func (c *comparison) separated(least float64) (worse, better bool) {
	up := slices.Min(c.heads)-slices.Max(c.base) > least
	down := slices.Min(c.base)-slices.Max(c.heads) > least
	if c.m.Better == perf.BetterHigher {
		return down, up
	}
	return up, down
}

// proportions judges an error rate whose counts are known on both sides by the
// exact test, and reports whether it did. Rates of a few failures jump by
// hundreds of percent; only counts tell chance from change.
func (c *comparison) proportions() bool {
	if c.m.Key.Metric != perf.ErrorRate {
		return false
	}
	at := subject{c.m.Key.Subject, c.m.Key.Labels}
	base, head := c.e.health.base[at], c.e.health.head[at]
	if !base.counted || !head.counted {
		return false
	}
	c.m.Method = MethodProportions
	c.setLevel()
	c.m.Threshold, c.m.Why = 0, fmt.Sprintf("%g percentage points and p < .01", 100*errorRise)
	baseRate, _ := perf.Unit("ratio").Convert(base.rate, c.m.Unit)
	c.m.Baseline = &baseRate
	if rate, ok := leastRise(base, head.requests); ok {
		limit, _ := perf.Unit("ratio").Convert(rate, c.m.Unit)
		c.m.Limit = &limit
	}
	c.m.Change = nil
	if baseRate > 0 {
		c.m.Change = ptr(*c.m.Current/baseRate - 1)
	}
	p, worse := risen(base, head)
	c.m.PValue = ptr(p)
	_, better := risen(head, base)
	switch {
	case worse:
		c.set(Regressed, "%d of %d requests failed, p = %s", head.failures, head.requests, pText(p))
	case better:
		c.set(Improved, "%d of %d requests failed", head.failures, head.requests)
	default:
		c.set(Passed, "")
	}
	return true
}

func negate(xs []float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = -x
	}
	return out
}

func runs(n int) string { return plural(n, "run") }

func signed(change float64) string { return fmt.Sprintf("%+.3g %%", 100*change) }

// pText writes a p-value the way the field does, without the leading zero.
func pText(p float64) string {
	if p < 0.001 {
		return fmt.Sprintf("%.1g", p)
	}
	return fmt.Sprintf("%.3f", p)[1:]
}
