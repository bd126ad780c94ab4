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
