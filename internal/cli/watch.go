package cli

import (
	"context"
	"path/filepath"
	"time"

	"speedgate/internal/config"
	"speedgate/runner"
	"speedgate/runner/alert"
	"speedgate/runner/locust"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

const (
	// idleTime is how long a history may stand still before its test is taken to be
	// over: Locust writes a row a second, and every ten in old versions.
	idleTime = 30 * time.Second
	// lineTime is the time between two lines where there is no terminal.
	lineTime = 10 * time.Second
)

// runWatch shows a test that was started elsewhere, by the history that it writes,
// until it is over. It judges nothing.
func runWatch(s *session, ctx context.Context, o options) error {
	if len(o.args) != 1 {
		return usagef("expected one file, PREFIX_stats_history.csv of locust --csv PREFIX, got %d arguments", len(o.args))
	}
	rules, err := s.watchRules(ctx, o)
	if err != nil {
		return err
	}
	file := o.args[0]
	w := &watching{s: s, file: file, view: s.view(filepath.Base(file)), watcher: alert.NewWatcher(rules, time.Second), grown: time.Now()}
	return withCode(ExitInput, w.run(ctx))
}

// watchRules returns the alerts of the profile that --profile names, else the default
// ones.
func (s *session) watchRules(ctx context.Context, o options) ([]alert.Rule, error) {
	name := o.text("profile")
	if name == "" {
		return config.Profile{}.AlertRules(), nil
	}
	file, err := s.config(ctx, o)
	if err != nil {
		return nil, err
	}
	p, err := profileOf(file, name)
	if err != nil {
		return nil, err
	}
	return p.AlertRules(), nil
}

// watching is a test that somebody else runs.
type watching struct {
	s       *session
	file    string
	view    runner.View
	watcher *alert.Watcher
	ticks   monitor.Ticks
	grown   time.Time // when the last row came
	told    time.Time // when the last line was written, off a terminal
	last    runner.Status
}

func (w *watching) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w.view.Say("waiting for " + w.file)
	rows := make(chan monitor.Tick)
	ended := make(chan error, 1)
	go func() {
		ended <- locust.Tail(ctx, w.file, func(t monitor.Tick) {
			select {
			case rows <- t:
			case <-ctx.Done():
			}
		})
	}()
	ticker := time.NewTicker(runner.Interval)
	defer ticker.Stop()
	for {
		select {
		case row := <-rows:
			if w.ticks.Add(row) {
				w.grown = time.Now()
			}
		case now := <-ticker.C:
			w.look(now)
			if !w.last.Figures.At.IsZero() && now.Sub(w.grown) > idleTime {
				w.s.talk("%s has not grown for %s; the test is over", w.file, idleTime)
				stop()
			}
		case err := <-ended:
			if !w.last.Figures.At.IsZero() {
				w.view.StageEnded(w.last)
			}
			return err
		}
	}
}

// look shows the newest figures and asks the alerts.
func (w *watching) look(now time.Time) {
	figures, ok := w.ticks.Snapshot()
	if !ok {
		return
	}
	w.last = runner.Status{Stage: plan.Stage{Name: "running"}, Into: figures.Elapsed, Elapsed: figures.Elapsed, Figures: figures}
	w.view.Show(w.last)
	if _, isTerminal := terminal(w.s.Stderr); !isTerminal && now.Sub(w.told) >= lineTime {
		w.told = now
		w.view.StageEnded(w.last)
	}
	for _, e := range w.watcher.Observe(&figures) {
		w.view.Alert(e)
	}
}
