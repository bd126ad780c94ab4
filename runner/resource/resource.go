package resource

import (
	"context"
	"errors"
	"time"

	"speedgate/runner/monitor"
)

// ErrEnded says that the watched process or container has ended. That another
// process got its number since does not hide it.
var ErrEnded = errors.New("it has ended")

// Watcher samples one process or container. It is for one goroutine.
type Watcher struct {
	source source
	limits limits
	last   totals
	at     time.Time // of last
}

// source tells what a process or container used.
type source interface {
	// read returns the totals so far; the error wraps ErrEnded after its end.
	read() (totals, error)
}

// totals is what was used since the start, but for memory, which is what is used
// now. Pointers are nil where the system does not tell.
type totals struct {
	cpu           *float64 // seconds
	memory        *float64 // bytes
	reads, writes *float64 // operations of disks
	in, out       *float64 // bytes of the network
}

// limits is what may be used; 0 = unknown.
type limits struct {
	processors float64
	memory     float64 // bytes
}

// Process returns a watcher of a process and those that it started, and they in
// turn. Memory is the sum of what is resident, so that pages which processes share
// count once for each. A process that leaves its parent, as a daemon does, is lost.
//
// Where the processes are all that is in a cgroup (version 2), its figures are
// taken, which are more: see [Container].
func Process(pid int) (*Watcher, error) {
	s, l, err := processSource(pid)
	if err != nil {
		return nil, err
	}
	return &Watcher{source: s, limits: l}, nil
}

// Container returns a watcher of a container of this machine, by its id or the
// twelve first digits of it that tools show. It needs Linux with cgroups of version
// 2. Memory is that which the kernel cannot take back at once: files that were read
// and are kept in case they are read again do not count.
func Container(id string) (*Watcher, error) {
	s, l, err := containerSource(id)
	if err != nil {
		return nil, err
	}
	return &Watcher{source: s, limits: l}, nil
}

// Sample returns what is used at a time, which is now: the caller has the clock.
// Rates are of the time since the sample before, so that the first has none. The
// error wraps [ErrEnded] once the process or container has ended.
func (w *Watcher) Sample(at time.Time) (monitor.Resources, error) {
	now, err := w.source.read()
	if err != nil {
		return monitor.Resources{}, err
	}
	r := monitor.Resources{At: at, Memory: now.memory, MemoryShare: percent(now.memory, w.limits.memory)}
	if over := at.Sub(w.at); !w.at.IsZero() && over > 0 {
		r.Over = over
		cores := rate(w.last.cpu, now.cpu, over)
		r.CPUOfCore, r.CPU = percent(cores, 1), percent(cores, w.limits.processors)
		r.DiskReads, r.DiskWrites = rate(w.last.reads, now.reads, over), rate(w.last.writes, now.writes, over)
		r.NetworkIn, r.NetworkOut = rate(w.last.in, now.in, over), rate(w.last.out, now.out, over)
	}
	w.last, w.at = now, at
	return r, nil
}

// rate returns how much a total grew a second. One that fell lost a process with
// what it had used, and tells nothing.
func rate(from, to *float64, over time.Duration) *float64 {
	if from == nil || to == nil || *to < *from {
		return nil
	}
	v := (*to - *from) / over.Seconds()
	return &v
}

func percent(v *float64, of float64) *float64 {
	if v == nil || of <= 0 {
		return nil
	}
	share := *v / of * 100
	return &share
}

// Watch hands on a sample in each interval until ctx ends, and returns nil then. An
// error ends it before: of a process that has ended, it wraps [ErrEnded].
func (w *Watcher) Watch(ctx context.Context, interval time.Duration, sample func(monitor.Resources)) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		r, err := w.Sample(time.Now())
		if err != nil {
			return err
		}
		sample(r)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
