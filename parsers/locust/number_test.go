package locust

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestParseNumber compares numbers with what strconv reads, which rounds
// correctly: edges by hand, and random digits with a point anywhere.
func TestParseNumber(t *testing.T) {
	t.Parallel()
	texts := []string{
		"0", "0.0", "7", "5.", ".5", "1e5", "1E-5", "+5", "0.1", "123.456", "00012.50",
		"9007199254740992", "9007199254740993", "900719925474099.3", "9007199254740993.0", "9007199254740995", "0.9007199254740993",
		"9999999999999999999", "999999999999999999.9", "0.9999999999999999999", ".9999999999999999999", ".0000000000000000001",
		"18446744073709551615", "18446744073709551616", "99999999999999999999", "0.46695900164195336", "26201.677167002345",
		"1.7976931348623157e308", "5e-324", "1e-400", "0.00000000000000000000000000001",
		"9007199254740992.5", "9007199254740993.5", "4503599627370496.5", "4503599627370497.5", // halfway between two
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		digits := strconv.FormatUint(r.Uint64()>>r.IntN(64), 10)
		point := r.IntN(len(digits) + 1)
		texts = append(texts, digits[:point]+"."+digits[point:])
		texts = append(texts, strconv.FormatFloat(r.ExpFloat64()*1000, 'f', -1, 64))
	}
	for _, text := range texts {
		want, err := strconv.ParseFloat(text, 64)
		if got, ok := parseNumber(text); !ok && err == nil || got != want {
			t.Fatalf("parseNumber(%q) = %v, %v; strconv reads %v", text, got, ok, want)
		}
	}
}

// TestNoNumber holds what is not a number of a load test.
func TestNoNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", ".", "-", "+", "-1", "-0", "1-", "1.2.3", "1,5", "1 ", " 1", "1_000", "0x9", "0x1p4", "NaN", "inf", "Infinity", "N/A", "None",
		"1e", "1e999", "1e309", "5:", "5/", "٣", strings.Repeat(".", 30),
	} {
		if v, ok := parseNumber(text); ok {
			t.Errorf("parseNumber(%q) = %v, want no number", text, v)
		}
		if n, ok := parseCount(text); ok {
			t.Errorf("parseCount(%q) = %d, want no number", text, n)
		}
	}
	for _, text := range []string{"1.0", "5.", "1e3", "+1", "1234567890123456"} {
		if n, ok := parseCount(text); ok {
			t.Errorf("parseCount(%q) = %d, want no count", text, n)
		}
	}
}
