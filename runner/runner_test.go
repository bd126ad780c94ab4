package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/runner/alert"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

// answer is how a fake service answers under a load, some time after its start.
type answer func(load float64, since time.Duration) (latency time.Duration, failed bool)

func always(latency time.Duration) answer {
	return func(float64, time.Duration) (time.Duration, bool) { return latency, false }
}

// fakeDriver makes a request each tenth of a second, whatever the load.
type fakeDriver struct {
	answer answer
	ended  time.Time // when the load ended
	err    error     // with the runs
	quiet  bool      // tells nothing while it runs
	slow   bool      // cannot keep the rate
	calls  int
}

func (d *fakeDriver) Run(ctx context.Context, stages []plan.Stage, live *Live) ([]*perf.Run, error) {
	d.calls++
	begin := time.Now()
	live.Start(begin)
	requests, failures := 0, 0
	for _, s := range stages {
		for end := time.Now().Add(s.Duration); time.Now().Before(end) && ctx.Err() == nil; {
			latency, failed := d.answer(s.To, time.Since(begin))
			if !d.quiet {
				live.Request(monitor.Measurement{At: time.Now(), Latency: latency, Failed: failed}, s.Warmup)
			}
			if !s.Warmup {
				requests++
			}
			if failed {
				failures++
			}
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	d.ended = time.Now()
	if requests == 0 {
		return nil, d.err
	}
	latency, _ := d.answer(stages[len(stages)-1].To, time.Since(begin))
	throughput := stages[len(stages)-1].To * (1 - float64(failures)/float64(requests))
	run := &perf.Run{Series: []perf.Series{
		aggregated("latency_p95", "ms", float64(latency.Milliseconds()), requests),
		aggregated(perf.Requests, "", float64(requests), requests),
		aggregated(perf.Throughput, "/s", throughput, requests),
	}}
	if d.slow {
		run.Overloaded = []perf.Warning{{Msg: "late"}}
	}
	return []*perf.Run{run}, d.err
}

func aggregated(metric string, unit perf.Unit, v float64, n int) perf.Series {
	return perf.Series{
		Key: perf.Key{Subject: perf.Aggregated, Metric: metric}, Unit: unit, Better: perf.DirectionOf(metric, unit), Samples: []float64{v}, Count: int64(n),
	}
}

// fakeView keeps what it is told.
type fakeView struct {
	said   []string
	shown  []Status
	ended  []string
	cpu    []float64 // of the stages that ended
	alerts []alert.Event
}

func (v *fakeView) Say(text string) { v.said = append(v.said, text) }
func (v *fakeView) Show(s Status)   { v.shown = append(v.shown, s) }
func (v *fakeView) StageEnded(s Status) {
	v.ended = append(v.ended, s.Stage.Name)
	v.cpu = append(v.cpu, s.Figures.Usage.CPUOfCore.Average)
}
func (v *fakeView) Alert(e alert.Event) { v.alerts = append(v.alerts, e) }

// fakeService is a started service.
type fakeService struct {
	done chan struct{}
	err  error
}

func (s *fakeService) PID() int              { return 4711 }
func (s *fakeService) Done() <-chan struct{} { return s.done }
func (s *fakeService) Wait() error           { <-s.done; return s.err }

// starts returns the start of a service that ends with its context, or by itself
// after some time if that is not 0.
func starts(s *fakeService, after time.Duration) func(context.Context) (Service, error) {
	return func(ctx context.Context) (Service, error) {
		var late <-chan time.Time
		if after > 0 {
			late = time.After(after)
		}
		go func() {
			select {
			case <-ctx.Done():
			case <-late:
			}
			close(s.done)
		}()
		return s, nil
	}
}

// fakeNotifier takes its time, and fails.
type fakeNotifier struct {
	sent   []alert.Event
	closed int
	before func() // what is to be looked at before the wait; may be nil
}

func (n *fakeNotifier) Notify(e alert.Event) { n.sent = append(n.sent, e) }

func (n *fakeNotifier) Close(ctx context.Context) []perf.Warning {
	if n.before != nil {
		n.before()
	}
	select {
	case <-ctx.Done():
	case <-time.After(3 * time.Second):
	}
	n.closed++
	return []perf.Warning{{Msg: "no route"}}
}

type fakeSampler func(at time.Time) (monitor.Resources, error)

func (s fakeSampler) Sample(at time.Time) (monitor.Resources, error) { return s(at) }

// shape is a short test of a kind.
func shape(kind plan.Kind) plan.Shape {
	s := plan.Default(kind)
	s.Measure, s.Load, s.Warmup, s.Duration = plan.Rate, 100, 5*time.Second, 20*time.Second
	s.Stress = plan.Steps{First: 1, Growth: 2, Count: 4}
	s.Spike = plan.Burst{Times: 5, Duration: 20 * time.Second}
	return s
}

func newTest(kind plan.Kind, a answer) (*Test, *fakeDriver, *fakeView) {
	d, v := &fakeDriver{answer: a}, &fakeView{}
	s := shape(kind)
	if kind == plan.Spike {
		s.Duration = 110 * time.Second
	}
	rule := plan.DefaultRecovery()
	return &Test{Name: "p", Shape: s, Stages: s.Stages(), Recovery: rule, Driver: d, View: v, Process: "shop"}, d, v
}

func p95Above(ms float64, hold time.Duration, severity gate.Severity, abort bool) alert.Rule {
	return alert.Rule{
		Metric: "latency_p95", Side: alert.Above, Limit: perf.Quantity{Value: ms, Unit: "ms"}, For: hold, Severity: severity, Abort: abort,
	}
}

func messages(list []perf.Warning) []string {
	var texts []string
	for _, w := range list {
		texts = append(texts, w.Msg)
	}
	return texts
}

func TestWholeTest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		test, _, view := newTest(plan.Load, always(20*time.Millisecond))
		began := time.Now()
		r, err := test.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 25*time.Second {
			t.Errorf("took %s", took)
		}
		if s := r.Runs[0].Find(perf.Key{Subject: perf.Aggregated, Metric: perf.Requests}); s.Samples[0] != 200 {
			t.Errorf("%g requests, want those of 20 s without the warm-up", s.Samples[0])
		}
		if d := cmp.Diff([]string{plan.StageWarmup, plan.StageSteady}, view.ended); d != "" {
			t.Errorf("stages (-want +got):\n%s", d)
		}
		last := view.shown[len(view.shown)-1]
		if last.Total != 25*time.Second || last.Elapsed < 24*time.Second || last.Stage.Name != plan.StageSteady || last.Blind ||
			*last.Figures.Latency.P95 != 20 || last.Figures.Requests < 190 {
			t.Errorf("last status %+v", last)
		}
		if first := view.shown[0]; first.Stage.Name != plan.StageWarmup || first.Figures.Requests == 0 {
			t.Errorf("the warm-up is not shown: %+v", first)
		}
		if len(r.Runs[0].Incomplete)+len(r.Runs[0].Lost)+len(r.Runs[0].Warnings) > 0 {
			t.Errorf("notes without a reason: %+v", r.Runs[0])
		}
	})
}

