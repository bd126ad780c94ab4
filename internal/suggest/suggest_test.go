package suggest

import (
	"strings"
	"testing"
)

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	known := []string{"threshold", "baseline", "rule", "on"}
	for word, want := range map[string]string{
		"treshold":                  `; did you mean "threshold"?`,
		"threshodl":                 `; did you mean "threshold"?`,
		"baselines":                 `; did you mean "baseline"?`,
		"rul":                       `; did you mean "rule"?`,
		"ab":                        "",
		"widgets":                   "",
		"":                          "",
		strings.Repeat("x", 10_000): "",
	} {
		if got := DidYouMean(word, known); got != want {
			t.Errorf("DidYouMean(%.20q) = %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"kitten", "sitting", 3},
		{"ab", "ba", 1},
		{"threshold", "thresold", 1},
		{"ca", "abc", 3},
		{strings.Repeat("x", 65), "x", maxWord},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestOr(t *testing.T) {
	t.Parallel()
	for want, words := range map[string][]string{
		"": nil, "fail": {"fail"}, "fail or pass": {"fail", "pass"}, "fail, warn or pass": {"fail", "warn", "pass"},
	} {
		if got := Or(words); got != want {
			t.Errorf("Or(%q) = %q, want %q", words, got, want)
		}
	}
}
