package locust

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"speedgate/perf"
)

const formatHTML = "locust-html"

// templateArgs finds the data in a report: one JSON object, which a script of
// the page reads.
var templateArgs = regexp.MustCompile(`window\.templateArgs\s*=\s*\{`)

// What the pages of Locust are recognised by. The data of a report stands behind
// the scripts, about 1 MB into the file, so that the title has to do.
var htmlMarks = []struct{ text, rule string }{
	{"window.templateArgs = {", "HTML with window.templateArgs"},
	{"<title>Locust</title>", "HTML with the title Locust"},
	{"<title>Test Report for ", "HTML with the title Test Report for"},
	{"<title>Test Report</title>", "HTML with the title Test Report"},
}

// SniffHTML recognises the report of --html, the old pages as well that
// ParseHTML refuses.
func SniffHTML(head []byte) string {
	start := bytes.TrimLeft(head, " \t\r\n")
	if len(start) == 0 || start[0] != '<' {
		return ""
	}
	for _, m := range htmlMarks {
		if bytes.Contains(head, []byte(m.text)) {
			return m.rule
		}
	}
	return ""
}

// ParseHTML reads the report of --html, as far as it has its data as JSON: that
// is so since 2.18 with the modern page. The classic page holds rounded numbers
// in tables and is refused. A report without requests is an error that wraps
// perf.ErrNoResults.
func ParseHTML(r io.Reader, name string) (*perf.Run, error) {
	d, err := newDocument(r, name)
	if err != nil {
		return nil, err
	}
	found := templateArgs.FindIndex(d.text)
	if found == nil {
		return nil, perf.Errorf(perf.Pos{File: name},
			"the report has no window.templateArgs: the classic page holds rounded numbers only; use the files of --csv instead")
	}
	begin := found[1] - 1
	var data report
	if err := json.NewDecoder(bytes.NewReader(d.text[begin:])).Decode(&data); err != nil {
		return nil, d.broken(begin, err, "expected the data of a report")
	}
	p := newPart(name, formatHTML, "HTML with window.templateArgs", "2.18 or newer")
	data.read(d, p, d.spot(begin))
	if err := d.errs.Err(); err != nil {
		return nil, err
	}
	if p.requests == 0 {
		return nil, d.noRequests("no requests were made")
	}
	p.run.Sort()
	if err := p.run.Check(); err != nil {
		return nil, err
	}
	return p.run, nil
}

// report is the part of window.templateArgs that is read.
type report struct {
	Start     string                       `json:"start_time"`
	End       string                       `json:"end_time"`
	Host      string                       `json:"host"`
	Requests  []reportRow                  `json:"requests_statistics"` // the last is Aggregated
	Times     []map[string]json.RawMessage `json:"response_time_statistics"`
	History   []map[string]json.RawMessage `json:"history"`
	Failures  []reportFailure              `json:"failures_statistics"`
	Exception []reportException            `json:"exceptions_statistics"`
}

// reportRow is an endpoint. Pointers are members that some versions lack.
type reportRow struct {
	Method   *string  `json:"method"`
	Name     *string  `json:"name"`
	SafeName *string  `json:"safe_name"` // until 2.2x: the name escaped for HTML, and so are method and name
	Requests int64    `json:"num_requests"`
	Failures int64    `json:"num_failures"`
	Avg      *float64 `json:"avg_response_time"`
	Min      *float64 `json:"min_response_time"` // whole ms
	Max      *float64 `json:"max_response_time"` // whole ms
	Median   *float64 `json:"median_response_time"`
	Size     *float64 `json:"avg_content_length"`
	Rate     *float64 `json:"total_rps"`
}

type reportFailure struct {
	Method      string `json:"method"`
	Name        string `json:"name"`
	Error       string `json:"error"`
	Occurrences int64  `json:"occurrences"`
}

type reportException struct {
	Count   int64  `json:"count"`
	Message string `json:"msg"`
}

