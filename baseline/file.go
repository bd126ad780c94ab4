package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"speedgate/perf"
)

// File is a performance_baseline.json in memory. The zero value is an empty
// baseline. Make one with [Parse] or [Read], fill it with [File.Add].
type File struct {
	entries []entry // sorted by [entry.compare], no two the same
	// plain says that the file is of the hand-written shape, which names no suite:
	// its one entry serves whatever suite is asked for.
	plain    bool
	warnings []perf.Warning
}

// Warnings returns what a reader of the file must know: parts of a hand-written
// file that were not understood.
func (f *File) Warnings() []perf.Warning { return f.warnings }

// entry is the accepted runs of one suite in one environment.
type entry struct {
	suite    string
	env      perf.Env          // of the newest run
	runs     []perf.RunInfo    // sorted by compareRuns, no two with one id
	metrics  []metric          // sorted by key, each with at least one point
	accepted []perf.Acceptance // sorted by compareAcceptances
	pos      perf.Pos
}

// metric is one metric of an entry. Its points are sorted by run.
type metric struct {
	perf.Past
	// origin is where the regime of this metric began, if a proved improvement
	// moved the anchor away from there; nil otherwise. It is kept so that a run
	// that arrives late, and is older, ends in the same file as one in time.
	origin *perf.Anchor
}

func (e *entry) compare(o *entry) int {
	return cmp.Or(strings.Compare(e.suite, o.suite), strings.Compare(e.env.Fingerprint(), o.env.Fingerprint()))
}

// compareRuns orders runs by time, the oldest first. The id decides between runs
// of the same moment, so that the order never depends on who wrote first.
func compareRuns(a, b perf.RunInfo) int {
	return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.ID, b.ID))
}

func compareAcceptances(a, b perf.Acceptance) int {
	return cmp.Or(
		a.Time.Compare(b.Time),
		strings.Compare(a.Match, b.Match),
		strings.Compare(a.Commit, b.Commit),
		strings.Compare(a.Reason, b.Reason),
	)
}

// Suites returns the names of the suites that the file has accepted runs of,
// sorted. A hand-written file names none.
func (f *File) Suites() []string {
	if f.plain {
		return nil
	}
	var names []string
	for i := range f.entries {
		names = append(names, f.entries[i].suite)
	}
	return slices.Compact(names)
}

// Window returns the accepted runs of a suite that results of env are compared
// with: those of the same environment, else those of the only environment that
// does not differ as far as it is known.
//
// If every environment of the suite differs, it returns the window that was
// added to last, so that its metrics are counted as incomparable instead of
// being forgotten. It returns nil if the suite has no accepted runs, and if
// several environments could be meant, as guessing would compare two machines.
//
// note says in words what the caller must tell about the choice, "" if there is
// nothing to tell. The window shares memory with f and must not be changed.
func (f *File) Window(suite string, env perf.Env) (w *perf.Window, note string) {
	entries := f.of(suite)
	if len(entries) == 0 {
		return nil, f.noSuite(suite)
	}
	var matches []*entry
	for _, e := range entries {
		if e.env.Fingerprint() == env.Fingerprint() {
			return e.window(), unknownNote(e.env, env)
		}
		if e.env.Differs(env) == "" {
			matches = append(matches, e)
		}
	}
	switch len(matches) {
	case 0:
		e := slices.MaxFunc(entries, compareNewest)
		return e.window(), fmt.Sprintf("nothing was accepted in this environment (%s) yet; the newest accepted runs are of %s", env, e.env)
	case 1:
		return matches[0].window(), unknownNote(matches[0].env, env)
	}
	return nil, ambiguousNote(matches, env)
}

// of returns the entries that serve a suite, in the order of the file.
func (f *File) of(suite string) []*entry {
	var list []*entry
	for i := range f.entries {
		if f.plain || f.entries[i].suite == suite {
			list = append(list, &f.entries[i])
		}
	}
	return list
}

func (f *File) noSuite(suite string) string {
	if len(f.entries) == 0 {
		return "the baseline is empty"
	}
	return fmt.Sprintf("the baseline has no runs of %s; it has %s", suiteName(suite), joinNames(f.Suites(), suiteName))
}

func suiteName(suite string) string {
	if suite == "" {
		return "the suite without a name"
	}
	return fmt.Sprintf("suite %q", suite)
}

func joinNames[T any](list []T, name func(T) string) string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = name(v)
	}
	return strings.Join(names, ", ")
}

// compareNewest orders entries by their newest run. Every entry has a run.
func compareNewest(a, b *entry) int {
	return compareRuns(a.runs[len(a.runs)-1], b.runs[len(b.runs)-1])
}

// unknownNote says whether the match of two environments rests on what is not
// known of one of them.
func unknownNote(base, head perf.Env) string {
	switch {
	case !base.Known() && !head.Known():
		return "the environment of the results and of the baseline is unknown"
	case !base.Known():
		return fmt.Sprintf("the environment of the baseline is unknown; the results are of %s", head)
	case !head.Known():
		return fmt.Sprintf("the environment of the results is unknown; the baseline is of %s", base)
	case base.Fingerprint() != head.Fingerprint():
		return fmt.Sprintf("the environments match as far as they are known: baseline %s, results %s", base, head)
	}
	return ""
}

func ambiguousNote(matches []*entry, env perf.Env) string {
	names := joinNames(matches, func(e *entry) string { return fmt.Sprintf("%q", e.env.Fingerprint()) })
	return fmt.Sprintf("results of %s could be compared with each of the environments %s; choose one with --environment", env, names)
}

func (e *entry) window() *perf.Window {
	w := &perf.Window{Env: e.env, Runs: e.runs, Accepted: e.accepted, Metrics: make([]perf.Past, len(e.metrics))}
	for i := range e.metrics {
		w.Metrics[i] = e.metrics[i].Past
	}
	return w
}

// clone copies everything that [File.Add] changes, so that windows handed out
// before stay as they were and an error leaves the file untouched.
func (e *entry) clone() entry {
	c := *e
	c.runs = slices.Clone(e.runs)
	c.accepted = slices.Clone(e.accepted)
	c.metrics = slices.Clone(e.metrics)
	for i := range c.metrics {
		c.metrics[i].Points = slices.Clone(c.metrics[i].Points)
	}
	return c
}
