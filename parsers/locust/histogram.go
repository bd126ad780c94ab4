package locust

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"speedgate/perf"
)

const formatJSON = "locust-json"

// jsonMarks are members that every object of --json has and that together no
// other tool writes.
var jsonMarks = []string{`"num_requests"`, `"response_times"`, `"num_reqs_per_sec"`}

// SniffJSON recognises the output of --json and --json-file: a list of objects
// with num_requests, response_times and num_reqs_per_sec. An empty list is
// nobody's, so that it is not recognised.
func SniffJSON(head []byte) string {
	s := bytes.TrimLeft(head, " \t\r\n")
	if len(s) == 0 || s[0] != '[' {
		return ""
	}
	if s = bytes.TrimLeft(s[1:], " \t\r\n"); len(s) == 0 || s[0] != '{' {
		return ""
	}
	for _, mark := range jsonMarks {
		if !bytes.Contains(s, []byte(mark)) {
			return ""
		}
	}
	return "JSON list with " + strings.ReplaceAll(strings.Join(jsonMarks, ", "), `"`, "")
}

// ParseJSON reads the output of --json or --json-file, of Locust 2.14.1 and
// newer. It holds the histogram of each endpoint, from which the percentiles
// of the CSV files are computed as Locust does; the subject Aggregated, which it
// does not hold, is computed from all endpoints. An empty list is an error that
// wraps perf.ErrNoResults.
func ParseJSON(r io.Reader, name string) (*perf.Run, error) {
	d, err := newDocument(r, name)
	if err != nil {
		return nil, err
	}
	list, err := d.histograms()
	if err != nil {
		return nil, err
	}
	all := newHistogram()
	for i := range list {
		list[i].check(d)
		all.merge(&list[i])
	}
	if err := d.errs.Err(); err != nil {
		return nil, err
	}
	if all.Requests == 0 {
		return nil, d.noRequests("no requests were made; --json together with --json-file writes an empty file, use one of them")
	}
	p := newPart(name, formatJSON, SniffJSON(d.text), "2.14.1 or newer")
	p.reserve((len(list) + 1) * (seriesBesides + len(csvPercentiles)))
	seconds := all.seconds()
	for i := range list {
		e := list[i].entry(seconds)
		p.add(&e)
	}
	e := all.entry(seconds)
	p.add(&e)
	p.run.Workload.Duration = time.Duration(seconds * float64(time.Second)).Round(time.Second)
	p.run.Sort()
	if err := p.run.Check(); err != nil {
		return nil, err
	}
	return p.run, nil
}

// histogram is the statistics of one endpoint as Locust serialises them.
// Pointers are members that must be there.
type histogram struct {
	Name          *string          `json:"name"`
	Method        *string          `json:"method"`
	Last          *float64         `json:"last_request_timestamp"`
	Start         float64          `json:"start_time"`
	Requests      int64            `json:"num_requests"`
	NoneRequests  int64            `json:"num_none_requests"`
	Failures      int64            `json:"num_failures"`
	TotalTime     float64          `json:"total_response_time"`
	Max           float64          `json:"max_response_time"`
	Min           *float64         `json:"min_response_time"` // null without a response time
	ContentLength float64          `json:"total_content_length"`
	Times         map[string]int64 `json:"response_times"` // requests by bucket in ms

	buckets map[float64]int64
	at      spot
}

func newHistogram() *histogram {
	name, method := aggregated, ""
	return &histogram{Name: &name, Method: &method, buckets: map[float64]int64{}, at: spot{1, 1}}
}

// histograms reads the list, object by object so that each has a place.
func (d *document) histograms() ([]histogram, error) {
	var objects []json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(d.text)) // tells a text that is cut short, as Unmarshal does not
	if err := dec.Decode(&objects); err != nil {
		return nil, d.broken(0, err, "expected a list of statistics")
	}
	if rest := bytes.TrimLeft(d.text[dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, perf.Errorf(d.pos(d.spot(len(d.text)-len(rest))), "expected nothing behind the list")
	}
	list := make([]histogram, len(objects))
	at := 0
	for i, object := range objects {
		at += bytes.Index(d.text[at:], object) // objects are parts of the text, in order
		if err := json.Unmarshal(object, &list[i]); err != nil {
			return nil, d.broken(at, err, "expected the statistics of an endpoint")
		}
		list[i].at = d.spot(at)
		at += len(object)
	}
	return list, nil
}

// check records what is wrong with h and fills its buckets.
func (h *histogram) check(d *document) {
	h.buckets = make(map[float64]int64, len(h.Times))
	switch {
	case h.Name == nil || h.Method == nil || h.Times == nil:
		d.errorf(h.at, "expected the members name, method and response_times")
		return
	case h.Requests < 0 || h.NoneRequests < 0 || h.Failures < 0 || h.NoneRequests > h.Requests:
		d.errorf(h.at, "%d requests, %d of them without a response time, and %d failures are no counts", h.Requests, h.NoneRequests, h.Failures)
		return
	case h.TotalTime < 0 || h.Max < 0 || h.Min != nil && *h.Min < 0 || h.ContentLength < 0:
		d.errorf(h.at, "a negative response time or content length")
		return
	}
	if msg := badName(*h.Method, *h.Name); msg != "" {
		d.errorf(h.at, "%s", msg)
		return
	}
	var n int64
	for _, key := range slices.Sorted(maps.Keys(h.Times)) {
		ms, ok := parseNumber(key)
		if !ok || h.Times[key] < 0 {
			d.errorf(h.at, "response_times: %q: %d is not a number of requests by response time", key, h.Times[key])
			return
		}
		h.buckets[ms] += h.Times[key]
		n += h.Times[key]
	}
	if timed := h.Requests - h.NoneRequests; n != timed {
		d.errorf(h.at, "response_times has %d requests, num_requests and num_none_requests make %d", n, timed)
	}
}

