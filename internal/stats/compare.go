package stats

import (
	"math"
	"slices"
)

// Status is what a comparison says.
type Status int8

// The statuses. Suspect is over the threshold without the evidence to fail it.
const (
	StatusPass Status = iota
	StatusSuspect
	StatusFail
)

func (s Status) String() string {
	switch s {
	case StatusPass:
		return "pass"
	case StatusFail:
		return "fail"
	}
	return "suspect"
}

// Comparison is the result of [Compare]. Shifts are differences of logarithms;
// turn one into a relative change by [math.Expm1].
type Comparison struct {
	Status Status
	Shift  float64 // Hodges-Lehmann estimate
	// Lower and Upper bound the shift, each at the one-sided level Alpha; infinite
	// where the number of runs allows no bound.
	Lower, Upper float64
	Alpha        float64 // level of the evidence; 0 if these numbers of runs can never fail
	Margin       float64 // relative change that Lower has to exceed; 0 if Alpha is 0
	// Low and High are the bounds at the two-sided level of 90 %, or all that the
	// runs span if there are too few for it.
	Low, High float64
	PValue    float64 // one-sided, of the head runs being this much worse by chance; see [UTest]
	// Detectable is the smallest relative slowdown that runs with this much noise
	// could have failed; infinite if none could.
	Detectable float64
}

// Levels of evidence: the strict one where the numbers of runs can reach it, else
// the common one with a wider margin.
const (
	strictAlpha = 0.01
	commonAlpha = 0.05
)

// evidence returns the level and the margin for n runs against m at threshold t.
// familyAlpha, if not 0, replaces the level (family-wise mode).
func evidence(n, m int, t, familyAlpha float64) (alpha, margin float64) {
	pMin, familyAlpha := MinP(n, m), min(familyAlpha, commonAlpha)
	switch {
	case familyAlpha > 0 && pMin > familyAlpha+alphaSlack:
		return 0, 0
	case familyAlpha > strictAlpha:
		return familyAlpha, t / 2
	case familyAlpha > 0:
		return familyAlpha, t / 4
	case pMin <= strictAlpha:
		return strictAlpha, t / 4
	case pMin <= commonAlpha+alphaSlack:
		return commonAlpha, t / 2
	}
	return 0, 0
}

// Compare compares runs of two versions of one job. base and head are natural
// logarithms of a cost (greater is worse), one value for each independent run; an
// empty side is suspect, never a pass. threshold is the relative change that fails, 0.2 = 20 %.
// familyAlpha is 0, or the level of the test in family-wise mode.
//
// It fails when the Hodges-Lehmann estimate is over the threshold and the exact
// lower bound of the shift over a margin that is a part of the threshold.
func Compare(base, head []float64, threshold, familyAlpha float64) Comparison {
	d := Differences(base, head)
	n, m := min(len(base), maxShiftSide), min(len(head), maxShiftSide)
	c := Comparison{Shift: sortedMedian(d), Lower: math.Inf(-1), Upper: math.Inf(1), Detectable: math.Inf(1)}
	c.PValue = UTest(base, head)
	c.Low, c.High = orderBounds(d, max(1, OrderK(n, m, commonAlpha)))
	// Far from balance the normal approximation has no order statistic at a level
	// that the exact p would reach: 1 run against 99 can never fail.
	alpha, margin := evidence(n, m, threshold, familyAlpha)
	if k := OrderK(n, m, alpha); k > 0 {
		c.Alpha, c.Margin = alpha, margin
		c.Lower, c.Upper = orderBounds(d, k)
		c.Detectable = math.Expm1(max(math.Log1p(threshold), math.Log1p(c.Margin)-(c.Lower-c.Shift)))
	}
	switch {
	case c.Shift <= math.Log1p(threshold):
		c.Status = StatusPass
	case c.Alpha > 0 && c.Lower > math.Log1p(c.Margin):
		c.Status = StatusFail
	default:
		c.Status = StatusSuspect
	}
	return c
}

// orderBounds returns the k-th smallest and the k-th greatest of sorted values,
// infinite where there is none.
func orderBounds(sorted []float64, k int) (low, high float64) {
	if k < 1 || k > len(sorted) {
		return math.Inf(-1), math.Inf(1)
	}
	return sorted[k-1], sorted[len(sorted)-k]
}

// HistoryLimit returns the upper limit for one new run, given the values of
// earlier runs of other jobs; all are logarithms of a cost. Without earlier runs it
// is NaN, which no run is at or under. The limit is the
// median plus the threshold, or plus a multiple of the distance from the median
// to the worst run where that is more. The multiple falls from 2.1 at 3 runs to
// 1 at 20: the fewer runs there are, the less their worst one says.
func HistoryLimit(base []float64, threshold float64) float64 {
	n := float64(len(base))
	return limit(base, threshold, max(1, 7.0/3-n/15))
}

func limit(base []float64, threshold, k float64) float64 {
	if len(base) == 0 {
		return math.NaN()
	}
	med := Median(base)
	return med + max(math.Log1p(threshold), k*(slices.Max(base)-med))
}

// strictMinRuns is the number of earlier runs that the stricter limit asks for.
const strictMinRuns = 10

// StrictLimit returns the limit for teams that fail on one run only when it is
// beyond reasonable doubt: the greater of a history limit with multiple 3 and the
// .999 prediction limit of Student's t. ok is false below 10 earlier runs.
func StrictLimit(base []float64, threshold float64) (upper float64, ok bool) {
	if len(base) < strictMinRuns {
		return math.Inf(1), false
	}
	n := float64(len(base))
	t := Mean(base) + TQuantile(0.999, n-1)*StdDev(base)*math.Sqrt(1+1/n)
	return max(limit(base, threshold, 3), t), true
}

// HeadsNeeded is how many runs of a change must all be over the history limit
// before it is failed.
const HeadsNeeded = 3

// AgainstHistory compares the runs of a change with earlier runs of other jobs.
// It passes as soon as one run is at or under the limit, and fails when 3 of 3
// are over.
func AgainstHistory(heads []float64, limit float64) Status {
	for _, h := range heads {
		if h <= limit {
			return StatusPass
		}
	}
	if len(heads) < HeadsNeeded {
		return StatusSuspect
	}
	return StatusFail
}