// An alert that aborts ends the load within two seconds of the breach and keeps what
// was measured.
func TestAbort(t *testing.T) {
	t.Parallel()
	for _, severity := range []gate.Severity{gate.SeverityCritical, gate.SeverityWarning} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			breach := 15 * time.Second
			test, driver, view := newTest(plan.Load, func(_ float64, since time.Duration) (time.Duration, bool) { return time.Millisecond, since >= breach })
			rule := alert.Rule{
				Metric: perf.ErrorRate, Side: alert.Above, Limit: perf.Quantity{Value: 0, Unit: "%"}, Severity: severity, Abort: true,
			}
			test.Alerts = []alert.Rule{rule}
			service := &fakeService{done: make(chan struct{})}
			test.Start = starts(service, 0)
			n := &fakeNotifier{before: func() {
				select {
				case <-service.done:
				default:
					t.Error("the service still runs while the alerts are sent")
				}
			}}
			test.Notify = func() Notifier { return n }
			r, err := test.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if late := driver.ended.Sub(begin.Add(breach)); late < 0 || late > 2*time.Second {
				t.Errorf("the load ended %s after the breach", late)
			}
			if len(r.Events) != 1 || len(view.alerts) != 1 || len(n.sent) != 1 || n.closed != 1 || r.Events[0].Rule != rule {
				t.Errorf("events %v, shown %v, sent %v", r.Events, view.alerts, n.sent)
			}
			run := r.Runs[0]
			if got := messages(run.Incomplete); len(got) != 1 || !strings.HasPrefix(got[0], "the test was stopped: an alert ended it: error_rate above 0%: it is ") {
				t.Errorf("incomplete: %q", got)
			}
			if isLost := len(run.Lost) > 0; isLost != (severity == gate.SeverityCritical) {
				t.Errorf("%s: lost %v", severity, run.Lost)
			}
			if got := messages(run.Warnings); len(got) != 2 || !strings.HasPrefix(got[0], "alert fired at +10s ("+string(severity)+"): error_rate above 0%: it is ") || got[1] != "no route" {
				t.Errorf("warnings: %q", got)
			}
		})
	}
}

