package gobench

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"speedgate/parsers/decode"
	"speedgate/perf"
)

// Parse reads the text that go test -bench prints. name is for messages.
//
// Each benchmark and metric is a series; repetitions of a benchmark, as -count
// gives, are its samples, and its count is their iterations in total. Failures
// are entries of the run's Incomplete. Errors are [perf.InputErrors] with their
// places, and wrap [perf.ErrNoResults] if there is no result line at all.
func Parse(r io.Reader, name string) (*perf.Run, error) {
	p, err := readText(r, name)
	if err != nil {
		return nil, err
	}
	return p.run("go-bench")
}

// readText reads all lines of a text.
func readText(r io.Reader, name string) (*parser, error) {
	p := newParser(name)
	s := &stream{p: p, pkg: p.pkg("")}
	lines := decode.NewLines(r, name)
	for len(p.errs) < maxErrors && lines.Next() {
		if lines.Open() && s.cutLine(lines.Bytes(), lines.Pos()) {
			break
		}
		s.line(lines.Bytes(), lines.Pos())
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	s.end()
	return p, nil
}

// unitsOfGo are the units that go test prints by itself.
var unitsOfGo = []string{"ns/op", "MB/s", "B/op", "allocs/op"}

// cutLine takes the last line of a text that nothing ends, if it is the beginning of a
// result: a name without figures, or a unit without its end.
func (s *stream) cutLine(b []byte, at perf.Pos) bool {
	if !s.isCut(b) {
		return false
	}
	s.abandon()
	s.p.incomplete(at, "the file ends in the middle of a line")
	return true
}

func (s *stream) isCut(b []byte) bool {
	switch {
	case len(b) == 0:
		return false
	case !bytes.HasPrefix(b, []byte(prefix)):
		return strings.HasPrefix(prefix, string(b))
	case s.p.result.parse(b) != nil:
		return len(bytes.Fields(b)) == 1
	}
	values := s.p.result.values
	unit := string(values[len(values)-1].unit)
	return slices.ContainsFunc(unitsOfGo, func(whole string) bool { return len(unit) < len(whole) && strings.HasPrefix(whole, unit) })
}

// stream reads lines in the order in which test binaries and go test print them:
// the lines of a text, or of one package among JSON events.
type stream struct {
	p     *parser
	pkg   *pkg     // what results belong to
	pkgAt perf.Pos // the pkg: line, until a line says how the package ended
	// open is a benchmark whose name was printed and whose result has not come yet.
	open        string
	openAt      perf.Pos
	inLog       bool     // within the indented lines behind a "--- BENCH:" line
	cause       string   // how the test binary ended badly, until its package is named: exit status 2
	causeAt     perf.Pos // where that stands
	failedAt    perf.Pos // a FAIL line without a package
	packageFail bool     // a FAIL line with a package was seen
}

// end closes what the last line left open.
func (s *stream) end() {
	s.abandon()
	s.newPackage(perf.Pos{})
	if s.failedAt.Line > 0 && !s.packageFail {
		s.p.incomplete(s.failedAt, "a test binary failed")
	}
}

// abandon reports an open benchmark whose result will not come any more.
func (s *stream) abandon() {
	if s.open != "" {
		s.p.incomplete(s.openAt, "%s has no result", clip([]byte(s.open)))
	}
	s.open = ""
}

// newPackage notes that the lines of another package begin. The last one may have
// been cut short; or somebody filtered the lines, so that this is a plain warning.
func (s *stream) newPackage(at perf.Pos) {
	s.unexplained()
	if s.pkgAt.Line > 0 {
		s.p.unended.add(s.pkgAt)
	}
	s.pkgAt = at
}

func (s *stream) line(b []byte, at perf.Pos) {
	b = bytes.TrimSuffix(b, []byte{'\r'})
	if s.inLog && bytes.HasPrefix(b, []byte("    ")) {
		return
	}
	s.inLog = false
	switch {
	case bytes.HasPrefix(b, []byte(prefix)):
		s.benchmarkLine(b, at)
	case s.statusLine(b, at), s.configLine(b, at), s.p.unitLine(b, at):
	case s.open != "" && s.lateResult(b, at):
	case s.innerResult(b, at):
	default:
		s.otherLine(b, at)
	}
}

// benchmarkLine takes a line that begins with the word Benchmark.
func (s *stream) benchmarkLine(b []byte, at perf.Pos) {
	s.abandon()
	fault := s.p.result.parse(b)
	name := s.p.result.name
	switch {
	case fault == nil:
		s.p.add(s.pkg, at, 0)
	case len(name) == len(b) || !isName(name):
		// -v announces a benchmark by its name alone; other words are printed text.
	case s.repair(b, len(name), name, at):
	case fault.sure || hasKnownUnit(b):
		s.p.failLine(fault, at, 0)
	case bytes.HasPrefix(bytes.TrimLeft(b[len(name):], " "), []byte{'\t'}):
		s.openLine(b, at)
	}
}

// openLine takes a line with a name, the tab behind it, and something else than the
// result: text printed by the benchmark, or how it failed.
func (s *stream) openLine(b []byte, at perf.Pos) {
	name, rest, _ := bytes.Cut(b, []byte{'\t'})
	s.open, s.openAt = string(bytes.TrimRight(name, " ")), at
	s.statusLine(rest, at)
}

// repair reads a result of the benchmark name from the end of b[from:], behind
// other text. It returns false if there is none.
func (s *stream) repair(b []byte, from int, name []byte, at perf.Pos) bool {
	i, ok := findValues(b[from:])
	if !ok {
		return false
	}
	s.p.result.name = name
	if f := s.p.result.parseValues(b, from+i); f != nil {
		s.p.failLine(f, at, 0)
		return true
	}
	s.p.recovered.add(at)
	s.p.add(s.pkg, at, 0)
	return true
}

// lateResult takes the result of the open benchmark, whose line was broken by
// printed text.
func (s *stream) lateResult(b []byte, at perf.Pos) bool {
	if !s.repair(b, 0, []byte(s.open), at) {
		return false
	}
	s.open = ""
	return true
}

// innerResult takes a result line that printed text stands in front of. A log that
// quotes a result, which is indented, is none.
func (s *stream) innerResult(b []byte, at perf.Pos) bool {
	i := bytes.LastIndex(b, []byte(prefix))
	if i <= 0 || !isName(b[i:]) {
		return false
	}
	f := s.p.result.parse(b[i:])
	name := s.p.result.name
	_, isBroken := findValues(b[i+len(name):])
	switch {
	case f != nil && !f.sure && !isBroken:
		return false
	case isIndented(b):
		s.p.ignored.add(at)
	case f == nil:
		s.p.recovered.add(at)
		s.p.add(s.pkg, at, i)
	case isBroken:
		return s.repair(b, i+len(name), name, at)
	default:
		s.p.failLine(f, at, i)
	}
	return true
}

// isIndented reports whether b begins like a log line of the testing package.
func isIndented(b []byte) bool {
	return b[0] == '\t' || bytes.HasPrefix(b, []byte("    "))
}

// otherLine takes a line that is no result, to see whether it should have been.
func (s *stream) otherLine(b []byte, at perf.Pos) {
	if i, ok := findValues(b); ok && len(bytes.TrimSpace(b[:i])) == 0 {
		s.p.ignored.add(at)
		return
	}
	if s.p.benchstat.Line == 0 && isBenchstat(b) {
		s.p.benchstat = at
	}
}

func hasKnownUnit(b []byte) bool {
	for f := range bytes.FieldsSeq(b) {
		if _, ok := standardMetrics[string(f)]; ok {
			return true
		}
	}
	return false
}

// maxConfig is how much of a line is looked at where the line is not a result;
// import paths are the longest that matters.
const maxConfig = 4 << 10

// configLine takes the key: value lines that say where results come from. Others
// look like any log line and are left alone.
func (s *stream) configLine(b []byte, at perf.Pos) bool {
	key, val, ok := bytes.Cut(b[:min(len(b), maxConfig)], []byte{':'})
	if !ok || !isConfigKey(string(key)) || len(val) > 0 && val[0] != ' ' && val[0] != '\t' {
		return false // a value stands behind a blank
	}
	text := strings.TrimSpace(string(val))
	if string(key) == "pkg" {
		s.newPackage(at)
		s.pkg = s.p.pkg(text)
		return true
	}
	s.p.set(string(key), text, at)
	return true
}

func isConfigKey(key string) bool {
	switch key {
	case "goos", "goarch", "cpu", "pkg":
		return true
	}
	return false
}
