package resource

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ticksPerSecond is the unit of times in proc(5). Linux has shown programs 100 on
// every system that Go runs on, whatever the kernel counts in.
const ticksPerSecond = 100

// tree is a process with those below it.
type tree struct {
	host  host
	pid   int
	start uint64   // when the process started, which the next with its number did not
	net   *network // nil if it has none of its own
}

func (h host) newTree(pid int) (*tree, error) {
	st, err := h.stat(pid)
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", pid, err)
	}
	if _, err := os.Stat(h.path(pid, "task", strconv.Itoa(pid), "children")); err != nil {
		return nil, fmt.Errorf("process %d: this kernel does not tell the children of a process (CONFIG_PROC_CHILDREN)", pid)
	}
	return &tree{host: h, pid: pid, start: st.start, net: h.networkOf(pid)}, nil
}

// root returns the process itself.
func (t *tree) root() (stat, error) {
	st, err := t.host.stat(t.pid)
	if err == nil && st.start != t.start {
		err = ErrEnded
	}
	if err != nil {
		return stat{}, fmt.Errorf("process %d: %w", t.pid, err)
	}
	return st, nil
}

// read sums up the tree. The time of a process that has ended goes to its parent's
// children, so that the sum does not fall.
func (t *tree) read() (totals, error) {
	if _, err := t.root(); err != nil {
		return totals{}, err
	}
	var ticks, pages uint64
	t.walk(func(_ int, st stat) {
		ticks += st.ticks
		pages += st.pages
	})
	cpu, memory := float64(ticks)/ticksPerSecond, float64(pages)*float64(os.Getpagesize())
	in, out := t.net.read()
	return totals{cpu: &cpu, memory: &memory, in: in, out: out}, nil
}

// pids returns the processes of the tree.
func (t *tree) pids() ([]int, error) {
	if _, err := t.root(); err != nil {
		return nil, err
	}
	var list []int
	t.walk(func(pid int, _ stat) { list = append(list, pid) })
	return list, nil
}

// walk visits each process of the tree that is still there.
func (t *tree) walk(visit func(pid int, st stat)) {
	queue := []int{t.pid}
	for len(queue) > 0 {
		pid := queue[0]
		queue = queue[1:]
		st, err := t.host.stat(pid)
		if err != nil {
			continue // it has just ended
		}
		visit(pid, st)
		queue = append(queue, t.host.children(pid)...)
	}
}

// children returns the children of all threads of a process.
func (h host) children(pid int) []int {
	var list []int
	threads, _ := os.ReadDir(h.path(pid, "task")) // none if it has just ended
	for _, thread := range threads {
		text, _ := os.ReadFile(h.path(pid, "task", thread.Name(), "children"))
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				list = append(list, child)
			}
		}
	}
	return list
}

func (h host) path(pid int, parts ...string) string {
	return filepath.Join(append([]string{h.proc, strconv.Itoa(pid)}, parts...)...)
}

// stat is what is read of /proc/PID/stat.
type stat struct {
	start uint64 // ticks since the machine started
	ticks uint64 // of the processors, by the process and its children that ended
	pages uint64 // resident
}

// stat reads about a process. One that ended and waits for its parent to notice
// has ended.
func (h host) stat(pid int) (stat, error) {
	text, err := os.ReadFile(h.path(pid, "stat"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return stat{}, ErrEnded
	}
	if err != nil {
		return stat{}, err
	}
	return parseStat(text)
}

// Fields of /proc/PID/stat as proc(5) counts them, from the state on. Before it are
// the pid and the name, which is in parentheses and may hold anything.
const (
	fieldState = 3
	fieldTimes = 14 // utime, stime and, of children that ended, cutime and cstime
	fieldStart = 22
	fieldPages = 24
)

var errStat = errors.New("expected the status of a process, as proc(5) describes it")

func parseStat(text []byte) (stat, error) {
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) <= fieldPages-fieldState {
		return stat{}, errStat
	}
	if bytes.ContainsAny(fields[0], "ZX") {
		return stat{}, ErrEnded
	}
	var numbers [6]uint64
	for i, field := range [...]int{fieldTimes, fieldTimes + 1, fieldTimes + 2, fieldTimes + 3, fieldStart, fieldPages} {
		n, err := strconv.ParseUint(string(fields[field-fieldState]), 10, 64)
		if err != nil {
			return stat{}, errStat
		}
		numbers[i] = n
	}
	return stat{ticks: numbers[0] + numbers[1] + numbers[2] + numbers[3], start: numbers[4], pages: numbers[5]}, nil
}

// processors returns how many processors a process may run on, 0 if it is unknown.
func (h host) processors(pid int) float64 {
	text, _ := os.ReadFile(h.path(pid, "status"))
	for line := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			return float64(countList(strings.TrimSpace(list)))
		}
	}
	return 0
}

// countList counts the numbers of a list such as 0-3,8, 0 if it is none.
func countList(list string) int {
	n := 0
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil || to < from {
			return 0
		}
		n += to - from + 1
	}
	return n
}

// network is that of a process which does not share it with us: of a container, as
// a rule.
type network struct {
	link string // says which network it is: another process may get the number
	name string // what link said
	file string
}

// networkOf returns the network of a process, nil if it is ours or unknown.
func (h host) networkOf(pid int) *network {
	link := h.path(pid, "ns", "net")
	theirs, err1 := os.Readlink(link)
	ours, err2 := os.Readlink(filepath.Join(h.proc, "self", "ns", "net"))
	if err1 != nil || err2 != nil || theirs == ours {
		return nil
	}
	return &network{link, theirs, h.path(pid, "net", "dev")}
}

// Columns of /proc/PID/net/dev behind the interface, and how many there are.
const (
	columnReceived = 0
	columnSent     = 8
	columnsInAll   = 16
)

// read returns the bytes that came in and went out, but for those that the process
// sent to itself. Nobody knows them of a network that is nil, or has ended.
func (n *network) read() (in, out *float64) {
	if n == nil {
		return nil, nil
	}
	text, err := os.ReadFile(n.file)
	if now, _ := os.Readlink(n.link); err != nil || now != n.name {
		return nil, nil
	}
	var received, sent float64
	for line := range strings.Lines(string(text)) {
		name, rest, ok := strings.Cut(line, ":")
		fields := strings.Fields(rest)
		if !ok || strings.TrimSpace(name) == "lo" || len(fields) < columnsInAll {
			continue // two lines of headers have no colon
		}
		r, err1 := strconv.ParseUint(fields[columnReceived], 10, 64)
		s, err2 := strconv.ParseUint(fields[columnSent], 10, 64)
		if err1 != nil || err2 != nil {
			return nil, nil
		}
		received, sent = received+float64(r), sent+float64(s)
	}
	return &received, &sent
}
