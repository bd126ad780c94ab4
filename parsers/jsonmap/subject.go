package jsonmap

import (
	"cmp"
	"slices"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// nameKeys are the members that name an item of a list, the best first.
var nameKeys = []string{"name", "title", "test", "benchmark", "scenario", "endpoint", "route", "path", "url", "label", "id", "operation", "case", "query", "command"}

// subjectText joins the names around the metric. The short form leaves out keys that
// only structure the document and takes the best name of a list's item; the long form
// leaves out nothing.
func (r *reading) subjectText(long bool) string {
	var parts []string
	ways := r.top.ways()
	for _, t := range ways[:len(ways)-1] {
		label := ""
		if t.inList() {
			if label = t.facts().label; long {
				label = t.facts().long
			}
		}
		switch {
		case label != "":
			parts = append(parts, label)
		case t.key != "" && (long || !isStructure(t.key)):
			parts = append(parts, t.key)
		}
	}
	if r.extra != "" {
		parts = append(parts, r.extra)
	}
	if len(parts) == 0 {
		return perf.Aggregated
	}
	return strings.Join(parts, subjectSeparator)
}

func isStructure(key string) bool {
	words := splitWords(key)
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !structureWords[w] })
}

// itemLabel names an item of a list by its own members, "" if none does. Its index
// never does: an item that moves would be taken for another one.
func itemLabel(n *jsontree.Node, long bool) string {
	var labels []string
	best := len(nameKeys) + 1
	for i := range n.Members() {
		m := &n.Members()[i]
		if m.Value.Kind != jsontree.String || m.Value.Text == "" {
			continue
		}
		switch rank := nameRank(m.Name); {
		case long && rank <= len(nameKeys):
			labels = append(labels, m.Value.Text)
		case rank < best:
			labels, best = []string{m.Value.Text}, rank
		}
	}
	if long {
		labels = append(labels, itemSettings(n)...)
	}
	label := strings.Join(labels, subjectSeparator)
	if method := n.Get("method"); method != nil && method.Kind == jsontree.String && label != "" {
		return method.Text + " " + label
	}
	return label
}

// itemSettings are the settings of an item, key=value: benchmarks that run with several
// settings often share one name.
func itemSettings(n *jsontree.Node) []string {
	var list []string
	for _, key := range []string{"configuration", "config", "params", "parameters"} {
		for i := range n.Get(key).Members() {
			if m := &n.Get(key).Members()[i]; m.Value.Text != "" {
				list = append(list, m.Name+"="+m.Value.Text)
			}
		}
	}
	return list
}

// nameRank is the rank of a key among nameKeys. test_name and programName rank behind
// them, every other key behind those.
func nameRank(key string) int {
	words := splitWords(key)
	if i := slices.Index(nameKeys, strings.Join(words, " ")); i >= 0 {
		return i
	}
	if len(words) > 1 && slices.Contains([]string{"name", "path", "id"}, words[len(words)-1]) {
		return len(nameKeys)
	}
	return len(nameKeys) + 1
}

// disambiguate gives readings that would share a key longer names: the key as it is
// written for two readings of one object (p95_ns and p95_us), the whole way through
// the document for others. What still collides is an error.
func (a *auto) disambiguate() {
	for range 2 {
		groups := a.collisions()
		if len(groups) == 0 {
			return
		}
		for _, group := range groups {
			oneHolder := !slices.ContainsFunc(group, func(r *reading) bool { return r.at.up != group[0].at.up })
			for _, r := range group {
				if oneHolder {
					r.metric = r.at.key
				} else {
					r.subject = r.subjectText(true)
				}
			}
		}
	}
	for _, group := range a.collisions() {
		a.fail(perf.Errorf(group[1].at.node.Pos(), "%q is measured twice, at %s and %s; tell them apart with a json selector in speedgate.yml",
			group[1].key(), group[0].at, group[1].at))
	}
}

func (r *reading) key() perf.Key { return perf.Key{Subject: r.subject, Metric: r.metric} }

// collisions are the readings that share a key, in the order of the document.
func (a *auto) collisions() [][]*reading {
	order := make([]int32, len(a.readings))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return a.readings[i].key().Compare(a.readings[j].key()) })
	var groups [][]int32
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && a.readings[order[to]].key() == a.readings[order[from]].key() {
			to++
		}
		if to-from > 1 {
			groups = append(groups, order[from:to])
		}
		from = to
	}
	slices.SortFunc(groups, func(x, y []int32) int { return cmp.Compare(x[1], y[1]) })
	var collisions [][]*reading
	for _, g := range groups {
		var group []*reading
		for _, i := range g {
			group = append(group, a.readings[i])
		}
		collisions = append(collisions, group)
	}
	return collisions
}
