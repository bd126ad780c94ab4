package locust

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"sync"

	"speedgate/perf"
)

// remarks are what Locust says in its log when its own figures are doubtful, each with
// what that means.
var remarks = []struct {
	part []byte
	note note
}{
	{[]byte("CPU usage above"), overload},
	{[]byte("exceeded cpu threshold"), overload},
	{[]byte("have no impact on LoadShapes"), note{
		text: "the locustfile has a load shape of its own: users, spawn rate and duration of the profile did not count",
	}},
	{[]byte("failed to send heartbeat, setting state to missing"), note{
		text: "a worker of locust went missing, and its users with it: the load was less than what was asked for",
	}},
}

var overload = note{
	text:     "locust used up a processor, so that response times are in part its own; spread the users over more processes or workers",
	overload: true,
}

// note is what a reader of the figures must know.
type note struct {
	text     string
	overload bool // the machine that made the load could not keep up
}

// notes hands on the log of the processes of a test, a line at a time, and picks the
// remarks out of it.
type notes struct {
	mu        sync.Mutex
	next      io.Writer
	stage     func(index int) // told when a stage begins; may be nil
	list      []note
	connected string // workers, while they are awaited: 1 of 2
	gaveUp    bool   // the master waited for workers in vain
}

// waiting is what a master says each second while it waits for workers.
var waiting = regexp.MustCompile(`Waiting for workers to be ready, (\d+ of \d+) connected`)

// gaveUp is what a master says when it ends for want of workers.
var gaveUp = []byte("Gave up waiting for workers to connect")

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
			n.add(r.note)
		}
	}
	if index, ok := stageOf(line); ok && n.stage != nil {
		n.stage(index)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if m := waiting.FindSubmatch(line); m != nil {
		n.connected = string(m[1])
	}
	n.gaveUp = n.gaveUp || bytes.Contains(line, gaveUp)
	return n.next.Write(line)
}

// missing returns how many workers had connected when the master gave up waiting for
// the others; ok is false if it did not.
func (n *notes) missing() (connected string, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.connected, n.gaveUp
}

// add adds a note, once.
func (n *notes) add(one note) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.list, one) {
		n.list = append(n.list, one)
	}
}

// warnings returns the notes that are of an overload, or the others.
func (n *notes) warnings(overload bool) []perf.Warning {
	n.mu.Lock()
	defer n.mu.Unlock()
	var list []perf.Warning
	for _, one := range n.list {
		if one.overload == overload {
			list = append(list, perf.Warning{Msg: one.text})
		}
	}
	return list
}
