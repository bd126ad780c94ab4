package cli

import (
	"context"
	"fmt"
	"math"
	"slices"

	"speedgate/baseline"
	"speedgate/gate"
	"speedgate/internal/config"
	"speedgate/internal/stats"
	"speedgate/perf"
)

// bite is how much more than its threshold a metric is slowed down in a self-test,
// relative to the threshold. It only has to be more than rounding.
const bite = 0.05

// runSelftest proves on the baseline's own values that the gate can fail.
func runSelftest(s *session, ctx context.Context, o options) error {
	file, err := s.config(ctx, o)
	if err != nil {
		return err
	}
	settings, err := config.Resolve(o.flags, s.env, file)
	if err != nil {
		return withCode(ExitUsage, err)
	}
	data, err := s.src.read(ctx, settings.Baseline)
	if err != nil {
		return withCode(ExitBaseline, err)
	}
	b, err := baseline.Parse(data, settings.Baseline)
	if err != nil {
		return withCode(ExitBaseline, err)
	}
	if err := provable(b, file); err != nil {
		return err
	}
	t := selftest{s: s, quiet: o.on["quiet"]}
	for _, name := range suiteNames(b, settings.Suite) {
		u, err := s.suite(o.flags, file, suiteInConfig(file, name))
		if err != nil {
			return err
		}
		for _, w := range b.Windows(name) {
			t.window(name, u.settings.Policy(s.Now()), w)
		}
	}
	return t.conclude()
}

// provable demands that each suite of the config has accepted runs: nothing could be
// proved of one that has none. A hand-written baseline serves any suite.
func provable(b *baseline.File, file *config.Config) error {
	if file == nil || len(b.Suites()) == 0 {
		return nil
	}
	for _, u := range file.Suites {
		if !slices.Contains(b.Suites(), u.Name) {
			return withCode(ExitBaseline, fmt.Errorf("selftest: the baseline has no runs of suite %q, so that nothing can be proved of it", u.Name))
		}
	}
	return nil
}

// suiteNames returns the suites to test: the one asked for, else all of the file. A
// hand-written file names none and serves any.
func suiteNames(b *baseline.File, asked string) []string {
	switch {
	case asked != "":
		return []string{asked}
	case len(b.Suites()) == 0:
		return []string{defaultSuite}
	}
	return b.Suites()
}

// suiteInConfig returns the name if the config knows it, "" otherwise.
func suiteInConfig(file *config.Config, name string) string {
	if file != nil && file.Suite(name) != nil {
		return name
	}
	return ""
}

// selftest counts what it proved.
type selftest struct {
	s       *session
	quiet   bool
	gated   int // metrics that must be able to fail
	blind   int // of these, how many did not
	falsely int // metrics that failed untouched
	ungated int // metrics that never gate
}

func (t *selftest) say(format string, args ...any) {
	if !t.quiet {
		t.s.talk(format, args...)
	}
}

// window tests one window of accepted runs.
func (t *selftest) window(suite string, p gate.Policy, w *perf.Window) {
	untouched := t.evaluate(suite, p, w, replay(w, nil))
	for _, m := range untouched.Metrics {
		switch {
		case m.Severity == gate.SeverityCritical && m.Verdict != gate.OverTarget:
			t.falsely++
			t.say("suite %q, %s: %s fails on the baseline's own value: %s", suite, w.Env, m.Key, m.Reason)
		case m.ShownOnly || m.Limit == nil && m.Method == gate.MethodNone:
			t.ungated++
		default:
			t.gated++
		}
	}
	t.bite(suite, p, w, untouched.Metrics)
}

