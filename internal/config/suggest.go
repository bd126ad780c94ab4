package config

import (
	"fmt"
	"strings"
)

// maxKnown is how many words are compared and listed: more are a file's own names,
// and nobody reads a longer list.
const maxKnown = 50

// hint helps with a word that is not one of known: the nearest one, or all of them.
func hint(word string, known []string) string {
	if len(known) == 0 || len(known) > maxKnown {
		return ""
	}
	if near := didYouMean(word, known); near != "" {
		return near
	}
	return "; known are " + strings.Join(known, ", ")
}

// didYouMean returns `; did you mean "x"?` for the known word nearest to word,
// "" if none is near: at most a third of its letters, or two, may be wrong.
func didYouMean(word string, known []string) string {
	best, limit := "", min(2, max(1, len(word)/3))
	for _, k := range known {
		if within(word, k, limit) {
			best, limit = k, editDistance(word, k)-1
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// within reports whether the edit distance of a and b is at most limit.
func within(a, b string, limit int) bool {
	return len(a)-len(b) <= limit && len(b)-len(a) <= limit && editDistance(a, b) <= limit
}

// maxWord is the longest word that is compared: no key is as long, and the cost
// grows with the square.
const maxWord = 64

// editDistance counts the letters to insert, delete, replace or swap with their
// neighbour to make b of a (optimal string alignment, by bytes).
func editDistance(a, b string) int {
	if len(a) > maxWord || len(b) > maxWord {
		return maxWord
	}
	var before, prev, cur [maxWord + 1]int
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			substitution := 1
			if a[i-1] == b[j-1] {
				substitution = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+substitution)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev = prev, cur
	}
	return prev[len(b)]
}
