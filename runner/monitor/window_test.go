package monitor

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	start  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	approx = cmpopts.EquateApprox(1e-12, 1e-12)
)

// at returns the moment a time after the start.
func at(sinceStart time.Duration) time.Time { return start.Add(sinceStart) }

func ptr(v float64) *float64 { return &v }

func TestWindowOfNothing(t *testing.T) {
	t.Parallel()
	want := Snapshot{At: at(500 * time.Millisecond), Elapsed: 500 * time.Millisecond}
	if d := cmp.Diff(want, NewWindow(start).Snapshot(at(500*time.Millisecond))); d != "" {
		t.Errorf("before the first second is over (-want +got):\n%s", d)
	}
	want = Snapshot{
		At: at(3 * time.Second), Elapsed: 3 * time.Second,
		Throughput: Throughput{Now: ptr(0), Average: ptr(0), Lowest: ptr(0), Peak: ptr(0)},
	}
	if d := cmp.Diff(want, NewWindow(start).Snapshot(at(3*time.Second))); d != "" {
		t.Errorf("a service that does not answer (-want +got):\n%s", d)
	}
	want = Snapshot{At: at(-time.Second)}
	if d := cmp.Diff(want, NewWindow(start).Snapshot(at(-time.Second))); d != "" {
		t.Errorf("before the start (-want +got):\n%s", d)
	}
}

// TestWindowByHand: 20 requests in the first second, none in the second, 10 in the
// third and 3 in the fourth, which is not over.
func TestWindowByHand(t *testing.T) {
	t.Parallel()
	w := NewWindow(start)
	latency := time.Duration(0)
	for second, n := range []int{20, 0, 10, 3} {
		for i := range n {
			latency += time.Millisecond
			w.Add(Measurement{
				At: at(time.Duration(second)*time.Second + time.Duration(i)*time.Millisecond), Latency: latency, Failed: i == 0,
			})
		}
	}
	now := at(3500 * time.Millisecond)
	want := Snapshot{
		At: now, Elapsed: 3500 * time.Millisecond, Requests: 33, Failures: 3,
		Latency:    Latency{P50: ptr(17), P95: ptr(31.4), P99: ptr(32.68), Average: ptr(17), Requests: 33},
		Throughput: Throughput{Now: ptr(10), Average: ptr(10), Lowest: ptr(0), Peak: ptr(20)},
		Errors:     Errors{Now: ptr(100 * 3.0 / 33), Average: ptr(100 * 3.0 / 33), Requests: 33, Failures: 3},
	}
	if d := cmp.Diff(want, w.Snapshot(now), approx); d != "" {
		t.Errorf("Snapshot (-want +got):\n%s", d)
	}
	intervals := []Interval{
		{From: at(0), To: at(time.Second), Requests: 20, Failures: 1, P95: ptr(19.05)},
		{From: at(time.Second), To: at(2 * time.Second)},
		{From: at(2 * time.Second), To: at(3 * time.Second), Requests: 10, Failures: 1, P95: ptr(29.55)},
	}
	if d := cmp.Diff(intervals, w.Intervals(now), approx); d != "" {
		t.Errorf("Intervals (-want +got):\n%s", d)
	}
}

// TestWindowForgets holds that the current figures are of the latest 1,000 requests
// and the averages of all.
func TestWindowForgets(t *testing.T) {
	t.Parallel()
	w := NewWindow(start)
	for range 3000 {
		w.Add(Measurement{At: start, Latency: time.Second, Failed: true})
	}
	for i := range WindowSize {
		w.Add(Measurement{At: at(time.Second), Latency: time.Duration(i) * time.Microsecond, Failed: i%100 == 0})
	}
	got := w.Snapshot(at(2 * time.Second))
	want := Snapshot{
		At: at(2 * time.Second), Elapsed: 2 * time.Second, Requests: 4000, Failures: 3010,
		Latency:    Latency{P50: ptr(0.4995), P95: ptr(0.94905), P99: ptr(0.98901), Average: ptr(0.4995), Requests: 1000},
		Throughput: Throughput{Now: ptr(2000), Average: ptr(2000), Lowest: ptr(1000), Peak: ptr(3000)},
		Errors:     Errors{Now: ptr(1), Average: ptr(75.25), Requests: 1000, Failures: 10},
	}
	if d := cmp.Diff(want, got, approx); d != "" {
		t.Errorf("Snapshot (-want +got):\n%s", d)
	}
}

func TestWindowOfImpossibleTimes(t *testing.T) {
	t.Parallel()
	w := NewWindow(start)
	w.Add(Measurement{At: at(-time.Hour), Latency: -time.Second})
	w.Add(Measurement{At: at(100 * 365 * 24 * time.Hour), Latency: math.MaxInt64})
	got := w.Snapshot(at(time.Second))
	if got.Requests != 2 || *got.Throughput.Peak != 1 || *got.Latency.P50 != float64(math.MaxInt64)/2e6 {
		t.Errorf("a request before the start and one in a hundred years give %+v", got)
	}
	if last := w.seconds.list[maxSeconds-1].requests; last != 1 {
		t.Errorf("the last second has %d requests", last)
	}
}

// model is what a window should say, from all of its measurements.
type model []Measurement

