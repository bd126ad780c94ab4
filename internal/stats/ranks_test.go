package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	moremath "github.com/aclements/go-moremath/stats"
	"github.com/google/go-cmp/cmp"
)

// enumerateU returns P(U <= u) by counting every way in which n of n+m ranks can
// fall to one side.
func enumerateU(n, m int) []float64 {
	counts := make([]float64, n*m+1)
	ways := 0.0
	for set := range uint(1) << (n + m) {
		if bits.OnesCount(set) != n {
			continue
		}
		u, below := 0, 0
		for r := range n + m {
			if set>>r&1 == 0 {
				below++ // a value of the other side, under all that follow
			} else {
				u += below
			}
		}
		counts[u]++
		ways++
	}
	for u := 1; u < len(counts); u++ {
		counts[u] += counts[u-1]
	}
	for u := range counts {
		counts[u] /= ways
	}
	return counts
}

func TestUCDFEnumerated(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 7; n++ {
		for m := 1; m <= 7; m++ {
			if d := cmp.Diff(enumerateU(n, m), UCDF(n, m), near); d != "" {
				t.Errorf("UCDF(%d, %d) (-want +got):\n%s", n, m, d)
			}
		}
	}
}

// TestUCDFIsADistribution holds for every size that is computed exactly: never
// falling, symmetric, 1 at the end, the same from both sides.
func TestUCDFIsADistribution(t *testing.T) {
	t.Parallel()
	for n := 1; n <= maxExact; n++ {
		for m := 1; m <= maxExact; m++ {
			cdf := UCDF(n, m)
			last := n * m
			if len(cdf) != last+1 || cdf[last] != 1 || !slices.IsSorted(cdf) || math.Abs(cdf[0]/MinP(n, m)-1) > 1e-13 {
				t.Fatalf("UCDF(%d, %d): %d values from %v to %v, sorted %t", n, m, len(cdf), cdf[0], cdf[last], slices.IsSorted(cdf))
			}
			mirrored := UCDF(m, n)
			for u := range last {
				if sum := cdf[u] + cdf[last-1-u]; math.Abs(sum-1) > 1e-14 {
					t.Fatalf("UCDF(%d, %d): P(U <= %d) and P(U > %d) sum to %v", n, m, u, last-1-u, sum)
				}
				if math.Abs(cdf[u]-mirrored[u]) > 1e-14 {
					t.Fatalf("P(U <= %d) is %v for %d against %d and %v the other way round", u, cdf[u], n, m, mirrored[u])
				}
			}
		}
	}
}

func TestUCDFAgainstMoremath(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{3, 20}, {10, 10}, {20, 20}, {30, 50}, {50, 50}} {
		n, m := size[0], size[1]
		cdf, oracle := UCDF(n, m), moremath.UDist{N1: n, N2: m}
		for _, u := range []int{0, 1, n, n * m / 4, n*m/2 - 1, n * m / 2, 3 * n * m / 4, n*m - 1} {
			if want := oracle.CDF(float64(u)); math.Abs(cdf[u]/want-1) > 1e-12 {
				t.Errorf("UCDF(%d, %d)[%d] = %v, want %v", n, m, u, cdf[u], want)
			}
		}
	}
}

func TestMinP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, m int
		want float64
	}{
		{0, 0, 1},
		{0, 5, 1},
		{5, 0, 1},
		{1, 1, 0.5},
		{2, 2, 1.0 / 6},
		{3, 3, 0.05},
		{4, 4, 1.0 / 70},
		{5, 5, 1.0 / 252},
		{20, 3, 1.0 / 1771},
		{3, 20, 1.0 / 1771},
		{1, 99, 0.01},
		{10, 10, 1.0 / 184_756},
	} {
		if got := MinP(c.n, c.m); got != c.want {
			t.Errorf("MinP(%d, %d) = %v, want %v", c.n, c.m, got, c.want)
		}
	}
	if got := MinP(100_000, 100_000); got != 0 {
		t.Errorf("MinP of 100,000 a side = %v, want 0: less than a float64 holds", got)
	}
}

