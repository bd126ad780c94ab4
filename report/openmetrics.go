package report

import (
	"io"
	"strconv"
	"strings"

	"speedgate/gate"
	"speedgate/report/safetext"
)

// family is a metric family of the OpenMetrics text.
type family struct {
	name  string
	unit  string // the last word of the name, or "" for families of many units
	help  string
	value func(*gate.Metric) *float64
}

var families = []family{
	{"speedgate_metric_current", "", "Median of the runs of this side, in the unit of the label.", func(m *gate.Metric) *float64 { return m.Current }},
	{"speedgate_metric_baseline", "", "Median of the runs compared with, in the unit of the label.", func(m *gate.Metric) *float64 { return m.Baseline }},
	{"speedgate_metric_change_ratio", "ratio", "Current by baseline, minus 1.", func(m *gate.Metric) *float64 { return m.Change }},
	{"speedgate_metric_threshold_ratio", "ratio", "Relative threshold in force.", func(m *gate.Metric) *float64 { return &m.Threshold }},
}

// OpenMetrics writes r as OpenMetrics text, which Prometheus and GitLab read.
// Names are made visible as on a terminal: a label holds \u202e, not the character.
func OpenMetrics(w io.Writer, r *gate.Result) error {
	var b strings.Builder
	writeVerdict(&b, r)
	for _, f := range families {
		f.write(&b, r)
	}
	writeTargets(&b, r)
	writeScaling(&b, r)
	b.WriteString("# EOF\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeVerdict(b *strings.Builder, r *gate.Result) {
	const name = "speedgate_verdict"
	writeHead(b, name, "", "1 for the verdict of the gate, 0 for the others.")
	for _, v := range []gate.Outcome{gate.Pass, gate.Fail, gate.NoBaseline} {
		value := "0"
		if v == r.Verdict {
			value = "1"
		}
		b.WriteString(name + labelSet("suite", r.Suite, "verdict", string(v)) + " " + value + "\n")
	}
}

func writeHead(b *strings.Builder, name, unit, help string) {
	b.WriteString("# TYPE " + name + " gauge\n")
	if unit != "" {
		b.WriteString("# UNIT " + name + " " + unit + "\n")
	}
	b.WriteString("# HELP " + name + " " + help + "\n")
}

// write writes the samples of all metrics that have the value. A metric without
// it has no sample, as NaN would read like a measurement.
func (f *family) write(b *strings.Builder, r *gate.Result) {
	writeHead(b, f.name, f.unit, f.help)
	for i := range r.Metrics {
		m := &r.Metrics[i]
		v := f.value(m)
		if v == nil || !isFinite(*v) {
			continue
		}
		// The labels of the key are one label here: theirs could be named as ours.
		b.WriteString(f.name + labelSet("labels", string(m.Key.Labels), "metric", m.Key.Metric, "subject", m.Key.Subject,
			"suite", r.Suite, "unit", string(m.Unit), "verdict", m.Verdict.String()))
		b.WriteString(" " + strconv.FormatFloat(*v, 'g', -1, 64) + "\n")
	}
}

var labelValues = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// labelSet writes name and value pairs. An empty value is the same as no label.
func labelSet(pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			parts = append(parts, pairs[i]+`="`+labelValues.Replace(safetext.Line(pairs[i+1]))+`"`)
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}
