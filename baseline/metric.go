package baseline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"speedgate/perf"
)

// point returns the level as the point of a run.
func (l *level) point(run int) perf.Point {
	return perf.Point{Run: run, Value: l.value, Spread: l.spread, Count: l.count}
}

// fit converts the level to the unit of the metric and takes a direction over
// that was unknown.
func (b *metric) fit(l *level) *perf.InputError {
	s := &l.series
	b.Unit = b.Unit.Beside(s.Unit, b.Key.Metric)
	s.Unit = s.Unit.Beside(b.Unit, b.Key.Metric)
	factor, ok := s.Unit.Factor(b.Unit)
	if !ok {
		return perf.Errorf(s.Pos, "%q is in %s here and in %s in the baseline%s; accept the metric to begin anew",
			b.Key, unitName(s.Unit), unitName(b.Unit), where(b.Pos))
	}
	if opposite(s.Better, b.Better) {
		return perf.Errorf(s.Pos, "%q is better %s here and better %s in the baseline%s; accept the metric to begin anew",
			b.Key, s.Better, b.Better, where(b.Pos))
	}
	if b.Better == perf.BetterUnknown {
		b.Better = s.Better
	}
	l.value, _ = s.Unit.Convert(l.value, b.Unit)
	l.spread, _ = s.Unit.Convert(l.spread, b.Unit)
	s.Step *= factor
	s.Unit = b.Unit
	if !finite(l.value) || !finite(l.spread) || !finite(s.Step) {
		return perf.Errorf(s.Pos, "the value of %q is too large for the baseline's unit %s", b.Key, unitName(b.Unit))
	}
	return nil
}

// where says where a metric of the baseline stands, if it was read from a file.
func where(p perf.Pos) string {
	if at := p.String(); at != "" {
		return " (" + at + ")"
	}
	return ""
}

// reset forgets the past of a metric that is accepted in a unit or direction
// which the past cannot be read in.
func (b *metric) reset(s *perf.Series) {
	if b.Unit.Dimension() != s.Unit.Dimension() || opposite(b.Better, s.Better) {
		b.Points, b.Anchor, b.origin = nil, nil, nil
		b.Unit, b.Better = s.Unit, s.Better
	}
}

// setPoint puts the point of a run in its place, instead of an older one of the
// same run. The newest point's series says what the values are.
func (b *metric) setPoint(p perf.Point, s *perf.Series) {
	at, found := b.search(p.Run)
	if found {
		b.Points[at] = p
	} else {
		b.Points = slices.Insert(b.Points, at, p)
	}
	if at == len(b.Points)-1 {
		b.Kind, b.Exact, b.Step = s.Kind, s.Exact, s.Step
	}
}

func (b *metric) search(run int) (at int, found bool) {
	return slices.BinarySearchFunc(b.Points, run, func(p perf.Point, run int) int { return cmp.Compare(p.Run, run) })
}

func (b *metric) hasPoint(run int) bool {
	_, found := b.search(run)
	return found
}

// dropUntil drops the points of all runs up to the time t, except that of the
// run keep.
func (b *metric) dropUntil(runs []perf.RunInfo, t time.Time, keep int) {
	b.Points = slices.DeleteFunc(b.Points, func(p perf.Point) bool { return p.Run != keep && !runs[p.Run].Time.After(t) })
}

// movePoints renumbers the runs of the points: run i is now run moved[i].
func (b *metric) movePoints(moved []int) {
	for i := range b.Points {
		b.Points[i].Run = moved[b.Points[i].Run]
	}
	slices.SortFunc(b.Points, func(x, y perf.Point) int { return cmp.Compare(x.Run, y.Run) })
}

// start returns where the regime of the metric began, nil only for a metric that
// was made or reset a moment ago.
func (b *metric) start() *perf.Anchor {
	if b.origin != nil {
		return b.origin
	}
	return b.Anchor
}

// closed reports whether a run of the time t belongs before the regime that was
// accepted last.
func (b *metric) closed(t time.Time) bool {
	start := b.start()
	return start.Reason != "" && !t.After(start.Time)
}

// acceptedAfter reports whether a regime was accepted later than t.
func (b *metric) acceptedAfter(t time.Time) bool {
	start := b.start()
	return start.Reason != "" && start.Time.After(t)
}

// begin makes a the start of the metric's regime if it has none, if a was
// accepted later than the present one, or if neither was accepted and a is
// older: a metric is measured from its first run, also when that arrives late.
// It reports whether a is the start now.
func (b *metric) begin(a perf.Anchor) bool {
	now := b.start()
	isAccepted := a.Reason != ""
	switch {
	case now == nil, isAccepted && now.Reason == "":
	case isAccepted != (now.Reason != ""):
		return false
	case isAccepted && compareAnchors(a, *now) < 0, !isAccepted && compareAnchors(a, *now) >= 0:
		return false
	}
	isOutdated := isAccepted && b.origin != nil && !b.Anchor.Time.After(a.Time)
	if b.origin == nil || isOutdated || !b.beats(b.Anchor.Value, a.Value) {
		b.Anchor, b.origin = &a, nil
		return true
	}
	b.origin = &a // a later improvement stays the anchor
	return true
}

// improve moves the anchor to a proved improvement. It reports whether it did;
// it never moves to a worse level. Of two equal levels the older one stays.
func (b *metric) improve(a perf.Anchor) bool {
	isOlderTie := b.origin != nil && a.Value == b.Anchor.Value && compareAnchors(a, *b.Anchor) < 0
	if !isOlderTie && !b.beats(a.Value, b.Anchor.Value) {
		return false
	}
	b.origin, b.Anchor = b.start(), &a
	return true
}

// beats reports whether the value v is better than w.
func (b *metric) beats(v, w float64) bool {
	switch b.Better {
	case perf.BetterLower:
		return v < w
	case perf.BetterHigher:
		return v > w
	}
	return false
}

func compareAnchors(a, b perf.Anchor) int {
	return cmp.Or(
		a.Time.Compare(b.Time),
		strings.Compare(a.Commit, b.Commit),
		strings.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Value, b.Value),
	)
}
