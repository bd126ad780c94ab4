package monitor

import (
	"math"
	"slices"
	"time"

	"speedgate/internal/stats"
)

// maxSeconds bounds the memory of a run: a week. A clock that jumps further ahead
// than that has its requests in the last second.
const maxSeconds = 7 * 24 * 3600

// Interval is what finished in a short part of a run: a second, or the time
// between two rows of another tool.
type Interval struct {
	From, To time.Time
	Requests int64
	Failures int64
	P95      *float64 // 95th percentile of the latency in milliseconds, nil if unknown
}

// secondOf returns which second of the run a time since its start lies in.
func secondOf(sinceStart time.Duration) int {
	return int(min(max(sinceStart/time.Second, 0), maxSeconds-1))
}

// second is one second of a run.
type second struct {
	requests, failures int32
	p95                float64 // NaN while it is not known
}

// seconds counts the requests of each second of a run. The latencies of the newest
// two are kept: those of the one that runs, and of the one that requests may come
// late for.
type seconds struct {
	list []second
	open [2][]float64 // latencies of second i in open[i%2]
}

func (s *seconds) add(i int, ms float64, failed bool) {
	for len(s.list) <= i {
		s.grow()
	}
	at := &s.list[i]
	at.requests++
	if failed {
		at.failures++
	}
	if i >= len(s.list)-len(s.open) {
		s.open[i%2] = append(s.open[i%2], ms)
	}
}

// grow begins the next second, and ends the last but one.
func (s *seconds) grow() {
	next := len(s.list)
	open := s.open[next%2]
	if ended := next - len(s.open); ended >= 0 {
		slices.Sort(open)
		s.list[ended].p95 = stats.Quantile(open, 0.95)
	}
	s.open[next%2] = open[:0]
	s.list = append(s.list, second{p95: math.NaN()})
}

// throughput describes the first n seconds. Those without a request count: a
// service that stands still has a throughput of 0.
func (s *seconds) throughput(n int) Throughput {
	if n <= 0 {
		return Throughput{}
	}
	lowest, peak, sum, latest := math.Inf(1), 0.0, 0.0, 0.0
	span := min(n, int(RateSpan/time.Second))
	for i, sec := range s.list[:min(n, len(s.list))] {
		v := float64(sec.requests)
		lowest, peak, sum = min(lowest, v), max(peak, v), sum+v
		if i >= n-span {
			latest += v
		}
	}
	if len(s.list) < n {
		lowest = 0
	}
	now, average := latest/float64(span), sum/float64(n)
	return Throughput{Now: &now, Average: &average, Lowest: &lowest, Peak: &peak}
}

// intervals returns the first n seconds of a run that started at start.
func (s *seconds) intervals(start time.Time, n int) []Interval {
	list := make([]Interval, n)
	for i := range list {
		from := start.Add(time.Duration(i) * time.Second)
		list[i] = Interval{From: from, To: from.Add(time.Second)}
		if i >= len(s.list) {
			continue
		}
		sec := s.list[i]
		list[i].Requests, list[i].Failures = int64(sec.requests), int64(sec.failures)
		if p95 := s.p95(i); !math.IsNaN(p95) {
			list[i].P95 = &p95
		}
	}
	return list
}

// p95 returns the 95th percentile of second i, which may still be open.
func (s *seconds) p95(i int) float64 {
	if i < len(s.list)-len(s.open) {
		return s.list[i].p95
	}
	return stats.Quantile(slices.Sorted(slices.Values(s.open[i%2])), 0.95)
}
