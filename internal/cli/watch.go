package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	// fileTime is how long the file may take to come. Who starts the view first has
	// started the test by then; a name with a mistake in it would be waited for for ever.
	fileTime = time.Minute
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
	toldAt  time.Time // when its figures were measured
	last    runner.Status
}

func (w *watching) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	begun, isThere := time.Now(), exists(w.file)
	w.sayWaiting(isThere)
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
			isThere = isThere || exists(w.file)
			if !isThere && now.Sub(begun) >= fileTime {
				return fmt.Errorf("%s: no such file came within %s", w.file, fileTime)
			}
			w.look(now)
			if !w.last.Figures.At.IsZero() && now.Sub(w.grown) > idleTime {
				w.s.talk("%s has not grown for %s; the test is over", w.file, idleTime)
				stop()
			}
		case err := <-ended:
			if w.isNew() {
				w.view.StageEnded(w.last)
			}
			return err
		}
	}
}

// exists reports whether there is a file. One that cannot be looked at is one: to read
// it says why.
func exists(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// sayWaiting says what is waited for: rows, or a file that is not there yet.
func (w *watching) sayWaiting(isThere bool) {
	text := "waiting for " + w.file
	if !isThere {
		text += fmt.Sprintf(", which is not there yet, for %s at most", fileTime)
	}
	w.view.Say(text)
}

// isNew reports whether anything was measured since the last line.
func (w *watching) isNew() bool { return w.last.Figures.At.After(w.toldAt) }

// look shows the newest figures and asks the alerts.
func (w *watching) look(now time.Time) {
	figures, ok := w.ticks.Snapshot()
	if !ok {
		return
	}
	w.last = runner.Status{Stage: plan.Stage{Name: "running"}, Into: figures.Elapsed, Elapsed: figures.Elapsed, Figures: figures}
	w.view.Show(w.last)
	if _, isTerminal := terminal(w.s.Stderr); !isTerminal && now.Sub(w.told) >= lineTime && w.isNew() {
		w.told, w.toldAt = now, figures.At
		w.view.StageEnded(w.last)
	}
	for _, e := range w.watcher.Observe(&figures) {
		w.view.Alert(e)
	}
}
