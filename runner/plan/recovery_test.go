package plan

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"speedgate/perf"
	"speedgate/runner/monitor"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func after(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// spikeTest is a test of a second each interval, with 100 requests of 20 ms, whose
// steady load begins at second 10 and whose burst lasts from 40 to 60.
func spikeTest(seconds int) []monitor.Interval {
	list := make([]monitor.Interval, seconds)
	for i := range list {
		p95 := 20.0
		list[i] = monitor.Interval{From: after(i), To: after(i + 1), Requests: 100, P95: &p95}
	}
	slow(list[:min(10, seconds)], 500)
	if seconds > 40 {
		slow(list[40:min(60, seconds)], 800)
	}
	return list
}

func slow(list []monitor.Interval, p95 float64) {
	for i := range list {
		list[i].P95 = &p95
	}
}

func failing(list []monitor.Interval, failures int64) {
	for i := range list {
		list[i].Failures = failures
	}
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	was := func(state RecoveryState, seconds int, reason string) RecoveryTime {
		return RecoveryTime{State: state, Reason: reason, Time: time.Duration(seconds) * time.Second, P95: 20, P95Limit: 24}
	}
	unmeasured := func(reason string) RecoveryTime { return RecoveryTime{State: NotMeasured, Reason: reason} }
	const never = "no 10s of the 1m after the burst were well: a 95th percentile up to 24 ms, and up to 1 % of errors"
	for _, c := range []struct {
		name    string
		seconds int
		change  func(list []monitor.Interval) []monitor.Interval
		want    RecoveryTime
	}{
		{"no trace", 120, func(l []monitor.Interval) []monitor.Interval { return l }, was(Recovered, 0, "")},
		{"slow for 15 seconds", 120, func(l []monitor.Interval) []monitor.Interval { slow(l[60:75], 24.1); return l }, was(Recovered, 15, "")},
		{"just within the tolerance", 120, func(l []monitor.Interval) []monitor.Interval { slow(l[60:75], 24); return l }, was(Recovered, 0, "")},
		{"failing for 7 seconds", 120, func(l []monitor.Interval) []monitor.Interval { failing(l[60:67], 2); return l }, was(Recovered, 7, "")},
		{"slow, then failing", 120, func(l []monitor.Interval) []monitor.Interval {
			slow(l[60:70], 90)
			failing(l[70:80], 50)
			return l
		}, was(Recovered, 20, "")},
		{"a relapse within the time to hold", 120, func(l []monitor.Interval) []monitor.Interval {
			slow(l[60:65], 90)
			slow(l[74:75], 90)
			return l
		}, was(Recovered, 15, "")},
		{"a relapse after it", 120, func(l []monitor.Interval) []monitor.Interval {
			slow(l[60:65], 90)
			slow(l[75:80], 90)
			return l
		}, was(Recovered, 5, "")},
		{"one stray failure", 120, func(l []monitor.Interval) []monitor.Interval {
			for i := range l {
				l[i].Requests = 50
			}
			failing(l[62:63], 1)
			return l
		}, was(Recovered, 0, "")},
		{"a failure each second", 120, func(l []monitor.Interval) []monitor.Interval {
			for i := range l {
				l[i].Requests = 50
			}
			failing(l[60:72], 1) // 2 %; from second 67 on it is 1 % of the ten that follow
			return l
		}, was(Recovered, 7, "")},
		{"never recovered", 120, func(l []monitor.Interval) []monitor.Interval { slow(l[60:], 30); return l }, was(NotRecovered, 0, never)},
		{"well for too short a time at the end", 120, func(l []monitor.Interval) []monitor.Interval { slow(l[60:111], 30); return l }, was(NotRecovered, 0, never)},
		{"well for just long enough", 120, func(l []monitor.Interval) []monitor.Interval { slow(l[60:110], 30); return l }, was(Recovered, 50, "")},
		{"standing still", 120, func(l []monitor.Interval) []monitor.Interval {
			for i := 60; i < 120; i++ {
				l[i].Requests, l[i].P95 = 0, nil
			}
			return l
		}, was(NotRecovered, 0, never)},
		{"standing still, with a percentile of what was before", 120, func(l []monitor.Interval) []monitor.Interval {
			for i := 60; i < 120; i++ {
				l[i].Requests = 0
			}
			return l
		}, was(NotRecovered, 0, never)},
		{"a hole in the figures", 120, func(l []monitor.Interval) []monitor.Interval {
			slow(l[60:63], 90)
			return append(l[:65:65], l[68:]...)
		}, was(Recovered, 8, "")},
		{"a missing second", 120, func(l []monitor.Interval) []monitor.Interval { return append(l[:65:65], l[66:]...) }, was(Recovered, 0, "")},
		{"not seen at first", 120, func(l []monitor.Interval) []monitor.Interval { return append(l[:60:60], l[65:]...) }, was(NotMeasured, 0, "nothing was seen of the first 5s after the burst")},
		{"ended at once", 69, func(l []monitor.Interval) []monitor.Interval { return l }, was(NotMeasured, 0, "9s were watched after the burst; it takes 10s")},
		{"ended in the burst", 50, func(l []monitor.Interval) []monitor.Interval { return l }, was(NotMeasured, 0, "0s were watched after the burst; it takes 10s")},
		{"nothing", 0, func(l []monitor.Interval) []monitor.Interval { return l }, unmeasured("the steady load before the burst has 0 intervals with a 95th percentile; it takes 10")},
		{"too short a steady load", 120, func(l []monitor.Interval) []monitor.Interval { return l[31:] }, unmeasured("the steady load before the burst has 9 intervals with a 95th percentile; it takes 10")},
		{"no percentiles", 120, func(l []monitor.Interval) []monitor.Interval {
			for i := range l {
				l[i].P95 = nil
			}
			return l
		}, unmeasured("the steady load before the burst has 0 intervals with a 95th percentile; it takes 10")},
	} {
		got := Recovery(c.change(spikeTest(c.seconds)), after(10), after(40), after(60), DefaultRecovery())
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// TestRecoveryBetweenSeconds holds that a burst that ends within an interval, and
// left no trace in the next, took no time to recover from.
func TestRecoveryBetweenSeconds(t *testing.T) {
	t.Parallel()
	list := spikeTest(120)
	end := after(60).Add(-300 * time.Millisecond)
	if got := Recovery(list, after(10), after(40), end, DefaultRecovery()); got.State != Recovered || got.Time != 0 {
		t.Errorf("%s after %s", got.State, got.Time)
	}
	slow(list[60:62], 90)
	if got := Recovery(list, after(10), after(40), end, DefaultRecovery()); got.State != Recovered || got.Time != 2300*time.Millisecond {
		t.Errorf("%s after %s", got.State, got.Time)
	}
}

// TestRecoveryInLumps holds that figures which come every three seconds leave no gap
// after the burst, wherever in one of them it ends, and those that miss one do.
func TestRecoveryInLumps(t *testing.T) {
	t.Parallel()
	rule := DefaultRecovery()
	rule.Every = 3 * time.Second
	var list []monitor.Interval
	for i, in := range spikeTest(120) {
		if i%3 == 0 {
			in.To = in.From.Add(rule.Every)
			list = append(list, in)
		}
	}
	for _, offset := range []time.Duration{0, 100, 1500, 2900} {
		end := after(60).Add(offset * time.Millisecond)
		if got := Recovery(list, after(0), after(40), end, rule); got.State != Recovered || got.Time > 0 {
			t.Errorf("%d ms into a lump: %s after %s: %s", offset, got.State, got.Time, got.Reason)
		}
	}
	list = slices.Delete(list, 21, 22)
	if got := Recovery(list, after(0), after(40), after(60).Add(100*time.Millisecond), rule); got.Reason != "nothing was seen of the first 6s after the burst" {
		t.Errorf("one is missing: %s, %q", got.State, got.Reason)
	}
}

// TestRecoveryLevels holds what is compared with: the steady load's own latency,
// noise and errors.
func TestRecoveryLevels(t *testing.T) {
	t.Parallel()
	fast := spikeTest(120)
	slow(fast[10:40], 0.5)
	noisy := spikeTest(120)
	slow(noisy[12:40:40][:3], 60) // three of thirty
	failed := spikeTest(120)
	failing(failed[10:40], 3)
	for _, c := range []struct {
		name                  string
		list                  []monitor.Interval
		p95, p95Limit, errors float64
	}{
		{"a floor of a millisecond", fast, 0.5, 1.5, 0},
		{"noise of its own", noisy, 20, 60, 0},
		{"errors of its own", failed, 20, 24, 3},
	} {
		got := Recovery(c.list, after(10), after(40), after(60), DefaultRecovery())
		if got.P95 != c.p95 || got.P95Limit != c.p95Limit || got.Errors != c.errors {
			t.Errorf("%s: p95 %g, limit %g, errors %g", c.name, got.P95, got.P95Limit, got.Errors)
		}
	}
}

// TestRecoveryInNoise plays a service that recovers after a known time, whose
// percentiles scatter as those of 100 requests with an exponential latency do.
func TestRecoveryInNoise(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	const tests, recoversAfter = 200, 25
	late, early, missed := 0, 0, 0
	for range tests {
		list := spikeTest(300)
		for i := range list {
			v := 60 * math.Exp(0.15*r.NormFloat64())
			if i >= 40 && i < 60+recoversAfter {
				v *= 4
			}
			list[i].P95 = &v
		}
		got := Recovery(list, after(0), after(40), after(60), DefaultRecovery())
		switch seconds := int(got.Time / time.Second); {
		case got.State != Recovered:
			missed++
		case seconds < recoversAfter:
			early++
		case seconds > recoversAfter+30:
			late++
		}
	}
	if early > 0 || missed > 0 || late > tests/10 {
		t.Errorf("of %d recoveries after %d s, %d are told too early, %d more than 30 s late, %d not at all", tests, recoversAfter, early, late, missed)
	}
}

func TestRecoveryRuleCheck(t *testing.T) {
	t.Parallel()
	if problems := DefaultRecovery().Check(); problems != nil {
		t.Errorf("the default: %v", problems)
	}
	want := []perf.Problem{
		{Key: "tolerance", Msg: "expected a tolerance above 0 and up to 1000, found 0"},
		{Key: "errors", Msg: "expected 0 to 100 percentage points, found NaN"},
		{Key: "hold", Msg: "expected a duration from 1s to 24h, found 0s"},
	}
	if d := cmp.Diff(want, RecoveryRule{Errors: math.NaN()}.Check()); d != "" {
		t.Errorf("Check (-want +got):\n%s", d)
	}
}
