package baseline

import (
	"cmp"
	"regexp"
	"strconv"
	"time"

	"speedgate/perf"
)

// ciRunID is the id of a run of GitHub Actions and its like: number, attempt and job.
// The number grows with each run that is started, the attempt with each repetition.
var ciRunID = regexp.MustCompile(`^(\d{1,18})\.(\d{1,9})\.`)

// compareStarts orders two runs by when their CI jobs were started. known is false if
// the ids do not say.
func compareStarts(a, b string) (order int, known bool) {
	m, n := ciRunID.FindStringSubmatch(a), ciRunID.FindStringSubmatch(b)
	if m == nil || n == nil {
		return 0, false
	}
	return cmp.Or(cmp.Compare(number(m[1]), number(n[1])), cmp.Compare(number(m[2]), number(n[2]))), true
}

// number reads digits that are known to fit.
func number(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// tick is the least that two moments of a file are apart.
const tick = time.Millisecond

// inOrder returns the time of a run that does not contradict the numbers of the runs
// that are there: jobs write when they are done, and of two pushes the older may be done
// later. Numbers decide where they can, by moving the time, rather than in the order
// itself: with runs that have none in between, there would be none.
func inOrder(info perf.RunInfo, runs []perf.RunInfo) time.Time {
	t := info.Time
	for _, r := range runs {
		if order, known := compareStarts(info.ID, r.ID); known && order > 0 && !t.After(r.Time) {
			t = r.Time.Add(tick)
		}
	}
	// The last word is that of newer runs: what was accepted with them must stay so.
	for _, r := range runs {
		if order, known := compareStarts(info.ID, r.ID); known && order < 0 && !t.Before(r.Time) {
			t = r.Time.Add(-tick)
		}
	}
	return t
}
