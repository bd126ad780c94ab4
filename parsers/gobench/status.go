package gobench

import (
	"bytes"
	"strings"

	"speedgate/perf"
)

// statuses are the lines by which test binaries and go test say how it went, by how
// they begin. take returns false if the line only begins that way.
var statuses = []struct {
	begin string
	take  func(s *stream, line string, at perf.Pos) bool
}{
	{"PASS", (*stream).passed},
	{"ok  ", (*stream).packagePassed},
	{"FAIL\t", (*stream).packageFailed},
	{"FAIL  ", (*stream).packageFailed},
	{"FAIL", (*stream).binaryFailed},
	{"--- FAIL: ", (*stream).testFailed},
	{"--- BENCH: ", (*stream).logBegins},
	{"--- SKIP: ", (*stream).skipped},
	{"exit status ", (*stream).exited},
	{"signal: ", (*stream).exited},
	{"*** Test killed ", (*stream).exited}, // by go test, long past its -timeout
	{"panic: ", (*stream).crashed},
	{"fatal error: ", (*stream).crashed},
}

// statusLine takes a line that says how a benchmark or a package went.
func (s *stream) statusLine(b []byte, at perf.Pos) bool {
	if len(b) == 0 || strings.IndexByte("PoF-espf*", b[0]) < 0 {
		return false
	}
	for _, st := range statuses {
		if bytes.HasPrefix(b, []byte(st.begin)) {
			line := strings.TrimRight(string(b[:min(len(b), maxConfig)]), " \t")
			return st.take(s, line, at)
		}
	}
	return false
}

func (s *stream) passed(line string, _ perf.Pos) bool {
	if line != "PASS" {
		return false
	}
	s.binaryEnded()
	s.p.passed = true
	return true
}

func (s *stream) packagePassed(line string, _ perf.Pos) bool {
	if len(strings.Fields(line)) < 2 {
		return false
	}
	s.binaryEnded()
	s.p.passed = true
	return true
}

// binaryFailed takes the FAIL of a test binary, and the one that ends the output of
// go test. Where go test ran the binary, a line with the package follows.
func (s *stream) binaryFailed(line string, at perf.Pos) bool {
	if line != "FAIL" {
		return false
	}
	s.binaryEnded()
	s.failedAt = at
	return true
}

// packageFailed takes go test's "FAIL	example.com/pkg	0.1s" and "… [build failed]".
func (s *stream) packageFailed(line string, at perf.Pos) bool {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return s.binaryFailed("FAIL", at)
	}
	cause := s.cause
	if i := strings.IndexByte(line, '['); i >= 0 {
		cause = strings.Trim(line[i:], "[]")
	}
	s.binaryEnded()
	s.packageFail = true
	if cause != "" {
		cause = " (" + cause + ")"
	}
	s.p.incomplete(at, "package %s failed%s", clip([]byte(fields[1])), cause)
	return true
}

func (s *stream) testFailed(line string, at perf.Pos) bool {
	name := s.logged(line)
	s.p.incomplete(at, "%s failed", clip([]byte(name)))
	return true
}

// skipped needs no warning: that a benchmark of the baseline is gone is a verdict.
func (s *stream) skipped(line string, _ perf.Pos) bool {
	s.logged(line)
	s.p.skipped = true
	return true
}

func (s *stream) logBegins(line string, _ perf.Pos) bool {
	s.logged(line)
	return true
}

// logged takes "--- FAIL: Name (0.00s)" and the like: the log of the benchmark
// follows, and its result does not. It returns the name.
func (s *stream) logged(line string) (name string) {
	s.inLog = true
	_, name, _ = strings.Cut(line, ": ")
	name, _, _ = strings.Cut(name, " ")
	if strings.HasPrefix(s.open, name) {
		s.open = ""
	}
	return name
}

// exited remembers how a test binary ended, for the line that names its package. A
// benchmark may print such a line about another process: the PASS behind it tells.
func (s *stream) exited(line string, at perf.Pos) bool {
	if line == "exit status 0" {
		return false
	}
	s.cause, s.causeAt = clip([]byte(line)), at
	return true
}

func (s *stream) crashed(line string, at perf.Pos) bool {
	in := ""
	if s.open != "" {
		in = " in " + clip([]byte(s.open))
	}
	s.open = ""
	s.p.incomplete(at, "%s%s", clip([]byte(line)), in)
	return true
}

// binaryEnded notes that the output of a test binary is complete, and how it went is
// told.
func (s *stream) binaryEnded() {
	s.abandon()
	s.pkgAt, s.cause = perf.Pos{}, ""
}

// unexplained reports a test binary that ended badly and whose package no line told
// the failure of: the lines behind may have been filtered out, or never written.
func (s *stream) unexplained() {
	if s.cause != "" {
		s.p.incomplete(s.causeAt, "a test binary ended badly: %s", s.cause)
	}
	s.cause = ""
}
