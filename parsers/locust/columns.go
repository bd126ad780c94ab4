package locust

import (
	"slices"
	"strings"

	"speedgate/perf"
)

// column is a column of a CSV file that is read.
type column int

// The columns, whatever a version calls them.
const (
	colType column = iota
	colName
	colRequests
	colFailures
	colMedian
	colAverage
	colMin
	colMax
	colSize
	colRate
	colTimestamp
	colUsers
	colError
	colOccurrences
	colCount
	colMessage
	numColumns
)

// Columns that are known and not read: what they say follows from another one, or
// does not concern a gate.
const (
	unreadText   column = -1
	unreadNumber column = -2 // looked at all the same: what else should be one shows a broken row
)

// columnNames are the headers of all versions in lower case, without the word
// Total that the history has in front of some.
var columnNames = map[string]column{
	"type": colType, "method": colType, "name": colName,
	"request count": colRequests, "# requests": colRequests,
	"failure count": colFailures, "# failures": colFailures,
	"median response time": colMedian, "average response time": colAverage,
	"min response time": colMin, "max response time": colMax,
	"average content size": colSize,
	"requests/s":           colRate, "failures/s": unreadNumber, "requests failed/s": unreadNumber,
	"timestamp": colTimestamp, "user count": colUsers,
	"error": colError, "occurrences": colOccurrences, "first seen": unreadText, "last seen": unreadText,
	"count": colCount, "message": colMessage, "traceback": unreadText, "nodes": unreadText,
}

// percentile is a column of percentiles.
type percentile struct {
	metric string
	index  int
}

// medianMetric is what the column 50% and the median column say; the latter is
// clamped to the range of the response times and lacks in the distribution file.
const medianMetric = "latency_p50"

// layout says where the columns of a table are.
type layout struct {
	index       [numColumns]int // −1 = the table has no such column
	percentiles []percentile    // by metric, without 100 %, which Max Response Time says exactly
	unread      []int           // columns of numbers that are only looked at
	unknown     []cell          // headers that no known version writes
}

// layoutOf reads the header of t. Columns that must be there and are not, and
// columns that are there twice, are errors.
func layoutOf(t *table, required ...column) (layout, error) {
	var l layout
	for i := range l.index {
		l.index[i] = -1
	}
	for i, c := range t.header {
		l.place(t, i, c)
	}
	isMedian := func(p percentile) bool { return p.metric == medianMetric }
	if i := l.index[colMedian]; i >= 0 {
		if slices.ContainsFunc(l.percentiles, isMedian) {
			l.unread = append(l.unread, i)
		} else {
			l.percentiles = append(l.percentiles, percentile{medianMetric, i})
		}
	}
	slices.SortFunc(l.percentiles, func(a, b percentile) int { return strings.Compare(a.metric, b.metric) })
	for _, col := range required {
		if l.index[col] < 0 {
			t.errorf(t.header[0].spot, "the header has no column %q", title(col))
		}
	}
	return l, t.err()
}

// place records the column i of the header.
func (l *layout) place(t *table, i int, c cell) {
	name := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(c.text)), "total ")
	if col, ok := columnNames[name]; ok {
		if col >= 0 && l.index[col] >= 0 {
			t.errorf(c.spot, "the column %q is there twice", clip(c.text))
		}
		switch {
		case col >= 0:
			l.index[col] = i
		case col == unreadNumber:
			l.unread = append(l.unread, i)
		}
		return
	}
	p, ok := percentileName(name)
	switch {
	case !ok:
		l.unknown = append(l.unknown, c)
	case p == "100":
		l.unread = append(l.unread, i)
	default:
		metric := perf.LatencyPercentile(p)
		for _, q := range l.percentiles {
			if q.metric == metric {
				t.errorf(c.spot, "the column %q is there twice", clip(c.text))
			}
		}
		l.percentiles = append(l.percentiles, percentile{metric, i})
	}
}

// percentileName returns the number in the header of a percentile column: "95"
// for 95%. Versions 0.13.3 to 0.14.6 forgot the percent sign of 99.999.
func percentileName(header string) (string, bool) {
	p := strings.TrimSuffix(header, "%")
	if v, ok := parseNumber(p); !ok || v > 100 || strings.Trim(p, "0123456789.") != "" {
		return "", false
	}
	if strings.Contains(p, ".") {
		p = strings.TrimRight(strings.TrimRight(p, "0"), ".")
	}
	return p, true
}

// title is the header of col in current versions, for messages.
func title(col column) string {
	return [numColumns]string{
		"Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time",
		"Min Response Time", "Max Response Time", "Average Content Size", "Requests/s", "Timestamp", "User Count",
		"Error", "Occurrences", "Count", "Message",
	}[col]
}

// text returns the field of the row in col, an empty one if there is no such column.
func (l *layout) text(t *table, col column) cell {
	if i := l.index[col]; i >= 0 {
		return t.row[i]
	}
	return cell{}
}

// count reads a whole number; what it is goes into the error.
func (l *layout) count(t *table, col column, what string) (int64, spot) {
	c := l.text(t, col)
	if l.index[col] < 0 {
		return 0, c.spot
	}
	n, ok := parseCount(c.text)
	if !ok {
		t.errorf(c.spot, "%q is not a %s", clip(c.text), what)
	}
	return n, c.spot
}

// number reads a figure, if the table has the column.
func (l *layout) number(t *table, col column, what string) figure {
	if l.index[col] < 0 {
		return figure{}
	}
	return t.figure(t.row[l.index[col]], what)
}

// figure reads a number that is finite and not negative.
func (t *table) figure(c cell, what string) figure {
	v, ok := parseNumber(c.text)
	if !ok {
		t.errorf(c.spot, "%q is not a %s", clip(c.text), what)
	}
	return figure{value: v, known: ok, at: c.spot}
}

// warnUnknown tells of columns that were not read because no known version of
// Locust writes them.
func (l *layout) warnUnknown(p *part) {
	for _, c := range l.unknown {
		p.warnf(c.spot, "the column %q is unknown and not read", clip(c.text))
	}
}

// headerOf returns the first line of a file as far as it is there, with the
// quotes taken off.
func headerOf(head []byte) string {
	line, _, _ := strings.Cut(strings.TrimLeft(string(head[:min(len(head), maxHeader)]), "\r\n"), "\n")
	return strings.TrimRight(strings.ReplaceAll(line, `"`, ""), "\r")
}

// maxHeader bounds how much of a file is looked at for its header. The longest
// that Locust writes by itself has 300 bytes.
const maxHeader = 16 << 10

// sniff returns which of the signatures, beginnings of headers, head has.
func sniff(head []byte, signatures []string) string {
	header := headerOf(head)
	for _, s := range signatures {
		if rest, ok := strings.CutPrefix(header, s); ok && (rest == "" || rest[0] == ',') {
			return "header " + s
		}
	}
	return ""
}
