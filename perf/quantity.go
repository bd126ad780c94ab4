package perf

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Quantity is a number with a unit, as people write it in a config: 100ms,
// 1000/s, 99.9%, 512MiB.
type Quantity struct {
	Value float64
	Unit  Unit
}

// ParseQuantity reads a quantity. Number and unit may be separated by blanks;
// the unit may be absent but must be a known one. NaN and infinities are refused.
func ParseQuantity(text string) (Quantity, error) {
	s := strings.TrimSpace(text)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || strings.IndexByte("+-._", s[end]) >= 0 || isExponent(s, end)) {
		end++
	}
	v, ok := parsePlainFloat(s[:end])
	if !ok {
		return Quantity{}, fmt.Errorf("%q is not a number with a unit; write for example 100ms, 1000/s or 5%%", text)
	}
	u := Unit(strings.TrimSpace(s[end:]))
	if !u.Known() {
		return Quantity{}, fmt.Errorf("%q has the unknown unit %q", text, u)
	}
	return Quantity{v, u}, nil
}

// isExponent reports whether s[i] is the e of 1e6: digits stand on both sides.
func isExponent(s string, i int) bool {
	return (s[i] == 'e' || s[i] == 'E') && i > 0 && i+1 < len(s) && strings.IndexByte("+-0123456789", s[i+1]) >= 0
}

// In returns the quantity in the unit to. A plain number takes any unit. ok is
// false when the dimensions differ.
func (q Quantity) In(to Unit) (value float64, ok bool) {
	if q.Unit == "" {
		return q.Value, true
	}
	return q.Unit.Convert(q.Value, to)
}

// String returns the quantity as it is written in a config: without a blank, but
// for a unit that begins with a digit, as 5 1/s would be read back as 51/s.
func (q Quantity) String() string {
	s := strconv.FormatFloat(q.Value, 'g', -1, 64)
	if q.Unit != "" && q.Unit[0] >= '0' && q.Unit[0] <= '9' {
		s += " "
	}
	return s + string(q.Unit)
}

// parsePlainFloat reads a decimal number, and neither NaN, infinities nor
// hexadecimal, which strconv takes too.
func parsePlainFloat(s string) (float64, bool) {
	if s == "" || strings.ContainsAny(s, "xXnNiI_pP") {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}
