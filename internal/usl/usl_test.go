package usl

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// law is what synthetic points are made from.
type law struct{ lambda, contention, coherency float64 }

// at is the law as it is printed in the book: C(N) = N / (1 + α (N-1) + β N (N-1)).
func (l law) at(n float64) float64 {
	return l.lambda * n / (1 + l.contention*(n-1) + l.coherency*n*(n-1))
}

// points measures the law runs times at each size, with relative noise.
func (l law) points(r *rand.Rand, noise float64, runs int, sizes ...float64) []Point {
	var list []Point
	for _, n := range sizes {
		for range runs {
			list = append(list, Point{n, l.at(n) * math.Exp(noise*r.NormFloat64())})
		}
	}
	return list
}

func source() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func near(got, want, relative float64) bool { return math.Abs(got-want) <= relative*math.Abs(want) }

func ptr(v float64) *float64 { return &v }

// TestExact holds that points on the curve give its numbers back to many digits.
func TestExact(t *testing.T) {
	t.Parallel()
	for _, l := range []law{
		{100, 0.05, 0.001}, {995.65, 0.0267, 0.000769}, {1e6, 0.5, 0.1}, {3, 0.9, 1e-5}, {1e-3, 0.02, 1e-7},
	} {
		f, reason := FitTo(l.points(source(), 0, 1, 1, 2, 4, 8, 16, 32))
		if reason != "" {
			t.Errorf("%+v: %s", l, reason)
			continue
		}
		if !near(f.Lambda, l.lambda, 1e-8) || !near(f.Contention, l.contention, 1e-8) || !near(f.Coherency, l.coherency, 1e-6) {
			t.Errorf("%+v: %+v", l, f)
		}
		if want := math.Sqrt((1 - l.contention) / l.coherency); f.Peak == nil || !near(*f.Peak, want, 1e-6) {
			t.Errorf("%+v has its peak at %v, want %v", l, f.Peak, want)
		}
		if f.RelativeRMSE > 1e-8 || f.RSquared == nil || *f.RSquared < 1-1e-12 {
			t.Errorf("%+v: error %g, R² %v", l, f.RelativeRMSE, f.RSquared)
		}
		for _, n := range []float64{1, 3, 100} {
			if !near(f.At(n), l.at(n), 1e-6) {
				t.Errorf("%+v at %g: %g, want %g", l, n, f.At(n), l.at(n))
			}
		}
	}
}

// TestBounds holds what comes of points whose best curve has no contention, no
// coherency or neither.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		law   law
		sizes []float64
		peak  *float64
	}{
		{"linear", law{7, 0, 0}, []float64{1, 2, 3, 4}, nil},
		{"Amdahl", law{7, 0.1, 0}, []float64{1, 2, 4, 8}, nil},
		{"no contention", law{7, 0, 0.01}, []float64{1, 2, 4, 8}, ptr(10)},
		{"no gain at all", law{7, 1, 0}, []float64{1, 2, 3, 4, 5}, nil},
		{"falls from the first on", law{7, 1.5, 0.01}, []float64{1, 2, 3, 4, 5}, nil},
	} {
		f, reason := FitTo(c.law.points(source(), 0, 1, c.sizes...))
		if reason != "" {
			t.Errorf("%s: %s", c.name, reason)
			continue
		}
		got := []float64{f.Lambda, f.Contention, f.Coherency}
		want := []float64{c.law.lambda, c.law.contention, c.law.coherency}
		if d := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 1e-9)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		// A number that should be 0 may be 1e-17, whose peak is beyond all machines.
		if c.peak == nil && f.Peak != nil && *f.Peak < 1e6 || c.peak != nil && (f.Peak == nil || !near(*f.Peak, *c.peak, 1e-6)) {
			t.Errorf("%s: peak %v, want %v", c.name, f.Peak, c.peak)
		}
		if c.name == "no gain at all" && f.RSquared != nil && *f.RSquared > 0.5 {
			t.Errorf("%s explains %v of no variation", c.name, *f.RSquared)
		}
	}
}

