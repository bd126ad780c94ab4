package usl

import "math"

// terms is how many numbers are fitted.
const terms = 3

// solution is a least-squares solution in which no number is negative.
type solution struct {
	c    [terms]float64
	free [terms]bool           // those that were not kept at 0
	cov  [terms][terms]float64 // covariances of c, in units of the residuals' variance
}

// leastSquares solves throughput/n · (c0 + c1 (n-1) + c2 n (n-1)) = 1 over all points.
// With three numbers of which two may be held at 0, all four cases are tried; the best
// of those that leave the others positive is the solution. ok is false where none
// does, or the sizes do not tell the three apart.
func leastSquares(points []Point, unit float64) (best solution, ok bool) {
	least := math.Inf(1)
	for _, free := range [][terms]bool{{true, true, true}, {true, true, false}, {true, false, true}, {true, false, false}} {
		s, squares, isUnique := solve(points, unit, free)
		if !isUnique {
			return solution{}, false // of all three, which are tried first
		}
		if s.isPossible() && squares < least {
			best, least, ok = s, squares, true
		}
	}
	return best, ok
}

// isPossible reports whether no number is negative.
func (s *solution) isPossible() bool { return s.c[0] > 0 && s.c[1] >= 0 && s.c[2] >= 0 }

// solve solves for the free numbers, whatever their signs, and returns the sum of the
// squares that are left.
//
// It makes the columns orthogonal one by one (modified Gram-Schmidt), which loses half
// the digits that the normal equations would: with sizes in megabytes the columns are
// nearly parallel.
func solve(points []Point, unit float64, free [terms]bool) (s solution, squares float64, isUnique bool) {
	s.free = free
	var q [terms][]float64
	var r [terms][terms]float64 // column j of the problem = Σ q[i] r[i][j]
	var y [terms]float64        // q[i] · the right-hand side
	rest := make([]float64, len(points))
	for i := range rest {
		rest[i] = 1
	}
	for j := range terms {
		if !free[j] {
			continue
		}
		q[j] = column(points, unit, j)
		before := norm(q[j])
		for i := range j {
			if free[i] {
				r[i][j] = dot(q[i], q[j])
				subtract(q[j], r[i][j], q[i])
			}
		}
		r[j][j] = norm(q[j])
		if !(r[j][j] > minIndependent*before) {
			return s, 0, false
		}
		for i := range q[j] {
			q[j][i] /= r[j][j]
		}
		y[j] = dot(q[j], rest)
		subtract(rest, y[j], q[j])
	}
	s.substitute(r, y)
	return s, dot(rest, rest), true
}

// minIndependent is how much of a column must be its own. Below it, rounding decides.
const minIndependent = 1e-9

// substitute solves r c = y from the last number to the first, and (rᵀr)⁻¹ = w wᵀ, w
// being the inverse of r.
func (s *solution) substitute(r [terms][terms]float64, y [terms]float64) {
	var w [terms][terms]float64
	for j := terms - 1; j >= 0; j-- {
		if !s.free[j] {
			continue
		}
		s.c[j] = y[j]
		w[j][j] = 1
		for k := j + 1; k < terms; k++ {
			s.c[j] -= r[j][k] * s.c[k]
			for m := k; m < terms; m++ {
				w[j][m] -= r[j][k] * w[k][m]
			}
		}
		s.c[j] /= r[j][j]
		for m := j; m < terms; m++ {
			w[j][m] /= r[j][j]
		}
	}
	for i := range terms {
		for j := range terms {
			for k := range terms {
				s.cov[i][j] += w[i][k] * w[j][k]
			}
		}
	}
}

// column returns what number j is multiplied with at each point.
func column(points []Point, unit float64, j int) []float64 {
	list := make([]float64, len(points))
	for i, p := range points {
		n := p.N / unit
		list[i] = p.Throughput / n * [terms]float64{1, n - 1, n * (n - 1)}[j]
	}
	return list
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func norm(a []float64) float64 { return math.Sqrt(dot(a, a)) }

// subtract takes f·b off a.
func subtract(a []float64, f float64, b []float64) {
	for i := range a {
		a[i] -= f * b[i]
	}
}
