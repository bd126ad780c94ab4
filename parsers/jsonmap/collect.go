package jsonmap

import (
	"errors"
	"fmt"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// maxListed is how many paths a message lists: enough to see what they have in
// common, few enough to read.
const maxListed = 10

// paths lists values for a message; the rest is counted.
type paths struct {
	count int
	first []string
	pos   perf.Pos // of the first
}

func (p *paths) add(at spot) {
	if p.count == 0 {
		p.pos = at.node.Pos()
	}
	p.count++
	if len(p.first) < maxListed {
		p.first = append(p.first, at.String())
	}
}

func (p *paths) String() string {
	s := strings.Join(p.first, ", ")
	if more := p.count - len(p.first); more > 0 {
		s += fmt.Sprintf(", … and %d more", more)
	}
	return s
}

// collector gathers what a document gives, whichever way it is read.
type collector struct {
	file    string
	rule    string
	words   *lexicon
	run     perf.Run
	errs    perf.InputErrors
	skipped paths // numbers that were not read
	missing paths // metrics without a value
}

func newCollector(file, rule string) *collector {
	return &collector{file: file, rule: rule, words: newLexicon(), run: perf.Run{Source: perf.Source{Files: []string{file}, Format: "json", Rule: rule}}}
}

func (c *collector) add(s perf.Series) { c.run.Series = append(c.run.Series, s) }

func (c *collector) absent(at spot) { c.missing.add(at) }

func (c *collector) warn(pos perf.Pos, format string, args ...any) {
	c.run.Warnings = append(c.run.Warnings, perf.Warning{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

// doubt is a warning that requests may have failed.
func (c *collector) doubt(pos perf.Pos, format string, args ...any) {
	c.warn(pos, format, args...)
	c.run.Warnings[len(c.run.Warnings)-1].Health = true
}

func (c *collector) fail(err error) {
	if e, ok := errors.AsType[*perf.InputError](err); ok {
		c.errs = append(c.errs, e)
		return
	}
	c.errs = append(c.errs, &perf.InputError{Pos: perf.Pos{File: c.file}, Msg: err.Error()})
}

// skip counts the numbers at and below a value that is not read.
func (c *collector) skip(at spot) {
	if v, ok, err := readValue(at.node); err != nil || ok && !v.missing && isNumberLike(at.node, v) {
		c.skipped.add(at)
	}
	if len(at.node.Members())+len(at.node.Items()) == 0 {
		return
	}
	t := at.enter(c.words)
	for i := range t.size() {
		c.skip(t.child(i))
	}
}

// isNumberLike leaves out strings such as the version "2": nobody misses a string
// among the measurements unless it has a unit.
func isNumberLike(n *jsontree.Node, v value) bool { return n.Kind == jsontree.Number || v.unit != "" }

// finish sorts and checks the run.
func (c *collector) finish() (*perf.Run, error) {
	if err := c.errs.Err(); err != nil {
		return nil, err
	}
	if len(c.run.Series) == 0 {
		return nil, c.nothing()
	}
	if c.missing.count > 0 {
		c.warn(c.missing.pos, "no value: %s: %s", plural(c.missing.count, "metric"), &c.missing)
	}
	if c.skipped.count > 0 {
		c.warn(c.skipped.pos, "not read: %s: %s", plural(c.skipped.count, "number"), &c.skipped)
	}
	c.run.Sort()
	if err := c.run.Check(); err != nil {
		return nil, err
	}
	return &c.run, nil
}

// nothing is the error of a document without a measurement.
func (c *collector) nothing() error {
	msg := "no numeric metric matched; name them with a json selector in speedgate.yml"
	switch {
	case c.missing.count > 0:
		msg += fmt.Sprintf("; %s without a value: %s", plural(c.missing.count, "metric"), &c.missing)
	case c.skipped.count > 0:
		msg += fmt.Sprintf("; seen: %s: %s", plural(c.skipped.count, "number"), &c.skipped)
	default:
		msg = "the document holds no number"
	}
	return &perf.InputError{Pos: perf.Pos{File: c.file}, Msg: msg, Err: perf.ErrNoResults}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
