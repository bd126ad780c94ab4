package perf

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestKind(t *testing.T) {
	t.Parallel()
	names := map[Kind]string{
		KindUnknown: "unknown", KindSample: "sample", KindMean: "mean", KindQuantile: "quantile", KindRate: "rate",
		KindRatio: "ratio", KindTotal: "total",
	}
	for k, want := range names {
		if got := k.String(); got != want {
			t.Errorf("Kind(%d) = %q, want %q", k, got, want)
		}
		if got, ok := ParseKind(want); got != k || !ok {
			t.Errorf("ParseKind(%q) = %v, %t", want, got, ok)
		}
	}
	for _, k := range []Kind{-128, -1, Kind(len(names)), 127} {
		if got := k.String(); got != "unknown" {
			t.Errorf("Kind(%d) = %q", k, got)
		}
	}
	for _, s := range []string{"", "Sample", "means", " rate"} {
		if got, ok := ParseKind(s); got != KindUnknown || ok {
			t.Errorf("ParseKind(%q) = %v, %t, want unknown and refused", s, got, ok)
		}
	}
}

func TestWorkloadDiffers(t *testing.T) {
	t.Parallel()
	full := Workload{Users: 100, SpawnRate: 10, Duration: 5 * time.Minute, Host: "a"}
	lasting := func(d time.Duration) Workload { return Workload{Duration: d} }
	for _, c := range []struct {
		name string
		a, b Workload
		want string
	}{
		{"both unknown", Workload{}, Workload{}, ""},
		{"equal", full, full, ""},
		{"unknown matches anything", full, Workload{}, ""},
		{"the host is shown, not compared", full, Workload{Users: 100, SpawnRate: 10, Duration: 5 * time.Minute, Host: "b"}, ""},
		{"users", full, Workload{Users: 50}, "100 users against 50"},
		{"spawn rate", full, Workload{SpawnRate: 2.5}, "spawn rate 10/s against 2.5/s"},
		{"request rate", Workload{Rate: 100}, Workload{Rate: 200}, "100 requests/s against 200/s"},
		{"request rate on one side", Workload{Rate: 100}, Workload{}, ""},
		{
			"everything", full,
			Workload{Users: 50, SpawnRate: 5, Duration: time.Minute},
			"100 users against 50, spawn rate 10/s against 5/s, 5m0s against 1m0s",
		},
		{"a tenth less is the same", lasting(100 * time.Second), lasting(90 * time.Second), ""},
		{"a tenth of an odd length", lasting(70 * time.Second), lasting(63 * time.Second), ""},
		{"a little more than a tenth", lasting(100 * time.Second), lasting(90*time.Second - time.Millisecond), "1m40s against 1m30s"},
		{"a tenth of the longer one", lasting(90 * time.Second), lasting(99 * time.Second), ""},
		{"a ninth more is over a tenth of the longer one", lasting(90 * time.Second), lasting(101 * time.Second), "1m30s against 1m41s"},
		{"short ones are told apart", lasting(1400 * time.Millisecond), lasting(1200 * time.Millisecond), "1.4s against 1.2s"},
		{"below ten seconds to the millisecond", lasting(9999 * time.Millisecond), lasting(7 * time.Second), "9.999s against 7s"},
		{"from ten seconds to the second", lasting(10*time.Second + 400*time.Millisecond), lasting(7 * time.Second), "10s against 7s"},
	} {
		if got := c.a.Differs(c.b); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := c.b.Differs(c.a); (got == "") != (c.want == "") {
			t.Errorf("%s, the other way round: %q, want the same answer as %q", c.name, got, c.want)
		}
	}
}

func TestWorkloadKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		w    Workload
		want bool
	}{
		{Workload{}, false},
		{Workload{Host: "a"}, false}, // not compared
		{Workload{Users: 1}, true},
		{Workload{SpawnRate: 0.1}, true},
		{Workload{Duration: 1}, true},
	} {
		if got := c.w.Known(); got != c.want {
			t.Errorf("%#v is known: %t, want %t", c.w, got, c.want)
		}
	}
}

