package runfile

import (
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"time"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// ownSchema recognises the format in every version: a newer one is ours too, and no
// JSON of somebody else.
var ownSchema = regexp.MustCompile(`^\s*\{\s*"schema"\s*:\s*"speedgate\.run/v\d+"`)

// Sniff recognises the format by its schema, which stands first.
func Sniff(head []byte) string {
	if !bytes.Contains(head, []byte(`"speedgate.run/`)) || !ownSchema.Match(head) {
		return ""
	}
	return "schema speedgate.run"
}

// Parse reads a run. name is used in messages. Errors are [*perf.InputError] or
// [perf.InputErrors] with their places.
func Parse(r io.Reader, name string) (*perf.Run, error) {
	data, err := io.ReadAll(io.LimitReader(r, jsontree.MaxBytes+1))
	if err != nil {
		return nil, &perf.InputError{Pos: perf.Pos{File: name}, Msg: "reading", Err: err}
	}
	root, err := jsontree.Parse(string(data), name)
	if err != nil {
		return nil, err
	}
	p := &parser{}
	if schema := p.text(root, "schema"); len(p.errs) == 0 && schema != Schema {
		p.errorf(root.Get("schema"), "%q is not a version that this speedgate reads; it reads %s", schema, Schema)
	}
	run := p.run(root)
	if err := p.errs.Err(); err != nil {
		return nil, err
	}
	run.Sort()
	return run, run.Check()
}

// parser collects what is wrong while values are read from the tree.
type parser struct{ errs perf.InputErrors }

func (p *parser) errorf(n *jsontree.Node, format string, args ...any) {
	p.errs = append(p.errs, perf.Errorf(n.Pos(), format, args...))
}

func (p *parser) run(root *jsontree.Node) *perf.Run {
	r := &perf.Run{
		Source: perf.Source{Tool: p.optionalText(root, "tool"), Version: p.optionalText(root, "version")},
		Env:    p.env(root.Get("environment")), Workload: p.workload(root.Get("workload")),
		Warnings: p.warnings(root, "warnings"), Incomplete: p.warnings(root, "incomplete"),
		Lost: p.warnings(root, "lost"),
	}
	// Files of the first versions lack these.
	if root.Has("overloaded") {
		r.Overloaded = p.warnings(root, "overloaded")
	}
	if root.Has("findings") {
		for _, w := range p.warnings(root, "findings") {
			r.Findings = append(r.Findings, w.Msg)
		}
	}
	failures := p.list(root, "failures")
	for i := range failures {
		n := &failures[i]
		r.Failures = append(r.Failures, perf.Failure{
			Subject: p.optionalText(n, "subject"), Message: p.optionalText(n, "message"), Count: p.count(n, "count"),
		})
	}
	series := p.list(root, "series")
	for i := range series {
		r.Series = append(r.Series, p.series(&series[i]))
	}
	return r
}

func (p *parser) env(n *jsontree.Node) perf.Env {
	return perf.Env{
		Name: p.optionalText(n, "name"), OS: p.optionalText(n, "os"), Arch: p.optionalText(n, "arch"), CPU: p.optionalText(n, "cpu"),
		Cores: p.small(n, "cores"), Runtime: p.optionalText(n, "runtime"), Runner: p.optionalText(n, "runner"),
	}
}

func (p *parser) workload(n *jsontree.Node) perf.Workload {
	w := perf.Workload{Users: p.small(n, "users"), SpawnRate: p.number(n, "spawn_rate"), Rate: p.number(n, "rate"), Host: p.optionalText(n, "host")}
	text := p.optionalText(n, "duration")
	if text == "" {
		return w
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		p.errorf(n.Get("duration"), "%q is not a duration such as 5m0s", text)
	}
	w.Duration = d
	return w
}

func (p *parser) series(n *jsontree.Node) perf.Series {
	s := perf.Series{
		Key: perf.Key{Subject: p.text(n, "subject"), Metric: p.text(n, "metric"), Labels: p.labels(n)}, Unit: perf.Unit(p.optionalText(n, "unit")),
		Count: p.count(n, "count"), Step: p.number(n, "step"), Pos: n.Pos(),
	}
	var ok bool
	if s.Better, ok = perf.ParseBetter(p.optionalText(n, "better")); !ok {
		p.errorf(n.Get("better"), "expected lower, higher or unknown")
	}
	if s.Kind, ok = perf.ParseKind(p.text(n, "kind")); !ok && n.Has("kind") {
		p.errorf(n.Get("kind"), "%q is not a kind of series", n.Get("kind").Text)
	}
	if exact := n.Get("exact"); exact != nil {
		s.Exact = exact.Text == "true"
	}
	samples := p.list(n, "samples")
	for i := range samples {
		v, err := samples[i].Float()
		if bad, ok := errors.AsType[*perf.InputError](err); ok {
			p.errs = append(p.errs, bad)
		}
		s.Samples = append(s.Samples, v)
	}
	return s
}

func (p *parser) labels(n *jsontree.Node) perf.Labels {
	labels := n.Get("labels")
	if labels == nil {
		return ""
	}
	if labels.Kind != jsontree.Object {
		p.errorf(labels, "expected an object, found %s", labels.Kind)
		return ""
	}
	pairs := map[string]string{}
	for _, m := range labels.Members() {
		pairs[m.Name] = p.text(labels, m.Name)
	}
	return perf.NewLabels(pairs)
}

func (p *parser) warnings(n *jsontree.Node, key string) []perf.Warning {
	var list []perf.Warning
	items := p.list(n, key)
	for i := range items {
		text, err := items[i].Str()
		if err != nil {
			p.errorf(&items[i], "expected a string, found %s", items[i].Kind)
		}
		list = append(list, perf.Warning{Msg: text})
	}
	return list
}

// list returns the items of a list that must be there.
func (p *parser) list(n *jsontree.Node, key string) []jsontree.Node {
	v := n.Get(key)
	switch {
	case v == nil:
		p.errorf(n, "%s is missing", key)
		return nil
	case v.Kind != jsontree.Array:
		p.errorf(v, "expected an array, found %s", v.Kind)
	}
	return v.Items()
}

// text returns a text that must be there.
func (p *parser) text(n *jsontree.Node, key string) string {
	if !n.Has(key) {
		p.errorf(n, "%s is missing", key)
		return ""
	}
	return p.optionalText(n, key)
}

// optionalText returns a text, "" if it is absent.
func (p *parser) optionalText(n *jsontree.Node, key string) string {
	v := n.Get(key)
	if v == nil {
		return ""
	}
	text, err := v.Str()
	if err != nil {
		p.errorf(v, "expected a string, found %s", v.Kind)
	}
	return text
}

// number returns a number of 0 or more, 0 if it is absent.
func (p *parser) number(n *jsontree.Node, key string) float64 {
	v := n.Get(key)
	if v == nil {
		return 0
	}
	f, err := v.Float()
	if err != nil || f < 0 {
		p.errorf(v, "expected a number of 0 or more")
		return 0
	}
	return f
}

// count returns a whole number of 0 or more, 0 if it is absent.
func (p *parser) count(n *jsontree.Node, key string) int64 {
	v := n.Get(key)
	if v == nil {
		return 0
	}
	c, err := strconv.ParseInt(v.Text, 10, 64)
	if v.Kind != jsontree.Number || err != nil || c < 0 {
		p.errorf(v, "expected a whole number of 0 or more")
		return 0
	}
	return c
}

// small is count for what is an int.
func (p *parser) small(n *jsontree.Node, key string) int {
	return int(min(p.count(n, key), math.MaxInt32))
}
