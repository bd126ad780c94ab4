package locust

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"speedgate/perf"
)

// Names of the formats of the CSV files; Join tells the parts by them.
const (
	formatStats        = "locust-stats"
	formatHistory      = "locust-history"
	formatFailures     = "locust-failures"
	formatExceptions   = "locust-exceptions"
	formatRequests     = "locust-requests"
	formatDistribution = "locust-distribution"
)

var (
	statsSignatures        = []string{"Type,Name,Request Count,Failure Count", "Type,Name,# requests,# failures"}
	requestsSignatures     = []string{"Method,Name,# requests,# failures"}
	distributionSignatures = []string{"Name,# requests,50%"}
)

// SniffStats recognises the _stats.csv of Locust 0.13.3 and newer by its header.
func SniffStats(head []byte) string { return sniff(head, statsSignatures) }

// SniffRequests recognises the _requests.csv of Locust up to 0.13.2.
func SniffRequests(head []byte) string { return sniff(head, requestsSignatures) }

// SniffDistribution recognises the _distribution.csv of Locust up to 0.13.2.
func SniffDistribution(head []byte) string { return sniff(head, distributionSignatures) }

// ParseStats reads a _stats.csv: the totals of each endpoint and of all of them,
// with percentiles. A file in which no request was made is an error that wraps
// perf.ErrNoResults; everything else that is wrong is told with its place.
func ParseStats(r io.Reader, name string) (*perf.Run, error) {
	return parseTotals(r, name, formatStats, colType, colName, colRequests, colFailures)
}

// ParseRequests reads a _requests.csv of Locust up to 0.13.2: totals without
// percentiles but the median. Errors are as for ParseStats. Versions before 0.9
// leave failed requests out of the request count, which the file does not show;
// their error rate is a little too high.
func ParseRequests(r io.Reader, name string) (*perf.Run, error) {
	return parseTotals(r, name, formatRequests, colType, colName, colRequests, colFailures)
}

// ParseDistribution reads a _distribution.csv of Locust up to 0.13.2: the
// percentiles that belong to the _requests.csv beside it. Errors are as for
// ParseStats.
func ParseDistribution(r io.Reader, name string) (*perf.Run, error) {
	return parseTotals(r, name, formatDistribution, colName, colRequests)
}

// parseTotals reads a file with one row for each endpoint.
func parseTotals(r io.Reader, name, format string, required ...column) (*perf.Run, error) {
	t, err := newTable(r, name)
	if err != nil {
		return nil, err
	}
	l, err := layoutOf(t, required...)
	if err != nil {
		return nil, err
	}
	p := newPart(name, format, headerRule(t), statsVersion(t, format))
	p.run.Series = make([]perf.Series, 0, rowEstimate(t)*(len(l.percentiles)+seriesBesides))
	l.warnUnknown(p)
	totals := totals{table: t, layout: &l, part: p, lines: map[string]int32{}}
	totals.read()
	if err := t.err(); err != nil {
		return nil, err
	}
	if p.requests == 0 {
		return nil, &perf.InputError{Pos: perf.Pos{File: name}, Msg: "no requests were made", Err: perf.ErrNoResults}
	}
	totals.checkSum()
	return p.run, nil
}

// seriesBesides is how many series a row has besides its percentiles: requests,
// error rate, throughput, content size, average, least and greatest latency.
const seriesBesides = 7

// rowEstimate guesses the number of rows from the number of line ends.
func rowEstimate(t *table) int { return strings.Count(t.text, "\n") }

// totals reads the rows of a stats, requests or distribution file.
type totals struct {
	table  *table
	layout *layout
	part   *part
	lines  map[string]int32 // where each subject stands
	sum    int64            // requests of all entries but the aggregated one
	all    int64            // requests of the aggregated one
	allAt  spot
	entry  entry // reused from row to row
}

