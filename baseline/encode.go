package baseline

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"speedgate/perf"
)

// Schema is the version of the file that this package writes and reads.
const Schema = "speedgate.baseline/v1"

// The estimators whose definition the values of a file depend on. They are
// written down because they changed in libraries before, and two definitions
// must not be compared in silence.
const (
	estimatorValue    = "median"
	estimatorSpread   = "median absolute deviation"
	estimatorQuantile = "type 7" // of Hyndman and Fan, as R and NumPy do by default
)

// Encode returns the file as text: JSON with a run and a metric on each line,
// everything sorted, numbers in their shortest form and a final newline. The same
// content always gives the same bytes, so that a diff shows what moved.
func (f *File) Encode() []byte {
	w := encoder{buf: make([]byte, 0, f.sizeHint())}
	w.raw("{\n  \"schema\": \"" + Schema + "\",\n  \"estimators\": ")
	w.object(func() {
		w.text("value", estimatorValue)
		w.text("spread", estimatorSpread)
		w.text("quantile", estimatorQuantile)
	})
	w.raw(",\n  \"entries\": [")
	for i := range f.entries {
		if i > 0 {
			w.raw(",")
		}
		w.raw("\n    {\n")
		w.entry(&f.entries[i])
		w.raw("\n    }")
	}
	if len(f.entries) > 0 {
		w.raw("\n  ")
	}
	w.raw("]\n}\n")
	return w.buf
}

// sizeHint guesses the size of the text. A good guess saves copying a file of some
// megabytes several times while it grows.
func (f *File) sizeHint() int {
	const perMetric, perValue = 400, 30
	size := 1 << 10
	for i := range f.entries {
		e := &f.entries[i]
		size += len(e.metrics) * (perMetric + perValue*len(e.runs))
	}
	return size
}

// encoder appends JSON to buf. It is written by hand for the layout, which
// encoding/json has no option for, and for its speed on large suites.
type encoder struct {
	buf   []byte
	isNew bool // no member of the open object was written yet
}

func (w *encoder) entry(e *entry) {
	w.raw("      \"suite\": ")
	w.str(e.suite)
	w.raw(",\n      \"environment\": ")
	w.env(e.env)
	w.raw(",\n      \"runs\": ")
	lines(w, e.runs, w.run)
	w.raw(",\n      \"metrics\": ")
	lines(w, e.metrics, func(b *metric) { w.metric(b, len(e.runs)) })
	if len(e.accepted) > 0 {
		w.raw(",\n      \"accepted\": ")
		lines(w, e.accepted, w.acceptance)
	}
}

// lines writes an array with one item on each line.
func lines[T any](w *encoder, list []T, item func(*T)) {
	w.raw("[")
	for i := range list {
		if i > 0 {
			w.raw(",")
		}
		w.raw("\n        ")
		item(&list[i])
	}
	w.raw("\n      ]")
}

func (w *encoder) env(e perf.Env) {
	w.object(func() {
		w.textIf("name", e.Name)
		w.textIf("os", e.OS)
		w.textIf("arch", e.Arch)
		w.textIf("cpu", e.CPU)
		w.countIf("cores", int64(e.Cores))
		w.textIf("runtime", e.Runtime)
		w.textIf("runner", e.Runner)
	})
}

func (w *encoder) run(r *perf.RunInfo) {
	w.object(func() {
		w.text("id", r.ID)
		w.textIf("commit", r.Commit)
		w.timeIf("time", r.Time)
		if r.Workload != (perf.Workload{}) {
			w.key("workload")
			w.workload(r.Workload)
		}
	})
}

func (w *encoder) workload(l perf.Workload) {
	w.object(func() {
		w.countIf("users", int64(l.Users))
		w.numberIf("spawn_rate", l.SpawnRate)
		w.numberIf("rate", l.Rate)
		if l.Duration != 0 {
			w.text("duration", l.Duration.String())
		}
		w.textIf("host", l.Host)
	})
}

