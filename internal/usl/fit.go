package usl

import (
	"fmt"
	"math"
)

// Fit is the law fitted to points: the throughput at N is Lambda times
//
//	n / (1 + Contention (n-1) + Coherency n (n-1)),  n = N / Unit.
type Fit struct {
	Lambda     float64 // throughput of one Unit
	Contention float64 // share of the work that is done one after the other; 0 or more
	Coherency  float64 // cost of each pair that must agree, in the work of one; 0 or more
	// ContentionError and CoherencyError are standard errors, to first order; nil where
	// the number was kept from going below 0, which has none.
	ContentionError, CoherencyError *float64
	// Unit is what n counts: 1, or the smallest N where that is below 1, as with half a
	// processor.
	Unit float64
	// Peak is the N of the greatest throughput, nil where there is none: without
	// Coherency it grows for ever, and with a Contention of 1 or more it falls from the
	// first on. Beyond the greatest measured N it is a prediction.
	Peak *float64
	// RSquared is the share of the variation of the throughput that the law explains;
	// nil where it does not vary.
	RSquared *float64
	// RelativeRMSE is the root mean square of the relative errors, 0.03 = 3 %, with the
	// three fitted numbers taken off the number of points: few points fitted by three
	// numbers always look better than they are.
	RelativeRMSE float64
	Points       int // how many were fitted
}

// At returns the throughput that the law predicts at N.
func (f *Fit) At(n float64) float64 {
	n /= f.Unit
	return f.Lambda * n / (1 + f.Contention*(n-1) + f.Coherency*n*(n-1))
}

const (
	// minSizes is how many different sizes a fit takes: three always lie on the curve,
	// with no error that could tell whether it means anything.
	minSizes = 4
	// minSpread is how many times the smallest size the greatest must be. Between 100
	// and 130 users any smooth curve fits.
	minSpread = 2.0
	// maxRelativeRMSE is the error up to which a fit means something. Load tests of one
	// size scatter by some percent; with more than this the curve is not the law's.
	maxRelativeRMSE = 0.10
	// maxSuperlinear is how much more than linear a throughput may be before it is no
	// noise. The law knows no such growth: it would fit a negative contention.
	maxSuperlinear = 0.10
)

// FitTo fits the law by least squares. It minimises the squares of (measured /
// predicted - 1), as the noise of a throughput grows with it; that is a linear problem
// in 1/Lambda, Contention/Lambda and Coherency/Lambda, which has one solution and
// needs no start value. reason says why the points cannot carry a fit, "" if they can.
func FitTo(points []Point) (fit *Fit, reason string) {
	if reason = check(points); reason != "" {
		return nil, reason
	}
	sizes := medians(points)
	if len(sizes) < minSizes {
		return nil, fmt.Sprintf("%s; it takes %d", measuredText(len(sizes)), minSizes)
	}
	if least, greatest := sizes[0].N, sizes[len(sizes)-1].N; greatest < minSpread*least {
		return nil, fmt.Sprintf("the sizes go from %g to %g; the greatest must be at least %g times the smallest", least, greatest, minSpread)
	}
	if reason = superlinear(sizes); reason != "" {
		return nil, reason
	}
	f := &Fit{Unit: min(1, sizes[0].N), Points: len(points)}
	s, ok := leastSquares(points, f.Unit)
	if !ok {
		return nil, "the sizes do not tell the terms of the law apart"
	}
	f.take(s)
	f.measure(points)
	f.errors(s)
	if f.RelativeRMSE > maxRelativeRMSE {
		return nil, fmt.Sprintf("the law misses the points by %.3g %%; more than %g %% means that they do not follow it",
			100*f.RelativeRMSE, 100*maxRelativeRMSE)
	}
	return f, ""
}

// superlinear says where the throughput grows by more than the size, "" if nowhere.
func superlinear(sizes []Point) string {
	first := sizes[0]
	for _, p := range sizes[1:] {
		linear := first.Throughput * (p.N / first.N)
		if share := p.Throughput / linear; share > 1+maxSuperlinear {
			return fmt.Sprintf("the throughput at %g is %.3g %% above linear growth from %g; the law has no place for that",
				p.N, 100*(share-1), first.N)
		}
	}
	return ""
}

// take reads the numbers of the law off the solution.
func (f *Fit) take(s solution) {
	f.Lambda = 1 / s.c[0]
	f.Contention, f.Coherency = s.c[1]/s.c[0], s.c[2]/s.c[0]
	if f.Coherency > 0 && f.Contention < 1 {
		peak := f.Unit * math.Sqrt((1-f.Contention)/f.Coherency)
		f.Peak = &peak
	}
}

// measure compares the law with the points.
func (f *Fit) measure(points []Point) {
	mean := 0.0
	for _, p := range points {
		mean += p.Throughput / float64(len(points))
	}
	var total, left, relative float64
	for _, p := range points {
		miss := p.Throughput - f.At(p.N)
		total += (p.Throughput - mean) * (p.Throughput - mean)
		left += miss * miss
		relative += (miss / p.Throughput) * (miss / p.Throughput)
	}
	f.RelativeRMSE = math.Sqrt(relative / float64(len(points)-terms))
	if total > 0 {
		r := 1 - left/total
		f.RSquared = &r
	}
}

// errors sets the standard errors. Those of the solution are carried over to the
// ratios by their derivatives: d(c1/c0) = (dc1 - c1/c0 dc0) / c0.
func (f *Fit) errors(s solution) {
	of := func(i int, ratio float64) *float64 {
		if !s.free[i] {
			return nil
		}
		v := s.cov[i][i] - 2*ratio*s.cov[0][i] + ratio*ratio*s.cov[0][0]
		e := f.RelativeRMSE * math.Sqrt(max(0, v)) / s.c[0]
		return &e
	}
	f.ContentionError, f.CoherencyError = of(1, f.Contention), of(2, f.Coherency)
}
