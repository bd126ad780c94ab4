package locust

import (
	"io"
	"time"

	"speedgate/perf"
)

var historySignatures = []string{"Timestamp,User Count,Type,Name", "Type,Name,Timestamp,# requests"}

// SniffHistory recognises the _stats_history.csv of Locust 0.13.3 and newer by
// its header.
func SniffHistory(head []byte) string { return sniff(head, historySignatures) }

// ParseHistory reads a _stats_history.csv: the workload, and the totals that
// stand in the last row of each endpoint. There are no percentiles among them:
// some versions print those of the last ten seconds in the same columns.
//
// Where the totals fall, because of --reset-stats or because a second run was
// appended to the file, only what follows is read. A warning says so, unless that is
// when all users had been started, as is asked for with --reset-stats. A file
// without requests is no error, and gives no series: versions up to 2.20 at least
// do not flush when they stop, so that the history of a good run that took less
// than ten seconds may end before the first request.
func ParseHistory(r io.Reader, name string) (*perf.Run, error) {
	t, err := newTable(r, name)
	if err != nil {
		return nil, err
	}
	l, err := layoutOf(t, colTimestamp, colType, colName, colRequests, colFailures)
	if err != nil {
		return nil, err
	}
	h := history{table: t, layout: &l, part: newPart(name, formatHistory, headerRule(t), historyVersion(t, &l))}
	l.warnUnknown(h.part)
	h.begin()
	h.read()
	h.finish()
	if err := t.err(); err != nil {
		return nil, err
	}
	if h.part.requests == 0 {
		h.part.run.Series = nil
	}
	return h.part.run, nil
}

// history reads the rows of a history, each of which has the totals so far of
// one endpoint at one second.
type history struct {
	table  *table
	layout *layout
	part   *part
	ramp   ramp
	loaded bool  // whether there were users or requests yet
	first  int64 // second of the first row with load, 0 before any row
	last   int64
	latest map[endpoint]*state
	order  []endpoint
}

type endpoint struct{ typ, name string }

// state is where an endpoint was last seen.
type state struct {
	requests int64
	base     int64 // requests in the first second that counts
	row      mark
}

// begin forgets all rows so far.
func (h *history) begin() {
	h.latest, h.order, h.ramp = map[endpoint]*state{}, nil, ramp{}
	h.loaded, h.first, h.last = false, 0, 0
}

func (h *history) read() {
	t, l := h.table, h.layout
	for t.next() {
		if t.row[l.index[colTimestamp]].text == t.header[l.index[colTimestamp]].text {
			h.part.warnf(t.row[0].spot, "a second header: another run was appended; only the last one is read")
			h.begin()
			continue
		}
		h.row()
	}
}

// row takes in one row.
func (h *history) row() {
	t, l := h.table, h.layout
	second, when := l.count(t, colTimestamp, "Unix time in seconds")
	users, _ := l.count(t, colUsers, "number of users")
	requests, _ := l.count(t, colRequests, "request count")
	l.count(t, colFailures, "failure count")
	if len(t.errs) > 0 {
		return
	}
	id := endpoint{t.row[l.index[colType]].text, t.row[l.index[colName]].text}
	seen := h.latest[id]
	if seen != nil && requests < seen.requests {
		if !h.ramp.endsAt(second, users) {
			h.part.warnf(t.row[l.index[colRequests]].spot, "the total falls from %d to %d requests: statistics were reset; only what follows is read",
				seen.requests, requests)
		}
		ramp := h.ramp
		h.begin()
		h.ramp, seen = ramp, nil // the users stay: a reset forgets requests only
	}
	if second < h.last {
		t.errorf(when, "time runs backwards, from %d to %d", h.last, second)
	}
	if !h.loaded {
		h.first = second // a master waits for its workers, and no load is no part of the run
		h.loaded = users > 0 || requests > 0
	}
	h.last = second
	h.ramp.add(second, users)
	if seen == nil {
		seen = new(state)
		if second == h.first {
			seen.base = requests
		}
		h.latest[id] = seen
		h.order = append(h.order, id)
	}
	seen.requests, seen.row = requests, t.begin
}

// finish makes series of the last row of each endpoint, and the workload.
func (h *history) finish() {
	if len(h.table.errs) > 0 {
		return
	}
	h.part.run.Workload = perf.Workload{
		Users: int(h.ramp.peak), SpawnRate: h.ramp.rate(), Duration: time.Duration(h.last-h.first) * time.Second,
	}
	h.part.reserve(len(h.order) * seriesBesides)
	for _, id := range h.order {
		at := h.latest[id]
		if h.table.reread(at.row) {
			h.total(id, at.base)
		}
	}
}

// total makes series of the row, the last of id. The rate is the mean from the
// first row, which has base requests, to the last: old versions write the first
// row late, and the rate column has the mean of ten seconds only.
func (h *history) total(id endpoint, base int64) {
	t, l := h.table, h.layout
	if msg := badName(id.typ, id.name); msg != "" {
		t.errorf(t.row[l.index[colName]].spot, "%s", msg)
		return
	}
	e := entry{subject: subjectOf(id.typ, id.name), counted: true}
	e.requests, e.at = l.count(t, colRequests, "request count")
	e.failures, e.failureAt = l.count(t, colFailures, "failure count")
	if e.requests > 0 {
		e.size = l.number(t, colSize, "content size")
		fillTimes(t, l, &e)
		if seconds := float64(h.last - h.first); seconds > 0 {
			rate := float64(e.requests-base) / seconds
			e.rate = figure{value: rate, step: rate / seconds, known: true, at: e.at} // times are whole seconds
		}
	}
	h.part.add(&e)
}

// ramp watches the number of users grow.
type ramp struct {
	peak    int64
	since   int64    // second when the peak was first seen
	growths []growth // from the first users to the peak
}

// growth is by how much the number of users grew in a number of seconds.
type growth struct{ users, seconds int64 }

// minGrowths is how many equal growths between the first and the last of a ramp
// make a spawn rate. Fewer may come about by chance.
const minGrowths = 3

func (r *ramp) add(second, users int64) {
	if users <= r.peak {
		return
	}
	if r.peak > 0 {
		r.growths = append(r.growths, growth{users - r.peak, second - r.since})
	}
	r.peak, r.since = users, second
}

// rampEnd is how many seconds after the last new user statistics may be reset for the
// end of the ramp: Locust does it at once, and workers tell of it every three.
const rampEnd = 5

// endsAt reports whether all users were there by a second, or still come, and not for
// long.
func (r *ramp) endsAt(second, users int64) bool {
	return users > r.peak || users == r.peak && second-r.since <= rampEnd
}

// rate returns the users spawned in a second, 0 unless the ramp shows it beyond
// doubt: a wrong rate would make two runs of the same load incomparable. The
// last growth is left out, as it stops at the number of users that was asked for.
func (r *ramp) rate() float64 {
	if len(r.growths) <= minGrowths {
		return 0
	}
	inner := r.growths[:len(r.growths)-1]
	first := inner[0]
	for _, g := range inner[1:] {
		if g.users*first.seconds != first.users*g.seconds {
			return 0
		}
	}
	if last := r.growths[len(inner)]; last.users*first.seconds > first.users*last.seconds {
		return 0
	}
	return float64(first.users) / float64(first.seconds)
}

func historyVersion(t *table, l *layout) string {
	switch {
	case l.index[colUsers] < 0:
		return "0.13.3 to 0.14.6"
	case t.literal:
		return "1.0 to 1.1.1"
	}
	return "1.2 or newer"
}
