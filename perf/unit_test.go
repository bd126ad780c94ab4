package perf

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spellings are all units that are known, by dimension, each with its size in the
// base unit, worked out by hand.
var spellings = map[Dimension]map[Unit]float64{
	DimensionNone: {"": 1},
	DimensionTime: {
		"ns": 1, "nanoseconds": 1, "us": 1000, "µs": 1000, "μs": 1000, "microseconds": 1000, "ms": 1_000_000, "milliseconds": 1_000_000,
		"s": 1_000_000_000, "sec": 1_000_000_000, "seconds": 1_000_000_000, "m": 60_000_000_000, "min": 60_000_000_000,
		"h": 3_600_000_000_000, "ns/op": 1, "us/op": 1000, "µs/op": 1000, "ms/op": 1_000_000, "s/op": 1_000_000_000,
		"sec/op": 1_000_000_000, "ns/iter": 1, "ms/iter": 1_000_000,
	},
	DimensionSize: {
		"B": 1, "byte": 1, "bytes": 1, "kB": 1000, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
		"KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824, "TiB": 1_099_511_627_776, "B/op": 1, "bytes/op": 1, "MB/op": 1_000_000,
		"KiB/iter": 1024,
	},
	DimensionSizeRate: {
		"B/s": 1, "bytes/s": 1, "B/sec": 1, "kB/s": 1000, "MB/s": 1_000_000, "MB/sec": 1_000_000, "MiB/s": 1_048_576, "GB/s": 1_000_000_000,
		"bps": 0.125,
	},
	DimensionRate: {
		"/s": 1, "1/s": 1, "rps": 1, "qps": 1, "tps": 1, "ops": 1, "iops": 1, "IOPS": 1, "Hz": 1, "req/s": 1, "reqs/s": 1,
		"requests/s": 1, "requests/sec": 1, "op/s": 1, "ops/s": 1, "ops/sec": 1, "events/s": 1, "msgs/s": 1, "messages/s": 1, "queries/s": 1,
		"tx/s": 1, "transactions/s": 1, "conns/s": 1, "connections/s": 1, "executions/s": 1, "items/s": 1, "iter/s": 1,
		"/ms": 1000, "ops/us": 1_000_000, "ops/ns": 1_000_000_000, "req/min": 1.0 / 60, "req/m": 1.0 / 60, "/h": 1.0 / 3600,
	},
	DimensionRatio:  {"%": 1, "percent": 1, "ratio": 100},
	DimensionAllocs: {"allocs": 1, "allocs/op": 1},
}

func TestUnitSpellings(t *testing.T) {
	t.Parallel()
	for dim, units := range spellings {
		for u, size := range units {
			if got := u.Dimension(); got != dim || !u.Known() {
				t.Errorf("%q has the dimension %q, known %t, want %q", u, got, u.Known(), dim)
			}
			for to, toSize := range units {
				factor, ok := u.Factor(to)
				if want := size / toSize; !ok || math.Abs(factor/want-1) > 1e-15 {
					t.Errorf("%q.Factor(%q) = %v, %t, want %v", u, to, factor, ok, want)
				}
			}
		}
	}
}

// strangers are units that are not known: near misses of known spellings too.
var strangers = []Unit{
	"widgets", "MS", "ms ", " ms", "Ms", "b", "mb", "ms/request", "ms/s", "B/min", "widgets/s", "errors/s", "allocs/s", "op", "1",
	"/", "/op", "s/", "s/s/s", "unit ms",
}

func TestUnknownUnits(t *testing.T) {
	t.Parallel()
	for _, u := range strangers {
		if got, want := u.Dimension(), Dimension("unit "+string(u)); got != want || u.Known() {
			t.Errorf("%q has the dimension %q, known %t, want %q", u, got, u.Known(), want)
		}
		factor, ok := u.Factor(u)
		converted, convertible := u.Convert(3, u)
		if factor != 1 || !ok || converted != 3 || !convertible {
			t.Errorf("%q to itself: factor %v, %t; 3 is %v, %t", u, factor, ok, converted, convertible)
		}
	}
}

