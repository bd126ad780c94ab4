package decode

import (
	"bufio"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader turns UTF-16 into UTF-8. The byte-order mark has shown the order
// and is dropped. Half a surrogate pair becomes U+FFFD.
type utf16Reader struct {
	src       *bufio.Reader
	bigEndian bool
	started   bool
	ahead     rune // a unit that was read to see whether it completes a pair
	hasAhead  bool
	err       error
}

// Read implements [io.Reader]. A text that ends in half a unit is
// [io.ErrUnexpectedEOF].
func (u *utf16Reader) Read(p []byte) (int, error) {
	if !u.started {
		u.started = true
		_, u.err = u.unit()
	}
	n := 0
	for u.err == nil && n+utf8.UTFMax <= len(p) {
		var r rune
		if r, u.err = u.rune(); u.err == nil {
			n += utf8.EncodeRune(p[n:], r)
		}
	}
	if n > 0 {
		return n, nil
	}
	return 0, u.err
}

func (u *utf16Reader) rune() (rune, error) {
	r, err := u.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	second, err := u.unit()
	if err == io.EOF {
		return utf8.RuneError, nil
	}
	if err != nil {
		return 0, err
	}
	pair := utf16.DecodeRune(r, second)
	if pair == utf8.RuneError {
		u.ahead, u.hasAhead = second, true
	}
	return pair, nil
}

func (u *utf16Reader) unit() (rune, error) {
	if u.hasAhead {
		u.hasAhead = false
		return u.ahead, nil
	}
	a, err := u.src.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := u.src.ReadByte()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if u.bigEndian {
		return rune(a)<<8 | rune(b), err
	}
	return rune(b)<<8 | rune(a), err
}
