// Package jsontree reads a JSON document into a tree that remembers where each
// value stands, so that whoever gives the values a meaning can say what is wrong
// with them and where.
//
// It is stricter than encoding/json where a lax reading would lose data in
// silence: an object with the same key twice, text behind the document and
// strings that are not UTF-8 are errors. It is laxer in one point: NaN, Infinity
// and -Infinity outside strings, which Python and C++ writers leave behind where
// a value could not be computed, are read as [Missing].
//
// The package knows nothing about what a document means.
package jsontree

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"speedgate/perf"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of values.
const (
	Null    Kind = iota // null
	Missing             // NaN, Infinity or -Infinity, written bare
	Bool
	Number
	String
	Array
	Object
)

var kindNames = [...]string{"null", "a missing number", "a boolean", "a number", "a string", "an array", "an object"}

// String returns the kind with its article, as error messages need it: "an object".
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return "an unknown value"
	}
	return kindNames[k]
}

// Node is one value of a document.
//
// The order of its fields keeps it at 32 bytes: documents are mostly numbers.
type Node struct {
	// Text is a number as it is written, the decoded text of a string, "true",
	// "false", "null", or the word of a missing number. Empty for arrays and objects.
	Text string

	// in is what the value holds. Values without members or items share the one of
	// their document.
	in     *inside
	offset uint32
	Kind   Kind
}

// Member is a key of an object with its value.
type Member struct {
	Name  string // decoded
	Value Node

	offset uint32
}

type inside struct {
	doc     *document
	items   []Node
	members []Member
}

// document turns offsets into lines and columns.
type document struct {
	file string
	text string
	// lines are the offsets of the first byte of each line, made when the first
	// position is asked for: most documents are read without an error.
	lines []uint32
	// last is the index of the line of the last position. The next one mostly is on
	// that line or just behind it.
	last int
}

// nearLines is how far behind the last position a line is looked for one by one.
const nearLines = 8

func (d *document) pos(offset int) perf.Pos {
	if d.lines == nil {
		d.lines = lineStarts(d.text)
	}
	d.last = d.lineOf(uint32(offset))
	return perf.Pos{File: d.file, Line: int32(d.last + 1), Col: int32(offset - int(d.lines[d.last]) + 1)}
}

// lineOf returns the index of the line that holds an offset.
func (d *document) lineOf(offset uint32) int {
	if d.lines[d.last] <= offset {
		for i := d.last + 1; i <= d.last+nearLines; i++ {
			if i == len(d.lines) || d.lines[i] > offset {
				return i - 1
			}
		}
	}
	return sort.Search(len(d.lines), func(i int) bool { return d.lines[i] > offset }) - 1
}

func lineStarts(text string) []uint32 {
	starts := make([]uint32, 1, 1+strings.Count(text, "\n"))
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, uint32(i+1))
		}
	}
	return starts
}

// Pos returns the place where the value begins. The first call for a document
// indexes its lines; calls for one document must not run at the same time.
func (n *Node) Pos() perf.Pos { return n.in.doc.pos(int(n.offset)) }

// Pos returns the place where the key begins, as [Node.Pos] does for a value.
func (m *Member) Pos() perf.Pos { return m.Value.in.doc.pos(int(m.offset)) }

// Items returns the items of an array, nil for every other kind. The slice
// belongs to the tree.
func (n *Node) Items() []Node {
	if n == nil {
		return nil
	}
	return n.in.items
}

// Members returns the members of an object in the order of the document, nil for
// every other kind. The slice belongs to the tree.
func (n *Node) Members() []Member {
	if n == nil {
		return nil
	}
	return n.in.members
}

// Get returns the value of the member name, nil if n is nil, no object, or has no
// such member, so that calls may be chained. It looks at the members one by one.
func (n *Node) Get(name string) *Node {
	members := n.Members()
	i := slices.IndexFunc(members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return &members[i].Value
}

// Has reports whether n is an object with the member name, whatever its value.
func (n *Node) Has(name string) bool { return n.Get(name) != nil }

// Float returns the value of a number. Every other kind, and a number that is too
// large for a float64, is a [*perf.InputError] with its place.
func (n *Node) Float() (float64, error) {
	if n.Kind != Number {
		return 0, perf.Errorf(n.Pos(), "expected a number, found %s", n.Kind)
	}
	v, err := strconv.ParseFloat(n.Text, 64)
	if err != nil {
		return 0, perf.Errorf(n.Pos(), "%s is out of the range of numbers", n.Text)
	}
	return v, nil
}

// Str returns the text of a string. Every other kind is a [*perf.InputError] with
// its place.
func (n *Node) Str() (string, error) {
	if n.Kind != String {
		return "", perf.Errorf(n.Pos(), "expected a string, found %s", n.Kind)
	}
	return n.Text, nil
}
