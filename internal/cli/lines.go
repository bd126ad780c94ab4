package cli

import (
	"bytes"
	"io"
	"strings"

	"speedgate/report/safetext"
)

// maxLine is the longest line that lineWriter keeps whole, in bytes.
const maxLine = 64 << 10

// lineWriter passes the output of another program on, line by line, so that neither a
// terminal nor the runner of a CI system obeys it. A lone carriage return ends a line
// too, as runners split there. Close writes what no line end followed.
type lineWriter struct {
	w    io.Writer
	rest []byte
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexAny(l.rest, "\r\n")
		if end < 0 && len(l.rest) < maxLine {
			return len(p), nil
		}
		next := end + 1
		if end < 0 || end > maxLine {
			end, next = maxLine, maxLine
		}
		if err := l.line(l.rest[:end]); err != nil {
			return 0, err
		}
		l.rest = l.rest[next:]
	}
}

// line writes one line; an empty one is most often the second half of a CRLF.
func (l *lineWriter) line(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	_, err := io.WriteString(l.w, safetext.Line(strings.ReplaceAll(string(text), "\t", "    "))+"\n")
	return err
}

// Close ends the last line. It does not close what is written to.
func (l *lineWriter) Close() error {
	err := l.line(l.rest)
	l.rest = nil
	return err
}
