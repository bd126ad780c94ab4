package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"speedgate/perf"
)

// Measurement is one request that has ended.
type Measurement struct {
	At      time.Time     // when it ended
	Latency time.Duration // from when it was due
	Subject string        // method and name of its target
	Failed  bool          // no answer, or one with a status of 400 and above
	WarmUp  bool          // in the warm-up, and not in the figures
}

// Result is what a test measured.
type Result struct {
	// Run has the figures of every subject and of all together. A test that was
	// cancelled is incomplete.
	Run *perf.Run
	// Subjects has what a run has no place for, sorted by name.
	Subjects []Subject
}

// Subject is what was counted of the targets with one method and name.
type Subject struct {
	Name     string
	Requests int64
	Failed   int64
	Bytes    int64         // of the bodies of answers
	Codes    map[int]int64 // answers by status
}

// initialWorkers is how many of vegeta's workers there are at first; it adds one when
// a request is due and all are busy.
const initialWorkers = 16

// Run makes the test that the plan says and returns when it is over and every
// request has ended. watch gets each request as it ends, from one goroutine; it must
// not block, and may be nil.
//
// When ctx ends, the test ends with it, and what was measured is returned; requests
// that are on their way do not count. The error says what is wrong with the plan, or
// wraps [perf.ErrNoResults] if no request was measured.
func Run(ctx context.Context, p Plan, watch func(Measurement)) (*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if watch == nil {
		watch = func(Measurement) {}
	}
	t := newTest(p.withDefaults(), watch)
	t.run(ctx)
	return t.result(context.Cause(ctx))
}

// test is a run of a plan.
type test struct {
	plan      Plan
	schedule  *schedule
	deck      *deck
	pacer     *pacer
	transport *transport
	watch     func(Measurement)
	subjects  []*figures    // sorted by name
	byTarget  []*figures    // those of each target
	stopped   time.Duration // when sending ended at the latest, from the beginning
	sent      int64         // requests that vegeta sent
	broken    int64         // of those, were on their way when the test was cancelled
	late      int64         // of those, were sent later than is tolerable
	unsent    int64         // requests that were due and not sent
	saturated bool          // this machine was at its limit
}

func newTest(p Plan, watch func(Measurement)) *test {
	t := &test{plan: p, schedule: newSchedule(p), deck: newDeck(p), watch: watch}
	named := map[string]*figures{}
	for _, target := range p.Targets {
		name := subjectOf(target)
		if named[name] == nil {
			named[name] = newFigures(name)
			t.subjects = append(t.subjects, named[name])
		}
		t.byTarget = append(t.byTarget, named[name])
	}
	slices.SortFunc(t.subjects, func(a, b *figures) int { return strings.Compare(a.subject, b.subject) })
	return t
}

// run sends and counts.
func (t *test) run(ctx context.Context) {
	requests, breakOff := context.WithCancelCause(context.WithoutCancel(ctx))
	defer breakOff(nil)
	t.transport = newTransport(requests, t.plan, t.schedule.warmUp)
	defer t.transport.base.CloseIdleConnections()
	last := t.schedule.length + t.plan.Timeout
	t.pacer = &pacer{ctx: ctx, schedule: t.schedule, last: last, alarm: newAlarm(ctx)}
	defer t.pacer.close()
	defer collectLess()()
	attacker := t.attacker()
	// The pacer is not asked while vegeta waits for a worker, so that it is stopped
	// from outside too.
	end := time.AfterFunc(last, func() { attacker.Stop() })
	defer end.Stop()
	began := time.Now()
	cancelled := make(chan time.Duration, 1)
	forget := context.AfterFunc(ctx, func() {
		cancelled <- time.Since(began)
		attacker.Stop()
		breakOff(errCancelled)
	})
	for r := range attacker.Attack(t.deck.next, t.pacer, 0, "") {
		t.count(r)
	}
	t.stopped = last
	if !forget() {
		t.stopped = min(last, <-cancelled)
	}
	t.saturated = t.plan.Saturated != nil && t.plan.Saturated()
	t.countUnsent()
}

// gcPercent lets garbage grow to nine times what is in use, which is little, before
// it is collected: at 40,000 requests per second that saves a tenth of the time, and
// fewer requests meet a collection.
const gcPercent = 800

// collectLess makes the whole process collect its garbage less often, unless its
// user has chosen that already, and returns how to undo it.
func collectLess() (undo func()) {
	old := debug.SetGCPercent(gcPercent)
	if old < 0 || old > gcPercent {
		debug.SetGCPercent(old)
	}
	return func() { debug.SetGCPercent(old) }
}

func (t *test) attacker() *vegeta.Attacker {
	client := &http.Client{Transport: t.transport}
	redirects := t.plan.Redirects
	if redirects == 0 {
		redirects = vegeta.NoFollow
	}
	return vegeta.NewAttacker(
		vegeta.Client(client), vegeta.Redirects(redirects),
		vegeta.Workers(uint64(min(initialWorkers, t.plan.Connections))), vegeta.MaxWorkers(uint64(t.plan.Connections)),
		vegeta.MaxBody(0), // answers are read to their end all the same, and not kept
	)
}

// tolerable is how late a request may be sent without a word: a moment in which the
// machine did something else.
const tolerable = 100 * time.Millisecond

