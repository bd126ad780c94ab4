package gobench

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/perf/benchfmt"

	"speedgate/perf"
)

// reading is one metric of one benchmark, named as the file names it.
type reading struct{ pkg, name, metric string }

// oracle reads a text with the Go project's own reader. clean is false if it met
// what the two readers see differently by intent: lines that it cannot read, and
// measurements that are none.
func oracle(text []byte) (values map[reading][]float64, clean bool) {
	values = map[reading][]float64{}
	r := benchfmt.NewReader(bytes.NewReader(text), "in")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, false
		case *benchfmt.Result:
			if rec.Iters <= 0 || rec.Iters > maxIterations {
				return nil, false
			}
			for _, v := range rec.Values {
				x, unit := v.Value, v.Unit
				if v.OrigUnit != "" {
					x, unit = v.OrigValue, v.OrigUnit
				}
				k := reading{strings.TrimSpace(rec.GetConfig("pkg")), prefix + string(rec.Name), metricOf(unit)}
				values[k] = append(values[k], x)
			}
		}
	}
	return values, r.Err() == nil
}

// readings undoes what keys do to names.
func readings(r *perf.Run) map[reading][]float64 {
	values := map[reading][]float64{}
	for _, s := range r.Series {
		k := reading{s.Key.Labels.Get(perf.LabelPackage), prefix + s.Key.Subject, s.Key.Metric}
		if s.Key.Subject == prefix {
			k.name = prefix
		}
		if n := s.Key.Labels.Get(perf.LabelGoMaxProcs); n != "" && n != "1" {
			k.name += "-" + n
		}
		values[k] = s.Samples
	}
	return values
}

func TestBenchfmtAgrees(t *testing.T) {
	t.Parallel()
	files := [][]byte{bigFile()}
	for _, name := range []string{"plain", "benchmem-count", "cpu", "verbose", "names", "maxprocs1", "units", "exits", "packages"} {
		text, err := os.ReadFile("testdata/ok/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, text)
	}
	for _, text := range files {
		want, clean := oracle(text)
		if !clean || len(want) == 0 {
			t.Fatalf("benchfmt cannot read %.200s", text)
		}
		if d := cmp.Diff(want, readings(readAll(t, text))); d != "" {
			t.Errorf("values (-benchfmt +gobench):\n%s", d)
		}
	}
}

// Odd lines that both readers must take alike.
func TestBenchfmtAgreesOnOddLines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"goos: linux\npkg: p\nBenchmarkA/x-8 \t 10\t 1.5 ns/op 2 B/op\nBenchmarkA/x-8 20 1e3 ns/op 0.1 score\nPASS\n",
		"BenchmarkA 1 123456789012345.5 x\nBenchmarkA 1 .5 x\nBenchmarkA 1 5. x\nBenchmarkA 1 +0.000000000000001 x\nPASS\n",
		"pkg: a\nBenchmarkA-2 1 1 p95-ns\nPASS\npkg:\nBenchmarkA-4 1 1 MB/s 0 ns/op\nPASS\n",
		"pkg:0\nBenchmark 1 0 0\nPASS\n",
		"pkg:\tq\nBenchmarkA 1 1 x\nPASS\n",
	} {
		want, clean := oracle([]byte(text))
		if !clean || len(want) == 0 {
			t.Fatalf("benchfmt cannot read %q", text)
		}
		if d := cmp.Diff(want, readings(readAll(t, []byte(text)))); d != "" {
			t.Errorf("%q: values (-benchfmt +gobench):\n%s", text, d)
		}
	}
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want float64
	}{
		{"0", 0},
		{"7", 7},
		{"0.1", 0.1},
		{".5", 0.5},
		{"5.", 5},
		{"123.45", 123.45},
		{"+1.5", 1.5},
		{"-1.5", -1.5},
		{"1e+06", 1e6},
		{"999999999999999", 999999999999999},
		{"9007199254740993", 9007199254740992}, // does not fit; the even neighbour
		{"0.12345678901234", 0.12345678901234},
		{"12345678901234.5", 12345678901234.5},
		{"1e999", math.Inf(1)},
		{"-Inf", math.Inf(-1)},
	} {
		if got, ok := parseNumber([]byte(c.in)); got != c.want || !ok {
			t.Errorf("parseNumber(%q) = %v, %v", c.in, got, ok)
		}
	}
	for _, in := range []string{"", ".", "1.2.3", "1,5", "0x1p2", "1_000", "x", "1e", "--1", "12345678901234567890x"} {
		if got, ok := parseNumber([]byte(in)); ok {
			t.Errorf("parseNumber(%q) = %v, want none", in, got)
		}
	}
}
