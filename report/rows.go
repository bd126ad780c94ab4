package report

import (
	"slices"
	"strings"

	"speedgate/gate"
	"speedgate/perf"
)

// row is a line of a table of metrics, its numbers already written. Names are as
// they came and not yet safe to print.
type row struct {
	verdict  gate.Verdict
	severity gate.Severity
	word     string // the verdict in people's words
	subject  string
	labels   string // what tells the metric from others of the same name, or ""
	metric   string
	baseline string
	current  string
	change   string
	limit    string
	reason   string
	detail   string // the evidence in full
	unit     perf.Unit
	history  []float64 // with the current value last
	floor    float64   // the smallest range that a sparkline spans
}

// allMetrics stands in a row that speaks of all metrics of a subject.
const allMetrics = "all"

// needsLook reports whether a metric is listed even in a short report.
func needsLook(m *gate.Metric) bool {
	switch m.Verdict {
	case gate.Passed, gate.Improved, gate.New, gate.Inconclusive:
		return isCritical(m) || m.Suspended
	}
	return true
}

// tableRows makes rows of the metrics that keep holds for, in the order of the
// result. A subject that is missing or incomparable as a whole gets one row; with
// fold also all that is incomparable for one reason.
func tableRows(r *gate.Result, keep func(*gate.Metric) bool, fold bool) []row {
	names := newNamer(r.Metrics)
	missed := missedLimits(r)
	var whole map[string]int
	if r.Counts[gate.Missing]+r.Counts[gate.Incomparable] > 0 {
		whole = wholeSubjects(r.Metrics)
	}
	var alike *alike
	if fold {
		alike = alikeIncomparable(r)
	}
	var rows []row
	done := map[string]bool{}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if !keep(m) {
			continue
		}
		n, isWhole := whole[m.Key.Subject]
		switch {
		case alike != nil && m.Verdict == gate.Incomparable:
			if m == alike.first {
				rows = append(rows, alike.row())
			}
		case !isWhole:
			limit, isMissed := missed[m.Key]
			rows = append(rows, metricRow(m, names))
			if isMissed && (m.Verdict == gate.OverTarget || m.Verdict == gate.NearTarget) {
				rows[len(rows)-1].limit = displayFor(limit.unit, &limit.limit).text(&limit.limit)
			}
		case !done[m.Key.Subject]:
			done[m.Key.Subject] = true
			rows = append(rows, subjectRow(m, n))
		}
	}
	return rows
}

// alike is the metrics that cannot be compared, where one reason holds for all.
type alike struct {
	first             *gate.Metric
	metrics, subjects int
}

// alikeIncomparable returns nil if several reasons hold, or the metrics are those of
// one subject. Another machine makes everything incomparable: said once.
func alikeIncomparable(r *gate.Result) *alike {
	a := alike{}
	subjects := map[string]bool{}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if m.Verdict != gate.Incomparable {
			continue
		}
		if a.first == nil {
			a.first = m
		}
		if m.Reason != a.first.Reason || m.Severity != a.first.Severity {
			return nil
		}
		a.metrics++
		subjects[m.Key.Subject] = true
	}
	if a.subjects = len(subjects); a.subjects < 2 {
		return nil
	}
	return &a
}

func (a *alike) row() row {
	r := subjectRow(a.first, a.metrics)
	r.subject = plural(a.subjects, "subject")
	return r
}

// wholeSubjects counts the metrics of each subject whose metrics, two or more,
// are all missing, or all incomparable for one reason.
func wholeSubjects(metrics []gate.Metric) map[string]int {
	first := map[string]*gate.Metric{}
	count := map[string]int{}
	mixed := map[string]bool{}
	for i := range metrics {
		m := &metrics[i]
		s := m.Key.Subject
		count[s]++
		if first[s] == nil {
			first[s] = m
		}
		f := first[s]
		if m.Verdict != gate.Missing && m.Verdict != gate.Incomparable ||
			m.Verdict != f.Verdict || m.Severity != f.Severity || m.Reason != f.Reason {
			mixed[s] = true
		}
	}
	for s, n := range count {
		if n < 2 || mixed[s] {
			delete(count, s)
		}
	}
	return count
}

func subjectRow(m *gate.Metric, n int) row {
	return row{
		verdict: m.Verdict, severity: m.Severity, word: metricWord(m), subject: m.Key.Subject, metric: allMetrics,
		baseline: none, current: none, change: none, limit: none,
		reason: plural(n, "metric") + ": " + m.Reason,
	}
}

