package stats

import (
	"math"
	"slices"
)

const (
	// changeAlpha is the expected number of false splits a series is allowed, of
	// which most are dropped again by minStep.
	changeAlpha = 0.2
	// minSegment is the least number of runs between two change points.
	minSegment = 3
	// minStep is the relative shift below which a boundary is dropped.
	minStep = 0.05
)

// ChangePoints returns the indices at which a new level of the series begins.
// xs are logarithms, oldest first. The series is split where the tie-corrected
// rank sum is least likely under no change, recursively; then the weakest
// boundaries are dropped until the Hodges-Lehmann shift of each is at least 5 %.
func ChangePoints(xs []float64) []int {
	points := splits(xs, 0, nil)
	slices.Sort(points)
	return dropWeak(xs, points)
}

// dropWeak removes the boundary with the least shift until none is below minStep.
// A removal changes the shifts of its two neighbours only: with all of them
// computed again, a series of 10,000 runs took seconds.
func dropWeak(xs []float64, points []int) []int {
	shifts := make([]float64, len(points))
	for i := range points {
		shifts[i] = shiftAt(xs, points, i)
	}
	for len(points) > 0 {
		i := weakest(shifts)
		if shifts[i] >= math.Log1p(minStep) {
			break
		}
		points, shifts = slices.Delete(points, i, i+1), slices.Delete(shifts, i, i+1)
		for _, n := range []int{i - 1, i} {
			if n >= 0 && n < len(points) {
				shifts[n] = shiftAt(xs, points, n)
			}
		}
	}
	return points
}

// shiftAt returns how far the levels on the two sides of a boundary lie apart.
func shiftAt(xs []float64, points []int, i int) float64 {
	from, to := 0, len(xs)
	if i > 0 {
		from = points[i-1]
	}
	if i+1 < len(points) {
		to = points[i+1]
	}
	return math.Abs(HodgesLehmann(xs[from:points[i]], xs[points[i]:to]))
}

func weakest(shifts []float64) int {
	least := 0
	for i, s := range shifts {
		if s < shifts[least] {
			least = i
		}
	}
	return least
}

func splits(xs []float64, offset int, found []int) []int {
	n := len(xs)
	if n < 2*minSegment {
		return found
	}
	at, z := bestSplit(xs)
	if float64(n)*2*NormalTail(z) >= changeAlpha {
		return found
	}
	found = append(found, offset+at)
	found = splits(xs[:at], offset, found)
	return splits(xs[at:], offset+at, found)
}

// bestSplit returns the number of values before the split with the greatest
// standardised rank sum, and that sum. Splits that leave fewer than minSegment
// values on a side have none; a constant series has 0 everywhere.
func bestSplit(xs []float64) (at int, z float64) {
	ranks, ties := midRanks(xs)
	n := float64(len(xs))
	correction := 1 - ties/(n*n*n-n)
	at = minSegment
	if correction <= 0 {
		return at, 0
	}
	sum := 0.0
	for i := 1; i <= len(xs)-minSegment; i++ {
		sum += ranks[i-1]
		if i < minSegment {
			continue
		}
		k := float64(i)
		s := (math.Abs(sum-k*(n+1)/2) - 0.5) / math.Sqrt(k*(n-k)*(n+1)/12*correction)
		if s > z {
			at, z = i, s
		}
	}
	return at, z
}
