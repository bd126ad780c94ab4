package gate

import (
	"fmt"
	"slices"
	"strings"

	"speedgate/perf"
)

// targets judges the absolute targets. They need no baseline.
func (e *evaluation) targets() {
	for _, t := range e.policy.Targets {
		if t.Level != "" && t.Level != e.policy.Level {
			continue
		}
		u := PatternUse{Kind: PatternTarget, Critical: t.Severity == SeverityCritical, Shared: true}
		for i := range e.result.Metrics {
			m := &e.result.Metrics[i]
			if m.Current != nil && t.Match.Match(m.Key) {
				u.Found = true
				u.Used = e.target(t, m) || u.Used
			}
		}
		u.Missing = !u.Found && slices.ContainsFunc(e.result.Metrics, func(m Metric) bool { return t.Match.Match(m.Key) })
		u.Ignored = !u.Found && slices.ContainsFunc(e.ignored, t.Match.Match)
		e.use(t.Match, u)
	}
	e.warnLevels()
}

// warnLevels says that targets were left out because no level was chosen, or because
// none of those that match has a limit at the level.
func (e *evaluation) warnLevels() {
	n := 0
	unjudged := map[string]bool{} // critical patterns that match
	for _, t := range e.policy.Targets {
		if t.Level == "" || t.Level == e.policy.Level {
			continue
		}
		isMeasured := e.matchesAny(t.Match)
		if e.policy.Level == "" || isMeasured {
			n++
		}
		if e.policy.Level == "" && isMeasured && t.Severity == SeverityCritical {
			unjudged[t.Match.String()] = true
		}
	}
	if !slices.ContainsFunc(e.result.Targets, func(t TargetResult) bool { return t.Severity == SeverityCritical }) {
		e.result.Unleveled = len(unjudged)
	}
	switch {
	case n == 0:
	case e.policy.Level == "":
		e.warn("%s not judged, for want of a level; name the level of load of the suite", plural(n, "target"))
	case len(e.result.Targets) == 0:
		e.warn("no target judged: the limits of these metrics are for other levels than %q", e.policy.Level)
	}
}

// matchesAny reports whether a pattern matches a metric that was measured.
func (e *evaluation) matchesAny(p perf.Pattern) bool {
	return slices.ContainsFunc(e.result.Metrics, func(m Metric) bool { return m.Current != nil && p.Match(m.Key) })
}

// target judges one target on one metric, and reports whether it could.
func (e *evaluation) target(t Target, m *Metric) bool {
	r, ok := e.hold(t, e.asShare(t, m))
	if ok {
		e.result.Targets = append(e.result.Targets, r)
	}
	return ok
}

// asShare returns the metric that tells the same of a share of the memory where the
// target is one and the metric is a size, else the metric itself.
func (e *evaluation) asShare(t Target, m *Metric) *Metric {
	if m.Key.Metric != perf.MemoryUsage || t.Limit.Unit.Dimension() != perf.DimensionRatio || m.Unit.Dimension() != perf.DimensionSize {
		return m
	}
	share := m.Key
	share.Metric = perf.MemoryShare
	for i := range e.result.Metrics {
		if s := &e.result.Metrics[i]; s.Key == share && s.Current != nil {
			return s
		}
	}
	return m
}

// hold holds a metric against a target, and puts a miss into its verdict. ok is false
// if the two cannot be compared, which is warned of.
func (e *evaluation) hold(t Target, m *Metric) (r TargetResult, ok bool) {
	limit, ok := t.Limit.In(m.Unit)
	if !ok {
		e.result.Warnings = append(e.result.Warnings, perf.Warning{Pos: m.Pos, Msg: fmt.Sprintf(
			"target %s of %s cannot be judged on a value in %q", t.Limit, t.Match, m.Unit)})
		return r, false
	}
	if m.Better == perf.BetterUnknown {
		e.result.Warnings = append(e.result.Warnings, perf.Warning{Pos: m.Pos, Msg: fmt.Sprintf(
			"target %s of %s cannot be judged: it is not known whether more or less is better", t.Limit, t.Match)})
		return r, false
	}
	r = TargetResult{
		Key: m.Key, Match: t.Match.String(), Unit: m.Unit, Limit: limit, Measured: *m.Current,
		Severity: t.Severity, Level: t.Level, Availability: t.Availability,
	}
	r.Met, r.Headroom = judgeTarget(m.Better, limit, *m.Current)
	r.Doubt = e.doubt(m)
	r.Met = r.Met && r.Doubt == ""
	if !r.Met {
		e.missTarget(m, r)
	}
	return r, true
}

// doubt says why a figure may not meet a target, "" if it may. A subject without one
// request has none that could, and requests that fail are often answered faster than
// others.
func (e *evaluation) doubt(m *Metric) string {
	why, _ := e.health.suspends(m.Key, m.Unit, e.policy.MaxError)
	return why
}

// judgeTarget compares a value with a limit and says how much of it is left.
func judgeTarget(better perf.Better, limit, value float64) (met bool, headroom float64) {
	slack := tolerance * max(limit, -limit)
	left := limit - value
	if better == perf.BetterHigher {
		left = -left
	}
	if limit != 0 {
		headroom = left / max(limit, -limit)
	}
	return left >= -slack, headroom
}

// missTarget puts a missed target into the metric's verdict.
func (e *evaluation) missTarget(m *Metric, r TargetResult) {
	v := NearTarget
	if r.Severity == SeverityCritical {
		v = OverTarget
	}
	reason := fmt.Sprintf("misses its target of %s", quantity(r.Limit, r.Unit))
	if r.Doubt != "" {
		reason += ", whatever was measured"
		if !strings.Contains(m.Reason, r.Doubt) {
			reason += ": " + r.Doubt
		}
	}
	e.miss(m, v, reason)
}

// miss makes v the verdict of a metric, unless its own is worse already.
func (e *evaluation) miss(m *Metric, v Verdict, reason string) {
	s := e.policy.On.Of(v).severity()
	if verdictRank[m.Verdict] <= verdictRank[v] || severityRank(m.Severity) < severityRank(s) {
		m.Reason = joinReasons(m.Reason, reason)
		return
	}
	m.Verdict, m.Severity, m.Reason = v, s, joinReasons(reason, m.Reason)
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func joinReasons(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