// good returns a series without fault, named subject, at the line of x.csv.
func good(subject string, line int32) Series {
	return Series{
		Key: Key{Subject: subject, Metric: "latency_p95"}, Unit: "ms", Samples: []float64{1.5}, Count: 10, Step: 1,
		Pos: Pos{File: "x.csv", Line: line},
	}
}

func TestSortAndFind(t *testing.T) {
	t.Parallel()
	r := Run{Series: []Series{good("c", 3), good("a", 1), good("b", 2)}}
	r.Sort()
	if err := r.Check(); err != nil {
		t.Errorf("Check of a sorted run: %v", err)
	}
	for i, subject := range []string{"a", "b", "c"} {
		if got := r.Find(Key{Subject: subject, Metric: "latency_p95"}); got != &r.Series[i] {
			t.Errorf("Find(%s) = %v, want series %d itself", subject, got, i)
		}
	}
	for _, k := range []Key{
		{},
		{Subject: "b", Metric: "latency_p99"},
		{Subject: "z", Metric: "latency_p95"},
		{Subject: "b", Metric: "latency_p95", Labels: "a=1"},
	} {
		if got := r.Find(k); got != nil {
			t.Errorf("Find(%v) = %v, want none", k, got)
		}
	}
	if got := new(Run).Find(Key{}); got != nil {
		t.Errorf("Find in an empty run = %v", got)
	}
}

// TestCheckSeries has one row for each thing that a series may not be.
func TestCheckSeries(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxNameBytes+1)
	for _, c := range []struct {
		name   string
		change func(*Series)
		want   string
	}{
		{"no subject", func(s *Series) { s.Key.Subject = "" }, "a measurement without a subject"},
		{"no metric", func(s *Series) { s.Key.Metric = "" }, `a measurement of "a" without a metric name`},
		{"no samples", func(s *Series) { s.Samples = nil }, `"a · latency_p95" has no samples`},
		{"an empty list of samples", func(s *Series) { s.Samples = []float64{} }, `"a · latency_p95" has no samples`},
		{"negative count", func(s *Series) { s.Count = -1 }, `"a · latency_p95" has a negative count -1`},
		{"negative step", func(s *Series) { s.Step = -0.5 }, `"a · latency_p95" has a resolution of -0.5`},
		{"NaN step", func(s *Series) { s.Step = math.NaN() }, `"a · latency_p95" has a resolution of NaN`},
		{"infinite step", func(s *Series) { s.Step = math.Inf(1) }, `"a · latency_p95" has a resolution of +Inf`},
		{
			"NaN", func(s *Series) { s.Samples = []float64{1, math.NaN()} },
			`"a · latency_p95" has the value NaN, which is not a finite number`,
		},
		{
			"infinity", func(s *Series) { s.Samples = []float64{math.Inf(1)} },
			`"a · latency_p95" has the value +Inf, which is not a finite number`,
		},
		{
			"minus infinity of a plain number", func(s *Series) { s.Unit, s.Samples = "", []float64{math.Inf(-1)} },
			`"a · latency_p95" has the value -Inf, which is not a finite number`,
		},
		{
			"negative time", func(s *Series) { s.Samples = []float64{3, -0.25} },
			`"a · latency_p95" has the negative time -0.25 ms`,
		},
		{
			"negative time per operation", func(s *Series) { s.Unit, s.Samples = "ns/op", []float64{-1} },
			`"a · latency_p95" has the negative time -1 ns/op`,
		},
		{"subject not UTF-8", func(s *Series) { s.Key.Subject = "a\xff" }, `name "a\xff" is not valid UTF-8`},
		{"metric not UTF-8", func(s *Series) { s.Key.Metric = "\xc3" }, `name "\xc3" is not valid UTF-8`},
		{"labels not UTF-8", func(s *Series) { s.Key.Labels = "a=\xfe" }, `name "a=\xfe" is not valid UTF-8`},
		{"unit not UTF-8", func(s *Series) { s.Unit = "\xb5s" }, `name "\xb5s" is not valid UTF-8`},
		{"subject too long", func(s *Series) { s.Key.Subject = long }, "a name of 16385 bytes is too long; 16384 is the limit"},
		{"labels too long", func(s *Series) { s.Key.Labels = Labels(long) }, "a name of 16385 bytes is too long; 16384 is the limit"},
		{"labels are named", func(s *Series) { s.Key.Labels, s.Count = "i=4", -7 }, `"a · latency_p95 · {i=4}" has a negative count -7`},
	} {
		s := good("a", 17)
		c.change(&s)
		err := (&Run{Series: []Series{s}}).Check()
		if want := "x.csv:17: " + c.want; err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", c.name, err, want)
		}
		if _, ok := errors.AsType[*InputError](err); !ok {
			t.Errorf("%s: %T is no *InputError", c.name, err)
		}
	}
}

