package config

import (
	"strconv"

	"speedgate/perf"
)

// kind is the type of a value in the file.
type kind int8

const (
	kindNothing kind = iota // null, or nothing behind the colon
	kindMapping
	kindList
	kindText
	kindNumber
	kindBool
)

// node is one value of the file with its place.
type node struct {
	kind    kind
	text    string // of a scalar, as written
	path    string // where it was found: thresholds.rules[0].match
	pos     perf.Pos
	entries []entry // of a mapping, in file order
	items   []*node // of a list
}

// entry is one pair of a mapping.
type entry struct {
	key   string
	pos   perf.Pos // of the key
	value *node
}

// describe says what was found, for "expected …, found …".
func (n *node) describe() string {
	switch n.kind {
	case kindMapping:
		return "a mapping"
	case kindList:
		return "a list"
	case kindText:
		return "the text " + quote(n.text)
	case kindNumber:
		return "the number " + n.text
	case kindBool:
		return n.text
	}
	return "nothing"
}

// quotedLength is how much of a text is repeated in a message: enough to find it.
const quotedLength = 60

// quote puts text into quotation marks, shortened to the length of a message.
func quote(text string) string {
	chars := 0
	for at := range text {
		if chars++; chars > quotedLength {
			return strconv.Quote(text[:at] + "…")
		}
	}
	return strconv.Quote(text)
}
