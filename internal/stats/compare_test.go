package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// logs returns the natural logarithms of costs.
func logs(costs ...float64) []float64 {
	out := make([]float64, len(costs))
	for i, c := range costs {
		out[i] = math.Log(c)
	}
	return out
}

// span returns n costs from first on, each higher by step.
func span(n int, first, step float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = first + float64(i)*step
	}
	return out
}

var inf = math.Inf(1)

func TestStatusString(t *testing.T) {
	t.Parallel()
	for s, want := range map[Status]string{StatusPass: "pass", StatusSuspect: "suspect", StatusFail: "fail", -1: "suspect", 3: "suspect"} {
		if got := s.String(); got != want {
			t.Errorf("Status(%d) = %q, want %q", s, got, want)
		}
	}
}

// TestCompareByHand has comparisons that can be followed with a pencil: the
// differences of three against three are nine, of which the least and the greatest
// are the bounds at 1 in 20.
func TestCompareByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		base, head []float64
		want       Comparison
	}{
		{
			"three against three, clearly slower", logs(100, 101, 102), logs(130, 131, 132),
			Comparison{
				Status: StatusFail, Shift: math.Log(131.0 / 101), Lower: math.Log(130.0 / 102), Upper: math.Log(132.0 / 100),
				Alpha: 0.05, Margin: 0.1, Low: math.Log(130.0 / 102), High: math.Log(132.0 / 100), Detectable: 0.2,
			},
		},
		{
			// Each of the ratios .9, 1.25 and 1.6 three times.
			"three against three, noisy", logs(100, 100, 100), logs(90, 125, 160),
			Comparison{
				Status: StatusSuspect, Shift: math.Log(1.25), Lower: math.Log(0.9), Upper: math.Log(1.6),
				Alpha: 0.05, Margin: 0.1, Low: math.Log(0.9), High: math.Log(1.6), Detectable: 1.1*1.25/0.9 - 1,
			},
		},
		{
			"three against three, equal", logs(7, 7, 7), logs(7, 7, 7),
			Comparison{Status: StatusPass, Alpha: 0.05, Margin: 0.1, Detectable: 0.2},
		},
		{
			"two against two can fail nothing", logs(100, 101), logs(200, 201),
			Comparison{
				Status: StatusSuspect, Shift: (math.Log(200.0/101) + math.Log(201.0/100) + math.Log(200.0/100) + math.Log(201.0/101)) / 4,
				Lower: -inf, Upper: inf, Low: math.Log(200.0 / 101), High: math.Log(201.0 / 100), Detectable: inf,
			},
		},
		{
			"one against one", logs(100), logs(119),
			Comparison{
				Status: StatusPass, Shift: math.Log(1.19), Lower: -inf, Upper: inf, Low: math.Log(1.19), High: math.Log(1.19),
				Detectable: inf,
			},
		},
		{
			"faster", logs(100, 101, 102), logs(50, 50.5, 51),
			Comparison{
				Status: StatusPass, Shift: math.Log(0.5), Lower: math.Log(50.0 / 102), Upper: math.Log(0.51),
				Alpha: 0.05, Margin: 0.1, Low: math.Log(50.0 / 102), High: math.Log(0.51), Detectable: 0.2,
			},
		},
		{
			"no base", nil, logs(100, 200),
			Comparison{Status: StatusSuspect, Shift: math.NaN(), Lower: -inf, Upper: inf, Low: -inf, High: inf, Detectable: inf},
		},
		{
			"nothing", nil, nil,
			Comparison{Status: StatusSuspect, Shift: math.NaN(), Lower: -inf, Upper: inf, Low: -inf, High: inf, Detectable: inf},
		},
		{
			"one value that is no number", logs(100),
			[]float64{math.NaN()},
			Comparison{
				Status: StatusSuspect, Shift: math.NaN(), Lower: -inf, Upper: inf, Low: math.NaN(), High: math.NaN(), Detectable: inf,
			},
		},
	} {
		c.want.PValue = UTest(c.base, c.head) // tested by itself
		got := Compare(c.base, c.head, 0.2, 0)
		if d := cmp.Diff(c.want, got, cmpopts.EquateApprox(1e-12, 1e-12), cmpopts.EquateNaNs()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// TestCompareBorders takes the value at each border and the next float64 beyond it.
func TestCompareBorders(t *testing.T) {
	t.Parallel()
	const threshold = 0.2
	up := func(x float64) float64 { return math.Nextafter(x, inf) }
	at, margin := math.Log1p(threshold), math.Log1p(threshold/4)
	base := make([]float64, 5)
	// Of 5 against 5 the second smallest difference is the lower bound: five of them
	// are head's least value.
	head := func(least, rest float64) []float64 { return []float64{least, rest, rest, rest, rest} }
	for _, c := range []struct {
		name string
		head []float64
		want Status
	}{
		{"at the threshold", head(at, at), StatusPass},
		{"just over the threshold", head(up(at), up(at)), StatusFail},
		{"over the threshold, at the margin", head(margin, 1), StatusSuspect},
		{"over the threshold, just over the margin", head(up(margin), 1), StatusFail},
	} {
		if got := Compare(base, c.head, threshold, 0); got.Status != c.want {
			t.Errorf("%s: %v, want %v", c.name, got.Status, c.want)
		}
	}
}

// TestEvidence has the level and the margin for each number of runs, at a threshold
// of 20 %.
func TestEvidence(t *testing.T) {
	t.Parallel()
	type level struct{ Alpha, Margin float64 }
	for _, c := range []struct {
		n, m   int
		family float64
		want   level
	}{
		{1, 1, 0, level{}},
		{2, 2, 0, level{}},
		{2, 3, 0, level{}},             // 1 in 10
		{3, 3, 0, level{0.05, 0.1}},    // 1 in 20, which is just enough
		{4, 4, 0, level{0.05, 0.1}},    // 1 in 70
		{3, 8, 0, level{0.01, 0.05}},   // 1 in 165
		{5, 5, 0, level{0.01, 0.05}},   // 1 in 252
		{1, 20, 0, level{0.05, 0.1}},   // 1 in 21
		{1, 18, 0, level{}},            // 1 in 19
		{60, 60, 0, level{0.01, 0.05}}, // beyond the exact distribution
		{1, 99, 0, level{}},            // the normal approximation has no bound to offer
		{5000, 5000, 0, level{0.01, 0.05}},
		// Family-wise: the level is given; one that these runs cannot reach never fails.
		{10, 10, 0.05, level{0.05, 0.1}},
		{10, 10, 0.025, level{0.025, 0.1}},
		{10, 10, 0.01, level{0.01, 0.05}},
		{10, 10, 0.001, level{0.001, 0.05}},
		{10, 10, 1e-6, level{}}, // 1 in 184,756
		{3, 3, 0.05, level{0.05, 0.1}},
		{3, 3, 0.049, level{}},
		{10, 10, 0.5, level{0.05, 0.1}}, // never a weaker level than alone
		{2, 3, 0.5, level{}},
	} {
		got := Compare(span(c.n, 0, 0), span(c.m, 1, 0), 0.2, c.family)
		if d := cmp.Diff(c.want, level{got.Alpha, got.Margin}); d != "" {
			t.Errorf("%d against %d, family %v (-want +got):\n%s", c.n, c.m, c.family, d)
		}
		if canFail := c.want.Alpha > 0; canFail != (got.Status == StatusFail) || canFail == math.IsInf(got.Detectable, 1) {
			t.Errorf("%d against %d, family %v: %v, detectable %v", c.n, c.m, c.family, got.Status, got.Detectable)
		}
	}
}

// dyadic rounds to multiples of 2^-20, so that sums and differences of such
// numbers are exact and properties hold to the last bit.
func dyadic(xs []float64) []float64 {
	for i, x := range xs {
		xs[i] = math.Round(x*(1<<20)) / (1 << 20)
	}
	return xs
}

func plus(xs []float64, c float64) []float64 {
	out := slices.Clone(xs)
	for i := range out {
		out[i] += c
	}
	return out
}

// sides calls f with pairs of samples of many sizes, shifts and amounts of noise.
func sides(seed uint64, f func(base, head []float64)) {
	r := rand.New(rand.NewPCG(seed, seed))
	for range 300 {
		sd := 0.2 * r.Float64()
		base := dyadic(normals(r, 1+r.IntN(15), 3, sd))
		f(base, dyadic(normals(r, 1+r.IntN(15), 3+0.5*r.Float64(), sd)))
	}
}

func TestCompareIsShiftInvariant(t *testing.T) {
	t.Parallel()
	sides(1, func(base, head []float64) {
		for _, c := range []float64{8, -4.5, 0.25} {
			if d := cmp.Diff(Compare(base, head, 0.2, 0), Compare(plus(base, c), plus(head, c), 0.2, 0)); d != "" {
				t.Errorf("%v against %v, both plus %v (-without +with):\n%s", base, head, c, d)
			}
		}
	})
}

func TestCompareIsAntisymmetric(t *testing.T) {
	t.Parallel()
	type bounds struct{ Shift, Lower, Upper, Low, High float64 }
	sides(2, func(base, head []float64) {
		a, b := Compare(base, head, 0.2, 0), Compare(head, base, 0.2, 0)
		want, got := bounds{a.Shift, a.Lower, a.Upper, a.Low, a.High}, bounds{-b.Shift, -b.Upper, -b.Lower, -b.High, -b.Low}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v against %v (-one way +other way, turned round):\n%s", base, head, d)
		}
		if a.Status == StatusFail && b.Status != StatusPass {
			t.Errorf("%v against %v fails, and %v the other way round", base, head, b.Status)
		}
	})
}

func TestCompareIgnoresOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	sides(3, func(base, head []float64) {
		want := Compare(base, head, 0.2, 0)
		base, head = slices.Clone(base), slices.Clone(head)
		r.Shuffle(len(base), func(i, j int) { base[i], base[j] = base[j], base[i] })
		r.Shuffle(len(head), func(i, j int) { head[i], head[j] = head[j], head[i] })
		if d := cmp.Diff(want, Compare(base, head, 0.2, 0)); d != "" {
			t.Errorf("%v against %v (-before +after shuffling):\n%s", base, head, d)
		}
	})
}

