package jsonmap

import (
	"math"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// facts are what the members of an object say about each other. They are found once
// for each object: looking for them anew from each member would take the square of
// the number of members.
type facts struct {
	unit      perf.Unit       // the text of a member "unit"
	size      count           // how many measurements its statistics are made of
	sizeUsed  bool            // size is behind a value that was read
	isLoad    bool            // it holds settings of a load test: a duration in it is one too
	responses bool            // it holds averages or percentiles of response times
	averages  map[string]bool // of what else there are any, by companion
	tally
}

// count is a number of requests, unknown if at is nil.
type count struct {
	n  int64
	at *jsontree.Node
}

// facts returns the facts of an object; those of another value are empty.
func (t *trail) facts() *facts {
	if t.about != nil {
		return t.about
	}
	f := &facts{}
	t.about = f
	for i := range t.node.Members() {
		f.note(t.names[i], &t.node.Members()[i], t.words)
	}
	f.isLoad = f.isLoad || f.requests.at != nil
	return f
}

// note adds what one member says.
func (f *facts) note(n *name, m *jsontree.Member, words *lexicon) {
	f.isLoad = f.isLoad || n.isLoad
	if n.stat() != "" && !isExtreme(n.stat()) {
		f.noteAverage(n)
	}
	if m.Name == "unit" && m.Value.Kind == jsontree.String {
		f.unit = unitOf(m.Value.Text)
	}
	if n.role == roleRequests || n.role == roleSize {
		if c := countOf(&m.Value); c.at != nil && f.size.at == nil {
			f.size = c
		}
	}
	f.tally.note(n, &m.Value, words)
}

func (f *facts) noteAverage(n *name) {
	switch {
	case n.companion == "":
		f.responses = true
		return
	case f.averages == nil: // most objects hold no others
		f.averages = map[string]bool{}
	}
	f.averages[n.companion] = true
}

// hasAverage reports whether an average or a percentile of the same thing as n is there.
func (f *facts) hasAverage(n *name) bool {
	return n.companion == "" && f.responses || f.averages[n.companion]
}

// unitOf spells a unit as package perf knows it, if it does.
func unitOf(text string) perf.Unit {
	u := perf.Unit(strings.TrimSpace(text))
	if known := unitWords[strings.ToLower(string(u))]; known != "" && !u.Known() {
		return known
	}
	return u
}

// countOf reads a number, or a string that is one, as a count.
func countOf(n *jsontree.Node) count {
	if n.Kind != jsontree.Number && n.Kind != jsontree.String {
		return count{}
	}
	v, ok, err := readValue(n)
	if !ok || err != nil || v.missing || v.unit != "" || v.number < 0 || v.number != math.Trunc(v.number) || v.number > math.MaxInt32 {
		return count{}
	}
	return count{int64(v.number), n}
}
