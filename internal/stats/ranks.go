package stats

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// maxExact is the number of values a side up to which the null distribution of U
// is computed exactly. At 50 against 50 its table has 2,501 entries; the normal
// approximation is right to three digits well before.
const maxExact = 50

// UCDF returns the null distribution of the Mann-Whitney statistic U for n
// against m values without ties: element u is P(U <= u), u = 0 … n·m. n and m
// must be positive. The result is shared and must not be changed.
//
// The counts are the coefficients of the Gaussian binomial [n+m choose m] =
// Π (1-q^(n+i))/(1-q^i), i = 1 … m, built factor by factor. They are symmetric, so
// the upper half is the mirrored lower one: computed like it, its rounding made P
// fall in places and end above 1.
func UCDF(n, m int) []float64 {
	if cdf, ok := uCDFs.Load([2]int{n, m}); ok {
		return cdf.([]float64)
	}
	f := make([]float64, n*m+1)
	half := n * m / 2
	f[0] = 1
	for i := 1; i <= m; i++ {
		for k := half; k >= n+i; k-- {
			f[k] -= f[k-n-i]
		}
		for k := i; k <= half; k++ {
			f[k] += f[k-i]
		}
	}
	for u := half + 1; u < len(f); u++ {
		f[u] = f[n*m-u]
	}
	for u := 1; u < len(f); u++ {
		f[u] += f[u-1]
	}
	total := f[n*m]
	for u := range f {
		f[u] /= total
	}
	uCDFs.Store([2]int{n, m}, f)
	return f
}

// uCDFs remembers distributions by their sizes: a gate compares thousands of
// metrics with the same two.
var uCDFs sync.Map

// binomial returns n over k, exact as long as float64 is.
func binomial(n, k int) float64 {
	b := 1.0
	for i := 1; i <= k; i++ {
		b = b * float64(n-k+i) / float64(i)
	}
	return math.Round(b)
}

// MinP returns the smallest one-sided p-value that n runs against m can give,
// 1/C(n+m, n).
func MinP(n, m int) float64 { return 1 / binomial(n+m, n) }

// alphaSlack keeps an exact tie of p and alpha, such as 1/20 against .05, from
// being lost to rounding.
const alphaSlack = 1e-12

// OrderK returns the largest k for which P(U <= k-1) <= alpha, 0 if there is
// none; 0 < alpha < 1. The k-th smallest difference between the sides is then a lower bound of
// the shift at confidence 1-alpha.
func OrderK(n, m int, alpha float64) int {
	if n > maxExact || m > maxExact {
		return orderKNormal(n, m, alpha)
	}
	cdf := UCDF(n, m)
	// The first u whose P(U <= u) is over alpha is k: U <= k-1 is not.
	k, _ := slices.BinarySearchFunc(cdf, alpha+alphaSlack, func(p, alpha float64) int {
		if p <= alpha {
			return -1
		}
		return 1
	})
	return k
}

func orderKNormal(n, m int, alpha float64) int {
	mean := float64(n*m) / 2
	sd := math.Sqrt(float64(n*m) * float64(n+m+1) / 12)
	z := math.Sqrt2 * math.Erfinv(1-2*alpha)
	// Continuity: P(U <= k-1) is the normal's at k-1/2.
	return max(0, int(math.Floor(mean-z*sd+0.5)))
}

// UTest returns the one-sided p-value of the Mann-Whitney test for the values of
// head being greater than those of base. It is exact for up to 50 values a side
// without ties; with ties, or beyond, it is the normal approximation with
// correction for ties and continuity. An empty side gives 1. NaN ranks below
// every number.
func UTest(base, head []float64) float64 {
	n, m := len(base), len(head)
	if n == 0 || m == 0 {
		return 1
	}
	u, ties := uStatistic(base, head)
	if ties == 0 && n <= maxExact && m <= maxExact {
		return UCDF(n, m)[int(u)]
	}
	total := float64(n + m)
	variance := float64(n*m) / 12 * (total + 1 - ties/(total*(total-1)))
	if variance <= 0 {
		return 1
	}
	return NormalTail((float64(n*m)/2 - u - 0.5) / math.Sqrt(variance))
}

