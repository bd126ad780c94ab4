package locust

import (
	"io"
	"strings"

	"speedgate/perf"
)

var (
	failuresSignatures   = []string{"Method,Name,Error,Occurrences"}
	exceptionsSignatures = []string{"Count,Message,Traceback,Nodes"}
)

// SniffFailures recognises a _failures.csv by its header.
func SniffFailures(head []byte) string { return sniff(head, failuresSignatures) }

// SniffExceptions recognises an _exceptions.csv by its header.
func SniffExceptions(head []byte) string { return sniff(head, exceptionsSignatures) }

// ParseFailures reads a _failures.csv, of Locust 0.14.0 and newer: the errors
// that requests ended with. The run has failures and no series, and is no error
// without any.
func ParseFailures(r io.Reader, name string) (*perf.Run, error) {
	version := func(t *table) string {
		switch {
		case t.literal:
			return "0.14.0 to 1.0.3"
		case len(t.header) > 4: // First Seen, Last Seen
			return "2.44.0 or newer"
		}
		return "1.1 or newer"
	}
	return parseErrors(r, name, formatFailures, version, colType, colName, colError, colOccurrences)
}

// ParseExceptions reads an _exceptions.csv, of Locust 1.4.2 and newer: what was
// raised in the test itself, outside any request. The run has failures without a
// subject and no series, and is no error without any.
func ParseExceptions(r io.Reader, name string) (*perf.Run, error) {
	version := func(*table) string { return "1.4.2 or newer" }
	return parseErrors(r, name, formatExceptions, version, colCount, colMessage)
}

// parseErrors reads a file with one row for each kind of error.
func parseErrors(r io.Reader, name, format string, version func(*table) string, required ...column) (*perf.Run, error) {
	t, err := newTable(r, name)
	if err != nil {
		return nil, err
	}
	l, err := layoutOf(t, required...)
	if err != nil {
		return nil, err
	}
	p := newPart(name, format, headerRule(t), version(t))
	l.warnUnknown(p)
	times, message := colOccurrences, colError
	if format == formatExceptions {
		times, message = colCount, colMessage
	}
	for t.next() {
		n, _ := l.count(t, times, "number of occurrences")
		p.run.Failures = append(p.run.Failures, perf.Failure{
			Subject: subjectOf(l.text(t, colType).text, l.text(t, colName).text),
			Message: strings.Clone(l.text(t, message).text), // not to keep the tracebacks in memory
			Count:   n,
		})
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	return p.run, nil
}
