package stats

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// figures are what is described of a sample.
type figures struct{ Median, MAD, Spread, Mean, StdDev float64 }

func describe(xs []float64) figures {
	return figures{Median(xs), MAD(xs), Spread(xs), Mean(xs), StdDev(xs)}
}

// TestDescribe holds the definitions of the library behind: a version in which a
// standard deviation is the population's, or a median the lower one of two, fails.
func TestDescribe(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		name string
		xs   []float64
		want figures
	}{
		{"none", nil, figures{nan, nan, nan, nan, nan}},
		{"one", []float64{7}, figures{7, 0, 0, 7, nan}},
		{"two", []float64{1, 4}, figures{2.5, 1.5, 2.2239, 2.5, math.Sqrt(4.5)}},
		{"equal", []float64{3, 3, 3, 3}, figures{3, 0, 0, 3, 0}},
		// The squares of the deviations from 5 sum to 32; the absolute deviations are
		// taken from the median 4.5, not from the mean.
		{"eight", []float64{9, 4, 2, 5, 4, 7, 4, 5}, figures{4.5, 0.5, 0.7413, 5, math.Sqrt(32.0 / 7)}},
		{"odd", []float64{10, -20, 30}, figures{10, 20, 29.652, 20.0 / 3, math.Sqrt(1900.0 / 3)}},
		{"an outlier", []float64{1, 2, 3, 4, 90}, figures{3, 1, 1.4826, 20, math.Sqrt(6130.0 / 4)}},
		{"NaN", []float64{1, nan, 3}, figures{nan, nan, nan, nan, nan}},
		{"infinity", []float64{1, 2, math.Inf(1)}, figures{2, 1, 1.4826, math.Inf(1), nan}},
	} {
		before := slices.Clone(c.xs)
		if d := cmp.Diff(c.want, describe(c.xs), cmpopts.EquateApprox(1e-9, 0), cmpopts.EquateNaNs()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if !slices.EqualFunc(before, c.xs, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }) {
			t.Errorf("%s: changed to %v", c.name, c.xs)
		}
	}
}

// TestStdDevFarFromZero would lose every digit in the textbook formula.
func TestStdDevFarFromZero(t *testing.T) {
	t.Parallel()
	xs := []float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}
	if got, want := StdDev(xs), math.Sqrt(30); math.Abs(got-want) > 1e-9 {
		t.Errorf("StdDev = %v, want %v", got, want)
	}
}

// TestQuantile holds the definition: type 7, as R's quantile() prints it.
func TestQuantile(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	for _, c := range []struct {
		name   string
		sorted []float64
		q      float64
		want   float64
	}{
		{"none", nil, 0.5, math.NaN()},
		{"one", []float64{7}, 0.99, 7},
		{"least", []float64{1, 2, 4}, 0, 1},
		{"greatest", []float64{1, 2, 4}, 1, 4},
		{"below the least", []float64{1, 2, 4}, -1, 1},
		{"above the greatest", []float64{1, 2, 4}, 2, 4},
		{"not a number", []float64{1, 2, 4}, math.NaN(), math.NaN()},
		{"on a value", []float64{1, 2, 4}, 0.5, 2},
		{"between", []float64{1, 2, 4, 8}, 0.5, 3},
		{"p95 of 20", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, 0.95, 19.05},
		{"p90 of 3", []float64{10, 20, 30}, 0.9, 28},
		{"beside an infinity", []float64{1, 2, inf}, 0.5, 2},
	} {
		if d := cmp.Diff(c.want, Quantile(c.sorted, c.q), cmpopts.EquateApprox(1e-12, 0), cmpopts.EquateNaNs()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// TestQuantileMeetsMedian holds that the two agree wherever both are defined.
func TestQuantileMeetsMedian(t *testing.T) {
	t.Parallel()
	xs := []float64{}
	for i := range 60 {
		xs = append(xs, float64(i*i))
		if got, want := Quantile(xs, 0.5), Median(xs); got != want {
			t.Errorf("of %d values: %v, the median is %v", len(xs), got, want)
		}
	}
}