// TestDetectable shifts head by just more and just less than the smallest slowdown
// that is said to fail.
func TestDetectable(t *testing.T) {
	t.Parallel()
	possible := 0
	sides(4, func(base, head []float64) {
		c := Compare(base, head, 0.2, 0)
		if math.IsInf(c.Detectable, 1) {
			if got := Compare(base, plus(head, 1000), 0.2, 0); got.Status == StatusFail {
				t.Errorf("%v against %v can fail, though nothing is detectable", base, head)
			}
			return
		}
		possible++
		level := plus(head, -c.Shift)
		for factor, want := range map[float64]bool{1 - 1e-6: false, 1 + 1e-6: true} {
			got := Compare(base, plus(level, math.Log1p(c.Detectable)*factor), 0.2, 0)
			if (got.Status == StatusFail) != want {
				t.Errorf("%v against %v: %v times the detectable %v is %v", base, head, factor, c.Detectable, got.Status)
			}
		}
	})
	if possible < 100 {
		t.Errorf("only %d of 300 comparisons could fail", possible)
	}
}

// TestCompareLevel counts how often noise alone has a lower bound above nothing:
// as often as the exact distribution of U says, which is below alpha.
func TestCompareLevel(t *testing.T) {
	t.Parallel()
	const rounds = 20_000
	r := rand.New(rand.NewPCG(5, 5))
	for _, size := range [][2]int{{3, 3}, {4, 4}, {5, 5}, {3, 9}} {
		n, m := size[0], size[1]
		failed := 0
		for range rounds {
			if Compare(normals(r, n, 0, 0.1), normals(r, m, 0, 0.1), 0, 0).Status == StatusFail {
				failed++
			}
		}
		alpha, _ := evidence(n, m, 0, 0)
		p := UCDF(n, m)[OrderK(n, m, alpha)-1]
		sd := math.Sqrt(p * (1 - p) / rounds)
		if got := float64(failed) / rounds; p > alpha+alphaSlack || math.Abs(got-p) > 4*sd {
			t.Errorf("%d against %d: %v of clean comparisons fail, want %v ± %v", n, m, got, p, sd)
		}
	}
}

