package baseline

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"speedgate/perf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// richFile uses every part of the schema.
func richFile(t testing.TB) *File {
	t.Helper()
	f := new(File)
	add := func(suite string, env perf.Env, info perf.RunInfo, o AddOptions, series ...perf.Series) {
		if _, err := f.Add(suite, env, info, runOf(series...), o); err != nil {
			t.Fatal(err)
		}
	}
	accept, err := perf.ParsePattern("POST /\"x\":*")
	if err != nil {
		t.Fatal(err)
	}
	load := at("100", 1)
	load.Workload = perf.Workload{Users: 50, SpawnRate: 2.5, Rate: 40, Duration: 5 * time.Minute, Host: "http://localhost:8000"}
	add("load", linux, load, AddOptions{}, latency("GET /a:latency_p95", 10, 12), latency("POST /\"x\":latency_p95", 1e-7))
	add("load", linux, at("101", 2), AddOptions{Improved: []perf.Key{key("GET /a:latency_p95")}}, latency("GET /a:latency_p95", 5))
	add("load", linux, at("102", 3), AddOptions{Accept: []perf.Pattern{accept}, Reason: "slower, <but> \"right\"\n"},
		latency("GET /a:latency_p95", 6), latency("POST /\"x\":latency_p95", 20))
	allocs := perf.Series{
		Key:  perf.Key{Subject: "Parse/größe=1", Metric: perf.AllocsPerOp, Labels: perf.NewLabels(map[string]string{"pkg": "a,b=c", "gomaxprocs": "8"})},
		Unit: "allocs/op", Better: perf.BetterLower, Kind: perf.KindSample, Exact: true, Samples: []float64{3}, Count: 1000000,
	}
	odd := perf.Series{Key: key("Parse:things"), Unit: "things", Samples: []float64{-1e21, 0}}
	add("", perf.Env{Name: "ci", Runner: "ubuntu-24.04"}, at("7", 1), AddOptions{}, allocs, odd)
	return f
}

func TestEncodeGolden(t *testing.T) {
	t.Parallel()
	got := richFile(t).Encode()
	golden := filepath.Join("testdata", "rich.json")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "file", string(want), string(got))
}

func TestEncodeEmpty(t *testing.T) {
	t.Parallel()
	want := `{
  "schema": "speedgate.baseline/v1",
  "estimators": {"value": "median", "spread": "median absolute deviation", "quantile": "type 7"},
  "entries": []
}
`
	wantEqual(t, "file", want, string(new(File).Encode()))
}

func TestParseOfEncodeIsTheFile(t *testing.T) {
	t.Parallel()
	f := richFile(t)
	wantEqual(t, "rich file", f, mustParse(t, string(f.Encode())), compareFiles)
	for seed := range uint64(200) {
		f := randomFile(t, rand.New(rand.NewPCG(seed, 3)))
		wantEqual(t, fmt.Sprintf("seed %d", seed), f, mustParse(t, string(f.Encode())), compareFiles)
	}
}

// mergeFile merges two versions of a baseline as git does, without a repository.
func mergeFile(t *testing.T, base, ours, theirs *File) (merged []byte, clean bool) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("git is not installed")
		}
		t.Skip("git is not installed")
	}
	folder := t.TempDir()
	for name, f := range map[string]*File{"base": base, "ours": ours, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(folder, name), f.Encode(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "git", "merge-file", "-p", "ours", "base", "theirs")
	cmd.Dir = folder
	merged, err := cmd.Output()
	return merged, err == nil
}

func TestBranchesMerge(t *testing.T) {
	t.Parallel()
	base, ours, theirs := richFile(t), richFile(t), richFile(t)
	both := richFile(t)
	for _, f := range []*File{ours, both} {
		mustAddTo(t, f, "load", linux, at("103", 4))
	}
	for _, f := range []*File{theirs, both} {
		mustAddTo(t, f, "", perf.Env{Name: "ci"}, at("8", 4))
	}
	merged, clean := mergeFile(t, base, ours, theirs)
	if !clean {
		t.Fatal("two suites conflict")
	}
	wantEqual(t, "merged", string(both.Encode()), string(merged))

	theirs = richFile(t)
	mustAddTo(t, theirs, "load", linux, at("104", 5))
	merged, clean = mergeFile(t, base, ours, theirs)
	if clean {
		t.Fatal("two runs of one suite merge line by line, which would mix up their values")
	}
	_, err := Parse(merged, "base.json")
	if err == nil || !strings.Contains(err.Error(), "a conflict of a git merge is not resolved") {
		t.Errorf("the conflict reads as %v", err)
	}
}

func mustAddTo(t *testing.T, f *File, suite string, env perf.Env, info perf.RunInfo) {
	t.Helper()
	if _, err := f.Add(suite, env, info, runOf(latency("GET /a:latency_p95", 7)), AddOptions{}); err != nil {
		t.Fatal(err)
	}
}

