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

// trail is the way from the document to a value.
type trail struct {
	node  *jsontree.Node
	up    *trail // the value around it, nil for the document
	key   string // in an object
	index int    // in an array

	parsed *name  // what name returned
	about  *facts // what facts returned
	byName map[string]*jsontree.Node
}

// get returns the member name, nil if there is none. A map serves the placeholders of
// selectors, which ask once for each value below an object.
func (t *trail) get(name string) *jsontree.Node {
	if t.byName == nil {
		members := t.node.Members()
		t.byName = make(map[string]*jsontree.Node, len(members))
		for i := range members {
			t.byName[members[i].Name] = &members[i].Value
		}
	}
	return t.byName[name]
}

func (t *trail) member(m *jsontree.Member) *trail {
	return &trail{node: &m.Value, up: t, key: m.Name}
}

func (t *trail) item(i int) *trail {
	return &trail{node: &t.node.Items()[i], up: t, index: i}
}

// children are the members or items of a value.
func (t *trail) children() []*trail {
	var list []*trail
	for i := range t.node.Members() {
		list = append(list, t.member(&t.node.Members()[i]))
	}
	for i := range t.node.Items() {
		list = append(list, t.item(i))
	}
	return list
}

// inList reports whether the value is an item of an array.
func (t *trail) inList() bool { return t.up != nil && t.up.node.Kind == jsontree.Array }

// step is the key or the index of the value, "" for the document.
func (t *trail) step() string {
	if t.inList() {
		return strconv.Itoa(t.index)
	}
	return t.key
}

// ways lists t and what is around it, the document first.
func (t *trail) ways() []*trail {
	var list []*trail
	for ; t != nil; t = t.up {
		list = append(list, t)
	}
	slices.Reverse(list)
	return list
}

// String returns the path of the value in the language of [ParsePath].
func (t *trail) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, w := range t.ways()[1:] {
		switch {
		case w.inList():
			fmt.Fprintf(&b, "[%d]", w.index)
		case isPlainName(w.key):
			b.WriteString("." + w.key)
		default:
			b.WriteString("['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(w.key) + "']")
		}
	}
	return b.String()
}

func isPlainName(key string) bool {
	return key != "" && !strings.ContainsAny(key, ".*[]'\"\\ \n\t\r")
}

// match is a value that a path selects, with what its wildcards stand for.
type match struct {
	at       *trail
	captures []string
}

// find returns what the path selects below the document, in its order. With last,
// a wildcard over an array and an array at the path's end stand for their last item.
func (p Path) find(root *jsontree.Node, last bool) []match {
	found := []match{{at: &trail{node: root}}}
	for _, s := range p.steps {
		var next []match
		for _, m := range found {
			next = append(next, s.apply(m, last)...)
		}
		found = next
	}
	if last {
		for i, m := range found {
			if n := len(m.at.node.Items()); n > 0 {
				found[i].at = m.at.item(n - 1)
			}
		}
	}
	return found
}

func (s step) apply(m match, last bool) []match {
	switch s.kind {
	case stepKey:
		members := m.at.node.Members()
		i := slices.IndexFunc(members, func(m jsontree.Member) bool { return m.Name == s.key })
		if i < 0 {
			return nil
		}
		return []match{{m.at.member(&members[i]), m.captures}}
	case stepIndex:
		n := len(m.at.node.Items())
		i := s.index
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return nil
		}
		return []match{{m.at.item(i), m.captures}}
	case stepDeep:
		return deep(m, nil)
	}
	below := m.at.children()
	if last && len(below) > 1 && m.at.node.Kind == jsontree.Array {
		below = below[len(below)-1:]
	}
	var list []match
	for _, t := range below {
		list = append(list, match{t, append(slices.Clone(m.captures), t.step())})
	}
	return list
}

// deep matches m itself and everything below it; names are the keys in between.
func deep(m match, names []string) []match {
	list := []match{{m.at, append(slices.Clone(m.captures), strings.Join(names, subjectSeparator))}}
	for _, t := range m.at.children() {
		list = append(list, deep(match{t, m.captures}, append(slices.Clone(names), t.step()))...)
	}
	return list
}
