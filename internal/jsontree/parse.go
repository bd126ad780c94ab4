package jsontree

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"speedgate/perf"
)

// MaxBytes is the size of the largest document that is read. The largest known
// results of a real tool, raw samples of four functions, have 48 MB; a tree takes
// about four times the size of its document, and a CI runner has some gigabytes.
const MaxBytes = 128 << 20

// MaxDepth is how deep arrays and objects may be nested. Results of real tools
// stay below 20; the limit keeps hostile input from exhausting the stack.
const MaxDepth = 500

// Parse reads one JSON document. file names it in positions and errors. An error
// is a [*perf.InputError] with its place; it wraps [perf.ErrNoResults] if text
// holds nothing but white space.
//
// The texts of the tree are parts of text: whoever keeps a few of them longer than
// the tree copies them, or keeps the whole document.
func Parse(text, file string) (*Node, error) {
	p := &parser{text: text, doc: &document{file: file, text: text}}
	p.leaf = &inside{doc: p.doc}
	if len(text) > MaxBytes {
		return nil, perf.Errorf(perf.Pos{File: file}, "a JSON document of %d bytes is too large; %d is the limit", len(text), MaxBytes)
	}
	p.space()
	if p.at == len(text) {
		return nil, &perf.InputError{Pos: perf.Pos{File: file}, Msg: "expected JSON, found an empty file", Err: perf.ErrNoResults}
	}
	root, err := p.value()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.is('{') || p.is('[') {
		return nil, p.errorf(p.at, "expected the end of the document, found a second one; only one is read")
	}
	if p.at < len(text) {
		return nil, p.errorf(p.at, "expected the end of the document, found %s", p.found(p.at))
	}
	return &root, nil
}

// parser is a scanner by recursive descent over the whole document. Children are
// collected on two stacks shared by all levels and copied out when their parent
// closes, so that no slice grows beyond what it holds.
type parser struct {
	text    string
	at      int
	doc     *document
	leaf    *inside
	items   []Node
	members []Member
	open    []byte // the brackets around p.at, for the message about a cut-off file
}

// errorf returns the concrete type: no caller compares it with nil.
func (p *parser) errorf(at int, format string, args ...any) *perf.InputError {
	return perf.Errorf(p.doc.pos(at), format, args...)
}

// found describes what stands at an offset, for "expected …, found …".
func (p *parser) found(at int) string {
	if at >= len(p.text) {
		return "the end of the file"
	}
	r, size := utf8.DecodeRuneInString(p.text[at:])
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf("the byte 0x%02x", p.text[at])
	}
	return strconv.Quote(string(r))
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// cut is the error of a document that ends too early.
func (p *parser) cut() error {
	switch {
	case len(p.open) == 0:
		return p.cutIn("a value")
	case p.open[len(p.open)-1] == '{':
		return p.cutIn("an object")
	}
	return p.cutIn("an array")
}

func (p *parser) cutIn(what string) error {
	return p.errorf(len(p.text), "ends in the middle of %s; the file was cut off at byte %d", what, len(p.text))
}

// expected is the error of finding something else at p.at.
func (p *parser) expected(what string) error {
	if p.at >= len(p.text) {
		return p.cut()
	}
	return p.errorf(p.at, "expected %s, found %s", what, p.found(p.at))
}

// value reads one value. Nodes are passed by value: handed over by pointer, each
// would be an allocation of its own.
func (p *parser) value() (Node, error) {
	p.space()
	if p.at >= len(p.text) {
		return Node{}, p.cut()
	}
	n := Node{offset: uint32(p.at), in: p.leaf}
	var err error
	switch c := p.text[p.at]; {
	case c == '{':
		n.Kind = Object
		n.in, err = p.object()
	case c == '[':
		n.Kind = Array
		n.in, err = p.array()
	case c == '"':
		n.Kind = String
		n.Text, err = p.str()
	case c >= '0' && c <= '9' || c == '-' && !strings.HasPrefix(p.text[p.at:], "-I"):
		n.Kind = Number
		n.Text, err = p.number()
	default:
		n.Kind, n.Text, err = p.word()
	}
	return n, err
}

// enter steps over an opening bracket.
func (p *parser) enter() error {
	if len(p.open) >= MaxDepth {
		return p.errorf(p.at, "nested deeper than %d levels", MaxDepth)
	}
	p.open = append(p.open, p.text[p.at])
	p.at++
	return nil
}

// next steps to the next item before the closing bracket end, the first one if
// first is set. It reports false once it has stepped over the bracket.
func (p *parser) next(first bool, end byte) (bool, error) {
	p.space()
	switch {
	case p.is(end):
		p.at++
		p.open = p.open[:len(p.open)-1]
		return false, nil
	case first:
		return true, nil
	case p.is(','):
		p.at++
		p.space()
		return true, nil
	}
	return false, p.expected(fmt.Sprintf(`"," or %q`, string(end)))
}

func (p *parser) array() (*inside, error) {
	base := len(p.items)
	if err := p.enter(); err != nil {
		return nil, err
	}
	for {
		more, err := p.next(len(p.items) == base, ']')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		p.items = append(p.items, item)
	}
	in := &inside{doc: p.doc, items: slices.Clone(p.items[base:])}
	p.items = p.items[:base]
	return in, nil
}

