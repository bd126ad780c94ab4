package locust

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"speedgate/perf"
)

// Join makes one run of the parts that one --csv PREFIX left: the series of the
// stats file (of old versions: the requests and the distribution file), the
// workload of the history, and the failures and exceptions. Without a stats file
// the totals of the history are the series.
//
// The series of the parts become those of the run and must not be used any more.
// Without either, the error wraps perf.ErrNoResults. Warnings say where the
// files contradict each other, as they do after a run that was killed.
func Join(parts []*perf.Run) (*perf.Run, error) {
	j := joiner{run: new(perf.Run)}
	for _, p := range parts {
		j.take(p)
	}
	j.addSeries()
	if len(j.run.Series) == 0 {
		return nil, j.nothing()
	}
	j.addWorkload()
	j.checkFailures()
	sortSeries(j.run.Series)
	if err := j.run.Check(); err != nil {
		return nil, err
	}
	return j.run, nil
}

// joiner collects the parts of one run.
type joiner struct {
	run          *perf.Run
	totals       []perf.Series // of stats and requests files
	percentiles  []perf.Series // of the distribution file
	history      *perf.Run     // nil if there is none
	failuresFile string        // of the failures, "" if there are none
}

// take sorts the content of p.
func (j *joiner) take(p *perf.Run) {
	src := &j.run.Source
	src.Files = append(src.Files, p.Source.Files...)
	src.Tool = p.Source.Tool
	if rank(p.Source.Format) > rank(src.Format) {
		src.Format, src.Rule = p.Source.Format, p.Source.Rule
		src.Version = later(src.Version, p.Source.Version)
	} else {
		src.Version = later(p.Source.Version, src.Version)
	}
	j.run.Warnings = append(j.run.Warnings, p.Warnings...)
	j.run.Failures = append(j.run.Failures, p.Failures...)
	switch p.Source.Format {
	case formatHistory:
		j.history = p
	case formatDistribution:
		j.percentiles = extend(j.percentiles, p.Series)
	case formatFailures:
		if len(p.Failures) > 0 {
			j.failuresFile = strings.Join(p.Source.Files, ", ")
		}
	default:
		j.totals = extend(j.totals, p.Series)
	}
}

// extend returns a and b together, sorted. One file of a kind is all there is, as a
// rule, and is not copied.
func extend(a, b []perf.Series) []perf.Series {
	if a == nil {
		a = b
	} else {
		a = append(a, b...)
	}
	sortSeries(a)
	return a
}

// sortSeries puts the list into the order of its keys, in which it mostly is
// already; to see that is far quicker than to sort.
func sortSeries(list []perf.Series) {
	for i := 1; i < len(list); i++ {
		if list[i-1].Key.Compare(list[i].Key) > 0 {
			(&perf.Run{Series: list}).Sort()
			return
		}
	}
}

// formatRanks orders the formats by how much of the series they give: the
// joined run is named after the greatest.
var formatRanks = []string{
	"", formatExceptions, formatFailures, formatHistory, formatDistribution, formatRequests, formatStats,
}

func rank(format string) int { return slices.Index(formatRanks, format) }

// later returns the versions b, or a if both are open ranges ("1.2 or newer")
// and a begins later: its file says more about the version than that of b.
func later(a, b string) string {
	if isOpen(a) && isOpen(b) && compareVersions(a, b) > 0 {
		return a
	}
	return b
}

func isOpen(versions string) bool { return strings.Contains(versions, " or newer") }

// compareVersions compares the versions that two ranges begin with.
func compareVersions(a, b string) int {
	a, _, _ = strings.Cut(a, " ")
	b, _, _ = strings.Cut(b, " ")
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
}

// addSeries chooses the series: those of the stats file, with the percentiles
// of the distribution file instead of a median with the same name, or else those
// of the history.
func (j *joiner) addSeries() {
	if len(j.totals) == 0 && len(j.percentiles) > 0 {
		j.warnf(perf.Pos{File: j.percentiles[0].Pos.File}, "the requests file is not beside the distribution; errors and throughput are unknown")
	}
	switch {
	case len(j.percentiles) > 0:
		j.run.Series = merge(j.totals, j.percentiles)
	case len(j.totals) > 0:
		j.run.Series = j.totals
	case j.history != nil:
		j.run.Series = j.history.Series
	}
}

