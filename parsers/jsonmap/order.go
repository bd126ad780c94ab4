package jsonmap

import (
	"slices"
	"strings"

	"speedgate/perf"
)

// disambiguate gives readings that would share a key longer names: the key as it is
// written for two readings of one object (p95_ns and p95_us), the whole way through
// the document for others. What still collides is an error. It returns the readings in
// the order of their keys.
func (a *auto) disambiguate() []int32 {
	order := a.sorted()
	for range 2 {
		collisions := a.collisions(order)
		if len(collisions) == 0 {
			return order
		}
		for _, group := range collisions {
			rename(group)
		}
		order = a.sorted()
	}
	for _, group := range a.collisions(order) {
		a.fail(perf.Errorf(group[1].at.node.Pos(), "%q is measured twice, at %s and %s; tell them apart with a json selector in speedgate.yml",
			group[1].key(), group[0].at, group[1].at))
	}
	return order
}

// rename tells readings apart that share a key.
func rename(group []*reading) {
	oneHolder := !slices.ContainsFunc(group, func(r *reading) bool { return r.at.up != group[0].at.up })
	for _, r := range group {
		switch {
		case r.isPlain:
		case oneHolder:
			m := *r.m
			m.metric = r.at.key()
			r.m = &m
		default:
			r.subject = r.subjectText(true)
			r.holder().useLong = true
		}
	}
}

func (r *reading) key() perf.Key { return perf.Key{Subject: r.subject, Metric: r.m.metric} }

// stretch is neighbours in the document that share a subject.
type stretch struct{ from, to int32 }

// sorted returns the indices of the readings in the order of their keys, those of one
// key in the order of the document. Readings of one subject mostly stand together, so
// that it is cheaper to sort the subjects first.
func (a *auto) sorted() []int32 {
	var stretches []stretch
	for i := range int32(len(a.readings)) {
		if n := len(stretches); n > 0 && a.readings[i].subject == a.readings[i-1].subject {
			stretches[n-1].to++
			continue
		}
		stretches = append(stretches, stretch{i, i + 1})
	}
	slices.SortStableFunc(stretches, func(x, y stretch) int {
		return strings.Compare(a.readings[x.from].subject, a.readings[y.from].subject)
	})
	order := make([]int32, 0, len(a.readings))
	for _, s := range stretches {
		for i := s.from; i < s.to; i++ {
			order = append(order, i)
		}
	}
	for group := range a.bySubject(order) {
		slices.SortStableFunc(group, func(i, j int32) int {
			return strings.Compare(a.readings[i].m.metric, a.readings[j].m.metric)
		})
	}
	return order
}

// bySubject cuts an order into the readings of each subject.
func (a *auto) bySubject(order []int32) func(yield func([]int32) bool) {
	return cut(order, func(i, j int32) bool { return a.readings[i].subject == a.readings[j].subject })
}

// cut cuts a list where neighbours differ.
func cut[T any](list []T, same func(a, b T) bool) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for from := 0; from < len(list); {
			to := from + 1
			for to < len(list) && same(list[to], list[from]) {
				to++
			}
			if !yield(list[from:to:to]) {
				return
			}
			from = to
		}
	}
}

// collisions are the readings that share a key, in the order of the document.
func (a *auto) collisions(order []int32) [][]*reading {
	var found [][]int32
	for group := range cut(order, func(i, j int32) bool { return a.readings[i].key() == a.readings[j].key() }) {
		if len(group) > 1 {
			found = append(found, group)
		}
	}
	slices.SortFunc(found, func(x, y []int32) int { return int(x[1] - y[1]) })
	collisions := make([][]*reading, len(found))
	for i, group := range found {
		for _, at := range group {
			collisions[i] = append(collisions[i], &a.readings[at])
		}
	}
	return collisions
}