// TestNegativeIsHeldAtZero takes points a little above linear growth, whose curve
// would have a negative contention.
func TestNegativeIsHeldAtZero(t *testing.T) {
	t.Parallel()
	f, reason := FitTo([]Point{{1, 100}, {2, 206}, {4, 415}, {8, 800}, {16, 1500}})
	if reason != "" {
		t.Fatal(reason)
	}
	if f.Contention != 0 || f.ContentionError != nil || !(f.Coherency > 0) || f.CoherencyError == nil {
		t.Errorf("contention %g ± %v, coherency %g ± %v", f.Contention, f.ContentionError, f.Coherency, f.CoherencyError)
	}
}

// TestNoise holds that 2 % of noise leave the contention within 20 %, in nine of ten
// tests, and the peak within 20 %; and that the standard errors are what the numbers
// scatter by.
func TestNoise(t *testing.T) {
	t.Parallel()
	const tests = 400
	for _, c := range []struct {
		name  string
		law   law
		runs  int
		sizes []float64
	}{
		{"workers", law{100, 0.08, 0.002}, 3, []float64{1, 2, 4, 8, 16, 32}},
		{"four sizes", law{100, 0.25, 0.01}, 5, []float64{1, 2, 4, 8}},
		{"users", law{20, 0.02, 0.0001}, 3, []float64{10, 25, 50, 100, 200}},
	} {
		r := source()
		good, goodPeak, covered := 0, 0, 0
		for range tests {
			f, reason := FitTo(c.law.points(r, 0.02, c.runs, c.sizes...))
			if reason != "" {
				t.Fatalf("%s: %s", c.name, reason)
			}
			if near(f.Contention, c.law.contention, 0.2) {
				good++
			}
			if want := math.Sqrt((1 - c.law.contention) / c.law.coherency); f.Peak != nil && near(*f.Peak, want, 0.2) {
				goodPeak++
			}
			if f.ContentionError != nil && math.Abs(f.Contention-c.law.contention) < 2*(*f.ContentionError) {
				covered++
			}
		}
		t.Logf("%s: contention within 20 %% in %d of %d, peak in %d, two standard errors cover %d", c.name, good, tests, goodPeak, covered)
		if good < tests*9/10 || goodPeak < tests*9/10 || covered < tests*88/100 || covered > tests*99/100 {
			t.Errorf("%s: contention within 20 %% in %d of %d, peak in %d, two standard errors cover %d", c.name, good, tests, goodPeak, covered)
		}
	}
}

// grid searches contention and coherency step by step, ever finer, for the least
// squares of a loss. It shares no code and no idea with the solver.
func grid(points []Point, loss func(measured, predicted float64) float64) law {
	lambda := func(contention, coherency float64) (float64, float64) {
		// The best lambda of a curve, by halving the range it must lie in.
		squares := func(l float64) float64 {
			sum := 0.0
			for _, p := range points {
				e := loss(p.Throughput, law{l, contention, coherency}.at(p.N))
				sum += e * e
			}
			return sum
		}
		lo, hi := 1e-3, 1e6
		for range 60 {
			a, b := lo*math.Pow(hi/lo, 0.4), lo*math.Pow(hi/lo, 0.6)
			if squares(a) < squares(b) {
				hi = b
			} else {
				lo = a
			}
		}
		return lo, squares(lo)
	}
	best, least := law{}, math.Inf(1)
	centre, step := [2]float64{0.5, 0.05}, [2]float64{0.05, 0.005}
	for range 15 {
		from := centre
		for i := -10; i <= 10; i++ {
			for j := -10; j <= 10; j++ {
				a, b := max(0, from[0]+float64(i)*step[0]), max(0, from[1]+float64(j)*step[1])
				if l, squares := lambda(a, b); squares < least {
					best, least, centre = law{l, a, b}, squares, [2]float64{a, b}
				}
			}
		}
		step[0], step[1] = step[0]/2, step[1]/2
	}
	return best
}

