package plan

import (
	"fmt"
	"math"
	"time"
)

// Names of stages. The steps of a stress test are numbered: step 1, step 2, …
const (
	StageWarmup = "warm-up"
	StageSteady = "steady"
	StageBurst  = "burst"
	StageAfter  = "after"
)

// Stage is a part of a test under one load, or under one that grows evenly.
type Stage struct {
	Name     string
	From, To float64 // load at its start and its end, in the measure of the shape
	Duration time.Duration
	Warmup   bool // left out of the figures
}

// Total returns how long the stages take together.
func Total(stages []Stage) time.Duration {
	total := time.Duration(0)
	for _, s := range stages {
		total += s.Duration
	}
	return total
}

// Stages returns the stages of a shape in their order, none for one that
// [Shape.Check] refuses.
func (s Shape) Stages() []Stage {
	if len(s.Check()) > 0 {
		return nil
	}
	var measured []Stage
	switch s.Kind {
	case Stress:
		measured = s.steps()
	case Spike:
		measured = s.spike()
	default:
		measured = []Stage{level(StageSteady, s.Load, s.Duration)}
	}
	if s.Warmup == 0 {
		return measured
	}
	warmup := Stage{Name: StageWarmup, To: measured[0].From, Duration: s.Warmup, Warmup: true}
	return append([]Stage{warmup}, measured...)
}

func level(name string, load float64, d time.Duration) Stage {
	return Stage{Name: name, From: load, To: load, Duration: d}
}

func (s Shape) steps() []Stage {
	list := make([]Stage, s.Stress.Count)
	each := s.Duration / time.Duration(s.Stress.Count)
	load := s.Load * s.Stress.First
	before := 0.0
	for i := range list {
		before = s.whole(load, before)
		list[i] = level(fmt.Sprintf("step %d", i+1), before, each)
		load *= s.Stress.Growth
	}
	return list
}

// whole rounds a number of users, and keeps it above the step before: a tenth more
// than three users are three.
func (s Shape) whole(load, before float64) float64 {
	if s.Measure == Rate {
		return load
	}
	return max(math.Round(load), before+1)
}

// spikeParts is how many parts the steady load of a spike test has: one before the
// burst, to know what is normal, and two after it, to see it come back.
const spikeParts = 3

func (s Shape) spike() []Stage {
	part := (s.Duration - s.Spike.Duration) / spikeParts
	return []Stage{
		level(StageSteady, s.Load, part),
		level(StageBurst, s.whole(s.Load*s.Spike.Times, s.Load), s.Spike.Duration),
		level(StageAfter, s.Load, s.Duration-s.Spike.Duration-part),
	}
}