// TestOrderKTables holds the critical values of printed tables of the Mann-Whitney
// test, one-sided: k is one more, and 0 where the table has a dash.
func TestOrderKTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, m   int
		at     float64
		critic int
	}{
		{3, 3, 0.05, 0},
		{5, 5, 0.05, 4},
		{5, 5, 0.01, 1},
		{8, 8, 0.05, 15},
		{8, 8, 0.01, 9},
		{10, 10, 0.05, 27},
		{10, 10, 0.01, 19},
		{10, 20, 0.05, 62},
		{20, 20, 0.05, 138},
		{20, 20, 0.01, 114},
		{3, 3, 0.01, -1},
		{4, 4, 0.01, -1},
		{2, 2, 0.05, -1},
		{1, 1, 0.05, -1},
	} {
		if got := OrderK(c.n, c.m, c.at); got != c.critic+1 {
			t.Errorf("OrderK(%d, %d, %v) = %d, want %d", c.n, c.m, c.at, got, c.critic+1)
		}
	}
}

func TestOrderKDefinition(t *testing.T) {
	t.Parallel()
	for _, alpha := range []float64{0.4, 0.05, 0.05 / 3, 0.01, 0.001, 1e-5, 1e-9} {
		for n := 1; n <= maxExact; n += 3 {
			for m := 1; m <= maxExact; m += 4 {
				cdf, k := UCDF(n, m), OrderK(n, m, alpha)
				if k > 0 && cdf[k-1] > alpha+alphaSlack || cdf[k] <= alpha {
					t.Errorf("OrderK(%d, %d, %v) = %d, where P(U <= k) is %v", n, m, alpha, k, cdf[k])
				}
			}
		}
	}
}

func TestOrderKOfNothing(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{0, 0}, {0, 5}, {5, 0}, {0, 60}, {60, 0}} {
		if got := OrderK(size[0], size[1], 0.05); got != 0 {
			t.Errorf("OrderK(%d, %d) = %d, want 0", size[0], size[1], got)
		}
	}
}

// TestOrderKBorder holds that the exact and the normal k, which take over from one
// another at 50 a side, are neighbours there, and that k goes on growing.
func TestOrderKBorder(t *testing.T) {
	t.Parallel()
	for _, alpha := range []float64{0.05, 0.05 / 3, 0.01} {
		for _, m := range []int{10, 20, 40, 50} {
			exact, normal := OrderK(50, m, alpha), orderKNormal(50, m, alpha)
			if exact-normal < 0 || exact-normal > 2 {
				t.Errorf("50 against %d at %v: k is %d exactly, %d by the normal distribution", m, alpha, exact, normal)
			}
		}
		for n := 45; n < 55; n++ {
			if a, b := OrderK(n, n, alpha), OrderK(n+1, n+1, alpha); b <= a {
				t.Errorf("at %v: k is %d of %d a side and %d of %d", alpha, a, n, b, n+1)
			}
		}
	}
}

// TestOrderKNormalClaimsNoMore holds beyond 50 a side: the exact probability of the
// normal k is not above alpha, but for a thirtieth of it at few against many.
func TestOrderKNormalClaimsNoMore(t *testing.T) {
	t.Parallel()
	for _, alpha := range []float64{0.05, 0.01, 0.001, 1e-5} {
		for n := 3; n <= 60; n += 3 {
			for _, m := range []int{51, 80} {
				k := OrderK(n, m, alpha)
				if k == 0 {
					continue
				}
				if p := UCDF(n, m)[k-1]; p > alpha*(1+1.0/30) {
					t.Errorf("OrderK(%d, %d, %v) = %d, of which the level is %v", n, m, alpha, k, p)
				}
			}
		}
	}
}

func TestOrderKGrowsWithAlpha(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{3, 3}, {5, 7}, {10, 10}, {20, 3}, {50, 50}, {51, 51}, {500, 500}, {3, 60}} {
		before := 0
		for alpha := 1e-12; alpha < 0.5; alpha *= 1.2 {
			k := OrderK(size[0], size[1], alpha)
			if k < before || k > size[0]*size[1] {
				t.Errorf("OrderK(%d, %d, %v) = %d, after %d", size[0], size[1], alpha, k, before)
			}
			before = k
		}
		if before == 0 {
			t.Errorf("%v has no k at .4", size)
		}
	}
}

