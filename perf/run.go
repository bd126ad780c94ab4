package perf

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what the values of a series are.
type Kind int8

// The kinds of a series.
const (
	KindUnknown  Kind = iota
	KindSample        // a raw measurement, or the mean of one benchmark loop
	KindMean          // an average over Count requests or iterations
	KindQuantile      // a percentile of Count requests
	KindRate          // a throughput
	KindRatio         // a share, such as an error rate
	KindTotal         // a count or sum over the run
)

var kindNames = []string{"unknown", "sample", "mean", "quantile", "rate", "ratio", "total"}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "unknown"
	}
	return kindNames[k]
}

// ParseKind reads what [Kind.String] writes.
func ParseKind(s string) (Kind, bool) {
	i := slices.Index(kindNames, s)
	return Kind(max(i, 0)), i >= 0
}

// Series is one metric of one subject in one run.
type Series struct {
	Key    Key
	Unit   Unit
	Better Better
	Kind   Kind
	// Exact marks a deterministic metric: two runs of the same code give the
	// same value, so any difference is real (allocations, instruction counts).
	Exact bool
	// Samples are the values in Unit, in the order of the input; at least one.
	Samples []float64
	// Count is the number of requests or iterations behind the values, 0 if the
	// tool does not say.
	Count int64
	// Step is the resolution of the values at their level, in Unit: a difference
	// of one step is no difference. 0 means that values are not quantised.
	Step float64
	Pos  Pos // where the first sample stands
}

// Source says where a run was read from and how.
type Source struct {
	Files   []string // in the order they were given or found
	Format  string   // name of the format, as `speedgate formats` lists it
	Rule    string   // what in the content recognised the format
	Tool    string   // the tool that wrote it, if known
	Version string   // and its version or range of versions, if known
}

// Failure is one kind of error that requests of a load test ended with.
type Failure struct {
	Subject string // the endpoint; "" for an error outside any request
	Message string // the tool's text, untrusted
	Count   int64  // how often
}

// Workload is the load that a load test applied. Zero fields are unknown.
type Workload struct {
	Users     int           `json:"users,omitempty"`      // peak number of simulated users
	SpawnRate float64       `json:"spawn_rate,omitempty"` // users started per second
	Rate      float64       `json:"rate,omitempty"`       // requests a second that were sent, whatever came back
	Duration  time.Duration `json:"duration,omitempty"`
	Host      string        `json:"host,omitempty"` // shown, not compared: previews have a new host each
}

// durationTolerance is how far two durations of the same workload may differ: a
// load test ends some seconds late while its last requests finish.
const durationTolerance = 0.1

// Differs says in words how two workloads differ, "" if they match. Unknown
// fields match anything.
func (w Workload) Differs(o Workload) string {
	var diffs []string
	if w.Users != 0 && o.Users != 0 && w.Users != o.Users {
		diffs = append(diffs, fmt.Sprintf("%d users against %d", w.Users, o.Users))
	}
	if w.SpawnRate != 0 && o.SpawnRate != 0 && w.SpawnRate != o.SpawnRate {
		diffs = append(diffs, fmt.Sprintf("spawn rate %g/s against %g/s", w.SpawnRate, o.SpawnRate))
	}
	if w.Rate != 0 && o.Rate != 0 && w.Rate != o.Rate {
		diffs = append(diffs, fmt.Sprintf("%g requests/s against %g/s", w.Rate, o.Rate))
	}
	a, b := w.Duration.Seconds(), o.Duration.Seconds()
	if a != 0 && b != 0 && math.Abs(a-b) > durationTolerance*max(a, b) {
		diffs = append(diffs, fmt.Sprintf("%s against %s", rounded(w.Duration), rounded(o.Duration)))
	}
	return strings.Join(diffs, ", ")
}

// rounded leaves of a duration what tells it from another that differs by a tenth.
func rounded(d time.Duration) time.Duration {
	if d.Abs() < 10*time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Second)
}

// Known reports whether anything that is compared is known of w.
func (w Workload) Known() bool {
	return w.Users != 0 || w.SpawnRate != 0 || w.Rate != 0 || w.Duration != 0
}

