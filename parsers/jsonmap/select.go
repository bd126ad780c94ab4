package jsonmap

import (
	"fmt"
	"regexp"
	"strconv"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// readSelected reads what the selectors of a mapping name, and nothing else.
func readSelected(root *jsontree.Node, file string, m *Mapping) (*perf.Run, error) {
	c := newCollector(file, ruleOf(m))
	for i := range m.Select {
		c.selectValues(root, &m.Select[i])
	}
	return c.finish()
}

// selectValues adds what one selector names. A selector without any match is an
// error: what it was written for has gone or was renamed.
func (c *collector) selectValues(root *jsontree.Node, s *Selector) {
	count := 0
	for _, m := range s.Path.find(root, c.words, s.Last && !s.Samples) {
		if s.Keys != nil && !s.Keys.MatchString(m.at.lastKey()) {
			continue
		}
		count++
		if err := c.selected(s, m); err != nil {
			c.fail(err)
		}
	}
	if count == 0 {
		with := ""
		if s.Keys != nil {
			with = fmt.Sprintf(" with a key like %s", s.Keys)
		}
		c.fail(perf.Errorf(s.Pos, "the json selector %s%s matches nothing in %s", s.Path, with, c.file))
	}
}

// selected adds one value.
func (c *collector) selected(s *Selector, m match) error {
	v, samples, err := s.values(m.at)
	if err != nil {
		return err
	}
	if v.missing {
		c.absent(m.at)
		return nil
	}
	series, err := s.named(m, v, c.words)
	if err != nil {
		return err
	}
	series.Samples = samples
	if s.Samples {
		series.Kind = perf.KindSample
	}
	c.add(series)
	return nil
}

// values reads the number that a selector came to, or the numbers of an array of
// samples, scaled and in the selector's unit.
func (s *Selector) values(at spot) (v value, samples []float64, err error) {
	if s.Samples {
		list, ok, err := numbers(at.node)
		if err != nil {
			return v, nil, err
		}
		if !ok {
			return v, nil, s.unexpected(at, "an array of numbers")
		}
		samples = list
	} else {
		var ok bool
		if v, ok, err = readValue(at.node); err != nil {
			return v, nil, err
		}
		if !ok {
			return v, nil, s.unexpected(at, "a number")
		}
		samples = []float64{v.number}
	}
	if v.unit != "" && s.Unit != "" {
		converted, ok := v.unit.Convert(v.number, s.Unit)
		if !ok {
			return v, nil, s.unexpected(at, "a number of "+string(s.Unit))
		}
		samples[0], v.unit = converted, ""
	}
	if s.Scale != 0 {
		for i := range samples {
			samples[i] *= s.Scale
		}
	}
	return v, samples, nil
}

func (s *Selector) unexpected(at spot, want string) error {
	found := at.node.Kind.String()
	switch at.node.Kind {
	case jsontree.String:
		found = strconv.Quote(at.node.Text)
	case jsontree.Array:
		found += "; set samples, or add [*] to the path"
	}
	return perf.Errorf(at.node.Pos(), "the json selector %s expects %s at %s, found %s", s.Path, want, at, found)
}

// named is the series of a value without its samples. What the selector leaves open
// is named as the automatic reading would.
func (s *Selector) named(m match, v value, words *lexicon) (perf.Series, error) {
	r := describe(m.at, v.unit, words)
	if s.Unit != "" {
		r.m = words.meaning(r.n, s.Unit)
	}
	if s.Metric != "" {
		metric, err := s.expand(s.Metric, m)
		if err != nil {
			return perf.Series{}, err
		}
		unit := r.m.unit
		r.n = words.name(metric)
		r.m = &meaning{metric: metric, unit: unit, better: directionOf(metric, r.n, unit), kind: kindOf(metric, r.n, unit)}
	}
	if s.Subject != "" {
		subject, err := s.expand(s.Subject, m)
		if err != nil {
			return perf.Series{}, err
		}
		r.subject = subject
	}
	better := s.Better
	if better == perf.BetterUnknown {
		better = r.better()
	}
	return perf.Series{
		Key: r.key(), Unit: r.m.unit, Better: better, Kind: r.m.kind, Pos: m.at.node.Pos(),
	}, nil
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// expand fills the placeholders of a subject or metric.
func (s *Selector) expand(template string, m match) (string, error) {
	var err error
	text := placeholder.ReplaceAllStringFunc(template, func(p string) string {
		value, problem := m.lookup(p[1 : len(p)-1])
		if problem != "" && err == nil {
			err = perf.Errorf(s.Pos, "%s in %q: %s", p, template, problem)
		}
		return value
	})
	return text, err
}

// lookup finds what a placeholder stands for; problem says why there is nothing.
func (m match) lookup(word string) (value, problem string) {
	if i, err := strconv.Atoi(word); err == nil {
		if i < 1 || i > len(m.captures) {
			return "", fmt.Sprintf("the path has %s", plural(len(m.captures), "wildcard"))
		}
		return m.captures[i-1], ""
	}
	if word == "key" {
		return m.at.lastKey(), ""
	}
	for t := m.at.up; t != nil; t = t.up {
		if v := t.get(word); v != nil && v.Text != "" && v.Kind != jsontree.Null {
			return v.Text, ""
		}
	}
	return "", fmt.Sprintf("no object around %s has a member %q with a text", m.at, word)
}