func TestUTestByHand(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		name       string
		base, head []float64
		want       float64
	}{
		{"none", nil, nil, 1},
		{"no base", nil, []float64{1, 2}, 1},
		{"no head", []float64{1, 2}, nil, 1},
		{"one each, greater", []float64{1}, []float64{2}, 0.5},
		{"one each, less", []float64{2}, []float64{1}, 1},
		{"one each, equal", []float64{1}, []float64{1}, 1},
		{"all of three greater", []float64{1, 2, 3}, []float64{4, 5, 6}, 1.0 / 20},
		{"all of three less", []float64{4, 5, 6}, []float64{1, 2, 3}, 1},
		{"one pair the wrong way round", []float64{1, 2, 4}, []float64{3, 5, 6}, 2.0 / 20},
		{"order does not matter", []float64{4, 1, 2}, []float64{6, 3, 5}, 2.0 / 20},
		{"all equal", []float64{7, 7, 7}, []float64{7, 7, 7, 7}, 1},
		// U = 1/2; the variance is 4/12 · (5 - 6/12) = 3/2; z = (2 - 1/2 - 1/2) / √(3/2).
		{"a tie", []float64{1, 2}, []float64{2, 3}, NormalTail(1 / math.Sqrt(1.5))},
		// U = 0; ties of 3 and 3: 4.5 · (7 - 48/30) / 6 = 4.05; z = (4.5 - 1/2) / √4.05.
		{"two levels", []float64{1, 1, 1}, []float64{2, 2, 2}, NormalTail(4 / math.Sqrt(4.05))},
		{"negative zero ties with zero", []float64{0}, []float64{math.Copysign(0, -1)}, 1},
		{"infinities rank", []float64{math.Inf(-1), 1, 2}, []float64{3, 4, math.Inf(1)}, 1.0 / 20},
		{"NaN ranks below every number", []float64{1, 2, 3}, []float64{nan, 4, 5}, 7.0 / 20},
		{"nothing but NaN", []float64{nan, nan}, []float64{nan, nan}, 1},
	} {
		base, head := slices.Clone(c.base), slices.Clone(c.head)
		if got := UTest(c.base, c.head); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%s: p = %v, want %v", c.name, got, c.want)
		}
		if !sameBits(base, c.base) || !sameBits(head, c.head) {
			t.Errorf("%s: changed to %v and %v", c.name, c.base, c.head)
		}
	}
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// normals returns n values of a normal distribution.
func normals(r *rand.Rand, n int, mean, sd float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = mean + sd*r.NormFloat64()
	}
	return xs
}

// tied rounds values so coarsely that most of them have equals.
func tied(xs []float64) []float64 {
	for i, x := range xs {
		xs[i] = math.Round(2 * x)
	}
	return xs
}

// moremathP is the p-value of another implementation. Its alternative is that the
// first sample lies below the second, which is ours that head is greater.
func moremathP(t *testing.T, base, head []float64) float64 {
	t.Helper()
	r, err := moremath.MannWhitneyUTest(base, head, moremath.LocationLess)
	if err != nil {
		t.Fatal(err)
	}
	return r.P
}

// TestUTestAgainstMoremath compares where both are exact, and where both take the
// normal approximation: ties above 25 a side, and more than 50 a side.
func TestUTestAgainstMoremath(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n, m := 1+r.IntN(12), 1+r.IntN(12)
		base, head := normals(r, n, 0, 1), normals(r, m, r.NormFloat64(), 1)
		if got, want := UTest(base, head), moremathP(t, base, head); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d against %d: p = %v, want %v", n, m, got, want)
		}
		n, m = 26+r.IntN(20), 26+r.IntN(20)
		base, head = tied(normals(r, n, 0, 1)), tied(normals(r, m, r.NormFloat64()/2, 1))
		if got, want := UTest(base, head), moremathP(t, base, head); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d against %d with ties: p = %v, want %v", n, m, got, want)
		}
		n, m = 51+r.IntN(20), 1+r.IntN(70)
		base, head = normals(r, n, 0, 1), normals(r, m, r.NormFloat64()/2, 1)
		if got, want := UTest(base, head), moremathP(t, base, head); math.Abs(got-want) > 1e-12 {
			t.Errorf("%d against %d: p = %v, want %v", n, m, got, want)
		}
	}
}