func (m model) snapshot(now time.Time) Snapshot {
	s := Snapshot{At: now, Elapsed: now.Sub(start), Requests: int64(len(m))}
	for _, x := range m {
		if x.Failed {
			s.Failures++
		}
	}
	s.Errors.Average = ptr(100 * float64(s.Failures) / float64(s.Requests))
	latest := m[max(0, len(m)-WindowSize):]
	var ms []float64
	sum := 0.0
	for _, x := range latest {
		ms = append(ms, x.Latency.Seconds()*1000)
		sum += x.Latency.Seconds() * 1000
		if x.Failed {
			s.Errors.Failures++
		}
	}
	n := float64(len(ms))
	s.Errors.Requests = int64(len(ms))
	s.Errors.Now = ptr(100 * float64(s.Errors.Failures) / n)
	slices.Sort(ms)
	s.Latency = Latency{P50: ptr(between(ms, 0.5)), P95: ptr(between(ms, 0.95)), P99: ptr(between(ms, 0.99)), Average: ptr(sum / n), Requests: int64(len(ms))}
	s.Throughput = m.throughput(int(now.Sub(start) / time.Second))
	return s
}

// between is type 7 in the words of its paper: the value at 1 + (n-1)q, counted from 1.
func between(sorted []float64, q float64) float64 {
	h := 1 + float64(len(sorted)-1)*q
	j := math.Floor(h)
	lower := sorted[int(j)-1]
	if int(j) == len(sorted) {
		return lower
	}
	return lower + (h-j)*(sorted[int(j)]-lower)
}

func (m model) throughput(seconds int) Throughput {
	var counts []float64
	for i := range seconds {
		count := 0.0
		for _, x := range m {
			if int(x.At.Sub(start)/time.Second) == i {
				count++
			}
		}
		counts = append(counts, count)
	}
	mean := func(xs []float64) *float64 {
		sum := 0.0
		for _, x := range xs {
			sum += x
		}
		return ptr(sum / float64(len(xs)))
	}
	return Throughput{
		Now: mean(counts[max(0, len(counts)-10):]), Average: mean(counts),
		Lowest: ptr(slices.Min(counts)), Peak: ptr(slices.Max(counts)),
	}
}

// TestWindowAgainstModel compares with figures that are computed from all requests
// anew, some of which come in late by up to two seconds.
func TestWindowAgainstModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	w, m := NewWindow(start), model{}
	for i := range 4000 {
		when := time.Duration(i)*8*time.Millisecond - time.Duration(r.IntN(2000))*time.Millisecond
		x := Measurement{At: at(max(0, when)), Latency: time.Duration(r.ExpFloat64() * 1e7), Failed: r.IntN(20) == 0}
		w.Add(x)
		m = append(m, x)
		if i%397 != 396 {
			continue
		}
		now := at(time.Duration(i) * 8 * time.Millisecond)
		if d := cmp.Diff(m.snapshot(now), w.Snapshot(now), cmpopts.EquateApprox(1e-9, 1e-9)); d != "" {
			t.Fatalf("after %d requests (-want +got):\n%s", i+1, d)
		}
	}
	total := int64(0)
	for _, i := range w.Intervals(at(time.Minute)) {
		total += i.Requests
	}
	if total != int64(len(m)) {
		t.Errorf("the seconds have %d requests, %d were made", total, len(m))
	}
}

// TestLateRequest holds where a late request counts: in its second always, in its
// percentile while the next second runs.
func TestLateRequest(t *testing.T) {
	t.Parallel()
	w := NewWindow(start)
	add := func(second float64, ms int) {
		w.Add(Measurement{At: at(time.Duration(second * float64(time.Second))), Latency: time.Duration(ms) * time.Millisecond})
	}
	add(0.5, 10)
	add(1.5, 20)
	add(0.9, 30) // while second 1 runs
	add(2.5, 40)
	add(0.9, 50) // after it
	want := []Interval{
		{From: at(0), To: at(time.Second), Requests: 3, P95: ptr(29)},
		{From: at(time.Second), To: at(2 * time.Second), Requests: 1, P95: ptr(20)},
		{From: at(2 * time.Second), To: at(3 * time.Second), Requests: 1, P95: ptr(40)},
		{From: at(3 * time.Second), To: at(4 * time.Second)},
	}
	if d := cmp.Diff(want, w.Intervals(at(4*time.Second)), approx); d != "" {
		t.Errorf("Intervals (-want +got):\n%s", d)
	}
}

// TestWindowFromManySides is for the race detector.
func TestWindowFromManySides(t *testing.T) {
	t.Parallel()
	w := NewWindow(start)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 5000 {
				w.Add(Measurement{At: at(time.Duration(i) * time.Millisecond), Latency: time.Millisecond})
			}
		})
	}
	for i := range 50 {
		w.Snapshot(at(time.Duration(i) * 100 * time.Millisecond))
		w.Intervals(at(time.Duration(i) * 100 * time.Millisecond))
	}
	wg.Wait()
	if got := w.Snapshot(at(5 * time.Second)); got.Requests != 20_000 || *got.Throughput.Lowest != 4000 {
		t.Errorf("%d requests, %v at least in a second", got.Requests, *got.Throughput.Lowest)
	}
}

// BenchmarkWindowAdd adds 3,000 requests a second of test time, whose percentile is
// taken each second.
func BenchmarkWindowAdd(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var latencies [4096]time.Duration
	for i := range latencies {
		latencies[i] = time.Duration(r.ExpFloat64() * 2e7)
	}
	w := NewWindow(start)
	i := 0
	for b.Loop() {
		w.Add(Measurement{At: at(time.Duration(i%(3000*7200)) * time.Second / 3000), Latency: latencies[i%len(latencies)], Failed: i%100 == 0})
		i++
	}
}

// BenchmarkWindowSnapshot takes a snapshot of a test that runs for two hours.
func BenchmarkWindowSnapshot(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	w := NewWindow(start)
	for i := range 7200 * 10 {
		w.Add(Measurement{At: at(time.Duration(i) * time.Second / 10), Latency: time.Duration(r.ExpFloat64() * 2e7)})
	}
	for b.Loop() {
		w.Snapshot(at(2 * time.Hour))
	}
}
