package perf

import (
	"fmt"
	"strings"
)

// Pattern matches keys: SUBJECT:METRIC, where * stands for any text, slashes
// and colons included. Without a colon it matches every metric of the subjects.
// The last colon divides, as subjects may hold colons and metric names do not.
// The zero value matches nothing.
type Pattern struct {
	text            string
	subject, metric string
}

// ParsePattern reads a pattern. It refuses an empty one, an empty subject and an
// empty metric, which would match nothing.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{text: text, subject: text, metric: "*"}
	// The colon of http://host/x divides nothing: no metric begins with slashes.
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasPrefix(text[i+1:], "//") {
		p.subject, p.metric = text[:i], text[i+1:]
	}
	if p.subject == "" || p.metric == "" {
		return Pattern{}, fmt.Errorf("%q is not a pattern; write SUBJECT:METRIC, with * for anything", text)
	}
	return p, nil
}

// String returns the pattern as it was written.
func (p Pattern) String() string { return p.text }

// Parts returns the two sides of the pattern; the metric is "*" where none was
// written.
func (p Pattern) Parts() (subject, metric string) { return p.subject, p.metric }

// MatchAll returns the pattern that matches every key.
func MatchAll() Pattern { return Pattern{"*:*", "*", "*"} }

// Match reports whether the pattern matches k. Labels do not take part.
func (p Pattern) Match(k Key) bool {
	return p.text != "" && wildcard(p.subject, k.Subject) && wildcard(p.metric, k.Metric)
}

// MatchSubject reports whether the pattern's subject part matches subject.
func (p Pattern) MatchSubject(subject string) bool {
	return p.text != "" && wildcard(p.subject, subject)
}

// wildcard matches greedily and steps back to the last star only, which is
// enough for a language of stars and keeps it linear for each star.
func wildcard(pattern, s string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark = i, j
			i++
		case i < len(pattern) && pattern[i] == s[j]:
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}