// TestGrid compares with the search: for the loss that is minimised, to many digits;
// for the plain squares of the throughput, where there is little noise, nearly.
func TestGrid(t *testing.T) {
	t.Parallel()
	r := source()
	for range 2 {
		points := law{100, 0.1, 0.005}.points(r, 0.02, 2, 1, 2, 4, 8, 16)
		f, reason := FitTo(points)
		if reason != "" {
			t.Fatal(reason)
		}
		same := grid(points, func(measured, predicted float64) float64 { return measured/predicted - 1 })
		if !near(f.Lambda, same.lambda, 1e-3) || !near(f.Contention, same.contention, 1e-2) || !near(f.Coherency, same.coherency, 1e-2) {
			t.Errorf("fitted %+v, the search finds %+v", f, same)
		}
		points = law{100, 0.1, 0.005}.points(r, 0.002, 2, 1, 2, 4, 8, 16)
		f, _ = FitTo(points)
		plain := grid(points, func(measured, predicted float64) float64 { return measured - predicted })
		if !near(f.Contention, plain.contention, 0.05) || !near(f.Coherency, plain.coherency, 0.05) {
			t.Errorf("fitted %+v, plain squares give %+v", f, plain)
		}
	}
}

// TestUnits holds that a fit does not depend on what the sizes are counted in, as
// long as they start at one of it.
func TestUnits(t *testing.T) {
	t.Parallel()
	l := law{100, 0.1, 0.005}
	halves := l.points(source(), 0, 1, 1, 2, 4, 8)
	for i := range halves {
		halves[i].N /= 2 // half a processor to four
	}
	f, reason := FitTo(halves)
	if reason != "" {
		t.Fatal(reason)
	}
	want := &Fit{
		Lambda: 100, Contention: 0.1, Coherency: 0.005, Unit: 0.5, Peak: ptr(math.Sqrt(0.9/0.005) / 2), RSquared: ptr(1), Points: 4,
	}
	ignore := cmpopts.IgnoreFields(Fit{}, "ContentionError", "CoherencyError")
	if d := cmp.Diff(want, f, cmpopts.EquateApprox(1e-9, 1e-9), ignore); d != "" {
		t.Errorf("Fit (-want +got):\n%s", d)
	}
	if !near(f.At(2), l.at(4), 1e-9) {
		t.Errorf("two processors: %g, want %g", f.At(2), l.at(4))
	}
	// Sizes in megabytes, where the terms are nearly parallel.
	megabytes := law{1, 0.01, 1e-7}
	f, reason = FitTo(megabytes.points(source(), 0, 1, 512, 1024, 2048, 4096))
	if reason != "" {
		t.Fatal(reason)
	}
	if !near(f.Contention, 0.01, 1e-6) || !near(f.Coherency, 1e-7, 1e-6) {
		t.Errorf("megabytes: %+v", f)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		points []Point
		want   string
	}{
		{"nothing", nil, "0 different sizes were measured; it takes 4"},
		{"three sizes", []Point{{1, 100}, {2, 190}, {4, 350}, {4, 340}}, "3 different sizes were measured; it takes 4"},
		{"one size", []Point{{4, 100}, {4, 101}, {4, 99}, {4, 100}}, "1 size was measured; it takes 4"},
		{"superlinear", []Point{{1, 100}, {2, 230}, {4, 400}, {8, 700}}, "the throughput at 2 is 15 % above linear growth from 1; the law has no place for that"},
		{"no curve of the law", []Point{{1, 100}, {2, 60}, {4, 300}, {8, 90}, {16, 700}}, "the law misses the points by 303 %; more than 10 % means that they do not follow it"},
		{"not a number", []Point{{1, 100}, {2, math.NaN()}, {4, 300}, {8, 90}}, "a throughput of NaN at 2; both must be finite numbers above 0"},
		{"infinite", []Point{{1, 100}, {math.Inf(1), 1}}, "a throughput of 1 at +Inf; both must be finite numbers above 0"},
		{"no throughput", []Point{{1, 0}}, "a throughput of 0 at 1; both must be finite numbers above 0"},
		{"no size", []Point{{0, 5}}, "a throughput of 5 at 0; both must be finite numbers above 0"},
		{"close together", []Point{{100, 100}, {110, 108}, {120, 116}, {130, 124}}, "the sizes go from 100 to 130; the greatest must be at least 2 times the smallest"},
		{"two sizes in truth", []Point{{1, 100}, {1 + 1e-12, 100}, {2, 190}, {2 + 1e-12, 190}}, "the sizes do not tell the terms of the law apart"},
	} {
		if f, got := FitTo(c.points); got != c.want || f != nil {
			t.Errorf("%s: %q, want %q; fit %+v", c.name, got, c.want, f)
		}
	}
}

