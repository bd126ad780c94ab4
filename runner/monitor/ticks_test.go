package monitor

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// row is a row of a history, a number of seconds after the start.
func row(second int, requests, failures int64, users int) Tick {
	return Tick{
		At: at(time.Duration(second) * time.Second), Requests: requests, Failures: failures, Users: users,
		Rate: 50, FailRate: 1.5, Recent: true, P95: ptr(float64(10 * second)),
	}
}

func interval(from, to int, requests, failures int64) Interval {
	return Interval{
		From: at(time.Duration(from) * time.Second), To: at(time.Duration(to) * time.Second),
		Requests: requests, Failures: failures, P95: ptr(float64(10 * to)),
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		rows      []Tick
		snapshot  Snapshot // of what the last row does not say by itself
		intervals []Interval
	}{
		{
			"the first row",
			[]Tick{row(5, 0, 0, 10)},
			Snapshot{Users: 10, Throughput: Throughput{Now: ptr(50)}},
			nil,
		},
		{
			"rows a second",
			[]Tick{row(5, 0, 0, 10), row(6, 40, 0, 10), row(7, 100, 1, 10)},
			Snapshot{
				Elapsed: 2 * time.Second, Requests: 100, Failures: 1, Users: 10,
				Throughput: Throughput{Now: ptr(50), Average: ptr(50), Lowest: ptr(40), Peak: ptr(60)},
			},
			[]Interval{interval(5, 6, 40, 0), interval(6, 7, 60, 1)},
		},
		{
			"waiting for workers",
			[]Tick{row(1, 0, 0, 0), row(2, 0, 0, 0), row(3, 0, 0, 10), row(4, 30, 0, 10)},
			Snapshot{
				Elapsed: time.Second, Requests: 30, Users: 10,
				Throughput: Throughput{Now: ptr(50), Average: ptr(30), Lowest: ptr(30), Peak: ptr(30)},
			},
			[]Interval{interval(3, 4, 30, 0)},
		},
		{
			"a second without a row",
			[]Tick{row(1, 10, 0, 5), row(3, 30, 0, 5)},
			Snapshot{
				Elapsed: 2 * time.Second, Requests: 30, Users: 5,
				Throughput: Throughput{Now: ptr(50), Average: ptr(10), Lowest: ptr(10), Peak: ptr(10)},
			},
			[]Interval{interval(1, 3, 20, 0)},
		},
		{
			"statistics were reset",
			[]Tick{row(1, 0, 0, 5), row(2, 100, 90, 5), row(3, 20, 0, 5), row(4, 50, 1, 5)},
			Snapshot{
				Elapsed: time.Second, Requests: 50, Failures: 1, Users: 5,
				Throughput: Throughput{Now: ptr(50), Average: ptr(30), Lowest: ptr(30), Peak: ptr(30)},
			},
			[]Interval{interval(3, 4, 30, 1)},
		},
		{
			"reset, and more requests than before at once",
			[]Tick{row(1, 0, 0, 5), row(2, 10, 9, 5), row(3, 20, 0, 5), row(4, 50, 1, 5)},
			Snapshot{
				Elapsed: time.Second, Requests: 50, Failures: 1, Users: 5,
				Throughput: Throughput{Now: ptr(50), Average: ptr(30), Lowest: ptr(30), Peak: ptr(30)},
			},
			[]Interval{interval(3, 4, 30, 1)},
		},
		{
			"rows again",
			[]Tick{row(1, 0, 0, 5), row(2, 100, 0, 5), row(1, 0, 0, 5), row(2, 100, 0, 5)},
			Snapshot{
				Elapsed: time.Second, Requests: 100, Users: 5,
				Throughput: Throughput{Now: ptr(50), Average: ptr(100), Lowest: ptr(100), Peak: ptr(100)},
			},
			[]Interval{interval(1, 2, 100, 0)},
		},
	} {
		var ticks Ticks
		var last Tick
		for _, r := range c.rows {
			if ticks.Add(r) {
				last = r
			}
		}
		want := c.snapshot
		want.At = last.At
		want.Latency = Latency{P95: last.P95, Requests: 500}
		want.Errors = Errors{Now: ptr(3), Requests: 500, Failures: 15, Average: percentage(last.Failures, last.Requests)}
		got, ok := ticks.Snapshot()
		if d := cmp.Diff(want, got, approx); d != "" || !ok {
			t.Errorf("%s: Snapshot %t (-want +got):\n%s", c.name, ok, d)
		}
		if d := cmp.Diff(c.intervals, ticks.Intervals()); d != "" {
			t.Errorf("%s: Intervals (-want +got):\n%s", c.name, d)
		}
	}
}

func TestTicksOfNothing(t *testing.T) {
	t.Parallel()
	var ticks Ticks
	if s, ok := ticks.Snapshot(); ok {
		t.Errorf("no row gives %+v", s)
	}
	if ticks.Add(Tick{}) {
		t.Error("a row without a time is new")
	}
}

// TestTicksSinceStart holds that a percentile of the whole test is that of no
// interval, and is of all requests.
func TestTicksSinceStart(t *testing.T) {
	t.Parallel()
	var ticks Ticks
	for second := range 2 {
		r := row(second, int64(100*second), 0, 5)
		r.Recent = false
		ticks.Add(r)
	}
	want := []Interval{{From: at(0), To: at(time.Second), Requests: 100}}
	if d := cmp.Diff(want, ticks.Intervals()); d != "" {
		t.Errorf("Intervals (-want +got):\n%s", d)
	}
	if got, _ := ticks.Snapshot(); got.Latency.Requests != 100 {
		t.Errorf("the percentiles are of %d requests", got.Latency.Requests)
	}
}

// TestTicksEvidence holds how many requests the figures are of.
func TestTicksEvidence(t *testing.T) {
	t.Parallel()
	var ticks Ticks
	r := row(1, 5000, 20, 5)
	r.Recent, r.Rate, r.FailRate = true, 0.3, 0
	ticks.Add(r)
	got, _ := ticks.Snapshot()
	if got.Latency.Requests != 3 || got.Errors.Requests != 3 || *got.Errors.Now != 0 {
		t.Errorf("0.3 requests a second are %d and %d", got.Latency.Requests, got.Errors.Requests)
	}
	r.At, r.Rate = r.At.Add(time.Second), 0
	ticks.Add(r)
	if got, _ = ticks.Snapshot(); got.Errors.Now != nil {
		t.Errorf("no requests have an error rate of %v", *got.Errors.Now)
	}
}
