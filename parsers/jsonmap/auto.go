package jsonmap

import (
	"slices"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// ruleAuto is the source rule of the automatic reading.
const ruleAuto = "numeric leaves by name"

// subjectSeparator stands between the names that make up a subject. Blanks keep it
// apart from the slashes of routes.
const subjectSeparator = " / "

// auto is the automatic reading of one document.
type auto struct {
	*collector
	readings []reading
	values   []float64 // of all readings, one after the other
	skipped  []spot
	unitless paths // error rates that may be shares or percentages
	failing  paths // numbers of failures that nobody can relate to requests
}

// reading is a leaf with the name that the keys around it give it.
type reading struct {
	at      spot
	top     *trail // the outermost key that the metric's name is made of, nil if it is the leaf's own
	n       *name
	m       *meaning
	subject string
	from    int32 // of its values
	size    int32
	of      int64 // requests or measurements behind it, 0 if not known
	isExtra bool  // the leaf's own key is the subject and the key around it the metric
	isArray bool
	isPlain bool // read by the rules of the plain shape, which fix its name
}

func readAuto(root *jsontree.Node, file string) (*perf.Run, error) {
	a := newAuto(root, file, ruleAuto)
	a.walk(spot{node: root})
	return a.done()
}

// newAuto makes room for every number of the document: growing lists would take twice
// their memory.
func newAuto(root *jsontree.Node, file, rule string) *auto {
	n := numbersIn(root)
	return &auto{collector: newCollector(file, rule), readings: make([]reading, 0, n), values: make([]float64, 0, n)}
}

func numbersIn(node *jsontree.Node) int {
	n := 0
	if node.Kind == jsontree.Number {
		n++
	}
	for i := range node.Items() {
		n += numbersIn(&node.Items()[i])
	}
	for i := range node.Members() {
		n += numbersIn(&node.Members()[i].Value)
	}
	return n
}

// done makes a run of what was found.
func (a *auto) done() (*perf.Run, error) {
	order := a.disambiguate()
	groups := a.grouped(order)
	a.checkRequests(groups)
	a.build(groups)
	if a.unitless.count > 0 {
		a.doubt(a.unitless.pos, "an error rate without a unit, a share or a percentage: %s; counts of requests and errors beside it would tell", &a.unitless)
	}
	for _, s := range a.skipped {
		if !s.isUsed() {
			a.skip(s)
			a.suspect(s)
		}
	}
	if a.failing.count > 0 {
		a.doubt(a.failing.pos, "%s of failures without the number of requests: %s; what share of them failed is not known",
			plural(a.failing.count, "number"), &a.failing)
	}
	return a.finish()
}

func (a *auto) walk(s spot) {
	switch s.node.Kind {
	case jsontree.Object:
		a.walkObject(a.enter(s))
	case jsontree.Array:
		from := len(a.values)
		values, ok, err := appendNumbers(a.values, s.node)
		if ok && !s.inList() && s.up != nil {
			a.values = values
			a.samplesLeaf(s, from, err)
			return
		}
		t := a.enter(s)
		for i := range t.size() {
			a.walk(t.child(i))
		}
	default:
		a.leaf(s)
	}
}

// enter makes a trail of a value, and lets the object around it know its totals.
func (a *auto) enter(s spot) *trail {
	t := s.enter(a.words)
	if s.up != nil && s.up.totals == nil && t.n.isTotals && s.node.Kind == jsontree.Object {
		s.up.totals = t
	}
	return t
}

func (a *auto) walkObject(t *trail) {
	for i := range t.size() {
		a.walkMember(t.child(i))
	}
}

func (a *auto) walkMember(s spot) {
	switch n := s.name(); {
	case n.isSetting, n.isLimit && s.node.Kind != jsontree.Object:
		// The key of an object is judged by its last word alone: limit_order may be a
		// benchmark.
		a.skipped = append(a.skipped, s)
	case n.isHistory && len(s.node.Items()) > 0 && s.node.Items()[0].Kind == jsontree.Object:
		a.walkHistory(s)
	default:
		a.walk(s)
	}
}

// walkHistory reads the last of several snapshots, unless the current one stands
// beside them. A history in another order than that of time is refused: its last
// snapshot would be an old one.
func (a *auto) walkHistory(s spot) {
	items := s.node.Items()
	for _, name := range []string{"current", "latest"} {
		if current := s.up.node.Get(name); current != nil && current.Kind == jsontree.Object {
			a.warn(s.node.Pos(), "%s: %s not read; %q beside them is the newest", s, plural(len(items), "snapshot"), name)
			return
		}
	}
	if first, last := snapshotTime(&items[0]), snapshotTime(&items[len(items)-1]); first > last && last != "" {
		a.fail(perf.Errorf(s.node.Pos(), "%s begins with the snapshot of %s and ends with that of %s; expected the newest last", s, first, last))
		return
	}
	if len(items) > 1 {
		a.warn(s.node.Pos(), "%s: %s not read; the last one counts", s, plural(len(items)-1, "snapshot"))
	}
	a.walk(a.enter(s).child(len(items) - 1))
}

// snapshotTime is the ISO time of a snapshot, which compares as text.
func snapshotTime(n *jsontree.Node) string {
	for _, key := range []string{"timestamp", "date", "time"} {
		if v := n.Get(key); v != nil && v.Kind == jsontree.String {
			return v.Text
		}
	}
	return ""
}

// leaf reads a number or a string that is one.
func (a *auto) leaf(s spot) {
	v, ok, err := readValue(s.node)
	if !ok && err == nil {
		return
	}
	if s.inList() || s.up == nil {
		a.skipped = append(a.skipped, s)
		return
	}
	r := describe(s, v.unit, a.words)
	switch {
	case err == nil && s.counts() && v.number < 0:
		a.fail(perf.Errorf(s.node.Pos(), "%s is %g; expected a number of requests, 0 or more", s, v.number))
	case !r.qualifies():
		a.skipped = append(a.skipped, s)
	case err != nil:
		a.fail(err)
	case v.missing:
		a.absent(s)
	default:
		if s.name().role == roleSuccessShare && (v.number < 0 || v.number > 100) {
			a.doubt(s.node.Pos(), "%s is %g; expected a share of the requests, so that it is not known how many failed", s, v.number)
		}
		r.from, r.size = int32(len(a.values)), 1
		a.values = append(a.values, v.number)
		a.take(r)
	}
}

// counts reports whether the value is a number of requests, or of what became of them.
func (s spot) counts() bool {
	isCount := func(r role) bool {
		return r == roleRequests || r == roleFailures || r == roleRefusals || r == roleSuccesses
	}
	n := s.name()
	return isCount(n.role) || n.isFiller && s.up != nil && isCount(s.up.n.role)
}

// suspect notes what nobody read and speaks of failed requests: a number of failures
// above 0 beside an unknown number of requests, or below a key that names failures.
func (a *auto) suspect(s spot) {
	n := s.name()
	if n.isSetting || n.isLimit {
		return
	}
	if v, ok, err := readValue(s.node); ok && err == nil && v.number > 0 && s.isFailing() {
		a.failing.add(s)
	}
}

// isFailing reports whether the key of a value, or the key around a rate or total, is
// that of failures.
func (s spot) isFailing() bool {
	isFailure := func(n *name) bool { return n.role == roleFailures || n.role == roleRefusals }
	n := s.name()
	return isFailure(n) || s.up != nil && isFailure(s.up.n) && (n.isFiller || n.only(shareWords) || n.isNumberValue)
}

// samplesLeaf reads an array of numbers, whose values begin at from.
func (a *auto) samplesLeaf(s spot, from int, err error) {
	r := describe(s, "", a.words)
	switch {
	case !r.qualifies():
		a.skipped = append(a.skipped, s)
	case err != nil:
		a.fail(err)
	default:
		r.from, r.size, r.isArray = int32(from), int32(len(a.values)-from), true
		a.take(r)
	}
}

// take keeps a reading unless it is a negative time, which no clock measures.
func (a *auto) take(r reading) {
	if least := slices.Min(a.samples(&r)); r.m.isTime && least < 0 {
		a.warn(r.at.node.Pos(), "%s is a negative time, %g; not read", r.at, least)
		return
	}
	a.readings = append(a.readings, r)
}

// samples are the values of a reading. Appending to them copies.
func (a *auto) samples(r *reading) []float64 { return a.values[r.from : r.from+r.size : r.from+r.size] }

func (a *auto) series(r *reading) perf.Series {
	kind := r.m.kind
	if r.isArray {
		kind = perf.KindSample
	}
	return perf.Series{
		Key: r.key(), Unit: r.m.unit, Better: r.better(), Kind: kind,
		Samples: a.samples(r), Count: r.of, Pos: r.at.node.Pos(),
	}
}

// measurements finds the number of measurements behind a statistic in the objects that
// belong to its metric.
func (r *reading) measurements() count {
	if !r.m.isCounted || r.isArray {
		return count{}
	}
	for t := r.at.up; t != nil; t = t.up {
		if f := t.facts(); f.size.at != nil {
			f.sizeUsed = true
			return f.size
		}
		if r.top == nil || t == r.top.up {
			break
		}
	}
	return count{}
}

// describe names a leaf by its key and the keys around it. unit is that of its
// value, if it is a string with one.
func describe(s spot, unit perf.Unit, words *lexicon) reading {
	if s.inList() { // an item of an array is named as the array
		r := describe(s.up.spot, unit, words)
		if r.top == nil {
			r.top = s.up
		}
		r.at = s
		return r
	}
	own := s.name()
	r := reading{at: s, n: own}
	if s.up != nil && s.up.up != nil && !s.up.inList() {
		r.around(own, words)
	}
	if unit == "" && (own.bare() || own.isValueOf(s.node)) && own.unit == "" {
		unit = r.siblingUnit()
	}
	if unit == "" {
		unit = r.n.unit
	}
	r.m = words.meaning(r.n, unit)
	r.subject = r.subjectText(false)
	return r
}

// isValueOf reports whether the key of a number or an array of numbers only says that
// it stands here.
func (n *name) isValueOf(node *jsontree.Node) bool {
	if node.Kind == jsontree.Array {
		return n.isListValue
	}
	return n.isNumberValue
}

// around joins what the keys around a leaf say to its name.
func (r *reading) around(own *name, words *lexicon) {
	up := r.at.up
	switch {
	case own.isValueOf(r.at.node):
		r.top, r.n = up, words.join(asValue, up.n, own)
		return
	case r.at.node.Kind != jsontree.Array && own.isSubject && up.n.isGroup:
		r.top, r.n, r.isExtra = up, up.n, true
		return
	case !own.bare():
		return
	}
	for up != nil && up.up != nil && !up.inList() {
		p := up.n
		if !p.isGroup || len(p.stats) > 0 {
			if r.n.unit == "" && p.unit != "" && !p.isValueOf(up.node) {
				r.n = words.join(withUnit, p, r.n)
			}
			break
		}
		r.top, r.n = up, words.join(inGroup, p, r.n)
		up = up.up
	}
}

// siblingUnit is the text of a member "unit" beside the value, or beside the keys
// around it that belong to its metric.
func (r *reading) siblingUnit() perf.Unit {
	for t := r.at.up; t != nil; t = t.up {
		if u := t.facts().unit; u != "" {
			return u
		}
		if r.top == nil || t == r.top {
			break
		}
	}
	return ""
}

// qualifies reports whether a leaf is taken for a measurement.
func (r *reading) qualifies() bool {
	switch {
	case !r.m.isMeasurement:
		return false
	case r.n.isSpan: // of the whole test, not of what was measured
		return len(r.n.base) == 1 && !r.at.up.facts().isLoad
	case slices.ContainsFunc(r.n.stats, isExtreme):
		// max_time_sec alone is a limit, not what was measured.
		return r.at.up.facts().hasAverage(r.at.name())
	}
	return true
}

// better is the good direction. A size under a key about memory is a cost, whatever
// its own key says.
func (r *reading) better() perf.Better {
	b := r.m.better
	if b != perf.BetterUnknown || r.m.unit.Dimension() != perf.DimensionSize || r.at.up == nil {
		return b
	}
	if r.at.name().isMemory {
		return perf.BetterLower
	}
	for t := r.at.up; t != nil; t = t.up {
		if t.n.isMemory {
			return perf.BetterLower
		}
	}
	return b
}
