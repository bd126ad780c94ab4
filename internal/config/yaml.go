package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"speedgate/perf"
)

// maxExpanded bounds a config after its aliases were followed, in values and bytes
// of text together. No file below [MaxBytes] gets there by itself; ten lines of
// aliases to aliases can stand for billions.
const maxExpanded = 4 * MaxBytes

// maxDepth bounds how deep values nest. The deepest key of a config is six levels
// down.
const maxDepth = 32

// parseTree reads the one document of a config. It returns nil if there is none
// that could be looked at.
func parseTree(src *source) (*node, perf.InputErrors) {
	first, second, err := documents(src.text)
	if err != nil {
		return nil, perf.InputErrors{syntaxError(src, err)}
	}
	if first == nil || len(first.Content) == 0 {
		return nil, perf.InputErrors{perf.Errorf(src.pos(1, 1), "the file is empty; write version: 1 first")}
	}
	t := &tree{src: src, open: map[*yaml.Node]bool{}}
	if second != nil {
		t.errorf(second, "a second document; a config is one document")
	}
	root := t.value(first.Content[0], "", 0)
	if t.full {
		return nil, t.errs // whatever else is wrong may be for want of what was dropped
	}
	return root, t.errs
}

// documents returns the first document and, if there is one, the second.
func documents(text string) (first, second *yaml.Node, err error) {
	// The library is archived, so a panic in it would stay one: it becomes an error.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	dec := yaml.NewDecoder(strings.NewReader(text))
	var docs []*yaml.Node
	for len(docs) < 2 {
		var n yaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			docs = append(docs, nil)
		case err != nil:
			return nil, nil, err
		default:
			docs = append(docs, &n)
		}
	}
	return docs[0], docs[1], nil
}

var (
	syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)
	// grammarError recognises errors of the library's parser, in contrast to its
	// scanner: their lines count from 0, and are those where the enclosing block
	// starts.
	grammarError = regexp.MustCompile(`^(did not find expected (<|node content|key|'-' indicator|',' or)|found (undefined tag handle|duplicate %|incompatible YAML))`)
)

// unknownAnchor is the one error that comes without any place.
var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

// syntaxError gives the library's error text a place. It knows no column.
func syntaxError(src *source, err error) *perf.InputError {
	text := err.Error()
	m := syntaxLine.FindStringSubmatch(text)
	if m == nil {
		return perf.Errorf(src.pos(1, 1), "not YAML: %s", text)
	}
	line, _ := strconv.Atoi(m[1]) // no digits: the library leaves out the first line
	msg := text[len(m[0]):]
	if grammarError.MatchString(msg) {
		line++
		msg = "in the block that starts here, " + strings.Replace(msg, "did not find expected", "expected", 1)
	}
	line = min(max(line, 1), len(src.lines))
	if m := unknownAnchor.FindStringSubmatch(msg); m != nil {
		line, col := src.find("*" + m[1])
		return perf.Errorf(src.pos(line, col), "no value is marked &%s", m[1])
	}
	content := src.lines[line-1]
	indent := content[:len(content)-len(strings.TrimLeft(content, " \t"))]
	if tab := strings.IndexByte(indent, '\t'); tab >= 0 {
		return perf.Errorf(src.pos(line, tab+1), "a tab in the indentation; YAML takes blanks only")
	}
	if strings.Contains(msg, "expected ',' or") && strings.Contains(content, "?") {
		msg += "; a value with a question mark takes quotes inside braces"
	}
	return perf.Errorf(src.pos(line, 0), "not YAML: %s", msg)
}

// tree copies the library's nodes into ours: aliases followed, keys merged,
// duplicates refused.
type tree struct {
	src  *source
	size int                 // values and bytes copied so far
	full bool                // size is over its limit; what follows is dropped
	open map[*yaml.Node]bool // values being copied, to see one that holds itself
	errs perf.InputErrors
}

func (t *tree) errorf(n *yaml.Node, format string, args ...any) {
	t.errs = append(t.errs, perf.Errorf(t.src.runePos(n.Line, n.Column), format, args...))
}

// value copies n, which is found at path. nil if it had to be refused.
func (t *tree) value(n *yaml.Node, path string, depth int) *node {
	if n.Kind == yaml.AliasNode {
		return t.value(n.Alias, path, depth+1)
	}
	if !t.enter(n, depth) {
		return nil
	}
	defer delete(t.open, n)
	c := &node{path: path, pos: t.src.runePos(n.Line, n.Column)}
	switch n.Kind {
	case yaml.MappingNode:
		c.kind = kindMapping
		c.entries = t.entries(n, path, depth)
	case yaml.SequenceNode:
		c.kind = kindList
		for i, item := range n.Content {
			if v := t.value(item, fmt.Sprintf("%s[%d]", path, i), depth+1); v != nil {
				c.items = append(c.items, v)
			}
		}
	default:
		c.kind, c.text = scalarKind(n), n.Value
	}
	if !standardTag(n) {
		t.errorf(n, "the tag %s means nothing in a config", n.Tag)
		return nil
	}
	return c
}

