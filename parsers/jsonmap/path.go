package jsonmap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"speedgate/internal/jsontree"
)

// Path selects values of a JSON document. The zero value selects the document
// itself. See the package comment for the language.
type Path struct {
	text  string
	steps []step
}

type stepKind uint8

const (
	stepKey   stepKind = iota // a member by name
	stepIndex                 // an item by index, from the end if negative
	stepAny                   // every member or item
	stepDeep                  // the value itself and everything below it
)

type step struct {
	kind  stepKind
	key   string
	index int
}

// String returns the path as it was written.
func (p Path) String() string {
	if p.text == "" {
		return "$"
	}
	return p.text
}

// Equal reports whether two paths were written the same way, for tests that compare
// whole configs.
func (p Path) Equal(o Path) bool { return p.String() == o.String() }

// ParsePath reads a path. Its errors name the column, counted in bytes from 1.
func ParsePath(text string) (Path, error) {
	p := pathParser{text: text}
	if !strings.HasPrefix(text, "$") {
		return Path{}, p.errorf(0, "a path begins with $, as in $.latency.p95")
	}
	p.at = 1
	for p.at < len(text) {
		if err := p.step(); err != nil {
			return Path{}, err
		}
	}
	return Path{text: text, steps: p.steps}, nil
}

type pathParser struct {
	text  string
	at    int
	steps []step
}

func (p *pathParser) errorf(at int, format string, args ...any) error {
	return fmt.Errorf("path %q, column %d: %s", p.text, at+1, fmt.Sprintf(format, args...))
}

func (p *pathParser) step() error {
	switch p.text[p.at] {
	case '.':
		return p.dotted()
	case '[':
		return p.bracketed()
	}
	return p.errorf(p.at, `expected "." or "["`)
}

func (p *pathParser) dotted() error {
	start := p.at + 1
	end := len(p.text)
	if i := strings.IndexAny(p.text[start:], ".["); i >= 0 {
		end = start + i
	}
	name := p.text[start:end]
	p.at = end
	switch {
	case name == "" && end < len(p.text):
		return p.errorf(end, "expected a name; write ** for any depth and ['…'] for a key with dots or brackets")
	case name == "":
		return p.errorf(end, "expected a name behind the dot")
	case name == "*":
		p.add(step{kind: stepAny})
	case name == "**":
		if n := len(p.steps); n > 0 && p.steps[n-1].kind == stepDeep {
			return p.errorf(start, "** stands behind **")
		}
		p.add(step{kind: stepDeep})
	case strings.ContainsAny(name, "*]'\""):
		return p.errorf(start+strings.IndexAny(name, "*]'\""), "%q is no plain name; write ['%s'] if the key has this character", name, name)
	default:
		p.add(step{kind: stepKey, key: name})
	}
	return nil
}

func (p *pathParser) add(s step) { p.steps = append(p.steps, s) }

func (p *pathParser) bracketed() error {
	open := p.at
	p.at++
	if p.at >= len(p.text) {
		return p.errorf(open, "the bracket is not closed")
	}
	if quote := p.text[p.at]; quote == '\'' || quote == '"' {
		return p.quoted(open, quote)
	}
	end := strings.IndexByte(p.text[p.at:], ']')
	if end < 0 {
		return p.errorf(open, "the bracket is not closed")
	}
	inner := p.text[p.at : p.at+end]
	p.at += end + 1
	if inner == "*" {
		p.add(step{kind: stepAny})
		return nil
	}
	i, err := strconv.Atoi(inner)
	if err != nil || inner[0] == '+' {
		return p.errorf(open+1, "expected *, a whole number or a key in quotes, found %q", inner)
	}
	p.add(step{kind: stepIndex, index: i})
	return nil
}

// quoted reads ['key']. A backslash keeps the character behind it.
func (p *pathParser) quoted(open int, quote byte) error {
	var key strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			key.WriteByte(p.text[p.at])
		case c == quote:
			p.at++
			if p.at >= len(p.text) || p.text[p.at] != ']' {
				return p.errorf(p.at, `expected "]" behind the quote`)
			}
			p.at++
			p.add(step{kind: stepKey, key: key.String()})
			return nil
		default:
			key.WriteByte(c)
		}
	}
	return p.errorf(open, "the quote is not closed")
}

// match is a value that a path selects, with what its wildcards stand for.
type match struct {
	at       spot
	captures []string
}

// find returns what the path selects below the document, in its order. With last,
// a wildcard over an array and an array at the path's end stand for their last item.
func (p Path) find(root *jsontree.Node, words *lexicon, last bool) []match {
	found := []match{{at: spot{node: root}}}
	for _, s := range p.steps {
		var next []match
		for _, m := range found {
			next = append(next, s.apply(m, words, last)...)
		}
		found = next
	}
	if last {
		for i, m := range found {
			if n := len(m.at.node.Items()); n > 0 {
				found[i].at = m.at.enter(words).child(n - 1)
			}
		}
	}
	return found
}

func (s step) apply(m match, words *lexicon, last bool) []match {
	t := m.at.enter(words)
	switch s.kind {
	case stepKey:
		i := slices.IndexFunc(t.node.Members(), func(m jsontree.Member) bool { return m.Name == s.key })
		if i < 0 {
			return nil
		}
		return []match{{t.child(i), m.captures}}
	case stepIndex:
		n := len(t.node.Items())
		i := s.index
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return nil
		}
		return []match{{t.child(i), m.captures}}
	case stepDeep:
		return deep(m, t, nil)
	}
	first := 0
	if last && t.node.Kind == jsontree.Array {
		first = max(0, t.size()-1)
	}
	var list []match
	for i := first; i < t.size(); i++ {
		list = append(list, match{t.child(i), append(slices.Clone(m.captures), t.child(i).step())})
	}
	return list
}

// deep matches m itself, which is t, and everything below it; names are the keys in
// between.
func deep(m match, t *trail, names []string) []match {
	list := []match{{m.at, append(slices.Clone(m.captures), strings.Join(names, subjectSeparator))}}
	for i := range t.size() {
		child := t.child(i)
		list = append(list, deep(match{child, m.captures}, child.enter(t.words), append(slices.Clone(names), child.step()))...)
	}
	return list
}
