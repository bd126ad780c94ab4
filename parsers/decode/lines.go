package decode

import (
	"bufio"
	"errors"
	"io"

	"speedgate/perf"
)

// MaxLine bounds the length of a line in bytes. No result line comes near; test
// logs that dump a response on one line stay below. Without a bound, a file
// without line ends would be held in memory whole.
const MaxLine = 16 << 20

// Lines reads an input line by line. Make one with [NewLines].
type Lines struct {
	s    *bufio.Scanner
	name string
	line int32
	open bool // the line has no end
}

// NewLines returns the lines of r, which name stands for in messages.
func NewLines(r io.Reader, name string) *Lines {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, bufferSize), MaxLine)
	l := &Lines{s: s, name: name}
	s.Split(func(data []byte, atEOF bool) (advance int, line []byte, err error) {
		advance, line, err = bufio.ScanLines(data, atEOF)
		l.open = advance > 0 && data[advance-1] != '\n'
		return advance, line, err
	})
	return l
}

// Next moves to the next line and reports whether there is one.
func (l *Lines) Next() bool {
	if !l.s.Scan() {
		return false
	}
	l.line++
	return true
}

// Bytes returns the line without its end. It is valid until the call of Next.
func (l *Lines) Bytes() []byte { return l.s.Bytes() }

// Open reports whether the input ends within the line: nothing ends it.
func (l *Lines) Open() bool { return l.open }

// Pos returns the place of the line; its column is unknown.
func (l *Lines) Pos() perf.Pos { return perf.Pos{File: l.name, Line: l.line} }

// Err returns what ended the input, nil if that was its end: an
// [*perf.InputError], those of the reader included.
func (l *Lines) Err() error {
	err := l.s.Err()
	if err == nil {
		return nil
	}
	at := perf.Pos{File: l.name, Line: l.line + 1}
	if errors.Is(err, bufio.ErrTooLong) {
		return perf.Errorf(at, "line longer than %d MB", MaxLine>>20)
	}
	if in, ok := errors.AsType[*perf.InputError](err); ok {
		return in
	}
	return &perf.InputError{Pos: at, Msg: "reading", Err: err}
}
