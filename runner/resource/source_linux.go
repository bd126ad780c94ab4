package resource

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/shirou/gopsutil/v4/mem"
)

// host is where a machine tells about itself.
type host struct {
	proc    string // proc(5)
	sys     string // sysfs(5)
	cgroups string // cgroups(7) of version 2, if it is
}

var thisHost = host{proc: "/proc", sys: "/sys", cgroups: "/sys/fs/cgroup"}

func processSource(pid int) (source, limits, error) { return thisHost.process(pid) }

func containerSource(id string) (source, limits, error) { return thisHost.container(id) }

func (h host) process(pid int) (source, limits, error) {
	t, err := h.newTree(pid)
	if err != nil {
		return nil, limits{}, err
	}
	pids, err := t.pids()
	if err != nil {
		return nil, limits{}, err
	}
	dir := h.cgroupOf(pid)
	l := h.limits(pid, dir)
	if dir == "" || !sameMembers(pids, members(dir)) {
		return t, l, nil
	}
	c := h.newCgroup(dir, pid)
	if first, err := c.read(); err != nil || first.cpu == nil || first.memory == nil {
		return t, l, nil // its controllers are off
	}
	return &owned{t, c}, l, nil
}

// owned is a process with a cgroup of its own: the process says whether it still
// lives, the cgroup what it uses.
type owned struct {
	tree   *tree
	cgroup *cgroup
}

func (o *owned) read() (totals, error) {
	if _, err := o.tree.root(); err != nil {
		return totals{}, err
	}
	return o.cgroup.read()
}

// sameMembers reports whether two lists hold the same processes, each once.
func sameMembers(a, b []int) bool {
	in := make(map[int]bool, len(a))
	for _, pid := range a {
		in[pid] = true
	}
	for _, pid := range b {
		if !in[pid] {
			return false
		}
	}
	return len(in) == len(b)
}

// shortID is how many digits of a container's id tools show.
const shortID = 12

var containerID = regexp.MustCompile(`^[0-9a-f]{12,64}$`)

func (h host) container(id string) (source, limits, error) {
	if !containerID.MatchString(id) {
		return nil, limits{}, fmt.Errorf("%q is not the id of a container: expected at least %d digits of it, as docker ps shows them", id, shortID)
	}
	if !h.unified() {
		return nil, limits{}, fmt.Errorf("containers cannot be watched here: %s has no cgroups of version 2", h.cgroups)
	}
	dir := h.find(id)
	if dir == "" {
		return nil, limits{}, fmt.Errorf("no container %s runs on this machine", id)
	}
	pid := 0
	if pids := members(dir); len(pids) > 0 {
		pid = pids[0]
	}
	return h.newCgroup(dir, pid), h.limits(pid, dir), nil
}

// unified reports whether the cgroups are of version 2.
func (h host) unified() bool {
	_, err := os.Stat(filepath.Join(h.cgroups, "cgroup.controllers"))
	return err == nil
}

// limits returns what a process may use. The processors are those that it may run
// on, and no more than its cgroup and those around it have time for; a limit of
// memory is the narrowest too. dir is "" if there is no cgroup.
func (h host) limits(pid int, dir string) limits {
	l := limits{processors: h.processors(pid)}
	if m, err := mem.VirtualMemory(); err == nil {
		l.memory = float64(m.Total)
	}
	for ; strings.HasPrefix(dir, h.cgroups); dir = filepath.Dir(dir) {
		if v, ok := firstNumber(dir, "memory.max"); ok {
			l.memory = narrower(l.memory, v)
		}
		if v, ok := quota(dir); ok {
			l.processors = narrower(l.processors, v)
		}
	}
	return l
}

// narrower returns the smaller limit, of which the first may be unknown.
func narrower(known, v float64) float64 {
	if known == 0 {
		return v
	}
	return math.Min(known, v)
}
