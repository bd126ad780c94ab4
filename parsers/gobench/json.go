package gobench

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"speedgate/parsers/decode"
	"speedgate/perf"
)

// event is one line of go test -json: the fields that matter of what
// "go doc test2json" and "go help buildjson" describe.
type event struct {
	Time       string
	Action     string
	Package    string
	ImportPath string // of build events
	Test       string
	Output     string
}

// ParseJSON reads the events of go test -json, as go test, go tool test2json and
// gotestsum --jsonfile write them. The output of each package is put together and
// read like that of [Parse]; events of several packages may be mixed. Places have
// no columns. A line that begins like an event and is none is an error.
func ParseJSON(r io.Reader, name string) (*perf.Run, error) {
	p := newParser(name)
	p.noColumns = true
	e := &events{p: p, packages: map[string]*packageEvents{}}
	lines := decode.NewLines(r, name)
	for len(p.errs) < maxErrors && lines.Next() {
		e.line(lines.Bytes(), lines.Pos())
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	e.end()
	return p.run("go-bench-json")
}

// events sorts test events by package.
type events struct {
	p        *parser
	packages map[string]*packageEvents
	order    []*packageEvents
}

// packageEvents is the output of one package.
type packageEvents struct {
	stream
	path  string
	text  []byte   // the line that has begun
	at    perf.Pos // where it, or else the last one, began
	ended bool
}

// of returns the events of a package, the first of which stands at at.
func (e *events) of(path string, at perf.Pos) *packageEvents {
	if k := e.packages[path]; k != nil {
		return k
	}
	k := &packageEvents{path: path, at: at, stream: stream{p: e.p, pkg: e.p.pkg(path)}}
	e.packages[path] = k
	e.order = append(e.order, k)
	return k
}

func (e *events) line(b []byte, at perf.Pos) {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0:
		return
	case b[0] != '{':
		e.p.outside.add(at)
		k := e.of("", at)
		k.add(append(slices.Clone(b), '\n'), at)
		return
	}
	var ev event
	switch err := json.Unmarshal(b, &ev); {
	case err != nil:
		e.p.errs = append(e.p.errs, &perf.InputError{Pos: at, Msg: "expected a test event in JSON", Err: err})
	case !actions[ev.Action]:
		e.p.fail(at, "expected a test event in JSON, with an action; %q is none", clip([]byte(ev.Action)))
	default:
		e.take(ev, at)
	}
}

func (e *events) take(ev event, at perf.Pos) {
	switch ev.Action {
	case "build-output":
		return // what the compiler said; that the package failed is told by its own events
	case "build-fail":
		path, _, _ := strings.Cut(ev.ImportPath, " ") // "path [path.test]"
		e.p.incomplete(at, "build of %s failed", clip([]byte(path)))
		return
	}
	k := e.of(ev.Package, at)
	if ev.Action == "output" {
		k.add([]byte(ev.Output), at)
		return
	}
	if ev.Test != "" {
		return
	}
	switch ev.Action {
	case "pass", "skip":
		k.finish()
		k.cause = ""
	case "fail":
		k.finish()
		k.cause = "" // told right below, with the package
		if !k.packageFail {
			k.packageFail = true
			e.p.incomplete(at, "package %s failed", k.title())
		}
	}
}

// title names the package in messages. Events of go tool test2json alone have no
// package; the output may.
func (k *packageEvents) title() string {
	return clip([]byte(cmp.Or(k.path, k.pkg.path, "without a name")))
}

// add takes a piece of output, which may begin and end within a line.
func (k *packageEvents) add(piece []byte, at perf.Pos) {
	for line := range bytes.Lines(piece) {
		if len(k.text) == 0 {
			k.at = at
		}
		k.text = append(k.text, line...)
		switch {
		case line[len(line)-1] == '\n':
			k.flush()
		case len(k.text) > decode.MaxLine:
			k.p.fail(k.at, "line longer than %d MB", decode.MaxLine>>20)
			k.text = k.text[:0]
		}
	}
}

// flush reads the line that has been put together.
func (k *packageEvents) flush() {
	k.line(bytes.TrimSuffix(k.text, []byte{'\n'}), k.at)
	k.text = k.text[:0]
}

// finish reads what the last piece of output left, once the package has ended.
func (k *packageEvents) finish() {
	if len(k.text) > 0 {
		k.flush()
	}
	k.abandon()
	k.ended = true
}

// end takes the end of the input. A package without a last event was cut short:
// go test writes one for every package, also for one that crashed.
func (e *events) end() {
	for _, k := range e.order {
		lastAt := k.at
		ended := k.ended || k.path == ""
		k.finish()
		k.pkgAt = perf.Pos{}
		k.stream.end()
		if !ended {
			e.p.incomplete(lastAt, "the events of package %s stop before its end", k.title())
		}
	}
}
