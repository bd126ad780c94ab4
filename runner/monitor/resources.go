package monitor

import "time"

// Resources is one sample of what a process or container uses. Numbers are finite;
// pointers are nil where the system does not tell.
type Resources struct {
	At time.Time
	// Over is the time since the sample before, which the rates are the mean of. A
	// sample over no time has no rates and is left out.
	Over        time.Duration
	CPU         *float64 // percent of the processors it may use
	CPUOfCore   *float64 // percent of one core: 150 is one and a half
	Memory      *float64 // bytes
	MemoryShare *float64 // percent of the memory it may use
	DiskReads   *float64 // operations a second
	DiskWrites  *float64
	NetworkIn   *float64 // bytes a second
	NetworkOut  *float64
}

// Level is one figure of a process over the run.
type Level struct {
	Last, Average, Max float64
	Over               time.Duration // how long it was watched; 0 = it is not known
}

// Known reports whether there was a sample.
func (l Level) Known() bool { return l.Over > 0 }

// add takes in the next value, nil if it is not known. Values weigh as long as
// they lasted: a busy machine is sampled late, and would look idle otherwise.
func (l *Level) add(v *float64, over time.Duration) {
	if v == nil {
		return
	}
	if !l.Known() {
		l.Max = *v
	}
	l.Over += over
	l.Last, l.Max = *v, max(l.Max, *v)
	l.Average += (*v - l.Average) * over.Seconds() / l.Over.Seconds()
}

func (l Level) reading(at time.Time) (Reading, bool) { return Reading{l.Last, at}, l.Known() }

// Usage is what a process used over the run; its fields are those of [Resources].
// It is not safe for use by several goroutines; copies are independent.
type Usage struct {
	At                    time.Time // of the last sample
	CPU, CPUOfCore        Level
	Memory, MemoryShare   Level
	DiskReads, DiskWrites Level
	NetworkIn, NetworkOut Level
}

// Add takes in the next sample.
func (u *Usage) Add(r Resources) {
	if r.Over <= 0 {
		return
	}
	u.At = r.At
	u.CPU.add(r.CPU, r.Over)
	u.CPUOfCore.add(r.CPUOfCore, r.Over)
	u.Memory.add(r.Memory, r.Over)
	u.MemoryShare.add(r.MemoryShare, r.Over)
	u.DiskReads.add(r.DiskReads, r.Over)
	u.DiskWrites.add(r.DiskWrites, r.Over)
	u.NetworkIn.add(r.NetworkIn, r.Over)
	u.NetworkOut.add(r.NetworkOut, r.Over)
}
