package baseline

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"speedgate/internal/jsontree"
	"speedgate/internal/suggest"
	"speedgate/perf"
)

var metricKeys = []string{
	"subject", "metric", "labels", "unit", "better", "kind", "exact", "step", "values", "spreads", "counts", "anchor", "origin",
}

// metrics reads the metrics of an entry with so many runs, sorted by key.
func (d *decoder) metrics(n *jsontree.Node, runs int) []metric {
	items := d.items(n)
	if len(items) == 0 && n.Kind == jsontree.Array {
		d.fail(n.Pos(), "expected at least one metric")
	}
	list := make([]metric, len(items))
	for i := range items {
		d.metric(&list[i], &items[i], runs)
	}
	byKey := func(a, b metric) int { return a.Key.Compare(b.Key) }
	if !slices.IsSortedFunc(list, byKey) {
		slices.SortStableFunc(list, byKey)
	}
	for i := 1; i < len(list); i++ {
		if a, b := &list[i-1], &list[i]; a.Key == b.Key && a.Key.Subject != "" && a.Key.Metric != "" {
			d.fail(b.Pos, "%q stands twice, first at %s", b.Key, a.Pos)
		}
	}
	return list
}

func (d *decoder) metric(b *metric, n *jsontree.Node, runs int) {
	b.Pos = n.Pos()
	var cols columns
	for _, m := range d.members(n) {
		v := &m.Value
		switch m.Name {
		case "subject":
			b.Key.Subject = d.name(v)
		case "metric":
			b.Key.Metric = d.name(v)
		case "labels":
			b.Key.Labels = d.labels(v)
		case "unit":
			b.Unit = perf.Unit(d.str(v))
		case "better":
			b.Better = parseWord(d, v, perf.ParseBetter, `"lower", "higher" or "unknown"`)
		case "kind":
			b.Kind = parseWord(d, v, perf.ParseKind, "the kind of a metric")
		case "exact":
			b.Exact = d.bool(v)
		case "step":
			b.Step = d.positive(v)
		case "values":
			cols.values = v
		case "spreads":
			cols.spreads = v
		case "counts":
			cols.counts = v
		case "anchor":
			b.Anchor = d.anchor(v)
		case "origin":
			b.origin = d.anchor(v)
		default:
			d.unknown(&m, metricKeys...)
		}
	}
	if !d.require(n, "subject", "metric", "values") || !d.aligned(&cols, runs) {
		return
	}
	b.Points = d.points(&cols)
	d.checkMetric(b, n)
}

// checkMetric looks at what no single key can tell.
func (d *decoder) checkMetric(b *metric, n *jsontree.Node) {
	if len(b.Points) == 0 {
		d.fail(n.Pos(), "%q has no value in any run", b.Key)
		return
	}
	if b.origin != nil && b.Anchor == nil {
		d.fail(n.Pos(), `%q has the key "origin" without "anchor"`, b.Key)
		return
	}
	if b.Unit.Dimension() != perf.DimensionTime {
		return
	}
	values := make([]float64, 0, 8)
	for _, p := range b.Points {
		values = append(values, p.Value)
	}
	for _, a := range []*perf.Anchor{b.Anchor, b.origin} {
		if a != nil {
			values = append(values, a.Value)
		}
	}
	if low := slices.Min(values); low < 0 {
		d.fail(n.Pos(), "%q has the negative time %g %s", b.Key, low, b.Unit)
	}
}

// columns are the arrays of a metric that hold one item for each run.
type columns struct {
	values, spreads, counts *jsontree.Node
}

// aligned reports whether every column has an item for each run. A value that
// slipped to another run would be believed, so nothing is filled in.
func (d *decoder) aligned(c *columns, runs int) bool {
	before := len(d.errs)
	for _, col := range []struct {
		name string
		n    *jsontree.Node
	}{{"values", c.values}, {"spreads", c.spreads}, {"counts", c.counts}} {
		if col.n == nil {
			continue
		}
		items := d.items(col.n)
		if col.n.Kind == jsontree.Array && len(items) != runs {
			d.fail(col.n.Pos(), "expected %d %s, one for each run, found %d", runs, col.name, len(items))
		}
	}
	return len(d.errs) == before
}

// points reads columns that are aligned.
func (d *decoder) points(c *columns) []perf.Point {
	values, spreads, counts := c.values.Items(), c.spreads.Items(), c.counts.Items()
	points := make([]perf.Point, 0, len(values))
	for run := range values {
		v := &values[run]
		isNull := v.Kind == jsontree.Null
		p := perf.Point{Run: run}
		if !isNull {
			p.Value = d.number(v, "a number or null")
		}
		if spreads != nil && d.sameNull(&spreads[run], isNull) {
			p.Spread = d.positive(&spreads[run])
		}
		if counts != nil && d.sameNull(&counts[run], isNull) {
			p.Count = d.count(&counts[run])
		}
		if !isNull {
			points = append(points, p)
		}
	}
	return points
}

