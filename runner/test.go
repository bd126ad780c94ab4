package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/runner/alert"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

// Interval is the time between two looks at the live figures: an alert that aborts
// must end the load within two seconds, and Locust takes one of these.
const Interval = 500 * time.Millisecond

// figureInterval is the longest time between two figures that nobody missed: Locust
// writes one a second.
const figureInterval = time.Second

// Driver makes load.
type Driver interface {
	// Run makes the load of the stages, one after the other, tells live what happens
	// and returns what was measured, warm-up left out. When ctx ends, it ends the load
	// at once and returns what was measured until then. With an error the runs may not
	// be all.
	Run(ctx context.Context, stages []plan.Stage, live *Live) ([]*perf.Run, error)
}

// Service is the service under test, once it was started.
type Service interface {
	PID() int
	Done() <-chan struct{} // closed when it has ended
	Wait() error           // says how
}

// Sampler tells what a process uses. An error is its last word.
type Sampler interface {
	Sample(at time.Time) (monitor.Resources, error)
}

// Notifier sends alerts away while the test goes on.
type Notifier interface {
	Notify(e alert.Event) // must not wait
	// Close waits until all alerts are sent, or ctx ends, and tells why some were not.
	Close(ctx context.Context) []perf.Warning
}

// View shows a running test. Its methods are called one at a time.
type View interface {
	Say(text string)     // what the test waits for
	Show(s Status)       // the live figures, each [Interval]
	StageEnded(s Status) // the last figures of a stage; averages are of this stage alone
	Alert(e alert.Event) // an alert fired or was resolved
}

// Status is a running test at one moment.
type Status struct {
	Stage   plan.Stage
	Into    time.Duration // how long the stage has run
	Elapsed time.Duration // since the start of the load
	Total   time.Duration // of all stages; 0 = nobody knows
	// Figures are the live figures; of a tool that tells nothing while it runs, only
	// those of resources.
	Figures monitor.Snapshot
	Blind   bool // there are no figures of requests
}

// Test is a test to run. Its functions may be nil, and do nothing then.
type Test struct {
	Name     string // of the profile
	Shape    plan.Shape
	Stages   []plan.Stage // of the shape; one without a load where the driver has its own
	Recovery plan.RecoveryRule
	Driver   Driver
	Start    func(ctx context.Context) (Service, error) // starts the service, which ends with ctx
	Ready    func(ctx context.Context) error            // waits until the service answers
	// Watch returns a sampler; pid is that of the started service, 0 if there is none.
	Watch   func(pid int) (Sampler, error)
	Process string // what the results call the watched process
	Alerts  []alert.Rule
	Notify  func() Notifier // opens what sends alerts away
	Notes   []perf.Warning  // what a reader must know of the test before it began
	// Judge returns the targets on a step of a stress test.
	Judge func(runs []*perf.Run) []gate.TargetResult
	View  View
}

// Result is what a test measured and found out.
type Result struct {
	// Runs has the figures, and those of resources and of the finding with the first.
	// What was stopped is incomplete.
	Runs     []*perf.Run
	Steps    []Step // of a stress test
	Breaking *plan.BreakingPoint
	Recovery *plan.RecoveryTime
	Events   []alert.Event
	Unseen   []alert.Rule // alerts that never had a figure to look at
	// Interrupted says why the test was ended from outside, nil if it was not. What
	// comes when the test is over does not count.
	Interrupted error
}

// Step is a step of a stress test with its own figures, which are of another load
// than those of the next and are compared with nothing.
type Step struct {
	plan.StepResult
	Runs []*perf.Run
}

// Subject returns the subject of what a profile finds out.
func Subject(profile string) string { return "profile:" + profile }

// ProcessSubject returns the subject of what a process uses.
func ProcessSubject(name string) string { return "process:" + name }

// Run runs the test. When ctx ends, the test ends and what was measured is returned,
// marked incomplete. An error says that nothing was measured, and why.
func (t *Test) Run(ctx context.Context) (*Result, error) {
	outside := ctx
	ctx, cancel := context.WithCancelCause(outside)
	defer cancel(nil)
	r := &run{Test: t, cancel: cancel, watcher: alert.NewWatcher(t.Alerts, figureInterval), result: &Result{}}
	if t.Notify != nil {
		r.notifier = t.Notify()
		defer r.closeNotifier(outside)
	}
	end, err := r.start(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := r.await(ctx); err != nil {
		return nil, err
	}
	if t.Watch != nil {
		if r.sampler, err = t.Watch(r.pid); err != nil {
			return nil, fmt.Errorf("the process cannot be watched: %w", err)
		}
	}
	measure := r.whole
	if t.Shape.Kind == plan.Stress {
		measure = r.stress
	}
	if err := measure(ctx); err != nil {
		return nil, err
	}
	if cause := context.Cause(ctx); !isOurs(cause) {
		r.result.Interrupted = cause
	}
	end() // the alerts may take their time, and nobody needs the service any more
	r.closeNotifier(outside)
	r.addNotes()
	return r.result, errors.Join(r.check()...)
}

// check sorts and checks the runs, to which series were added.
func (r *run) check() []error {
	var errs []error
	for _, one := range r.result.Runs {
		one.Sort()
		errs = append(errs, one.Check())
	}
	return errs
}

// abortError is the cause of the end of a test that an alert ended.
type abortError struct{ event alert.Event }

func (e *abortError) Error() string {
	return fmt.Sprintf("an alert ended it: %s", e.event)
}

// serviceError is the cause of the end of a test whose service is gone.
type serviceError struct {
	err     error
	unready bool // whether it never answered
}

func (e *serviceError) Error() string {
	text := "the service ended before the test did"
	if e.unready {
		text = "the service ended before it was ready"
	}
	if e.err == nil {
		return text
	}
	return text + ": " + e.err.Error()
}

func (e *serviceError) Unwrap() error { return e.err }