func (p *parser) object() (*inside, error) {
	base := len(p.members)
	if err := p.enter(); err != nil {
		return nil, err
	}
	for {
		more, err := p.next(len(p.members) == base, '}')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		m, err := p.member()
		if err != nil {
			return nil, err
		}
		p.members = append(p.members, m)
	}
	in := &inside{doc: p.doc, members: slices.Clone(p.members[base:])}
	p.members = p.members[:base]
	return in, p.unique(in.members)
}

func (p *parser) member() (Member, error) {
	if !p.is('"') {
		return Member{}, p.expected("a key in quotes")
	}
	m := Member{offset: uint32(p.at)}
	var err error
	if m.Name, err = p.str(); err != nil {
		return m, err
	}
	p.space()
	if !p.is(':') {
		return m, p.expected(`":"`)
	}
	p.at++
	m.Value, err = p.value()
	return m, err
}

// fewMembers is the size up to which comparing all pairs of keys is faster than a map.
const fewMembers = 12

func (p *parser) unique(members []Member) error {
	if len(members) <= fewMembers {
		for i := range members {
			for j := range i {
				if members[i].Name == members[j].Name {
					return p.duplicate(&members[j], &members[i])
				}
			}
		}
		return nil
	}
	seen := make(map[string]*Member, len(members))
	for i := range members {
		m := &members[i]
		if first, ok := seen[m.Name]; ok {
			return p.duplicate(first, m)
		}
		seen[m.Name] = m
	}
	return nil
}

func (p *parser) duplicate(first, second *Member) error {
	at := p.doc.pos(int(first.offset))
	return p.errorf(int(second.offset), "the key %q stands twice in one object, first at line %d, column %d", second.Name, at.Line, at.Col)
}

var words = []struct {
	text string
	kind Kind
}{
	{"true", Bool},
	{"false", Bool},
	{"null", Null},
	{"NaN", Missing},
	{"Infinity", Missing},
	{"-Infinity", Missing},
}

func (p *parser) word() (Kind, string, error) {
	rest := p.text[p.at:]
	for _, w := range words {
		if strings.HasPrefix(rest, w.text) {
			p.at += len(w.text)
			return w.kind, w.text, nil
		}
	}
	for _, w := range words {
		if strings.HasPrefix(w.text, rest[:min(len(rest), len(w.text))]) {
			return Null, "", p.cut()
		}
	}
	return Null, "", p.expected("a JSON value")
}

// number reads a number and returns it as it is written.
func (p *parser) number() (string, error) {
	start := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	if p.is('0') {
		p.at++ // nothing but a fraction may follow: 01 is no JSON
	} else if err := p.digits(); err != nil {
		return "", err
	}
	if p.is('.') {
		p.at++
		if err := p.digits(); err != nil {
			return "", err
		}
	}
	if p.is('e') || p.is('E') {
		p.at++
		if p.is('+') || p.is('-') {
			p.at++
		}
		if err := p.digits(); err != nil {
			return "", err
		}
	}
	return p.text[start:p.at], nil
}

// is reports whether c stands at p.at.
func (p *parser) is(c byte) bool { return p.at < len(p.text) && p.text[p.at] == c }

func (p *parser) digits() error {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	if p.at == start {
		return p.expected("a digit")
	}
	return nil
}

// str reads a string whose quote stands at p.at. A string without escapes is a
// part of the document's text and costs no copy.
func (p *parser) str() (string, error) {
	start, end, escaped := p.at+1, p.at+1, false
	for end < len(p.text) && p.text[end] != '"' {
		switch c := p.text[end]; {
		case c == '\\':
			escaped = true
			end++ // the escaped character, which may be a quote
		case c < ' ':
			return "", p.errorf(end, "a control character 0x%02x in a string; write it as an escape", c)
		}
		end++
	}
	if end >= len(p.text) {
		return "", p.cutIn("a string")
	}
	text := p.text[start:end]
	p.at = end + 1
	if !utf8.ValidString(text) {
		return "", p.invalid(start, text)
	}
	if !escaped {
		return text, nil
	}
	return p.unescape(text, start)
}

func (p *parser) invalid(start int, text string) error {
	for i, r := range text {
		if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
			return p.errorf(start+i, "the byte 0x%02x in a string is not UTF-8", text[i])
		}
	}
	return p.errorf(start, "a string is not UTF-8")
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape decodes the escapes of text, which stands at start. Half of a surrogate
// pair, which JavaScript leaves where it cuts a string, becomes U+FFFD.
func (p *parser) unescape(text string, start int) (string, error) {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			b = append(b, text[i])
			i++
			continue
		}
		if c, ok := escapes[text[i+1]]; ok {
			b = append(b, c)
			i += 2
			continue
		}
		r, ok := hex4(text[i:])
		if !ok {
			return "", p.errorf(start+i, "expected an escape such as \\n or \\u00e9, found %q", text[i:min(len(text), i+6)])
		}
		i += 6
		if low, ok := hex4(text[i:]); ok && utf16.IsSurrogate(r) {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				r = pair
				i += 6
			}
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b), nil
}

// hex4 reads a \uXXXX at the beginning of s.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(v), err == nil
}