// count counts a request that vegeta sent. Vegeta numbers requests in the order in
// which they are sent, which is that in which they were due; its own latency begins
// when it sends.
func (t *test) count(r *vegeta.Result) {
	t.sent++
	if r.Code == 0 && r.Error == errCancelled.Error() {
		t.broken++
		return
	}
	due := t.schedule.at(int64(r.Seq))
	sent := r.Timestamp.Sub(t.pacer.began)
	latency := r.Latency + max(0, sent-due)
	i, _ := tagOf(r.URL)
	f, failure := t.byTarget[i], failureText(int(r.Code), r.Error)
	isWarmUp := int64(r.Seq) < t.schedule.warmUp
	if ended := due + latency; failure == "" && ended >= t.plan.WarmUp && ended < t.schedule.length {
		f.done++
	}
	t.watch(Measurement{At: r.End(), Latency: latency, Subject: f.subject, Failed: failure != "", WarmUp: isWarmUp})
	if isWarmUp {
		return
	}
	f.add(latency, int(r.Code), failure)
	if sent-due > tolerable {
		t.late++
	}
}

// countUnsent counts what was due and could not be sent as failed requests, with the
// latency that they had reached when the test ended: left out, they would flatter
// every figure. Where it is this machine that could not, they are left out all the same,
// as the service never failed them, and the run is incomplete.
func (t *test) countUnsent() {
	failure := "not sent within " + t.plan.Timeout.String() + ": " + t.hindrance()
	due := t.schedule.due(t.stopped - t.plan.Timeout)
	for k := max(t.sent, t.schedule.warmUp); k < due; k++ {
		t.unsent++
		if t.isTooSlow() {
			continue
		}
		f, latency := t.byTarget[t.deck.card(uint64(k))], t.stopped-t.schedule.at(k)
		f.add(latency, 0, failure)
		t.watch(Measurement{At: time.Now(), Latency: latency, Subject: f.subject, Failed: true})
	}
}

// isLate reports whether enough requests were late to tell: one in a hundred is what p99
// rests on.
func (t *test) isLate(requests int64) bool { return (t.late+t.unsent)*100 >= requests }

// isTooSlow reports whether what was late is the fault of this machine: a service that
// is slow to answer keeps all connections busy, and so does a machine that has no time
// to read its answers.
func (t *test) isTooSlow() bool {
	return t.saturated || t.transport.peak.Load() < int64(t.plan.Connections)
}

// hindrance says why requests were late.
func (t *test) hindrance() string {
	if t.isTooSlow() {
		return "the machine that makes the load is too slow for the rate"
	}
	return fmt.Sprintf("all %d connections were busy", t.plan.Connections)
}

// result makes a result of what was counted. cause says why the test was cancelled,
// nil if it was not.
func (t *test) result(cause error) (*Result, error) {
	window := min(t.schedule.length, t.stopped) - t.plan.WarmUp
	all := newFigures(perf.Aggregated)
	r := &Result{Run: &perf.Run{
		Source:   perf.Source{Format: "http", Tool: "vegeta"},
		Workload: perf.Workload{Duration: window, Host: hostOf(t.plan.Targets)},
	}}
	for i, f := range t.byTarget {
		f.bytes += t.transport.bytes[i].Load()
	}
	for _, f := range t.subjects {
		all.merge(f)
		r.Run.Series = append(r.Run.Series, f.series(window)...)
		r.Run.Failures = append(r.Run.Failures, f.failures()...)
		r.Subjects = append(r.Subjects, Subject{Name: f.subject, Requests: f.latency.count, Failed: f.failed, Bytes: f.bytes, Codes: f.codes})
	}
	if all.latency.count == 0 {
		return nil, errors.Join(fmt.Errorf("no request was measured: %w", perf.ErrNoResults), cause)
	}
	r.Run.Series = append(r.Run.Series, all.series(window)...)
	t.note(r.Run, all.latency.count, cause)
	r.Run.Sort()
	return r, r.Run.Check()
}

// note adds what a reader of the run must know.
func (t *test) note(r *perf.Run, requests int64, cause error) {
	if cause != nil {
		r.Incomplete = append(r.Incomplete, perf.Warning{Msg: fmt.Sprintf(
			"the load test was stopped after %s of %s: %s; %s not count",
			t.stopped.Round(time.Millisecond), t.schedule.length, cause, underWay(t.broken),
		)})
	}
	if t.saturated {
		r.Overloaded = append(r.Overloaded, perf.Warning{Msg: "this machine was at its limit, most of it for making the load; its latencies are its own as much as the service's"})
	}
	if !t.isLate(requests) {
		return
	}
	late := perf.Warning{Msg: fmt.Sprintf(
		"%d of %d requests were sent more than %s late and %d not at all: %s; latencies count from when a request was due",
		t.late, requests, tolerable, t.unsent, t.hindrance(),
	)}
	switch {
	case !t.isTooSlow():
		r.Warnings = append(r.Warnings, late)
	case t.unsent == 0:
		r.Overloaded = append(r.Overloaded, late)
	default:
		r.Overloaded = append(r.Overloaded, late)
		r.Incomplete = append(r.Incomplete, perf.Warning{Msg: fmt.Sprintf("%d requests were never sent: %s", t.unsent, t.hindrance())})
	}
}

// underWay says of how many requests nobody knows the end, up to the verb.
func underWay(n int64) string {
	if n == 1 {
		return "1 request on its way does"
	}
	return fmt.Sprintf("%d requests on their way do", n)
}

// hostOf returns the scheme and host of the targets, "" if they have several.
func hostOf(targets []Target) string {
	host := ""
	for _, t := range targets {
		u, err := url.Parse(t.URL)
		if err != nil {
			return ""
		}
		h := u.Scheme + "://" + u.Host // without the user and the password of a URL
		if host != "" && h != host {
			return ""
		}
		host = h
	}
	return host
}
