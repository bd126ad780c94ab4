// Package suggest finds the word that somebody may have meant. It knows words
// only.
package suggest

import (
	"fmt"
	"strings"
)

// DidYouMean returns `; did you mean "x"?` for the known word [Nearest] to word, ""
// if none is near.
func DidYouMean(word string, known []string) string {
	if best := Nearest(word, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}

// Nearest returns the known word nearest to word, "" if none is near: at most a
// third of its letters, and two, may be wrong.
func Nearest(word string, known []string) string {
	best, limit := "", min(2, max(1, len(word)/3))
	for _, k := range known {
		if Within(word, k, limit) {
			best, limit = k, distance(word, k)-1
		}
	}
	return best
}

// Within reports whether at most limit letters of a must be inserted, deleted,
// replaced or swapped with their neighbour to make b of it.
func Within(a, b string, limit int) bool {
	return len(a)-len(b) <= limit && len(b)-len(a) <= limit && distance(a, b) <= limit
}

// Or joins words for a sentence: fail, warn or pass.
func Or[W ~string](words []W) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	last := len(list) - 1
	if last <= 0 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// maxWord is the longest word that is compared: no key or flag is as long, and the
// cost grows with the square.
const maxWord = 64

// distance is the optimal string alignment distance, by bytes.
func distance(a, b string) int {
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
