package baseline

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/perf"
)

var linux = perf.Env{OS: "linux", Arch: "amd64", CPU: "EPYC 7763", Cores: 4, Runtime: "go1.26"}

// compareFiles compares whole files, apart from the places they were read from.
var compareFiles = cmp.Options{
	cmp.AllowUnexported(File{}, entry{}, metric{}),
	cmpopts.IgnoreTypes(perf.Pos{}),
	cmpopts.EquateEmpty(),
}

// at returns a run's identity: its time is so many hours into a fixed day.
func at(id string, hour int) perf.RunInfo {
	return perf.RunInfo{ID: id, Commit: "c" + id, Time: time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC)}
}

// key reads "subject:metric".
func key(text string) perf.Key {
	subject, name, _ := strings.Cut(text, ":")
	return perf.Key{Subject: subject, Metric: name}
}

// latency is a p95 in ms of "subject:metric".
func latency(name string, samples ...float64) perf.Series {
	return perf.Series{
		Key: key(name), Unit: "ms", Better: perf.BetterLower, Kind: perf.KindQuantile,
		Samples: samples, Count: 1000, Step: 1,
	}
}

func runOf(series ...perf.Series) []*perf.Run {
	r := &perf.Run{Series: series}
	r.Sort()
	return []*perf.Run{r}
}

func mustAdd(t *testing.T, f *File, info perf.RunInfo, runs []*perf.Run, o AddOptions) Changes {
	t.Helper()
	c, err := f.Add("api", linux, info, runs, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustParse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse([]byte(text), "base.json")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func patterns(t *testing.T, texts ...string) []perf.Pattern {
	t.Helper()
	var list []perf.Pattern
	for _, text := range texts {
		p, err := perf.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// window returns the window of the suite api on linux.
func window(t *testing.T, f *File) *perf.Window {
	t.Helper()
	w, _ := f.Window("api", linux)
	if w == nil {
		t.Fatal("no window")
	}
	return w
}

// past returns one metric of the window of the suite api on linux.
func past(t *testing.T, f *File, name string) perf.Past {
	t.Helper()
	for _, p := range window(t, f).Metrics {
		if p.Key == key(name) {
			return p
		}
	}
	t.Fatalf("no metric %q", name)
	return perf.Past{}
}

// values returns the values of a metric by run id.
func values(t *testing.T, f *File, name string) map[string]float64 {
	t.Helper()
	m := map[string]float64{}
	w := window(t, f)
	for _, p := range past(t, f, name).Points {
		m[w.Runs[p.Run].ID] = p.Value
	}
	return m
}

func wantEqual(t *testing.T, what string, want, got any, o ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, o...); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func wantError(t *testing.T, want string, err error) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	wantEqual(t, "error", want, got)
}
