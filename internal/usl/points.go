package usl

import (
	"cmp"
	"fmt"
	"slices"

	"speedgate/internal/stats"
)

// Point is a throughput that was measured at a size.
type Point struct {
	N          float64 // instances, workers, cores, users: whatever was made larger; above 0
	Throughput float64 // requests a second, or any other rate; above 0
}

// What lies outside is no size and no throughput, and its squares leave the range of
// a float64.
const leastValue, greatestValue = 1e-15, 1e15

// check says what is wrong with points, "" if nothing.
func check(points []Point) string {
	isSound := func(v float64) bool { return v >= leastValue && v <= greatestValue } // NaN is not
	for _, p := range points {
		if !isSound(p.N) || !isSound(p.Throughput) {
			return fmt.Sprintf("a throughput of %g at %g; both must be finite numbers above 0", p.Throughput, p.N)
		}
	}
	return ""
}

// medians returns one point for each N, smallest first: the median of what was
// measured there.
func medians(points []Point) []Point {
	sorted := slices.SortedFunc(slices.Values(points), func(a, b Point) int { return cmp.Compare(a.N, b.N) })
	var list []Point
	for start := 0; start < len(sorted); {
		end := start
		var at []float64
		for end < len(sorted) && sorted[end].N == sorted[start].N {
			at = append(at, sorted[end].Throughput)
			end++
		}
		list = append(list, Point{sorted[start].N, stats.Median(at)})
		start = end
	}
	return list
}

// Efficiency is how much of linear growth was reached at one size.
type Efficiency struct {
	Point         // what was measured; the median where it was measured more than once
	Ideal float64 // throughput at N if it grew linearly from the smallest N on
	Share float64 // Throughput / Ideal: 0.8 = 80 %; 1 at the smallest N
}

// EfficiencyOf compares the throughput at each N with that at the smallest, times as
// often as N is larger. reason says why it cannot, "" if it can.
func EfficiencyOf(points []Point) (list []Efficiency, reason string) {
	if reason = check(points); reason != "" {
		return nil, reason
	}
	sizes := medians(points)
	if len(sizes) < 2 {
		return nil, measuredText(len(sizes)) + "; it takes 2"
	}
	first := sizes[0]
	for _, p := range sizes {
		ideal := first.Throughput * (p.N / first.N)
		list = append(list, Efficiency{Point: p, Ideal: ideal, Share: p.Throughput / ideal})
	}
	return list, ""
}

func measuredText(sizes int) string {
	if sizes == 1 {
		return "1 size was measured"
	}
	return fmt.Sprintf("%d different sizes were measured", sizes)
}