// TestAbortOfLateLoad holds that a latency that the machine which made the load may have
// caused ends the test, and fails nobody; errors are the service's.
func TestAbortOfLateLoad(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule alert.Rule
		lost bool
	}{
		{p95Above(100, 0, gate.SeverityCritical, true), false},
		{alert.Rule{Metric: perf.ErrorRate, Side: alert.Above, Limit: perf.Quantity{Value: 5, Unit: "%"}, Severity: gate.SeverityCritical, Abort: true}, true},
	} {
		t.Run(c.rule.Metric, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test, driver, _ := newTest(plan.Load, func(_ float64, since time.Duration) (time.Duration, bool) {
					return 300 * time.Millisecond, since > 15*time.Second
				})
				driver.slow = true
				test.Alerts = []alert.Rule{c.rule}
				r, err := test.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if run := r.Runs[0]; len(run.Incomplete) != 1 || len(run.Lost) > 0 != c.lost {
					t.Errorf("incomplete %v, lost %v", run.Incomplete, run.Lost)
				}
			})
		})
	}
}

// What crosses a limit while the service warms up is no alert.
func TestNoAlertInTheWarmup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		test, _, view := newTest(plan.Load, func(_ float64, since time.Duration) (time.Duration, bool) {
			if since < 5*time.Second {
				return time.Second, true
			}
			return time.Millisecond, false
		})
		test.Alerts = []alert.Rule{p95Above(100, 0, gate.SeverityCritical, true)}
		if _, err := test.Run(t.Context()); err != nil || len(view.alerts) > 0 {
			t.Errorf("alerts %v, %v", view.alerts, err)
		}
	})
}

func TestUnseenAlerts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		test, driver, view := newTest(plan.Load, always(time.Millisecond))
		driver.quiet = true
		test.Alerts = []alert.Rule{p95Above(100, 0, gate.SeverityWarning, false)}
		r, err := test.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(test.Alerts, r.Unseen); d != "" {
			t.Errorf("unseen (-want +got):\n%s", d)
		}
		if last := view.shown[len(view.shown)-1]; !last.Blind {
			t.Errorf("figures out of nothing: %+v", last.Figures)
		}
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		after      time.Duration
		incomplete []string
		err        string
	}{
		{"while it is measured", 10 * time.Second, []string{"the test was stopped: interrupt"}, ""},
		{"in the warm-up", 2 * time.Second, nil, "ended before anything was measured: interrupt"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(c.after, func() { cancel(errors.New("interrupt")) })
			test, _, _ := newTest(plan.Load, always(time.Millisecond))
			r, err := test.Run(ctx)
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Errorf("%s: %v, want %s", c.name, err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Interrupted == nil || r.Interrupted.Error() != "interrupt" {
				t.Errorf("%s: interrupted by %v", c.name, r.Interrupted)
			}
			if d := cmp.Diff(c.incomplete, messages(r.Runs[0].Incomplete)); d != "" || len(r.Runs[0].Lost) > 0 {
				t.Errorf("%s: lost %v, incomplete (-want +got):\n%s", c.name, r.Runs[0].Lost, d)
			}
		})
	}
}

