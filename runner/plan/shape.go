package plan

import (
	"fmt"
	"math"
	"strings"
	"time"

	"speedgate/internal/suggest"
	"speedgate/perf"
)

// Measure is what a load is counted in.
type Measure string

// The measures.
const (
	Users Measure = "users" // simulated users, who wait for each answer: a closed model
	Rate  Measure = "rate"  // requests a second, sent whatever comes back: an open model
)

// Shape is what a profile says of its load. Start from [Default].
type Shape struct {
	Kind     Kind
	Measure  Measure
	Load     float64       // the normal load, in users or requests a second
	Warmup   time.Duration // before anything counts; 0 = none
	Duration time.Duration // of all that counts
	Stress   Steps         // of a stress test
	Spike    Burst         // of a spike test
}

// Steps is how a stress test goes up.
type Steps struct {
	First  float64 // load of the first step, in times the normal load
	Growth float64 // load of a step, in times the one before
	Count  int     // steps, all of the same duration
}

// Burst is the middle of a spike test.
type Burst struct {
	Times    float64 // its load, in times the normal load
	Duration time.Duration
}

// Default returns the shape of a kind, with all but the load and its measure.
func Default(k Kind) Shape {
	return Shape{
		Kind: k, Warmup: DefaultWarmup, Duration: kinds[k].duration,
		Stress: Steps{First: StressFirst, Growth: StressGrowth, Count: StressSteps},
		Spike:  Burst{Times: SpikeBurst, Duration: SpikeBurstDuration},
	}
}

// Limits of a shape.
const (
	minStage    = time.Second    // a stage has no figures in less
	maxDuration = 24 * time.Hour // more is a slip, and a runner's job ends before
	maxLoad     = 1e7            // users or requests a second; no test of ours gets near
	maxSteps    = 1000
	maxGrowth   = 10.0 // more skips whatever breaks in between
	maxTimes    = 1000.0
)

// Check returns everything that is wrong with the shape.
func (s Shape) Check() []perf.Problem {
	var c checker
	if _, ok := kinds[s.Kind]; !ok {
		c.add("kind", "expected %s, found %q", suggest.Or(Kinds()), s.Kind)
	}
	if s.Measure != Users && s.Measure != Rate {
		c.add("measure", "expected users or rate, found %q", s.Measure)
	}
	c.number("load", "a load", s.Load, maxLoad)
	if s.Measure == Users && s.Load != math.Trunc(s.Load) {
		c.add("load", "expected a whole number of users, found %g", s.Load)
	}
	c.duration("warmup", s.Warmup, 0)
	switch s.Kind {
	case Stress:
		s.checkSteps(&c)
	case Spike:
		s.checkBurst(&c)
	default:
		c.duration("duration", s.Duration, minStage)
	}
	return c.problems
}

func (s Shape) checkSteps(c *checker) {
	before := len(c.problems)
	c.number("first", "a first step", s.Stress.First, maxTimes)
	c.number("growth", "a growth", s.Stress.Growth, maxGrowth)
	if s.Stress.Growth <= 1 && s.Stress.Growth > 0 {
		c.add("growth", "expected a growth above 1, found %g; 1.1 makes each step a tenth higher", s.Stress.Growth)
	}
	if s.Stress.Count < 2 || s.Stress.Count > maxSteps {
		c.add("steps", "expected 2 to %d steps, found %d", maxSteps, s.Stress.Count)
		return
	}
	c.duration("duration", s.Duration, time.Duration(s.Stress.Count)*minStage)
	if len(c.problems) > before {
		return
	}
	if last := s.Load * s.Stress.First * math.Pow(s.Stress.Growth, float64(s.Stress.Count-1)); !(last <= maxLoad) {
		c.add("steps", "the last of %d steps would have a load of %s; %s is the limit", s.Stress.Count, number(last), number(maxLoad))
	}
}

func (s Shape) checkBurst(c *checker) {
	c.number("burst", "a burst", s.Spike.Times, maxTimes)
	if s.Spike.Times <= 1 && s.Spike.Times > 0 {
		c.add("burst", "expected a burst above 1, found %g; 5 makes it five times the load", s.Spike.Times)
	}
	c.duration("burst_duration", s.Spike.Duration, minStage)
	if least := s.Spike.Duration + spikeParts*minStage; s.Duration < least {
		c.add("duration", "expected a duration of at least %s, found %s: the burst takes %s, and the steady load around it %s",
			short(least), short(s.Duration), short(s.Spike.Duration), short(spikeParts*minStage))
		return
	}
	c.duration("duration", s.Duration, minStage)
}

// Unusual says that the duration is not what the kind usually takes, "" if it is: a
// short test may be what is wanted, or a slip.
func (s Shape) Unusual() string {
	least, most := s.Kind.Usual()
	if s.Duration >= least && s.Duration <= most {
		return ""
	}
	return fmt.Sprintf("a %s profile usually takes %s to %s, this one %s", s.Kind, short(least), short(most), short(s.Duration))
}

// short writes a duration without its zeros: 5m, not 5m0s.
func short(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// checker collects problems.
type checker struct{ problems []perf.Problem }

func (c *checker) add(key, format string, args ...any) {
	c.problems = append(c.problems, perf.Problem{Key: key, Msg: fmt.Sprintf(format, args...)})
}

func (c *checker) number(key, what string, v, most float64) {
	if !(v > 0 && v <= most) { // neither is NaN
		c.add(key, "expected %s above 0 and up to %s, found %s", what, number(most), number(v))
	}
}

func (c *checker) duration(key string, d, least time.Duration) {
	if d < least || d > maxDuration {
		c.add(key, "expected a duration from %s to %s, found %s", short(least), short(maxDuration), short(d))
	}
}
