package jsonmap

import (
	"slices"
	"strings"

	"speedgate/perf"
)

// traits are what is asked about a name for every value that has it. They follow from
// its words, statistics and unit.
type traits struct {
	role          role
	isFiller      bool // nothing but "total" or "count": what is counted says the key around it
	isTotals      bool // "summary": it holds counts of what stands beside it
	isGroup       bool // it holds the statistics or the parts of one metric
	isSubject     bool // below the name of a metric, it may be what was measured
	isNumberValue bool // the key of a number only says that the value stands there
	isListValue   bool // and that of an array of numbers
	isSetting     bool // its last word says that no result is below
	isLimit       bool // one of its words says so
	isHistory     bool // it holds snapshots
	isSpan        bool // it may be how long the whole test took
	isLoad        bool // what stands beside it is a load test
	percentiles   bool // plain numbers below are percentiles
	barePercent   bool // a plain number, which there is a percentile
	// companion is the same for all statistics of one thing.
	companion string
}

// settle finds the traits.
func (n *name) settle() {
	n.some, n.every = classesOf(n.base)
	n.traits = traits{
		role: n.findRole(), isFiller: n.isPlain() && n.only(fillerWords), isTotals: n.isPlain() && n.only(totalsWords),
		isGroup: n.groups(), isSubject: n.names(), isNumberValue: n.isValue(valueWords), isListValue: n.isValue(sampleWords),
		isSetting: !n.bare() && (settingWords.has(n.last()) || limitWords.has(n.last())), isLimit: n.has(limitWords),
		isHistory:   len(n.base) == 1 && (n.base[0] == "history" || n.base[0] == "snapshots"),
		isSpan:      len(n.stats) == 0 && slices.Contains(n.base, "duration") && n.only(spanWords),
		isLoad:      n.has(loadWords),
		percentiles: n.has(percentileWords), barePercent: startsPercentile(n.text) && barePercentile.MatchString(n.text),
	}
	if len(n.stats) > 0 && !n.isLatency() {
		n.companion = strings.Join(n.base, " ")
	}
}

// isPlain reports whether the key is made of words alone, without statistic or unit.
func (n *name) isPlain() bool { return !n.bare() && len(n.stats) == 0 && n.unit == "" && !n.spread }

func (n *name) last() string { return n.base[len(n.base)-1] }

// groups reports whether the key holds the statistics or the parts of one metric.
func (n *name) groups() bool {
	if n.bare() {
		return n.unit != "" || len(n.stats) > 0
	}
	return n.has(groupNouns) && n.only(groupWords)
}

// names reports whether a key below the name of a metric may be what was measured,
// such as a route: it says nothing about a metric itself.
func (n *name) names() bool {
	return n.isPlain() && !n.measures() && !n.has(notTimes) && !n.has(partWords)
}

// isValue reports whether a key only says that its value stands here, in one of the
// words or in a unit of time, size or share. A rate is a metric by itself: rps,
// ns_per_op.
func (n *name) isValue(words class) bool {
	switch {
	case len(n.stats) > 0 || n.spread || strings.Contains(string(n.unit), "/"):
		return false
	case !n.bare():
		return len(n.base) == 1 && n.unit == "" && n.has(words)
	}
	switch n.unit.Dimension() {
	case perf.DimensionTime, perf.DimensionSize, perf.DimensionRatio:
		return true
	}
	return false
}

// role is what a key says about the requests behind figures.
type role uint8

const (
	noRole           role = iota
	roleRequests          // how many were made
	roleFailures          // how many of them failed
	roleRefusals          // how many were answered with a failure, which are none of roleFailures
	roleSuccesses         // how many of them did not fail
	roleCompleted         // how many were completed, whether they failed or not
	roleSize              // how many measurements statistics are made of
	roleFailureShare      // the share of those that failed
	roleSuccessShare      // the share of those that did not
)

// refusals are the spellings of answers whose status is a failure.
var refusals = []string{"non 2xx", "non2xx", "non 2xx responses"}

func (n *name) findRole() role {
	switch {
	case len(n.base) == 1 && n.isPlain() && n.base[0] == "completed":
		return roleCompleted
	case !n.has(countWords):
		return noRole
	}
	if n.has(goodShares) || n.has(errorWords) {
		if r := n.shareRole(); r != noRole {
			return r
		}
	}
	if !n.isPlain() {
		return noRole
	}
	phrase := ""
	if len(n.base) <= 3 {
		phrase = strings.Join(n.base, " ")
	}
	requests, failures, successes, rest := n.nouns()
	switch {
	case slices.Contains(refusals, phrase):
		return roleRefusals
	case sizeWords.has(phrase):
		return roleSize
	case rest > 0 || failures+successes > 1:
		return noRole
	case failures == 1:
		return roleFailures
	case successes == 1:
		return roleSuccesses
	case requests == 1 && (requestNouns.has(n.last()) || n.has(requestNouns) || n.has(fillerWords)):
		return roleRequests
	}
	return noRole
}

// nouns counts what is counted and the words that say something else. "error count" and
// "failed request" are in the singular.
func (n *name) nouns() (requests, failures, successes, rest int) {
	isCount := len(n.base) > 1
	for _, w := range n.base {
		switch {
		case failureNouns.has(w) || isCount && (w == "error" || w == "failure"):
			failures++
		case successNouns.has(w):
			successes++
		case requestWords.has(w):
			requests++
		case !fillerWords.has(w):
			rest++
		}
	}
	return requests, failures, successes, rest
}

// shareRole is the role of an error rate or a success rate.
func (n *name) shareRole() role {
	if n.stat() != "" && n.stat() != "avg" || n.unit != "" && n.unit.Dimension() != perf.DimensionRatio {
		return noRole
	}
	if metricName(n, n.unit) == perf.ErrorRate {
		return roleFailureShare
	}
	isShare := n.has(shareWords) || n.unit != "" || slices.Contains(n.base, "availability")
	isOther := func(w string) bool { return !shareWords.has(w) && !requestWords.has(w) && !fillerWords.has(w) }
	words := slices.DeleteFunc(slices.Clone(n.base), func(w string) bool { return !isOther(w) })
	if isShare && len(words) == 1 && (successNouns.has(words[0]) || words[0] == "availability") {
		return roleSuccessShare
	}
	return noRole
}
