package plan

import (
	"fmt"
	"slices"
	"time"

	"speedgate/gate"
	"speedgate/internal/stats"
	"speedgate/perf"
	"speedgate/runner/monitor"
)

// RecoveryRule says when a service is well again after a burst. Start from
// [DefaultRecovery].
type RecoveryRule struct {
	Tolerance float64       // how much slower the 95th percentile may be, 0.2 = 20 %
	Errors    float64       // by how many percentage points the error rate may be higher
	Hold      time.Duration // for how long both must hold
	// Every is how often the figures tell something new, which is what intervals are apart
	// at most; 0 stands for a second.
	Every time.Duration
}

// DefaultRecovery asks for what the gate calls unchanged: a fifth of the latency, and
// one percentage point of the error rate; and for as long as the alerts do.
func DefaultRecovery() RecoveryRule {
	return RecoveryRule{Tolerance: gate.DefaultThreshold, Errors: 1, Hold: 10 * time.Second}
}

// Check returns everything that is wrong with the rule.
func (r RecoveryRule) Check() []perf.Problem {
	var c checker
	c.number("tolerance", "a tolerance", r.Tolerance, maxTimes)
	if !(r.Errors >= 0 && r.Errors <= 100) { // nor is it NaN
		c.add("errors", "expected 0 to 100 percentage points, found %g", r.Errors)
	}
	c.duration("hold", r.Hold, minStage)
	return c.problems
}

// WorkersReport is how often workers of Locust tell their master what they did.
const WorkersReport = 3 * time.Second

// CheckRecovery reports a spike that is too short for the rule to find a recovery in: it
// would say so at its end.
func (s Shape) CheckRecovery(rule RecoveryRule) []perf.Problem {
	var c checker
	steady := (s.Duration - s.Spike.Duration) / spikeParts
	// Two more than it takes, as the first and the last may not be whole.
	if least := (minSteady + 2) * max(rule.Every, time.Second); steady < least {
		c.add("duration", "leaves %s of steady load before the burst, which takes %s to know what is normal; write %s or more",
			short(steady.Round(time.Second)), short(least), short(s.Spike.Duration+spikeParts*least))
	} else if after := s.Duration - s.Spike.Duration - steady; after < rule.Hold+2*max(rule.Every, time.Second) {
		c.add("hold", "is longer than the %s that are left after the burst", short(after.Round(time.Second)))
	}
	return c.problems
}

// RecoveryState is what a spike test found.
type RecoveryState string

// The states. Only a service that recovered has a recovery time.
const (
	Recovered    RecoveryState = "recovered"
	NotRecovered RecoveryState = "not_recovered" // it was still slow or failing at the end
	NotMeasured  RecoveryState = "not_measured"  // there is nothing to compare with, or nothing after the burst
)

// RecoveryTime is how a service came back after a burst.
type RecoveryTime struct {
	State  RecoveryState
	Reason string // why not; "" if it recovered
	// Time is from the end of the burst to the first of the intervals that were well for
	// as long as the rule says; of use only if it recovered. It is 0 if the first one
	// after the burst was well already.
	Time     time.Duration
	P95      float64 // of the steady part: median of its intervals, in milliseconds
	P95Limit float64 // up to which an interval is well
	Errors   float64 // error rate of the steady part in percent
}

// minSteady is how many intervals with requests a steady part must have before its
// noise can be told from a change.
const minSteady = 10

// spareGap is how much longer than they should be two intervals may be apart and still
// count as unbroken: Locust misses a second now and then.
const spareGap = time.Second

// maxGap is the longest time between two intervals that count as unbroken.
func (r RecoveryRule) maxGap() time.Duration { return max(r.Every, time.Second) + spareGap }

