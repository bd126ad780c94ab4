package load

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"speedgate/perf"
)

// Units of the figures: milliseconds, as load tests have them.
const (
	unitTime = perf.Unit("ms")
	unitSize = perf.Unit("B")
	unitRate = perf.Unit("/s")
)

// contentSize is the metric of the average size of an answer, named as Locust's.
const contentSize = "content_size_avg"

// percentiles are those that a run has.
var percentiles = []struct {
	name string
	q    float64
}{{"50", 0.5}, {"75", 0.75}, {"90", 0.9}, {"95", 0.95}, {"99", 0.99}, {"99.9", 0.999}}

// maxKinds is how many kinds of errors a subject has at most; what comes later is
// counted together. A service may put a number into each of its errors.
const maxKinds = 20

// otherErrors stands for the kinds of errors beyond maxKinds.
const otherErrors = "other errors"

// maxErrorBytes bounds the text of an error, which may hold what a server sent.
const maxErrorBytes = 200

// figures are what is counted of one subject.
type figures struct {
	subject string
	latency histogram
	failed  int64
	done    int64 // requests that ended well in the time that is measured
	bytes   int64 // of answers
	codes   map[int]int64
	errors  map[string]int64
}

func newFigures(subject string) *figures {
	return &figures{subject: subject, codes: map[int]int64{}, errors: map[string]int64{}}
}

// add counts a request. code is 0 without an answer; failure is "" if all was well.
func (f *figures) add(latency time.Duration, code int, failure string) {
	f.latency.add(latency)
	if code != 0 {
		f.codes[code]++
	}
	if failure == "" {
		return
	}
	f.failed++
	if _, ok := f.errors[failure]; !ok && len(f.errors) >= maxKinds {
		failure = otherErrors
	}
	f.errors[failure]++
}

// merge adds what another subject counted, but for the errors, which stay with it.
func (f *figures) merge(o *figures) {
	f.latency.merge(&o.latency)
	f.failed += o.failed
	f.done += o.done
	f.bytes += o.bytes
	for code, n := range o.codes {
		f.codes[code] += n
	}
}

// failureText says why a request failed, "" if it did not.
func failureText(code int, text string) string {
	switch {
	case text == "":
		return ""
	case code != 0: // not the server's own words, which may differ each time
		return fmt.Sprintf("%d %s", code, cmp.Or(http.StatusText(code), "(unknown status)"))
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) > maxErrorBytes {
		text = strings.ToValidUTF8(text[:maxErrorBytes], "") + "…"
	}
	return text
}

// series returns the metrics of f over the time that is measured.
func (f *figures) series(over time.Duration) []perf.Series {
	n := f.latency.count
	one := func(metric string, unit perf.Unit, kind perf.Kind, value float64) perf.Series {
		return perf.Series{
			Key:  perf.Key{Subject: f.subject, Metric: metric},
			Unit: unit, Better: perf.DirectionOf(metric, unit), Kind: kind, Samples: []float64{value}, Count: n,
		}
	}
	list := []perf.Series{one(perf.Requests, "", perf.KindTotal, float64(n))}
	if n == 0 {
		return list
	}
	list = append(
		list,
		one(contentSize, unitSize, perf.KindMean, float64(f.bytes)/float64(n)),
		one(perf.ErrorRate, "%", perf.KindRatio, float64(f.failed)/float64(n)*100),
		one(perf.LatencyAvg, unitTime, perf.KindMean, milliseconds(f.latency.mean())),
		one(perf.LatencyMin, unitTime, perf.KindQuantile, milliseconds(f.latency.min)),
		one(perf.LatencyMax, unitTime, perf.KindQuantile, milliseconds(f.latency.max)),
		one(perf.Throughput, unitRate, perf.KindRate, float64(f.done)/over.Seconds()),
	)
	for _, p := range percentiles {
		value, width := f.latency.quantile(p.q)
		s := one(perf.LatencyPercentile(p.name), unitTime, perf.KindQuantile, milliseconds(value))
		s.Step = milliseconds(width)
		list = append(list, s)
	}
	return list
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// failures lists the errors of f, the most frequent first.
func (f *figures) failures() []perf.Failure {
	var list []perf.Failure
	for text, n := range f.errors {
		list = append(list, perf.Failure{Subject: f.subject, Message: text, Count: n})
	}
	slices.SortFunc(list, func(a, b perf.Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Message, b.Message))
	})
	return list
}
