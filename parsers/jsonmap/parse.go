package jsonmap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// Sniff recognises JSON that no other format of the project owns: a text that begins
// with { or [, also behind lines of other text. It leaves out the JSON of Locust,
// the event stream of go test -json and the runs that speedgate writes.
func Sniff(head []byte) string {
	start, ok := documentStart(string(head))
	if !ok || isLocust(head[start:]) || isTestEvent(head[start:]) || isRun(head[start:]) {
		return ""
	}
	if len(bytes.TrimSpace(head[:start])) > 0 {
		return "JSON behind other text"
	}
	return "JSON"
}

// isLocust looks for the keys that begin each entry of locust --json.
func isLocust(text []byte) bool {
	return text[0] == '[' && bytes.Contains(text, []byte(`"num_requests"`)) &&
		(bytes.Contains(text, []byte(`"num_none_requests"`)) || bytes.Contains(text, []byte(`"response_times"`)))
}

// isTestEvent looks at the first line for an event of test2json.
func isTestEvent(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return line[0] == '{' && bytes.Contains(line, []byte(`"Action":"`)) &&
		(bytes.Contains(line, []byte(`"Package":`)) || bytes.Contains(line, []byte(`"ImportPath":`)) || bytes.Contains(line, []byte(`"Time":`)))
}

// isRun looks for the schema of the program's own runs, which stands first.
func isRun(text []byte) bool { return ownRun.Match(text) }

var ownRun = regexp.MustCompile(`^\{\s*"schema"\s*:\s*"speedgate\.run/v\d+"`)

// embedded is what a line must begin with to be JSON behind other text. "[INFO]" and
// "[1/3]" are not: an array of results holds objects, arrays or strings.
var embedded = regexp.MustCompile(`(?m)^(?:\{\s*["}]|\[\s*[\[{"\]])`)

// documentStart finds where the JSON begins.
func documentStart(text string) (int, bool) {
	trimmed := strings.TrimLeft(text, " \t\r\n")
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[' && !logLine.MatchString(trimmed)) {
		return len(text) - len(trimmed), true
	}
	if !strings.Contains(text, "\n{") && !strings.Contains(text, "\n[") {
		return 0, false // most texts, told without the expression
	}
	loc := embedded.FindStringIndex(text)
	if loc == nil {
		return 0, false
	}
	return loc[0], true
}

// logLine is a text that begins with a tag in brackets.
var logLine = regexp.MustCompile(`^\[[^\s"\]{\[]*[A-Za-z/:][^\s"\]{\[]*\]`)

// Parse reads one document. name is used in messages and to find the mapping that
// reads it. The run holds a warning for everything that was not read. Errors are
// [*perf.InputError] or [perf.InputErrors]; they wrap [perf.ErrNoResults] if the
// document is in order and holds no measurement.
func Parse(r io.Reader, name string, mappings []Mapping) (*perf.Run, error) {
	text, err := wholeText(io.LimitReader(r, jsontree.MaxBytes+1))
	if err != nil {
		return nil, &perf.InputError{Pos: perf.Pos{File: name}, Msg: "reading", Err: err}
	}
	start, ok := documentStart(text)
	isBehindText := ok && strings.TrimSpace(text[:start]) != ""
	if isBehindText {
		text = blank(text[:start]) + text[start:]
	}
	root, err := jsontree.Parse(text, name)
	if err != nil {
		return nil, err
	}
	run, err := read(root, name, mappings)
	if err != nil {
		return nil, err
	}
	if isBehindText {
		w := perf.Warning{Pos: root.Pos(), Msg: "the text before the JSON document was skipped"}
		run.Warnings = append([]perf.Warning{w}, run.Warnings...)
	}
	return run, nil
}

const (
	firstChunk = 64 << 10
	lastChunk  = 8 << 20
)

// wholeText reads everything. Its chunks are joined once: a buffer that grows takes
// several times its text on the way.
func wholeText(r io.Reader) (string, error) {
	var chunks [][]byte
	size := 0
	for next := firstChunk; ; next = min(2*next, lastChunk) {
		chunk := make([]byte, next)
		n, err := io.ReadFull(r, chunk)
		chunks = append(chunks, chunk[:n])
		size += n
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return joined(chunks, size), nil
		case err != nil:
			return "", err
		}
	}
}

func joined(chunks [][]byte, size int) string {
	var b strings.Builder
	b.Grow(size)
	for i, c := range chunks {
		b.Write(c)
		chunks[i] = nil // no longer needed
	}
	return b.String()
}

// blank is a text as long as the one before the document, with the same lines, so that
// positions stay those of the file.
func blank(before string) string {
	b := bytes.Repeat([]byte{' '}, len(before))
	for i := range len(before) {
		if before[i] == '\n' {
			b[i] = '\n'
		}
	}
	return string(b)
}

// ownSchemas begin the schemas of the baseline and of the reports.
const ownSchemas = "speedgate."

// read tries the ways of reading in their order.
func read(root *jsontree.Node, name string, mappings []Mapping) (*perf.Run, error) {
	for i := range mappings {
		if mappings[i].matches(name) {
			return readSelected(root, name, &mappings[i])
		}
	}
	if schema := root.Get("schema"); schema != nil && strings.HasPrefix(schema.Text, ownSchemas) {
		return nil, perf.Errorf(schema.Pos(), "this is %q, which speedgate wrote itself; expected results", schema.Text)
	}
	if run, ok, err := Plain(root, name); ok {
		return run, err
	}
	if tool := Foreign(root); tool != "" {
		return nil, refusal(root, tool)
	}
	return readAuto(root, name)
}

// matches reports whether the mapping is for the file name.
func (m *Mapping) matches(name string) bool {
	name = path.Clean(filepath.ToSlash(name))
	if !strings.Contains(m.Files, "/") {
		name = path.Base(name)
	}
	ok, err := doublestar.Match(m.Files, name)
	return ok && err == nil
}

// ruleOf is the source rule of a mapping: where the config has it.
func ruleOf(m *Mapping) string {
	if len(m.Select) == 0 || m.Select[0].Pos.File == "" {
		return "selectors"
	}
	pos := m.Select[0].Pos
	pos.Col = 0
	return fmt.Sprintf("selectors of %s", pos)
}
