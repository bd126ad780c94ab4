package decode

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"

	"speedgate/perf"
)

// HeadSize is how much of an input a format gets to see to recognise it. Logs put
// pages of build and test output in front of the first result.
const HeadSize = 400 << 10

// maxGunzipped bounds what a compressed input may expand to, as a few kilobytes
// can hold gigabytes of zeros. The largest result files known are NDJSON of some
// hundred megabytes.
const maxGunzipped = 4 << 30

// bufferSize is what is read from the input at once.
const bufferSize = 64 << 10

// Reader decodes an input while it is read. Make one with [NewReader].
//
// Line ends "\r\r\n" (text mode on Windows, twice), "\r\n" and a lone "\r" (progress
// lines) become "\n". Input that is not UTF-8 is read as Latin-1 from the first
// bad byte on, with a warning. Errors are [*perf.InputError].
type Reader struct {
	// Name is the name of the input for messages. Set it before the first call.
	Name string

	src     io.Reader // what remains to decode, after gzip and UTF-16
	srcErr  error     // what ended src; io.EOF included
	opened  bool
	limit   int64  // bytes that a compressed input may expand to
	raw     []byte // read from src and not yet decoded
	scratch []byte // backs raw
	out     []byte // decoded and not yet read
	backing []byte // the memory of out, to be used again
	err     error  // what ended the output; sticky

	latin1   bool
	line     int32 // lines decoded so far
	warnings []perf.Warning
}

// NewReader returns a reader of the decoded text of r. It reads nothing yet.
func NewReader(r io.Reader) *Reader {
	return &Reader{src: r, limit: maxGunzipped}
}

// Read implements [io.Reader].
func (d *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		d.fill()
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

// Peek returns the next n bytes of decoded text without moving on; [HeadSize] is
// what detection wants. The result is shorter, without an error, if the input is.
// An error means that the input is broken within these bytes. The bytes are valid
// until the next call.
func (d *Reader) Peek(n int) ([]byte, error) {
	for len(d.out) < n && d.err == nil {
		d.fill()
	}
	head := d.out[:min(n, len(d.out))]
	if len(head) == n || d.err == io.EOF {
		return head, nil
	}
	return head, d.err
}

// Warnings returns what a reader of the results must know of the decoding. The
// list is complete when Read has returned [io.EOF].
func (d *Reader) Warnings() []perf.Warning { return slices.Clone(d.warnings) }

// fill decodes one more chunk to the end of d.out, or sets d.err.
func (d *Reader) fill() {
	if !d.opened {
		d.opened = true
		if d.err = d.open(); d.err != nil {
			return
		}
	}
	if d.srcErr == nil {
		d.readChunk()
	}
	if len(d.out) == 0 {
		d.out = d.backing[:0]
	}
	before := len(d.out)
	consumed, nul := d.decode(d.raw, d.srcErr != nil)
	d.raw = d.raw[consumed:]
	d.line += int32(bytes.Count(d.out[before:], []byte{'\n'}))
	d.backing = d.out
	switch {
	case nul:
		d.err = d.errorf("a NUL byte; expected text in UTF-8, or in UTF-16 with a byte-order mark")
	case d.srcErr == io.EOF:
		d.err = io.EOF
	case d.srcErr != nil:
		d.err = d.wrap(d.srcErr)
	}
}

// readChunk adds a chunk to d.raw, behind the few bytes that the last decode left.
func (d *Reader) readChunk() {
	if d.scratch == nil {
		d.scratch = make([]byte, maxEscape+bufferSize)
	}
	kept := copy(d.scratch, d.raw)
	n, err := d.src.Read(d.scratch[kept : kept+bufferSize])
	d.raw, d.srcErr = d.scratch[:kept+n], err
}

// binaries are files that are no text at all and begin with a mark.
var binaries = []struct{ magic, name string }{
	{"PK\x03\x04", "a zip archive; unpack it and give the results in it"},
	{"%PDF-", "a PDF"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it, or use gzip"},
	{"\xfd7zXZ\x00", "compressed with xz; unpack it, or use gzip"},
	{"BZh91AY&SY", "compressed with bzip2; unpack it, or use gzip"},
}

// open looks at the first bytes and puts the readers that they call for in front
// of the source.
func (d *Reader) open() error {
	b := bufio.NewReaderSize(d.src, bufferSize)
	if magic, _ := b.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(b)
		if err != nil {
			return d.wrap(err)
		}
		b = bufio.NewReaderSize(&limitedReader{z, d.limit}, bufferSize)
	}
	head, _ := b.Peek(16)
	for _, f := range binaries {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return d.errorf("not text: %s", f.name)
		}
	}
	d.src = b
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := b.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		d.src = &utf16Reader{src: b}
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		d.src = &utf16Reader{src: b, bigEndian: true}
	}
	return nil
}

// errTooLarge ends a compressed input that expands beyond the limit.
var errTooLarge = errors.New("the compressed input expands beyond the limit")

// limitedReader fails with errTooLarge when more than left bytes are read.
type limitedReader struct {
	r    io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

func (d *Reader) pos() perf.Pos { return perf.Pos{File: d.Name, Line: d.line + 1} }

func (d *Reader) errorf(format string, args ...any) error {
	return perf.Errorf(d.pos(), format, args...)
}

// wrap gives an error of the source its place.
func (d *Reader) wrap(err error) error {
	switch {
	case errors.Is(err, errTooLarge):
		return d.errorf("the gzip input expands to more than %d MB", d.limit>>20)
	case isCorrupt(err):
		return &perf.InputError{Pos: d.pos(), Msg: "damaged gzip input", Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return d.errorf("the input ends in the middle of its encoding; is the file complete?")
	}
	return &perf.InputError{Pos: d.pos(), Msg: "reading", Err: err}
}

func isCorrupt(err error) bool {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	return corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
}

// warn notes what was met newlines lines behind the last chunk.
func (d *Reader) warn(newlines int, format string, args ...any) {
	at := d.pos()
	at.Line += int32(newlines)
	d.warnings = append(d.warnings, perf.Warning{Pos: at, Msg: fmt.Sprintf(format, args...)})
}