// TestInterruptedLate holds that a test that an alert has ended was not interrupted by
// what comes while the alert is sent.
func TestInterruptedLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		test, _, _ := newTest(plan.Load, func(float64, time.Duration) (time.Duration, bool) { return time.Millisecond, true })
		test.Alerts = []alert.Rule{{
			Metric: perf.ErrorRate, Side: alert.Above, Limit: perf.Quantity{Value: 0, Unit: "%"}, Severity: gate.SeverityCritical, Abort: true,
		}}
		test.Notify = func() Notifier { return &fakeNotifier{before: func() { cancel(errors.New("interrupt")) }} }
		r, err := test.Run(ctx)
		if err != nil || r.Interrupted != nil || len(r.Runs[0].Lost) != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestDriverError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		test, driver, _ := newTest(plan.Load, always(time.Millisecond))
		driver.err = errors.New("exit status 3")
		r, err := test.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"exit status 3"}, messages(r.Runs[0].Incomplete)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		test, _, _ := newTest(plan.Load, always(time.Millisecond))
		test.Stages = test.Stages[:1]
		if _, err := test.Run(t.Context()); !errors.Is(err, perf.ErrNoResults) {
			t.Errorf("nothing was measured, and the error is %v", err)
		}
	})
}

func TestService(t *testing.T) {
	t.Parallel()
	t.Run("ends with the test", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			test, driver, view := newTest(plan.Load, always(time.Millisecond))
			s := &fakeService{done: make(chan struct{})}
			test.Start = starts(s, 0)
			test.Ready = func(context.Context) error { time.Sleep(3 * time.Second); return nil }
			r, err := test.Run(t.Context())
			if err != nil || len(r.Runs[0].Incomplete) > 0 {
				t.Fatalf("%v, %v", r, err)
			}
			select {
			case <-s.done:
			default:
				t.Error("the service still runs")
			}
			if time.Since(driver.ended) > time.Second {
				t.Error("the service took long to end")
			}
			if d := cmp.Diff([]string{"starting the service", "waiting for the service"}, view.said); d != "" {
				t.Errorf("said (-want +got):\n%s", d)
			}
		})
	})
	t.Run("dies", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			test, _, _ := newTest(plan.Load, always(time.Millisecond))
			test.Start = starts(&fakeService{done: make(chan struct{}), err: errors.New("exit status 2")}, 12*time.Second)
			r, err := test.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{"the service ended before the test did: exit status 2"}, messages(r.Runs[0].Lost)); d != "" {
				t.Errorf("lost (-want +got):\n%s", d)
			}
		})
	})
	t.Run("never gets ready", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			test, driver, _ := newTest(plan.Load, always(time.Millisecond))
			s := &fakeService{done: make(chan struct{})}
			test.Start = starts(s, 0)
			test.Ready = func(context.Context) error { return errors.New("did not get ready") }
			if _, err := test.Run(t.Context()); err == nil || err.Error() != "did not get ready" || driver.calls > 0 {
				t.Errorf("%v after %d calls of the driver", err, driver.calls)
			}
			<-s.done
		})
	})
	t.Run("dies before it is ready", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			test, _, _ := newTest(plan.Load, always(time.Millisecond))
			test.Start = starts(&fakeService{done: make(chan struct{})}, time.Second)
			test.Ready = func(ctx context.Context) error {
				<-ctx.Done()
				return fmt.Errorf("%w: connection refused", context.Cause(ctx))
			}
			if _, err := test.Run(t.Context()); err == nil || err.Error() != "the service ended before it was ready" {
				t.Errorf("%v", err)
			}
		})
	})
	t.Run("cannot be started", func(t *testing.T) {
		t.Parallel()
		test, _, _ := newTest(plan.Load, always(time.Millisecond))
		test.Start = func(context.Context) (Service, error) { return nil, errors.New("not found") }
		if _, err := test.Run(t.Context()); err == nil || err.Error() != "the service cannot be started: not found" {
			t.Errorf("%v", err)
		}
	})
}

