package locust

import (
	"bytes"
	"slices"
	"strings"

	"speedgate/perf"
)

// HistoryRow is what a history says of all requests together at one second.
// Pointers are nil where it has no such number.
type HistoryRow struct {
	Second   int64 // Unix time
	Users    int
	Requests int64   // since the start, or since statistics were reset
	Failures int64   // of these
	Rate     float64 // requests a second, over the ten seconds before
	FailRate float64 // failed ones
	// Recent says that the percentiles are of the ten seconds before, else since the
	// start. Locust 1.2 to 2.2.1 writes the latter in a full history too.
	Recent        bool
	P50, P95, P99 *float64 // milliseconds
	Average       *float64 // milliseconds, since the start
}

// Follower reads a _stats_history.csv that grows. Make one with [NewFollower], and
// another when the file begins anew.
type Follower struct {
	table    *table // read as far as the header, nil before that is there
	layout   layout
	failRate int    // index of the column, −1 if there is none
	each     bool   // whether there are rows of single endpoints: a full history
	rest     []byte // behind the last whole row
	line     int32  // of rest
	errs     perf.InputErrors
}

// NewFollower returns a follower of the file with a name, which is for messages.
func NewFollower(name string) *Follower {
	return &Follower{table: &table{file: name}, line: 1}
}

// Feed takes in what the file grew by, and returns the rows over all requests that
// are whole by now. The error is a [*perf.InputError]: the file is no history, and
// there is nothing to follow. Rows that cannot be read are left out and told by
// [Follower.Broken].
func (f *Follower) Feed(text []byte) ([]HistoryRow, error) {
	f.rest = append(f.rest, text...)
	if f.table.header == nil {
		if err := f.readHeader(); err != nil || f.table.header == nil {
			return nil, err
		}
	}
	end := f.wholeRows()
	rows := f.read(string(f.rest[:end]))
	f.rest = slices.Delete(f.rest, 0, end)
	if len(f.rest) > maxRow {
		f.table.errorf(spot{f.line, 1}, "the row is longer than %d MB", maxRow>>20)
		f.keepErrors()
		f.line += int32(bytes.Count(f.rest, []byte("\n")))
		f.rest = nil
	}
	return rows, nil
}

// Broken returns what was wrong with rows, nil if nothing.
func (f *Follower) Broken() error { return f.errs.Err() }

// readHeader reads the header once it is whole.
func (f *Follower) readHeader() error {
	begin := bytes.IndexFunc(f.rest, func(r rune) bool { return r != '\r' && r != '\n' })
	end := bytes.IndexByte(f.rest[max(begin, 0):], '\n') + 1
	if begin < 0 || end == 0 && len(f.rest)-begin <= maxHeader {
		return nil
	}
	name := f.table.file
	if SniffHistory(f.rest[begin:]) == "" {
		return perf.Errorf(perf.Pos{File: name, Line: 1, Col: 1}, "expected a _stats_history.csv of Locust, found %q", clip(headerOf(f.rest[begin:])))
	}
	end += begin
	t, err := newTable(bytes.NewReader(f.rest[:end]), name)
	if err != nil {
		return err
	}
	l, err := layoutOf(t, colTimestamp, colType, colName, colRequests, colFailures, colRate)
	if err != nil {
		return err
	}
	f.table, f.layout, f.line = t, l, t.line
	f.failRate = slices.IndexFunc(t.header, func(c cell) bool {
		return strings.EqualFold(c.text, "Failures/s") || strings.EqualFold(c.text, "Requests Failed/s")
	})
	f.rest = slices.Delete(f.rest, 0, end)
	return nil
}

// wholeRows returns how much of the rest is whole rows. A line end inside of quotes,
// which open at the start of a field, ends no row, but in the dialect without
// escapes, where nothing tells.
func (f *Follower) wholeRows() int {
	end, quoted, mayOpen := 0, false, true
	for i, c := range f.rest {
		switch {
		case quoted:
			quoted = c != '"'
			mayOpen = !quoted // two quotes stand for one, inside
		case c == '\n':
			end, mayOpen = i+1, true
		case c == '"' && mayOpen && !f.table.literal:
			quoted = true
		default:
			mayOpen = c == ',' || c == '\r' && i == end
		}
	}
	return end
}

// read reads whole rows.
func (f *Follower) read(text string) []HistoryRow {
	t, l := f.table, &f.layout
	t.text, t.mark = text, mark{line: f.line}
	names := max(l.index[colType], l.index[colName], l.index[colTimestamp]) + 1
	var rows []HistoryRow
	for t.skim(names) {
		if t.row[l.index[colTimestamp]].text == t.header[l.index[colTimestamp]].text {
			continue // a second header: another run was appended
		}
		if subjectOf(t.row[l.index[colType]].text, t.row[l.index[colName]].text) != aggregated {
			f.each = true
			continue
		}
		if t.reread(t.begin) {
			if row, ok := f.row(); ok {
				rows = append(rows, row)
			}
		}
	}
	f.line = t.line
	f.keepErrors()
	return rows
}

// keepErrors takes the errors from the table, and no more than anybody reads.
func (f *Follower) keepErrors() {
	room := maxErrors - len(f.errs)
	f.errs = append(f.errs, f.table.errs[:min(room, len(f.table.errs))]...)
	f.table.errs = nil
}

// row reads the row of the table.
func (f *Follower) row() (HistoryRow, bool) {
	t, l := f.table, &f.layout
	before := len(t.errs)
	var r HistoryRow
	r.Second, _ = l.count(t, colTimestamp, "Unix time in seconds")
	users, _ := l.count(t, colUsers, "number of users")
	r.Users = int(users)
	r.Requests, _ = l.count(t, colRequests, "request count")
	r.Failures, _ = l.count(t, colFailures, "failure count")
	r.Rate = l.number(t, colRate, "number of requests a second").value
	if f.failRate >= 0 {
		r.FailRate = t.figure(t.row[f.failRate], "number of failures a second").value
	}
	if r.Requests > 0 {
		f.latency(&r)
	}
	return r, len(t.errs) == before
}

// latency reads the latencies of a row. Locust writes 0 for all percentiles where
// the ten seconds before have no request.
func (f *Follower) latency(r *HistoryRow) {
	t, l := f.table, &f.layout
	// Versions with the dialect without escapes have no others.
	r.Recent = f.each || t.literal
	if avg := l.number(t, colAverage, "response time"); avg.value > 0 {
		r.Average = &avg.value
	}
	into := map[string]**float64{"latency_p50": &r.P50, "latency_p95": &r.P95, "latency_p99": &r.P99}
	greatest := 0.0
	for _, p := range l.percentiles {
		v := t.figure(t.row[p.index], "response time").value
		greatest = max(greatest, v)
		if field := into[p.metric]; field != nil {
			*field = &v
		}
	}
	if greatest == 0 {
		r.P50, r.P95, r.P99 = nil, nil, nil
	}
}
