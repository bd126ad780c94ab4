package locust

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"speedgate/parsers/locust"
	"speedgate/runner/monitor"
)

const (
	// pollTime is how often a history is looked at: five times for each row that
	// Locust writes. Being told of changes would not reach files of other machines.
	pollTime = 200 * time.Millisecond
	// readBlock is how much of a history is read at once.
	readBlock = 256 << 10
	// memory is how much of what was read is compared with the file the next time. It
	// holds the time of some rows, which no other run has.
	memory = 512
)

// Tail hands on the rows over all requests of a _stats_history.csv as Locust writes
// them, until ctx ends and what is there by then is read. It waits for a file that is
// not there yet. One that is written anew, by another run of the same name, is read
// from its start.
//
// The error is of a file that cannot be read or is no history, or lists the rows that
// could not be read (perf.InputErrors) once ctx has ended.
func Tail(ctx context.Context, file string, row func(monitor.Tick)) error {
	t := newTail(file)
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for {
		ended := ctx.Err() != nil // before the file is looked at: nothing may be missed
		if err := t.poll(row); err != nil {
			return err
		}
		if ended {
			return t.follower.Broken()
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// tail is a place in a history that grows.
type tail struct {
	file     string
	offset   int64
	last     []byte // what stands before offset
	follower *locust.Follower
	window   window
	block    []byte
}

func newTail(file string) *tail {
	t := &tail{file: file, block: make([]byte, readBlock)}
	t.begin()
	return t
}

// begin goes to the start of the file.
func (t *tail) begin() {
	t.offset, t.last, t.window = 0, nil, nil
	t.follower = locust.NewFollower(t.file)
}

// poll reads what the file grew by.
func (t *tail) poll(row func(monitor.Tick)) error {
	f, err := os.Open(t.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if same, err := t.isSame(f); err != nil {
		return err
	} else if !same {
		t.begin()
	}
	for {
		n, err := f.ReadAt(t.block, t.offset)
		if feedErr := t.feed(t.block[:n], row); feedErr != nil {
			return feedErr
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// isSame reports whether the file still begins with what was read of it.
func (t *tail) isSame(f *os.File) (bool, error) {
	now := make([]byte, len(t.last))
	n, err := f.ReadAt(now, t.offset-int64(len(t.last)))
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return bytes.Equal(now[:n], t.last), nil
}

// feed takes in the text behind what was read.
func (t *tail) feed(text []byte, row func(monitor.Tick)) error {
	t.offset += int64(len(text))
	t.last = append(t.last, text...)
	t.last = bytes.Clone(t.last[max(len(t.last)-memory, 0):])
	rows, err := t.follower.Feed(text)
	for _, r := range rows {
		row(t.window.tick(r))
	}
	return err
}

// window is the rows of the last [monitor.RateSpan], the first of which is older.
type window []locust.HistoryRow

// tick makes a row a tick. Locust writes the average since the start only; that of
// the window follows from two of them.
func (w *window) tick(r locust.HistoryRow) monitor.Tick {
	if n := len(*w); n == 0 || r.Requests < (*w)[n-1].Requests {
		*w = window{{Second: r.Second}} // the start of the test, or of its statistics
	}
	*w = append(*w, r)
	span := int64(monitor.RateSpan / time.Second)
	for len(*w) > 1 && r.Second-(*w)[1].Second >= span {
		*w = (*w)[1:]
	}
	t := monitor.Tick{
		At: time.Unix(r.Second, 0), Requests: r.Requests, Failures: r.Failures, Rate: r.Rate, FailRate: r.FailRate, Users: r.Users,
		Recent: r.Recent, P50: r.P50, P95: r.P95, P99: r.P99, Average: r.Average,
	}
	if r.Recent {
		t.Average = w.average()
	}
	return t
}

// average returns the average since the first row, nil if there was no request since.
func (w window) average() *float64 {
	first, last := w[0], w[len(w)-1]
	if last.Average == nil || last.Requests == first.Requests {
		return nil
	}
	sum := *last.Average * float64(last.Requests)
	if first.Average != nil {
		sum -= *first.Average * float64(first.Requests)
	}
	v := sum / float64(last.Requests-first.Requests)
	if v <= 0 { // requests without a response time: what they have in common is unknown
		return nil
	}
	return &v
}
