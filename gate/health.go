package gate

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"speedgate/internal/stats"
	"speedgate/perf"
)

const (
	// defaultMaxError is the error rate above which the latency of a run is not
	// believed: refused connections answer in a millisecond.
	defaultMaxError = 0.05
	// errorRise is the rise of the error rate, in absolute terms, that makes the
	// latency unbelievable if it is significant too.
	errorRise = 0.01
	// errorAlpha is the level of the exact test on that rise.
	errorAlpha = 0.01
)

// subject names what error rates belong to: an endpoint with its labels.
type subject struct {
	name   string
	labels perf.Labels
}

// proportion is failures of requests.
type proportion struct {
	failures, requests int64
	rate               float64 // known also where the counts are not
	counted            bool    // requests and failures are known
	known              bool
}

func (p *proportion) add(rate float64, requests int64) {
	p.known = true
	p.counted = requests > 0
	if requests > 0 {
		p.requests += requests
		p.failures += int64(math.Round(rate * float64(requests)))
		p.rate = float64(p.failures) / float64(p.requests)
		return
	}
	p.rate = max(p.rate, rate)
}

// health is what is known of requests and errors of both sides.
type health struct {
	zero map[subject]bool       // subjects that were sent no request in some head run
	idle map[subject]bool       // and in every accepted run
	head map[subject]proportion // error rates of the head runs
	base map[subject]proportion // and of the accepted ones
}

// zeroRequests is why a subject that was sent no request has no figures.
const zeroRequests = "0 requests"

// newHealth collects the error rates. Those of another environment are left out.
func newHealth(in Input, envDiffers bool) health {
	h := health{map[subject]bool{}, map[subject]bool{}, map[subject]proportion{}, map[subject]proportion{}}
	for _, run := range in.Head {
		for i := range run.Series {
			h.addHead(&run.Series[i], in.Base)
		}
	}
	if in.Base != nil && !envDiffers {
		for i := range in.Base.Metrics {
			h.addBase(&in.Base.Metrics[i])
		}
	}
	return h
}

// addHead adds a series of a head run. An error rate without a unit may be told by the
// accepted one.
func (h *health) addHead(s *perf.Series, base *perf.Window) {
	at := subject{s.Key.Subject, s.Key.Labels}
	switch s.Key.Metric {
	case perf.Requests:
		h.zero[at] = h.zero[at] || stats.Median(s.Samples) == 0
	case perf.ErrorRate:
		if rate, ok := share(stats.Median(s.Samples), s.Unit.Beside(pastUnit(base, s.Key), perf.ErrorRate)); ok {
			p := h.head[at]
			p.add(rate, s.Count)
			h.head[at] = p
		}
	}
}

// pastUnit is the unit of a metric in the accepted runs, "" if there is none.
func pastUnit(base *perf.Window, k perf.Key) perf.Unit {
	if base == nil {
		return ""
	}
	i, ok := slices.BinarySearchFunc(base.Metrics, k, func(p perf.Past, k perf.Key) int { return p.Key.Compare(k) })
	if !ok {
		return ""
	}
	return base.Metrics[i].Unit
}

func (h *health) addBase(past *perf.Past) {
	at := subject{past.Key.Subject, past.Key.Labels}
	switch past.Key.Metric {
	case perf.Requests:
		h.idle[at] = !slices.ContainsFunc(past.Points, func(pt perf.Point) bool { return pt.Value != 0 })
		return
	case perf.ErrorRate:
	default:
		return
	}
	p := h.base[at]
	for _, pt := range past.Points {
		if rate, ok := share(pt.Value, past.Unit); ok {
			p.add(rate, pt.Count)
		}
	}
	h.base[at] = p
}

// share returns an error rate as a share of one. Without a unit, 2 may be two
// percent or two in a hundred: not known. 100 is all of them either way.
func share(v float64, u perf.Unit) (float64, bool) {
	if u == "" {
		return 1, v >= 100
	}
	v, ok := u.Convert(v, "ratio")
	return v, ok
}

// suspends reports whether errors make the metric unbelievable, and why. Request counts
// always stand, and error rates unless every request failed: what always fails would
// otherwise pass once it was accepted.
func (h *health) suspends(k perf.Key, u perf.Unit, maxError float64) (reason string, bad bool) {
	if k.Metric == perf.ErrorRate {
		if h.head[subject{k.Subject, k.Labels}].rate >= 1 {
			return "every request failed", true
		}
		return "", false
	}
	if !isOfRequests(k.Metric, u) {
		return "", false
	}
	at := subject{k.Subject, k.Labels}
	if h.zero[at] {
		return zeroRequests, true
	}
	head := h.head[at]
	if !head.known {
		return "", false
	}
	if head.rate > maxError {
		return fmt.Sprintf("%s of the requests failed, more than %s", percent(head.rate), percent(maxError)), true
	}
	base := h.base[at]
	if p, worse := risen(base, head); worse {
		return fmt.Sprintf("%s of the requests failed, %s before (p = %.2g)", percent(head.rate), percent(base.rate), p), true
	}
	return "", false
}

// isOfRequests reports whether failing requests change the metric: response times and
// throughput, whatever home-made results call them.
func isOfRequests(metric string, u perf.Unit) bool {
	switch u.Dimension() {
	case perf.DimensionTime, perf.DimensionRate:
		return true
	}
	return metric == perf.Throughput || perf.IsLatency(metric)
}

// risen tests whether the error rate rose by more than one percentage point and
// by more than chance.
func risen(base, head proportion) (p float64, worse bool) {
	if !base.counted || !head.counted || head.rate-base.rate <= errorRise {
		return 1, false
	}
	p = stats.Proportions(base.failures, base.requests, head.failures, head.requests)
	return p, p < errorAlpha
}

// leastRise returns the greatest error rate of so many requests that does not
// count as risen; ok is false if so few requests could never show a rise.
func leastRise(base proportion, requests int64) (rate float64, ok bool) {
	head := func(failures int) proportion {
		return proportion{int64(failures), requests, float64(failures) / float64(requests), true, true}
	}
	least := sort.Search(int(requests)+1, func(failures int) bool {
		_, worse := risen(base, head(failures))
		return worse
	})
	if int64(least) > requests {
		return 0, false
	}
	return head(max(least-1, 0)).rate, true
}

func percent(share float64) string {
	if share >= 10 {
		return fmt.Sprintf("%.0f %%", 100*share)
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}
