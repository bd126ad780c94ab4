package plan

import (
	"fmt"
	"testing"
	"time"

	"speedgate/gate"
	"speedgate/perf"

	"github.com/google/go-cmp/cmp"
)

// step is the result of a step at a load whose p95 has a target of 100 ms.
func step(load, p95 float64) StepResult {
	return StepResult{
		Stage: Stage{Name: fmt.Sprintf("step %g", load), From: load, To: load, Duration: time.Minute},
		Targets: []gate.TargetResult{
			{
				Key: perf.Key{Subject: "Aggregated", Metric: "latency_p95"}, Unit: "ms", Limit: 100, Measured: p95, Met: p95 <= 100,
				Severity: gate.SeverityCritical,
			},
			{
				Key: perf.Key{Subject: "Aggregated", Metric: "latency_p95"}, Unit: "ms", Limit: 10, Measured: p95, Met: p95 <= 10,
				Severity: gate.SeverityWarning,
			},
		},
	}
}

// with returns a step with a change.
func with(s StepResult, change func(*StepResult)) StepResult {
	change(&s)
	return s
}

func TestBreaking(t *testing.T) {
	t.Parallel()
	delivered := func(rate float64) func(*StepResult) { return func(s *StepResult) { s.Delivered = &rate } }
	warmup := with(step(50, 900), func(s *StepResult) { s.Stage.Warmup = true })
	unjudged := with(step(200, 20), func(s *StepResult) { s.Targets = s.Targets[1:] })
	for _, c := range []struct {
		name        string
		measure     Measure
		steps       []StepResult
		state       BreakingState
		reason      string
		held, broke int // steps, -1 for none
	}{
		{"found", Users, []StepResult{step(100, 20), step(110, 60), step(121, 104), step(133, 300)}, BreakingFound, `110 users held, step 121 at 121 users missed a target: latency_p95 of "Aggregated" is 104 ms, its target 100 ms`, 1, 2},
		{"never broke", Rate, []StepResult{step(100, 20), step(110, 100)}, BreakingNever, "every step held, up to 110/s", 1, -1},
		{"broke at once", Rate, []StepResult{step(100, 101), step(110, 20)}, BreakingAtOnce, `step 100 at 100/s missed a target: latency_p95 of "Aggregated" is 101 ms, its target 100 ms`, -1, 0},
		{"holds again", Users, []StepResult{step(100, 20), step(110, 101), step(121, 20)}, BreakingFound, `100 users held, step 110 at 110 users missed a target: latency_p95 of "Aggregated" is 101 ms, its target 100 ms`, 0, 1},
		{"the warm-up does not count", Users, []StepResult{warmup, step(100, 20)}, BreakingNever, "every step held, up to 100 users", 1, -1},
		{"no steps", Users, nil, BreakingNotJudged, "no step was run", -1, -1},
		{"a warm-up only", Users, []StepResult{warmup}, BreakingNotJudged, "no step was run", -1, -1},
		{"no target", Users, []StepResult{step(100, 20), unjudged, step(300, 900)}, BreakingNotJudged, "no critical target could be judged in step 200", 0, -1},
		{"stopped", Users, []StepResult{step(100, 20), with(step(110, 20), func(s *StepResult) { s.Stopped = "error_rate above 5%" })}, BreakingFound, "100 users held, step 110 at 110 users was stopped: error_rate above 5%", 0, 1},
		{"stopped and missed", Users, []StepResult{step(100, 20), with(step(110, 101), func(s *StepResult) { s.Stopped = "error_rate above 5%" })}, BreakingFound, `100 users held, step 110 at 110 users missed a target: latency_p95 of "Aggregated" is 101 ms, its target 100 ms`, 0, 1},
		{"stopped without a target", Users, []StepResult{with(unjudged, func(s *StepResult) { s.Stopped = "the service is gone" })}, BreakingAtOnce, "step 200 at 200 users was stopped: the service is gone", -1, 0},
		{"not delivered", Rate, []StepResult{with(step(100, 20), delivered(90)), with(step(200, 20), delivered(179))}, BreakingFound, "100/s held, step 200 at 200/s delivered 179/s", 0, 1},
		{"users deliver what they can", Users, []StepResult{with(step(100, 20), delivered(10))}, BreakingNever, "every step held, up to 100 users", 0, -1},
	} {
		got := Breaking(c.measure, c.steps)
		want := BreakingPoint{State: c.state, Reason: c.reason}
		if c.held >= 0 {
			want.Held = &c.steps[c.held]
		}
		if c.broke >= 0 {
			want.Broke = &c.steps[c.broke]
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}
