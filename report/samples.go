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

// writeScaling writes how the suite scales.
func writeScaling(b *strings.Builder, r *gate.Result) {
	if r.Scaling == nil {
		return
	}
	points := []sampled{
		{name: "speedgate_scaling_throughput", help: "Median of the runs at the size, in the unit of the label."},
		{name: "speedgate_scaling_efficiency_ratio", unit: "ratio", help: "Throughput by linear growth from the smallest size."},
		{name: "speedgate_scaling_met", help: "1 for a size at which all was met, 0 for one that missed something."},
	}
	fits := []sampled{
		{name: "speedgate_scaling_contention_ratio", unit: "ratio", help: "Share of the work that is done one after the other."},
		{name: "speedgate_scaling_coherency_ratio", unit: "ratio", help: "Cost of each pair that must agree."},
		{name: "speedgate_scaling_peak_size", help: "Size of the greatest throughput by the fit."},
		{name: "speedgate_scaling_fit_error_ratio", unit: "ratio", help: "Root mean square of the relative errors of the fit."},
	}
	for i := range r.Scaling.Subjects {
		sub := &r.Scaling.Subjects[i]
		for k := range sub.Points {
			p := &sub.Points[k]
			labels := labelSet("labels", string(sub.Labels), "over", r.Scaling.Over, "size", p.Label, "subject", sub.Subject,
				"suite", r.Suite, "unit", string(sub.Unit))
			points[0].add(labels, p.Throughput)
			points[1].add(labels, p.Efficiency)
			if p.IsJudged() || len(p.Missed()) > 0 {
				points[2].add(labels, truth(len(p.Missed()) == 0))
			}
		}
		if f := sub.Fit; f != nil {
			labels := labelSet("labels", string(sub.Labels), "over", r.Scaling.Over, "subject", sub.Subject, "suite", r.Suite)
			fits[0].add(labels, &f.Contention)
			fits[1].add(labels, &f.Coherency)
			fits[2].add(labels, f.Peak)
			fits[3].add(labels, &f.Error)
		}
	}
	for _, f := range append(points, fits...) {
		f.write(b)
	}
}
