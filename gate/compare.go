package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"speedgate/internal/stats"
	"speedgate/perf"
)

// comparison is one metric being compared. Costs are natural logarithms: greater
// is worse whatever the metric's direction.
type comparison struct {
	e      *evaluation
	m      Metric
	rule   metricPolicy
	past   *perf.Past
	head   []headSeries
	points []perf.Point // accepted runs, oldest first, values in the unit of m
	base   []float64    // what is compared with: values of points, or of the latest
	heads  []float64    // one value for each head run
	step   float64      // resolution of the values
	floor  float64      // least absolute difference of a regression
	cost   float64      // threshold on the cost, resolution included
}

// compare judges a metric that passed all checks.
func (e *evaluation) compare(pr pair, m Metric, points []perf.Point) Metric {
	c := comparison{e: e, m: m, rule: pr.rule, past: pr.past, head: pr.head}
	c.points = c.convert(points)
	for _, h := range pr.head {
		v, _ := h.Unit.Convert(h.median, m.Unit)
		c.heads = append(c.heads, v)
		c.step = max(c.step, h.Step)
	}
	if s, ok := pr.past.Unit.Convert(pr.past.Step, m.Unit); ok {
		c.step = max(c.step, s)
	}
	c.base = values(c.points)
	c.m.Current = ptr(stats.Median(c.heads))
	c.floor = pr.rule.floorIn(m.Unit)
	c.decide()
	return c.m
}

// convert returns the points with values in the unit of the metric.
func (c *comparison) convert(points []perf.Point) []perf.Point {
	if c.past.Unit == c.m.Unit {
		return points
	}
	out := slices.Clone(points)
	for i := range out {
		out[i].Value, _ = c.past.Unit.Convert(out[i].Value, c.m.Unit)
		out[i].Spread, _ = c.past.Unit.Convert(out[i].Spread, c.m.Unit)
		out[i].Samples = slices.Clone(out[i].Samples)
		for j, s := range out[i].Samples {
			out[i].Samples[j], _ = c.past.Unit.Convert(s, c.m.Unit)
		}
	}
	return out
}

// decide chooses the method by what there is and applies it.
func (c *comparison) decide() {
	c.m.History = c.base
	exact := c.past.Exact && !slices.ContainsFunc(c.head, func(h headSeries) bool { return !h.Exact })
	switch {
	case c.proportions():
	case c.e.policy.Rule == RuleFixed:
		c.latestOnly()
		c.fixed()
	case exact:
		c.latestOnly()
		c.plain(MethodExact)
	case !c.ratios():
		c.window()
		c.absolute()
	case c.e.in.Base.SameJob && len(c.base) >= minRuns && len(c.heads) >= minRuns:
		c.ranks()
	case c.e.in.Base.SameJob && c.haveSamples():
		c.processes()
	case len(c.base) >= minRuns:
		c.window()
		c.history()
	default:
		c.single()
	}
	c.m.Blind = c.blind()
	c.creep()
	c.waive()
}

const (
	// blindFrom is the slowdown that everybody expects a gate to see.
	blindFrom = 0.5
	// blindFactor is how far beyond its threshold a slowdown must be able to hide
	// to be worth a word. Some distance is the price of never a false alarm.
	blindFactor = 1.5
	// blindAlways is the slowdown of the cost that is worth a word even where the
	// threshold asks for no less: whoever lets a metric more than double may have
	// slipped in a digit.
	blindAlways = 1.0
)

// blind reports whether a pass could hide a slowdown that should have been seen.
func (c *comparison) blind() bool {
	switch {
	case c.m.Verdict != Passed:
		return false
	case c.m.Detectable != nil:
		least := *c.m.Detectable
		if c.rule.floor == &shareFloor && c.m.Baseline != nil && least**c.m.Baseline <= c.rule.floorIn(c.m.Unit)*(1+tolerance) {
			return false // five points of a processor that is nearly idle are many times as much, and little
		}
		return least > max(blindFrom, blindFactor*c.rule.threshold) || costThreshold(least, c.m.Better) > blindAlways+tolerance
	}
	return c.m.Limit == nil && c.m.Method == MethodProportions || c.m.Method == MethodRanks
}

// minRuns is the least number of runs that a rank comparison or a history limit
// is made from.
const minRuns = 3

// ratios reports whether every value is positive, so that ratios exist.
func (c *comparison) ratios() bool {
	return slices.Min(c.base) > 0 && slices.Min(c.heads) > 0
}

// latestOnly compares with the newest accepted run alone.
func (c *comparison) latestOnly() { c.base = c.base[len(c.base)-1:] }

// leastWindow is the number of runs that a window keeps even if a change point
// lies inside.
const leastWindow = 5

// window cuts the accepted runs to those of the present level: the newest ones,
// none older than the last change point.
func (c *comparison) window() { c.base = c.windowOf(c.base) }

func (c *comparison) windowOf(vs []float64) []float64 {
	vs = vs[max(0, len(vs)-c.e.policy.Window):]
	if slices.Min(vs) <= 0 {
		return vs
	}
	points := stats.ChangePoints(c.costs(vs))
	if len(points) == 0 {
		return vs
	}
	return vs[max(0, min(points[len(points)-1], len(vs)-leastWindow)):]
}

