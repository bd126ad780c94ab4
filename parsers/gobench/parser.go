package gobench

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"speedgate/perf"
)

// maxErrors ends reading: an input with more errors holds no results.
const maxErrors = 1000

// maxMetrics bounds the metrics of one benchmark. The Go project's own report up
// to about thirty.
const maxMetrics = 256

// usualMetrics is what -benchmem gives.
const usualMetrics = 3

// maxUsual bounds the memory set aside for samples that may never come.
const maxUsual = 16

// parser collects what the lines of one input say.
type parser struct {
	name     string
	errs     perf.InputErrors
	warnings []perf.Warning
	// unfinished is what of the test ended before it was done: a benchmark or a
	// package that failed, output that was cut short.
	unfinished []perf.Warning

	packages []*pkg // in the order of the input
	byPath   map[string]*pkg
	units    map[string]unitInfo // by metric

	settings map[string]setting // goos, goarch and cpu

	recovered tally // results on lines that were broken by printed text
	ignored   tally // lines that look like a result and belong to no benchmark
	outside   tally // lines between JSON events
	unended   tally // packages whose end no line tells
	passed    bool  // a PASS or ok line was seen
	skipped   bool  // a benchmark was skipped
	benchstat perf.Pos
	noColumns bool   // columns are not those of the file
	usual     int    // samples that the last benchmark had, as the next one likely will
	result    result // of the line being read; kept to use its memory again
}

// setting is a value that is the same in the whole input.
type setting struct {
	value string
	at    perf.Pos
}

// tally counts lines and remembers the first.
type tally struct {
	n     int
	first perf.Pos
}

func (t *tally) add(at perf.Pos) {
	if t.n == 0 {
		t.first = at
	}
	t.n++
}

// pkg is the results of one Go package, "" if it is not known.
type pkg struct {
	path   string
	list   []*benchmark // in the order of the input
	byName map[string]*benchmark
	last   *benchmark // the one that the last result was of
	procs  []int      // GOMAXPROCS of each of list, 0 if not known; set by keys
}

// benchmark is the results of one name.
type benchmark struct {
	name    string
	metrics []measured
}

// measured is the samples of one unit.
type measured struct {
	unit       string
	samples    []float64
	iterations int64 // total over the samples
	line, col  int32 // of the first sample
	lastLine   int32 // of the last
}

func newParser(name string) *parser {
	return &parser{name: name, byPath: map[string]*pkg{}, units: map[string]unitInfo{}, settings: map[string]setting{}}
}

func (p *parser) fail(at perf.Pos, format string, args ...any) {
	if p.noColumns {
		at.Col = 0
	}
	p.errs = append(p.errs, perf.Errorf(at, format, args...))
}

// failLine takes what is wrong with a result that stands behind the first offset
// bytes of its line.
func (p *parser) failLine(f *fault, at perf.Pos, offset int) {
	at.Col = f.col + int32(offset)
	p.fail(at, "%s", f.msg)
}

func (p *parser) warn(at perf.Pos, format string, args ...any) {
	p.warnings = append(p.warnings, perf.Warning{Pos: at, Msg: fmt.Sprintf(format, args...)})
}

func (p *parser) incomplete(at perf.Pos, format string, args ...any) {
	p.unfinished = append(p.unfinished, perf.Warning{Pos: at, Msg: fmt.Sprintf(format, args...)})
}

// pkg returns the package with the import path, which it adds if it is new.
func (p *parser) pkg(path string) *pkg {
	if k := p.byPath[path]; k != nil {
		return k
	}
	k := &pkg{path: path, byName: map[string]*benchmark{}}
	p.byPath[path] = k
	p.packages = append(p.packages, k)
	return k
}

// set takes a config line that holds for the whole input. Results of two machines
// in one file cannot be told apart later.
func (p *parser) set(key, val string, at perf.Pos) {
	have, known := p.settings[key]
	switch {
	case val == "" || have.value == val:
	case !known:
		p.settings[key] = setting{val, at}
	default:
		p.fail(at, "%s is %q here and %q at %s; give the results of each machine in a file of its own",
			key, val, have.value, have.at)
	}
}

// benchmark returns the benchmark called name, which it adds if it is new. The
// repetitions of -count follow each other, so that the last one is the likely one.
func (k *pkg) benchmark(name []byte) *benchmark {
	if k.last != nil && k.last.name == string(name) {
		return k.last
	}
	b := k.byName[string(name)]
	if b == nil {
		b = &benchmark{name: string(name), metrics: make([]measured, 0, usualMetrics)}
		k.byName[b.name] = b
		k.list = append(k.list, b)
	}
	k.last = b
	return b
}

// add takes p.result into the package k. It stands behind the first offset bytes of
// its line.
func (p *parser) add(k *pkg, at perf.Pos, offset int) {
	if p.result.iterations == 0 {
		p.incomplete(at, "%s did no iteration", clip(p.result.name))
		return
	}
	b := k.benchmark(p.result.name)
	for i, v := range p.result.values {
		col := v.col + int32(offset)
		m := b.metric(i, v.unit)
		if m == nil {
			p.fail(at, "%q has more than %d metrics", clip(p.result.name), maxMetrics)
			return
		}
		if m.lastLine == at.Line {
			at.Col = col
			p.fail(at, "%s is given twice on one line", clip(v.unit))
			return
		}
		if m.samples == nil {
			m.line, m.col = at.Line, col
			m.samples = make([]float64, 0, min(p.usual, maxUsual))
		}
		m.lastLine = at.Line
		m.samples = append(m.samples, v.v)
		p.usual = len(m.samples)
		m.iterations += min(p.result.iterations, math.MaxInt64-m.iterations)
	}
}

