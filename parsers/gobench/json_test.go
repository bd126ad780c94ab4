package gobench

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/parsers/decode"
	"speedgate/perf"
)

func TestParseJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     []string
		warnings []string
	}{
		{
			name: "packages mixed and results split",
			in: `{"Action":"output","Package":"p","Output":"BenchmarkA-2  \t"}
				{"Action":"output","Package":"q","Output":"BenchmarkA-2  \t"}
				{"Action":"output","Package":"p","Output":"    1000\t 1"}
				{"Action":"output","Package":"q","Output":"    1000\t 2 ns/op\nPASS\n"}
				{"Action":"output","Package":"p","Output":"6 ns/op\n"}
				{"Action":"pass","Package":"q"}
				{"Action":"pass","Package":"p"}`,
			want: []string{
				"A · time_per_op · {gomaxprocs=2,pkg=p} = [16] ns/op", "A · time_per_op · {gomaxprocs=2,pkg=q} = [2] ns/op",
			},
		},
		{
			name: "a failed test is no failed package",
			in: `{"Action":"output","Package":"p","Output":"BenchmarkA 1 1 ns/op\n"}
				{"Action":"fail","Package":"p","Test":"TestX"}

				{"Action":"pass","Package":"p"}`,
			want: []string{"A · time_per_op · {pkg=p} = [1] ns/op"},
		},
		{
			name: "a package that failed without a word",
			in: `{"Action":"output","Package":"p","Output":"BenchmarkA 1 1 ns/op\nBenchmarkB-2 \t"}
				{"Action":"fail","Package":"p"}`,
			want: []string{"A · time_per_op · {pkg=p} = [1] ns/op"},
			warnings: []string{
				"in:1: incomplete: BenchmarkB-2 has no result", "in:2: incomplete: package p failed",
			},
		},
		{
			name: "go tool test2json without a package",
			in: `{"Time":"2026-01-02T03:04:05Z","Action":"output","Output":"pkg: p\nBenchmarkA 1 1 ns/op\nexit status 2\n"}
				{"Time":"2026-01-02T03:04:05Z","Action":"fail"}`,
			want:     []string{"A · time_per_op · {pkg=p} = [1] ns/op"},
			warnings: []string{"in:2: incomplete: package p failed"},
		},
		{
			name: "events that stop",
			in: `{"Action":"start","Package":"p"}
				{"Action":"output","Package":"p","Output":"BenchmarkA 1 1 ns/op\n"}
				{"Action":"run","Package":"p","Test":"BenchmarkB"}`,
			want:     []string{"A · time_per_op · {pkg=p} = [1] ns/op"},
			warnings: []string{"in:2: incomplete: the events of package p stop before its end"},
		},
		{
			name: "printed text that tells how another process ended",
			in: `{"Action":"output","Package":"p","Output":"BenchmarkA 1 1 ns/op\nexit status 1\n"}
				{"Action":"pass","Package":"p"}`,
			want: []string{"A · time_per_op · {pkg=p} = [1] ns/op"},
		},
		{
			name: "text between the events",
			in: "go: downloading x v1\n" + `{"Action":"output","Package":"p","Output":"BenchmarkA 1 1 ns/op\n"}
				FAIL	q [build failed]
				{"Action":"pass","Package":"p"}`,
			want: []string{"A · time_per_op · {pkg=p} = [1] ns/op"},
			warnings: []string{
				"in:3: incomplete: package q failed (build failed)",
				"in:1: 2 lines between JSON events, read as text; the first is here",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := parseEvents(c.in)
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

func TestParseJSONErrors(t *testing.T) {
	t.Parallel()
	start := `{"Action":"start","Package":"p"}` + "\n"
	for _, c := range []struct{ name, in, want string }{
		{"cut off", start + `{"Action":"outp`, "in:2: expected a test event in JSON: unexpected end of JSON input"},
		{"not JSON", start + "{oops}\n", "in:2: expected a test event in JSON: invalid character 'o' looking for beginning of object key string"},
		{"wrong type", start + `{"Action":7}`, "in:2: expected a test event in JSON: json: cannot unmarshal number into Go struct field event.Action of type string"},
		{"other JSON", start + `{"level":"info"}`, `in:2: expected a test event in JSON, with an action; "" is none`},
		{"bad value", start + `{"Action":"output","Package":"p","Output":"BenchmarkA 1 NaN ns/op\n"}`, `in:2: "NaN" is not a finite number`},
		{
			"two machines", `{"Action":"output","Package":"p","Output":"goos: linux\n"}` + "\n" + `{"Action":"output","Package":"q","Output":"goos: darwin\n"}`,
			`in:2: goos is "darwin" here and "linux" at in:1; give the results of each machine in a file of its own`,
		},
		{"empty", "", "in: expected the output of go test -bench, with at least one result line: no results"},
		{"nothing but a start", start, "in:1: incomplete: the events of package p stop before its end: no results"},
		{"endless line", start + strings.Repeat("x", decode.MaxLine+1), "in:2: line longer than 16 MB"},
		{
			"endless output", strings.Repeat(`{"Action":"output","Package":"p","Output":"`+strings.Repeat("x", decode.MaxLine/2)+"\"}\n", 3),
			"in:1: line longer than 16 MB",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := parseEvents(c.in)
			if r != nil || err == nil {
				t.Fatalf("got run %v, error %v", r, err)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
			if _, ok := errors.AsType[*perf.InputError](err); !ok {
				t.Error("no *perf.InputError")
			}
		})
	}
}

// eventsOf cuts text into the events of one package, at random places.
func eventsOf(t *testing.T, text, pkg string, rnd *rand.Rand) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	write := func(e event) {
		if err := enc.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	for len(text) > 0 {
		n := min(1+rnd.IntN(60), len(text))
		write(event{Action: "output", Package: pkg, Output: text[:n]})
		text = text[n:]
	}
	write(event{Action: "pass", Package: pkg})
	return b.String()
}

// However the output of a package is cut into events, it says what the text says.
func TestEventsAgreeWithText(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain", "benchmem-count", "cpu", "noisy", "noisy-verbose", "crash", "failing", "names", "units"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("testdata/ok", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			want, err := parseText(string(text))
			if err != nil {
				t.Fatal(err)
			}
			pkg := want.Series[0].Key.Labels.Get(perf.LabelPackage)
			got, err := parseEvents(eventsOf(t, string(text), pkg, rand.New(rand.NewPCG(1, 2))))
			if err != nil {
				t.Fatal(err)
			}
			opts := cmp.Options{cmpopts.IgnoreTypes(perf.Pos{}), cmpopts.IgnoreFields(perf.Source{}, "Format")}
			if d := cmp.Diff(want, got, opts); d != "" {
				t.Errorf("(-text +events):\n%s", d)
			}
		})
	}
}