// randomFile holds numbers of every size and names that need escapes.
func randomFile(t *testing.T, r *rand.Rand) *File {
	t.Helper()
	f := new(File)
	names := []string{"a", "GET /x", "ü", "<b>", "a\"b\\c", "tab\there", "\u2028", "\x7f", "😀", " "}
	for i := range 1 + r.IntN(6) {
		var series []perf.Series
		for _, n := range names[r.IntN(len(names)):] {
			s := perf.Series{Key: perf.Key{Subject: n, Metric: "m", Labels: perf.NewLabels(map[string]string{n: n})}}
			for range 1 + r.IntN(3) {
				s.Samples = append(s.Samples, math.Float64frombits(r.Uint64()&^(1<<62)))
			}
			s.Count = r.Int64N(3) * r.Int64()
			s.Count = max(s.Count, 0)
			series = append(series, s)
		}
		info := at(names[r.IntN(len(names))]+fmt.Sprint(i), r.IntN(5))
		info.Time = info.Time.Add(time.Duration(r.IntN(2e9)))
		env := perf.Env{Name: names[r.IntN(3)], Cores: r.IntN(3)}
		if _, err := f.Add(names[r.IntN(3)], env, info, runOf(series...), AddOptions{Window: r.IntN(4)}); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func FuzzParse(f *testing.F) {
	f.Add(richFile(f).Encode())
	f.Add(new(File).Encode())
	f.Add([]byte(document(oneRun, oneMetric)))
	f.Add([]byte(`{"latency": {"p50": 45.2, "p95": 98}, "throughput": {"avg": 1043.5}}`))
	f.Add([]byte("<<<<<<< HEAD\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data, "fuzz.json")
		if err != nil {
			checkPlaces(t, err)
			return
		}
		if file.plain {
			return // becomes one of the schema only by Add
		}
		text := file.Encode()
		again, err := Parse(text, "fuzz.json")
		if err != nil {
			t.Fatalf("the file that was written cannot be read: %v\n%s", err, text)
		}
		wantEqual(t, "written and read", file, again, compareFiles)
		wantEqual(t, "written twice", string(text), string(again.Encode()))
		addToAll(t, file)
	})
}

// checkPlaces holds every error to a place in the file.
func checkPlaces(t *testing.T, err error) {
	t.Helper()
	errs := []error{err}
	if many, ok := err.(perf.InputErrors); ok {
		errs = many.Unwrap()
	}
	for _, err := range errs {
		if e, ok := err.(*perf.InputError); !ok || e.Pos.File != "fuzz.json" {
			t.Errorf("no place: %v", err)
		}
	}
}

// addToAll merges a run into each entry that was read: whatever a file holds, the
// merge must neither panic nor write what cannot be read.
func addToAll(t *testing.T, file *File) {
	t.Helper()
	for _, e := range file.entries {
		series := perf.Series{Key: e.metrics[0].Key, Unit: e.metrics[0].Unit, Samples: []float64{1, 2}}
		o := AddOptions{Window: 2, Improved: []perf.Key{series.Key}}
		if _, err := file.Add(e.suite, e.env, at("new", 1), runOf(series), o); err != nil {
			continue
		}
		if _, err := Parse(file.Encode(), "fuzz.json"); err != nil {
			t.Fatalf("after Add: %v", err)
		}
	}
}

// largeFile has as many metrics and runs as a large monorepo.
func largeFile(b *testing.B, metrics, runs int) *File {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	f := new(File)
	for i := range runs {
		run := &perf.Run{}
		for m := range metrics {
			run.Series = append(run.Series, perf.Series{
				Key:  perf.Key{Subject: fmt.Sprintf("Benchmark%05d/size=%d", m, m%7), Metric: perf.TimePerOp, Labels: "gomaxprocs=8,pkg=example.com/large/repository"},
				Unit: "ns/op", Better: perf.BetterLower, Kind: perf.KindSample, Count: 1000,
				Samples: []float64{math.Round(r.Float64()*1e6) / 100, math.Round(r.Float64()*1e6) / 100},
			})
		}
		if _, err := f.Add("micro", linux, at(fmt.Sprint(i), i), []*perf.Run{run}, AddOptions{Window: runs}); err != nil {
			b.Fatal(err)
		}
	}
	return f
}

func BenchmarkEncode(b *testing.B) {
	f := largeFile(b, 30000, 20)
	b.SetBytes(int64(len(f.Encode())))
	b.ReportAllocs()
	for b.Loop() {
		f.Encode()
	}
}

func BenchmarkParse(b *testing.B) {
	data := largeFile(b, 30000, 20).Encode()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data, "large.json"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	f := largeFile(b, 30000, 20)
	run := &perf.Run{}
	for _, m := range f.entries[0].metrics {
		run.Series = append(run.Series, perf.Series{Key: m.Key, Unit: m.Unit, Better: m.Better, Kind: m.Kind, Samples: []float64{1, 2}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Add("micro", linux, at("new", 23), []*perf.Run{run}, AddOptions{Window: 20}); err != nil {
			b.Fatal(err)
		}
	}
}
