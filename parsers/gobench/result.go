package gobench

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"unicode"
	"unicode/utf8"
)

const prefix = "Benchmark"

// result is one result line, its text borrowed from the line.
type result struct {
	name       []byte // with the prefix and the -N suffix
	iterations int64  // 0 if the benchmark panicked
	values     []value
}

// value is one "12.3 ns/op" of a result line.
type value struct {
	v    float64
	unit []byte
	col  int32 // of the number, from 1
}

// fault says why a line is no result.
type fault struct {
	col int32
	msg string
	// sure is set when the line is a result all the same, a damaged one: it is not
	// what a benchmark happened to print.
	sure bool
}

func faultAt(col int, sure bool, format string, args ...any) *fault {
	return &fault{int32(col + 1), fmt.Sprintf(format, args...), sure}
}

// parse reads b, which begins with a benchmark's name: name, iterations, and one
// or more values with their units, in fields.
func (r *result) parse(b []byte) *fault {
	start, end := field(b, 0)
	r.name = b[start:end]
	return r.parseValues(b, end)
}

// parseValues reads the iterations and values in b[i:]. A value that is no
// measurement is reported only when the rest of the line is a result.
func (r *result) parseValues(b []byte, i int) *fault {
	start, end := field(b, i)
	iterations, ok := parseIterations(b[start:end])
	if !ok {
		return faultAt(start, false, "expected the number of iterations, not %q", clip(b[start:end]))
	}
	r.iterations, r.values = iterations, r.values[:0]
	var bad *fault
	for {
		start, end = field(b, end)
		if start == end {
			break
		}
		v, ok := parseNumber(b[start:end])
		if !ok {
			return faultAt(start, len(r.values) > 0, "expected a value, not %q", clip(b[start:end]))
		}
		if msg := notMeasured(v); msg != "" && bad == nil {
			bad = faultAt(start, true, "%q is %s", clip(b[start:end]), msg)
		}
		col := start
		if start, end = field(b, end); start == end {
			return faultAt(col, true, "the value has no unit; is the line complete?")
		}
		r.values = append(r.values, value{v, b[start:end], int32(col + 1)})
	}
	switch {
	case len(r.values) == 0:
		return faultAt(len(b), false, "expected a value behind the number of iterations")
	case iterations == 0:
		return nil // the values mean nothing then; NaN ns/op is usual
	}
	return bad
}

// notMeasured says what is wrong with the value, "" if nothing.
func notMeasured(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "not a finite number"
	case v < 0:
		return "negative"
	}
	return ""
}

// maxIterations bounds the count of one line, so that no sum of them overflows in
// a file of any size. The testing package stops at 1e9 by itself.
const maxIterations = 1 << 40

func parseIterations(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' || n > maxIterations {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(b) > 0 && n <= maxIterations
}

// parseNumber reads a decimal number, NaN or an infinity; what is too large for a
// float64 is infinite. Hexadecimal and underscores, which strconv takes too, are no
// numbers here.
func parseNumber(b []byte) (v float64, ok bool) {
	if v, ok := parseShort(b); ok {
		return v, true
	}
	if bytes.ContainsAny(b, "xXpP_") {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil || math.IsInf(v, 0)
}

// powers are the powers of ten that a float64 holds exactly, as far as needed.
var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseShort reads "123" and "123.45" of up to 15 digits. Both the digits and the
// power of ten are exact then, so that their quotient is the nearest float64, as
// strconv would give. It saves a fifth of the time of a file.
func parseShort(b []byte) (v float64, ok bool) {
	if len(b) == 0 || len(b) > len(powers) {
		return 0, false
	}
	var digits int64
	point := -1
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits = digits*10 + int64(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	if point < 0 {
		return float64(digits), len(b) < len(powers)
	}
	return float64(digits) / powers[len(b)-point-1], len(b) > 1
}

// field returns the bounds of the first field of b[i:]; they are equal if there is none.
// Fields are separated by Unicode white space, as the format says.
func field(b []byte, i int) (start, end int) {
	for i < len(b) {
		if b[i] == ' ' || b[i] == '\t' { // all there is, but for hostile input
			i++
			continue
		}
		n := space(b, i)
		if n == 0 {
			break
		}
		i += n
	}
	start = i
	for i < len(b) && (b[i] > ' ' && b[i] < utf8.RuneSelf || space(b, i) == 0) {
		i++
	}
	return start, i
}

// space returns the length of the white space character at b[i], 0 if it is none.
func space(b []byte, i int) int {
	c := b[i]
	if c < utf8.RuneSelf {
		if c < 64 {
			return int(asciiSpace >> c & 1)
		}
		return 0
	}
	return wideSpace(b[i:])
}

// asciiSpace has a bit for each white space character of ASCII.
const asciiSpace uint64 = 1<<' ' | 1<<'\t' | 1<<'\n' | 1<<'\v' | 1<<'\f' | 1<<'\r'

func wideSpace(b []byte) int {
	if r, n := utf8.DecodeRune(b); unicode.IsSpace(r) {
		return n
	}
	return 0
}

// iterationsWidth is what the testing package pads the number of iterations to.
const iterationsWidth = 8

// findValues looks for a result at the end of a line that something else was
// printed to, in the exact layout of the testing package: iterations, padded, then a
// tab in front of each value. It returns where the iterations begin.
func findValues(b []byte) (at int, ok bool) {
	end := len(b)
	for {
		tab := bytes.LastIndexByte(b[:end], '\t')
		if tab < 0 || !isValue(b[tab+1:end]) {
			break
		}
		end = tab
	}
	if end == len(b) {
		return 0, false
	}
	at = end
	for at > 0 && b[at-1] >= '0' && b[at-1] <= '9' {
		at--
	}
	padding := max(iterationsWidth-(end-at), 0)
	return at, at < end && at >= padding && len(bytes.Trim(b[at-padding:at], " ")) == 0
}

// isValue reports whether b is a number and a unit.
func isValue(b []byte) bool {
	start, end := field(b, 0)
	if _, ok := parseNumber(b[start:end]); !ok {
		return false
	}
	start, end = field(b, end)
	if start == end {
		return false
	}
	start, end = field(b, end)
	return start == end
}

// maxQuoted bounds what a message quotes of a line.
const maxQuoted = 40

func clip(b []byte) string {
	if len(b) <= maxQuoted {
		return string(b)
	}
	return string(b[:maxQuoted]) + "…"
}
