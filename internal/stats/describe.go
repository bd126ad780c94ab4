// Package stats holds the statistics that the gate decides by: descriptive
// figures, the exact rank comparison, the history limit and change points. It
// knows numbers only, neither metrics nor verdicts.
//
// Descriptive figures come from github.com/montanaflynn/stats, which no other
// package imports; tests of significance are our own, as that library has none
// that fit.
package stats

import (
	"math"
	"slices"

	"github.com/montanaflynn/stats"
)

// madScale makes the median absolute deviation an estimate of the standard
// deviation of normal data: 1 / Φ⁻¹(3/4).
const madScale = 1.4826

// few is how many values are sorted on the stack to find their median: the samples
// of a run and the runs of a window, whose medians are a quarter of the work of a
// gate with thousands of metrics.
const few = 32

// Median returns the median of xs, which need not be sorted and is not changed;
// NaN if xs is empty or holds NaN.
func Median(xs []float64) float64 {
	if len(xs) > few {
		return orNaN(stats.Median(xs))
	}
	var buf [few]float64
	sorted := buf[:copy(buf[:], xs)]
	slices.Sort(sorted)
	if len(sorted) > 0 && math.IsNaN(sorted[0]) { // NaN sorts first
		return math.NaN()
	}
	return sortedMedian(sorted)
}

// Quantile returns the quantile q in [0, 1] of sorted, whose values ascend; NaN if
// it is empty. Between two values it is interpolated: type 7 of Hyndman and Fan
// ("Sample Quantiles in Statistical Packages", 1996), the one whose 0.5 is
// [Median] and that R, NumPy and spreadsheets mean by default.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 || math.IsNaN(q) {
		return math.NaN()
	}
	at := min(max(q, 0), 1) * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	share := at - float64(below)
	if share == 0 {
		return sorted[below] // also of an infinity, which 0 times makes NaN
	}
	return (1-share)*sorted[below] + share*sorted[above]
}

// MAD returns the median absolute deviation from the median, not scaled; NaN if
// xs is empty.
func MAD(xs []float64) float64 {
	if len(xs) == 1 {
		return 0
	}
	return orNaN(stats.MedianAbsoluteDeviation(xs))
}

// Spread returns the robust estimate of the standard deviation, 1.4826 · MAD; NaN
// if xs is empty.
func Spread(xs []float64) float64 { return madScale * MAD(xs) }

// Mean returns the arithmetic mean; NaN if xs is empty.
func Mean(xs []float64) float64 { return orNaN(stats.Mean(xs)) }

// StdDev returns the sample standard deviation (n-1 in the denominator); NaN
// below two values.
func StdDev(xs []float64) float64 {
	if len(xs) < 2 {
		return math.NaN()
	}
	return orNaN(stats.StandardDeviationSample(xs))
}

func orNaN(v float64, err error) float64 {
	if err != nil {
		return math.NaN()
	}
	return v
}
