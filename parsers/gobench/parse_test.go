package gobench

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/parsers/decode"
	"speedgate/perf"
)

// summary is what most tests look at: a line for each series.
func summary(r *perf.Run) []string {
	var list []string
	for _, s := range r.Series {
		list = append(list, fmt.Sprintf("%s = %v %s", s.Key, s.Samples, s.Unit))
	}
	return list
}

func warnings(r *perf.Run) []string {
	var list []string
	for _, w := range r.Incomplete {
		list = append(list, w.Pos.String()+": incomplete: "+w.Msg)
	}
	for _, w := range r.Warnings {
		list = append(list, w.String())
	}
	return list
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     []string
		warnings []string
	}{
		{
			name: "samples of several invocations",
			in:   "BenchmarkA-4 10 1 ns/op\nBenchmarkB-4 10 2 ns/op\nBenchmarkA-4 10 3 ns/op\n",
			want: []string{"A · time_per_op · {gomaxprocs=4} = [1 3] ns/op", "B · time_per_op · {gomaxprocs=4} = [2] ns/op"},
		},
		{
			name: "the same name in two packages, suffixes for each",
			in:   "pkg: p\nBenchmarkA-8 10 1 ns/op\nPASS\npkg: q\nBenchmarkA-8 10 2 ns/op\nBenchmarkB 10 2 ns/op\nPASS\n",
			want: []string{
				"A · time_per_op · {gomaxprocs=8,pkg=p} = [1] ns/op",
				"A-8 · time_per_op · {pkg=q} = [2] ns/op", "B · time_per_op · {pkg=q} = [2] ns/op",
			},
		},
		{
			name: "white space of all kinds",
			in:   "BenchmarkA\t\t 10\u00a0 1.5e+06   ns/op \t 7 B/op \r\n",
			want: []string{"A · bytes_per_op = [7] B/op", "A · time_per_op = [1.5e+06] ns/op"},
		},
		{
			name: "letters beyond ASCII",
			in:   "BenchmarkÄ/µ\u2003 10 1 µs/x\n",
			want: []string{"Ä/µ · µs/x = [1] µs/x"},
		},
		{
			name:     "a FAIL line whose package is cut off",
			in:       "BenchmarkA 10 1 ns/op\nFAIL\t\n",
			want:     []string{"A · time_per_op = [1] ns/op"},
			warnings: []string{"in:2: incomplete: a test binary failed"},
		},
		{
			name: "base units of benchmark tools",
			in:   "BenchmarkA 10 1e-06 sec/op 100 B/s\n",
			want: []string{"A · bytes_per_second = [100] B/s", "A · time_per_op = [1e-06] sec/op"},
		},
		{
			name: "a benchmark without a name of its own",
			in:   "Benchmark-8 10 1 ns/op\n",
			want: []string{"Benchmark · time_per_op · {gomaxprocs=8} = [1] ns/op"},
		},
		{
			name: "units hold the unit behind a dash",
			in:   "BenchmarkA 10 1 p95-ns 2 peak-RSS-bytes 3 x-y 4 ns/frame\n",
			want: []string{
				"A · ns/frame = [4] ns/frame", "A · p95-ns = [1] ns", "A · peak-RSS-bytes = [2] bytes", "A · x-y = [3] x-y",
			},
		},
		{
			name: "text that mentions benchmarks",
			in: "Benchmarking the server\nBenchmark results follow\nBenchmarkA took 10 s\nsee BenchmarkA\n" +
				"error: BenchmarkB 12\nUnit tests passed\nFAILED once\nok  \nPASSED\npanicking\nexit\nBenchmarkA 10 1 ns/op\n",
			want: []string{"A · time_per_op = [1] ns/op"},
		},
		{
			name: "printed text between name and result",
			in:   "BenchmarkA-2   \twarming\nup\n    1000\t         5.000 ns/op\t       1 B/op\nBenchmarkB-2   \tx    2000\t         6.000 ns/op\n",
			want: []string{
				"A · bytes_per_op · {gomaxprocs=2} = [1] B/op", "A · time_per_op · {gomaxprocs=2} = [5] ns/op",
				"B · time_per_op · {gomaxprocs=2} = [6] ns/op",
			},
			warnings: []string{"in:3: 2 result lines broken by printed text, put together again; the first is here"},
		},
		{
			name: "printed text in front of the name and behind it",
			in:   "noise BenchmarkA-2  \tnoise    2000\t         2.500 ns/op\nnoiseBenchmarkA-2  \t    2000\t         3.500 ns/op\n",
			want: []string{"A · time_per_op · {gomaxprocs=2} = [2.5 3.5] ns/op"},
			warnings: []string{
				"in:1: 2 result lines broken by printed text, put together again; the first is here",
			},
		},
		{
			name: "iterations that touch printed text",
			in:   "BenchmarkA-2  \tdone12345678\t         2.500 ns/op\n",
			want: []string{"A · time_per_op · {gomaxprocs=2} = [2.5] ns/op"},
			warnings: []string{
				"in:1: 1 result line broken by printed text, put together again; the first is here",
			},
		},
		{
			name: "printed text that looks like a result",
			in:   "BenchmarkA-2  \tmoved 10\t5 files\n    2000\t         2.500 ns/op\n",
			want: []string{"A · time_per_op · {gomaxprocs=2} = [2.5] ns/op"},
			warnings: []string{
				"in:2: 1 result line broken by printed text, put together again; the first is here",
			},
		},
		{
			name:     "a result without a name, and one in a log",
			in:       "BenchmarkA 10 1 ns/op\n    2000\t         2.500 ns/op\n    BenchmarkB 10 1 ns/op\n",
			want:     []string{"A · time_per_op = [1] ns/op"},
			warnings: []string{"in:2: 2 lines like a result, but in a log or without a benchmark's name, left out; the first is here"},
		},
		{
			name: "a benchmark that never ends",
			in:   "BenchmarkA-2   \t    1000\t         5.000 ns/op\nBenchmarkB-2   \twaiting\n",
			want: []string{"A · time_per_op · {gomaxprocs=2} = [5] ns/op"},
			warnings: []string{
				"in:2: incomplete: BenchmarkB-2 has no result",
			},
		},
		{
			name:     "a crash behind the name",
			in:       "BenchmarkA-2   \t    1000\t         5.000 ns/op\nBenchmarkB-2   \tpanic: no luck\n",
			want:     []string{"A · time_per_op · {gomaxprocs=2} = [5] ns/op"},
			warnings: []string{"in:2: incomplete: panic: no luck in BenchmarkB-2"},
		},
		{
			name:     "a killed binary",
			in:       "BenchmarkA 10 1 ns/op\nsignal: killed\nFAIL\tp\t600.1s\nFAIL\n",
			want:     []string{"A · time_per_op = [1] ns/op"},
			warnings: []string{"in:3: incomplete: package p failed (signal: killed)"},
		},
		{
			name:     "a killed binary, without the line of its package",
			in:       "BenchmarkA 10 1 ns/op\nsignal: killed\n",
			want:     []string{"A · time_per_op = [1] ns/op"},
			warnings: []string{"in:2: incomplete: a test binary ended badly: signal: killed"},
		},
		{
			name:     "a binary that failed at its end, with lines filtered out",
			in:       "pkg: p\nBenchmarkA 10 1 ns/op\nPASS\nexit status 3\npkg: q\nBenchmarkA 10 1 ns/op\nPASS\n",
			want:     []string{"A · time_per_op · {pkg=p} = [1] ns/op", "A · time_per_op · {pkg=q} = [1] ns/op"},
			warnings: []string{"in:4: incomplete: a test binary ended badly: exit status 3"},
		},
		{
			name:     "a binary that ran on behind its timeout",
			in:       "BenchmarkA 10 1 ns/op\n*** Test killed with quit: ran too long (11m0s).\n",
			want:     []string{"A · time_per_op = [1] ns/op"},
			warnings: []string{"in:2: incomplete: a test binary ended badly: *** Test killed with quit: ran too long …"},
		},
		{
			name: "printed text that tells how another process ended",
			in:   "exit status 1\nBenchmarkA 10 1 ns/op\nPASS\nok  \tp\t1s\nexit status 0\n",
			want: []string{"A · time_per_op = [1] ns/op"},
		},
		{
			name:     "a binary that ran without go test",
			in:       "BenchmarkA 10 1 ns/op\n--- FAIL: BenchmarkB\n    x_test.go:1: BenchmarkC 10 1 ns/op\nFAIL\n",
			want:     []string{"A · time_per_op = [1] ns/op"},
			warnings: []string{"in:2: incomplete: BenchmarkB failed", "in:4: incomplete: a test binary failed"},
		},
		{
			name:     "no iteration",
			in:       "BenchmarkA 10 1 ns/op\nBenchmarkB 0 NaN ns/op\n",
			want:     []string{"A · time_per_op = [1] ns/op"},
			warnings: []string{"in:2: incomplete: BenchmarkB did no iteration"},
		},
		{
			name: "a package that is cut short",
			in:   "pkg: p\nBenchmarkA 10 1 ns/op\npkg: q\nBenchmarkA 10 1 ns/op\nPASS\n",
			want: []string{"A · time_per_op · {pkg=p} = [1] ns/op", "A · time_per_op · {pkg=q} = [1] ns/op"},
			warnings: []string{
				"in:1: 1 package without a PASS, ok or FAIL line at the end, perhaps cut short; the first is here",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := parseText(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, summary(r)); d != "" {
				t.Errorf("series (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.warnings, warnings(r)); d != "" {
				t.Errorf("warnings (-want +got):\n%s", d)
			}
		})
	}
}

