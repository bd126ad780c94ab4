package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	moremath "github.com/aclements/go-moremath/stats"
)

// TestTQuantileTables holds the values that are printed in tables of Student's t.
func TestTQuantileTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ p, df, want float64 }{
		{0.95, 1, 6.314},
		{0.975, 1, 12.706},
		{0.999, 1, 318.309},
		{0.99, 5, 3.365},
		{0.975, 10, 2.228},
		{0.999, 9, 4.297},
		{0.999, 19, 3.579},
		{0.995, 29, 2.756},
		{0.999, 100, 3.174},
		{0.975, 1e6, 1.960},
	} {
		if got := TQuantile(c.p, c.df); math.Abs(got-c.want) > 0.0005 {
			t.Errorf("TQuantile(%v, %v) = %.6f, want %v", c.p, c.df, got, c.want)
		}
	}
}

// TestTQuantileClosedForms holds for 1 and 2 degrees of freedom, whose quantiles
// are elementary functions.
func TestTQuantileClosedForms(t *testing.T) {
	t.Parallel()
	for _, p := range []float64{0.51, 0.6, 0.75, 0.9, 0.99, 0.999} {
		for df, want := range map[float64]float64{
			1: math.Tan(math.Pi * (p - 0.5)),
			2: (2*p - 1) / math.Sqrt(2*p*(1-p)),
		} {
			if got := TQuantile(p, df); math.Abs(got/want-1) > 1e-10 {
				t.Errorf("TQuantile(%v, %v) = %.15g, want %.15g", p, df, got, want)
			}
		}
	}
}

func TestTQuantileAgainstMoremath(t *testing.T) {
	t.Parallel()
	for _, p := range []float64{0.5, 0.51, 0.75, 0.95, 0.99, 0.999, 0.9999} {
		for _, df := range []float64{0.5, 1, 2, 3, 9, 19, 19.5, 50, 200} {
			q := TQuantile(p, df)
			if got := (moremath.TDist{V: df}).CDF(q); math.Abs(got-p) > 1e-12 {
				t.Errorf("the probability of TQuantile(%v, %v) = %v is %v", p, df, q, got)
			}
		}
	}
}

// TestTQuantileOutside holds that no argument makes the search go on for ever.
func TestTQuantileOutside(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ p, df float64 }{
		{1, 5}, {1.5, 5}, {inf, 5}, {0.4999, 5}, {0, 5}, {-1, 5}, {-inf, 5}, {nan, 5}, {0.9, 0}, {0.9, -3}, {0.9, nan},
	} {
		if got := TQuantile(c.p, c.df); !math.IsNaN(got) {
			t.Errorf("TQuantile(%v, %v) = %v, want NaN", c.p, c.df, got)
		}
	}
	for _, c := range []struct{ p, df float64 }{{math.Nextafter(1, 0), 1}, {0.999, 1e-3}, {0.999, 1e12}, {0.9, inf}} {
		if got := TQuantile(c.p, c.df); got < 0 {
			t.Errorf("TQuantile(%v, %v) = %v", c.p, c.df, got)
		}
	}
}

func TestNormalTail(t *testing.T) {
	t.Parallel()
	for z, want := range map[float64]float64{
		0: 0.5, 1: 0.158655253931457, 1.6448536269514722: 0.05, 2.3263478740408408: 0.01, -1: 0.841344746068543, 6: 9.86587645037698e-10,
		math.Inf(1): 0, math.Inf(-1): 1,
	} {
		if got := NormalTail(z); math.Abs(got-want) > 1e-14*max(want, 1e-5) {
			t.Errorf("NormalTail(%v) = %v, want %v", z, got, want)
		}
	}
}

// fisher is the one-sided p-value of Fisher's exact test by its definition, in
// rational numbers.
func fisher(aHits, aTotal, bHits, bTotal int64) float64 {
	hits := aHits + bHits
	sum := new(big.Int)
	for k := bHits; k <= min(hits, bTotal); k++ {
		ways := new(big.Int).Binomial(bTotal, k)
		sum.Add(sum, ways.Mul(ways, new(big.Int).Binomial(aTotal, hits-k)))
	}
	p, _ := new(big.Rat).SetFrac(sum, new(big.Int).Binomial(aTotal+bTotal, hits)).Float64()
	return p
}

// sameP allows p-values the rounding of a thousand terms, whatever their size.
func sameP(got, want float64) bool { return math.Abs(got-want) <= 1e-10*want }