// merge returns two sorted lists as one. What both have is taken from the
// percentiles, but for the number of requests.
func merge(totals, percentiles []perf.Series) []perf.Series {
	list := make([]perf.Series, 0, len(totals)+len(percentiles))
	for len(totals) > 0 && len(percentiles) > 0 {
		a, b := &totals[0], &percentiles[0]
		switch c := a.Key.Compare(b.Key); {
		case c < 0:
			list, totals = append(list, *a), totals[1:]
		case c > 0:
			list, percentiles = append(list, *b), percentiles[1:]
		case a.Key.Metric == perf.Requests:
			percentiles = percentiles[1:]
		default:
			totals = totals[1:]
		}
	}
	return append(append(list, totals...), percentiles...)
}

// nothing is the error for parts without a measurement.
func (j *joiner) nothing() error {
	msg := "failures without the stats file beside it"
	switch {
	case j.history != nil:
		msg = "no requests were made"
	case len(j.run.Failures) == 0:
		msg = "no failures, and no stats file beside it"
	}
	return &perf.InputError{
		Pos: perf.Pos{File: strings.Join(j.run.Source.Files, ", ")}, Msg: msg, Err: perf.ErrNoResults,
	}
}

const (
	// historyLag is how far the history may end before the last request: it is
	// flushed every ten seconds before 2.29, five since, and has a row every two
	// seconds before 1.2.
	historyLag = 12 * time.Second
	// historyLagShare is the same for long runs, whose machine may be busy.
	historyLagShare = 0.1
	// minSeen is the share of the requests that the history must have seen to know
	// the peak number of users.
	minSeen = 0.5
	// staleShare is how many more requests than the stats file the history may
	// have; both are written in the same moment, so that it has none by itself.
	staleShare = 0.01
)

// addWorkload takes the workload from the history, unless that ends long before
// the stats file does.
func (j *joiner) addWorkload() {
	if j.history == nil {
		return
	}
	j.run.Workload = j.history.Workload
	all, seen := total(perf.Requests, j.totals), total(perf.Requests, j.history.Series)
	if all == nil {
		return
	}
	var requests float64
	if seen != nil {
		requests = seen.Samples[0]
	}
	if requests > all.Samples[0]*(1+staleShare) {
		j.warnf(all.Pos, "the history counts %.0f requests, the stats file %.0f; it is stale, as after a run that was killed",
			requests, all.Samples[0])
	}
	rate := total(perf.Throughput, j.totals)
	if rate == nil {
		return
	}
	whole := time.Duration(all.Samples[0] / rate.Samples[0] * float64(time.Second)).Round(time.Second)
	covered := j.run.Workload.Duration
	lag := max(historyLag, time.Duration(float64(whole)*historyLagShare))
	if requests < all.Samples[0]*minSeen || whole-covered > lag {
		j.warnf(perf.Pos{File: strings.Join(j.history.Source.Files, ", ")},
			"the history ends early, with %.0f of %.0f requests; the number of users is not taken from it", requests, all.Samples[0])
		j.run.Workload = perf.Workload{}
	}
	// The end that the history lacks differs from run to run; the duration must not.
	j.run.Workload.Duration = max(covered, whole)
}

// total returns the series of all requests together, nil if there is none.
func total(metric string, list []perf.Series) *perf.Series {
	for i := range list {
		if k := list[i].Key; k.Subject == aggregated && k.Metric == metric {
			return &list[i]
		}
	}
	return nil
}

// checkFailures warns when failures are listed and no request failed.
func (j *joiner) checkFailures() {
	rate := total(perf.ErrorRate, j.run.Series)
	if j.failuresFile == "" || rate == nil || rate.Samples[0] > 0 {
		return
	}
	j.warnf(rate.Pos, "no request failed, yet %s lists failures; the files may be of different runs", j.failuresFile)
}

func (j *joiner) warnf(pos perf.Pos, format string, args ...any) {
	j.run.Warnings = append(j.run.Warnings, perf.Warning{Pos: pos, Msg: perf.Errorf(perf.Pos{}, format, args...).Msg})
}
