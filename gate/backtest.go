package gate

import (
	"slices"

	"speedgate/internal/stats"
	"speedgate/perf"
)

const (
	backtestRuns = 10 // accepted runs below which a backtest says nothing
	backtestPast = 5  // accepted runs that a run is tested against, at least
)

// backtest applies the single-run rule to the accepted runs themselves, each
// against those before it: all of them were accepted, so every failure is a false
// alarm.
func (e *evaluation) backtest() {
	if e.in.Base == nil || e.envDiffers || len(e.in.Base.Runs) < backtestRuns || e.policy.Rule == RuleFixed {
		return
	}
	tested := make([]bool, len(e.in.Base.Runs))
	failed := make([]bool, len(e.in.Base.Runs))
	for pr := range e.pairs() {
		if pr.past != nil && !pr.rule.ignore && !pr.past.Exact {
			e.backtestMetric(pr, tested, failed)
		}
	}
	b := &Backtest{}
	for i := range tested {
		if tested[i] {
			b.Runs++
		}
		if failed[i] {
			b.Failed++
		}
	}
	if b.Runs > 0 {
		e.result.Backtest = b
	}
}

func (e *evaluation) backtestMetric(pr pair, tested, failed []bool) {
	m := describe(pr)
	m.Better, _ = direction(pr)
	points := evident(pr.key.Metric, pr.past.Points)
	if m.Better == perf.BetterUnknown || isExtreme(pr.key.Metric) || len(points) <= backtestPast {
		return
	}
	m.Unit = pr.past.Unit
	c := comparison{e: e, m: m, rule: pr.rule, past: pr.past, step: pr.past.Step, floor: pr.rule.floorIn(pr.past.Unit)}
	all := values(points)
	if slices.Min(all) <= 0 {
		return
	}
	for i := backtestPast; i < len(points); i++ {
		c.base = c.windowOf(all[:i])
		c.m.Current = &all[i]
		c.setLevel()
		limit := stats.HistoryLimit(c.costs(c.base), c.cost)
		tested[points[i].Run] = true
		if c.costs(all[i : i+1])[0] > limit+tolerance && c.beyondFloor(all[i]) {
			failed[points[i].Run] = true
		}
	}
}
