package gobench

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"speedgate/perf"
)

// maxProcs is the largest -N suffix that is taken for GOMAXPROCS: no machine in
// reach of CI has more processors, and sizes of inputs are often larger.
const maxProcs = 1024

// splitProcs cuts the -N suffix off a name. Without one procs is 1.
func splitProcs(name string) (base string, procs int) {
	base, digits, ok := cutLast(name, "-")
	if !ok || digits == "" || digits[0] == '0' || len(digits) > 4 || strings.Trim(digits, "0123456789") != "" {
		return name, 1
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 2 || n > maxProcs {
		return name, 1
	}
	return base, n
}

// procsKnown reports whether the -N suffixes of the names, in the order of the
// results, are GOMAXPROCS: the rule in the package's documentation.
func procsKnown(names []string) bool {
	if n, same := sameProcs(names); same {
		return n > 1
	}
	var order []string
	sets := map[string][]int{}
	all := map[int]bool{}
	for _, name := range names {
		base, n := splitProcs(name)
		if sets[base] == nil {
			order = append(order, base)
		}
		sets[base] = append(sets[base], n)
		all[n] = true
	}
	if len(order) == 1 && strings.Contains(order[0], "/") {
		return false // x/dash and x/dash-8 may be two sub-benchmarks; names of functions have no dash
	}
	// Names are distinct, so that a set is whole when it is as large as all.
	for i, base := range order {
		mayLack := i > 0 && i == len(order)-1
		if len(sets[base]) != len(all) && !mayLack {
			return false
		}
	}
	return true
}

// sameProcs returns the suffix that all names have, 1 if none has one.
func sameProcs(names []string) (procs int, same bool) {
	for i, name := range names {
		_, n := splitProcs(name)
		if i > 0 && n != procs {
			return 0, false
		}
		procs = n
	}
	return procs, true
}

// subject returns what a benchmark is called without the prefix.
func subject(name string) string {
	if s := strings.TrimPrefix(name, prefix); s != "" {
		return s
	}
	return prefix // func Benchmark(b *testing.B) is legal
}

// isName reports whether the field at the start of b can name a benchmark: the
// word Benchmarking cannot.
func isName(b []byte) bool {
	rest, ok := bytes.CutPrefix(b, []byte(prefix))
	return ok && (len(rest) == 0 || rest[0] < 'a' || rest[0] > 'z')
}

// keys names the benchmarks of the package: subject and labels of each.
func (k *pkg) keys() []perf.Key {
	names := make([]string, len(k.list))
	for i, b := range k.list {
		names[i] = b.name
	}
	known := procsKnown(names)
	one, same := sameProcs(names)
	isPlain := same && one == 1
	labels := map[int]perf.Labels{}
	keys := make([]perf.Key, len(names))
	for i, name := range names {
		base, n := name, 0
		if known {
			base, n = splitProcs(name)
		}
		l, ok := labels[n]
		if !ok {
			l = k.labels(n)
			labels[n] = l
		}
		keys[i] = perf.Key{Subject: subject(base), Labels: l}
		if isPlain {
			n = 1 // no label, but as sure: the testing package leaves out a -1 and nothing else
		}
		k.procs = append(k.procs, n)
	}
	return keys
}

func (k *pkg) labels(procs int) perf.Labels {
	var l perf.Labels
	if k.path != "" {
		l = l.With(perf.LabelPackage, k.path)
	}
	if procs > 0 {
		l = l.With(perf.LabelGoMaxProcs, strconv.Itoa(procs))
	}
	return l
}

// cores returns GOMAXPROCS of the run: the one that all results share, or 0.
func cores(packages []*pkg) int {
	var all []int
	for _, k := range packages {
		all = append(all, k.procs...)
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == 1 {
		return all[0]
	}
	return 0
}
