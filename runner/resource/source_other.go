//go:build !linux

package resource

import (
	"errors"
	"fmt"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"
	"github.com/shirou/gopsutil/v4/process"
)

// tree is a process with those below it.
type tree struct {
	pid     int32
	created int64 // in milliseconds, which tells it from the next with its number
}

func processSource(pid int) (source, limits, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return nil, limits{}, fmt.Errorf("process %d: %w", pid, ended(err))
	}
	created, err := p.CreateTime()
	if err != nil {
		return nil, limits{}, fmt.Errorf("process %d: %w", pid, ended(err))
	}
	return &tree{int32(pid), created}, machine(), nil
}

func containerSource(string) (source, limits, error) {
	return nil, limits{}, errors.New("containers can be watched on Linux only")
}

// machine returns the limits of the machine.
func machine() (l limits) {
	if n, err := cpu.Counts(true); err == nil {
		l.processors = float64(n)
	}
	if m, err := mem.VirtualMemory(); err == nil {
		l.memory = float64(m.Total)
	}
	return l
}

// ended makes the library's error of a process that is not there ours.
func ended(err error) error {
	if errors.Is(err, process.ErrorProcessNotRunning) {
		return ErrEnded
	}
	return err
}

// read sums up the tree. These systems do not count the time of children that ended,
// so that the sum falls when one does.
func (t *tree) read() (totals, error) {
	root, err := process.NewProcess(t.pid) // the library remembers when it was created
	if err == nil {
		var created int64
		if created, err = root.CreateTime(); err == nil && created != t.created {
			err = ErrEnded
		}
	}
	if err != nil {
		return totals{}, fmt.Errorf("process %d: %w", t.pid, ended(err))
	}
	sum := usage{cpuKnown: true, memoryKnown: true}
	for queue := []*process.Process{root}; len(queue) > 0; queue = queue[1:] {
		sum.add(queue[0])
		children, _ := queue[0].Children() // none if it has just ended
		for _, c := range children {
			// The number of a parent that ended may be another's now, which is younger.
			if born, err := c.CreateTime(); err == nil && born >= t.created {
				queue = append(queue, c)
			}
		}
	}
	return sum.totals(), nil
}

// usage is a sum over processes, known as long as that of each is.
type usage struct {
	cpu, memory           float64
	cpuKnown, memoryKnown bool
}

func (u *usage) add(p *process.Process) {
	times, err := p.Times()
	if u.cpuKnown = u.cpuKnown && err == nil; u.cpuKnown {
		u.cpu += times.User + times.System
	}
	m, err := p.MemoryInfo()
	if u.memoryKnown = u.memoryKnown && err == nil; u.memoryKnown {
		u.memory += float64(m.RSS)
	}
}

func (u *usage) totals() (t totals) {
	if u.cpuKnown {
		t.cpu = &u.cpu
	}
	if u.memoryKnown {
		t.memory = &u.memory
	}
	return t
}