// enter reports whether n may be copied: there is room, and it is not inside
// itself. The lack of room is told once, and what follows dropped.
func (t *tree) enter(n *yaml.Node, depth int) bool {
	t.size += 1 + len(n.Value)
	switch {
	case t.full:
		return false
	case t.size > maxExpanded:
		t.full = true
		t.errorf(n, "aliases make the config larger than %d bytes", maxExpanded)
		return false
	case t.open[n]:
		t.errorf(n, "the value &%s holds an alias to itself", n.Anchor)
		return false
	case depth > maxDepth:
		t.errorf(n, "values nest deeper than %d levels", maxDepth)
		return false
	}
	t.open[n] = true
	return true
}

// entries copies the pairs of a mapping. Keys that come by a merge key (<<) stand
// behind its own, which win.
func (t *tree) entries(n *yaml.Node, path string, depth int) []entry {
	var list []entry
	seen := map[string]perf.Pos{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.ShortTag() == "!!merge" {
			merged = append(merged, v)
			continue
		}
		if k.Kind != yaml.ScalarNode || k.ShortTag() == "!!null" {
			t.errorf(k, "a key must be a word")
			continue
		}
		pos := t.src.runePos(k.Line, k.Column)
		if first, twice := seen[k.Value]; twice {
			t.errorf(k, "%q is said twice, first in line %d", k.Value, first.Line)
			continue
		}
		seen[k.Value] = pos
		t.size += len(k.Value)
		if c := t.value(v, join(path, k.Value), depth+1); c != nil {
			list = append(list, entry{k.Value, pos, c})
		}
	}
	for _, m := range merged {
		list = t.merge(list, seen, m, path, depth+1)
	}
	return list
}

// merge adds what the value m of a merge key brings and list does not have.
func (t *tree) merge(list []entry, seen map[string]perf.Pos, m *yaml.Node, path string, depth int) []entry {
	c := t.value(m, path, depth)
	if c == nil {
		return list
	}
	sources := []*node{c}
	if c.kind == kindList {
		sources = c.items
	}
	for _, s := range sources {
		if s.kind != kindMapping {
			t.errorf(m, "<< takes a mapping or a list of mappings")
			continue
		}
		for _, e := range s.entries {
			if _, ok := seen[e.key]; !ok {
				seen[e.key] = e.pos
				list = append(list, e)
			}
		}
	}
	return list
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// scalarKind goes by the tag that the library resolves. Dates are text here: only
// one key takes one.
func scalarKind(n *yaml.Node) kind {
	switch n.ShortTag() {
	case "!!null":
		return kindNothing
	case "!!bool":
		return kindBool
	case "!!int", "!!float":
		return kindNumber
	}
	return kindText
}

// standardTag reports whether n has a type that JSON knows as well. Everything
// else is written with an explicit tag and has no use in a config.
func standardTag(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!!map", "!!seq", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!merge":
		return true
	}
	return false
}

// source is the text of a config, ready for the library and for places.
type source struct {
	file  string
	text  string
	lines []string
	// starts holds, for each line that was asked for, where its characters start.
	starts [][]int
}

// oddBreak finds characters that the library takes as line ends and editors do
// not: every line behind would be off.
var oddBreak = regexp.MustCompile("[\u0085\u2028\u2029]")

// newSource checks what must hold before the library sees the text: its size, its
// encoding, and line ends that everybody counts alike.
func newSource(data []byte, file string) (*source, *perf.InputError) {
	s := &source{file: file}
	if len(data) > MaxBytes {
		return nil, perf.Errorf(s.pos(1, 1), "the file has %d bytes; %d is the limit", len(data), MaxBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	s.text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	s.lines = strings.Split(s.text, "\n")
	s.starts = make([][]int, len(s.lines))
	for i, line := range s.lines {
		if at := invalidByte(line); at >= 0 {
			return nil, perf.Errorf(s.pos(i+1, at+1), "a byte that is not UTF-8; save the file as UTF-8")
		}
		if at := oddBreak.FindStringIndex(line); at != nil {
			r := []rune(line[at[0]:at[1]])
			return nil, perf.Errorf(s.pos(i+1, at[0]+1), "%U is a line end for YAML and for nothing else; take it out", r[0])
		}
	}
	return s, nil
}

// invalidByte returns where line stops being UTF-8, -1 if it does not.
func invalidByte(line string) int {
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRuneInString(line[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

func (s *source) pos(line, col int) perf.Pos {
	return perf.Pos{File: s.file, Line: int32(line), Col: int32(col)}
}

// find returns where text stands first, the start of the file if it does not.
func (s *source) find(text string) (line, col int) {
	for i, l := range s.lines {
		if at := strings.Index(l, text); at >= 0 {
			return i + 1, at + 1
		}
	}
	return 1, 1
}

// runePos is a place as the library counts: columns in characters.
func (s *source) runePos(line, col int) perf.Pos {
	line = min(max(line, 1), len(s.lines))
	starts := s.characters(line)
	if col = max(col, 1); col > len(starts) {
		return s.pos(line, len(s.lines[line-1])+1)
	}
	return s.pos(line, starts[col-1]+1)
}

// characters returns where each character of a line starts. It is kept, as a file
// may be one line, and an alias sends us back to an earlier one.
func (s *source) characters(line int) []int {
	if s.starts[line-1] == nil {
		starts := []int{}
		for at := range s.lines[line-1] {
			starts = append(starts, at)
		}
		s.starts[line-1] = starts
	}
	return s.starts[line-1]
}
