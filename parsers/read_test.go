package parsers_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/parsers"
	"speedgate/perf"
)

const (
	statsHeader   = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%\n"
	stats         = statsHeader + "GET,/a,1000,3,20,21.5,10,60,100,100,0,20,40\n,Aggregated,1000,3,20,21.5,10,60,100,100,0,20,40\n"
	failures      = "Method,Name,Error,Occurrences\nGET,/a,timeout,3\n"
	bench         = "BenchmarkX-2 \t1000\t100 ns/op\n"
	benchEvents   = `{"Time":"2026-01-01T00:00:00Z","Action":"output","Package":"p","Output":"BenchmarkX-2 \t1000\t100 ns/op\n"}` + "\n"
	plainJSON     = `{"latency": {"p95": 98}, "throughput": {"avg": 1043.5}}`
	locustEntries = `[{"name": "/a", "method": "GET", "last_request_timestamp": 20, "start_time": 10, "num_requests": 4, "num_none_requests": 0,` +
		`"num_failures": 0, "total_response_time": 40, "max_response_time": 10, "min_response_time": 10, "total_content_length": 4,` +
		`"response_times": {"10": 4}, "num_reqs_per_sec": {"10": 4}, "num_fail_per_sec": {}}]`
)

func input(name, text string) parsers.Input {
	return parsers.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func TestReadDetects(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		stats: "locust-stats", bench: "go-bench", benchEvents: "go-bench-json", plainJSON: "json", locustEntries: "locust-json",
	} {
		runs, _, err := parsers.Read([]parsers.Input{input("in", text)}, "", parsers.Options{})
		if err != nil || len(runs) != 1 || runs[0].Source.Format != want || runs[0].Source.Rule == "" {
			t.Errorf("%.40q: got %v, %v, want one run of %s with the rule that recognised it", text, runs, err, want)
		}
		if got := parsers.Detect(strings.NewReader(text)); got != want {
			t.Errorf("Detect(%.40q) = %q, want %q", text, got, want)
		}
	}
}

// TestReadJoins demands that the files of one Locust test are one run, and those of
// two tests two.
func TestReadJoins(t *testing.T) {
	t.Parallel()
	runs, _, err := parsers.Read([]parsers.Input{
		input("a_stats.csv", stats), input("b_stats.csv", stats), input("a_failures.csv", failures), input("bench.txt", bench),
	}, "", parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, strings.Join(r.Source.Files, "+"))
	}
	if d := cmp.Diff([]string{"a_stats.csv+a_failures.csv", "b_stats.csv", "bench.txt"}, got); d != "" {
		t.Errorf("runs (-want +got):\n%s", d)
	}
	if len(runs[0].Failures) != 1 || len(runs[1].Failures) != 0 {
		t.Errorf("failures %v and %v, want one and none", runs[0].Failures, runs[1].Failures)
	}
}

func TestReadLabels(t *testing.T) {
	t.Parallel()
	in := input("i4.txt", bench)
	in.Labels = map[string]string{"instances": "4"}
	runs, _, err := parsers.Read([]parsers.Input{in}, "", parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := perf.Key{Subject: "X", Metric: "time_per_op", Labels: "gomaxprocs=2,instances=4"}
	if got := runs[0].Series[0].Key; got != want {
		t.Errorf("key %v, want %v", got, want)
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	cases := []struct {
		name   string
		inputs []parsers.Input
		format string
		want   string
	}{
		{"empty", []parsers.Input{input("x.txt", " \n")}, "", "x.txt: nothing to read: the file is empty: no results"},
		{
			"prose",
			[]parsers.Input{input("x.txt", "hello\n")},
			"",
			"x.txt: not recognised: it begins with \"hello\", which is not a format that this version reads; `speedgate formats` lists those",
		},
		{
			"another tool",
			[]parsers.Input{input("x.jtl", "timeStamp,elapsed,label\n")},
			"",
			"x.jtl: not recognised: this looks like JMeter results, which is not a format that this version reads; `speedgate formats` lists those",
		},
		{
			"a report of its own",
			[]parsers.Input{input("x.json", `{"schema":"speedgate.report/v1","metrics":[{"p95_ms":1}]}`)},
			"json",
			"x.json: cannot be checked: a baseline or report of speedgate, not results",
		},
		{"no such format", []parsers.Input{input("x.txt", bench)}, "k6", "\"k6\" is not the name of a format; `speedgate formats` lists them"},
		{"a family that does not know it", []parsers.Input{input("x.txt", bench)}, "locust", "x.txt: not recognised: it begins with \"BenchmarkX-2 \\t1000\\t100 ns/op\", which is not a format that this version reads; `speedgate formats` lists those"},
		{"cannot be opened", []parsers.Input{{Name: "x", Open: func() (io.ReadCloser, error) { return nil, broken }}}, "", "disk on fire"},
		{
			"several, in input order",
			[]parsers.Input{input("b.txt", ""), input("a.txt", "")},
			"",
			"b.txt: nothing to read: the file is empty: no results\na.txt: nothing to read: the file is empty: no results",
		},
		{"failures alone", []parsers.Input{input("a_failures.csv", failures)}, "", "a_failures.csv: failures without the stats file beside it: no results"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := parsers.Read(c.inputs, c.format, parsers.Options{})
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// TestReadOptional demands that files nobody named are left out with a warning when
// they are no results, and refused when they are broken results.
func TestReadOptional(t *testing.T) {
	t.Parallel()
	notes, empty, cut := input("notes.txt", "hello\n"), input("empty.txt", ""), input("cut.txt", "BenchmarkX-2 \t1000\t-5 ns/op\n")
	own := input("base.json", "{\n  \"entries\": [],\n  \"schema\" : \"speedgate.baseline/v1\"}")
	notes.Optional, empty.Optional, cut.Optional, own.Optional = true, true, true, true
	runs, warnings, err := parsers.Read([]parsers.Input{notes, input("bench.txt", bench), empty, own}, "", parsers.Options{})
	want := []perf.Warning{
		{Pos: perf.Pos{File: "notes.txt"}, Msg: "left out: no result file"},
		{Pos: perf.Pos{File: "empty.txt"}, Msg: "left out: no result file"},
		{Pos: perf.Pos{File: "base.json"}, Msg: "left out: a baseline or report of speedgate, not results"},
	}
	if d := cmp.Diff(want, warnings); d != "" || err != nil || len(runs) != 1 {
		t.Errorf("%d runs, %v, warnings (-want +got):\n%s", len(runs), err, d)
	}
	if _, _, err := parsers.Read([]parsers.Input{cut}, "", parsers.Options{}); err == nil {
		t.Error("a broken result file is left out in silence")
	}
}

// TestFormats demands that each format is complete and has a name of its own.
func TestFormats(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range parsers.Formats() {
		if seen[f.Name] || f.Name == "" || f.About == "" || f.Sniff == nil || f.Parse == nil || (f.Group == nil) != (f.Join == nil) {
			t.Errorf("format %q is there twice or incomplete", f.Name)
		}
		seen[f.Name] = true
	}
}

// FuzzRead demands of any input in any format that reading ends with runs that
// hold their invariants, or with an error.
func FuzzRead(f *testing.F) {
	for _, text := range []string{stats, failures, bench, benchEvents, plainJSON, locustEntries, "\ufeff" + bench, "\x1f\x8b", ""} {
		f.Add(text, "a_stats.csv")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		runs, _, err := parsers.Read([]parsers.Input{input(name, text)}, "", parsers.Options{})
		if err == nil && len(runs) != 1 {
			t.Errorf("%d runs and no error", len(runs))
		}
		for _, r := range runs {
			if err := r.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}