// metric returns the samples of a unit, which it adds if they are new; nil if there
// are too many. Units come in the same order on every line: hint is a good guess.
func (b *benchmark) metric(hint int, unit []byte) *measured {
	if hint < len(b.metrics) && b.metrics[hint].unit == string(unit) {
		return &b.metrics[hint]
	}
	for i := range b.metrics {
		if b.metrics[i].unit == string(unit) {
			return &b.metrics[i]
		}
	}
	if len(b.metrics) == maxMetrics {
		return nil
	}
	b.metrics = append(b.metrics, measured{unit: unitText(unit)})
	return &b.metrics[len(b.metrics)-1]
}

// unitText returns the text of a unit, without new memory for the usual ones.
func unitText(unit []byte) string {
	switch string(unit) {
	case "ns/op":
		return "ns/op"
	case "B/op":
		return "B/op"
	case "allocs/op":
		return "allocs/op"
	case "MB/s":
		return "MB/s"
	}
	return string(unit)
}

// run returns what was read, once all lines are.
func (p *parser) run(format string) (*perf.Run, error) {
	if err := p.errs.Err(); err != nil {
		return nil, err
	}
	r := &perf.Run{
		Source: perf.Source{Files: []string{p.name}, Format: format, Tool: "go test"},
		Env:    perf.Env{OS: p.settings["goos"].value, Arch: p.settings["goarch"].value, CPU: p.settings["cpu"].value},
	}
	r.Series = p.series()
	if len(r.Series) == 0 {
		return nil, p.noResults()
	}
	r.Env.Cores = cores(p.packages)
	r.Warnings, r.Incomplete = p.allWarnings(), p.unfinished
	if err := r.Check(); err != nil {
		return nil, err
	}
	return r, nil
}

// series returns the series of all packages, sorted by key. The order is found over
// indices, as moving whole series takes a third of the time of reading them.
func (p *parser) series() []perf.Series {
	keys, values := p.keys()
	order := make([]int32, len(keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		if c := strings.Compare(keys[i].Subject, keys[j].Subject); c != 0 {
			return c
		}
		return keys[i].Compare(keys[j])
	})
	byUnit := map[string]traits{}
	list := make([]perf.Series, len(order))
	for n, i := range order {
		m := values[i]
		t, ok := byUnit[m.unit]
		if !ok {
			t = p.describe(m.unit)
			byUnit[m.unit] = t
		}
		list[n] = perf.Series{
			Key: keys[i], Unit: t.unit, Better: t.better, Kind: perf.KindSample, Exact: t.exact,
			Samples: m.samples, Count: m.iterations, Pos: p.pos(m.line, m.col),
		}
	}
	return list
}

// keys returns the key of everything that was measured, and the values.
func (p *parser) keys() (keys []perf.Key, values []*measured) {
	n := 0
	for _, k := range p.packages {
		for _, b := range k.list {
			n += len(b.metrics)
		}
	}
	keys, values = make([]perf.Key, 0, n), make([]*measured, 0, n)
	for _, k := range p.packages {
		for i, key := range k.keys() {
			metrics := k.list[i].metrics
			for j := range metrics {
				key.Metric = metricOf(metrics[j].unit)
				keys, values = append(keys, key), append(values, &metrics[j])
			}
		}
	}
	return keys, values
}

func (p *parser) pos(line, col int32) perf.Pos {
	if p.noColumns {
		col = 0
	}
	return perf.Pos{File: p.name, Line: line, Col: col}
}

// noResults says why there is no result, as well as the input tells.
func (p *parser) noResults() error {
	at, msg := perf.Pos{File: p.name}, "expected the output of go test -bench, with at least one result line"
	switch {
	case p.benchstat.Line > 0:
		at, msg = p.benchstat, "this is a comparison by benchstat; give the files that benchstat compared"
	case len(p.unfinished) > 0:
		at, msg = p.unfinished[0].Pos, "incomplete: "+p.unfinished[0].Msg
	case len(p.warnings) > 0:
		at, msg = p.warnings[0].Pos, p.warnings[0].Msg
	case p.skipped:
		msg = "every benchmark was skipped"
	case p.passed:
		msg = "no benchmark matched"
	}
	return &perf.InputError{Pos: at, Msg: msg, Err: perf.ErrNoResults}
}

func (p *parser) allWarnings() []perf.Warning {
	for _, w := range []struct {
		tally
		thing, msg string
	}{
		{p.recovered, "result line", "%s broken by printed text, put together again; the first is here"},
		{p.ignored, "line", "%s like a result, but in a log or without a benchmark's name, left out; the first is here"},
		{p.unended, "package", "%s without a PASS, ok or FAIL line at the end, perhaps cut short; the first is here"},
		{p.outside, "line", "%s between JSON events, read as text; the first is here"},
	} {
		if w.n > 0 {
			p.warn(w.first, w.msg, plural(w.n, w.thing))
		}
	}
	return p.warnings
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
