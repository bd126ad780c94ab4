package gobench

import (
	"bytes"
	"encoding/json"
)

// Sniff says what in the first bytes of an input shows that go test -bench wrote
// it, "" if nothing does. It also knows the output of a run without results, and
// benchstat's, so that they are refused with a reason.
func Sniff(head []byte) (rule string) {
	if SniffJSON(head) != "" {
		return "" // text stands between the events
	}
	var r result
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case bytes.HasPrefix(line, []byte("goos: ")), bytes.HasPrefix(line, []byte("pkg: ")):
			return "line " + clip(line)
		case bytes.HasPrefix(line, []byte(prefix)) && isResult(&r, line):
			return "result line " + clip(r.name)
		case isSummary(line):
			return "summary line " + clip(line)
		case isBenchstat(line):
			return "benchstat table"
		}
	}
	return ""
}

// isResult reports whether line is a result, be it a damaged one.
func isResult(r *result, line []byte) bool {
	bad := r.parse(line)
	return bad == nil || bad.sure
}

// isSummary reports whether line is what go test prints at the end of a package:
// "ok  	example.com/pkg	0.1s", "FAIL	example.com/pkg [build failed]".
func isSummary(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("ok  \t"))
	if !ok {
		rest, ok = bytes.CutPrefix(line, []byte("FAIL\t"))
	}
	return ok && len(bytes.Fields(rest)) >= 2
}

// benchstatMarks are what tables of benchstat hold: the new text, the old text and
// the CSV.
var benchstatMarks = []struct{ begin, part string }{
	{"", " │ "},
	{"name ", " old time/op "},
	{"name ", " time/op"},
	{",", ",CI"},
}

func isBenchstat(line []byte) bool {
	for _, m := range benchstatMarks {
		if !bytes.HasPrefix(line, []byte(m.begin)) || !bytes.Contains(line, []byte(m.part)) {
			continue
		}
		if m.begin != "" || bytes.Contains(line, []byte("sec/op")) || bytes.Contains(line, []byte("vs base")) {
			return true
		}
	}
	return false
}

// actions are the actions of test events.
var actions = map[string]bool{
	"start": true, "run": true, "pause": true, "cont": true, "pass": true, "bench": true, "fail": true,
	"output": true, "skip": true, "attr": true, "artifacts": true, "build-output": true, "build-fail": true,
}

// SniffJSON says what in the first bytes of an input shows that it holds the events
// of go test -json, "" if nothing does. Other text may stand in front of them.
func SniffJSON(head []byte) (rule string) {
	for line := range bytes.Lines(head) {
		if line[0] != '{' {
			continue
		}
		var e event
		if json.Unmarshal(line, &e) != nil || !actions[e.Action] {
			return ""
		}
		if e.Time == "" && e.Package == "" && e.ImportPath == "" {
			return ""
		}
		return "test event " + e.Action
	}
	return ""
}
