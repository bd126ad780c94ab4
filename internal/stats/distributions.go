package stats

import "math"

// TQuantile returns the p quantile of Student's t distribution with df degrees of
// freedom, 1/2 <= p < 1 and df > 0. It is found by bisection on the distribution
// function, to a relative accuracy of 1e-12.
func TQuantile(p, df float64) float64 {
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

// Proportions returns the one-sided p-value of Fisher's exact test for the second
// of two proportions being greater: aHits of aTotal against bHits of bTotal. It
// is 1 if a total is 0. Counts must not be negative, nor hits exceed totals.
func Proportions(aHits, aTotal, bHits, bTotal int64) float64 {
	if aTotal == 0 || bTotal == 0 {
		return 1
	}
	hits, total := aHits+bHits, aTotal+bTotal
	logAll := logChoose(total, hits)
	p := 0.0
	for k := bHits; k <= min(hits, bTotal); k++ {
		term := math.Exp(logChoose(bTotal, k) + logChoose(aTotal, hits-k) - logAll)
		p += term
		if term < p*1e-16 && k > bHits {
			break // the terms fall from here on
		}
	}
	return min(p, 1)
}

func logChoose(n, k int64) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