func (w *encoder) metric(b *metric, runs int) {
	w.object(func() {
		w.text("subject", b.Key.Subject)
		w.text("metric", b.Key.Metric)
		w.labels(b.Key.Labels)
		w.textIf("unit", string(b.Unit))
		if b.Better != perf.BetterUnknown {
			w.text("better", b.Better.String())
		}
		if b.Kind != perf.KindUnknown {
			w.text("kind", b.Kind.String())
		}
		if b.Exact {
			w.key("exact")
			w.raw("true")
		}
		w.numberIf("step", b.Step)
		w.points(b.Points, runs)
		w.key("anchor")
		w.anchor(b.Anchor)
		if b.origin != nil {
			w.key("origin")
			w.anchor(b.origin)
		}
	})
}

func (w *encoder) labels(l perf.Labels) {
	if l == "" {
		return
	}
	w.key("labels")
	w.object(func() {
		for _, p := range l.List() {
			w.text(p.Name, p.Value)
		}
	})
}

// points writes three arrays with one item for each run of the entry: a column
// of a table reads, and diffs, better than a list of objects. Arrays of nothing
// but zeros are left out.
func (w *encoder) points(points []perf.Point, runs int) {
	w.key("values")
	w.column(points, runs, func(p *perf.Point) { w.number(p.Value) })
	var hasSpread, hasCount bool
	for i := range points {
		hasSpread = hasSpread || points[i].Spread != 0
		hasCount = hasCount || points[i].Count != 0
	}
	if hasSpread {
		w.key("spreads")
		w.column(points, runs, func(p *perf.Point) { w.number(p.Spread) })
	}
	if hasCount {
		w.key("counts")
		w.column(points, runs, func(p *perf.Point) { w.buf = strconv.AppendInt(w.buf, p.Count, 10) })
	}
}

func (w *encoder) column(points []perf.Point, runs int, item func(*perf.Point)) {
	w.raw("[")
	for run := range runs {
		if run > 0 {
			w.raw(", ")
		}
		if len(points) == 0 || points[0].Run != run {
			w.raw("null")
			continue
		}
		item(&points[0])
		points = points[1:]
	}
	w.raw("]")
}

func (w *encoder) anchor(a *perf.Anchor) {
	w.object(func() {
		w.key("value")
		w.number(a.Value)
		w.textIf("commit", a.Commit)
		w.timeIf("time", a.Time)
		w.textIf("reason", a.Reason)
	})
}

func (w *encoder) acceptance(a *perf.Acceptance) {
	w.object(func() {
		w.text("match", a.Match)
		w.text("reason", a.Reason)
		w.textIf("commit", a.Commit)
		w.timeIf("time", a.Time)
	})
}

// object writes the members that write adds, on one line.
func (w *encoder) object(write func()) {
	w.raw("{")
	w.isNew = true
	write()
	w.isNew = false
	w.raw("}")
}

func (w *encoder) key(name string) {
	if !w.isNew {
		w.raw(", ")
	}
	w.isNew = false
	w.str(name)
	w.raw(": ")
}

func (w *encoder) text(name, value string) {
	w.key(name)
	w.str(value)
}

func (w *encoder) textIf(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func (w *encoder) countIf(name string, n int64) {
	if n != 0 {
		w.key(name)
		w.buf = strconv.AppendInt(w.buf, n, 10)
	}
}

func (w *encoder) numberIf(name string, v float64) {
	if v != 0 {
		w.key(name)
		w.number(v)
	}
}

func (w *encoder) timeIf(name string, t time.Time) {
	if !t.IsZero() {
		w.text(name, t.Format(time.RFC3339Nano))
	}
}

func (w *encoder) raw(s string) { w.buf = append(w.buf, s...) }

// number writes the shortest text that reads back as v, with an exponent only
// where zeros would make it long, as JavaScript does.
func (w *encoder) number(v float64) {
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	w.buf = strconv.AppendFloat(w.buf, v, format, -1, 64)
}

func (w *encoder) str(s string) {
	if isPlainText(s) {
		w.buf = append(append(append(w.buf, '"'), s...), '"')
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // no browser reads the file, and <id> in a path is for people
	_ = e.Encode(s)        // a string always encodes, and a buffer takes all
	w.buf = append(w.buf, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// isPlainText reports whether s needs no escape.
func isPlainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == 0x7f {
			return false
		}
	}
	return true
}
