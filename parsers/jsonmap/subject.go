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
	subject := ""
	if holder := r.holder(); holder != nil {
		subject = holder.path(long)
	}
	if r.isExtra {
		subject = joinSubject(subject, r.at.key())
	}
	return cmp.Or(subject, perf.Aggregated)
}

// holder is what stands around the metric, nil for a document that is a number.
func (r *reading) holder() *trail {
	if r.top != nil {
		return r.top.up
	}
	return r.at.up
}

// subject names everything in t.
func (t *trail) subject() string { return cmp.Or(t.path(t.useLong), perf.Aggregated) }

// path joins the names of t and of what is around it, "" for the document.
func (t *trail) path(long bool) string {
	switch {
	case !long && t.hasShort:
		return t.short
	case long && t.long != nil:
		return *t.long
	}
	around := ""
	if t.up != nil {
		around = t.up.path(long)
	}
	path := joinSubject(around, t.part(long))
	if long {
		t.long = &path
		return path
	}
	t.short, t.hasShort = path, true
	return path
}

// part is what t adds to the subject, "" if nothing.
func (t *trail) part(long bool) string {
	switch {
	case t.inList():
		return itemLabel(t, long)
	case !long && t.n.isStructure:
		return ""
	}
	return t.key()
}

func joinSubject(around, part string) string {
	if around == "" || part == "" {
		return around + part
	}
	return around + subjectSeparator + part
}

// itemLabel names an item of a list by its own members, "" if none does. Its index
// never does: an item that moves would be taken for another one.
func itemLabel(t *trail, long bool) string {
	n := t.node
	var labels []string
	best := len(nameKeys) + 1
	for i := range n.Members() {
		m := &n.Members()[i]
		if m.Value.Kind != jsontree.String || m.Value.Text == "" {
			continue
		}
		switch rank := t.names[i].rank; {
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

// nameRank is the rank of the words of a key among nameKeys. test_name and programName rank behind
// them, every other key behind those.
func nameRank(words []string) int {
	if len(words) == 1 {
		if i := slices.Index(nameKeys, words[0]); i >= 0 {
			return i
		}
	}
	if len(words) > 1 && slices.Contains([]string{"name", "path", "id"}, words[len(words)-1]) {
		return len(nameKeys)
	}
	return len(nameKeys) + 1
}
