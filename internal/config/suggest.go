package config

import (
	"strings"

	"speedgate/internal/suggest"
)

// maxKnown is how many words are compared and listed: more are a file's own names,
// and nobody reads a longer list.
const maxKnown = 50

// hint helps with a word that is not one of known: the nearest one, or all of them.
func hint(word string, known []string) string {
	if len(known) == 0 || len(known) > maxKnown {
		return ""
	}
	if near := suggest.DidYouMean(word, known); near != "" {
		return near
	}
	return "; known are " + strings.Join(known, ", ")
}
