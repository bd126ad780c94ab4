package perf

import (
	"cmp"
	"slices"
	"strings"
)

// Standard metric names. A tool's other metrics keep the tool's own names.
const (
	LatencyAvg     = "latency_avg"
	LatencyMin     = "latency_min"
	LatencyMax     = "latency_max"
	Throughput     = "throughput"
	ErrorRate      = "error_rate"
	Requests       = "requests"
	TimePerOp      = "time_per_op"
	BytesPerOp     = "bytes_per_op"
	AllocsPerOp    = "allocs_per_op"
	BytesPerSecond = "bytes_per_second"
	CPUUsage       = "cpu_usage"
	MemoryUsage    = "memory_usage"
	MemoryShare    = "memory_share" // of what the process may use
	DiskIOPS       = "disk_iops"
	NetworkBPS     = "network_bps"
	// What a stress and a spike test find out.
	BreakingPoint = "breaking_point" // highest load that held, in users or requests a second
	RecoveryTime  = "recovery_time"  // from the end of a burst until all is well
)

// Aggregated is the subject of figures over everything that a load test did.
const Aggregated = "Aggregated"

// Labels whose meaning is fixed for all formats.
const (
	LabelGoMaxProcs = "gomaxprocs" // GOMAXPROCS of a Go benchmark: its name's -N suffix
	LabelPackage    = "pkg"        // import path of the package a Go benchmark lives in
)

// LatencyPercentile names the latency metric of a percentile spelled the way
// its tool spells it, without a percent sign: "95" gives latency_p95, "99.90"
// gives latency_p99.9.
func LatencyPercentile(percentile string) string {
	if strings.Contains(percentile, ".") {
		percentile = strings.TrimRight(strings.TrimRight(percentile, "0"), ".")
	}
	return "latency_p" + percentile
}

// IsLatency reports whether metric is one of the latency_* metrics.
func IsLatency(metric string) bool { return strings.HasPrefix(metric, "latency_") }

// Quantile returns the quantile in [0, 1] that a latency metric stands for:
// 0.95 for latency_p95, 1 for latency_max, 0 for latency_min. ok is false for
// every other metric, latency_avg included.
func Quantile(metric string) (q float64, ok bool) {
	switch metric {
	case LatencyMax:
		return 1, true
	case LatencyMin:
		return 0, true
	}
	digits, ok := strings.CutPrefix(metric, "latency_p")
	if !ok {
		return 0, false
	}
	p, ok := parsePlainFloat(digits)
	if !ok || p < 0 || p > 100 {
		return 0, false
	}
	return p / 100, true
}

// Key names one series. Two series with the same key, from two runs, measure
// the same thing.
type Key struct {
	Subject string // what was measured: an endpoint, a benchmark, a process
	Metric  string // which figure of it: latency_p95, time_per_op, …
	Labels  Labels // what else tells it from its neighbours
}

// Compare orders keys by subject, metric and labels.
func (k Key) Compare(o Key) int {
	return cmp.Or(
		strings.Compare(k.Subject, o.Subject),
		strings.Compare(k.Metric, o.Metric),
		strings.Compare(string(k.Labels), string(o.Labels)),
	)
}

// String returns the key in its canonical form: subject · metric · {labels}.
func (k Key) String() string {
	s := k.Subject + " · " + k.Metric
	if k.Labels != "" {
		s += " · " + k.Labels.String()
	}
	return s
}

// Labels is a set of name=value pairs in canonical text: sorted by name,
// separated by commas, with `\`, `,` and `=` inside names and values escaped by
// a backslash. Being text, it can be compared and be part of a map key. The
// empty string has no labels. Make one with [NewLabels].
type Labels string

// Label is one name=value pair.
type Label struct{ Name, Value string }

var labelEscaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `=`, `\=`)

// NewLabels returns the canonical text of pairs.
func NewLabels(pairs map[string]string) Labels {
	list := make([]Label, 0, len(pairs))
	for n, v := range pairs {
		list = append(list, Label{n, v})
	}
	return labelsOf(list)
}

func labelsOf(list []Label) Labels {
	slices.SortFunc(list, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	var b strings.Builder
	for i, l := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(labelEscaper.Replace(l.Name))
		b.WriteByte('=')
		b.WriteString(labelEscaper.Replace(l.Value))
	}
	return Labels(b.String())
}

// List returns the pairs, sorted by name.
func (l Labels) List() []Label {
	var list []Label
	var cur Label
	var b strings.Builder
	for i := 0; i < len(l); i++ {
		switch c := l[i]; {
		case c == '\\' && i+1 < len(l):
			i++
			b.WriteByte(l[i])
		case c == '=':
			cur.Name = b.String()
			b.Reset()
		case c == ',':
			cur.Value = b.String()
			b.Reset()
			list = append(list, cur)
			cur = Label{}
		default:
			b.WriteByte(c)
		}
	}
	if l != "" {
		cur.Value = b.String()
		list = append(list, cur)
	}
	return list
}

// Map returns the pairs as a map, never nil.
func (l Labels) Map() map[string]string {
	m := map[string]string{}
	for _, p := range l.List() {
		m[p.Name] = p.Value
	}
	return m
}

// Get returns the value of the label name, "" if it is absent.
func (l Labels) Get(name string) string {
	for _, p := range l.List() {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// With returns l with name set to value; an empty value removes the label.
func (l Labels) With(name, value string) Labels {
	list := slices.DeleteFunc(l.List(), func(p Label) bool { return p.Name == name })
	if value != "" {
		list = append(list, Label{name, value})
	}
	return labelsOf(list)
}

// String returns the labels in braces, "" if there are none.
func (l Labels) String() string {
	if l == "" {
		return ""
	}
	return "{" + string(l) + "}"
}
