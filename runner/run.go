package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/runner/alert"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

// run is one call of [Test.Run] at work.
type run struct {
	*Test
	cancel   context.CancelCauseFunc
	watcher  *alert.Watcher
	pid      int
	sampler  Sampler
	usage    monitor.Usage
	stage    monitor.Usage // of the stage that runs
	started  time.Time     // when the first load began
	elapsed  time.Duration // of the stages that are over
	notes    []perf.Warning
	result   *Result
	notifier Notifier // nil when there is none, or it was closed
}

// start starts the service, if there is one to start; end ends it and waits until it
// is gone.
func (r *run) start(ctx context.Context) (end func(), err error) {
	if r.Start == nil {
		return func() {}, nil
	}
	r.View.Say("starting the service")
	// The service outlives the load, which would otherwise see it go.
	serviceCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	service, err := r.Start(serviceCtx)
	if err != nil {
		stop()
		return nil, fmt.Errorf("the service cannot be started: %w", err)
	}
	r.pid = service.PID()
	var watching sync.WaitGroup
	watching.Go(func() {
		<-service.Done()
		if serviceCtx.Err() == nil {
			r.cancel(&serviceError{err: service.Wait()})
		}
	})
	return func() {
		stop()
		watching.Wait()
	}, nil
}

// await waits until the service answers. That nobody answers any more says nothing
// where the service has ended.
func (r *run) await(ctx context.Context) error {
	if r.Ready == nil {
		return nil
	}
	r.View.Say("waiting for the service")
	err := r.Ready(ctx)
	if ended, ok := errors.AsType[*serviceError](context.Cause(ctx)); err != nil && ok {
		return &serviceError{err: ended.err, unready: true}
	}
	return err
}

// whole runs all stages in one go.
func (r *run) whole(ctx context.Context) error {
	runs, live, err := r.drive(ctx, r.Stages)
	if len(runs) == 0 {
		return nothing(ctx, err)
	}
	r.result.Runs = runs
	r.markStopped(ctx, err)
	r.addUsage()
	if r.Shape.Kind == plan.Spike {
		r.recovery(live, time.Now())
	}
	return nil
}

// nothing says why there are no figures.
func nothing(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case cause != nil:
		return fmt.Errorf("ended before anything was measured: %w", cause)
	case err == nil:
		return fmt.Errorf("nothing was measured: %w", perf.ErrNoResults)
	}
	return err
}

// outcome is what a driver returns.
type outcome struct {
	runs []*perf.Run
	err  error
}

// drive has the driver make the load of stages, and looks at the live figures
// meanwhile.
func (r *run) drive(ctx context.Context, stages []plan.Stage) ([]*perf.Run, *Live, error) {
	live := newLive(stages)
	done := make(chan outcome, 1)
	go func() {
		runs, err := r.Driver.Run(ctx, stages, live)
		done <- outcome{runs, err}
	}()
	ticker := time.NewTicker(Interval)
	defer ticker.Stop()
	var last Status
	for {
		select {
		case o := <-done:
			if len(o.runs) > 0 {
				r.stageEnded(r.status(time.Now(), live), live)
			}
			r.elapsed += plan.Total(stages)
			return o.runs, live, o.err
		case now := <-ticker.C:
			s := r.look(now, live)
			if last.Stage.Name != "" && last.Stage != s.Stage {
				last.Into = last.Stage.Duration
				r.stageEnded(last, live)
			}
			last = s
		}
	}
}

// stageEnded shows a stage that has ended, with averages of its own.
func (r *run) stageEnded(s Status, live *Live) {
	i := slices.Index(live.stages, s.Stage)
	if rate, errors := live.averages(i, time.Now()); rate != nil || live.isTooShort(i) {
		s.Figures.Throughput.Average, s.Figures.Errors.Average = rate, errors
	}
	if !r.stage.At.IsZero() {
		s.Figures.Usage, r.stage = r.stage, monitor.Usage{}
	}
	r.View.StageEnded(s)
}

// total is how long all stages take, 0 if nobody knows.
func (r *run) total() time.Duration { return plan.Total(r.Stages) }