func TestBeside(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		u, other Unit
		metric   string
		want     Unit
	}{
		{"", "ratio", ErrorRate, "ratio"},
		{"", "%", ErrorRate, "%"},
		{"", "%", CPUUsage, ""},
		{"", "", ErrorRate, ""},
		{"", "/s", ErrorRate, ""},
		{"%", "ratio", ErrorRate, "%"},
	} {
		if got := c.u.Beside(c.other, c.metric); got != c.want {
			t.Errorf("%q beside %q of %s: %q, want %q", c.u, c.other, c.metric, got, c.want)
		}
	}
}

func TestDimensionsDoNotMix(t *testing.T) {
	t.Parallel()
	all := slices.Clone(strangers)
	for _, units := range spellings {
		all = slices.AppendSeq(all, maps.Keys(units))
	}
	for _, u := range all {
		for _, v := range all {
			if u.Dimension() == v.Dimension() {
				continue
			}
			factor, ok := u.Factor(v)
			converted, convertible := u.Convert(3, v)
			if factor != 0 || ok || converted != 0 || convertible {
				t.Errorf("%q to %q: factor %v, %t; 3 is %v, %t; want none", u, v, factor, ok, converted, convertible)
			}
		}
	}
}

// TestConvertIsExact holds for conversions whose result is a float64: then nothing
// may be lost, or a value at its limit would be over it.
func TestConvertIsExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value    float64
		from, to Unit
		want     float64
	}{
		{250, "us", "ms", 0.25},
		{0.25, "ms", "us", 250},
		{0.1, "s", "ms", 100},
		{100, "ms", "s", 0.1},
		{1.1, "ms", "us", 1100},
		{4.35, "s", "ms", 4350},
		{1234567, "ns/op", "ms", 1.234567},
		{50, "us", "ns/op", 50_000},
		{1.5, "min", "s", 90},
		{123.45, "MB/s", "B/s", 123_450_000},
		{1, "MiB", "KiB", 1024},
		{1, "MiB/s", "MB/s", 1.048576},
		{8, "bps", "B/s", 1},
		{0.05, "ratio", "%", 5},
		{5, "%", "ratio", 0.05},
		{0.001, "ratio", "percent", 0.1},
		{1200, "req/min", "rps", 20},
		{2, "ops/ms", "/s", 2000},
		{0, "ns", "h", 0},
		{-5, "ms", "us", -5000},
		{1e305, "s", "sec", 1e305},
		{1e300, "h", "m", 6e301},
	} {
		if got, ok := c.from.Convert(c.value, c.to); !ok || got != c.want {
			t.Errorf("%v %s is %v %s, %t, want %v", c.value, c.from, got, c.to, ok, c.want)
		}
	}
}

func TestConvertNonFinite(t *testing.T) {
	t.Parallel()
	if got, ok := Unit("h").Convert(math.MaxFloat64, "ns"); !ok || !math.IsInf(got, 1) {
		t.Errorf("the greatest number of hours is %v ns, %t; want infinity", got, ok)
	}
	if got, ok := Unit("ms").Convert(math.NaN(), "us"); !ok || !math.IsNaN(got) {
		t.Errorf("NaN ms is %v us, %t", got, ok)
	}
}

// TestConvertBack walks around every pair of units of a dimension: what comes back
// is the value, but for the rounding of two multiplications and divisions.
func TestConvertBack(t *testing.T) {
	t.Parallel()
	for _, units := range spellings {
		for u := range units {
			for v := range units {
				there, _ := u.Convert(math.Pi, v)
				back, ok := v.Convert(there, u)
				if !ok || math.Abs(back/math.Pi-1) > 1e-15 {
					t.Errorf("%v %s is %v %s is %v %s", math.Pi, u, there, v, back, u)
				}
			}
		}
	}
}