// sameNull reports whether n is to be read as a number. It is null exactly where
// the value is.
func (d *decoder) sameNull(n *jsontree.Node, isNull bool) bool {
	if isNull && n.Kind != jsontree.Null {
		d.failNode(n, "null, as the run has no value")
	}
	return !isNull
}

func (d *decoder) anchor(n *jsontree.Node) *perf.Anchor {
	a := new(perf.Anchor)
	for _, m := range d.members(n) {
		v := &m.Value
		switch m.Name {
		case "value":
			a.Value = d.number(v, "a number")
		case "commit":
			a.Commit = d.str(v)
		case "time":
			a.Time = d.time(v)
		case "reason":
			a.Reason = d.str(v)
		default:
			d.unknown(&m, "value", "commit", "time", "reason")
		}
	}
	d.require(n, "value")
	return a
}

func (d *decoder) labels(n *jsontree.Node) perf.Labels {
	pairs := map[string]string{}
	for _, m := range d.members(n) {
		pairs[m.Name] = d.str(&m.Value)
	}
	return perf.NewLabels(pairs)
}

// items returns the items of an array, and says so if n is none.
func (d *decoder) items(n *jsontree.Node) []jsontree.Node {
	if n.Kind != jsontree.Array {
		d.failNode(n, "an array")
	}
	return n.Items()
}

// members returns the members of an object, and says so if n is none.
func (d *decoder) members(n *jsontree.Node) []jsontree.Member {
	if n.Kind != jsontree.Object {
		d.failNode(n, "an object")
	}
	return n.Members()
}

// keys complains about keys that are not known.
func (d *decoder) keys(n *jsontree.Node, known ...string) {
	for _, m := range d.members(n) {
		if !slices.Contains(known, m.Name) {
			d.unknown(&m, known...)
		}
	}
}

// require reports whether n is an object with all the keys.
func (d *decoder) require(n *jsontree.Node, keys ...string) bool {
	if n.Kind != jsontree.Object {
		return false
	}
	hasAll := true
	for _, k := range keys {
		if !n.Has(k) {
			d.fail(n.Pos(), "expected the key %q", k)
			hasAll = false
		}
	}
	return hasAll
}

func (d *decoder) unknown(m *jsontree.Member, known ...string) {
	hint := suggest.DidYouMean(m.Name, known)
	if hint == "" {
		hint = "; expected one of " + strings.Join(known, ", ")
	}
	d.fail(m.Pos(), "unknown key %q%s", m.Name, hint)
}

func (d *decoder) str(n *jsontree.Node) string {
	if n.Kind != jsontree.String {
		d.failNode(n, "a string")
	}
	return d.keep(n.Text)
}

// name reads a string that must not be empty.
func (d *decoder) name(n *jsontree.Node) string {
	if n.Kind == jsontree.String && n.Text == "" {
		d.fail(n.Pos(), "expected a text that is not empty")
	}
	return d.str(n)
}

func (d *decoder) bool(n *jsontree.Node) bool {
	if n.Kind != jsontree.Bool {
		d.failNode(n, "true or false")
	}
	return n.Text == "true"
}

func (d *decoder) number(n *jsontree.Node, expected string) float64 {
	if n.Kind != jsontree.Number {
		d.failNode(n, expected)
		return 0
	}
	v, err := strconv.ParseFloat(n.Text, 64)
	if err != nil {
		d.fail(n.Pos(), "%s is out of the range of numbers", n.Text)
	}
	return v
}

func (d *decoder) positive(n *jsontree.Node) float64 {
	const expected = "a number that is not negative"
	v := d.number(n, expected)
	if v < 0 && !math.IsInf(v, 0) {
		d.failNode(n, expected)
	}
	return v
}

func (d *decoder) count(n *jsontree.Node) int64 {
	v, err := strconv.ParseInt(n.Text, 10, 64)
	if n.Kind != jsontree.Number || err != nil || v < 0 {
		d.failNode(n, "a whole number that is not negative")
		return 0
	}
	return v
}

func (d *decoder) time(n *jsontree.Node) time.Time {
	if n.Kind != jsontree.String {
		d.failNode(n, "a time as text")
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, n.Text)
	t = t.UTC()
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		d.fail(n.Pos(), "expected a time such as 2026-01-31T12:00:00Z, found %q", n.Text)
		return time.Time{}
	}
	return t
}

func (d *decoder) duration(n *jsontree.Node) time.Duration {
	if n.Kind != jsontree.String {
		d.failNode(n, "a duration as text")
		return 0
	}
	v, err := time.ParseDuration(n.Text)
	if err != nil || v < 0 {
		d.fail(n.Pos(), "expected a duration such as 5m0s, found %q", n.Text)
		return 0
	}
	return v
}

// parseWord reads one of a few words.
func parseWord[T any](d *decoder, n *jsontree.Node, parse func(string) (T, bool), expected string) T {
	v, ok := parse(n.Text)
	if n.Kind != jsontree.String || !ok {
		d.fail(n.Pos(), "expected %s, found %q", expected, n.Text)
	}
	return v
}
