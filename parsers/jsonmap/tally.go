package jsonmap

import (
	"math"
	"slices"
	"strings"

	"speedgate/internal/jsontree"
)

// tally is what the members of an object say about requests.
type tally struct {
	requests, failed, refused, succeeded, completed count
	share                                           share
}

// share is a share of requests that failed, unknown if at is nil.
type share struct {
	of float64 // 0 to 1
	at *jsontree.Node
}

// note adds what one member says.
func (t *tally) note(n *name, v *jsontree.Node, words *lexicon) {
	switch n.role {
	case roleRequests:
		t.requests = t.requests.or(countOf(v))
		t.noteGroup(v, words)
	case roleFailures:
		t.noteFailures(n, v, words)
	case roleCompleted:
		t.completed = t.completed.or(countOf(v))
	case roleRefusals:
		t.refused = t.refused.or(countOf(v))
	case roleSuccesses:
		t.succeeded = t.succeeded.or(countOf(v))
	case roleFailureShare, roleSuccessShare:
		t.noteShare(n, v)
	}
}

// noteFailures adds a number of failures, or the share of them under the name that k6
// gives it. An object of timeouts is a setting.
func (t *tally) noteFailures(n *name, v *jsontree.Node, words *lexicon) {
	isObject := v.Kind == jsontree.Object
	if isObject && slices.Contains(n.base, "timeouts") {
		return
	}
	if strings.Join(n.base, " ") == k6Failed {
		node := v
		if isObject {
			node = v.Get("rate")
			if node == nil {
				node = v.Get("value")
			}
		}
		if of, ok := ratio(node); ok {
			t.share = t.share.worse(share{of, node})
			return
		}
	}
	t.failed = t.failed.worse(failuresOf(v, words))
}

// k6Failed is the metric in which k6 keeps the share of requests that failed.
const k6Failed = "http req failed"

// ratio reads a number from 0 to 1.
func ratio(node *jsontree.Node) (of float64, ok bool) {
	if node == nil || node.Kind != jsontree.Number {
		return 0, false
	}
	of, err := node.Float()
	return of, err == nil && of >= 0 && of <= 1
}

// noteGroup adds the members of {"requests": {"total": 100, "failed": 2}}.
func (t *tally) noteGroup(group *jsontree.Node, words *lexicon) {
	for i := range group.Members() {
		m := &group.Members()[i]
		n := words.name(m.Name)
		switch c := countOf(&m.Value); {
		case n.isFiller:
			t.requests = t.requests.or(c)
		case n.role == roleFailures:
			t.failed = t.failed.worse(c)
		case n.role == roleSuccesses:
			t.succeeded = t.succeeded.or(c)
		}
	}
}

// failuresOf is a count of failures, or the sum of an object of them by their kind.
func failuresOf(v *jsontree.Node, words *lexicon) count {
	if v.Kind != jsontree.Object {
		return countOf(v)
	}
	sum := count{at: v}
	for i := range v.Members() {
		m := &v.Members()[i]
		c := countOf(&m.Value)
		switch {
		case c.at == nil:
			return count{}
		case words.name(m.Name).isFiller:
			return c
		}
		sum.n += c.n
	}
	return sum
}

// noteShare adds an error rate or a success rate. Without a unit, an error rate may be
// a share or a percentage; only 100 is all of them either way. A success rate is a share
// up to 1: nobody measures one percent of success.
func (t *tally) noteShare(n *name, node *jsontree.Node) {
	v, ok, err := readValue(node)
	if !ok || err != nil || v.missing || v.number < 0 {
		return
	}
	unit := v.unit
	if unit == "" {
		unit = n.unit
	}
	of, ok := unit.Convert(v.number, "ratio")
	switch {
	case ok:
	case unit != "" || n.role == roleFailureShare && v.number < 100 || n.role == roleSuccessShare && v.number > 100:
		return
	case n.role == roleFailureShare:
		of = 1
	case v.number > 1:
		of = v.number / 100
	default:
		of = v.number
	}
	of = min(of, 1)
	if n.role == roleSuccessShare {
		of = math.Round((1-of)*shareDigits) / shareDigits
	}
	t.share = t.share.worse(share{of, node})
}

// shareDigits is what the complement of a share is rounded to: 1 - 0.998 is not 0.002
// in binary fractions.
const shareDigits = 1e12

// worse is the greater of two shares.
func (s share) worse(other share) share {
	if s.at == nil || other.at != nil && other.of > s.of {
		return other
	}
	return s
}

func (c count) or(other count) count {
	if c.at == nil {
		return other
	}
	return c
}

// worse is the greater of two counts of failures that may overlap.
func (c count) worse(other count) count {
	if c.at == nil || other.at != nil && other.n > c.n {
		return other
	}
	return c
}

// of is the part of a count that is not 0.
func (c count) of(all count) float64 { return float64(c.n) / float64(all.n) }

// made is how many requests were made. Those that were completed are all of them where
// failures are counted beside them, and none is none.
func (t *tally) made() count {
	switch {
	case t.requests.at != nil:
		return t.requests
	case t.failed.at != nil && t.succeeded.at != nil:
		return count{t.failed.n + t.succeeded.n, t.failed.at}
	case t.completed.at != nil && (t.completed.n == 0 || t.failed.at != nil):
		return t.completed
	}
	return count{}
}

// failures is how many of them failed. Retries can make that more than were made.
func (t *tally) failures() count {
	made, bad := t.made(), t.failed.or(t.refused)
	switch {
	case made.at == nil:
		return count{}
	case t.failed.at != nil && t.refused.at != nil:
		return count{min(t.failed.n+t.refused.n, made.n), bad.at}
	case bad.at != nil:
		return count{min(bad.n, made.n), bad.at}
	case t.succeeded.at != nil:
		return count{max(made.n-t.succeeded.n, 0), t.succeeded.at}
	}
	return count{}
}

// reads reports whether the tally is made of a value.
func (t *tally) reads(s spot) bool {
	for _, c := range [...]count{t.requests, t.failed, t.refused, t.succeeded, t.completed, {at: t.share.at}} {
		if c.at != nil && (c.at == s.node || s.up != nil && c.at == s.up.node) {
			return true
		}
	}
	return false
}
