package baseline

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"speedgate/perf"
)

// AddOptions says how an accepted run is merged.
type AddOptions struct {
	// Window is how many of the newest runs are kept; 0 keeps all. An older run
	// stays as long as it is the last one that measured some metric.
	Window int
	// Accept begins a new regime for the metrics that match: their past points go
	// and the anchor is set to the new level. A metric that matches and is not
	// measured any more is removed.
	Accept []perf.Pattern
	// Only narrows Accept to some metrics: the others that match go on as before.
	// Empty = all that match.
	Only   []perf.Key
	Reason string // why; required with Accept
	// Improved lists the metrics that the gate proved to be better than before:
	// their anchors follow to the new level.
	Improved []perf.Key
}

// Changes says what [File.Add] did, for the caller to tell.
type Changes struct {
	Replaced bool       // a run of the same id was there before
	Late     bool       // newer runs were there already; they stay the newest
	Added    []perf.Key // measured for the first time
	Accepted []perf.Key // begun anew by AddOptions.Accept
	Removed  []perf.Key // accepted as gone
	Improved []perf.Key // whose anchor followed an improvement
	Absent   []perf.Key // not measured by this run; their past is kept
	Left     []string   // ids of the runs that left the window
	Notes    []string   // whatever else must be told
}

// PlainRunID is the id of the run that a hand-written file stands for.
const PlainRunID = "hand-written"

// Add merges one accepted invocation into the window of a suite and an
// environment, as one run: per metric the median over runs of each run's median.
//
// A run whose id is there already replaces its values, so adding twice changes
// nothing. The order of two calls with different ids does not matter either:
// runs are ordered by their time, never by who came first, and the time of a run that
// its CI system started earlier than one that is there is set before that one's. (An improvement that
// was proved before an older acceptance arrives may be forgotten as an anchor; it
// stays in the window.) A metric that runs lack keeps its past.
//
// A hand-written file becomes one of the schema; the run that it stands for is
// kept as the oldest of this window. Values are stored in the unit that the file
// has already. A unit of another dimension and a direction turned round are
// errors with both places, unless the metric is accepted anew. After an error f
// is as before.
func (f *File) Add(suite string, env perf.Env, info perf.RunInfo, runs []*perf.Run, o AddOptions) (Changes, error) {
	info, err := checkAdd(info, o)
	if err != nil {
		return Changes{}, err
	}
	levels, err := collapse(runs)
	if err != nil {
		return Changes{}, err
	}
	suite, env = strings.ToValidUTF8(suite, "\uFFFD"), validEnv(env)
	m := merge{info: info, o: o, levels: levels, improved: setOf(o.Improved), only: setOf(o.Only)}
	at, found := f.place(suite, env)
	if found {
		m.entry = f.entries[at].clone()
	}
	m.info.Time = inOrder(info, m.entry.runs)
	if f.plain {
		m.changes.Notes = append(m.changes.Notes, fmt.Sprintf(
			"the hand-written baseline was turned into %s; its values are kept as the oldest run of %s, taken to be of this environment (%s)",
			Schema, suiteName(suite), env))
	}
	m.entry.suite = suite
	if err := m.run(env); err != nil {
		return Changes{}, err
	}
	if !found {
		f.entries = slices.Insert(f.entries, at, entry{})
	}
	f.entries[at] = m.entry
	f.plain = false
	return m.changes, nil
}

func setOf(keys []perf.Key) map[perf.Key]bool {
	set := make(map[perf.Key]bool, len(keys))
	for _, k := range keys {
		set[k] = true
	}
	return set
}

// place finds the entry that runs of suite and env belong to, or where it would stand.
func (f *File) place(suite string, env perf.Env) (at int, found bool) {
	if f.plain {
		return 0, true
	}
	want := &entry{suite: suite, env: env}
	return slices.BinarySearchFunc(f.entries, want, func(e entry, want *entry) int { return e.compare(want) })
}