// uStatistic counts the pairs in which base exceeds head, a tied pair as one
// half, and sums t³-t over the groups of ties.
func uStatistic(base, head []float64) (u, ties float64) {
	b, h := slices.Sorted(slices.Values(base)), slices.Sorted(slices.Values(head))
	below := 0 // values of h already passed
	for i, j := 0, 0; i < len(b) || j < len(h); {
		v := nextValue(b, i, h, j)
		inBase, inHead := run(b, i, v), run(h, j, v)
		u += float64(inBase)*float64(below) + float64(inBase)*float64(inHead)/2
		t := float64(inBase + inHead)
		ties += t*t*t - t
		below += inHead
		i, j = i+inBase, j+inHead
	}
	return u, ties
}

// nextValue returns the lesser of b[i] and h[j], of which one may be past its end.
func nextValue(b []float64, i int, h []float64, j int) float64 {
	if j == len(h) || i < len(b) && cmp.Compare(b[i], h[j]) <= 0 {
		return b[i]
	}
	return h[j]
}

// run counts how often v stands in sorted from i on. NaN equals itself here and is
// less than any number, as sorting has it.
func run(sorted []float64, i int, v float64) int {
	n := 0
	for i+n < len(sorted) && cmp.Compare(sorted[i+n], v) == 0 {
		n++
	}
	return n
}

// midRanks returns the rank of each value, from 1, ties sharing the mean of
// theirs, and the sum of t³-t over the groups of t ties.
func midRanks(xs []float64) (ranks []float64, ties float64) {
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	// By cmp.Compare NaN equals itself; by == a group of NaN would have no members
	// and the loop no end.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(xs[a], xs[b]) })
	ranks = make([]float64, len(xs))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && cmp.Compare(xs[order[j]], xs[order[i]]) == 0 {
			j++
		}
		for _, o := range order[i:j] {
			ranks[o] = float64(i+j+1) / 2
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	return ranks, ties
}

// NormalTail returns P(Z > z) of the standard normal distribution.
func NormalTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// maxShiftSide bounds the values a side that go into the differences of
// [Differences]: 500 a side are 250,000 differences, sorted in some 20 ms.
const maxShiftSide = 500

// Differences returns all head[j]-base[i], sorted. A side of more than 500 values
// is first thinned to 500 evenly spaced order statistics, which keeps its
// distribution.
func Differences(base, head []float64) []float64 {
	b, h := slices.Clone(thin(base)), slices.Clone(thin(head))
	slices.Sort(b)
	slices.Reverse(b)
	slices.Sort(h)
	d := make([]float64, 0, len(b)*len(h))
	for _, y := range h {
		for _, x := range b {
			d = append(d, y-x)
		}
	}
	return mergeRuns(d, len(b))
}

// mergeRuns sorts d, which is made of ascending runs of one width. It takes a
// third of the time of sorting them afresh, which is most of a comparison.
func mergeRuns(d []float64, width int) []float64 {
	if width == 0 {
		return d
	}
	to := make([]float64, len(d))
	for ; width < len(d); width *= 2 {
		for low := 0; low < len(d); low += 2 * width {
			mid, high := min(low+width, len(d)), min(low+2*width, len(d))
			merge(to[low:high], d[low:mid], d[mid:high])
		}
		d, to = to, d
	}
	return d
}

func merge(to, a, b []float64) {
	for k := range to {
		if len(b) == 0 || len(a) > 0 && a[0] <= b[0] {
			to[k], a = a[0], a[1:]
			continue
		}
		to[k], b = b[0], b[1:]
	}
}

func thin(xs []float64) []float64 {
	if len(xs) <= maxShiftSide {
		return xs
	}
	sorted := slices.Sorted(slices.Values(xs))
	out := make([]float64, maxShiftSide)
	for i := range out {
		out[i] = sorted[i*(len(sorted)-1)/(maxShiftSide-1)]
	}
	return out
}

// sortedMedian returns the median of sorted values; NaN if there are none.
func sortedMedian(sorted []float64) float64 {
	n := len(sorted)
	switch {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// HodgesLehmann returns the median of all differences head[j]-base[i], the
// estimate of how far head is shifted; NaN if a side is empty.
func HodgesLehmann(base, head []float64) float64 { return sortedMedian(Differences(base, head)) }