func TestResources(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		test, _, view := newTest(plan.Load, always(time.Millisecond))
		test.Start = starts(&fakeService{done: make(chan struct{})}, 0)
		begin := time.Now()
		test.Watch = func(pid int) (Sampler, error) {
			if pid != 4711 {
				return nil, fmt.Errorf("pid %d", pid)
			}
			last := begin
			return fakeSampler(func(at time.Time) (monitor.Resources, error) {
				if at.Sub(begin) > 20*time.Second {
					return monitor.Resources{}, errors.New("it has ended")
				}
				cpu, memory, reads := 10.0, 1e6*at.Sub(begin).Seconds(), 5.0
				if at.Sub(begin) <= 5*time.Second {
					cpu = 100 // of the warm-up
				}
				r := monitor.Resources{At: at, Over: at.Sub(last), CPUOfCore: &cpu, Memory: &memory, DiskReads: &reads}
				last = at
				return r, nil
			}), nil
		}
		r, err := test.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []perf.Series
		for _, s := range r.Runs[0].Series {
			if s.Key.Subject == "process:shop" {
				got = append(got, s)
			}
		}
		series := func(metric string, unit perf.Unit, better perf.Better, kind perf.Kind, v float64) perf.Series {
			return perf.Series{Key: perf.Key{Subject: "process:shop", Metric: metric}, Unit: unit, Better: better, Kind: kind, Samples: []float64{v}}
		}
		want := []perf.Series{
			series(perf.CPUUsage, "%", perf.BetterLower, perf.KindMean, 10),
			series(perf.DiskIOPS, "/s", perf.BetterUnknown, perf.KindRate, 5),
			series(perf.MemoryUsage, "B", perf.BetterLower, perf.KindQuantile, 20e6),
		}
		if d := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"the resources of shop were watched no longer than +15s: it has ended"}, messages(r.Runs[0].Warnings)); d != "" {
			t.Errorf("warnings (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]float64{100, 10}, view.cpu, cmpopts.EquateApprox(1e-9, 0)); d != "" {
			t.Errorf("of the stages (-want +got):\n%s", d)
		}
	})
}

// judge is a critical target of 100 ms on the 95th percentile.
func judge(runs []*perf.Run) []gate.TargetResult {
	s := runs[0].Find(perf.Key{Subject: perf.Aggregated, Metric: "latency_p95"})
	return []gate.TargetResult{{
		Key: s.Key, Unit: s.Unit, Limit: 100, Measured: s.Samples[0], Met: s.Samples[0] <= 100, Severity: gate.SeverityCritical,
	}}
}

