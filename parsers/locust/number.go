package locust

import (
	"math"
	"math/bits"
	"strconv"
)

// parseCount reads a number of requests: digits, and few enough of them that
// sums of several stay in range.
func parseCount(s string) (n int64, ok bool) {
	if s == "" || len(s) > 15 {
		return 0, false
	}
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return n, true
}

// parseNumber reads a decimal number that is finite and not negative, as
// strconv would.
func parseNumber(s string) (float64, bool) {
	if digits, places, ok := parseDecimal(s); ok {
		return quotient(digits, places), true
	}
	if s == "" || s[0] == '-' {
		return 0, false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			return 0, false // also what only strconv takes: NaN, hexadecimal, underscores
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// powers are the powers of ten that a uint64 holds.
var powers = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// parseDecimal reads "123" and "123.45" of up to 19 digits, all that Locust
// prints but very small and very large numbers: the digits without the point,
// and how many stand behind it.
func parseDecimal(s string) (digits uint64, places int, ok bool) {
	if len(s) > len(powers) {
		return 0, 0, false
	}
	point := -1
	for i := range len(s) {
		d := s[i] - '0'
		switch {
		case d <= 9:
			digits = digits*10 + uint64(d)
		case s[i] == '.' && point < 0:
			point = i
		default:
			return 0, 0, false
		}
	}
	if point < 0 {
		return digits, 0, 0 < len(s) && len(s) < len(powers)
	}
	return digits, len(s) - point - 1, len(s) > 1
}

// exactDigits is up to where every whole number is a float64.
const exactDigits = 1 << 53

// quotient returns the float64 nearest to digits / 10^places, for up to 19
// places. Python prints 16 or 17 digits where strconv needs twice the time.
func quotient(digits uint64, places int) float64 {
	power := powers[places]
	if digits <= exactDigits {
		return float64(digits) / float64(power) // both are exact, so that only the division rounds
	}
	// A quotient of 63 or 64 bits, whose last bit is set if anything is left over,
	// is rounded to the 53 bits of a float64 as the exact one would be.
	n, d := bits.LeadingZeros64(digits), bits.LeadingZeros64(power)
	hi := digits << n
	q, rest := bits.Div64(hi>>1, hi<<63, power<<d)
	if rest != 0 {
		q |= 1
	}
	return math.Ldexp(float64(q), d-n-63)
}