// TestHistoryMultiple measures k_N by a history whose worst run is 1 above a median
// of 0.
func TestHistoryMultiple(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]float64{3: 32.0 / 15, 5: 2, 10: 5.0 / 3, 15: 4.0 / 3, 19: 16.0 / 15, 20: 1, 21: 1, 30: 1, 1000: 1} {
		base := make([]float64, n)
		base[n/2] = 1
		if got := HistoryLimit(base, 0.2); math.Abs(got-want) > 1e-12 {
			t.Errorf("k of %d runs = %v, want %v", n, got, want)
		}
	}
}

func TestHistoryLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		base      []float64
		threshold float64
		want      float64
	}{
		{"none", nil, 0.2, math.NaN()},
		{"one", []float64{2}, 0.2, 2 + math.Log(1.2)},
		{"quiet runs leave the threshold", logs(100, 101, 102, 103, 104), 0.2, math.Log(102 * 1.2)},
		{"noisy runs push the limit out", []float64{1, 1.5, 2}, 0.2, 1.5 + 0.5*32/15},
		{"runs below the median do not", []float64{-9, 2, 2}, 0.2, 2 + math.Log(1.2)},
		{"no threshold", []float64{2, 2, 2}, 0, 2},
		{"no number", []float64{1, math.NaN(), 2}, 0.2, math.NaN()},
	} {
		if d := cmp.Diff(c.want, HistoryLimit(c.base, c.threshold), cmpopts.EquateApprox(1e-12, 0), cmpopts.EquateNaNs()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestAgainstHistory(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		heads []float64
		limit float64
		want  Status
	}{
		{nil, 1, StatusSuspect},
		{[]float64{1}, 1, StatusPass}, // at the limit
		{[]float64{math.Nextafter(1, 2)}, 1, StatusSuspect},
		{[]float64{2, 2}, 1, StatusSuspect},
		{[]float64{2, 2, 2}, 1, StatusFail},
		{[]float64{2, 2, 1}, 1, StatusPass},
		{[]float64{2, 2, 2, 2, 0}, 1, StatusPass},
		{[]float64{2, 2, 2, 2}, 1, StatusFail},
		// What is no number is no reason to pass.
		{[]float64{0}, nan, StatusSuspect},
		{[]float64{0, 0, 0}, nan, StatusFail},
		{[]float64{nan}, 1, StatusSuspect},
	} {
		if got := AgainstHistory(c.heads, c.limit); got != c.want {
			t.Errorf("AgainstHistory(%v, %v) = %v, want %v", c.heads, c.limit, got, c.want)
		}
	}
}

func TestStrictLimit(t *testing.T) {
	t.Parallel()
	// 0 … 9 have the mean 4.5 and the variance 55/6; t(.999, 9) is 4.296806 in tables.
	tLimit := 4.5 + 4.296806*math.Sqrt(55.0/6*1.1)
	for _, c := range []struct {
		name string
		base []float64
		want float64
		ok   bool
	}{
		{"none", nil, inf, false},
		{"nine are too few", span(9, 0, 1), inf, false},
		{"equal runs leave the threshold", span(10, 2, 0), 2 + math.Log(1.2), true},
		{"the prediction limit is the greater one", span(10, 0, 1), tLimit, true},
		// The median is 0, the worst 5, so three times that; t is 1/2 + 4.2968 · √(2.5 · 1.1) = 7.6.
		{"the multiple is the greater one", append(span(9, 0, 0), 5), 15, true},
	} {
		got, ok := StrictLimit(c.base, 0.2)
		if d := cmp.Diff(c.want, got, cmpopts.EquateApprox(1e-6, 0)); d != "" || ok != c.ok {
			t.Errorf("%s: ok %t, want %t (-want +got):\n%s", c.name, ok, c.ok, d)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{10, 50} {
		base, head := normals(r, n, 0, 0.1), normals(r, n, 0.05, 0.1)
		b.Run(fmt.Sprintf("%dv%d", n, n), func(b *testing.B) {
			for b.Loop() {
				Compare(base, head, 0.2, 0)
			}
		})
	}
}

func BenchmarkUTest(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	base, head := normals(r, 20, 0, 0.1), normals(r, 3, 0.05, 0.1)
	for b.Loop() {
		UTest(base, head)
	}
}

// BenchmarkHistory is what one metric costs against a full window.
func BenchmarkHistory(b *testing.B) {
	base := normals(rand.New(rand.NewPCG(1, 1)), 20, 0, 0.1)
	for b.Loop() {
		ChangePoints(base)
		HistoryLimit(base, 0.2)
	}
}
