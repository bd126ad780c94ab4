package monitor

import (
	"slices"
	"time"

	"speedgate/perf"
)

// Snapshot is a running test at one moment. Pointers are nil where a number does
// not exist yet.
type Snapshot struct {
	At         time.Time     // the moment that the figures are of
	Elapsed    time.Duration // since the start
	Requests   int64         // finished since the start
	Failures   int64         // of these
	Users      int           // simulated users, 0 if unknown
	Latency    Latency
	Throughput Throughput
	Errors     Errors
	Usage      Usage // of the watched process, zero if none is watched
}

// Latency is that of the latest requests, in milliseconds.
type Latency struct {
	P50, P95, P99, Average *float64
	Requests               int64 // how many they are of
}

// Throughput is finished requests a second, the failed ones included.
type Throughput struct {
	Now          *float64 // mean of the last [RateSpan]
	Average      *float64 // since the start
	Lowest, Peak *float64 // of the seconds since the start
}

// Errors is the share of requests that failed, in percent.
type Errors struct {
	Now      *float64 // of the latest requests
	Average  *float64 // since the start
	Requests int64    // how many Now is of
	Failures int64    // how many of these failed
}

// RateSpan is how long a current rate looks back: long enough that a few requests
// a second do not jump, and as long as Locust's own.
const RateSpan = 10 * time.Second

// Reading is a figure with the moment it was taken. A figure of the process is
// taken at another moment than one of the requests.
type Reading struct {
	Value float64
	At    time.Time
}

// figures is what [Snapshot.Read] knows: a row for each metric and unit.
var figures = []struct {
	metric string
	unit   perf.Unit
	read   func(*Snapshot) (Reading, bool)
}{
	{perf.LatencyPercentile("50"), "ms", func(s *Snapshot) (Reading, bool) { return s.reading(s.Latency.P50) }},
	{perf.LatencyPercentile("95"), "ms", func(s *Snapshot) (Reading, bool) { return s.reading(s.Latency.P95) }},
	{perf.LatencyPercentile("99"), "ms", func(s *Snapshot) (Reading, bool) { return s.reading(s.Latency.P99) }},
	{perf.ErrorRate, "%", func(s *Snapshot) (Reading, bool) { return s.reading(s.Errors.Now) }},
	{perf.Throughput, "/s", func(s *Snapshot) (Reading, bool) { return s.reading(s.Throughput.Now) }},
	{perf.CPUUsage, "%", func(s *Snapshot) (Reading, bool) { return s.Usage.CPU.reading(s.Usage.At) }},
	{perf.MemoryUsage, "%", func(s *Snapshot) (Reading, bool) { return s.Usage.MemoryShare.reading(s.Usage.At) }},
	{perf.MemoryUsage, "B", func(s *Snapshot) (Reading, bool) { return s.Usage.Memory.reading(s.Usage.At) }},
}

// Metrics lists the metrics that [Snapshot.Read] knows.
func Metrics() []string {
	var list []string
	for _, f := range figures {
		if !slices.Contains(list, f.metric) {
			list = append(list, f.metric)
		}
	}
	return list
}

// Units lists the units that a metric can be read in, none for one that is not
// known. Memory is read as a share of what there is or as a size.
func Units(metric string) []perf.Unit {
	var list []perf.Unit
	for _, f := range figures {
		if f.metric == metric {
			list = append(list, f.unit)
		}
	}
	return list
}

// Read returns the current value of a metric in one of its [Units]; ok is false
// where it is not known.
func (s *Snapshot) Read(metric string, unit perf.Unit) (r Reading, ok bool) {
	for _, f := range figures {
		if f.metric == metric && f.unit == unit {
			return f.read(s)
		}
	}
	return Reading{}, false
}

func (s *Snapshot) reading(v *float64) (Reading, bool) {
	if v == nil {
		return Reading{}, false
	}
	return Reading{*v, s.At}, true
}