// read turns the report, which stands at the place at, into series of p.
func (r *report) read(d *document, p *part, at spot) {
	if len(r.Times) != len(r.Requests) {
		d.errorf(at, "%d endpoints in requests_statistics, %d in response_time_statistics", len(r.Requests), len(r.Times))
		return
	}
	duration := r.duration()
	for i, row := range r.Requests {
		e, ok := row.entry(d, at, duration.Seconds())
		if !ok {
			return
		}
		e.quantiles = quantilesOf(d, at, r.Times[i])
		p.add(&e)
	}
	p.run.Workload = perf.Workload{Users: r.users(), Duration: duration}
	if r.Host != "None" {
		p.run.Workload.Host = r.Host
	}
	escaped := len(r.Requests) > 0 && r.Requests[0].SafeName != nil
	for _, f := range r.Failures {
		if escaped {
			f.Method, f.Name, f.Error = html.UnescapeString(f.Method), html.UnescapeString(f.Name), html.UnescapeString(f.Error)
		}
		p.run.Failures = append(p.run.Failures, perf.Failure{Subject: subjectOf(f.Method, f.Name), Message: f.Error, Count: f.Occurrences})
	}
	for _, x := range r.Exception {
		p.run.Failures = append(p.run.Failures, perf.Failure{Message: x.Message, Count: x.Count})
	}
}

// entry returns the figures of the row but its percentiles. ok is false if it
// is no row. Versions without total_rps give the time of the test in whole seconds.
func (r *reportRow) entry(d *document, at spot, seconds float64) (e entry, ok bool) {
	if r.Name == nil || r.Method == nil || r.Requests < 0 || r.Failures < 0 {
		d.errorf(at, "requests_statistics: expected method, name and counts that are not negative")
		return entry{}, false
	}
	method, name := *r.Method, *r.Name
	if r.SafeName != nil {
		method, name = html.UnescapeString(method), html.UnescapeString(*r.SafeName)
	}
	if msg := badName(method, name); msg != "" {
		d.errorf(at, "requests_statistics: %s", msg)
		return entry{}, false
	}
	figureOf := func(v *float64, what string, step float64) figure {
		if v == nil {
			return figure{}
		}
		if *v < 0 {
			d.errorf(at, "requests_statistics: %s: the %s %g is negative", name, what, *v)
		}
		return figure{value: *v, step: step, known: true, at: at}
	}
	e = entry{
		subject: subjectOf(method, name), at: at, failureAt: at, counted: true, requests: r.Requests, failures: r.Failures,
		avg: figureOf(r.Avg, "average response time", 0), min: figureOf(r.Min, "least response time", 1),
		max: figureOf(r.Max, "greatest response time", 1), size: figureOf(r.Size, "content size", 0),
		rate: figureOf(r.Rate, "request rate", 0),
	}
	if r.Rate == nil && seconds > 0 {
		rate := float64(r.Requests) / seconds
		e.rate = figure{value: rate, step: rate / seconds, known: true, at: at}
	}
	return e, true
}

// quantilesOf reads an item of response_time_statistics: shares from 0 to 1 with
// their response times, beside method and name.
func quantilesOf(d *document, at spot, times map[string]json.RawMessage) []quantile {
	var list []quantile
	for _, key := range slices.Sorted(maps.Keys(times)) {
		share, ok := parseNumber(key)
		if !ok || share >= 1 {
			continue // method, name, or 100 %, which max_response_time says better
		}
		v, ok := parseNumber(string(times[key]))
		if !ok {
			d.errorf(at, "response_time_statistics: %s is not a response time", times[key])
			continue
		}
		percent := strconv.FormatFloat(share*100, 'g', 6, 64)
		list = append(list, quantile{perf.LatencyPercentile(percent), figure{value: v, known: true, at: at}})
	}
	return list
}

// reportTimes are how versions print start_time and end_time, in UTC.
var reportTimes = []string{time.RFC3339, time.DateTime}

// duration returns the time from the start to the last request, 0 if unknown.
func (r *report) duration() time.Duration {
	for _, layout := range reportTimes {
		start, err := time.Parse(layout, r.Start)
		end, err2 := time.Parse(layout, r.End)
		if err == nil && err2 == nil {
			return max(0, end.Sub(start))
		}
	}
	return 0
}

// users returns the peak number of users in the history, 0 if it has none. A
// value is a number, or a list of the time and the number.
func (r *report) users() int {
	var peak int64
	for _, tick := range r.History {
		text := strings.Trim(string(tick["user_count"]), "[] ")
		text = strings.TrimSpace(text[strings.LastIndexByte(text, ',')+1:])
		if n, ok := parseCount(text); ok {
			peak = max(peak, n)
		}
	}
	return int(peak)
}
