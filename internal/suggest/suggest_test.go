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
