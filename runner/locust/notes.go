package locust

import (
	"bytes"
	"io"
	"slices"
	"sync"

	"speedgate/perf"
)

// remarks are what Locust says in its log when its own figures are doubtful, each with
// what that means.
var remarks = []struct {
	part    []byte
	warning string
}{
	{[]byte("CPU usage above"), overload},
	{[]byte("exceeded cpu threshold"), overload},
	{[]byte("failed to send heartbeat, setting state to missing"), "a worker of locust went missing, and its users with it: the load was less than what was asked for"},
}

const overload = "locust used up a processor, so that response times are in part its own; spread the users over more processes or workers"

// notes hands on the log of the processes of a test, a line at a time, and picks the
// remarks out of it.
type notes struct {
	mu   sync.Mutex
	next io.Writer
	list []string
}

// newNotes returns notes that hand on to a writer; nil discards.
func newNotes(next io.Writer) *notes {
	if next == nil {
		next = io.Discard
	}
	return &notes{next: next}
}

// Write implements [io.Writer]. It gets whole lines.
func (n *notes) Write(line []byte) (int, error) {
	for _, r := range remarks {
		if bytes.Contains(line, r.part) {
			n.add(r.warning)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.next.Write(line)
}

// add adds a warning, once.
func (n *notes) add(warning string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.list, warning) {
		n.list = append(n.list, warning)
	}
}

func (n *notes) warnings() []perf.Warning {
	n.mu.Lock()
	defer n.mu.Unlock()
	var list []perf.Warning
	for _, msg := range n.list {
		list = append(list, perf.Warning{Msg: msg})
	}
	return list
}
