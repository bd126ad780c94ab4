package resource

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// cgroup is a group of processes whose use the kernel sums up.
type cgroup struct {
	host host
	dir  string
	net  *network
}

// newCgroup returns the cgroup of a folder. pid is one of its processes, whose
// network is that of all.
func (h host) newCgroup(dir string, pid int) *cgroup {
	return &cgroup{host: h, dir: dir, net: h.networkOf(pid)}
}

// cgroupOf returns the folder of the cgroup of a process, "" if it is that of the
// whole machine, cannot be seen from here, or is of version 1.
func (h host) cgroupOf(pid int) string {
	if !h.unified() {
		return ""
	}
	text, _ := os.ReadFile(h.path(pid, "cgroup"))
	for line := range strings.Lines(string(text)) {
		path, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "0::/")
		// A path that climbs is of a process outside of our own container.
		if ok && path != "" && filepath.IsLocal(path) {
			return filepath.Join(h.cgroups, path)
		}
	}
	return ""
}

// read returns what the group used. The folder is gone, or has no process left, once
// the container has ended.
func (c *cgroup) read() (totals, error) {
	populated, ok := number(c.dir, "cgroup.events", "populated")
	if !ok || populated == 0 {
		return totals{}, fmt.Errorf("cgroup %s: %w", filepath.Base(c.dir), ErrEnded)
	}
	t := totals{memory: c.memory()}
	if microseconds, ok := number(c.dir, "cpu.stat", "usage_usec"); ok {
		seconds := microseconds / 1e6
		t.cpu = &seconds
	}
	t.reads, t.writes = c.disks()
	t.in, t.out = c.net.read()
	return t, nil
}

// memory returns what the kernel cannot take back at once: pages of files that
// nobody has touched for long would make every service that reads files look full.
func (c *cgroup) memory() *float64 {
	all, ok := firstNumber(c.dir, "memory.current")
	if !ok {
		return nil
	}
	idle, _ := number(c.dir, "memory.stat", "inactive_file")
	used := max(all-idle, 0)
	return &used
}

// disks returns the operations of all disks. A disk that is made of others, as
// volumes are, is left out: its operations are theirs.
func (c *cgroup) disks() (reads, writes *float64) {
	text, err := os.ReadFile(filepath.Join(c.dir, "io.stat"))
	if err != nil {
		return nil, nil
	}
	var r, w float64
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || c.host.isStacked(fields[0]) {
			continue
		}
		r += valueOf(fields, "rios=")
		w += valueOf(fields, "wios=")
	}
	return &r, &w
}

// isStacked reports whether a disk, as MAJOR:MINOR, is made of others.
func (h host) isStacked(device string) bool {
	below, err := os.ReadDir(filepath.Join(h.sys, "dev/block", device, "slaves"))
	return err == nil && len(below) > 0
}

// valueOf returns the number behind a key, 0 if there is none.
func valueOf(fields []string, key string) float64 {
	for _, f := range fields {
		if text, ok := strings.CutPrefix(f, key); ok {
			v, _ := strconv.ParseFloat(text, 64)
			return v
		}
	}
	return 0
}

// firstNumber returns the number that a file begins with. "max" is none.
func firstNumber(dir, file string) (float64, bool) {
	fields := fieldsOf(dir, file)
	if len(fields) == 0 {
		return 0, false
	}
	v, err := strconv.ParseUint(fields[0], 10, 64)
	return float64(v), err == nil
}

// number returns the number behind a key in a file of keys and numbers.
func number(dir, file, key string) (float64, bool) {
	fields := fieldsOf(dir, file)
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == key {
			v, err := strconv.ParseUint(fields[i+1], 10, 64)
			return float64(v), err == nil
		}
	}
	return 0, false
}

// quota returns how many processors a cgroup has time for, as cpu.max says: the time
// and the period that it is for.
func quota(dir string) (float64, bool) {
	fields := fieldsOf(dir, "cpu.max")
	if len(fields) != 2 {
		return 0, false
	}
	time, err1 := strconv.ParseUint(fields[0], 10, 64)
	period, err2 := strconv.ParseUint(fields[1], 10, 64)
	if err1 != nil || err2 != nil || time == 0 || period == 0 {
		return 0, false
	}
	return float64(time) / float64(period), true
}

// fieldsOf returns the words of a file, none if there is no such file: its controller
// is off then, or its group has ended.
func fieldsOf(dir, file string) []string {
	text, _ := os.ReadFile(filepath.Join(dir, file))
	return strings.Fields(string(text))
}

// members returns the processes of a cgroup and of those below it. A process that
// cannot be seen from here is 0.
func members(dir string) []int {
	var list []int
	// What cannot be read has just ended.
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		for _, field := range fieldsOf(path, "cgroup.procs") {
			if pid, err := strconv.Atoi(field); err == nil {
				list = append(list, pid)
			}
		}
		return nil
	})
	return list
}

// find returns the folder of the container with an id, "" if there is none. Tools
// name it ID, docker-ID.scope, cri-containerd-ID.scope and the like.
func (h host) find(id string) string {
	found := ""
	_ = filepath.WalkDir(h.cgroups, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil
		}
		name := strings.TrimSuffix(e.Name(), ".scope")
		name = name[strings.LastIndexByte(name, '-')+1:]
		if containerID.MatchString(name) && strings.HasPrefix(name, id) {
			found = path
			return fs.SkipAll
		}
		return nil
	})
	return found
}
