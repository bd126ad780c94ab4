package load

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestScheduleByHand(t *testing.T) {
	t.Parallel()
	const s = time.Second
	tests := []struct {
		name          string
		plan          Plan
		total, warmUp int64
		at            map[int64]time.Duration
	}{
		{"constant", Plan{Stages: []Stage{{Rate: 10, Hold: 2 * s}}}, 20, 0, map[int64]time.Duration{0: 0, 1: s / 10, 19: 19 * s / 10}},
		{"slower than one a second", Plan{Stages: []Stage{{Rate: 0.5, Hold: 3 * s}}}, 2, 0, map[int64]time.Duration{0: 0, 1: 2 * s}},
		// From 0 to 100/s in 10 s: 5 t² requests are due before t.
		{"a ramp up", Plan{Stages: []Stage{{Rate: 100, Ramp: 10 * s}}}, 500, 0, map[int64]time.Duration{0: 0, 5: s, 125: 5 * s, 320: 8 * s}},
		// From 10/s down to 0 in 2 s after 1 s at 10/s: 10 + 10 x − 2.5 x² before 1+x.
		{
			"a ramp down",
			Plan{Stages: []Stage{{Rate: 10, Hold: s}, {Rate: 0, Ramp: 2 * s}}},
			20, 0,
			map[int64]time.Duration{9: 9 * s / 10, 10: s, 15: 1_585_786_438 /* 3 − √2 */},
		},
		{
			"a pause",
			Plan{Stages: []Stage{{Rate: 10, Hold: s}, {Hold: s}, {Rate: 10, Hold: s}}},
			20, 0,
			map[int64]time.Duration{9: 9 * s / 10, 10: 2 * s, 19: 29 * s / 10},
		},
		{"a pause at the end", Plan{Stages: []Stage{{Rate: 10, Hold: s}, {Hold: s}}}, 10, 0, map[int64]time.Duration{9: 9 * s / 10}},
		{"a warm-up", Plan{WarmUp: 2 * s, Stages: []Stage{{Rate: 4, Ramp: s, Hold: s}}}, 16, 8, map[int64]time.Duration{0: 0, 8: 2 * s, 15: 15 * s / 4}},
		{"a rate that binary numbers do not have", Plan{Stages: []Stage{{Rate: 0.1, Hold: 3600 * s}}}, 360, 0, map[int64]time.Duration{359: 3590 * s}},
	}
	for _, tt := range tests {
		sc := newSchedule(tt.plan)
		if sc.total != tt.total || sc.warmUp != tt.warmUp {
			t.Errorf("%s: %d requests, %d of the warm-up; want %d, %d", tt.name, sc.total, sc.warmUp, tt.total, tt.warmUp)
		}
		for k, want := range tt.at {
			if got := sc.at(k); (got - want).Abs() > time.Microsecond {
				t.Errorf("%s: request %d is due at %s, want %s", tt.name, k, got, want)
			}
		}
	}
}

// counted returns how many requests a plan has before t, by adding up rectangles.
func counted(p Plan, t time.Duration) (n float64) {
	rate := 0.0
	if p.WarmUp > 0 {
		rate = p.Stages[0].Rate
	}
	n = rate * min(p.WarmUp, t).Seconds()
	t -= p.WarmUp
	for _, s := range p.Stages {
		const steps = 200
		width := s.Ramp.Seconds() / steps
		for i := range steps {
			share := (float64(i) + 0.5) / steps
			n += (rate + (s.Rate-rate)*share) * min(width, max(0, t.Seconds()-float64(i)*width))
		}
		n += s.Rate * min(s.Hold, max(0, t-s.Ramp)).Seconds()
		rate, t = s.Rate, t-s.Ramp-s.Hold
	}
	return n
}

// Whatever the stages: requests are due in order, within the test, and as many are
// due before a request as its number says.
func TestScheduleIsConsistent(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := Plan{WarmUp: time.Duration(r.IntN(3)) * time.Second}
		for range 1 + r.IntN(5) {
			p.Stages = append(p.Stages, Stage{
				Rate: float64(r.IntN(500)) / float64(1+r.IntN(9)),
				Ramp: time.Duration(r.IntN(3)) * time.Second, Hold: time.Duration(1+r.IntN(3000)) * time.Millisecond,
			})
		}
		s := newSchedule(p)
		if n := counted(p, s.length); s.total != int64(math.Ceil(n-0.01)) && s.total != int64(math.Ceil(n+0.01)) {
			t.Fatalf("%+v: %d requests, want %g", p, s.total, n)
		}
		last := time.Duration(0)
		for k := range s.total {
			at := s.at(k)
			if at < last || at > s.length {
				t.Fatalf("%+v: request %d is due at %s, the one before at %s", p, k, at, last)
			}
			// Within a rectangle the rate differs from its middle's.
			if n := counted(p, at); math.Abs(n-float64(k)) > 0.02 {
				t.Fatalf("%+v: request %d is due at %s, after %g", p, k, at, n)
			}
			last = at
		}
	}
}