func metricRow(m *gate.Metric, names *namer) row {
	d := displayFor(m.Unit, m.Baseline, m.Current)
	r := row{
		verdict: m.Verdict, severity: m.Severity, word: metricWord(m), unit: m.Unit,
		subject: m.Key.Subject, labels: names.labels(m.Key), metric: metricName(m.Key.Metric),
		baseline: d.text(m.Baseline), current: d.text(m.Current), change: none, limit: none,
		reason: reasonText(m), detail: detail(m), history: sparkValues(m),
	}
	if m.Baseline != nil {
		r.floor = *m.Baseline * m.Threshold
	}
	if m.Change != nil {
		limit := changeLimit(m)
		r.change = percentDistinct(*m.Change, limit)
		if !m.ShownOnly {
			r.limit = bound(limit)
		}
	}
	return r
}

// changeLimit is the change that the metric may show, in the sign of the change.
// It is taken from the limit itself where there is one: with a noisy history
// that is further out than the threshold.
func changeLimit(m *gate.Metric) float64 {
	if m.Limit != nil && m.Baseline != nil && *m.Baseline > 0 {
		return *m.Limit / *m.Baseline - 1
	}
	return signedThreshold(m.Better, m.Threshold)
}

// reasonText is the reason of a verdict and the marks beside it.
func reasonText(m *gate.Metric) string {
	parts := make([]string, 0, 3)
	if m.Reason != "" {
		parts = append(parts, m.Reason)
	}
	if m.OneProcess && !strings.Contains(m.Reason, "one process") {
		parts = append(parts, "one process")
	}
	if m.Creep != nil && !isCreeping(m) {
		parts = append(parts, "creep")
	}
	return strings.Join(parts, ", ")
}

// sparkLength is how many values a sparkline has at most.
const sparkLength = 10

func sparkValues(m *gate.Metric) []float64 {
	switch m.Verdict {
	case gate.Invalid, gate.Incomparable, gate.Inconclusive:
		return nil // a line would compare what the verdict says cannot be compared
	}
	if m.Current == nil || len(m.History) == 0 {
		return nil
	}
	values := append(slices.Clone(m.History), *m.Current)
	return values[max(0, len(values)-sparkLength):]
}

// namer knows which labels it takes to tell the metrics of a result apart.
type namer struct {
	common []perf.Label                       // on every metric with the same value
	shared map[nameWithoutLabels][]perf.Label // of names that several metrics have: the labels that do not tell them apart
}

type nameWithoutLabels struct{ subject, metric string }

func newNamer(metrics []gate.Metric) *namer {
	if common, ok := sameLabels(metrics); ok {
		return &namer{common: common}
	}
	groups := map[nameWithoutLabels][]perf.Labels{}
	all := make([]perf.Labels, 0, len(metrics))
	for i := range metrics {
		k := metrics[i].Key
		name := nameWithoutLabels{k.Subject, k.Metric}
		groups[name] = append(groups[name], k.Labels)
		all = append(all, k.Labels)
	}
	n := &namer{common: commonLabels(all), shared: map[nameWithoutLabels][]perf.Label{}}
	for name, sets := range groups {
		if len(sets) > 1 {
			n.shared[name] = commonLabels(sets)
		}
	}
	return n
}

// sameLabels returns the labels of metrics if all have the same, as results of one
// package do. Subject and metric tell them apart then.
func sameLabels(metrics []gate.Metric) (common []perf.Label, ok bool) {
	for i := range metrics {
		if metrics[i].Key.Labels != metrics[0].Key.Labels {
			return nil, false
		}
	}
	if len(metrics) == 0 {
		return nil, true
	}
	return metrics[0].Key.Labels.List(), true
}

// commonLabels returns the labels that all sets have with the same value.
func commonLabels(sets []perf.Labels) []perf.Label {
	if len(sets) == 0 {
		return nil
	}
	common := sets[0].List()
	for _, s := range sets[1:] {
		if s == sets[0] {
			continue
		}
		list := s.List()
		common = slices.DeleteFunc(common, func(l perf.Label) bool { return !slices.Contains(list, l) })
	}
	return common
}

// labels returns those labels of k that tell it from the other metrics of the
// same name, in braces; "" where the name is enough.
func (n *namer) labels(k perf.Key) string {
	same, ambiguous := n.shared[nameWithoutLabels{k.Subject, k.Metric}]
	if !ambiguous {
		return ""
	}
	return labelText(slices.DeleteFunc(k.Labels.List(), func(l perf.Label) bool { return slices.Contains(same, l) }))
}

func labelText(list []perf.Label) string {
	if len(list) == 0 {
		return ""
	}
	parts := make([]string, len(list))
	for i, l := range list {
		parts[i] = l.Name + "=" + l.Value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// name returns the subject and metric of k as a sentence names them, not yet
// safe to print.
func (n *namer) name(k perf.Key) string {
	s := k.Subject
	if l := n.labels(k); l != "" {
		s += " " + l
	}
	return s + " " + metricName(k.Metric)
}
