package resource

import (
	"errors"
	"os"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/process"
)

// Machine tells how busy this machine is, and how much of that is this process.
type Machine struct {
	self *process.Process
	last busyness
}

// busyness is what was counted since the start of the machine or process, in seconds.
type busyness struct {
	at          time.Time
	own         float64 // processor time of this process, without its children
	idle, total float64 // of all processors together
}

// NewMachine begins to count.
func NewMachine() (*Machine, error) {
	self, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		return nil, err
	}
	m := &Machine{self: self}
	m.last, err = m.read()
	return m, err
}

func (m *Machine) read() (busyness, error) {
	own, err := m.self.Times()
	if err != nil {
		return busyness{}, err
	}
	all, err := cpu.Times(false)
	if err != nil || len(all) == 0 {
		return busyness{}, errors.Join(err, errors.New("the times of the processors are not known"))
	}
	t := all[0]
	idle := t.Idle + t.Iowait
	busy := t.User + t.System + t.Nice + t.Irq + t.Softirq + t.Steal
	return busyness{time.Now(), own.User + own.System, idle, idle + busy}, nil
}

// Sample returns, of the time since the last sample, the share of the processors which
// this process may use that it did use, and the share of all processors that was idle,
// both from 0 to 1.
func (m *Machine) Sample() (own, idle float64, err error) {
	now, err := m.read()
	if err != nil {
		return 0, 0, err
	}
	before := m.last
	m.last = now
	may := now.at.Sub(before.at).Seconds() * float64(runtime.GOMAXPROCS(0))
	if may <= 0 || now.total <= before.total {
		return 0, 1, nil // too soon to tell
	}
	share := func(v float64) float64 { return min(1, max(0, v)) }
	return share((now.own - before.own) / may), share((now.idle - before.idle) / (now.total - before.total)), nil
}
