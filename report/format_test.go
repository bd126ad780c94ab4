package report

import (
	"math"
	"strconv"
	"testing"

	"speedgate/gate"
	"speedgate/perf"
)

func TestDisplay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		unit   perf.Unit
		values []float64
		want   []string
	}{
		{"nanoseconds to microseconds", "ns/op", []float64{41200, 52900}, []string{"41.2 µs", "52.9 µs"}},
		{"whole milliseconds get no decimals", "ms", []float64{9, 12}, []string{"9 ms", "12 ms"}},
		{"one fraction gives all decimals", "ms", []float64{9, 12.5}, []string{"9.00 ms", "12.5 ms"}},
		{"just below the next unit", "ns", []float64{999.4}, []string{"999 ns"}},
		{"just above the border", "ns", []float64{999.5}, []string{"1.00 µs"}},
		{"at the border", "ns", []float64{1000}, []string{"1 µs"}},
		{"the smaller value chooses", "ns", []float64{900.5, 1100}, []string{"900 ns", "1,100 ns"}},
		{"unless the larger one gets unreadable", "ns", []float64{1.5, 5e9}, []string{"1.5e-09 s", "5.00 s"}},
		{"below ten", "ms", []float64{9.994}, []string{"9.99 ms"}},
		{"rounds up to ten", "ms", []float64{9.996}, []string{"10.0 ms"}},
		{"rounds up to a hundred", "ms", []float64{99.96}, []string{"100 ms"}},
		{"just below a hundred", "ms", []float64{99.94}, []string{"99.9 ms"}},
		{"seconds have no larger unit", "s", []float64{86400.5}, []string{"86,400 s"}},
		{"zero", "ms", []float64{0}, []string{"0 ms"}},
		{"zero beside a value", "ns", []float64{0, 1500}, []string{"0 µs", "1.50 µs"}},
		{"rate", "req/s", []float64{1041.4, 811.2}, []string{"1,041/s", "811/s"}},
		{"rate per minute", "req/min", []float64{120}, []string{"2/s"}},
		{"tiny rate", "/s", []float64{0.01234}, []string{"0.0123/s"}},
		{"percent", "%", []float64{0.1234}, []string{"0.123 %"}},
		{"ratio", "ratio", []float64{0.5}, []string{"50 %"}},
		{"decimal size", "B/op", []float64{2048}, []string{"2.05 kB"}},
		{"binary size", "KiB", []float64{2048}, []string{"2 MiB"}},
		{"size rate", "MB/s", []float64{1234.5}, []string{"1.23 GB/s"}},
		{"allocations", "allocs/op", []float64{1234567}, []string{"1,234,567 allocs"}},
		{"plain number", "", []float64{1e6}, []string{"1,000,000"}},
		{"huge", "", []float64{1.5e18}, []string{"1.5e+18"}},
		{"minute", "", []float64{1.5e-9}, []string{"1.5e-09"}},
		{"unknown unit", "widgets", []float64{-12.345}, []string{"-12.3 widgets"}},
		{"a long unit", "abcdefghijklmnopqrstuvwxyz", []float64{1}, []string{"1 abcdefghijklmnopqrst…"}},
		{"not a number", "ms", []float64{math.NaN(), 5}, []string{"-", "5.00 ms"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var values []*float64
			for _, v := range tt.values {
				values = append(values, &v)
			}
			d := displayFor(tt.unit, values...)
			for i, v := range values {
				if got := d.text(v); got != tt.want[i] {
					t.Errorf("%v %s = %q, want %q", *v, tt.unit, got, tt.want[i])
				}
			}
			if got := d.text(nil); got != "-" {
				t.Errorf("no value = %q, want -", got)
			}
		})
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		ratio, limit          float64
		want, distinct, bound string
	}{
		{0.335, 0.2, "+33.5 %", "+33.5 %", "+33.5 %"},
		{-0.221, -0.2, "-22.1 %", "-22.1 %", "-22.1 %"},
		{0, 0.2, "0 %", "0 %", "0 %"},
		{0.0004, 0.2, "0.0 %", "0.0 %", "0 %"},
		{-0.0004, 0.2, "0.0 %", "0.0 %", "0 %"},
		{0.0006, 0.2, "+0.1 %", "+0.1 %", "+0.1 %"},
		{0.2, 0.2, "+20.0 %", "+20.0 %", "+20 %"},
		{0.2004, 0.2, "+20.0 %", "+20.04 %", "+20 %"},
		{0.200004, 0.2, "+20.0 %", "+20.0004 %", "+20 %"},
		{0.1999, 0.2, "+20.0 %", "+19.99 %", "+20 %"},
		{0.9994, 0.2, "+99.9 %", "+99.9 %", "+99.9 %"},
		{0.9996, 0.2, "+100 %", "+100 %", "+100 %"},
		{1, 0.2, "+100 %", "+100 %", "+100 %"},
		{12.345, 0.2, "+1,234 %", "+1,234 %", "+1,234 %"},
		{math.Inf(1), 0.2, "-", "-", "-"},
		{math.NaN(), 0.2, "-", "-", "-"},
	}
	for _, tt := range tests {
		if got := percent(tt.ratio); got != tt.want {
			t.Errorf("percent(%v) = %q, want %q", tt.ratio, got, tt.want)
		}
		if got := percentDistinct(tt.ratio, tt.limit); got != tt.distinct {
			t.Errorf("percentDistinct(%v, %v) = %q, want %q", tt.ratio, tt.limit, got, tt.distinct)
		}
		if got := bound(tt.ratio); got != tt.bound {
			t.Errorf("bound(%v) = %q, want %q", tt.ratio, got, tt.bound)
		}
	}
}

