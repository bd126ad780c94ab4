package locust

import (
	"cmp"
	"slices"

	"speedgate/perf"
)

const (
	unitTime = perf.Unit("ms")
	unitSize = perf.Unit("B")
	unitRate = perf.Unit("/s")

	contentSize = "content_size_avg"
)

// Locust counts response times in buckets, of which it takes the percentiles:
// locust/stats.py, StatsEntry._log_response_time, bucket_response_time since
// 2.43.4. A user may replace the buckets; the files do not say so.
const (
	fineLimit, fineStep     = 100, 1 // below 100 ms: whole milliseconds
	middleLimit, middleStep = 1000, 10
	coarseLimit, coarseStep = 10000, 100
	widestStep              = 1000
)

// bucketStep returns the width in ms of the bucket that a percentile of v ms
// stands for.
func bucketStep(v float64) float64 {
	switch {
	case v < fineLimit:
		return fineStep
	case v < middleLimit:
		return middleStep
	case v < coarseLimit:
		return coarseStep
	}
	return widestStep
}

// figure is one number of a row. Numbers that the input does not have are not known.
type figure struct {
	value float64
	step  float64
	known bool
	at    spot // where it stands
}

// quantile is a percentile of the response times in ms.
type quantile struct {
	metric string
	figure
}

// entry is what Locust knows of one endpoint, or of all of them together.
type entry struct {
	subject   string
	at        spot
	requests  int64
	failures  int64
	failureAt spot
	counted   bool // whether failures are known
	rate      figure
	avg       figure
	min       figure
	max       figure
	size      figure
	quantiles []quantile
}

// part collects the series of one file into a run.
type part struct {
	run      *perf.Run
	samples  []float64 // the samples of all series, which have one each
	requests int64     // most requests of any entry
}

func newPart(file, format, rule, version string) *part {
	return &part{run: &perf.Run{Source: perf.Source{
		Files: []string{file}, Format: format, Rule: rule, Tool: "locust", Version: version,
	}}}
}

// reserve makes room for n series. A series is larger than the text that it is
// read from, so that room which grows or stays unused would be most of the memory
// that a file takes.
func (p *part) reserve(n int) {
	p.run.Series = make([]perf.Series, 0, n)
	p.samples = make([]float64, 0, n)
}

// seriesBesides is how many series an entry has besides its percentiles: content
// size, error rate, average, greatest and least latency, requests, throughput.
const seriesBesides = 7

// add turns e into series, in the order of their metrics: what need not be
// sorted takes a sixth of the time. An entry without requests has only their
// number: 0.
func (p *part) add(e *entry) {
	p.requests = max(p.requests, e.requests)
	requests := figure{value: float64(e.requests), at: e.at}
	if e.requests == 0 {
		if e.failures > 0 {
			p.warnf(e.failureAt, "%s: %d failures without a request", e.subject, e.failures)
		}
		p.series(e, perf.Requests, "", perf.BetterUnknown, perf.KindTotal, &requests)
		return
	}
	if e.size.known {
		p.series(e, contentSize, unitSize, perf.BetterUnknown, perf.KindMean, &e.size)
	}
	if e.counted {
		p.addErrors(e)
	}
	p.addLatency(e)
	p.series(e, perf.Requests, "", perf.BetterUnknown, perf.KindTotal, &requests)
	p.addRate(e)
}

// addErrors adds the share of requests that failed.
func (p *part) addErrors(e *entry) {
	failures := e.failures
	if failures > e.requests {
		p.warnf(e.failureAt, "%s: %d failures of %d requests; the error rate counts as 100%%", e.subject, failures, e.requests)
		failures = e.requests
	}
	rate := figure{value: float64(failures) / float64(e.requests) * 100, at: e.failureAt}
	p.series(e, perf.ErrorRate, "%", perf.BetterLower, perf.KindRatio, &rate)
}

