package resource

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A child that ended is counted: its time goes to its parent.
func TestTimeOfChildren(t *testing.T) {
	t.Parallel()
	p := start(t, "parent")
	p.sample(t, begin)
	p.work(t)
	r := p.sample(t, begin.Add(time.Second))
	p.end(t)
	// The parent itself does nothing but wait, and its own end counts the child.
	want := (p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()).Seconds() * 100
	if r.CPUOfCore == nil {
		t.Fatal("CPUOfCore is not known")
	}
	if got := *r.CPUOfCore; got < want-5 || got > want+5 || want < 10 {
		t.Errorf("CPUOfCore is %.0f, want %.0f", got, want)
	}
}

// A program that has ended is one even before its parent takes notice.
func TestZombie(t *testing.T) {
	t.Parallel()
	p := start(t, "idler")
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		if _, err := p.Sample(time.Now()); errors.Is(err, ErrEnded) {
			return
		}
	}
	t.Error("a killed process is watched for 10 s")
}

// TestNextWithTheNumber plays the reuse of a number: the process that has it now
// started at another time.
func TestNextWithTheNumber(t *testing.T) {
	t.Parallel()
	s, err := thisHost.newTree(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	s.start--
	if _, err := s.read(); !errors.Is(err, ErrEnded) {
		t.Errorf("read: %v, want %v", err, ErrEnded)
	}
}

// machine is a host made of files.
type machine struct {
	host
	t *testing.T
}

func newMachine(t *testing.T) machine {
	dir := t.TempDir()
	m := machine{host{proc: filepath.Join(dir, "proc"), sys: filepath.Join(dir, "sys"), cgroups: filepath.Join(dir, "cgroup")}, t}
	m.link("proc/self/ns/net", "net:[1]")
	return m
}

func (m machine) name(path string) string {
	name := filepath.Join(filepath.Dir(m.proc), path)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		m.t.Fatal(err)
	}
	return name
}

func (m machine) file(path, text string) {
	if err := os.WriteFile(m.name(path), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) link(path, text string) {
	if err := os.Symlink(text, m.name(path)); err != nil {
		m.t.Fatal(err)
	}
}

// process adds a process with its children, in a cgroup. The name in its status is
// as awkward as names can be.
func (m machine) process(pid int, cgroup, network string, children ...string) {
	p := "proc/" + strconv.Itoa(pid) + "/"
	m.file(p+"stat", strconv.Itoa(pid)+" (a) b (c) S 1 7 7 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 5000 0 1000 18446744073709551615\n")
	m.file(p+"status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-2,8\n")
	m.file(p+"cgroup", "1:name=systemd:/elsewhere\n0::"+cgroup+"\n")
	m.file(p+"task/"+strconv.Itoa(pid)+"/children", strings.Join(children, " ")+" ")
	m.link(p+"ns/net", network)
	m.file(p+"net/dev", "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes\n"+
		"    lo: 5000 1 0 0 0 0 0 0 5000 1 0 0 0 0 0 0\n"+
		"  eth0: 300 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0\n  eth1:7 1 0 0 0 0 0 0 2 1 0 0 0 0 0 0\n")
}

// service adds a cgroup of two processes, 10 and 11, with limits around it.
func (m machine) service(cgroup, network string) {
	m.process(10, cgroup, network, "11")
	m.process(11, cgroup, network)
	m.file("cgroup/cgroup.controllers", "cpu memory io\n")
	d := "cgroup" + cgroup + "/"
	m.file(d+"cgroup.procs", "11\n10\n")
	m.file(d+"cgroup.events", "populated 1\nfrozen 0\n")
	m.file(d+"cpu.stat", "usage_usec 2500000\nuser_usec 2000000\n")
	m.file(d+"memory.current", "5000\n")
	m.file(d+"memory.stat", "anon 3000\ninactive_file 1000\n")
	m.file(d+"memory.max", "max\n")
	m.file(filepath.Dir(d)+"/../memory.max", "8000\n")
	m.file(d+"cpu.max", "150000 100000\n")
	m.file(filepath.Dir(d)+"/../cpu.max", "max 100000\n")
	m.file(d+"io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n253:0 rbytes=1 rios=100 wios=100\n259:1 rios=30 wios=40\n8:16\n")
	m.file("sys/dev/block/253:0/slaves/sda/x", "")
	m.file("sys/dev/block/8:0/x", "")
}

// figures of a service: as its cgroup has them, and as its two processes have them.
var (
	ofCgroup = totals{cpu: ptr(2.5), memory: ptr(4000), reads: ptr(33), writes: ptr(44), in: ptr(307), out: ptr(42)}
	ofTree   = totals{cpu: ptr(2.54), memory: ptr(float64(2000 * os.Getpagesize()))}
)

func TestCgroupOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(machine)
		want   totals
	}{
		{"its own", func(machine) {}, totals{cpu: ptr(2.5), memory: ptr(4000), reads: ptr(33), writes: ptr(44)}},
		{"nothing tells of disks", func(m machine) { m.remove("cgroup/a/b/io.stat") }, totals{cpu: ptr(2.5), memory: ptr(4000)}},
		{"no disk was used", func(m machine) { m.file("cgroup/a/b/io.stat", "") }, totals{cpu: ptr(2.5), memory: ptr(4000), reads: ptr(0), writes: ptr(0)}},
		{"shared with others", func(m machine) { m.file("cgroup/a/b/cgroup.procs", "10\n11\n12\n") }, ofTree},
		{"shared with others below", func(m machine) { m.file("cgroup/a/b/c/cgroup.procs", "12\n") }, ofTree},
		{"a child is elsewhere", func(m machine) { m.file("cgroup/a/b/cgroup.procs", "10\n") }, ofTree},
		{"memory is not counted", func(m machine) { m.remove("cgroup/a/b/memory.current") }, ofTree},
		{"version 1", func(m machine) { m.remove("cgroup/cgroup.controllers") }, ofTree},
		{"that of the machine", func(m machine) { m.file("proc/10/cgroup", "0::/\n") }, ofTree},
		{"outside of our container", func(m machine) { m.file("proc/10/cgroup", "0::/../a/b\n") }, ofTree},
	} {
		m := newMachine(t)
		m.service("/a/b", "net:[1]")
		c.change(m)
		s, _, err := m.host.process(10)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, err := s.read()
		if d := cmp.Diff(c.want, got, cmp.AllowUnexported(totals{}), cmpopts.EquateApprox(0, 1e-9)); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, d)
		}
	}
}