func TestParseWhole(t *testing.T) {
	t.Parallel()
	got, err := parseText("goos: linux\ngoarch: arm64\ncpu: Neoverse-N1\ncpu:\nnote: nothing\nBenchmarkA-8 10 1.5 ns/op\nBenchmarkA-8 20 2.5 ns/op\n")
	if err != nil {
		t.Fatal(err)
	}
	want := &perf.Run{
		Series: []perf.Series{{
			Key:  perf.Key{Subject: "A", Metric: perf.TimePerOp, Labels: "gomaxprocs=8"},
			Unit: "ns/op", Better: perf.BetterLower, Kind: perf.KindSample,
			Samples: []float64{1.5, 2.5}, Count: 30, Pos: perf.Pos{File: "in", Line: 6, Col: 17},
		}},
		Source: perf.Source{Files: []string{"in"}, Format: "go-bench", Tool: "go test"},
		Env:    perf.Env{OS: "linux", Arch: "arm64", CPU: "Neoverse-N1", Cores: 8},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("run (-want +got):\n%s", d)
	}
}

// The cores of the environment are GOMAXPROCS where all names bear it out.
func TestCores(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want int
	}{
		{"BenchmarkA-8 1 1 ns/op\nBenchmarkB-8 1 1 ns/op\n", 8},
		{"BenchmarkA 1 1 ns/op\nBenchmarkB/large 1 1 ns/op\n", 1},
		{"BenchmarkA 1 1 ns/op\nBenchmarkA-4 1 1 ns/op\n", 0},
		{"BenchmarkA 1 1 ns/op\nBenchmarkB-100 1 1 ns/op\n", 0},
		{"pkg: p\nBenchmarkA-8 1 1 ns/op\nPASS\npkg: q\nBenchmarkA 1 1 ns/op\nPASS\n", 0},
	} {
		r, err := parseText(c.in)
		if err != nil {
			t.Fatal(err)
		}
		if r.Env.Cores != c.want {
			t.Errorf("%q: %d cores, want %d", c.in, r.Env.Cores, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"NaN", "BenchmarkA-8 \t 100\t NaN ns/op\n", `in:1:21: "NaN" is not a finite number`},
		{"infinite", "BenchmarkA 100 1 ns/op +Inf x/op\n", `in:1:24: "+Inf" is not a finite number`},
		{"too large", "BenchmarkA 100 1e999 ns/op\n", `in:1:16: "1e999" is not a finite number`},
		{"negative", "BenchmarkA 100 -2 ns/op\n", `in:1:16: "-2" is negative`},
		{"negative with a unit of its own", "BenchmarkA 100 -2 score\n", `in:1:16: "-2" is negative`},
		{"iterations in words", "BenchmarkA many 2 ns/op\n", `in:1:12: expected the number of iterations, not "many"`},
		{"iterations with an exponent", "BenchmarkA\t1e3\t2 ns/op\n", `in:1:12: expected the number of iterations, not "1e3"`},
		{"negative iterations", "BenchmarkA -3 2 ns/op\n", `in:1:12: expected the number of iterations, not "-3"`},
		{"too many iterations", "BenchmarkA 99999999999999999999 2 ns/op\n", `in:1:12: expected the number of iterations, not "99999999999999999999"`},
		{"no value", "BenchmarkA 100 fast ns/op\n", `in:1:16: expected a value, not "fast"`},
		{"hexadecimal", "BenchmarkA 100 0x10 ns/op\n", `in:1:16: expected a value, not "0x10"`},
		{"value cut off", "BenchmarkA 100 5 ns/op\nBenchmarkB 100 5", "in:2:16: the value has no unit; is the line complete?"},
		{"second value", "BenchmarkA 100 5 ns/op x B/op\n", `in:1:24: expected a value, not "x"`},
		{"long text", "BenchmarkA " + strings.Repeat("y", 50) + " 1 ns/op", `in:1:12: expected the number of iterations, not "` + strings.Repeat("y", 40) + `…"`},
		{"metric given twice", "BenchmarkA 100 5 ns/op 6 ns/op\n", "in:1:24: ns/op is given twice on one line"},
		{"metric given twice in two units", "BenchmarkA 100 5 ns/op 6 sec/op\n", `in:1:24: "A · time_per_op" is measured twice in one run, first at in:1:16`},
		{"in a broken line", "x BenchmarkA 100 NaN ns/op\n", `in:1:18: "NaN" is not a finite number`},
		{"in a late result", "BenchmarkA-2   \tx\n    2000\t      -1 ns/op\n", `in:2:16: "-1" is negative`},
		{"two machines", "goarch: amd64\nBenchmarkA 1 1 ns/op\ngoarch: arm64\n", `in:3: goarch is "arm64" here and "amd64" at in:1; give the results of each machine in a file of its own`},
		{"unit without value", "Unit score better\n", `in:1: unit "score": expected key=value, such as better=lower or assume=exact`},
		{"unknown direction", "Unit score better=sideways\n", `in:1: unit "score": expected better=lower or better=higher`},
		{"direction turned round", "Unit ns/op better=higher\n", `in:1: unit "ns/op": better=higher contradicts better=lower`},
		{"two directions", "Unit score better=higher\nUnit score better=lower\n", `in:2: unit "score": better=lower contradicts better=higher`},
		{"unknown assumption", "Unit score assume=normal\n", `in:1: unit "score": expected assume=exact or assume=nothing`},
		{"two assumptions", "Unit score assume=exact assume=nothing\n", `in:1: unit "score": assume=nothing contradicts assume=exact`},
		{"two errors", "BenchmarkA 1 -1 ns/op\nBenchmarkB 1 -2 ns/op\n", "in:1:14: \"-1\" is negative\nin:2:14: \"-2\" is negative"},
		{"empty", "", "in: expected the output of go test -bench, with at least one result line: no results"},
		{"no benchmark", "PASS\nok  \tp\t0.1s\n", "in: no benchmark matched: no results"},
		{"benchstat", "goos: linux\n       │ old.txt │ new.txt │\n       │ sec/op  │ sec/op  vs base │\nFib-8  1.2µ ± 1%   1.3µ ± 2%\n", "in:3: this is a comparison by benchstat; give the files that benchstat compared: no results"},
		{"old benchstat", "name   old time/op  new time/op  delta\nFib-8  1.2µs ± 1%   1.3µs ± 2%  ~\n", "in:1: this is a comparison by benchstat; give the files that benchstat compared: no results"},
		{"benchstat CSV", "goos: linux\n,old.txt,,new.txt,,,\n,sec/op,CI,sec/op,CI,vs base,P\n", "in:3: this is a comparison by benchstat; give the files that benchstat compared: no results"},
		{"endless line", "BenchmarkA 1 1 ns/op\n" + strings.Repeat("x", decode.MaxLine+1), "in:2: line longer than 16 MB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := parseText(c.in)
			if r != nil || err == nil {
				t.Fatalf("got run %v, error %v", r, err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
			isEmpty := strings.HasSuffix(c.want, ": no results")
			if errors.Is(err, perf.ErrNoResults) != isEmpty {
				t.Errorf("errors.Is(err, perf.ErrNoResults) = %v", !isEmpty)
			}
		})
	}
}

func TestUnitLines(t *testing.T) {
	t.Parallel()
	type traits struct {
		Better string
		Exact  bool
	}
	r, err := parseText("Unit score better=higher note=x\nBenchmarkA 1 1 ns/op 1 score 1 cycles/op 1 B/op 1 allocs/op 1 MB/s 1 req/s 1 p9-ns 1 ns/x 1 widgets\n" +
		"Unit cycles/op assume=exact\nUnit B/op assume=exact\nUnit allocs/op assume=nothing better=lower\n")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]traits{}
	for _, s := range r.Series {
		got[s.Key.Metric] = traits{s.Better.String(), s.Exact}
	}
	want := map[string]traits{
		"time_per_op": {"lower", false}, "score": {"higher", false}, "cycles/op": {"lower", true},
		"bytes_per_op": {"lower", true}, "allocs_per_op": {"lower", false}, "bytes_per_second": {"higher", false},
		"req/s": {"higher", false}, "p9-ns": {"lower", false}, "ns/x": {"lower", false}, "widgets": {"unknown", false},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	line := func(from, n int) string {
		var b strings.Builder
		b.WriteString("BenchmarkA 1")
		for i := range n {
			fmt.Fprintf(&b, " 1 m%d", from+i)
		}
		return b.String() + "\n"
	}
	if _, err := parseText(line(0, maxMetrics)); err != nil {
		t.Errorf("at the limit of metrics: %v", err)
	}
	const want = `in:2: "BenchmarkA" has more than 256 metrics`
	if _, err := parseText(line(0, maxMetrics) + line(1000, 1)); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	_, err := parseText(strings.Repeat("BenchmarkA 1 -1 ns/op\n", 5*maxErrors))
	if errs, ok := errors.AsType[perf.InputErrors](err); !ok || len(errs) != maxErrors {
		t.Errorf("%d errors, want %d", len(errs), maxErrors)
	}
}

func TestIterationsDoNotOverflow(t *testing.T) {
	t.Parallel()
	p := newParser("in")
	p.result = result{name: []byte("BenchmarkA"), iterations: 1 << 40, values: []value{{1, []byte("ns/op"), 1}}}
	k := p.pkg("")
	p.add(k, perf.Pos{Line: 1}, 0)
	k.last.metrics[0].iterations = 1<<63 - 2
	p.add(k, perf.Pos{Line: 2}, 0)
	if got := k.last.metrics[0].iterations; got != 1<<63-1 {
		t.Errorf("iterations = %d", got)
	}
}

func TestProcs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, names string
		want        bool
	}{
		{"none", "A B", false},
		{"all the same", "A-8 B/x-8 B/y-8", true},
		{"own name ends in a number", "N/dash-8-2 N/dash-2", true},
		{"GOMAXPROCS=1 and a name with a dash", "N/dash-8 N/dash", false},
		{"GOMAXPROCS=1 and another name", "N/dash-8 Fib", false},
		{"-cpu 1,2,4", "A A-2 A-4 B B-2 B-4", true},
		{"-cpu 2,4", "A-2 A-4 B-2 B-4", true},
		{"-cpu 1,2, and the last failed", "A A-2 B", true},
		{"-cpu 1,2, and the first failed", "A B B-2", false},
		{"-cpu with one function", "A A-2", true},
		{"-cpu with sub-benchmarks", "A/x A/y A/x-2 A/y-2", true},
		{"two machines, one with more", "A-4 B-4 A-8 B-8 C-8 D-8", false},
		{"sizes", "Sort/n-10 Sort/n-100 Sort/n-1000 Sort/n-10000", false},
		{"one size", "Sort/n-4096", false},
		{"leading zero", "A-08 B-08", false},
		{"-1 is no suffix", "A-1 B-1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := procsKnown(strings.Fields(c.names)); got != c.want {
				t.Errorf("procsKnown(%s) = %v", c.names, got)
			}
		})
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, head, text, events string }{
		{name: "empty"},
		{"config line", "goos: linux\n", "line goos: linux", ""},
		{"result behind a log", "go: downloading x v1\n\nBenchmarkA-8   \t 10\t 1 ns/op\n", "result line BenchmarkA-8", ""},
		{"old go test", "PASS\nBenchmarkA\t 10\t 1 ns/op\n", "result line BenchmarkA", ""},
		{"nothing matched", "PASS\nok  \tp\t0.1s\n", "summary line ok  \tp\t0.1s", ""},
		{"build failed", "# p\nFAIL\tp [build failed]\n", "summary line FAIL\tp [build failed]", ""},
		{"benchstat", "       │ sec/op │ sec/op vs base │\n", "benchstat table", ""},
		{"criterion", "Benchmarking fib 20\nBenchmarking fib 20: Warming up for 3.0000 s\nfib 20  time: [1.0 us 1.1 us 1.2 us]\n", "", ""},
		{"libtest", "running 1 test\ntest bench_fib ... bench:       1,234 ns/iter (+/- 56)\n", "", ""},
		{"table of another tool", "Benchmark      Mode  Cnt  Score  Error  Units\nFib.run  avgt  5  1.2 ± 0.1  ns/op\n", "", ""},
		{"result behind a JSON log", `{"level":"info"}` + "\nBenchmarkA 10 1 ns/op\n", "result line BenchmarkA", ""},
		{"events with text between", "FAIL\tq [build failed]\n" + `{"Action":"start","Package":"p"}` + "\n", "", "test event start"},
		{"words", "Benchmark 5 things\nok then\nFAILED\n", "", ""},
		{"event", `{"Time":"2026-01-02T03:04:05Z","Action":"start","Package":"p"}` + "\n", "", "test event start"},
		{"build event behind a log", "go: downloading x v1\n" + `{"ImportPath":"p","Action":"build-output","Output":"x"}` + "\n", "", "test event build-output"},
		{"event cut off at the end of the head", `{"Action":"start","Package":"p"}` + "\n" + `{"Act`, "", "test event start"},
		{"other NDJSON", `{"type":"Metric","metric":"http_reqs"}` + "\n", "", ""},
		{"other action", `{"Action":"deploy","Package":"p"}` + "\n", "", ""},
		{"event without a package", `{"Time":"2026-01-02T03:04:05Z","Action":"start"}` + "\n", "", "test event start"},
		{"action alone", `{"Action":"output","Output":"goos: linux"}` + "\n", "", ""},
		{"JSON over several lines", "{\n  \"Action\": \"start\"\n}\n", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := [2]string{Sniff([]byte(c.head)), SniffJSON([]byte(c.head))}
			if d := cmp.Diff([2]string{c.text, c.events}, got); d != "" {
				t.Errorf("text and events (-want +got):\n%s", d)
			}
		})
	}
}
