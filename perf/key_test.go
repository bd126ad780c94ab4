package perf

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLatencyPercentile(t *testing.T) {
	t.Parallel()
	for spelled, want := range map[string]string{
		"95": "latency_p95", "50": "latency_p50", "100": "latency_p100", "0": "latency_p0", "10": "latency_p10",
		"99.9": "latency_p99.9", "99.90": "latency_p99.9", "99.99": "latency_p99.99", "99.0": "latency_p99", "100.00": "latency_p100",
		"99.": "latency_p99", "0.50": "latency_p0.5",
	} {
		if got := LatencyPercentile(spelled); got != want {
			t.Errorf("LatencyPercentile(%q) = %q, want %q", spelled, got, want)
		}
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	for metric, want := range map[string]float64{
		"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99, "latency_p99.9": 0.999, "latency_p99.99": 0.9999,
		"latency_p0": 0, "latency_p100": 1, "latency_max": 1, "latency_min": 0, "latency_p66": 0.66, "latency_p0.5": 0.005,
	} {
		got, ok := Quantile(metric)
		if !ok || math.Abs(got-want) > 1e-15 {
			t.Errorf("Quantile(%q) = %v, %t, want %v", metric, got, ok, want)
		}
	}
	for _, metric := range []string{
		"", "latency_avg", "latency_", "latency_p", "latency_pNaN", "latency_pInf", "latency_p0x10", "latency_p1_0", "latency_p-1",
		"latency_p100.1", "latency_p999", "latency_p95 ", "latency_p95%", "latency_P95", "latency_p95_ms", "p95", "throughput",
	} {
		if got, ok := Quantile(metric); ok || got != 0 {
			t.Errorf("Quantile(%q) = %v, %t, want none", metric, got, ok)
		}
	}
}

func TestIsLatency(t *testing.T) {
	t.Parallel()
	got := map[string]bool{}
	for _, m := range []string{LatencyAvg, LatencyMin, LatencyMax, "latency_p95", "latency_jitter", "latency", "Latency_p95", Throughput, ""} {
		got[m] = IsLatency(m)
	}
	want := map[string]bool{
		LatencyAvg: true, LatencyMin: true, LatencyMax: true, "latency_p95": true, "latency_jitter": true,
		"latency": false, "Latency_p95": false, Throughput: false, "": false,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("IsLatency (-want +got):\n%s", d)
	}
}

func TestKeyOrder(t *testing.T) {
	t.Parallel()
	sorted := []Key{
		{},
		{Metric: "z"},
		{Subject: "GET /", Metric: "latency_p95"},
		{Subject: "GET /", Metric: "latency_p95", Labels: "instances=10"},
		{Subject: "GET /", Metric: "latency_p95", Labels: "instances=4"},
		{Subject: "GET /", Metric: "throughput"},
		{Subject: "GET /a", Metric: "latency_p95"},
		{Subject: "get /", Metric: "a"},
	}
	for i, a := range sorted {
		for j, b := range sorted {
			if got, want := a.Compare(b), sign(i-j); got != want {
				t.Errorf("%v.Compare(%v) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestKeyString(t *testing.T) {
	t.Parallel()
	for want, k := range map[string]Key{
		"POST /api/v1/chat/message · latency_p95 · {instances=4}": {"POST /api/v1/chat/message", "latency_p95", "instances=4"},
		"Encode · time_per_op":  {"Encode", TimePerOp, ""},
		` · x · {a=1,b=\,\=\\}`: {"", "x", NewLabels(map[string]string{"b": `,=\`, "a": "1"})},
	} {
		if got := k.String(); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
}

// hostileLabels are sets that a careless encoding would confuse or lose.
var hostileLabels = []map[string]string{
	{},
	{"": ""},
	{"": "x"},
	{"a": ""},
	{"a": "1", "b": "2", "c": ""},
	{"a": "1,b=2"},
	{"a=1,b": "2"},
	{`a\`: `\b`},
	{`\`: `\\`, `\\`: `\`},
	{",": "=", "=": ","},
	{"a": "x\ny", "b": "\x00", "c": "\xff\xfe"},
	{"ключ": "значение", "🙂": "{}"},
}

func TestLabelsRoundTrip(t *testing.T) {
	t.Parallel()
	seen := map[Labels]int{}
	for i, pairs := range hostileLabels {
		l := NewLabels(pairs)
		if d := cmp.Diff(pairs, l.Map()); d != "" {
			t.Errorf("set %d as %q (-want +got):\n%s", i, l, d)
		}
		if j, twice := seen[l]; twice {
			t.Errorf("sets %d and %d have the same text %q", i, j, l)
		}
		seen[l] = i
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	l := NewLabels(map[string]string{"pkg": "example.com/a", "gomaxprocs": "8"})
	if want := Labels("gomaxprocs=8,pkg=example.com/a"); l != want {
		t.Fatalf("NewLabels = %q, want %q", l, want)
	}
	if d := cmp.Diff([]Label{{"gomaxprocs", "8"}, {"pkg", "example.com/a"}}, l.List()); d != "" {
		t.Errorf("List (-want +got):\n%s", d)
	}
	if got := l.Get(LabelGoMaxProcs) + l.Get("absent"); got != "8" {
		t.Errorf("Get = %q, want 8 and nothing", got)
	}
	if got, want := l.String(), "{gomaxprocs=8,pkg=example.com/a}"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
	if got := Labels("").String(); got != "" {
		t.Errorf("String of no labels = %q", got)
	}
	if got := Labels("").Map(); got == nil || len(got) != 0 {
		t.Errorf("Map of no labels = %#v", got)
	}
}

func TestLabelsWith(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		labels      Labels
		name, value string
		want        Labels
	}{
		{"", "b", "2", "b=2"},
		{"a=1,c=3", "b", "2", "a=1,b=2,c=3"},
		{"a=1,b=2", "b", "3", "a=1,b=3"},
		{"a=1,b=2", "b", "", "a=1"},
		{"b=2", "b", "", ""},
		{"", "b", "", ""},
		{"a=1", "b,", "=", `a=1,b\,=\=`},
	} {
		if got := c.labels.With(c.name, c.value); got != c.want {
			t.Errorf("%q.With(%q, %q) = %q, want %q", c.labels, c.name, c.value, got, c.want)
		}
	}
}

// FuzzLabels holds that canonical text is the set it was made from, whatever is in
// it, and that no text that claims to be canonical makes the reader fail.
func FuzzLabels(f *testing.F) {
	for _, pairs := range hostileLabels {
		list := slices.Sorted(maps.Keys(pairs))
		list = append(list, "", "")
		f.Add(list[0], pairs[list[0]], list[1], pairs[list[1]])
	}
	f.Add(`\`, "=", "a,", `=\`)
	f.Fuzz(func(t *testing.T, n1, v1, n2, v2 string) {
		pairs := map[string]string{n1: v1, n2: v2}
		l := NewLabels(pairs)
		if d := cmp.Diff(pairs, l.Map()); d != "" {
			t.Fatalf("%q (-want +got):\n%s", l, d)
		}
		if again := NewLabels(l.Map()); again != l {
			t.Fatalf("%q is canonical, %q came back", l, again)
		}
		if got := l.Get(n2); got != v2 {
			t.Fatalf("%q.Get(%q) = %q, want %q", l, n2, got, v2)
		}
		checkWith(t, l, n1, v2)
		checkForeign(t, Labels(strings.Join([]string{n1, v1, n2, v2}, "=")))
	})
}

func checkWith(t *testing.T, l Labels, name, value string) {
	t.Helper()
	want := l.Map()
	want[name] = value
	if value == "" {
		delete(want, name)
	}
	if got := l.With(name, value); got != NewLabels(want) {
		t.Fatalf("%q.With(%q, %q) = %q, want %q", l, name, value, got, NewLabels(want))
	}
}

// checkForeign holds that text that [NewLabels] did not write still has pairs that
// it can write.
func checkForeign(t *testing.T, l Labels) {
	t.Helper()
	m := l.Map()
	if d := cmp.Diff(m, NewLabels(m).Map()); d != "" {
		t.Fatalf("pairs of %q (-want +got):\n%s", l, d)
	}
}