// TestCheckAllows has what is unusual and no error.
func TestCheckAllows(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Series){
		"nothing changed":          func(*Series) {},
		"zero":                     func(s *Series) { s.Samples = []float64{0} },
		"negative zero":            func(s *Series) { s.Samples = []float64{math.Copysign(0, -1)} },
		"the extremes":             func(s *Series) { s.Samples = []float64{math.MaxFloat64, math.SmallestNonzeroFloat64} },
		"a negative plain number":  func(s *Series) { s.Unit, s.Samples = "", []float64{-1} },
		"a negative size":          func(s *Series) { s.Unit, s.Samples = "B", []float64{-1} },
		"no unit, count or step":   func(s *Series) { s.Unit, s.Count, s.Step = "", 0, 0 },
		"an unknown unit":          func(s *Series) { s.Unit = "widgets" },
		"the longest subject":      func(s *Series) { s.Key.Subject = strings.Repeat("x", maxNameBytes) },
		"control characters":       func(s *Series) { s.Key.Subject = "a\nb\x00" },
		"a subject beyond Latin-1": func(s *Series) { s.Key.Subject = "путь · 🙂" },
		"no position":              func(s *Series) { s.Pos = Pos{} },
	} {
		s := good("a", 17)
		change(&s)
		if err := (&Run{Series: []Series{s}}).Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckEmptyRun(t *testing.T) {
	t.Parallel()
	for want, source := range map[string]Source{
		"nothing was measured: no results":               {},
		"a.csv: nothing was measured: no results":        {Files: []string{"a.csv"}},
		"a.csv, b.csv: nothing was measured: no results": {Files: []string{"a.csv", "b.csv"}},
	} {
		err := (&Run{Source: source}).Check()
		if err == nil || err.Error() != want || !errors.Is(err, ErrNoResults) {
			t.Errorf("Check = %v, want %s", err, want)
		}
	}
}

// TestCheckRun holds that all faults of a run come at once, in its order.
func TestCheckRun(t *testing.T) {
	t.Parallel()
	noSamples := good("b", 4)
	noSamples.Samples = nil
	r := Run{Series: []Series{good("b", 2), noSamples, good("c", 5), good("a", 6), good("a", 7), good("d", 8)}}
	want := strings.Join([]string{
		`x.csv:4: "b · latency_p95" has no samples`,
		`x.csv:4: "b · latency_p95" is measured twice in one run, first at x.csv:2`,
		`x.csv:6: "a · latency_p95" is out of order`,
		`x.csv:7: "a · latency_p95" is measured twice in one run, first at x.csv:6`,
	}, "\n")
	err := r.Check()
	if err == nil {
		t.Fatal("no error")
	}
	if d := cmp.Diff(want, err.Error()); d != "" {
		t.Errorf("Check (-want +got):\n%s", d)
	}
	if list, ok := errors.AsType[InputErrors](err); !ok || len(list) != 4 {
		t.Errorf("%T of %d errors, want InputErrors of 4", err, len(list))
	}
}

func TestCheckTellsLabelsApart(t *testing.T) {
	t.Parallel()
	a, b := good("a", 1), good("a", 2)
	a.Key.Labels, b.Key.Labels = "instances=2", "instances=4"
	if err := (&Run{Series: []Series{a, b}}).Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
}
