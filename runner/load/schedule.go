package load

import (
	"math"
	"sort"
	"time"
)

// schedule says when each request is due. It is a function of the plan alone, so
// that what a request's latency counts from does not depend on how the test went.
type schedule struct {
	segments []segment
	warmUp   int64 // requests of the warm-up, which are the first ones
	total    int64
	length   time.Duration
}

// segment is a time in which the rate changes evenly, from r0 to r1 per second.
type segment struct {
	start  float64 // seconds from the beginning
	length float64 // seconds
	before float64 // requests that are due before it, with a fraction
	r0, r1 float64
}

func newSchedule(p Plan) *schedule {
	s := &schedule{}
	rate := 0.0
	if p.WarmUp > 0 {
		rate = p.Stages[0].Rate
		s.add(p.WarmUp, rate, rate)
	}
	s.warmUp = s.due(p.WarmUp)
	for _, st := range p.Stages {
		s.add(st.Ramp, rate, st.Rate)
		s.add(st.Hold, st.Rate, st.Rate)
		rate = st.Rate
	}
	s.total = s.due(s.length)
	return s
}

func (s *schedule) add(length time.Duration, r0, r1 float64) {
	if length == 0 {
		return
	}
	before := 0.0
	if n := len(s.segments); n > 0 {
		before = s.segments[n-1].before + s.segments[n-1].count(s.segments[n-1].length)
	}
	s.segments = append(s.segments, segment{start: s.length.Seconds(), length: length.Seconds(), before: before, r0: r0, r1: r1})
	s.length += length
}

// count returns how many requests are due in the first x seconds of g.
func (g segment) count(x float64) float64 {
	return g.r0*x + (g.r1-g.r0)/g.length*x*x/2
}

// rounding keeps a request that is due exactly at the end of a time out of it, in
// spite of the last digits of a sum.
const rounding = 1e-6

// due returns how many requests are due before t has passed.
func (s *schedule) due(t time.Duration) int64 {
	x := min(t, s.length).Seconds()
	i := sort.Search(len(s.segments), func(i int) bool { return s.segments[i].start >= x }) - 1
	if i < 0 {
		return 0
	}
	g := s.segments[i]
	return int64(math.Ceil(g.before + g.count(x-g.start) - rounding))
}

// at returns when request k, from 0, is due: when k requests went before it.
func (s *schedule) at(k int64) time.Duration {
	n := float64(k)
	// The last segment that fits: a request that is due after a pause has the same
	// count before it as the pause.
	i := sort.Search(len(s.segments), func(i int) bool { return s.segments[i].before > n+rounding }) - 1
	g := s.segments[i]
	return time.Duration((g.start + g.reach(max(0, n-g.before))) * float64(time.Second))
}

// reach returns after how many seconds of g n requests are due, by the form of the
// solution that does not subtract nearly equal numbers.
func (g segment) reach(n float64) float64 {
	slope := (g.r1 - g.r0) / g.length
	root := math.Sqrt(max(0, g.r0*g.r0+2*slope*n))
	if g.r0+root == 0 {
		return 0
	}
	return min(g.length, 2*n/(g.r0+root))
}