// status describes the test at now.
func (r *run) status(now time.Time, live *Live) Status {
	i, into := live.at(now)
	s := Status{Stage: live.stages[i], Into: into, Elapsed: r.elapsed + plan.Total(live.stages[:i]) + into, Total: r.total()}
	var seen bool
	s.Figures, seen = live.snapshot(now)
	s.Blind, s.Figures.Usage = !seen, r.usage
	return s
}

// look takes in the figures at now, shows them and asks the alerts.
func (r *run) look(now time.Time, live *Live) Status {
	isMeasured := live.isMeasured(now)
	r.sample(now, isMeasured)
	s := r.status(now, live)
	r.View.Show(s)
	if !isMeasured {
		return s
	}
	if r.started.IsZero() {
		r.started = now
	}
	for _, e := range r.watcher.Observe(&s.Figures) {
		r.alert(e)
	}
	return s
}

// sample asks what the watched process uses. The rates of a sample are of the time
// since the one before, so that asking goes on during the warm-up.
func (r *run) sample(now time.Time, isMeasured bool) {
	if r.sampler == nil {
		return
	}
	used, err := r.sampler.Sample(now)
	if err != nil {
		r.sampler = nil
		r.note("the resources of %s were watched no longer than %s: %s", r.Process, r.since(now), err)
		return
	}
	r.stage.Add(used)
	if isMeasured {
		r.usage.Add(used)
	}
}

// since writes a time as one after the start of what counts.
func (r *run) since(at time.Time) string {
	if r.started.IsZero() {
		return "the warm-up"
	}
	return "+" + max(0, at.Sub(r.started)).Round(time.Second).String()
}

func (r *run) note(format string, args ...any) {
	r.notes = append(r.notes, perf.Warning{Msg: fmt.Sprintf(format, args...)})
}

// alert tells of an alert, and ends the test if its rule says so.
func (r *run) alert(e alert.Event) {
	r.result.Events = append(r.result.Events, e)
	r.View.Alert(e)
	r.note("alert %s at %s (%s): %s", e.Kind, r.since(e.At), e.Rule.Severity, e)
	if r.notifier != nil {
		r.notifier.Notify(e)
	}
	if e.Aborts() {
		r.cancel(&abortError{e})
	}
}

// closeNotifier waits for the alerts that are on their way: that which ended the test
// matters most. Only ctx can end the wait: it is not that of the test, which is over.
func (r *run) closeNotifier(ctx context.Context) {
	if r.notifier == nil {
		return
	}
	if len(r.result.Events) > 0 {
		r.View.Say("waiting for the webhook")
	}
	r.notes = append(r.notes, r.notifier.Close(ctx)...)
	r.notifier = nil
}

// markStopped says in the runs that the test did not come to its end.
func (r *run) markStopped(ctx context.Context, err error) {
	first := r.result.Runs[0]
	if err != nil && context.Cause(ctx) == nil {
		first.Incomplete = append(first.Incomplete, perf.Warning{Msg: err.Error()})
		return
	}
	cause := context.Cause(ctx)
	if cause == nil {
		return
	}
	isTold := false
	for _, one := range r.result.Runs {
		isTold = isTold || len(one.Incomplete) > 0
	}
	if !isTold {
		first.Incomplete = append(first.Incomplete, perf.Warning{Msg: "the test was stopped: " + cause.Error()})
	}
	if e, ok := errors.AsType[*abortError](cause); ok && e.event.Rule.Severity == gate.SeverityCritical && !r.mayBeLoad(e.event.Rule.Metric) {
		first.Lost = append(first.Lost, perf.Warning{Msg: cause.Error()})
	}
	if hasEnded(cause) {
		first.Lost = append(first.Lost, perf.Warning{Msg: cause.Error()})
	}
}

// mayBeLoad reports whether a metric crossed its limit, maybe, for the machine that made
// the load. The test is incomplete then, and nobody's failure.
func (r *run) mayBeLoad(metric string) bool {
	return isOverloaded(r.result.Runs) && (perf.IsLatency(metric) || metric == perf.Throughput)
}

// addNotes adds what a reader must know to the first run.
func (r *run) addNotes() {
	first := r.result.Runs[0]
	first.Warnings = slices.Concat(first.Warnings, r.Notes, r.notes)
	r.result.Unseen = r.watcher.Unseen()
}
