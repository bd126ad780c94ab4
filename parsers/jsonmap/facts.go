package jsonmap

import (
	"math"
	"slices"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// facts are what the members of an object say about each other. They are found once
// for each object: looking for them anew from each member would take the square of
// the number of members.
type facts struct {
	unit     perf.Unit       // the text of a member "unit"
	count    *jsontree.Node  // how many measurements its statistics are made of
	isLoad   bool            // it holds settings of a load test: a duration in it is one too
	averages map[string]bool // what there are averages or percentiles of, by companionKey
	label    string          // as an item of a list: its name
	long     string          // and everything that may tell it from other items
}

var (
	loadWords = set("connections users vus concurrency threads")
	countKeys = []string{"requests", "total requests", "num requests", "request count", "total calls", "count", "iterations", "samples"}
)

// facts returns the facts of an object; those of another value are empty.
func (t *trail) facts() *facts {
	if t.about != nil {
		return t.about
	}
	f := &facts{averages: map[string]bool{}}
	t.about = f
	for i := range t.node.Members() {
		f.note(&t.node.Members()[i])
	}
	if t.inList() {
		f.label, f.long = itemLabel(t.node, false), itemLabel(t.node, true)
	}
	return f
}

// note adds what one member says.
func (f *facts) note(m *jsontree.Member) {
	n := readName(m.Name)
	f.isLoad = f.isLoad || n.has(loadWords)
	if n.stat() != "" && !isExtreme(n.stat()) {
		f.averages[companionKey(n)] = true
	}
	if m.Name == "unit" && m.Value.Kind == jsontree.String {
		f.unit = unitOf(m.Value.Text)
	}
	if _, ok := countValue(&m.Value); ok && f.count == nil && slices.Contains(countKeys, strings.Join(splitWords(m.Name), " ")) {
		f.count = &m.Value
	}
}

// companionKey is the same for the statistics of one thing.
func companionKey(n name) string {
	if n.isLatency() {
		return ""
	}
	return strings.Join(n.base, " ")
}

// unitOf spells a unit as package perf knows it, if it does.
func unitOf(text string) perf.Unit {
	u := perf.Unit(strings.TrimSpace(text))
	if known := unitWords[strings.ToLower(string(u))]; known != "" && !u.Known() {
		return known
	}
	return u
}

// countValue is the value of a number that may be a count.
func countValue(n *jsontree.Node) (int64, bool) {
	if n.Kind != jsontree.Number {
		return 0, false
	}
	v, err := n.Float()
	return int64(v), err == nil && v >= 0 && v == math.Trunc(v) && v < math.MaxInt32
}
