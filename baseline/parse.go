package baseline

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/parsers/jsonmap"
	"speedgate/perf"
)

// schemaPrefix stands before the number of the version.
const schemaPrefix = "speedgate.baseline/v"

const example = `{"schema": "` + Schema + `", …} or the plain shape {"latency": {"p95": 98}, "throughput": {"avg": 1043.5}}`

// Parse reads a baseline. name stands for the file in messages. Everything that
// is wrong is reported at once, each with its place, as [*perf.InputError] or
// [perf.InputErrors]; no part of a broken file is used.
//
// Runs and metrics may stand in any order, as people merge by hand. A run, a
// metric or an environment that stands twice is an error.
func Parse(data []byte, name string) (*File, error) { return parse(string(data), name) }

func parse(text, name string) (*File, error) {
	text = strings.TrimPrefix(text, "\xEF\xBB\xBF")
	if err := refuse(text, name); err != nil {
		return nil, err
	}
	root, err := jsontree.Parse(text, name)
	if err != nil {
		return nil, err
	}
	if root.Kind != jsontree.Object {
		return nil, perf.Errorf(root.Pos(), "expected a baseline, %s; found %s", example, root.Kind)
	}
	schema := root.Get("schema")
	if schema == nil {
		return parsePlain(root, name)
	}
	if err := checkSchema(schema); err != nil {
		return nil, err
	}
	d := decoder{texts: map[string]string{}}
	f := d.file(root)
	if err := d.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// refuse recognises files that are not JSON at all, for a message that says
// what happened instead of which character is wrong.
func refuse(text, name string) error {
	if strings.TrimSpace(text) == "" {
		return perf.Errorf(perf.Pos{File: name}, "the file is empty; expected %s", example)
	}
	head := text[:min(len(text), 2)]
	if head == "\xFF\xFE" || head == "\xFE\xFF" || strings.Contains(head, "\x00") {
		return perf.Errorf(perf.Pos{File: name}, "the file is in UTF-16; expected UTF-8")
	}
	if at := conflictMarker(text); at >= 0 {
		line := 1 + strings.Count(text[:at], "\n")
		return perf.Errorf(perf.Pos{File: name, Line: int32(line), Col: 1},
			"a conflict of a git merge is not resolved; take one side and run speedgate update")
	}
	return nil
}

// conflictMarker returns the offset of the first conflict marker, -1 if there is
// none. A line of JSON never begins like one.
func conflictMarker(text string) int {
	first := -1
	for _, marker := range []string{"<<<<<<<", "=======", ">>>>>>>"} {
		at := strings.Index(text, "\n"+marker) + 1
		if at == 0 && !strings.HasPrefix(text, marker) {
			continue
		}
		if first < 0 || at < first {
			first = at
		}
	}
	return first
}

func checkSchema(n *jsontree.Node) error {
	text, err := n.Str()
	if err != nil || text == Schema {
		return err
	}
	digits, isOurs := strings.CutPrefix(text, schemaPrefix)
	if version, err := strconv.Atoi(digits); isOurs && err == nil && version > 1 {
		return perf.Errorf(n.Pos(), "schema %q was written by a newer speedgate; this one reads %q", text, Schema)
	}
	return perf.Errorf(n.Pos(), "expected the schema %q, found %q", Schema, text)
}

// decoder turns the tree into a File and collects what is wrong.
type decoder struct {
	errs perf.InputErrors
	// texts are the texts that were read, each copied once: the same few names stand on
	// every line, and a part of the document would keep all of it.
	texts map[string]string
}

// keep returns a text that does not depend on the document.
func (d *decoder) keep(text string) string {
	kept, ok := d.texts[text]
	if !ok {
		kept = strings.Clone(text)
		d.texts[kept] = kept
	}
	return kept
}

func (d *decoder) fail(pos perf.Pos, format string, args ...any) {
	d.errs = append(d.errs, perf.Errorf(pos, format, args...))
}

func (d *decoder) failNode(n *jsontree.Node, expected string) {
	found := n.Kind.String()
	if n.Kind == jsontree.Missing || n.Kind == jsontree.Number {
		found = n.Text
	}
	d.fail(n.Pos(), "expected %s, found %s", expected, found)
}

// err returns everything that is wrong in the order of the file.
func (d *decoder) err() error {
	slices.SortStableFunc(d.errs, func(a, b *perf.InputError) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return d.errs.Err()
}

func (d *decoder) file(root *jsontree.Node) *File {
	f := new(File)
	d.keys(root, "schema", "estimators", "entries")
	if n := root.Get("estimators"); n != nil {
		d.estimators(n)
	}
	n := root.Get("entries")
	if n == nil {
		d.fail(root.Pos(), `expected the key "entries"`)
		return f
	}
	for _, item := range d.items(n) {
		f.entries = append(f.entries, d.entry(&item))
	}
	slices.SortStableFunc(f.entries, func(a, b entry) int { return a.compare(&b) })
	for i := 1; i < len(f.entries); i++ {
		if a, b := &f.entries[i-1], &f.entries[i]; a.compare(b) == 0 {
			d.fail(b.pos, "%s has the environment %q twice, first at %s", suiteName(b.suite), b.env.Fingerprint(), a.pos)
		}
	}
	return f
}

// estimators refuses values of another definition: comparing a median with a
// mean is a verdict on the definition.
func (d *decoder) estimators(n *jsontree.Node) {
	for _, m := range d.members(n) {
		want := map[string]string{"value": estimatorValue, "spread": estimatorSpread, "quantile": estimatorQuantile}[m.Name]
		if want == "" {
			d.unknown(&m, "value", "spread", "quantile")
			continue
		}
		if got := d.str(&m.Value); got != want && m.Value.Kind == jsontree.String {
			d.fail(m.Value.Pos(), "the %ss were made by %q; this speedgate compares %q", m.Name, got, want)
		}
	}
}

func (d *decoder) entry(n *jsontree.Node) entry {
	e := entry{pos: n.Pos()}
	d.keys(n, "suite", "environment", "runs", "metrics", "accepted")
	var runs, metrics *jsontree.Node
	for _, m := range n.Members() {
		switch v := m.Value; m.Name {
		case "suite":
			e.suite = d.str(&v)
		case "environment":
			e.env = d.env(&v)
		case "runs":
			runs = &v
		case "metrics":
			metrics = &v
		case "accepted":
			e.accepted = d.acceptances(&v)
		}
	}
	d.require(n, "suite", "environment", "runs", "metrics")
	if runs == nil || metrics == nil {
		return e
	}
	e.runs = d.runs(runs)
	e.metrics = d.metrics(metrics, len(e.runs))
	e.sortRuns()
	e.completeAnchors()
	return e
}

// completeAnchors gives metrics without an anchor, which only a hand can have
// written, the level that their oldest run had.
func (e *entry) completeAnchors() {
	for i := range e.metrics {
		b := &e.metrics[i]
		if b.Anchor == nil && len(b.Points) > 0 {
			r := e.runs[b.Points[0].Run]
			b.Anchor = &perf.Anchor{Value: b.Points[0].Value, Commit: r.Commit, Time: r.Time}
		}
	}
}

// sortRuns brings runs into their order, and the points with them.
func (e *entry) sortRuns() {
	if slices.IsSortedFunc(e.runs, compareRuns) {
		return
	}
	order := make([]int, len(e.runs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return compareRuns(e.runs[a], e.runs[b]) })
	sorted, moved := make([]perf.RunInfo, len(e.runs)), make([]int, len(e.runs))
	for to, from := range order {
		sorted[to], moved[from] = e.runs[from], to
	}
	e.runs = sorted
	for i := range e.metrics {
		e.metrics[i].movePoints(moved)
	}
}

func (d *decoder) env(n *jsontree.Node) perf.Env {
	var e perf.Env
	for _, m := range d.members(n) {
		v := &m.Value
		switch m.Name {
		case "name":
			e.Name = d.str(v)
		case "os":
			e.OS = d.str(v)
		case "arch":
			e.Arch = d.str(v)
		case "cpu":
			e.CPU = d.str(v)
		case "cores":
			e.Cores = int(d.count(v))
		case "runtime":
			e.Runtime = d.str(v)
		case "runner":
			e.Runner = d.str(v)
		default:
			d.unknown(&m, "name", "os", "arch", "cpu", "cores", "runtime", "runner")
		}
	}
	return e
}

func (d *decoder) runs(n *jsontree.Node) []perf.RunInfo {
	items := d.items(n)
	if len(items) == 0 && n.Kind == jsontree.Array {
		d.fail(n.Pos(), "expected at least one run")
	}
	list := make([]perf.RunInfo, 0, len(items))
	seen := make(map[string]perf.Pos, len(items))
	for i := range items {
		r := d.run(&items[i])
		if first, ok := seen[r.ID]; ok && r.ID != "" {
			d.fail(items[i].Pos(), "the run %q stands twice, first at %s", r.ID, first)
		}
		seen[r.ID] = items[i].Pos()
		list = append(list, r)
	}
	return list
}

func (d *decoder) run(n *jsontree.Node) perf.RunInfo {
	var r perf.RunInfo
	for _, m := range d.members(n) {
		v := &m.Value
		switch m.Name {
		case "id":
			r.ID = d.name(v)
		case "commit":
			r.Commit = d.str(v)
		case "time":
			r.Time = d.time(v)
		case "workload":
			r.Workload = d.workload(v)
		default:
			d.unknown(&m, "id", "commit", "time", "workload")
		}
	}
	d.require(n, "id")
	return r
}

func (d *decoder) workload(n *jsontree.Node) perf.Workload {
	var w perf.Workload
	for _, m := range d.members(n) {
		v := &m.Value
		switch m.Name {
		case "users":
			w.Users = int(d.count(v))
		case "spawn_rate":
			w.SpawnRate = d.positive(v)
		case "rate":
			w.Rate = d.positive(v)
		case "duration":
			w.Duration = d.duration(v)
		case "host":
			w.Host = d.str(v)
		default:
			d.unknown(&m, "users", "spawn_rate", "rate", "duration", "host")
		}
	}
	return w
}

func (d *decoder) acceptances(n *jsontree.Node) []perf.Acceptance {
	var list []perf.Acceptance
	for _, item := range d.items(n) {
		list = append(list, d.acceptance(&item))
	}
	slices.SortFunc(list, compareAcceptances)
	return slices.Compact(list) // the same line on both sides of a merge
}

func (d *decoder) acceptance(n *jsontree.Node) perf.Acceptance {
	var a perf.Acceptance
	for _, m := range d.members(n) {
		v := &m.Value
		switch m.Name {
		case "match":
			a.Match = d.name(v)
		case "reason":
			a.Reason = d.name(v)
		case "commit":
			a.Commit = d.str(v)
		case "time":
			a.Time = d.time(v)
		default:
			d.unknown(&m, "match", "reason", "commit", "time")
		}
	}
	d.require(n, "match", "reason")
	return a
}

// parsePlain reads the shape that gates written by hand use.
func parsePlain(root *jsontree.Node, name string) (*File, error) {
	run, isPlain, err := jsonmap.Plain(root, name)
	if err == nil && isPlain {
		err = run.Check()
	}
	if err != nil {
		return nil, withoutNoResults(err)
	}
	if !isPlain {
		return nil, perf.Errorf(root.Pos(), "expected a baseline, %s", example)
	}
	info := perf.RunInfo{ID: PlainRunID, Workload: run.Workload}
	levels, err := collapse([]*perf.Run{run})
	if err != nil {
		return nil, err
	}
	m := merge{info: info, levels: levels}
	if err := m.run(run.Env); err != nil {
		return nil, err
	}
	return &File{entries: []entry{m.entry}, plain: true, warnings: run.Warnings}, nil
}

// withoutNoResults keeps the text of an error and hides [perf.ErrNoResults],
// which speaks of the results: here the baseline is what cannot be used.
func withoutNoResults(err error) error {
	if !errors.Is(err, perf.ErrNoResults) {
		return err
	}
	in, ok := errors.AsType[*perf.InputError](err)
	if !ok {
		return errors.New(err.Error())
	}
	return perf.Errorf(in.Pos, "%s", strings.TrimSuffix(fmt.Sprintf("%s: %v", in.Msg, in.Err), ": <nil>"))
}