// merge adds o to h.
func (h *histogram) merge(o *histogram) {
	if h.Requests == 0 || o.Start < h.Start {
		h.Start = o.Start
	}
	if o.Last != nil && (h.Last == nil || *o.Last > *h.Last) {
		h.Last = o.Last
	}
	if o.Min != nil && (h.Min == nil || *o.Min < *h.Min) {
		h.Min = o.Min
	}
	h.Max = max(h.Max, o.Max)
	h.Requests += o.Requests
	h.NoneRequests += o.NoneRequests
	h.Failures += o.Failures
	h.TotalTime += o.TotalTime
	h.ContentLength += o.ContentLength
	for ms, n := range o.buckets {
		h.buckets[ms] += n
	}
}

// seconds returns the time from the first start to the last request, 0 if it is
// not known. Locust divides by it for the rate of every endpoint. It begins when
// the first request has ended, as the start of the test is not in the file.
func (h *histogram) seconds() float64 {
	if h.Last == nil {
		return 0
	}
	return max(0, *h.Last-h.Start)
}

// csvPercentiles are the percentiles of Locust's CSV files, PERCENTILES_TO_REPORT
// in locust/stats.py, without 100 %.
var csvPercentiles = []string{"50", "66", "75", "80", "90", "95", "98", "99", "99.9", "99.99"}

// entry returns the figures of h in a test that took the given seconds.
func (h *histogram) entry(seconds float64) entry {
	known := func(v float64) figure { return figure{value: v, known: true, at: h.at} }
	e := entry{
		subject: subjectOf(*h.Method, *h.Name), at: h.at,
		requests: h.Requests, failures: h.Failures, failureAt: h.at, counted: true,
	}
	if h.Requests == 0 {
		return e
	}
	e.size = known(h.ContentLength / float64(h.Requests))
	if seconds > 0 {
		e.rate = known(float64(h.Requests) / seconds)
	}
	e.avg, e.max = known(0), known(h.Max)
	if timed := h.Requests - h.NoneRequests; timed > 0 {
		e.avg = known(h.TotalTime / float64(timed))
	}
	if h.Min != nil {
		e.min = known(*h.Min)
	}
	values := slices.SortedFunc(maps.Keys(h.buckets), func(a, b float64) int { return cmp.Compare(b, a) })
	for _, p := range csvPercentiles {
		share, _ := strconv.ParseFloat(p, 64)
		v := h.percentile(values, share/100)
		e.quantiles = append(e.quantiles, quantile{perf.LatencyPercentile(p), known(v)})
	}
	return e
}

// percentile returns the bucket that the share of the requests with a response
// time lies in: Locust goes down from the slowest until no more than that share,
// rounded down, is left. buckets are the keys of the histogram, the slowest first.
func (h *histogram) percentile(buckets []float64, share float64) float64 {
	timed := h.Requests - h.NoneRequests
	limit := int64(float64(timed) * share)
	left := timed
	for _, ms := range buckets {
		if left -= h.buckets[ms]; left <= limit {
			return ms
		}
	}
	return 0
}

// document is a JSON text with places in it.
type document struct {
	file string
	text []byte
	errs perf.InputErrors
}

func newDocument(r io.Reader, file string) (*document, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, &perf.InputError{Pos: perf.Pos{File: file}, Msg: "unreadable", Err: err}
	}
	d := &document{file: file, text: text}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, d.noRequests("the file is empty")
	}
	return d, nil
}

// spot returns the place of the byte at offset.
func (d *document) spot(offset int) spot {
	before := d.text[:min(max(offset, 0), len(d.text))]
	return spot{
		line: int32(bytes.Count(before, []byte("\n")) + 1),
		col:  int32(len(before) - bytes.LastIndexByte(before, '\n')),
	}
}

// broken describes err, which the JSON decoder returned for what begins at
// offset begin.
func (d *document) broken(begin int, err error, expected string) *perf.InputError {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at := d.pos(d.spot(begin))
		if wrong.Field == "" {
			return perf.Errorf(at, "%s, found %s", expected, wrong.Value)
		}
		return perf.Errorf(at, "%s: %s is a %s", expected, wrong.Field, wrong.Value)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		end := len(bytes.TrimRight(d.text, " \t\r\n"))
		return perf.Errorf(d.pos(d.spot(end)), "%s: the file is cut short", expected)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		begin += int(syntax.Offset) - 1
	}
	return &perf.InputError{Pos: d.pos(d.spot(begin)), Msg: expected, Err: err}
}

func (d *document) noRequests(msg string) error {
	return &perf.InputError{Pos: perf.Pos{File: d.file}, Msg: msg, Err: perf.ErrNoResults}
}

func (d *document) pos(at spot) perf.Pos { return perf.Pos{File: d.file, Line: at.line, Col: at.col} }

func (d *document) errorf(at spot, format string, args ...any) {
	d.errs = append(d.errs, perf.Errorf(d.pos(at), format, args...))
}
