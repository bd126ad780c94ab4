package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// levels returns runs of equal length around each level.
func levels(r *rand.Rand, length int, sd float64, at ...float64) []float64 {
	var xs []float64
	for _, l := range at {
		xs = append(xs, normals(r, length, l, sd)...)
	}
	return xs
}

// alternating is a series that jumps from one value to the other at each run.
func alternating(n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(i % 2)
	}
	return xs
}

func TestChangePoints(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	nan := math.NaN()
	for _, c := range []struct {
		name string
		xs   []float64
		want []int
	}{
		{"none", nil, nil},
		{"one", []float64{1}, nil},
		{"two", []float64{1, 2}, nil},
		{"five are too few to split", []float64{0, 0, 0, 9, 9}, nil},
		{"constant", span(100, 3, 0), nil},
		{"constant but one", append(span(50, 3, 0), 9), nil},
		{"alternating", alternating(60), nil},
		{"a step up", levels(r, 20, 0.01, 1, 1.3), []int{20}},
		{"a step down", levels(r, 20, 0.01, 1.3, 1), []int{20}},
		{"a step without noise", append(span(10, 1, 0), span(10, 2, 0)...), []int{10}},
		{"up and back", levels(r, 20, 0.01, 1, 1.3, 1), []int{20, 40}},
		{"a staircase", levels(r, 20, 0.01, 1, 1.2, 1.5, 1.9), []int{20, 40, 60}},
		{"a step of 10 % that noise does not hide", levels(r, 30, 0.01, 0, math.Log(1.1)), []int{30}},
		{"a clear step of 3 % is too small to matter", levels(r, 30, 0.001, 0, math.Log(1.03)), nil},
		{"one of 4.9 %", append(span(20, 0, 0), span(20, math.Log(1.049), 0)...), nil},
		{"one of 5.1 %", append(span(20, 0, 0), span(20, math.Log(1.051), 0)...), []int{20}},
		{"nothing but NaN", slices.Repeat([]float64{nan}, 40), nil},
		{"nothing but infinity", slices.Repeat([]float64{inf}, 40), nil},
	} {
		before := slices.Clone(c.xs)
		if d := cmp.Diff(c.want, ChangePoints(c.xs), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if !sameBits(before, c.xs) {
			t.Errorf("%s: the series was changed", c.name)
		}
	}
}

func TestBestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		xs   []float64
		at   int
		z    float64
	}{
		// The first three ranks sum to 6, expected are 10.5; the variance is 3 · 3 · 7/12.
		{"rising", []float64{1, 2, 3, 4, 5, 6}, 3, (4.5 - 0.5) / math.Sqrt(5.25)},
		// Mid-ranks 2 and 5; ties of 3 and 3 leave 1 - 48/210 of the variance.
		{"two levels", []float64{1, 1, 1, 2, 2, 2}, 3, (4.5 - 0.5) / math.Sqrt(5.25*(1-48.0/210))},
		// Ranks 6, 7, 8 and then 1 to 5: 21 against 13.5, of the variance 3 · 5 · 9/12.
		{"falling", []float64{6, 7, 8, 1, 2, 3, 4, 5}, 3, (7.5 - 0.5) / math.Sqrt(11.25)},
		// Mid-ranks 3.5 and 8: 10.5 against 15; ties of 6 and 3.
		{"the first of two as good", []float64{0, 0, 0, 9, 9, 9, 0, 0, 0}, 3, (4.5 - 0.5) / math.Sqrt(3*6*10/12.0*(1-234.0/720))},
		{"constant", []float64{4, 4, 4, 4, 4, 4}, 3, 0},
	} {
		at, z := bestSplit(c.xs)
		if at != c.at || math.Abs(z-c.z) > 1e-12 {
			t.Errorf("%s: at %d with %v, want %d with %v", c.name, at, z, c.at, c.z)
		}
	}
}

// TestChangePointsOfBrokenSeries holds that values that are no numbers neither stop
// the search nor make a boundary of nothing.
func TestChangePointsOfBrokenSeries(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, v := range []float64{math.NaN(), inf, -inf} {
		xs := levels(r, 20, 0.01, 1, 1.3)
		for _, i := range []int{0, 7, 19, 20, 39} {
			xs[i] = v
		}
		for _, p := range ChangePoints(xs) {
			if p < minSegment || p > len(xs)-minSegment {
				t.Errorf("with %v among them: a change point at %d", v, p)
			}
		}
	}
}