// checkAdd refuses what would make a file that cannot be read back or ordered,
// and returns info as the file will hold it.
func checkAdd(info perf.RunInfo, o AddOptions) (perf.RunInfo, error) {
	switch {
	case info.ID == "":
		return info, errors.New("an accepted run needs an id")
	case info.Time.IsZero() || info.Time.Year() < 1 || info.Time.Year() > 9999:
		return info, fmt.Errorf("run %q needs the time it was accepted at, of the years 1 to 9999", info.ID)
	case len(o.Accept) > 0 && strings.TrimSpace(o.Reason) == "":
		return info, errors.New("accepting a slowdown needs a reason")
	}
	if err := checkWorkload(info.Workload); err != nil {
		return info, fmt.Errorf("run %q: %w", info.ID, err)
	}
	// Rounding drops the reading of the monotonic clock, which a file cannot hold.
	info.Time = info.Time.Round(0).UTC()
	info.ID = strings.ToValidUTF8(info.ID, "\uFFFD")
	info.Commit = strings.ToValidUTF8(info.Commit, "\uFFFD")
	info.Workload.Host = strings.ToValidUTF8(info.Workload.Host, "\uFFFD")
	return info, nil
}

func checkWorkload(w perf.Workload) error {
	if w.Users < 0 || w.Duration < 0 || w.SpawnRate < 0 || !finite(w.SpawnRate) || w.Rate < 0 || !finite(w.Rate) {
		return fmt.Errorf("%d users, a spawn rate of %g/s, %g requests/s and a duration of %s are no workload", w.Users, w.SpawnRate, w.Rate, w.Duration)
	}
	return nil
}

// merge is one call of [File.Add] at work on a copy of the entry.
type merge struct {
	entry    entry
	info     perf.RunInfo
	o        AddOptions
	improved map[perf.Key]bool // o.Improved
	only     map[perf.Key]bool // o.Only
	levels   []level
	changes  Changes
	at       int // index of the run in entry.runs
}

func (m *merge) run(env perf.Env) error {
	if err := m.checkPatterns(); err != nil {
		return err
	}
	m.insertRun(env)
	if err := m.mergeLevels(); err != nil {
		return err
	}
	m.accept()
	m.trim()
	return nil
}

// checkPatterns refuses a pattern that accepts nothing: it is a typing error, and
// the slowdown that was meant would fail the next gate.
func (m *merge) checkPatterns() error {
	for _, p := range m.o.Accept {
		inRun := slices.ContainsFunc(m.levels, func(l level) bool { return p.Match(l.series.Key) })
		inPast := slices.ContainsFunc(m.entry.metrics, func(b metric) bool { return p.Match(b.Key) })
		if !inRun && !inPast {
			return fmt.Errorf("%q accepts nothing: it matches no metric of the results or of the baseline", p)
		}
	}
	return nil
}

func (m *merge) accepted(k perf.Key) bool {
	isMeant := len(m.only) == 0 || m.only[k]
	return isMeant && slices.ContainsFunc(m.o.Accept, func(p perf.Pattern) bool { return p.Match(k) })
}

// insertRun gives the run its place among the runs and moves the points along.
func (m *merge) insertRun(env perf.Env) {
	e := &m.entry
	old := e.runs
	e.runs = slices.DeleteFunc(slices.Clone(old), func(r perf.RunInfo) bool { return r.ID == m.info.ID })
	m.changes.Replaced = len(e.runs) < len(old)
	m.at, _ = slices.BinarySearchFunc(e.runs, m.info, compareRuns)
	e.runs = slices.Insert(e.runs, m.at, m.info)
	m.changes.Late = m.at < len(e.runs)-1
	if !m.changes.Late {
		e.env = env
	}
	moved := make([]int, len(old))
	for i, r := range old {
		moved[i] = slices.IndexFunc(e.runs, func(n perf.RunInfo) bool { return n.ID == r.ID })
	}
	for i := range e.metrics {
		e.metrics[i].movePoints(moved)
	}
}

func validEnv(e perf.Env) perf.Env {
	for _, text := range []*string{&e.Name, &e.OS, &e.Arch, &e.CPU, &e.Runtime, &e.Runner} {
		*text = strings.ToValidUTF8(*text, "\uFFFD")
	}
	e.Cores = max(e.Cores, 0)
	return e
}

// mergeLevels walks the metrics of the past and of the run side by side, as both
// are sorted by key.
func (m *merge) mergeLevels() error {
	past, levels := m.entry.metrics, m.levels
	merged := make([]metric, 0, max(len(past), len(levels)))
	var errs perf.InputErrors
	for len(past) > 0 || len(levels) > 0 {
		var order int
		switch {
		case len(past) == 0:
			order = 1
		case len(levels) == 0:
			order = -1
		default:
			order = past[0].Key.Compare(levels[0].series.Key)
		}
		var b metric
		switch {
		case order < 0:
			b, past = past[0], past[1:]
			m.absent(&b)
		case order > 0:
			b, levels = m.fresh(&levels[0]), levels[1:]
		default:
			b = past[0]
			if err := m.measure(&b, &levels[0]); err != nil {
				errs = append(errs, err)
			}
			past, levels = past[1:], levels[1:]
		}
		if len(b.Points) > 0 {
			merged = append(merged, b)
		}
	}
	m.entry.metrics = merged
	return errs.Err()
}