func TestStress(t *testing.T) {
	t.Parallel()
	limited := func(capacity float64) answer {
		return func(load float64, _ time.Duration) (time.Duration, bool) {
			if load > capacity {
				return time.Second, false
			}
			return 10 * time.Millisecond, false
		}
	}
	for _, c := range []struct {
		name     string
		answer   answer
		alerts   []alert.Rule
		judge    func([]*perf.Run) []gate.TargetResult
		state    plan.BreakingState
		held     float64
		steps    int
		lost     []string
		late     bool // the load was
		findings []string
		err      string
	}{
		{
			name: "breaks between two steps", answer: limited(300), judge: judge, state: plan.BreakingFound, held: 200, steps: 3,
			findings: []string{`breaking point: 200/s held, step 3 at 400/s missed a target: latency_p95 of "Aggregated" is 1000 ms, its target 100 ms`},
		},
		{
			name: "never", answer: limited(1e6), judge: judge, state: plan.BreakingNever, held: 800, steps: 4,
			findings: []string{"breaking point: every step held, up to 800/s"},
		},
		{
			name: "at once", answer: limited(50), judge: judge, state: plan.BreakingAtOnce, held: 0, steps: 1,
			lost: []string{`step 1 at 100/s missed a target: latency_p95 of "Aggregated" is 1000 ms, its target 100 ms`},
		},
		{name: "late", answer: limited(300), judge: judge, late: true, state: plan.BreakingFound, held: 200, steps: 3},
		{name: "late at once", answer: limited(50), judge: judge, late: true, state: plan.BreakingAtOnce, held: 0, steps: 1},
		{
			name: "late, and never", answer: limited(1e6), judge: judge, late: true, state: plan.BreakingNever, held: 800, steps: 4,
			findings: []string{"breaking point: every step held, up to 800/s"},
		},
		{
			name: "no target", answer: limited(300), judge: func([]*perf.Run) []gate.TargetResult { return nil },
			err: "no critical target could be judged in step 1: no results",
		},
		{
			name: "an alert", judge: judge, state: plan.BreakingFound, held: 100, steps: 2,
			answer: func(load float64, _ time.Duration) (time.Duration, bool) { return 10 * time.Millisecond, load > 150 },
			alerts: []alert.Rule{{Metric: perf.ErrorRate, Side: alert.Above, Limit: perf.Quantity{Value: 5, Unit: "%"}, Severity: gate.SeverityCritical, Abort: true}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test, driver, view := newTest(plan.Stress, c.answer)
				test.Judge, test.Alerts, driver.slow = c.judge, c.alerts, c.late
				r, err := test.Run(t.Context())
				if c.err != "" {
					if err == nil || err.Error() != c.err {
						t.Errorf("%v, want %s", err, c.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				want := []perf.Series{{
					Key: perf.Key{Subject: "profile:p", Metric: perf.BreakingPoint}, Unit: "/s", Better: perf.BetterHigher, Kind: perf.KindSample, Samples: []float64{c.held},
				}}
				if d := cmp.Diff(want, r.Runs[0].Series); d != "" || r.Breaking.State != c.state || len(r.Steps) != c.steps || driver.calls != c.steps {
					t.Errorf("%s after %d steps (-want +got):\n%s", r.Breaking.State, len(r.Steps), d)
				}
				var incomplete []string
				if c.late && c.state != plan.BreakingNever {
					incomplete = []string{"the breaking point was not measured: the load was late, which may be why " + r.Breaking.Reason}
				}
				if d := cmp.Diff(incomplete, messages(r.Runs[0].Incomplete)); d != "" {
					t.Errorf("incomplete (-want +got):\n%s", d)
				}
				if d := cmp.Diff(c.lost, messages(r.Runs[0].Lost)); d != "" {
					t.Errorf("lost (-want +got):\n%s", d)
				}
				if d := cmp.Diff(c.findings, r.Runs[0].Findings); c.alerts == nil && d != "" {
					t.Errorf("findings (-want +got):\n%s", d)
				}
				if len(view.ended) != c.steps+1 {
					t.Errorf("stages shown: %q", view.ended)
				}
			})
		})
	}
}

func TestStressInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(12*time.Second, func() { cancel(errors.New("interrupt")) })
		test, _, _ := newTest(plan.Stress, always(time.Millisecond))
		test.Judge = judge
		r, err := test.Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"the test was stopped: interrupt"}, messages(r.Runs[0].Incomplete)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestSpike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		recovers time.Duration // after the end of the burst
		slow     bool
		state    plan.RecoveryState
		lost     bool
	}{
		{"recovers", 12 * time.Second, false, plan.Recovered, false},
		{"recovers, late or not", 12 * time.Second, true, plan.Recovered, false},
		{"does not", time.Hour, false, plan.NotRecovered, true},
		{"does not, and the load was late", time.Hour, true, plan.NotRecovered, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				burst, end := 35*time.Second, 55*time.Second // warm-up 5 s, steady 30 s, burst 20 s
				test, driver, _ := newTest(plan.Spike, func(_ float64, since time.Duration) (time.Duration, bool) {
					if since >= burst && since < end+c.recovers {
						return 300 * time.Millisecond, false
					}
					return 10 * time.Millisecond, false
				})
				driver.slow = c.slow
				r, err := test.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				s := r.Runs[0].Find(perf.Key{Subject: "profile:p", Metric: perf.RecoveryTime})
				switch {
				case r.Recovery.State != c.state:
					t.Errorf("%+v", r.Recovery)
				case c.state == plan.Recovered && (s == nil || s.Samples[0] < 12 || s.Samples[0] > 13 || len(r.Runs[0].Lost) > 0):
					t.Errorf("recovery %+v, lost %v", s, r.Runs[0].Lost)
				case c.state == plan.NotRecovered && (s != nil || (len(r.Runs[0].Lost) == 1) != c.lost || (len(r.Runs[0].Incomplete) == 1) == c.lost):
					t.Errorf("recovery %+v, lost %v, incomplete %v", s, r.Runs[0].Lost, r.Runs[0].Incomplete)
				}
			})
		})
	}
}

// Rows of a tool before the end of the warm-up are where the figures begin.
func TestTicks(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := newLive([]plan.Stage{{Duration: 5 * time.Second, Warmup: true}, {Duration: 10 * time.Second}})
	l.Start(start)
	for i := range 12 {
		p95 := float64(i)
		l.Tick(monitor.Tick{At: start.Add(time.Duration(i) * time.Second), Requests: int64(10 * i), Users: 3, Rate: 10, Recent: true, P95: &p95})
	}
	list := l.intervals(partMeasured, start.Add(12*time.Second))
	if len(list) != 6 || !list[0].From.Equal(start.Add(5*time.Second)) || list[0].Requests != 10 {
		t.Errorf("intervals %+v", list)
	}
	s, ok := l.snapshot(start.Add(12 * time.Second))
	if !ok || *s.Latency.P95 != 11 || s.Elapsed != 6*time.Second {
		t.Errorf("snapshot %+v", s)
	}
	warm, ok := l.snapshot(start.Add(3 * time.Second))
	if !ok || *warm.Latency.P95 != 5 {
		t.Errorf("of the warm-up %+v", warm)
	}
}

