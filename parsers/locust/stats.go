package locust

import (
	"cmp"
	"fmt"
	"io"
	"maps"
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
	l.warnUnknown(p)
	totals := totals{table: t, layout: &l, part: p}
	totals.find()
	totals.sort()
	totals.read()
	if err := t.err(); err != nil {
		return nil, err
	}
	if p.requests == 0 {
		return nil, &perf.InputError{Pos: perf.Pos{File: name}, Msg: "no requests were made", Err: perf.ErrNoResults}
	}
	p.sortWarnings()
	totals.checkSum()
	return p.run, nil
}

// totals reads the rows of a stats, requests or distribution file, in two passes:
// where the rows are and what they are about, and what they say. Between them the rows are sorted by
// subject, so that the series need no sorting, of which there are seventeen times
// as many, each with more bytes than the text of its row.
type totals struct {
	table  *table
	layout *layout
	part   *part
	rows   []row
	series int   // how many series the rows make, at most
	last   spot  // of the row last in the file
	sum    int64 // requests of all entries but the aggregated one
	all    int64 // requests of the aggregated one
	allAt  spot
	entry  entry // reused from row to row
}

// row is a row by its subject.
type row struct {
	subject string
	begin   mark
}

// find makes a list of all rows that have a name.
func (s *totals) find() {
	t, l := s.table, s.layout
	s.rows = make([]row, 0, t.maxRows())
	names := subjects{blockSize: subjectBlock}
	fields := 1 + max(l.index[colType], l.index[colName], l.index[colRequests])
	for t.skim(fields) {
		s.last = t.row[0].spot
		typ, name := l.text(t, colType), l.text(t, colName)
		if msg := badName(typ.text, name.text); msg != "" {
			t.errorf(name.spot, "%s", msg)
			continue
		}
		s.rows = append(s.rows, row{names.of(typ.text, name.text), t.begin})
		s.series++
		if l.text(t, colRequests).text != "0" {
			s.series += len(l.percentiles) + seriesBesides - 1
		}
	}
}

// sort sorts the rows by subject and takes out those whose subject is there
// already.
func (s *totals) sort() {
	compare := func(a, b row) int {
		return cmp.Or(strings.Compare(a.subject, b.subject), cmp.Compare(a.begin.at, b.begin.at))
	}
	groupByType(s.rows)
	if !slices.IsSortedFunc(s.rows, compare) {
		slices.SortFunc(s.rows, compare)
	}
	var first row
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool {
		if r.subject != first.subject {
			first = r
			return false
		}
		s.table.errorf(r.begin.place(), "%q is there twice, first in line %d", r.subject, first.begin.line)
		return true
	})
}

// groupByType moves rows of one type together and otherwise leaves them in order.
// Locust writes rows by name and then by type, so that this is all the sorting that
// most files need.
func groupByType(rows []row) {
	groups := map[string][]row{}
	for _, r := range rows {
		typ, _, _ := strings.Cut(r.subject, " ")
		groups[typ] = append(groups[typ], r)
	}
	n := 0
	for _, typ := range slices.Sorted(maps.Keys(groups)) {
		n += copy(rows[n:], groups[typ])
	}
}

// read makes series of the rows.
func (s *totals) read() {
	s.part.reserve(s.series)
	for _, r := range s.rows {
		if len(s.table.errs) >= maxErrors {
			return
		}
		if !s.table.reread(r.begin) {
			continue
		}
		e := &s.entry
		*e = entry{subject: r.subject, quantiles: e.quantiles[:0]}
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
	for _, i := range l.unread {
		t.checkNumber(t.row[i])
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

// checkSum looks for lost rows: Locust writes the aggregated row last, and it sums
// up all others. Only old versions end the file without a line end; elsewhere the
// last number may have lost digits.
func (s *totals) checkSum() {
	if !s.table.literal && !strings.HasSuffix(s.table.text, "\n") {
		s.part.warnf(s.last, "the last row has no line end; the file may be cut short")
	}
	if s.allAt == (spot{}) {
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