// addRate adds the throughput. Locust prints 0 where it knows no time span, and
// old versions for less than one request in 200 s.
func (p *part) addRate(e *entry) {
	if !e.rate.known {
		return
	}
	if e.rate.value == 0 {
		p.warnf(e.rate.at, "%s: a throughput of 0 in spite of %d requests; it is left out", e.subject, e.requests)
		return
	}
	p.series(e, perf.Throughput, unitRate, perf.BetterHigher, perf.KindRate, &e.rate)
}

// addLatency adds what is known of the response times. Requests that were
// reported with a response time of None count as requests and have no time:
// Locust prints 0 for all figures of an entry that has only such requests.
func (p *part) addLatency(e *entry) {
	if e.timeless() {
		p.warnf(e.at, "%s: %d requests and no response time; its latency is left out", e.subject, e.requests)
		return
	}
	p.time(e, perf.LatencyAvg, perf.KindMean, &e.avg)
	p.time(e, perf.LatencyMax, perf.KindQuantile, &e.max)
	p.time(e, perf.LatencyMin, perf.KindQuantile, &e.min)
	p.addQuantiles(e)
}

// time adds one latency of e, if it is known.
func (p *part) time(e *entry, metric string, kind perf.Kind, f *figure) {
	if f.known {
		p.series(e, metric, unitTime, perf.BetterLower, kind, f)
	}
}

// timeless reports whether e has requests and no response time. The average is
// exact, so that it is 0 only if nothing was timed or all of it took no time at
// all in whole milliseconds; neither is a latency that can be compared.
func (e *entry) timeless() bool {
	if e.avg.known && e.max.known {
		return e.avg.value == 0 && e.max.value == 0
	}
	for _, q := range e.quantiles {
		if q.value != 0 {
			return false
		}
	}
	return len(e.quantiles) > 0 && !e.avg.known && !e.max.known
}

// addQuantiles adds the percentiles. Versions up to 2.20 at least put requests without a
// response time below all others when they take percentiles; the 0 that comes
// of it is seen when even the fastest request took longer.
func (p *part) addQuantiles(e *entry) {
	var left bool
	for i := range e.quantiles {
		q := &e.quantiles[i]
		if q.value == 0 && e.min.known && e.min.value > bucketStep(0) {
			left = true
			continue
		}
		q.step = bucketStep(q.value)
		p.series(e, q.metric, unitTime, perf.BetterLower, perf.KindQuantile, &q.figure)
	}
	if left {
		p.warnf(e.at, "%s: percentiles of 0 although no request was faster than %.4g ms: some have no response time; these percentiles are left out",
			e.subject, e.min.value)
	}
}

// series adds one series of e.
func (p *part) series(e *entry, metric string, unit perf.Unit, better perf.Better, kind perf.Kind, f *figure) {
	list := p.run.Series
	n := len(list)
	// A series is filled where it stands: copying a whole one into place takes a
	// third of the time of a file.
	if n == cap(list) {
		list = slices.Grow(list, 1)
	}
	p.samples = append(p.samples, f.value)
	p.run.Series = list[:n+1]
	s := &p.run.Series[n]
	s.Key.Subject, s.Key.Metric = e.subject, metric
	s.Unit, s.Better, s.Kind = unit, better, kind
	s.Samples, s.Count, s.Step = p.samples[n:n+1:n+1], e.requests, f.step
	s.Pos = p.pos(f.at)
}

func (p *part) pos(at spot) perf.Pos {
	return perf.Pos{File: p.run.Source.Files[0], Line: at.line, Col: at.col}
}

func (p *part) warnf(at spot, format string, args ...any) {
	p.run.Warnings = append(p.run.Warnings, perf.Warning{Pos: p.pos(at), Msg: perf.Errorf(perf.Pos{}, format, args...).Msg})
}

// sortWarnings puts the warnings into the order of the input, where rows were
// read in another one.
func (p *part) sortWarnings() {
	slices.SortStableFunc(p.run.Warnings, func(a, b perf.Warning) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}