// TestUTestTiesAreNearExact measures the normal approximation against the exact
// distribution with ties, where a p-value is of interest: it is off by 2 points at
// most from 5 a side.
func TestUTestTiesAreNearExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	compared := 0
	for range 500 {
		n, m := 5+r.IntN(8), 5+r.IntN(8)
		base, head := tied(normals(r, n, 0, 1)), tied(normals(r, m, r.NormFloat64(), 1))
		want := moremathP(t, base, head)
		if want > 0.1 {
			continue
		}
		compared++
		if got := UTest(base, head); math.Abs(got-want) > 0.02 {
			t.Errorf("%v against %v: p = %v, exactly %v", base, head, got, want)
		}
	}
	if compared < 50 {
		t.Errorf("%d samples compared", compared)
	}
}

// TestUTestOfBothSides holds that the p-values of the two directions overlap in the
// probability of the very U that was seen.
func TestUTestOfBothSides(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		base, head := normals(r, 1+r.IntN(9), 0, 1), normals(r, 1+r.IntN(9), 0, 1)
		cdf := UCDF(len(base), len(head))
		u, _ := uStatistic(base, head)
		seen := cdf[int(u)]
		if u > 0 {
			seen -= cdf[int(u)-1]
		}
		if sum := UTest(base, head) + UTest(head, base); math.Abs(sum-1-seen) > 1e-12 {
			t.Errorf("%v and %v: the p-values sum to %v, want %v", base, head, sum, 1+seen)
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	base, head := []float64{4, 1, 2}, []float64{7, 3}
	if d := cmp.Diff([]float64{-1, 1, 2, 3, 5, 6}, Differences(base, head)); d != "" {
		t.Errorf("Differences (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]float64{4, 1, 2, 7, 3}, append(base, head...)); d != "" {
		t.Errorf("the arguments (-before +after):\n%s", d)
	}
	for _, c := range [][2][]float64{{nil, nil}, {{1}, nil}, {nil, {1}}} {
		if got := Differences(c[0], c[1]); len(got) != 0 {
			t.Errorf("Differences(%v, %v) = %v", c[0], c[1], got)
		}
	}
}

// TestDifferencesAreThinned holds that thinning keeps both ends and that no
// quantile moves by a whole rank.
func TestDifferencesAreThinned(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 499, 500, 501, 999, 1000, 12_345} {
		head := make([]float64, n)
		for i := range head {
			head[i] = float64(n - 1 - i)
		}
		got := Differences([]float64{0}, head)
		if len(got) != min(n, maxShiftSide) || got[0] != 0 || got[len(got)-1] != float64(n-1) {
			t.Fatalf("%d values: %d from %v to %v", n, len(got), got[0], got[len(got)-1])
		}
		for i, v := range got {
			if want := float64(i) * float64(n-1) / float64(max(1, len(got)-1)); math.Abs(v-want) >= 1 {
				t.Errorf("%d values: value %d of %d is %v, want %v", n, i, len(got), v, want)
			}
		}
		if head[0] != float64(n-1) {
			t.Errorf("%d values: the argument was sorted", n)
		}
	}
}

// TestHodgesLehmannThinned compares with the median of every pair, of samples with
// a long tail.
func TestHodgesLehmannThinned(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	base, head := make([]float64, 900), make([]float64, 1300)
	for i := range base {
		base[i] = r.ExpFloat64()
	}
	for i := range head {
		head[i] = 0.2 + r.ExpFloat64()
	}
	all := make([]float64, 0, len(base)*len(head))
	for _, h := range head {
		for _, b := range base {
			all = append(all, h-b)
		}
	}
	slices.Sort(all)
	if got, want := HodgesLehmann(base, head), sortedMedian(all); math.Abs(got-want) > 0.003 {
		t.Errorf("HodgesLehmann = %v, of all pairs %v", got, want)
	}
}

func TestHodgesLehmann(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		base, head []float64
		want       float64
	}{
		{"even", []float64{4, 1, 2}, []float64{7, 3}, 2.5},
		{"odd", []float64{4, 1, 2}, []float64{7}, 5},
		{"one each", []float64{3}, []float64{1}, -2},
		{"equal", []float64{3, 3}, []float64{3, 3, 3}, 0},
		{"an outlier a side", []float64{1, 2, 3, 4, -900}, []float64{2, 3, 4, 5, 900}, 2},
		{"no base", nil, []float64{1}, math.NaN()},
		{"no head", []float64{1}, nil, math.NaN()},
	} {
		if got := HodgesLehmann(c.base, c.head); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