// absent handles a metric that the run lacks: it is kept, unless its end is accepted.
func (m *merge) absent(b *metric) {
	if !m.accepted(b.Key) {
		m.changes.Absent = append(m.changes.Absent, b.Key)
		return
	}
	b.dropUntil(m.entry.runs, m.info.Time, -1)
	if len(b.Points) == 0 {
		m.changes.Removed = append(m.changes.Removed, b.Key)
	}
}

// fresh returns a metric that the past does not know.
func (m *merge) fresh(l *level) metric {
	s := &l.series
	b := metric{Past: perf.Past{Key: s.Key, Unit: s.Unit, Better: s.Better, Pos: s.Pos}}
	b.setPoint(l.point(m.at), s)
	b.begin(m.anchor(l.value, m.accepted(s.Key)))
	m.changes.Added = append(m.changes.Added, s.Key)
	if m.accepted(s.Key) {
		m.changes.Accepted = append(m.changes.Accepted, s.Key)
	}
	return b
}

// measure merges a level into a metric with a past.
func (m *merge) measure(b *metric, l *level) *perf.InputError {
	begins := m.accepted(b.Key) && !b.acceptedAfter(m.info.Time)
	if !begins && b.closed(m.info.Time) && !b.hasPoint(m.at) {
		return nil
	}
	if begins {
		b.reset(&l.series)
	}
	if err := b.fit(l); err != nil {
		return err
	}
	switch started := b.begin(m.anchor(l.value, begins)); {
	case begins && started:
		b.dropUntil(m.entry.runs, m.info.Time, m.at)
		m.changes.Accepted = append(m.changes.Accepted, b.Key)
	case begins && !b.hasPoint(m.at):
		return nil // another acceptance of the same moment won
	}
	b.setPoint(l.point(m.at), &l.series)
	if m.improved[b.Key] && b.improve(m.anchor(l.value, false)) {
		m.changes.Improved = append(m.changes.Improved, b.Key)
	}
	return nil
}

func (m *merge) anchor(value float64, accepted bool) perf.Anchor {
	a := perf.Anchor{Value: value, Commit: m.info.Commit, Time: m.info.Time}
	if accepted {
		a.Reason = strings.ToValidUTF8(m.o.Reason, "\uFFFD")
	}
	return a
}

// accept records the acceptances themselves, each once.
func (m *merge) accept() {
	e := &m.entry
	for _, p := range m.o.Accept {
		a := perf.Acceptance{
			Match: strings.ToValidUTF8(p.String(), "\uFFFD"), Reason: strings.ToValidUTF8(m.o.Reason, "\uFFFD"),
			Commit: m.info.Commit, Time: m.info.Time,
		}
		if at, found := slices.BinarySearchFunc(e.accepted, a, compareAcceptances); !found {
			e.accepted = slices.Insert(e.accepted, at, a)
		}
	}
}

// trim keeps the newest runs. A metric that none of them measured keeps its last
// point and the run of it: if it went silently, nobody would miss it.
func (m *merge) trim() {
	e := &m.entry
	first := len(e.runs) - m.o.Window
	if m.o.Window <= 0 || first <= 0 {
		return
	}
	keep := make([]bool, len(e.runs))
	for i := range e.metrics {
		b := &e.metrics[i]
		last := b.Points[len(b.Points)-1]
		b.Points = slices.DeleteFunc(b.Points, func(p perf.Point) bool { return p.Run < min(first, last.Run) })
		keep[last.Run] = true
	}
	moved := make([]int, len(e.runs))
	var runs []perf.RunInfo
	for i, r := range e.runs {
		if i < first && !keep[i] {
			m.changes.Left = append(m.changes.Left, r.ID)
			continue
		}
		moved[i] = len(runs)
		runs = append(runs, r)
	}
	oldest := e.runs[first].Time
	// An acceptance has done its work when all runs it was made for have left.
	e.accepted = slices.DeleteFunc(e.accepted, func(a perf.Acceptance) bool { return a.Time.Before(oldest) })
	e.runs = runs
	for i := range e.metrics {
		e.metrics[i].movePoints(moved)
	}
}
