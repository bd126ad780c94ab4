package gobench

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/perf/benchfmt"

	"speedgate/parsers/decode"
	"speedgate/perf"
)

// bigFile is 30,000 series of 10 samples.
var bigFile = sync.OnceValue(func() []byte { return makeFile(10) })

// makeFile is 10 packages of 1,000 benchmarks with time, bytes and allocations, each
// repeated count times, laid out as go test does.
func makeFile(count int) []byte {
	var b bytes.Buffer
	for pkg := range 10 {
		fmt.Fprintf(&b, "goos: linux\ngoarch: amd64\npkg: example.com/project/internal/pkg%d\ncpu: AMD EPYC 7763 64-Core Processor\n", pkg)
		for i := range 1000 {
			for n := range count {
				name := fmt.Sprintf("BenchmarkEncode/codec=%d/size=%d-8", i/10, i%10*64)
				ns := 100 + float64(i*37%1000) + float64(n*13%7)/10
				fmt.Fprintf(&b, "%-44s\t%8d\t%10.1f ns/op\t%8d B/op\t%8d allocs/op\n", name, 100_000+n, ns, i%10*64+16, i%7)
			}
		}
		fmt.Fprintf(&b, "PASS\nok  \texample.com/project/internal/pkg%d\t12.345s\n", pkg)
	}
	return b.Bytes()
}

func readAll(tb testing.TB, in []byte) *perf.Run {
	tb.Helper()
	r, err := Parse(decode.NewReader(bytes.NewReader(in)), "big.txt")
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// BenchmarkParse reads 30,000 series of 10 samples: from the bytes of a file to a run
// that was checked.
func BenchmarkParse(b *testing.B) {
	in := bigFile()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if r := readAll(b, in); len(r.Series) != 30_000 {
			b.Fatalf("%d series", len(r.Series))
		}
	}
}

// BenchmarkBenchfmt is the same file read with the Go project's reader: line by line,
// which collects nothing, and into a map from name and unit to values.
func BenchmarkBenchfmt(b *testing.B) {
	in := bigFile()
	b.Run("lines", func(b *testing.B) {
		b.SetBytes(int64(len(in)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for r := benchfmt.NewReader(bytes.NewReader(in), "big.txt"); r.Scan(); {
				if res, ok := r.Result().(*benchfmt.Result); ok {
					n += len(res.Values)
				}
			}
			if n != 300_000 {
				b.Fatalf("%d values", n)
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		b.SetBytes(int64(len(in)))
		b.ReportAllocs()
		for b.Loop() {
			if values, ok := oracle(in); !ok || len(values) != 30_000 {
				b.Fatalf("%d series", len(values))
			}
		}
	})
}

func BenchmarkParseJSON(b *testing.B) {
	var in bytes.Buffer
	for line := range strings.Lines(string(bigFile()[:2<<20])) {
		name, rest, _ := strings.Cut(line, "\t")
		for _, part := range []string{name + "\t", rest} {
			fmt.Fprintf(&in, `{"Time":"2026-01-02T03:04:05.678901234Z","Action":"output","Package":"example.com/p","Test":"BenchmarkEncode","Output":%q}`+"\n", part)
		}
	}
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseJSON(decode.NewReader(bytes.NewReader(in.Bytes())), "big.json"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMemory holds the bound on memory in use: what is live on the heap at the worst
// moment, when the series are built and nothing that was read is dropped yet, is at
// most 6 times the file. It is serial, as the heap is that of all tests.
func TestMemory(t *testing.T) {
	in := bigFile()
	before := liveHeap()
	p, err := readText(decode.NewReader(bytes.NewReader(in)), "big.txt")
	if err != nil {
		t.Fatal(err)
	}
	keys, values := p.keys()
	list := p.series()
	ratio := float64(liveHeap()-before) / float64(len(in))
	for _, alive := range []any{in, p, keys, values, list} {
		runtime.KeepAlive(alive)
	}
	t.Logf("file %.1f MB, live heap %.2f times", float64(len(in))/1e6, ratio)
	if ratio > 6 {
		t.Errorf("memory in use is %.1f times the file", ratio)
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
