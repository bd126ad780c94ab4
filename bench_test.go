package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkCheckBesideBenchstat compares two files of 30,000 series with 10
// samples each, by `speedgate check` and by benchstat, one after the other, and
// reports the CPU time of both processes. Wall clock would measure the machine.
func BenchmarkCheckBesideBenchstat(b *testing.B) {
	dir := b.TempDir()
	base, head := filepath.Join(dir, "base.txt"), filepath.Join(dir, "head.txt")
	writeBench(b, base, 1)
	writeBench(b, head, 1.01)
	gate := buildTool(b, dir, "speedgate", ".")
	benchstat := buildTool(b, dir, "benchstat", "golang.org/x/perf/cmd/benchstat")
	var ours, theirs time.Duration
	for b.Loop() {
		ours += cpuTime(b, gate, "check", "--quiet", "--baseline", base, head)
		theirs += cpuTime(b, benchstat, base, head)
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "speedgate-cpu-ms")
	b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "benchstat-cpu-ms")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "times-less")
}

// BenchmarkSmallCheck starts the program on a small result: what a user waits for.
func BenchmarkSmallCheck(b *testing.B) {
	dir := b.TempDir()
	gate := buildTool(b, dir, "speedgate", ".")
	result := filepath.Join(dir, "bench.txt")
	if err := os.WriteFile(result, []byte("BenchmarkX-2 \t1000\t100 ns/op\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cpuTime(b, gate, "check", "--baseline", result, result)
	}
}

func buildTool(b *testing.B, dir, name, pkg string) string {
	b.Helper()
	tool := filepath.Join(dir, name)
	if out, err := exec.Command("go", "build", "-o", tool, pkg).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return tool
}

func cpuTime(b *testing.B, tool string, args ...string) time.Duration {
	b.Helper()
	cmd := exec.Command(tool, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// writeBench writes 10,000 benchmarks with three metrics and ten samples each.
func writeBench(b *testing.B, name string, factor float64) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	text.WriteString("goos: linux\ngoarch: amd64\npkg: example.com/x\n")
	for i := range 10_000 {
		level := factor * (50 + 5e6*random.Float64())
		for range 10 {
			ns := level * (1 + 0.02*random.NormFloat64())
			fmt.Fprintf(&text, "BenchmarkThing%d/case=large-8\t%8d\t%12.4g ns/op\t%8d B/op\t%8d allocs/op\n", i, int(1e9/ns), ns, i*16, i%50)
		}
	}
	text.WriteString("PASS\nok  \texample.com/x\t1.0s\n")
	if err := os.WriteFile(name, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
}
