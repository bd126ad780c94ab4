package report

import (
	"strconv"
	"strings"

	"speedgate/gate"
)

// sample is one line of a metric family.
type sample struct {
	labels string
	value  *float64
}

// sampled is a metric family of the OpenMetrics text that is not about all metrics. One
// without samples is left out.
type sampled struct {
	name, unit, help string
	samples          []sample
}

func (f *sampled) add(labels string, value *float64) {
	f.samples = append(f.samples, sample{labels, value})
}

// write writes the family. A sample that stands in it already is one of the same thing:
// the text may not hold it twice.
func (f *sampled) write(b *strings.Builder) {
	if len(f.samples) == 0 {
		return
	}
	writeHead(b, f.name, f.unit, f.help)
	done := map[string]bool{}
	for _, s := range f.samples {
		if s.value == nil || !isFinite(*s.value) || done[s.labels] {
			continue
		}
		done[s.labels] = true
		b.WriteString(f.name + s.labels + " " + strconv.FormatFloat(*s.value, 'g', -1, 64) + "\n")
	}
}

func truth(v bool) *float64 {
	one := 0.0
	if v {
		one = 1
	}
	return &one
}

// writeTargets writes what targets ask for and how they were kept.
func writeTargets(b *strings.Builder, r *gate.Result) {
	limits := sampled{name: "speedgate_target_limit", help: "Absolute limit, in the unit of the label."}
	headrooms := sampled{name: "speedgate_target_headroom_ratio", unit: "ratio", help: "Share of the limit that is left, negative when it is missed."}
	met := sampled{name: "speedgate_target_met", help: "1 for a target that was met, 0 for one that was missed."}
	for i := range r.Targets {
		t := &r.Targets[i]
		labels := labelSet("labels", string(t.Key.Labels), "level", t.Level, "limit", strconv.FormatFloat(t.Limit, 'g', -1, 64),
			"match", t.Match, "metric", t.Key.Metric, "severity", string(t.Severity), "subject", t.Key.Subject, "suite", r.Suite, "unit", string(t.Unit))
		limits.add(labels, &t.Limit)
		headrooms.add(labels, &t.Headroom)
		met.add(labels, truth(t.Met))
	}
	for _, f := range []sampled{limits, headrooms, met} {
		f.write(b)
	}
}
