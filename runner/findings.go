package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"speedgate/perf"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

// stress runs one step after the other, until one breaks.
func (r *run) stress(ctx context.Context) error {
	stages := r.Stages
	var steps []plan.StepResult
	var point plan.BreakingPoint
	for len(stages) > 0 && ctx.Err() == nil {
		n := 1
		if stages[0].Warmup {
			n = 2
		}
		step, err := r.step(ctx, stages[:n])
		if err != nil {
			return err
		}
		stages = stages[n:]
		r.result.Steps = append(r.result.Steps, step)
		steps = append(steps, step.StepResult)
		if point = plan.Breaking(r.Shape.Measure, steps); point.State != plan.BreakingNever {
			break
		}
	}
	r.result.Breaking = &point
	return r.addBreaking(ctx, point)
}

// step runs one step, with the warm-up before it if it is the first.
func (r *run) step(ctx context.Context, stages []plan.Stage) (Step, error) {
	runs, _, err := r.drive(ctx, stages)
	cause := context.Cause(ctx)
	step := Step{StepResult: plan.StepResult{Stage: stages[len(stages)-1]}, Runs: runs}
	switch {
	case isOurs(cause):
		step.Stopped = cause.Error()
	case len(runs) == 0 || err != nil:
		return step, nothing(ctx, err)
	}
	if len(runs) > 0 {
		step.Delivered, step.Targets = delivered(runs), r.Judge(runs)
	}
	return step, nil
}

// isOurs reports whether the test was ended by what it found, and not from outside.
func isOurs(cause error) bool {
	_, isAbort := errors.AsType[*abortError](cause)
	return isAbort || hasEnded(cause)
}

// delivered returns how many requests finished in a second, nil if unknown.
func delivered(runs []*perf.Run) *float64 {
	for _, one := range runs {
		if s := one.Find(perf.Key{Subject: perf.Aggregated, Metric: perf.Throughput}); s != nil {
			if v, ok := s.Unit.Convert(s.Samples[0], "/s"); ok {
				return &v
			}
		}
	}
	return nil
}

// addBreaking makes the run of a stress test, which has one figure: those of the steps
// are of different loads. A service that breaks at once has none and failed.
func (r *run) addBreaking(ctx context.Context, point plan.BreakingPoint) error {
	first := &perf.Run{Source: perf.Source{Format: "speedgate-run", Tool: "speedgate"}}
	if len(r.result.Steps) > 0 && len(r.result.Steps[0].Runs) > 0 {
		head := r.result.Steps[0].Runs[0]
		first.Source, first.Env, first.Workload.Host = head.Source, head.Env, head.Workload.Host
	}
	held := 0.0
	if point.Held != nil {
		held = point.Held.Stage.To
	}
	unit := perf.Unit("")
	if r.Shape.Measure == plan.Rate {
		unit = "/s"
	}
	first.Series = []perf.Series{{
		Key: perf.Key{Subject: Subject(r.Name), Metric: perf.BreakingPoint}, Unit: unit, Better: perf.BetterHigher,
		Kind: perf.KindSample, Samples: []float64{held},
	}}
	r.result.Runs = []*perf.Run{first}
	switch cause := context.Cause(ctx); {
	case cause != nil && !isOurs(cause):
		first.Incomplete = append(first.Incomplete, perf.Warning{Msg: "the test was stopped: " + cause.Error()})
	case point.Broke != nil && !hasEnded(cause) && isOverloaded(r.result.Steps[len(r.result.Steps)-1].Runs):
		first.Incomplete = append(first.Incomplete, perf.Warning{Msg: "the breaking point was not measured: the load was late, which may be why " + point.Reason})
	case point.State == plan.BreakingAtOnce:
		first.Lost = append(first.Lost, perf.Warning{Msg: point.Reason})
	case point.State == plan.BreakingNotJudged:
		return fmt.Errorf("%s: %w", point.Reason, perf.ErrNoResults)
	default:
		first.Findings = append(first.Findings, "breaking point: "+point.Reason)
	}
	return nil
}

// hasEnded reports whether the service was gone, for which no load is an excuse.
func hasEnded(cause error) bool {
	_, ok := errors.AsType[*serviceError](cause)
	return ok
}

// isOverloaded reports whether the machine that made the load could not keep up.
func isOverloaded(runs []*perf.Run) bool {
	return slices.ContainsFunc(runs, func(r *perf.Run) bool { return len(r.Overloaded) > 0 })
}

// recovery finds how long the service took to be well again after the burst.
func (r *run) recovery(live *Live, now time.Time) {
	at := map[string]int{}
	for i, s := range live.stages {
		at[s.Name] = i
	}
	burst := at[plan.StageBurst]
	rule := r.Recovery
	rule.Every = live.every
	found := plan.Recovery(live.intervals(partMeasured, now), live.begins(at[plan.StageSteady]), live.begins(burst), live.begins(burst+1), rule)
	r.result.Recovery = &found
	first := r.result.Runs[0]
	switch {
	case found.State == plan.NotRecovered && isOverloaded(r.result.Runs):
		first.Incomplete = append(first.Incomplete, perf.Warning{Msg: "the recovery was not measured: the load was late, which may be why " + found.Reason})
	case found.State == plan.Recovered:
		first.Series = append(first.Series, perf.Series{
			Key: perf.Key{Subject: Subject(r.Name), Metric: perf.RecoveryTime}, Unit: "s", Better: perf.BetterLower,
			Kind: perf.KindSample, Samples: []float64{found.Time.Seconds()}, Step: live.resolution().Seconds(),
		})
		first.Findings = append(first.Findings, fmt.Sprintf("recovery: the service was well again %s after the burst", found.Time.Round(time.Second)))
	case found.State == plan.NotRecovered:
		first.Lost = append(first.Lost, perf.Warning{Msg: "the service did not recover from the burst: " + found.Reason})
	default:
		first.Incomplete = append(first.Incomplete, perf.Warning{Msg: "the recovery was not measured: " + found.Reason})
	}
}

// addUsage adds what the watched process used: of the memory the most, which is what
// must fit, of everything else the average.
func (r *run) addUsage() {
	u := &r.usage
	subject := ProcessSubject(r.Process)
	add := func(metric string, unit perf.Unit, kind perf.Kind, value float64, known bool) {
		if !known {
			return
		}
		r.result.Runs[0].Series = append(r.result.Runs[0].Series, perf.Series{
			Key: perf.Key{Subject: subject, Metric: metric}, Unit: unit, Better: perf.DirectionOf(metric, unit), Kind: kind, Samples: []float64{value},
		})
	}
	cpu := u.CPU
	if !cpu.Known() {
		cpu = u.CPUOfCore
	}
	add(perf.CPUUsage, "%", perf.KindMean, cpu.Average, cpu.Known())
	add(perf.MemoryUsage, "B", perf.KindQuantile, u.Memory.Max, u.Memory.Known())
	add(perf.MemoryShare, "%", perf.KindQuantile, u.MemoryShare.Max, u.MemoryShare.Known())
	disk, network := sum(u.DiskReads, u.DiskWrites), sum(u.NetworkIn, u.NetworkOut)
	add(perf.DiskIOPS, "/s", perf.KindRate, disk, u.DiskReads.Known() || u.DiskWrites.Known())
	add(perf.NetworkBPS, "B/s", perf.KindRate, network, u.NetworkIn.Known() || u.NetworkOut.Known())
}

func sum(a, b monitor.Level) float64 { return a.Average + b.Average }