// Recovery finds how long a service took to be well again. intervals are those of the
// whole test in their order; the load that is compared with begins at steady, and the
// burst lies between burst and end.
//
// An interval is well when its 95th percentile is within the tolerance of the steady
// part's median, or no higher than one interval in twenty of the steady part was, as
// noise must not pass for a slow service; and when its error rate has not risen by
// more than allowed, one stray failure apart. An interval without a request is not
// well: a service that stands still has not recovered. Over the time that the rule
// asks for, the errors are looked at together too.
//
// Figures of a tool that looks some seconds back recover as much later.
func Recovery(intervals []monitor.Interval, steady, burst, end time.Time, rule RecoveryRule) RecoveryTime {
	var before, after []monitor.Interval
	for _, i := range intervals {
		switch {
		case !i.From.Before(steady) && !i.To.After(burst):
			before = append(before, i)
		case !i.From.Before(end):
			after = append(after, i)
		}
	}
	r := recovery{rule: rule}
	if reason := r.learn(before); reason != "" {
		return RecoveryTime{State: NotMeasured, Reason: reason}
	}
	r.find(after, end)
	return r.result
}

// recovery is one call of [Recovery] at work.
type recovery struct {
	rule   RecoveryRule
	result RecoveryTime
}

// learn describes the steady part, or says why it cannot.
func (r *recovery) learn(before []monitor.Interval) (reason string) {
	var p95s []float64
	var requests, failures int64
	for _, i := range before {
		if i.P95 != nil && i.Requests > 0 {
			p95s = append(p95s, *i.P95)
		}
		requests, failures = requests+i.Requests, failures+i.Failures
	}
	if len(p95s) < minSteady {
		return fmt.Sprintf("the steady load before the burst has %d intervals with a 95th percentile; it takes %d", len(p95s), minSteady)
	}
	slices.Sort(p95s)
	floor, _ := gate.DefaultLatencyFloor.In("ms")
	median := stats.Quantile(p95s, 0.5)
	r.result.P95 = median
	r.result.P95Limit = max(median*(1+r.rule.Tolerance), median+floor, stats.Quantile(p95s, 0.95))
	r.result.Errors = errorRate(failures, requests)
	return ""
}

// find looks for the first interval from which the service is well for long enough.
func (r *recovery) find(after []monitor.Interval, end time.Time) {
	watched := time.Duration(0)
	if len(after) > 0 {
		watched = after[len(after)-1].To.Sub(end)
	}
	switch {
	case watched < r.rule.Hold:
		r.result.State, r.result.Reason = NotMeasured, fmt.Sprintf("%s were watched after the burst; it takes %s", short(watched.Round(time.Second)), short(r.rule.Hold))
		return
	case after[0].From.Sub(end) > r.rule.maxGap():
		r.result.State, r.result.Reason = NotMeasured, fmt.Sprintf("nothing was seen of the first %s after the burst", short(after[0].From.Sub(end).Round(time.Second)))
		return
	}
	for n := range after {
		if !r.holds(after[n:]) {
			continue
		}
		r.result.State = Recovered
		if n > 0 {
			r.result.Time = after[n].From.Sub(end)
		}
		return
	}
	r.result.State, r.result.Reason = NotRecovered, fmt.Sprintf(
		"no %s of the %s after the burst were well: a 95th percentile up to %.4g ms, and up to %.3g %% of errors",
		short(r.rule.Hold), short(watched.Round(time.Second)), r.result.P95Limit, r.errorLimit())
}

// holds reports whether the service is well from the first of list for long enough.
func (r *recovery) holds(list []monitor.Interval) bool {
	var requests, failures int64
	for n, i := range list {
		if !r.isWell(i) || n > 0 && i.From.Sub(list[n-1].To) > r.rule.maxGap() {
			return false
		}
		requests, failures = requests+i.Requests, failures+i.Failures
		if i.To.Sub(list[0].From) >= r.rule.Hold {
			return errorRate(failures, requests) <= r.errorLimit()
		}
	}
	return false
}

func (r *recovery) isWell(i monitor.Interval) bool {
	return i.Requests > 0 && i.P95 != nil && *i.P95 <= r.result.P95Limit &&
		(i.Failures <= 1 || errorRate(i.Failures, i.Requests) <= r.errorLimit())
}

// errorLimit is the error rate up to which the service is well, in percent.
func (r *recovery) errorLimit() float64 { return r.result.Errors + r.rule.Errors }

// errorRate is in percent; 0 of no requests.
func errorRate(failures, requests int64) float64 {
	return 100 * float64(failures) / float64(max(requests, 1))
}