// The averages of a stage are its own, whatever went before it.
func TestStageAverages(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	stages := []plan.Stage{
		{Name: "warm-up", Duration: 2 * time.Second, Warmup: true},
		{Name: "steady", Duration: 2500 * time.Millisecond},
		{Name: "burst", Duration: 3 * time.Second},
		{Name: "short", Duration: 700 * time.Millisecond},
	}
	l := newLive(stages)
	l.Start(start)
	at := time.Duration(0)
	for i, perSecond := range []int{10, 20, 100, 50} {
		for n := range int(stages[i].Duration.Seconds() * float64(perSecond)) {
			when := start.Add(at + time.Duration(n)*time.Second/time.Duration(perSecond))
			l.Request(monitor.Measurement{At: when, Latency: time.Millisecond, Failed: i == 2 && n%4 == 0}, stages[i].Warmup)
		}
		at += stages[i].Duration
	}
	for i, want := range []struct{ rate, errors float64 }{{10, 0}, {20, 0}, {100, 25}} {
		rate, errors := l.averages(i, start.Add(at))
		if rate == nil || *rate != want.rate || *errors != want.errors {
			t.Errorf("%s: %v/s and %v %%, want %+v", stages[i].Name, rate, errors, want)
		}
	}
	if rate, errors := l.averages(3, start.Add(at)); rate != nil || errors != nil {
		t.Errorf("of no whole second: %g/s, %g %%", *rate, *errors)
	}
}

// A stage is where the driver says that it is, and what it does not say has not begun.
func TestStagesTold(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	l := newLive([]plan.Stage{
		{Name: "warm-up", Duration: 2 * time.Second, Warmup: true}, {Name: "steady", Duration: 5 * time.Second}, {Name: "burst", Duration: 3 * time.Second},
	})
	if i, into := l.at(at(9)); i != 0 || into != 0 {
		t.Errorf("before the start: stage %d, %s", i, into)
	}
	l.StageBegan(0, at(1))
	l.StageBegan(1, at(4))
	l.StageBegan(7, at(5)) // of a log that says so and has none
	for _, c := range []struct {
		now  float64
		i    int
		into time.Duration
	}{{0, 0, 0}, {2, 0, time.Second}, {3.9, 0, 2 * time.Second}, {5, 1, time.Second}, {20, 1, 5 * time.Second}} {
		if i, into := l.at(at(c.now)); i != c.i || into != c.into {
			t.Errorf("at %g s: stage %d, %s; want %d, %s", c.now, i, into, c.i, c.into)
		}
	}
	if l.isMeasured(at(3.9)) || !l.isMeasured(at(4.1)) {
		t.Error("what counts begins elsewhere")
	}
	if got := l.begins(2); !got.Equal(at(9)) {
		t.Errorf("the burst is planned for %s", got.Sub(start))
	}
	l.StageBegan(2, at(9.5))
	if i, _ := l.at(at(10)); i != 2 || !l.begins(2).Equal(at(9.5)) {
		t.Errorf("stage %d at %s", i, l.begins(2).Sub(start))
	}
}

// Workers tell what they did in lumps: seconds without a request are none.
func TestLumps(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := newLive([]plan.Stage{{Duration: time.Minute}})
	l.TellsEvery(3 * time.Second)
	if got := l.resolution(); got != time.Second {
		t.Errorf("resolution %s before there is a row", got)
	}
	for i, requests := range []int64{0, 0, 90, 90, 90, 180, 180} {
		p95 := float64(i)
		l.Tick(monitor.Tick{At: start.Add(time.Duration(i) * time.Second), Requests: requests, Failures: requests / 10, Users: 3, Recent: true, P95: &p95})
	}
	list := l.intervals(partMeasured, start.Add(time.Minute))
	if len(list) != 2 || list[0].Requests != 90 || list[1].Requests != 90 || list[1].Failures != 9 || *list[0].P95 != 3 || !list[0].To.Equal(list[1].From) {
		t.Errorf("intervals %+v", list)
	}
	if got := l.resolution(); got != 6*time.Second {
		t.Errorf("resolution %s", got)
	}
}
