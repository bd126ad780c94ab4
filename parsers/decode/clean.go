package decode

import (
	"bytes"
	"unicode/utf8"
)

const escape = 0x1b

// maxEscape bounds the length of an escape sequence. The longest in use are
// hyperlinks with their address; what is longer, or runs over a line end, is text.
const maxEscape = 4 << 10

// next holds where in a chunk each byte that needs care stands next; len(chunk)
// where there is none. Each is searched again only when it has been passed, so that
// a chunk is scanned once for each kind however many there are.
type next struct{ cr, esc, nul, bad int }

// decode appends the text of src to d.out. It stops in front of a sequence whose
// end is not in src, unless this is the end of the input, and at a NUL byte, which
// it reports. consumed is how much of src is done.
func (d *Reader) decode(src []byte, atEOF bool) (consumed int, nul bool) {
	base := len(d.out)
	n := next{-1, -1, -1, -1}
	for i := 0; i < len(src); {
		d.find(&n, src, i)
		stop := min(n.cr, n.esc, n.nul, n.bad)
		d.appendText(src[i:stop])
		if i = stop; i == len(src) {
			break
		}
		width := 1
		switch i {
		case n.nul:
			return i, true
		case n.cr:
			width = d.lineEnd(src[i:], atEOF)
		case n.esc:
			width = escapeLen(src[i:], atEOF)
		default:
			width = d.badUTF8(src[i:], atEOF, base)
		}
		if width < 0 {
			return i, false
		}
		i += width
	}
	return len(src), false
}

// find brings n up to date for src[i:].
func (d *Reader) find(n *next, src []byte, i int) {
	search := func(at *int, c byte) {
		if *at >= i {
			return
		}
		if *at = bytes.IndexByte(src[i:], c); *at < 0 {
			*at = len(src)
			return
		}
		*at += i
	}
	search(&n.cr, '\r')
	search(&n.esc, escape)
	search(&n.nul, 0)
	switch {
	case d.latin1:
		n.bad = len(src)
	case n.bad < i:
		n.bad = i + validPrefix(src[i:])
	}
}

// validPrefix returns how many bytes of b are valid UTF-8.
func validPrefix(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	for i := 0; ; {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
}

// appendText adds text that needs no care but Latin-1's.
func (d *Reader) appendText(text []byte) {
	if !d.latin1 {
		d.out = append(d.out, text...)
		return
	}
	for _, c := range text {
		d.out = utf8.AppendRune(d.out, rune(c))
	}
}

// lineEnd turns the line end at the start of b into "\n" and returns its length,
// -1 if the bytes that decide have not been read.
func (d *Reader) lineEnd(b []byte, atEOF bool) int {
	width := 1
	switch {
	case bytes.HasPrefix(b, []byte("\r\n")):
		width = 2
	case bytes.HasPrefix(b, []byte("\r\r\n")):
		width = 3
	case !atEOF && (len(b) == 1 || len(b) == 2 && b[1] == '\r'):
		return -1
	}
	d.out = append(d.out, '\n')
	return width
}

// badUTF8 switches to Latin-1 at b, which begins with what is not UTF-8. It returns
// 0, as b is then to be decoded again, and -1 if b may be a character cut short.
func (d *Reader) badUTF8(b []byte, atEOF bool, base int) int {
	if !atEOF && !utf8.FullRune(b) {
		return -1
	}
	d.latin1 = true
	d.warn(bytes.Count(d.out[base:], []byte{'\n'}), "not UTF-8 from here on; read as Latin-1")
	return 0
}

// escapeLen returns the length of the escape sequence at the start of b, which it
// thereby drops: ESC [ … (control sequence), ESC ] … (title, hyperlink) and the
// short ones. It returns 1, which keeps the text, if this is no sequence, and -1
// if the end has not been read.
func escapeLen(b []byte, atEOF bool) int {
	b = b[:min(len(b), maxEscape)]
	width, known := 1, false
	if len(b) > 1 {
		switch b[1] {
		case '[':
			width, known = controlSequence(b)
		case ']', 'P', 'X', '^', '_':
			width, known = controlString(b)
		default:
			width, known = shortEscape(b)
		}
	}
	switch {
	case known:
		return width
	case atEOF || len(b) == maxEscape:
		return 1
	}
	return -1
}

// controlSequence measures ESC [ parameters intermediates final.
func controlSequence(b []byte) (width int, known bool) {
	for i, c := range b[2:] {
		switch {
		case c >= 0x40 && c <= 0x7e:
			return i + 3, true
		case c < 0x20 || c > 0x7e:
			return 1, true
		}
	}
	return 0, false
}

// controlString measures ESC ] text BEL and ESC ] text ESC \, and the other
// strings that end the same way.
func controlString(b []byte) (width int, known bool) {
	for i := 2; i < len(b); i++ {
		switch b[i] {
		case '\a':
			return i + 1, true
		case escape:
			if i+1 == len(b) {
				return 0, false
			}
			if b[i+1] == '\\' {
				return i + 2, true
			}
			return 1, true
		case '\n', '\r', 0:
			return 1, true
		}
	}
	return 0, false
}

// shortEscape measures ESC intermediates final, such as ESC ( B and ESC 7.
func shortEscape(b []byte) (width int, known bool) {
	for i := 1; i < len(b); i++ {
		c := b[i]
		switch {
		case c >= 0x30 && c <= 0x7e:
			return i + 1, true
		case c < 0x20 || c > 0x7e:
			return 1, true
		}
	}
	return 0, false
}