// TestProportionsSmall takes every table of up to 7 against 7.
func TestProportionsSmall(t *testing.T) {
	t.Parallel()
	for aTotal := int64(1); aTotal <= 7; aTotal++ {
		for bTotal := int64(1); bTotal <= 7; bTotal++ {
			for aHits := range aTotal + 1 {
				for bHits := range bTotal + 1 {
					got, want := Proportions(aHits, aTotal, bHits, bTotal), fisher(aHits, aTotal, bHits, bTotal)
					if !sameP(got, want) {
						t.Errorf("Proportions(%d, %d, %d, %d) = %v, want %v", aHits, aTotal, bHits, bTotal, got, want)
					}
				}
			}
		}
	}
}

func TestProportionsLarge(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		aTotal, bTotal := 1+r.Int64N(3000), 1+r.Int64N(3000)
		aHits, bHits := r.Int64N(min(aTotal, 100)+1), r.Int64N(min(bTotal, 100)+1)
		got, want := Proportions(aHits, aTotal, bHits, bTotal), fisher(aHits, aTotal, bHits, bTotal)
		if !sameP(got, want) {
			t.Errorf("Proportions(%d, %d, %d, %d) = %v, want %v", aHits, aTotal, bHits, bTotal, got, want)
		}
	}
}

// TestProportionsByHand has p-values that were worked out on paper.
func TestProportionsByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		aHits, aTotal, bHits, bTotal int64
		want                         float64
	}{
		{1, 4, 3, 4, 17.0 / 70},    // Fisher's tea: (16 + 1) of C(8, 4) ways
		{0, 5, 5, 5, 1.0 / 252},    // 1 of C(10, 5)
		{0, 3, 1, 3, 0.5},          // the one hit is on either side
		{0, 10, 2, 10, 45.0 / 190}, // C(10, 2) of C(20, 2)
		{5, 5, 0, 5, 1},
		{0, 5, 0, 5, 1},
		{5, 5, 5, 5, 1},
		{1, 1, 1, 1, 1},
		{2, 1000, 12, 1000, 0.006320515298409756}, // by Python fractions
	} {
		if got := Proportions(c.aHits, c.aTotal, c.bHits, c.bTotal); !sameP(got, c.want) {
			t.Errorf("Proportions(%d, %d, %d, %d) = %v, want %v", c.aHits, c.aTotal, c.bHits, c.bTotal, got, c.want)
		}
	}
}

// TestProportionsOfNothing holds that counts that are no proportions prove nothing.
func TestProportionsOfNothing(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]int64{
		{0, 0, 5, 10},
		{0, 10, 0, 0},
		{0, 0, 0, 0},
		{0, 10, 11, 10},
		{11, 10, 10, 10},
		{-1, 10, 5, 10},
		{1, 10, -5, 10},
		{0, -10, 5, 10},
		{0, 10, math.MinInt64, math.MinInt64},
		{math.MinInt64, 10, 5, 10},
		{math.MaxInt64, 1, math.MaxInt64, 1},
	} {
		if got := Proportions(c[0], c[1], c[2], c[3]); got != 1 {
			t.Errorf("Proportions(%v) = %v, want 1", c, got)
		}
	}
}

// TestProportionsOfHugeCounts holds that a count of any size is answered at once,
// and rightly where the answer is plain.
func TestProportionsOfHugeCounts(t *testing.T) {
	t.Parallel()
	const billion, most = 1_000_000_000, math.MaxInt64
	start := time.Now()
	for _, c := range []struct {
		aHits, aTotal, bHits, bTotal int64
		low, high                    float64
	}{
		{0, billion / 2, billion / 4, billion / 2, 0, 0},
		{billion / 4, billion / 2, billion / 4, billion / 2, 0.5, 0.5001},
		{billion / 4, billion / 2, 0, billion / 2, 1, 1},
		{most / 100, most, most / 20, most, 0, 0},
		{most / 20, most, most / 100, most, 1, 1},
		{most / 2, most, most / 2, most, 0.4999, 0.5001},
		{0, most, 0, most, 1, 1},
		{most, most, most, most, 1, 1},
		{0, 1, most, most, 0.49, 1},
	} {
		if got := Proportions(c.aHits, c.aTotal, c.bHits, c.bTotal); !(got >= c.low && got <= c.high) {
			t.Errorf("Proportions(%d, %d, %d, %d) = %v, want %v to %v", c.aHits, c.aTotal, c.bHits, c.bTotal, got, c.low, c.high)
		}
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %s", took)
	}
}

// TestProportionsBorder holds that the exact test and the normal one agree where
// one hands over to the other.
func TestProportionsBorder(t *testing.T) {
	t.Parallel()
	const half = maxExactCount / 2
	for _, more := range []int64{-60_000, 0, 1, 20_000, 40_000, 60_000} {
		exact := Proportions(half/20, half, half/20+more, half)
		normal := Proportions(half/20, half, half/20+more, half+1)
		if math.Abs(normal/exact-1) > 0.001 {
			t.Errorf("%d more hits: %v exactly, %v by the normal distribution", more, exact, normal)
		}
	}
}