func TestPValue(t *testing.T) {
	t.Parallel()
	for p, want := range map[float64]string{
		0.004: "p = .004", 0.0042: "p = .004", 0.05: "p = .05", 0.1234: "p = .123", 0.5: "p = .5",
		0.0004: "p < .001", 0.0005: "p = .001", 0: "p < .001", 0.9994: "p = .999", 0.9996: "p = 1", 1: "p = 1",
		math.NaN(): "p unknown",
	} {
		if got := pValue(p); got != want {
			t.Errorf("pValue(%v) = %q, want %q", p, got, want)
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for days, want := range map[float64]string{
		0: "less than an hour old", 0.041: "less than an hour old", 0.042: "1 hour old", 0.5: "12 hours old",
		0.9999: "23 hours old", 1: "1 day old", 1.99: "1 day old", 2: "2 days old", 41: "41 days old",
		1234: "1,234 days old", -1: "dated in the future", math.Inf(1): "unknown age",
	} {
		if got := ageOld(days); got != want {
			t.Errorf("ageOld(%v) = %q, want %q", days, got, want)
		}
	}
}

func TestMetricName(t *testing.T) {
	t.Parallel()
	for metric, want := range map[string]string{
		"latency_p99.9": "latency p99.9", "latency_avg": "latency avg", "time_per_op": "time/op",
		"throughput": "throughput", "my_own_metric": "my_own_metric",
	} {
		if got := metricName(metric); got != want {
			t.Errorf("metricName(%q) = %q, want %q", metric, got, want)
		}
	}
}

func TestCommitText(t *testing.T) {
	t.Parallel()
	for hash, want := range map[string]string{
		"4f2c1e90aa": "4f2c1e9", "4f2c1e9": "4f2c1e9", "v1.2.3-rc1": "v1.2.3-rc1", "": "",
	} {
		if got := commitText(hash); got != want {
			t.Errorf("commitText(%q) = %q, want %q", hash, got, want)
		}
	}
}

// TestBars holds how bars and marks are drawn, at eight columns.
func TestBars(t *testing.T) {
	t.Parallel()
	at := func(v float64) *float64 { return &v }
	c := chart{full: 80}
	for _, tt := range []struct {
		value float64
		ideal *float64
		want  string
	}{
		{80, at(80), "████████│"},
		{40, at(80), "████    │"},
		{45, at(60), "████▌ │  "},
		{10, at(10), "█│       "},
		{11, at(11), "█ │      "},
		{80, at(40), "████│███ "}, // more than linear
		{20, at(81), "██      →"}, // its mark is off the scale
		{20, nil, "██       "},
		{0, at(80), "        │"},
		{-5, at(80), "        │"},
		{900, nil, "████████ "},
	} {
		if got := c.draw(bar{value: tt.value, ideal: tt.ideal}, 8); got != tt.want {
			t.Errorf("%g with its mark at %v: %q, want %q", tt.value, tt.ideal, got, tt.want)
		}
	}
}

// TestChartsAreLimited holds what is not drawn: one bar, and more than fit a screen.
func TestChartsAreLimited(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{1: false, 2: true, maxChartSizes: true, maxChartSizes + 1: false} {
		var sub gate.ScalingSubject
		for i := range n {
			v := float64(i + 1)
			sub.Points = append(sub.Points, gate.ScalingPoint{Label: strconv.Itoa(i), Throughput: &v})
		}
		if _, ok := newChart("a", display{}, &sub); ok != want {
			t.Errorf("%d sizes: drawn %t, want %t", n, ok, want)
		}
	}
}
