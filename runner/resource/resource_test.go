package resource

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"speedgate/runner/monitor"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// roleVariable makes this test's binary play a program that is watched.
const roleVariable = "RESOURCE_TEST_ROLE"

// The programs do their work once they get a line, say so, and end with their input.
var roles = map[string]func(){
	"burner": func() {
		// A number of steps: on a busy machine, a time may hold hardly any work.
		for i := range 300_000_000 {
			burned = burned*6364136223846793005 + uint64(i)
		}
	},
	"eater": func() {
		eaten = make([]byte, eatenBytes)
		for i := 0; i < len(eaten); i += 512 {
			eaten[i] = 1
		}
	},
	"idler": func() {},
	"parent": func() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), roleVariable+"=burner")
		cmd.Stdin = strings.NewReader("go\n")
		if err := cmd.Run(); err != nil {
			os.Exit(1)
		}
	},
}

const eatenBytes = 64 << 20

var (
	eaten  []byte
	burned uint64
)

func TestMain(m *testing.M) {
	work := roles[os.Getenv(roleVariable)]
	if work == nil {
		os.Exit(m.Run())
	}
	in := bufio.NewScanner(os.Stdin)
	in.Scan()
	work()
	fmt.Println("done")
	in.Scan()
}

// program is a program that is watched.
type program struct {
	*Watcher
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Scanner
}

func start(t *testing.T, role string) *program {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // fails if it has ended
		_ = cmd.Wait()
	})
	w, err := Process(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return &program{w, cmd, stdin, bufio.NewScanner(stdout)}
}

// work lets the program do its work.
func (p *program) work(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.stdin, "go\n"); err != nil {
		t.Fatal(err)
	}
	if !p.out.Scan() || p.out.Text() != "done" {
		t.Fatalf("the program says %q", p.out.Text())
	}
}

// end lets the program end.
func (p *program) end(t *testing.T) {
	t.Helper()
	_ = p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func (p *program) sample(t *testing.T, at time.Time) monitor.Resources {
	t.Helper()
	r, err := p.Sample(at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var begin = time.Unix(1_700_000_000, 0)

// TestProcessor compares with what the system says of the program when it has ended.
func TestProcessor(t *testing.T) {
	t.Parallel()
	p := start(t, "burner")
	if first := p.sample(t, begin); first.Over != 0 || first.CPU != nil || first.CPUOfCore != nil {
		t.Errorf("the first sample has rates: %+v", first)
	}
	p.work(t)
	r := p.sample(t, begin.Add(2*time.Second))
	p.end(t)
	if r.Over != 2*time.Second || r.CPU == nil || r.CPUOfCore == nil {
		t.Fatalf("no rates: %+v", r)
	}
	got, want := *r.CPUOfCore/100*2, (p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()).Seconds()
	if math.Abs(got-want) > 0.05 {
		t.Errorf("it used the processor for %.2f s, the system says %.2f s", got, want)
	}
	if want := *r.CPUOfCore / p.limits.processors; math.Abs(*r.CPU-want) > 1e-9 || p.limits.processors < 1 {
		t.Errorf("CPU is %g %% of %g processors, want %g", *r.CPU, p.limits.processors, want)
	}
	if r.DiskReads != nil || r.DiskWrites != nil || r.NetworkIn != nil || r.NetworkOut != nil {
		t.Errorf("a process has figures that no system tells: %+v", r)
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	p := start(t, "eater")
	before := *p.sample(t, begin).Memory
	p.work(t)
	r := p.sample(t, begin.Add(time.Second))
	// Under the race detector each byte costs several, which count as well.
	if grown := *r.Memory - before; grown < eatenBytes*0.9 || grown > eatenBytes*8 {
		t.Errorf("memory grew by %.0f bytes, want %d", grown, eatenBytes)
	}
	if want := *r.Memory / p.limits.memory * 100; *r.MemoryShare != want || want <= 0 || want >= 100 {
		t.Errorf("%g %% of the memory, want %g", *r.MemoryShare, want)
	}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	p := start(t, "idler")
	p.sample(t, begin)
	p.work(t)
	p.end(t)
	pid := p.cmd.Process.Pid
	want := fmt.Sprintf("process %d: it has ended", pid)
	if _, err := p.Sample(begin.Add(time.Second)); !errors.Is(err, ErrEnded) || err.Error() != want {
		t.Errorf("Sample: %v, want %s", err, want)
	}
	if _, err := Process(pid); !errors.Is(err, ErrEnded) || err.Error() != want {
		t.Errorf("Process: %v, want %s", err, want)
	}
}

// script is a source that says what a test says.
type script []totals

func (s *script) read() (totals, error) {
	if len(*s) == 0 {
		return totals{}, ErrEnded
	}
	next := (*s)[0]
	*s = (*s)[1:]
	return next, nil
}

func ptr(v float64) *float64 { return &v }

func TestSample(t *testing.T) {
	t.Parallel()
	w := &Watcher{limits: limits{processors: 4, memory: 1000}, source: &script{
		{cpu: ptr(10), memory: ptr(100), reads: ptr(5), writes: ptr(50), in: ptr(7), out: ptr(70)},
		{cpu: ptr(14), memory: ptr(250), reads: ptr(5), writes: ptr(90), in: ptr(8), out: ptr(10)},
		{cpu: ptr(14)},
		{cpu: ptr(15), in: ptr(20)},
	}}
	want := []monitor.Resources{
		{At: begin, Memory: ptr(100), MemoryShare: ptr(10)},
		{
			At: begin.Add(2 * time.Second), Over: 2 * time.Second, Memory: ptr(250), MemoryShare: ptr(25), CPU: ptr(50), CPUOfCore: ptr(200),
			DiskReads: ptr(0), DiskWrites: ptr(20), NetworkIn: ptr(0.5), // what went out fell
		},
		{At: begin.Add(4 * time.Second), Over: 2 * time.Second, CPU: ptr(0), CPUOfCore: ptr(0)},
		{At: begin.Add(4 * time.Second)}, // no time has passed
	}
	var got []monitor.Resources
	for _, r := range want {
		sample, err := w.Sample(r.At)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, sample)
	}
	if d := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); d != "" {
		t.Errorf("Sample (-want +got):\n%s", d)
	}
}

func TestUnknownLimits(t *testing.T) {
	t.Parallel()
	w := &Watcher{source: &script{{cpu: ptr(1), memory: ptr(1)}, {cpu: ptr(2), memory: ptr(1)}}}
	for _, at := range []time.Time{begin, begin.Add(time.Second)} {
		if r, err := w.Sample(at); err != nil || r.CPU != nil || r.MemoryShare != nil || r.Memory == nil {
			t.Errorf("Sample: %+v, %v", r, err)
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	two := script{{memory: ptr(1)}, {memory: ptr(2)}}
	var seen []float64
	err := (&Watcher{source: &two}).Watch(t.Context(), time.Millisecond, func(r monitor.Resources) { seen = append(seen, *r.Memory) })
	if d := cmp.Diff([]float64{1, 2}, seen); d != "" || !errors.Is(err, ErrEnded) {
		t.Errorf("Watch: %v; samples (-want +got):\n%s", err, d)
	}
	ctx, stop := context.WithCancel(t.Context())
	if err := (&Watcher{source: &script{{}}}).Watch(ctx, time.Hour, func(monitor.Resources) { stop() }); err != nil {
		t.Errorf("Watch: %v after its context ended", err)
	}
}

// BenchmarkSample is of this process with its threads, and with a child.
func BenchmarkSample(b *testing.B) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=idler")
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer stdin.Close()
	w, err := Process(os.Getpid())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Sample(time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