func (m machine) remove(path string) {
	if err := os.RemoveAll(m.name(path)); err != nil {
		m.t.Fatal(err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.service("/a/b", "net:[1]")
	_, got, err := m.host.process(10)
	if d := cmp.Diff(limits{processors: 1.5, memory: 8000}, got, cmp.AllowUnexported(limits{})); d != "" || err != nil {
		t.Errorf("limits: %v (-want +got):\n%s", err, d)
	}
	m.file("cgroup/a/b/cpu.max", "max 100000\n")
	if _, got, _ := m.host.process(10); got.processors != 4 {
		t.Errorf("%g processors, want the four that it may run on", got.processors)
	}
	m.remove("cgroup/cgroup.controllers")
	if _, got, _ := m.host.process(10); got.memory < 1<<20 {
		t.Errorf("%g bytes of memory, want those of the machine", got.memory)
	}
}

const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestContainer(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"/docker/" + id, "/system.slice/docker-" + id + ".scope", "/machine.slice/libpod-" + id + ".scope"} {
		m := newMachine(t)
		m.service(dir, "net:[2]")
		s, l, err := m.host.container(id[:shortID])
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		got, err := s.read()
		if d := cmp.Diff(ofCgroup, got, cmp.AllowUnexported(totals{})); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", dir, err, d)
		}
		if l != (limits{processors: 1.5, memory: 8000}) {
			t.Errorf("%s: limits %+v", dir, l)
		}
		// The process has ended, and another with its number has another network.
		m.remove("proc/11/ns/net")
		m.link("proc/11/ns/net", "net:[3]")
		if got, err := s.read(); err != nil || got.in != nil || got.out != nil {
			t.Errorf("%s: a strange network: %+v, %v", dir, got, err)
		}
		m.file("cgroup"+dir+"/cgroup.events", "populated 0\nfrozen 0\n")
		if _, err := s.read(); !errors.Is(err, ErrEnded) {
			t.Errorf("%s: %v, want %v", dir, err, ErrEnded)
		}
		m.remove("cgroup" + dir)
		if _, err := s.read(); !errors.Is(err, ErrEnded) {
			t.Errorf("%s: %v, want %v", dir, err, ErrEnded)
		}
	}
}

func TestContainerErrors(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.service("/docker/"+id, "net:[2]")
	old := newMachine(t)
	for _, c := range []struct {
		host     host
		id, want string
	}{
		{m.host, "shop", `"shop" is not the id of a container: expected at least 12 digits of it, as docker ps shows them`},
		{m.host, "0123456789a", `"0123456789a" is not the id of a container: expected at least 12 digits of it, as docker ps shows them`},
		{m.host, "ffffffffffff", "no container ffffffffffff runs on this machine"},
		{old.host, id, "containers cannot be watched here: " + old.cgroups + " has no cgroups of version 2"},
	} {
		if _, _, err := c.host.container(c.id); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.id, err, c.want)
		}
	}
}

func TestProcessErrors(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.process(1, "/", "net:[1]")
	m.file("proc/2/stat", "2 (x) S 1")
	m.process(3, "/", "net:[1]")
	m.file("proc/3/stat", "3 (x) S 1 7 7 0 -1 0 0 0 0 0 many 20 3 4 20 0 1 0 5000 0 1000 1\n")
	m.process(4, "/", "net:[1]")
	m.remove("proc/4/task")
	const foreign = "expected the status of a process, as proc(5) describes it"
	for pid, want := range map[int]string{
		1: "",
		2: "process 2: " + foreign,
		3: "process 3: " + foreign,
		4: "process 4: this kernel does not tell the children of a process (CONFIG_PROC_CHILDREN)",
		5: "process 5: it has ended",
	} {
		_, _, err := m.host.process(pid)
		if got := message(err); got != want {
			t.Errorf("process %d: %s, want %s", pid, got, want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCountList(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]int{"0": 1, "0-3": 4, "0-1,4,6-7": 5, "": 0, "x": 0, "3-1": 0, "0,": 0} {
		if got := countList(list); got != want {
			t.Errorf("countList(%q) = %d, want %d", list, got, want)
		}
	}
}

func FuzzStat(f *testing.F) {
	f.Add([]byte("1 (a) S 1 7 7 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 5000 0 1000 1"))
	f.Add([]byte(") Z"))
	f.Fuzz(func(t *testing.T, text []byte) {
		st, err := parseStat(text)
		if err != nil && st != (stat{}) {
			t.Errorf("parseStat(%q) = %+v and %v", text, st, err)
		}
	})
}