func TestBetter(t *testing.T) {
	t.Parallel()
	var got []string
	for b := Better(-1); b <= 3; b++ {
		got = append(got, b.String())
	}
	if d := cmp.Diff([]string{"unknown", "unknown", "lower", "higher", "unknown"}, got); d != "" {
		t.Errorf("String (-want +got):\n%s", d)
	}
	for _, b := range []Better{BetterUnknown, BetterLower, BetterHigher} {
		if got, ok := ParseBetter(b.String()); got != b || !ok {
			t.Errorf("ParseBetter(%q) = %v, %t", b, got, ok)
		}
	}
	if got, ok := ParseBetter(""); got != BetterUnknown || !ok {
		t.Errorf(`ParseBetter("") = %v, %t`, got, ok)
	}
	for _, s := range []string{"Lower", "less", "lower ", "1"} {
		if got, ok := ParseBetter(s); got != BetterUnknown || ok {
			t.Errorf("ParseBetter(%q) = %v, %t, want unknown and refused", s, got, ok)
		}
	}
}

func TestDirectionOf(t *testing.T) {
	t.Parallel()
	type metric struct {
		name string
		unit Unit
	}
	for want, metrics := range map[Better][]metric{
		BetterLower: {
			{"latency_p50", "ms"},
			{"latency_p99.9", ""},
			{LatencyAvg, "ms"},
			{LatencyMin, "ms"},
			{LatencyMax, "ms"},
			{ErrorRate, "%"},
			{ErrorRate, ""},
			{TimePerOp, "ns/op"},
			{BytesPerOp, "B/op"},
			{AllocsPerOp, "allocs/op"},
			{CPUUsage, "%"},
			{MemoryUsage, "MiB"},
			// A standard metric keeps its direction whatever the unit seems to say.
			{CPUUsage, "req/s"},
			{"latency_p95", "req/s"},
			{"startup", "ms"},
			{"p95-ns", "p95-ns"},
			{"pause", "ns/GC"},
			{"instructions", "instructions/op"},
			{"errors", "errors/op"},
			{"heap", "MB/op"},
			{"timeouts", "ms"},
		},
		BetterHigher: {
			{Throughput, "req/s"},
			{Throughput, ""},
			{BytesPerSecond, "MB/s"},
			{Throughput, "ms"},
			{"hits", "widgets/s"},
			{"hits", "widgets/sec"},
			{"rate", "rps"},
			{"copy", "MB/s"},
			{"copy", "bps"},
			{"jobs", "ops/min"},
			{"default", "req/s"},
			{"commission", "req/s"},
		},
		BetterUnknown: {
			{Requests, ""},
			{Requests, "req/s"},
			{DiskIOPS, "iops"},
			{NetworkBPS, "bps"},
			{"", ""},
			{"cost", ""},
			{"size", "B"},
			{"share", "%"},
			{"hits", "widgets"},
			{"ratio", "ratio"},
			{"errors", "errors/s"},
			{"cache-misses", "cache-misses/s"},
			{"failures_per_second", "req/s"},
			{"Failed", "Failed/sec"},
			{"retries", "ops"},
			{"dropped bytes", "B/s"},
		},
	} {
		for _, m := range metrics {
			if got := DirectionOf(m.name, m.unit); got != want {
				t.Errorf("DirectionOf(%q, %q) = %v, want %v", m.name, m.unit, got, want)
			}
		}
	}
}

// TestStandardDirectionsNeedNoUnit holds for files that state no units.
func TestStandardDirectionsNeedNoUnit(t *testing.T) {
	t.Parallel()
	var undirected []string
	for _, m := range []string{
		LatencyAvg, LatencyMin, LatencyMax, "latency_p50", "latency_p99.9", Throughput, ErrorRate, Requests, TimePerOp, BytesPerOp,
		AllocsPerOp, BytesPerSecond, CPUUsage, MemoryUsage, DiskIOPS, NetworkBPS,
	} {
		if DirectionOf(m, "") == BetterUnknown {
			undirected = append(undirected, m)
		}
	}
	slices.Sort(undirected)
	if d := cmp.Diff([]string{DiskIOPS, NetworkBPS, Requests}, undirected); d != "" {
		t.Errorf("metrics without a direction (-want +got):\n%s", d)
	}
}
