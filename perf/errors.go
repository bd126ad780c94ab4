package perf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Pos is a place in an input. Line and column count from 1; 0 is unknown.
// Columns count bytes, as compilers do.
type Pos struct {
	File string
	Line int32
	Col  int32
}

// String returns file:line:col, as far as known.
func (p Pos) String() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(int(p.Line))
		if p.Col > 0 {
			s += ":" + strconv.Itoa(int(p.Col))
		}
	}
	return s
}

// InputError is one thing that is wrong with an input, with its place. Its text
// is lower case and says what was expected.
type InputError struct {
	Pos Pos
	Msg string
	Err error // what caused it, may be nil; its text is appended
}

func (e *InputError) Error() string {
	s := e.Msg
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if at := e.Pos.String(); at != "" {
		return at + ": " + s
	}
	return s
}

func (e *InputError) Unwrap() error { return e.Err }

// Errorf returns an [InputError] at pos.
func Errorf(pos Pos, format string, args ...any) *InputError {
	return &InputError{Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

// MaxErrors is how many errors of one input are listed; the rest are counted.
// Twenty fill a screen, and what is wrong with the first is wrong with the others.
const MaxErrors = 20

// InputErrors is everything that is wrong with an input, in input order.
type InputErrors []*InputError

// Error lists the first [MaxErrors] errors, a line each, and counts the rest.
func (es InputErrors) Error() string {
	var b strings.Builder
	for i, e := range es {
		if i == MaxErrors {
			fmt.Fprintf(&b, "\n… and %d more", len(es)-MaxErrors)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Error())
	}
	return b.String()
}

// Err returns nil if there are no errors, the error itself if there is one, and
// es otherwise.
func (es InputErrors) Err() error {
	switch len(es) {
	case 0:
		return nil
	case 1:
		return es[0]
	}
	return es
}

// Unwrap lets [errors.Is] and [errors.As] see each error.
func (es InputErrors) Unwrap() []error {
	list := make([]error, len(es))
	for i, e := range es {
		list[i] = e
	}
	return list
}

// ErrNoResults is wrapped by errors that say that an input is well-formed and
// holds no measurement: a header without rows, a test without requests, a
// pattern that matched no benchmark.
var ErrNoResults = errors.New("no results")

// Warning is what a reader must know and what does not stop the run.
type Warning struct {
	Pos Pos
	Msg string
	// Health marks doubt whether requests succeeded: the headline of a report tells it,
	// as a pass would otherwise rest on requests that may have failed.
	Health bool
}

// String returns the warning with its place.
func (w Warning) String() string {
	if at := w.Pos.String(); at != "" {
		return at + ": " + w.Msg
	}
	return w.Msg
}

// Problem is one thing that is wrong with a setting, as the package says that the
// setting belongs to. Whoever read the setting from a file knows its place.
type Problem struct {
	Key string // the setting, as a config spells it
	Msg string // says what was expected
}
