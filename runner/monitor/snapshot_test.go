package monitor

import (
	"testing"
	"time"

	"speedgate/perf"

	"github.com/google/go-cmp/cmp"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	var u Usage
	u.Add(Resources{At: at(0), CPU: ptr(99), Memory: ptr(1e9)}) // over no time
	if d := cmp.Diff(Usage{}, u); d != "" {
		t.Errorf("a first sample, which has no rates (-want +got):\n%s", d)
	}
	u.Add(Resources{At: at(time.Second), Over: time.Second, CPU: ptr(-1), Memory: ptr(100), NetworkOut: ptr(7)})
	u.Add(Resources{At: at(4 * time.Second), Over: 3 * time.Second, CPU: ptr(80), MemoryShare: ptr(10)})
	u.Add(Resources{At: at(5 * time.Second), Over: time.Second, CPU: ptr(40), CPUOfCore: ptr(160), Memory: ptr(50), DiskReads: ptr(1), DiskWrites: ptr(2), NetworkIn: ptr(3)})
	once := func(v float64, over time.Duration) Level { return Level{Last: v, Average: v, Max: v, Over: over} }
	want := Usage{
		At:  at(5 * time.Second),
		CPU: Level{Last: 40, Average: (-1 + 3*80 + 40) / 5.0, Max: 80, Over: 5 * time.Second},
		// A sample that does not tell the memory says nothing of it.
		Memory:      Level{Last: 50, Average: 75, Max: 100, Over: 2 * time.Second},
		CPUOfCore:   once(160, time.Second),
		MemoryShare: once(10, 3*time.Second),
		DiskReads:   once(1, time.Second),
		DiskWrites:  once(2, time.Second),
		NetworkIn:   once(3, time.Second),
		NetworkOut:  once(7, time.Second),
	}
	if d := cmp.Diff(want, u, approx); d != "" {
		t.Errorf("Usage (-want +got):\n%s", d)
	}
}

// TestLevelBelowZero holds that the first value is the greatest so far, whatever it is.
func TestLevelBelowZero(t *testing.T) {
	t.Parallel()
	var l Level
	l.add(ptr(-5), time.Second)
	if d := cmp.Diff(Level{Last: -5, Average: -5, Max: -5, Over: time.Second}, l); d != "" {
		t.Errorf("Level (-want +got):\n%s", d)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	full := Snapshot{
		At:         at(time.Second),
		Latency:    Latency{P50: ptr(1), P95: ptr(2), P99: ptr(3)},
		Errors:     Errors{Now: ptr(4), Average: ptr(40)},
		Throughput: Throughput{Now: ptr(5), Average: ptr(50)},
		Usage: Usage{
			At:  at(2 * time.Second),
			CPU: Level{Last: 6, Over: time.Second}, MemoryShare: Level{Last: 7, Over: time.Second}, Memory: Level{Last: 8, Over: time.Second},
		},
	}
	type named struct {
		metric string
		unit   perf.Unit
	}
	got := map[named]Reading{}
	for _, metric := range Metrics() {
		for _, unit := range Units(metric) {
			r, ok := full.Read(metric, unit)
			if !ok {
				t.Errorf("%s in %s is not known", metric, unit)
			}
			got[named{metric, unit}] = r
			if r, ok := new(Snapshot).Read(metric, unit); ok {
				t.Errorf("%s of nothing is %v", metric, r)
			}
		}
	}
	want := map[named]Reading{
		{"latency_p50", "ms"}: {1, at(time.Second)}, {"latency_p95", "ms"}: {2, at(time.Second)}, {"latency_p99", "ms"}: {3, at(time.Second)},
		{"error_rate", "%"}: {4, at(time.Second)}, {"throughput", "/s"}: {5, at(time.Second)},
		{"cpu_usage", "%"}: {6, at(2 * time.Second)}, {"memory_usage", "%"}: {7, at(2 * time.Second)}, {"memory_usage", "B"}: {8, at(2 * time.Second)},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Read (-want +got):\n%s", d)
	}
	if r, ok := full.Read("latency_p90", "ms"); ok || Units("latency_p90") != nil {
		t.Errorf("latency_p90 is %v in %v", r, Units("latency_p90"))
	}
}