func (s *totals) read() {
	t, l := s.table, s.layout
	for t.next() {
		e := &s.entry
		*e = entry{quantiles: e.quantiles[:0]}
		name := l.text(t, colName)
		e.subject = subjectOf(l.text(t, colType).text, name.text)
		if e.subject == "" {
			t.errorf(name.spot, "a row without a name")
			continue
		}
		if first, dup := s.lines[e.subject]; dup {
			t.errorf(t.row[0].spot, "%q is there twice, first in line %d", e.subject, first)
			continue
		}
		s.lines[e.subject] = t.row[0].line
		s.fill(e)
		s.part.add(e)
		if e.subject == aggregated {
			s.all, s.allAt = e.requests, e.at
		} else {
			s.sum += e.requests
		}
	}
}

// fill reads the numbers of the row into e. A row without requests has N/A for
// what it cannot know.
func (s *totals) fill(e *entry) {
	t, l := s.table, s.layout
	e.requests, e.at = l.count(t, colRequests, "request count")
	e.failures, e.failureAt = l.count(t, colFailures, "failure count")
	e.counted = l.index[colFailures] >= 0
	if e.requests == 0 {
		return
	}
	e.rate = l.number(t, colRate, "request rate")
	e.size = l.number(t, colSize, "content size")
	fillTimes(t, l, e)
	for _, p := range l.percentiles {
		e.quantiles = append(e.quantiles, quantile{p.metric, t.figure(t.row[p.index], "response time")})
	}
	if l.median {
		e.quantiles = append(e.quantiles, quantile{medianMetric, l.number(t, colMedian, "response time")})
	}
}

// fillTimes reads the latencies that Locust knows exactly. Versions that quote
// without escaping print them as whole milliseconds, and rates with two decimals.
func fillTimes(t *table, l *layout, e *entry) {
	e.avg = l.number(t, colAverage, "response time")
	e.min = l.number(t, colMin, "response time")
	e.max = l.number(t, colMax, "response time")
	if t.literal {
		e.avg.step, e.min.step, e.max.step = 1, 1, 1
		e.rate.step = 0.01
	}
}

// checkSum warns when rows seem to be lost: Locust writes the aggregated row
// last, and it sums up all others. Only old versions end the file without a line
// end; elsewhere the last number may have lost digits.
func (s *totals) checkSum() {
	if !s.table.literal && !strings.HasSuffix(s.table.text, "\n") {
		s.part.warnf(s.table.row[0].spot, "the last row has no line end; the file may be cut short")
	}
	if _, ok := s.lines[aggregated]; !ok {
		s.part.warnf(spot{}, "there is no row %s at the end; the file may be cut short", aggregated)
		return
	}
	if s.sum != s.all && s.sum > 0 {
		s.part.warnf(s.allAt, "the rows have %d requests, %s has %d; rows may be lost", s.sum, aggregated, s.all)
	}
}

// headerRule says what in the header recognises the file, for files that were
// given a format by hand and did not pass a Sniff function as well.
func headerRule(t *table) string {
	var names []string
	for _, c := range t.header[:min(len(t.header), 4)] {
		names = append(names, c.text)
	}
	return "header " + strings.Join(names, ",")
}

// statsVersion tells the versions of Locust that write such a header.
func statsVersion(t *table, format string) string {
	header := make([]string, len(t.header))
	for i, c := range t.header {
		header[i] = c.text
	}
	has := func(name string) bool { return slices.Contains(header, name) }
	switch {
	case format == formatDistribution && has("99.9%"):
		return "0.13.0 to 0.13.2"
	case format != formatStats:
		return "0.7.5 to 0.13.2"
	case has("# requests"):
		return "0.13.3 to 0.14.6"
	case t.literal:
		return "1.0"
	case has("99.99%") && has("99.999%"):
		return "1.1"
	case has("99.99%"):
		return "1.2 or newer"
	}
	return fmt.Sprintf("1.1 or newer, with %d percentiles chosen by the user", strings.Count(strings.Join(header, ","), "%"))
}
