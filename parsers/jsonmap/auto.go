package jsonmap

import (
	"slices"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// ruleAuto is the source rule of the automatic reading.
const ruleAuto = "numeric leaves by name"

// subjectSeparator stands between the names that make up a subject. Blanks keep it
// apart from the slashes of routes.
const subjectSeparator = " / "

var (
	// limitWords, anywhere in the key of a number, make it a limit, a setting of the
	// test, or a comparison that was computed from results.
	limitWords = set(`threshold thresholds target targets limit limits budget budgets slo slos sla guard goal goals
		tolerance expected allowed acceptable regression delta reduction improvement previous speedup warmup ramp rampup cooldown`)
	// settingWords, as the last word of a key, do the same; elsewhere they may be part of
	// a benchmark's name: config_parse_ms.
	settingWords = set(`config configuration settings options params parameters environment env metadata meta machine
		hardware schema issue seed factor multiplier timestamp date version timeout interval ttl deadline sleep
		uptime port pid warning critical required display human formatted pretty`)
	// structureWords make up keys that say what kind of thing is below and do not
	// name it.
	structureWords = set(`
		metrics metric results result benchmarks benchmark baselines baseline scenarios tests endpoints measurements
		performance perf data stats statistics programs items cases values runs latest current history snapshots`)
	// valueWords are keys of a number whose name is the key around it, sampleWords those
	// of an array of numbers. "samples" with one number is a count.
	valueWords  = set("value result current actual measured estimate")
	sampleWords = set("values samples times timings data measurements raw results runs")
	// groupNouns make a key that holds the statistics of one metric: latency, cpu_usage.
	groupNouns      = set("latency latencies time times duration durations elapsed percentile percentiles throughput usage rate cpu memory mem")
	groupWords      = set("latency latencies response responses request requests req http grpc rpc time times duration durations elapsed percentile percentiles throughput error failure success usage used utilization rate cpu memory mem")
	percentileWords = set("percentile percentiles")
	// partWords name what a summary holds beside its statistics.
	partWords = set("count total sum num number n samples requests iterations bucket buckets bin bins histogram")
	// spanWords with "duration" are the length of the whole test.
	spanWords = set("duration test total run suite overall")
)

// auto is the automatic reading of one document.
type auto struct {
	*collector
	readings []*reading
	skipped  []*trail
	counts   map[*jsontree.Node]bool // numbers that were used as the count behind others
}

// reading is a leaf with the name that the keys around it give it.
type reading struct {
	at      *trail
	top     *trail // the outermost key that the metric's name is made of
	extra   string // the leaf's own key where it is the subject and the key around it the metric
	n       name
	text    string // the keys that make up the metric's name, as written
	unit    perf.Unit
	subject string
	metric  string
	samples []float64
	array   bool
}

func readAuto(root *jsontree.Node, file string) (*perf.Run, error) {
	a := &auto{collector: newCollector(file, ruleAuto), counts: map[*jsontree.Node]bool{}}
	a.walk(&trail{node: root})
	a.disambiguate()
	a.run.Series = make([]perf.Series, 0, len(a.readings))
	for _, r := range a.readings {
		a.add(a.series(r))
	}
	for _, t := range a.skipped {
		if !a.counts[t.node] {
			a.skip(t)
		}
	}
	return a.finish()
}

func (a *auto) walk(t *trail) {
	switch t.node.Kind {
	case jsontree.Object:
		a.walkObject(t)
	case jsontree.Array:
		list, ok, err := numbers(t.node)
		if ok && !t.inList() && t.up != nil {
			a.samplesLeaf(t, list, err)
			return
		}
		for _, item := range t.children() {
			a.walk(item)
		}
	default:
		a.leaf(t)
	}
}

func (a *auto) walkObject(t *trail) {
	for _, child := range t.children() {
		switch {
		case isRefused(child):
			a.skipped = append(a.skipped, child)
		case isHistory(child):
			a.walkHistory(child)
		default:
			a.walk(child)
		}
	}
}

// isRefused reports whether a key says that what it holds are no results. The key of
// an object is judged by its last word alone: limit_order may be a benchmark.
func isRefused(t *trail) bool {
	n := t.name()
	if n.bare() {
		return false
	}
	last := n.base[len(n.base)-1]
	if settingWords[last] || limitWords[last] {
		return true
	}
	return t.node.Kind != jsontree.Object && n.has(limitWords)
}

func isHistory(t *trail) bool {
	words, items := t.name().base, t.node.Items()
	return len(words) == 1 && (words[0] == "history" || words[0] == "snapshots") &&
		len(items) > 0 && items[0].Kind == jsontree.Object
}

// walkHistory reads the last of several snapshots, unless the current one stands
// beside them. A history in another order than that of time is refused: its last
// snapshot would be an old one.
func (a *auto) walkHistory(t *trail) {
	items := t.node.Items()
	for _, name := range []string{"current", "latest"} {
		if t.up.node.Get(name) != nil && t.up.node.Get(name).Kind == jsontree.Object {
			a.warn(t.node.Pos(), "%s: %s not read; %q beside them is the newest", t, plural(len(items), "snapshot"), name)
			return
		}
	}
	if first, last := snapshotTime(&items[0]), snapshotTime(&items[len(items)-1]); first > last && last != "" {
		a.fail(perf.Errorf(t.node.Pos(), "%s begins with the snapshot of %s and ends with that of %s; expected the newest last", t, first, last))
		return
	}
	if len(items) > 1 {
		a.warn(t.node.Pos(), "%s: %s not read; the last one counts", t, plural(len(items)-1, "snapshot"))
	}
	a.walk(t.item(len(items) - 1))
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
func (a *auto) leaf(t *trail) {
	v, ok, err := readValue(t.node)
	if !ok && err == nil {
		return
	}
	r := describe(t, v.unit)
	switch {
	case t.inList() || t.up == nil || !r.qualifies():
		a.skipped = append(a.skipped, t)
	case err != nil:
		a.fail(err)
	case v.missing:
		a.absent(t)
	default:
		r.samples = []float64{v.number}
		a.take(r)
	}
}

func (a *auto) samplesLeaf(t *trail, list []float64, err error) {
	r := describe(t, "")
	switch {
	case !r.qualifies():
		a.skipped = append(a.skipped, t)
	case err != nil:
		a.fail(err)
	default:
		r.samples, r.array = list, true
		a.take(r)
	}
}

// take keeps a reading unless it is a negative time, which no clock measures.
func (a *auto) take(r *reading) {
	isTime := r.unit.Dimension() == perf.DimensionTime || perf.IsLatency(r.metric)
	if isTime && slices.Min(r.samples) < 0 {
		a.warn(r.at.node.Pos(), "%s is a negative time, %g; not read", r.at, slices.Min(r.samples))
		return
	}
	a.readings = append(a.readings, r)
}

func (a *auto) series(r *reading) perf.Series {
	s := perf.Series{
		Key: perf.Key{Subject: r.subject, Metric: r.metric}, Unit: r.unit, Better: r.better(),
		Kind: kindOf(r.metric, r.n, r.unit), Samples: r.samples, Pos: r.at.node.Pos(),
	}
	if r.array {
		s.Kind = perf.KindSample
		return s
	}
	if r.n.isLatency() && (s.Kind == perf.KindMean || s.Kind == perf.KindQuantile) {
		s.Count = a.count(r)
	}
	return s
}

// count finds the number of measurements behind a statistic in the objects that
// belong to its metric.
func (a *auto) count(r *reading) int64 {
	for t := r.at.up; t != nil; t = t.up {
		if n := t.facts().count; n != nil {
			a.counts[n] = true
			v, _ := countValue(n)
			return v
		}
		if t == r.top.up {
			break
		}
	}
	return 0
}

// describe names a leaf by its key and the keys around it. unit is that of its
// value, if it is a string with one.
func describe(t *trail, unit perf.Unit) *reading {
	if t.inList() { // an item of an array is named as the array
		r := describe(t.up, unit)
		r.at = t
		return r
	}
	own := t.name()
	r := &reading{at: t, top: t, n: own, text: t.key, unit: unit}
	if t.up != nil && t.up.up != nil && !t.up.inList() {
		r.text = r.around(own, r.text)
	}
	if r.unit == "" && (own.bare() || own.isValue(t.node)) && own.unit == "" {
		r.unit = r.siblingUnit()
	}
	if r.unit == "" {
		r.unit = r.n.unit
	}
	r.metric = r.metricText()
	r.subject = r.subjectText(false)
	return r
}

// metricText is the standard name of the metric, or else its keys as they are written.
func (r *reading) metricText() string {
	if metric := metricName(r.n, r.unit); metric != "" {
		return metric
	}
	return r.text
}

// isValue reports whether the key of a number or an array of numbers only says that
// it stands here, or in which unit of time, size or share. A rate is a metric by
// itself: rps, ns_per_op.
func (n name) isValue(node *jsontree.Node) bool {
	words := valueWords
	if node.Kind == jsontree.Array {
		words = sampleWords
	}
	switch {
	case len(n.stats) > 0 || n.spread || strings.Contains(string(n.unit), "/"):
		return false
	case !n.bare():
		return len(n.base) == 1 && n.unit == "" && words[n.base[0]]
	}
	switch n.unit.Dimension() {
	case perf.DimensionTime, perf.DimensionSize, perf.DimensionRatio:
		return true
	}
	return false
}

// isSubject reports whether a key below the name of a metric may be what was
// measured, such as a route: it says nothing about a metric itself.
func (n name) isSubject() bool {
	return !n.bare() && len(n.stats) == 0 && !n.spread && n.unit == "" && !n.measures() && !n.has(notTimes) && !n.has(partWords)
}

// isGroup reports whether the key holds the statistics or the parts of one metric.
func (n name) isGroup() bool {
	if n.bare() {
		return n.unit != "" || len(n.stats) > 0
	}
	return n.has(groupNouns) && n.only(groupWords)
}

// around joins what the keys around a leaf say to its name and returns the text of
// the metric's name.
func (r *reading) around(own name, text string) string {
	up := r.at.up
	p := up.name()
	switch {
	case own.isValue(r.at.node):
		r.top, r.n = up, joinNames(p, name{unit: own.unit})
		return up.key
	case r.at.node.Kind != jsontree.Array && own.isSubject() && p.isGroup():
		r.top, r.n, r.extra = up, p, r.at.key
		return up.key
	case !own.bare():
		return text
	}
	for up != nil && up.up != nil && !up.inList() {
		p := up.name()
		if !p.isGroup() || len(p.stats) > 0 {
			if r.n.unit == "" && !p.isValue(up.node) {
				r.n.unit = p.unit
			}
			break
		}
		r.top, r.n = up, joinNames(p, r.n)
		text = up.key + "_" + text
		up = up.up
	}
	return text
}

// joinNames is the name of inner inside a group.
func joinNames(group, inner name) name {
	n := name{
		text: group.text, unit: inner.unit, spread: group.spread || inner.spread,
		base: slices.Concat(group.base, inner.base), stats: slices.Concat(group.stats, inner.stats),
	}
	if n.unit == "" {
		n.unit = group.unit
	}
	return n
}

// name reads the key of a value, once. Below "percentiles", plain numbers are keys too.
func (t *trail) name() name {
	if t.parsed == nil {
		n := readName(t.key)
		if t.up != nil && startsPercentile(t.key) && barePercentile.MatchString(t.key) && t.up.name().has(percentileWords) {
			n = name{text: t.key, stats: []string{"p" + t.key}}
		}
		t.parsed = &n
	}
	return *t.parsed
}

// siblingUnit is the text of a member "unit" beside the value, or beside the keys
// around it that belong to its metric.
func (r *reading) siblingUnit() perf.Unit {
	for t := r.at.up; t != nil; t = t.up {
		if u := t.facts().unit; u != "" {
			return u
		}
		if t == r.top || r.top == r.at {
			break
		}
	}
	return ""
}

// qualifies reports whether a leaf is taken for a measurement.
func (r *reading) qualifies() bool {
	n := r.n
	isMeasure := n.measures()
	switch {
	case n.spread, r.isSpan():
		return false
	case slices.ContainsFunc(n.stats, isExtreme) && (len(n.stats) > 1 || !r.hasCompanion()):
		return false // max_time_sec alone is a limit, not what was measured
	case r.unit.Dimension() == perf.DimensionRatio:
		return isMeasure || r.better() != perf.BetterUnknown
	case r.unit != "":
		return true
	case len(n.stats) > 0:
		return isPercentile(n.stats[0]) || n.isLatency() || isMeasure
	}
	return isMeasure
}

// isSpan reports whether the leaf is how long the whole test took.
func (r *reading) isSpan() bool {
	if len(r.n.stats) > 0 || !slices.Contains(r.n.base, "duration") || !r.n.only(spanWords) {
		return false
	}
	return len(r.n.base) > 1 || r.at.up.facts().isLoad
}

// hasCompanion reports whether an average or a percentile of the same thing stands
// beside a minimum or maximum.
func (r *reading) hasCompanion() bool {
	return r.at.up.facts().averages[companionKey(r.at.name())]
}

// better is the good direction. A size under a key about memory is a cost, whatever
// its own key says.
func (r *reading) better() perf.Better {
	b := directionOf(r.metric, r.n, r.unit)
	if b != perf.BetterUnknown || r.unit.Dimension() != perf.DimensionSize {
		return b
	}
	for t := r.at; t != nil; t = t.up {
		if slices.ContainsFunc(splitWords(t.key), func(w string) bool { return memoryWords[w] }) {
			return perf.BetterLower
		}
	}
	return b
}