// Run is what one invocation of a load test or of a benchmark produced.
type Run struct {
	Series   []Series // sorted by key
	Source   Source
	Env      Env
	Workload Workload
	Failures []Failure
	Warnings []Warning
	// Incomplete says what of the test ended before it was done: a package that
	// crashed or did not build. What was measured stands, but is not all.
	Incomplete []Warning
	// Lost says why the test failed whatever its figures are: an alert that ended it,
	// a service that did not recover.
	Lost []Warning
	// Overloaded says that the machine which made the load could not keep up: latencies
	// that are higher and throughputs that are lower may be its own doing.
	Overloaded []Warning
	// Findings says in words what the test was to find out, such as a breaking point.
	Findings []string
}

// Sort puts the series into the order of their keys.
func (r *Run) Sort() {
	slices.SortFunc(r.Series, func(a, b Series) int { return a.Key.Compare(b.Key) })
}

// Find returns the series with the key k, nil if there is none. The run must be sorted.
func (r *Run) Find(k Key) *Series {
	i, ok := slices.BinarySearchFunc(r.Series, k, func(s Series, k Key) int { return s.Key.Compare(k) })
	if !ok {
		return nil
	}
	return &r.Series[i]
}

// maxNameBytes bounds a subject, metric or label set. Longer names are not names.
const maxNameBytes = 16 << 10

// Check returns everything that is wrong with the run: nil, an [*InputError] or
// [InputErrors]. Whatever reads or loads a run calls it, so that the packages
// behind may rely on: series sorted with unique keys, names not empty and valid
// UTF-8, at least one sample, all numbers finite, no negative time, count or
// step, and at least one series.
func (r *Run) Check() error {
	var errs InputErrors
	if len(r.Series) == 0 {
		return &InputError{Pos: Pos{File: strings.Join(r.Source.Files, ", ")}, Msg: "nothing was measured", Err: ErrNoResults}
	}
	for i := range r.Series {
		s := &r.Series[i]
		before := &r.Series[max(0, i-1)]
		if msg := cmp.Or(s.badName(before, i == 0), s.problem()); msg != "" {
			errs = append(errs, Errorf(s.Pos, "%s", msg))
		}
		if i == 0 {
			continue
		}
		switch c := before.Key.Compare(s.Key); {
		case c == 0:
			errs = append(errs, Errorf(s.Pos, "%q is measured twice in one run, first at %s", s.Key, before.Pos))
		case c > 0:
			errs = append(errs, Errorf(s.Pos, "%q is out of order", s.Key))
		}
	}
	return errs.Err()
}

// badName says what is wrong with a name of the series, "" if nothing. Names that
// the series before has too were looked at already, unless this is the first.
func (s *Series) badName(before *Series, isFirst bool) string {
	for _, name := range [...][2]string{
		{s.Key.Subject, before.Key.Subject},
		{s.Key.Metric, before.Key.Metric},
		{string(s.Key.Labels), string(before.Key.Labels)},
		{string(s.Unit), string(before.Unit)},
	} {
		switch {
		case name[0] == name[1] && !isFirst:
		case len(name[0]) > maxNameBytes:
			return fmt.Sprintf("a name of %d bytes is too long; %d is the limit", len(name[0]), maxNameBytes)
		case !utf8.ValidString(name[0]):
			return fmt.Sprintf("name %q is not valid UTF-8", name[0])
		}
	}
	return ""
}

func (s *Series) problem() string {
	k := s.Key
	switch {
	case k.Subject == "":
		return "a measurement without a subject"
	case k.Metric == "":
		return fmt.Sprintf("a measurement of %q without a metric name", k.Subject)
	case len(s.Samples) == 0:
		return fmt.Sprintf("%q has no samples", k)
	case s.Count < 0:
		return fmt.Sprintf("%q has a negative count %d", k, s.Count)
	case math.IsNaN(s.Step) || math.IsInf(s.Step, 0) || s.Step < 0:
		return fmt.Sprintf("%q has a resolution of %g", k, s.Step)
	}
	for _, v := range s.Samples {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprintf("%q has the value %g, which is not a finite number", k, v)
		}
		if v < 0 && s.Unit.Dimension() == DimensionTime {
			return fmt.Sprintf("%q has the negative time %g %s", k, v, s.Unit)
		}
	}
	return ""
}
