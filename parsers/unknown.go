package parsers

import (
	"bytes"
	"fmt"
	"regexp"
)

// hints name what an input of no known format may be, so that whoever passes the
// wrong file, or the right file of a tool that is not read, is told so.
var hints = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"JMeter results", regexp.MustCompile(`^(timeStamp[,;\t|]|\d{13}[,;]\d+[,;]|\s*<\?xml[^>]*>\s*<testResults|<testResults)`)},
	{"k6 output", regexp.MustCompile(`^metric_name,timestamp,metric_value|(?m)^\s+http_req_duration\.+:`)},
	{"a Gatling simulation log", regexp.MustCompile(`^(RUN|ASSERTION)\t`)},
	{"wrk output", regexp.MustCompile(`(?m)^Running \d+\S* test @ `)},
	{"criterion output", regexp.MustCompile(`(?m)^\s*(\S.*)?time:\s+\[[\d.]+ \S+ [\d.]+ \S+ [\d.]+ \S+\]`)},
	{"Rust bench output", regexp.MustCompile(`(?m)^test \S.* bench:\s+[\d,.]+ \S+/iter`)},
	{"gungraun or iai output", regexp.MustCompile(`(?m)^\s+Instructions:\s+\d+`)},
	{"Catch2 output", regexp.MustCompile(`(?m)^benchmark name\s+samples\s+iterations|<BenchmarkResults `)},
	{"benchmark.js output", regexp.MustCompile(`(?m)^.+ x [\d,.]+ ops/sec `)},
	{"pgbench output", regexp.MustCompile(`(?m)^(tps = [\d.]+|transaction type: )`)},
	{"a Taurus report", regexp.MustCompile(`^label,avg_ct,|<FinalStatus>`)},
	{"benchstat output", regexp.MustCompile(`(?m)│\s+(sec/op|B/op|allocs/op)|^name\s+old \S+/op`)},
	{"an HTML page", regexp.MustCompile(`(?i)^\s*<!doctype html|^\s*<html`)},
	{"a history of the github-action-benchmark action", regexp.MustCompile(`^window\.BENCHMARK_DATA\s*=`)},
}

// unknown returns the error for an input whose head no format recognised.
func unknown(head []byte) error {
	head = head[:min(len(head), 64<<10)]
	for _, h := range hints {
		if h.pattern.Match(head) {
			return fmt.Errorf("this looks like %s, which is %w", h.what, ErrUnknownFormat)
		}
	}
	if first, _, _ := bytes.Cut(bytes.TrimSpace(head), []byte("\n")); len(first) > 0 {
		return fmt.Errorf("it begins with %.60q, which is %w", first, ErrUnknownFormat)
	}
	return ErrUnknownFormat
}
