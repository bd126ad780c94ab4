package jsonmap

import (
	"cmp"
	"slices"
	"strings"

	"speedgate/internal/jsontree"
)

// group is what a document says of one subject.
type group struct {
	subject  string
	readings []int32        // in the order of their metrics
	requests count          // that were made, as its own objects say
	failed   count          // of them
	zero     *jsontree.Node // says that no request was made, nil if nothing does
	said     share          // of requests that failed, as a rate beside them says
	share    share          // of requests that failed, the worst that is known
	// No reading gives the error rate, or the number of requests.
	addsRate, addsRequests bool
}

// grouped makes a group of each subject, and of each object that says how many requests
// were made, in the order of their subjects.
func (a *auto) grouped(order []int32) []group {
	n := 0
	for range a.bySubject(order) {
		n++
	}
	groups := make([]group, 0, n)
	var apart []*outcome // of which no group took the counts
	for readings := range a.bySubject(order) {
		groups = append(groups, group{subject: a.readings[readings[0]].subject, readings: readings})
		apart = a.gather(&groups[len(groups)-1], apart)
	}
	return withApart(groups, apart)
}

// gather adds what is known of the requests behind the readings of a group. Outcomes of
// something around its subject are appended to apart.
func (a *auto) gather(g *group, apart []*outcome) []*outcome {
	var last *outcome
	for _, i := range g.readings {
		r := &a.readings[i]
		size := r.measurements()
		if r.of = size.n; size.at != nil && size.n == 0 {
			g.zero = size.at
		}
		if o := r.at.up.known(); o != nil && o != last {
			last = o
			apart = g.take(r, o, apart)
		}
	}
	return apart
}

// take adds the outcome of one reading.
func (g *group) take(r *reading, o *outcome, apart []*outcome) []*outcome {
	g.worsen(o)
	for ; o != nil; o = o.around {
		switch {
		case o.isOf(r):
			g.count(o)
		case !o.isSeen:
			o.isSeen = true
			apart = append(apart, o)
		}
	}
	return apart
}

func (g *group) count(o *outcome) {
	f := o.holder.facts()
	g.requests = g.requests.or(f.made())
	g.failed = g.failed.or(f.failures())
	g.said = g.said.worse(f.share)
}

// worsen keeps the worst that is said of a subject.
func (g *group) worsen(o *outcome) {
	if g.zero == nil {
		g.zero = o.zero
	}
	g.share = g.share.worse(o.share)
}

// withApart adds outcomes to the groups of their subjects, and makes those that are
// missing.
func withApart(groups []group, apart []*outcome) []group {
	var missing []group
	for _, o := range apart {
		g := findGroup(groups, o.holder.subject())
		if g == nil && o.isTotals() {
			g = findGroup(groups, o.holder.up.subject())
		}
		if g == nil {
			missing = append(missing, group{subject: o.subject()})
			g = &missing[len(missing)-1]
		}
		g.worsen(o)
		g.count(o)
	}
	slices.SortStableFunc(missing, compareGroups)
	for same := range cut(missing, func(x, y group) bool { return x.subject == y.subject }) {
		groups = append(groups, merged(same))
	}
	slices.SortFunc(groups, compareGroups)
	return groups
}

func compareGroups(x, y group) int { return strings.Compare(x.subject, y.subject) }

// findGroup returns the group of a subject, nil if there is none. The groups are sorted.
func findGroup(groups []group, subject string) *group {
	i, ok := slices.BinarySearchFunc(groups, group{subject: subject}, compareGroups)
	if !ok {
		return nil
	}
	return &groups[i]
}

// merged makes one group of several without readings that share a subject.
func merged(same []group) group {
	g := same[0]
	for _, o := range same[1:] {
		g.requests, g.failed, g.zero = g.requests.or(o.requests), g.failed.or(o.failed), cmp.Or(g.zero, o.zero)
		g.said, g.share = g.said.worse(o.said), g.share.worse(o.share)
	}
	return g
}

// isCounted reports whether the group's own objects count requests and failures.
func (g *group) isCounted() bool {
	return g.failed.at != nil && g.requests.at != nil && g.requests.n > 0
}
