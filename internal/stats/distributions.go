package stats

import "math"

// TQuantile returns the p quantile of Student's t distribution with df degrees of
// freedom, 1/2 <= p < 1 and df > 0; NaN for other arguments. It is found by
// bisection on the distribution function, right to ten digits for p of .51 to
// .999.
func TQuantile(p, df float64) float64 {
	// Negated, so that NaN is refused too.
	if !(p >= 0.5 && p < 1 && df > 0) {
		return math.NaN()
	}
	low, high := 0.0, 1.0
	for tCDF(high, df) < p {
		high *= 2
	}
	for high-low > 1e-12*high {
		mid := (low + high) / 2
		if tCDF(mid, df) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// tCDF returns P(T <= t) for t >= 0.
func tCDF(t, df float64) float64 {
	return 1 - incompleteBeta(df/(df+t*t), df/2, 0.5)/2
}

// incompleteBeta returns the regularised incomplete beta function I_x(a, b) by
// the continued fraction of DLMF 8.17.22, evaluated by the modified Lentz method.
func incompleteBeta(x, a, b float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	if x > (a+1)/(a+b+2) {
		return 1 - incompleteBeta(1-x, b, a) // the fraction converges fast on this side only
	}
	lab, _ := math.Lgamma(a + b)
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	return front * betaFraction(x, a, b)
}

func betaFraction(x, a, b float64) float64 {
	const tiny, eps, steps = 1e-300, 1e-15, 300
	c, d := 1.0, 1/nonZero(1-(a+b)*x/(a+1), tiny)
	h := d
	for i := 1; i <= steps; i++ {
		m := float64(i)
		for _, num := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d = 1 / nonZero(1+num*d, tiny)
			c = nonZero(1+num/c, tiny)
			h *= c * d
		}
		if math.Abs(c*d-1) < eps {
			break
		}
	}
	return h
}

func nonZero(x, tiny float64) float64 {
	if x == 0 {
		return tiny
	}
	return x
}

// maxExactCount is the number of requests up to which Fisher's test is computed
// exactly. Beyond, the terms' factorials leave too few digits to their quotient,
// and with hits enough to matter the normal approximation is right to all that are
// printed.
const maxExactCount = 1 << 30

// Proportions returns the one-sided p-value of Fisher's exact test for the second
// of two proportions being greater: aHits of aTotal against bHits of bTotal; beyond
// a billion in total that of the normal approximation. It is 1 where there is
// nothing to test: a total of 0, and counts that are no proportion, negative or
// with more hits than the total.
func Proportions(aHits, aTotal, bHits, bTotal int64) float64 {
	if !isProportion(aHits, aTotal) || !isProportion(bHits, bTotal) {
		return 1
	}
	if aTotal > maxExactCount-bTotal {
		return proportionsNormal(float64(aHits), float64(aTotal), float64(bHits), float64(bTotal))
	}
	if bHits*aTotal > aHits*bTotal {
		return min(1, hypergeometricTail(aHits, aTotal, bHits, bTotal))
	}
	if bHits == 0 {
		return 1
	}
	// Not even more than expected: the other tail is the short one.
	return 1 - hypergeometricTail(bHits-1, bTotal, aHits+1, aTotal)
}

func isProportion(hits, total int64) bool { return hits >= 0 && hits <= total && total > 0 }

// hypergeometricTail returns the probability that at least bHits of all hits fall
// on the second side, which must be more than expected there: the terms fall from
// the first one, and the sum ends where they no longer count.
func hypergeometricTail(aHits, aTotal, bHits, bTotal int64) float64 {
	hits := aHits + bHits
	term := math.Exp(logChoose(bTotal, bHits) + logChoose(aTotal, aHits) - logChoose(aTotal+bTotal, hits))
	p := 0.0
	for k := bHits; k <= min(hits, bTotal) && term > p*1e-17; k++ {
		p += term
		term *= float64(bTotal-k) / float64(k+1) * float64(hits-k) / float64(aTotal-hits+k+1)
	}
	return p
}

// proportionsNormal is [Proportions] by the normal approximation, with correction
// for continuity.
func proportionsNormal(aHits, aTotal, bHits, bTotal float64) float64 {
	hits, total := aHits+bHits, aTotal+bTotal
	mean := hits * (bTotal / total)
	variance := mean * (aTotal / total) * ((total - hits) / (total - 1))
	if variance <= 0 {
		return 1
	}
	return NormalTail((bHits - mean - 0.5) / math.Sqrt(variance))
}

// logChoose returns the logarithm of n over k, n and k >= 0.
func logChoose(n, k int64) float64 {
	if k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