// TestOrderDoesNotMatter holds that points may come in any order, and stay as they are.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	points := law{100, 0.1, 0.005}.points(source(), 0.02, 3, 1, 2, 4, 8)
	want, _ := FitTo(points)
	slices.Reverse(points)
	before := slices.Clone(points)
	got, _ := FitTo(points)
	if d := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); d != "" {
		t.Errorf("Fit (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before, points); d != "" {
		t.Errorf("the points were changed (-want +got):\n%s", d)
	}
}

func TestEfficiencyOf(t *testing.T) {
	t.Parallel()
	got, reason := EfficiencyOf([]Point{{8, 640}, {2, 200}, {4, 300}, {4, 340}, {4, 380}})
	want := []Efficiency{
		{Point{2, 200}, 200, 1}, {Point{4, 340}, 400, 0.85}, {Point{8, 640}, 800, 0.8},
	}
	if d := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); d != "" || reason != "" {
		t.Errorf("EfficiencyOf: %q (-want +got):\n%s", reason, d)
	}
	for want, points := range map[string][]Point{
		"1 size was measured; it takes 2":                              {{2, 100}, {2, 101}},
		"a throughput of -1 at 4; both must be finite numbers above 0": {{2, 100}, {4, -1}},
	} {
		if got, reason := EfficiencyOf(points); reason != want || got != nil {
			t.Errorf("%v: %q, want %q", points, reason, want)
		}
	}
}

// FuzzFit holds that no points make a fit with numbers that do not exist.
func FuzzFit(f *testing.F) {
	f.Add(1.0, 100.0, 2.0, 190.0, 4.0, 340.0, 8.0, 500.0)
	f.Add(512.0, 1.0, 1024.0, 1.0, 2048.0, 1.0, 4096.0, 1.0)
	f.Add(0.5, 1.0, 1.0, 1.9, 2.0, 3.5, 4.0, 6.0)
	f.Fuzz(func(t *testing.T, n1, x1, n2, x2, n3, x3, n4, x4 float64) {
		points := []Point{{n1, x1}, {n2, x2}, {n3, x3}, {n4, x4}}
		fit, reason := FitTo(points)
		if (fit == nil) != (reason != "") {
			t.Fatalf("%v: %+v, %q", points, fit, reason)
		}
		if fit != nil {
			numbers := []float64{fit.Lambda, fit.Contention, fit.Coherency, fit.RelativeRMSE, fit.Unit}
			for _, p := range []*float64{fit.Peak, fit.RSquared, fit.ContentionError, fit.CoherencyError} {
				if p != nil {
					numbers = append(numbers, *p)
				}
			}
			for _, v := range numbers {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%v: %+v", points, fit)
				}
			}
			if fit.Lambda <= 0 || fit.Contention < 0 || fit.Coherency < 0 {
				t.Fatalf("%v: %+v", points, fit)
			}
		}
		list, _ := EfficiencyOf(points)
		for _, e := range list {
			if !(e.Ideal > 0) || math.IsInf(e.Ideal, 0) || !(e.Share >= 0) || math.IsInf(e.Share, 0) {
				t.Fatalf("%v: %+v", points, e)
			}
		}
	})
}
