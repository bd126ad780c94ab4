package jsonmap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"speedgate/internal/jsontree"
)

// spot is a value and where it stands. The zero index and a nil container belong to
// the document itself. Most values of a document are numbers, so a spot is small and
// passed by value.
type spot struct {
	node  *jsontree.Node
	up    *trail // the array or object around it
	index int32  // among the members or items of up
}

// trail is a value whose members or items are looked at, with what was found out
// about it, so that none of its values asks for it anew.
type trail struct {
	spot
	words *lexicon
	n     *name   // what its key says
	names []*name // what the keys of its members say

	totals   *trail // the object in it that counts for everything in it
	about    *facts
	said     *outcome // what own returned
	outcome  *outcome // what known returned
	short    string   // what path returned
	long     *string  // what path returned, asked for by few
	hasShort bool
	resolved bool // outcome is set
	useLong  bool // its short path is that of something else too
	byName   map[string]*jsontree.Node
}

// enter makes a trail of a value.
func (s spot) enter(words *lexicon) *trail {
	t := &trail{spot: s, words: words, n: s.name()}
	t.names = words.namesOf(s.node.Members(), t.n.percentiles)
	return t
}

// size is the number of members or items.
func (t *trail) size() int { return len(t.node.Members()) + len(t.node.Items()) }

// child is a member or item.
func (t *trail) child(i int) spot {
	if t.node.Kind == jsontree.Object {
		return spot{&t.node.Members()[i].Value, t, int32(i)}
	}
	return spot{&t.node.Items()[i], t, int32(i)}
}

// get returns the member key, nil if there is none. A map serves the placeholders of
// selectors, which ask once for each value below an object.
func (t *trail) get(key string) *jsontree.Node {
	if t.byName == nil {
		members := t.node.Members()
		t.byName = make(map[string]*jsontree.Node, len(members))
		for i := range members {
			t.byName[members[i].Name] = &members[i].Value
		}
	}
	return t.byName[key]
}

// inList reports whether the value is an item of an array.
func (s spot) inList() bool { return s.up != nil && s.up.node.Kind == jsontree.Array }

// key is the key of a member, "" for every other value.
func (s spot) key() string {
	if s.up == nil || s.up.node.Kind != jsontree.Object {
		return ""
	}
	return s.up.node.Members()[s.index].Name
}

// name is what the key says, nothing if there is none.
func (s spot) name() *name {
	if s.up == nil || s.up.names == nil {
		return noName
	}
	return s.up.names[s.index]
}

// noName is the name of what has no key.
var noName = readName("")

// isUsed reports whether the value counts what was read.
func (s spot) isUsed() bool {
	if s.up == nil {
		return false
	}
	f := s.up.facts()
	return f.sizeUsed && f.size.at == s.node || s.up.said != nil && f.reads(s) ||
		s.up.up != nil && s.up.up.said != nil && s.up.up.facts().reads(s)
}

// step is the key or the index of the value, "" for the document.
func (s spot) step() string {
	if s.inList() {
		return strconv.Itoa(int(s.index))
	}
	return s.key()
}

// lastKey is the key of the value, or of the array it is an item of.
func (s spot) lastKey() string {
	for s.inList() {
		s = s.up.spot
	}
	return s.key()
}

// String returns the path of the value in the language of [ParsePath].
func (s spot) String() string {
	var steps []string
	for ; s.up != nil; s = s.up.spot {
		switch key := s.key(); {
		case s.inList():
			steps = append(steps, fmt.Sprintf("[%d]", s.index))
		case isPlainName(key):
			steps = append(steps, "."+key)
		default:
			steps = append(steps, "['"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(key)+"']")
		}
	}
	slices.Reverse(steps)
	return "$" + strings.Join(steps, "")
}

func isPlainName(key string) bool {
	return key != "" && !strings.ContainsAny(key, ".*[]'\"\\ \n\t\r")
}
