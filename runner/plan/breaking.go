package plan

import (
	"fmt"
	"slices"

	"speedgate/gate"
)

// StepResult is what came of one step of a stress test, which has one load all the
// time.
type StepResult struct {
	Stage Stage
	// Delivered is the requests that finished in a second, on average; nil if unknown.
	Delivered *float64
	// Targets are the gate's on the results of this step alone.
	Targets []gate.TargetResult
	// Stopped says why the step ended before its time, "" if it did not: an alert, or
	// a service that is gone.
	Stopped string
}

// BreakingState is what a stress test found.
type BreakingState string

// The states. Only a point that was found has a number.
const (
	BreakingFound     BreakingState = "found"
	BreakingNever     BreakingState = "never_broke"   // every step held
	BreakingAtOnce    BreakingState = "broke_at_once" // the first step did not hold
	BreakingNotJudged BreakingState = "not_judged"    // a step could not be judged
)

// BreakingPoint is where a service breaks: above the load of Held, at that of Broke
// or below.
type BreakingPoint struct {
	State  BreakingState
	Reason string      // why, with the numbers
	Held   *StepResult // last step that held before one broke, nil if none did
	Broke  *StepResult // first step that broke, nil if none did
}

// minDelivered is the share of the asked requests that must finish. Below it the
// load was not carried, whatever the latency of the requests that were: by the
// service, or by the machine that makes the load.
const minDelivered = 0.9

// Breaking finds the breaking point among the steps of a stress test, in their
// order. A step breaks when it misses a critical target, when it is stopped, or,
// where the load is a rate, when a tenth of it does not come back. A step without a
// critical target that could be judged cannot hold.
func Breaking(measure Measure, steps []StepResult) BreakingPoint {
	var b BreakingPoint
	for i := range steps {
		step := &steps[i]
		if step.Stage.Warmup {
			continue
		}
		if reason := step.broke(measure); reason != "" {
			b.Broke, b.State = step, BreakingFound
			b.Reason = fmt.Sprintf("%s at %s %s", step.Stage.Name, loadText(step.Stage.To, measure), reason)
			if b.Held == nil {
				b.State = BreakingAtOnce
				return b
			}
			b.Reason = fmt.Sprintf("%s held, %s", loadText(b.Held.Stage.To, measure), b.Reason)
			return b
		}
		if !step.isJudged() {
			b.State, b.Reason = BreakingNotJudged, fmt.Sprintf("no critical target could be judged in %s", step.Stage.Name)
			return b
		}
		b.Held = step
	}
	if b.Held == nil {
		return BreakingPoint{State: BreakingNotJudged, Reason: "no step was run"}
	}
	b.State, b.Reason = BreakingNever, fmt.Sprintf("every step held, up to %s", loadText(b.Held.Stage.To, measure))
	return b
}

// broke says why the step broke, "" if it held.
func (s *StepResult) broke(measure Measure) string {
	for _, t := range s.Targets {
		if t.Severity == gate.SeverityCritical && !t.Met {
			return "missed a target: " + t.String()
		}
	}
	switch {
	case s.Stopped != "":
		return "was stopped: " + s.Stopped
	case measure == Rate && s.Delivered != nil && *s.Delivered < minDelivered*s.Stage.To:
		return fmt.Sprintf("delivered %s/s", number(*s.Delivered))
	}
	return ""
}

func (s *StepResult) isJudged() bool {
	return slices.ContainsFunc(s.Targets, func(t gate.TargetResult) bool { return t.Severity == gate.SeverityCritical })
}

// loadText writes a load with its measure.
func loadText(load float64, measure Measure) string {
	if measure == Users {
		return number(load) + " users"
	}
	return number(load) + "/s"
}

// number writes a number with four digits or all before its point, and no exponent.
func number(v float64) string {
	if v >= 1000 && v < 1e9 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}