// bite slows the metrics down and looks which do not fail. Error rates go in a copy
// of their own: a risen error rate makes the latencies beside it invalid, which
// would hide whether they can fail by themselves.
func (t *selftest) bite(suite string, p gate.Policy, w *perf.Window, metrics []gate.Metric) {
	for _, errorRates := range []bool{false, true} {
		slowed := map[perf.Key]float64{}
		for _, m := range metrics {
			if v, ok := slower(m); ok && (m.Key.Metric == perf.ErrorRate) == errorRates {
				slowed[m.Key] = v
			}
		}
		if len(slowed) == 0 {
			continue
		}
		for _, m := range t.evaluate(suite, p, w, replay(w, slowed)).Metrics {
			if _, ok := slowed[m.Key]; ok && m.Severity != gate.SeverityCritical {
				t.blind++
				t.say("suite %q, %s: %s does not fail at %g %s: %s", suite, w.Env, m.Key, slowed[m.Key], m.Unit, m.Verdict)
			}
		}
	}
}

// slower returns a value a bit beyond the limit of a metric; ok is false if the
// metric never gates.
func slower(m gate.Metric) (v float64, ok bool) {
	if m.ShownOnly || m.Baseline == nil || m.Method == gate.MethodNone {
		return 0, false
	}
	if m.Limit == nil {
		// No ratio: any worse value must fail.
		if m.Better == perf.BetterHigher {
			return *m.Baseline - 1, true
		}
		return *m.Baseline + 1, true
	}
	return *m.Limit + bite*(*m.Limit-*m.Baseline), true
}

func (t *selftest) evaluate(suite string, p gate.Policy, w *perf.Window, head []*perf.Run) *gate.Result {
	return gate.Evaluate(gate.Input{Suite: suite, Base: w, Head: head, Env: w.Env}, p)
}

// replay makes runs of the window's own levels, with some metrics set to other
// values: as many as it takes to settle a suspect.
func replay(w *perf.Window, instead map[perf.Key]float64) []*perf.Run {
	r := &perf.Run{Env: w.Env}
	if n := len(w.Runs); n > 0 {
		r.Workload = w.Runs[n-1].Workload
	}
	for i := range w.Metrics {
		m := &w.Metrics[i]
		if len(m.Points) == 0 {
			continue
		}
		last := m.Points[len(m.Points)-1]
		value, ok := instead[m.Key]
		switch {
		case !ok:
			value = levelOf(m)
		case m.Key.Metric == perf.ErrorRate && last.Count > 0:
			value = wholeFailures(value, m.Unit, last.Count)
		}
		r.Series = append(r.Series, perf.Series{
			Key: m.Key, Unit: m.Unit, Better: m.Better, Kind: m.Kind, Exact: m.Exact, Step: m.Step,
			Samples: []float64{value}, Count: last.Count,
		})
	}
	return slices.Repeat([]*perf.Run{r}, stats.HeadsNeeded)
}

// wholeFailures rounds an error rate up to a whole number of failed requests.
func wholeFailures(rate float64, u perf.Unit, requests int64) float64 {
	share, ok := u.Convert(rate, "ratio")
	if !ok {
		return rate
	}
	share = min(1, math.Ceil(share*float64(requests))/float64(requests))
	rate, _ = perf.Unit("ratio").Convert(share, u)
	return rate
}

// levelOf returns the level that the gate compares with: the newest value of an
// exact metric, the median of the last runs otherwise.
func levelOf(m *perf.Past) float64 {
	points := m.Points
	if m.Exact {
		points = points[len(points)-1:]
	}
	points = points[max(0, len(points)-5):]
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.Value
	}
	return stats.Median(values)
}

// conclude prints the result. A gate that does not bite is an error of its config.
func (t *selftest) conclude() error {
	if t.gated == 0 {
		return usagef("selftest failed: no metric of the baseline gates")
	}
	if t.blind > 0 || t.falsely > 0 {
		return usagef("selftest failed: of %d gated metrics %d do not fail when they get worse, %d fail without a change", t.gated, t.blind, t.falsely)
	}
	_, err := fmt.Fprintf(t.s.Stdout, "selftest passed: each of %d gated metrics fails when it gets a bit worse than its limit, and none without a change (%d are only shown)\n",
		t.gated, t.ungated)
	return err
}