// costs returns the natural logarithms of the values' costs.
func (c *comparison) costs(vs []float64) []float64 {
	out := make([]float64, len(vs))
	for i, v := range vs {
		out[i] = math.Log(v)
		if c.m.Better == perf.BetterHigher {
			out[i] = -out[i]
		}
	}
	return out
}

// change turns a shift of the cost into a relative change of the value.
func (c *comparison) change(shift float64) float64 {
	if c.m.Better == perf.BetterHigher {
		shift = -shift
	}
	return math.Expm1(shift)
}

// setLevel sets the baseline value and the threshold that follow from it: the
// policy's, at least one step of the resolution.
func (c *comparison) setLevel() {
	base := stats.Median(c.base)
	c.m.Baseline, c.m.NBaseline = &base, len(c.base)
	c.m.Why = c.rule.why
	c.cost = costThreshold(c.rule.threshold, c.m.Better)
	if base > 0 {
		c.m.Change = ptr(*c.m.Current/base - 1)
		if s := costThreshold(c.step/base, c.m.Better); s > c.cost {
			c.cost, c.m.Why = s, "resolution "+quantity(c.step, c.m.Unit)
		}
	}
	if len(c.base) >= minRuns && base != 0 {
		c.m.Noise = ptr(math.Abs(stats.Spread(c.base) / base))
	}
}

// setLimit says which threshold is in force: log is the limit on the logarithm of
// the cost, above the level of the baseline.
func (c *comparison) setLimit(log float64) {
	base := *c.m.Baseline
	c.m.Threshold = valueThreshold(math.Expm1(log), c.m.Better)
	if math.Abs(c.m.Threshold-c.rule.threshold) < tolerance {
		c.m.Threshold = c.rule.threshold // 0.2, not what is left of it behind a logarithm
	}
	sign := 1.0
	if c.m.Better == perf.BetterHigher {
		sign = -1
	}
	if c.floor > c.m.Threshold*base {
		c.m.Threshold, c.m.Why = c.floor/base, "floor "+quantity(c.floor, c.m.Unit)
	}
	c.m.Limit = ptr(base * (1 + sign*c.m.Threshold))
	c.m.Detectable = ptr(c.m.Threshold)
}

// tolerance is relative and forgives rounding in a comparison with a limit: 120
// is not over 20 % of 100.
const tolerance = 1e-9

// beyondFloor reports whether v differs from the baseline by at least the floor.
func (c *comparison) beyondFloor(v float64) bool {
	return math.Abs(v-*c.m.Baseline) >= c.floor*(1-tolerance)
}

// set gives the verdict.
func (c *comparison) set(v Verdict, format string, args ...any) {
	c.m = c.e.finish(c.m, v, fmt.Sprintf(format, args...))
	if v == Suspect && c.e.policy.On.Suspect == ActionStrict && !c.strictlyOver() {
		c.m.Severity = SeverityWarning
	}
}

// strictlyOver reports whether every head run is over the strict limit.
func (c *comparison) strictlyOver() bool {
	if c.m.Method != MethodHistory {
		return false
	}
	upper, ok := stats.StrictLimit(c.costs(c.base), c.cost)
	return ok && slices.Min(c.costs(c.heads)) > upper
}

// creep marks a window that has moved away from its anchor.
func (c *comparison) creep() {
	anchor := c.past.Anchor
	if anchor == nil || len(c.points) < minRuns || c.e.policy.Rule == RuleFixed {
		return
	}
	level, ok := c.past.Unit.Convert(anchor.Value, c.m.Unit)
	now := stats.Median(c.windowOf(values(c.points)))
	if !ok || level <= 0 || now <= 0 {
		return
	}
	budget := c.e.policy.Drift
	if budget == 0 {
		budget = c.rule.threshold
	}
	costs := c.costs([]float64{level, now})
	if costs[1]-costs[0] <= math.Log1p(costThreshold(budget, c.m.Better))+tolerance || math.Abs(now-level) < c.floor {
		return
	}
	c.m.Creep = ptr(math.Abs(now/level - 1))
	if s := cmp.Or(c.e.policy.On.Creep, DefaultCreep).severity(); severityRank(s) < severityRank(c.m.Severity) {
		c.m.Severity = s
		c.m.Reason = joinReasons(c.m.Reason, "the window has crept away from its anchor")
	}
}

// waive lets a slowdown pass that a waiver in force allows.
func (c *comparison) waive() {
	if c.m.Verdict != Regressed && c.m.Verdict != Suspect || c.m.Change == nil {
		return
	}
	for _, w := range activeWaivers(c.e.policy.Waivers, c.e.policy.Now) {
		if !w.Match.Match(c.m.Key) || math.Abs(*c.m.Change) > w.Limit*(1+tolerance) {
			continue
		}
		c.m.Waiver = &w
		c.set(Waived, "%s, waived up to %s until %s: %s", c.m.Verdict, percent(w.Limit), w.Until.Format("2006-01-02"), w.Reason)
		return
	}
}

func quantity(v float64, u perf.Unit) string {
	return strings.TrimSpace(fmt.Sprintf("%.4g %s", v, u))
}