// series are steps of many heights in noise.
func series(seed uint64, f func(xs []float64)) {
	r := rand.New(rand.NewPCG(seed, seed))
	for range 100 {
		var at []float64
		for range 1 + r.IntN(5) {
			at = append(at, r.Float64()/2)
		}
		f(dyadic(levels(r, 3+r.IntN(20), 0.05*r.Float64(), at...)))
	}
}

func TestChangePointsProperties(t *testing.T) {
	t.Parallel()
	found := 0
	series(5, func(xs []float64) {
		want := ChangePoints(xs)
		found += len(want)
		if d := cmp.Diff(want, ChangePoints(plus(xs, 16))); d != "" {
			t.Errorf("%v plus 16 (-without +with):\n%s", xs, d)
		}
		negated := slices.Clone(xs)
		for i := range negated {
			negated[i] = -negated[i]
		}
		if d := cmp.Diff(want, ChangePoints(negated)); d != "" {
			t.Errorf("%v upside down (-without +with):\n%s", xs, d)
		}
		edges := append(append([]int{0}, want...), len(xs))
		for i := 1; i < len(edges); i++ {
			if edges[i]-edges[i-1] < minSegment {
				t.Errorf("%v: change points %v, nearer than %d runs", xs, want, minSegment)
			}
		}
		for i := range want {
			if shift := shiftAt(xs, want, i); shift < math.Log1p(minStep) {
				t.Errorf("%v: change points %v, that at %d of a shift of %v", xs, want, want[i], shift)
			}
		}
	})
	if found < 50 {
		t.Errorf("%d change points in 100 series", found)
	}
}

// dropWeakPlainly computes every shift again after each removal.
func dropWeakPlainly(xs []float64, points []int) []int {
	for len(points) > 0 {
		var shifts []float64
		for i := range points {
			shifts = append(shifts, shiftAt(xs, points, i))
		}
		least := slices.Min(shifts)
		if least >= math.Log1p(minStep) {
			break
		}
		i := slices.Index(shifts, least)
		points = slices.Delete(points, i, i+1)
	}
	return points
}

func TestDropWeak(t *testing.T) {
	t.Parallel()
	dropped := 0
	r := rand.New(rand.NewPCG(6, 6))
	for range 50 {
		var at []float64
		for range 20 {
			at = append(at, 0.15*r.Float64())
		}
		xs := levels(r, 8, 0.005, at...)
		points := splits(xs, 0, nil)
		slices.Sort(points)
		want := dropWeakPlainly(xs, slices.Clone(points))
		dropped += len(points) - len(want)
		if d := cmp.Diff(want, dropWeak(xs, points)); d != "" {
			t.Errorf("%v (-want +got):\n%s", xs, d)
		}
	}
	if dropped < 100 {
		t.Errorf("%d boundaries dropped in 50 series", dropped)
	}
}

// TestChangePointsInNoise counts false change points and steps that are found:
// both are what the gate's choice of a window rests on.
func TestChangePointsInNoise(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	falseAlarms, seen := 0, 0
	for range 200 {
		if len(ChangePoints(normals(r, 100, 0, 0.05))) > 0 {
			falseAlarms++
		}
		points := ChangePoints(levels(r, 50, 0.05, 0, math.Log(1.2)))
		if slices.ContainsFunc(points, func(p int) bool { return p >= 48 && p <= 52 }) {
			seen++
		}
	}
	if falseAlarms > 6 {
		t.Errorf("%d of 200 clean series have a change point", falseAlarms)
	}
	if seen < 190 {
		t.Errorf("%d of 200 steps of 20 %% were found within two runs", seen)
	}
}

// TestChangePointsOfLongSeries holds that a history of 10,000 runs with hundreds of
// boundaries to drop is no matter of seconds.
func TestChangePointsOfLongSeries(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	xs := normals(r, 10_000, 0, 0.003)
	for i := range xs {
		xs[i] += 0.02 * float64(i/20)
	}
	start := time.Now()
	points := ChangePoints(xs)
	if took := time.Since(start); len(points) < 50 || took > 2*time.Second {
		t.Errorf("%d change points after %s", len(points), took)
	}
}
