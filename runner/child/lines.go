package child

import (
	"bytes"
	"io"
	"slices"
	"sync"
)

// maxLine is the length at which a line is handed on before it has ended: a
// progress bar may go on for megabytes without one.
const maxLine = 64 << 10

// maxTail is how much of the end of the output is kept for a message: a screenful.
const maxTail = 4 << 10

// output hands on what a program prints, and keeps its end. Its two streams share
// it, as they may share a writer.
type output struct {
	mu   sync.Mutex
	tail []byte
	err  error // the first error of a writer
}

// copyLines reads r to its end and writes each line to w in one call, its line end
// included. It reads on when w fails, so that the program never waits for a reader.
func (o *output) copyLines(w io.Writer, r io.Reader) {
	var pending []byte
	chunk := make([]byte, 32<<10)
	for {
		n, err := r.Read(chunk)
		pending = o.writeLines(w, append(pending, chunk[:n]...))
		if err != nil {
			o.write(w, pending)
			return
		}
	}
}

// writeLines writes the whole lines of text and returns what is left.
func (o *output) writeLines(w io.Writer, text []byte) []byte {
	rest := text
	for {
		end := bytes.IndexByte(rest, '\n') + 1
		switch {
		case end > 0:
		case len(rest) >= maxLine:
			end = len(rest)
		default:
			return append(text[:0], rest...)
		}
		o.write(w, rest[:end])
		rest = rest[end:]
	}
}

func (o *output) write(w io.Writer, line []byte) {
	if len(line) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tail = append(o.tail, line...)
	if excess := len(o.tail) - maxTail; excess > 0 {
		o.tail = slices.Delete(o.tail, 0, excess)
	}
	if w == nil || o.err != nil {
		return
	}
	_, o.err = w.Write(line)
}

// end returns the last bytes that were printed, from the start of a line if there
// is one, and the first error of a writer.
func (o *output) end() (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	tail := o.tail
	if len(tail) == maxTail {
		tail = tail[bytes.IndexByte(tail, '\n')+1:]
	}
	return string(tail), o.err
}
