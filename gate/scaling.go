package gate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"speedgate/internal/stats"
	"speedgate/internal/usl"
	"speedgate/perf"
)

// ScalingRule is what a suite expects when something is made larger: instances,
// memory, processors, users.
type ScalingRule struct {
	Over       string   // the label whose values are the sizes
	Efficiency float64  // least share of linear growth, 0.8 = 80 %; 0 = not judged
	Limits     []Target // of every subject at every size
}

// Scaling is how a suite scales: what was measured at each size, and what was asked.
type Scaling struct {
	Over       string
	Unit       perf.Unit // of sizes; "" for plain numbers
	Efficiency float64   // as in [ScalingRule]
	// Unjudged says why nothing was judged, "" if something was. It fails the gate.
	Unjudged string
	Subjects []ScalingSubject // that of all requests first
}

// ScalingSubject is how one subject scales.
type ScalingSubject struct {
	Subject string
	Labels  perf.Labels // without that of the sizes
	Unit    perf.Unit   // of throughputs
	Points  []ScalingPoint
	// Unjudged says why the efficiency is not judged, "" if it is, or nobody asked.
	Unjudged string
	Fit      *ScalingFit // nil where NoFit says why
	NoFit    string
}

// ScalingPoint is what was measured of a subject at one size.
type ScalingPoint struct {
	Label string  // the size, as it was written
	Size  float64 // in [Scaling.Unit]
	// Throughput is the median of the runs, Ideal what linear growth from the smallest
	// size would give, Efficiency the share of it that was reached. All are nil without
	// a throughput.
	Throughput, Ideal, Efficiency *float64
	Least                         *float64 // throughput that the rule asks for; nil where it is not judged
	EfficiencyMet                 bool     // true where it is not judged
	Limits                        []TargetResult
}

// EfficiencyCheck is what [ScalingPoint.Missed] calls the efficiency beside the names
// of metrics.
const EfficiencyCheck = "efficiency"

// Missed names what was missed at the size: [EfficiencyCheck], latency_p95, …
func (p *ScalingPoint) Missed() []string {
	var list []string
	if !p.EfficiencyMet {
		list = append(list, EfficiencyCheck)
	}
	for i := range p.Limits {
		if !p.Limits[i].Met {
			list = append(list, p.Limits[i].Key.Metric)
		}
	}
	return list
}

// IsJudged reports whether anything was judged at the size.
func (p *ScalingPoint) IsJudged() bool { return p.Least != nil || len(p.Limits) > 0 }

// ScalingFit is the Universal Scalability Law fitted to the runs of a subject: the
// throughput at a size of n units is
//
//	Lambda n / (1 + Contention (n-1) + Coherency n (n-1)).
type ScalingFit struct {
	Unit       float64 // size that n counts, in [Scaling.Unit]
	Lambda     float64 // throughput at that size
	Contention float64 // share of the work that is done one after the other
	Coherency  float64 // cost of each pair that must agree
	// The standard errors of the two, nil where they were kept from going below 0.
	ContentionError, CoherencyError *float64
	// Peak is the size of the greatest throughput and PeakThroughput what it is, nil
	// where none is near. Predicted says that it is beyond what was measured.
	Peak, PeakThroughput *float64
	Predicted            bool
	RSquared             *float64 // share of the variation that the law explains
	Error                float64  // root mean square of the relative errors, 0.03 = 3 %
	Points               int      // runs that were fitted
}

// size is one value of the label.
type size struct {
	label string
	n     float64
}

// scaler is the scaling of one evaluation at work.
type scaler struct {
	*evaluation
	rule    *ScalingRule
	out     *Scaling
	sizes   []size               // smallest first
	metrics map[perf.Key]*Metric // that have a size and a value
	whole   bool                 // there is a throughput of all requests
}

// scaling judges how the suite scales. It needs no baseline.
func (e *evaluation) scaling() {
	rule := e.policy.Scaling
	if rule == nil {
		return
	}
	s := &scaler{
		evaluation: e, rule: rule, metrics: map[perf.Key]*Metric{},
		out: &Scaling{Over: rule.Over, Efficiency: rule.Efficiency},
	}
	e.result.Scaling = s.out
	subjects := s.collect()
	if s.out.Unjudged != "" {
		return
	}
	for i := range rule.Limits {
		s.use(rule.Limits[i].Match, PatternUse{Kind: PatternTarget, Critical: true})
	}
	for _, at := range subjects {
		if sub := s.subject(at); len(sub.Points) > 0 {
			s.out.Subjects = append(s.out.Subjects, sub)
		}
	}
	s.out.Unjudged = cmp.Or(s.out.Unjudged, s.nothingJudged())
}

// collect finds the metrics that have a size, the sizes, and the subjects in the order
// of reports. It enters into the result why they cannot be judged.
func (s *scaler) collect() []subject {
	labels := map[string]bool{}
	at := map[subject]bool{}
	bare := 0
	for i := range s.result.Metrics {
		m := &s.result.Metrics[i]
		if m.Current == nil {
			continue
		}
		label := m.Key.Labels.Get(s.rule.Over)
		if label == "" {
			bare++
			continue
		}
		labels[label], s.metrics[m.Key] = true, m
		at[subject{m.Key.Subject, m.Key.Labels.With(s.rule.Over, "")}] = true
		s.whole = s.whole || m.Key.Subject == perf.Aggregated && m.Key.Metric == perf.Throughput
	}
	if bare > 0 && len(labels) > 0 {
		s.warn("%s without the label %q left out of the scaling", plural(bare, "metric"), s.rule.Over)
	}
	s.sizes, s.out.Unit, s.out.Unjudged = sizesOf(s.rule.Over, slices.Sorted(maps.Keys(labels)))
	return slices.SortedFunc(maps.Keys(at), inReportOrder)
}

// inReportOrder puts what sums up all requests first.
func inReportOrder(a, b subject) int {
	rank := func(s subject) int {
		if s.name == perf.Aggregated {
			return 0
		}
		return 1
	}
	return cmp.Or(rank(a)-rank(b), strings.Compare(a.name, b.name), strings.Compare(string(a.labels), string(b.labels)))
}

// sizesOf reads the values of the label as quantities of one dimension, smallest
// first, in the unit of the greatest. problem says why they are no sizes.
func sizesOf(over string, labels []string) (list []size, unit perf.Unit, problem string) {
	if len(labels) == 0 {
		return nil, "", fmt.Sprintf("no result has the label %q", over)
	}
	quantities := make([]perf.Quantity, len(labels))
	for i, label := range labels {
		q, err := perf.ParseQuantity(label)
		if err != nil || q.Value <= 0 {
			return nil, "", fmt.Sprintf("%s=%q is not a size; expected a number above 0, with a unit or without, such as 4, 0.5 or 512MB", over, label)
		}
		if i > 0 && q.Unit.Dimension() != quantities[0].Unit.Dimension() {
			return nil, "", fmt.Sprintf("%s=%q and %s=%q do not measure the same thing", over, labels[0], over, label)
		}
		quantities[i] = q
	}
	unit = unitOfGreatest(quantities)
	for i, q := range quantities {
		n, _ := q.In(unit)
		list = append(list, size{labels[i], n})
	}
	slices.SortFunc(list, func(a, b size) int { return cmp.Or(cmp.Compare(a.n, b.n), strings.Compare(a.label, b.label)) })
	for i := range list[1:] {
		if list[i].n == list[i+1].n {
			return nil, "", fmt.Sprintf("%s=%q and %s=%q are the same size; write it in one way", over, list[i].label, over, list[i+1].label)
		}
	}
	if len(list) < 2 {
		return nil, "", fmt.Sprintf("only %s=%s was measured; it takes two sizes", over, list[0].label)
	}
	return list, unit, ""
}

func unitOfGreatest(quantities []perf.Quantity) perf.Unit {
	greatest := quantities[0]
	for _, q := range quantities[1:] {
		if v, ok := q.In(greatest.Unit); ok && v > greatest.Value {
			greatest = q
		}
	}
	return greatest.Unit
}

// scaled is one subject of a scaler at work.
type scaled struct {
	*scaler
	at  subject
	sub ScalingSubject
	// Throughput metrics, by index into sub.Points; nil where there is none.
	throughputs []*Metric
	first       string // label of the smallest size with a throughput
	bound       string // why the load, and not the system, was the limit, "" if it was not
}

// subject judges one subject at every size. It has no points if it has no figures
// that the rule is about.
func (s *scaler) subject(at subject) ScalingSubject {
	j := scaled{scaler: s, at: at, sub: ScalingSubject{Subject: at.name, Labels: at.labels}}
	for _, z := range s.sizes {
		j.measure(z)
	}
	if !slices.ContainsFunc(j.throughputs, func(m *Metric) bool { return m != nil }) {
		return j.sub
	}
	j.tellGaps()
	j.efficiency()
	j.fit()
	return j.sub
}

func (s *scaler) key(at subject, metric, label string) perf.Key {
	return perf.Key{Subject: at.name, Metric: metric, Labels: at.labels.With(s.rule.Over, label)}
}

// measure enters what was measured at one size, and judges its limits.
func (j *scaled) measure(z size) {
	p := ScalingPoint{Label: z.label, Size: z.n, EfficiencyMet: true, Limits: j.limits(z)}
	m := j.metrics[j.key(j.at, perf.Throughput, z.label)]
	if m != nil {
		if !slices.ContainsFunc(j.throughputs, func(m *Metric) bool { return m != nil }) {
			j.sub.Unit = m.Unit
		}
		if v, ok := m.Unit.Convert(*m.Current, j.sub.Unit); ok {
			p.Throughput = &v
		} else {
			j.warn("the throughput of %q is in %q at %s=%s, and in %q before; it is left out of the scaling", j.at.name, m.Unit, j.rule.Over, z.label, j.sub.Unit)
			m = nil
		}
	}
	if m == nil && len(p.Limits) == 0 {
		return
	}
	j.sub.Points, j.throughputs = append(j.sub.Points, p), append(j.throughputs, m)
}

// limits judges the limits of the rule at one size.
func (j *scaled) limits(z size) []TargetResult {
	var list []TargetResult
	for _, t := range j.rule.Limits {
		_, metric := t.Match.Parts()
		m := j.metrics[j.key(j.at, metric, z.label)]
		if m == nil {
			continue
		}
		r, ok := j.hold(t, m)
		j.use(t.Match, PatternUse{Kind: PatternTarget, Critical: true, Found: true, Used: ok})
		if ok {
			list = append(list, r)
		}
	}
	return list
}

// tellGaps warns of sizes at which the subject has no throughput, and others have.
func (j *scaled) tellGaps() {
	var gaps []string
	for _, z := range j.sizes {
		has := func(p ScalingPoint) bool { return p.Label == z.label && p.Throughput != nil }
		if !slices.ContainsFunc(j.sub.Points, has) {
			gaps = append(gaps, z.label)
		}
	}
	if len(gaps) > 0 {
		j.warn("no throughput of %q at %s=%s; its scaling says nothing of it", j.at.name, j.rule.Over, strings.Join(gaps, ", "))
	}
}

// efficiency compares the throughput at each size with linear growth from the
// smallest.
func (j *scaled) efficiency() {
	var points []usl.Point
	for i := range j.sub.Points {
		if v := j.sub.Points[i].Throughput; v != nil && *v > 0 {
			points = append(points, usl.Point{N: j.sub.Points[i].Size, Throughput: *v})
			j.first = cmp.Or(j.first, j.sub.Points[i].Label)
		}
	}
	list, reason := usl.EfficiencyOf(points)
	if len(points) == 1 {
		reason = "it has a throughput at one size only"
	}
	if j.rule.Efficiency > 0 {
		j.bound = j.boundByLoad(list)
		j.sub.Unjudged = cmp.Or(reason, j.fewRequests(), j.bound)
		if j.bound != "" {
			j.out.Unjudged = fmt.Sprintf("%q: %s", j.at.name, j.bound)
		}
	}
	for i := range j.sub.Points {
		p := &j.sub.Points[i]
		for _, e := range list {
			if e.N == p.Size {
				p.Ideal, p.Efficiency = ptr(e.Ideal), ptr(e.Share)
			}
		}
		dead := p.Throughput != nil && *p.Throughput <= 0
		if dead {
			p.Efficiency = ptr(0)
		}
		if dead && j.rule.Efficiency > 0 || p.Ideal != nil && j.isJudged() {
			j.judge(p, j.throughputs[i])
		}
	}
}

func (j *scaled) isJudged() bool { return j.rule.Efficiency > 0 && j.sub.Unjudged == "" }

// judge holds the efficiency at one size against the rule.
func (j *scaled) judge(p *ScalingPoint, m *Metric) {
	least := j.rule.Efficiency
	if p.Ideal != nil {
		p.Least = ptr(least * *p.Ideal)
	}
	why := j.doubt(m)
	p.EfficiencyMet = why == "" && *p.Efficiency >= least*(1-tolerance)
	switch {
	case why != "":
		j.miss(m, OverTarget, "its efficiency does not count: "+why)
	case !p.EfficiencyMet:
		j.miss(m, OverTarget, fmt.Sprintf("efficiency %s of linear growth from %s=%s, at least %s",
			percent(*p.Efficiency), j.rule.Over, j.first, percent(least)))
	}
}

const (
	// chanceSigmas is how many standard deviations chance is given.
	chanceSigmas = 3
	// leastSlack is the distance between a limit and linear growth, as a logarithm,
	// that is taken at least: no number of requests tells 100 % from linear growth.
	leastSlack = 0.05
)

// servedLoad is the share of the requests sent from which on the load was carried: what
// is missing of it was still on its way when the test ended.
const servedLoad = 0.95

// boundByLoad says that an efficiency is too low where the service carried all that it
// was sent, "" if none is: it may be able to carry more, and nobody asked it to.
func (j *scaled) boundByLoad(list []usl.Efficiency) string {
	for i, m := range j.throughputs {
		isLow := slices.ContainsFunc(list, func(e usl.Efficiency) bool {
			return e.N == j.sub.Points[i].Size && e.Share < j.rule.Efficiency*(1-tolerance)
		})
		if rate := j.servedRate(m); isLow && rate > 0 {
			return fmt.Sprintf("at %s=%s all of the %.4g requests/s that were sent were served, so the load was the limit; raise it above what the greatest size carries, or let it grow with the size",
				j.rule.Over, j.sub.Points[i].Label, rate)
		}
	}
	return ""
}

// servedRate returns the rate at which requests were sent where nearly all of them were
// served, else 0.
func (j *scaled) servedRate(m *Metric) float64 {
	if m == nil {
		return 0
	}
	for _, run := range j.in.Head {
		if run.Workload.Rate <= 0 || run.Find(m.Key) == nil {
			continue
		}
		all := run.Find(perf.Key{Subject: perf.Aggregated, Metric: perf.Throughput, Labels: m.Key.Labels})
		if all == nil {
			continue
		}
		if v, ok := all.Unit.Convert(stats.Median(all.Samples), "/s"); ok && v >= servedLoad*run.Workload.Rate {
			return run.Workload.Rate
		}
	}
	return 0
}

// fewRequests says that so few requests are behind a throughput that chance alone
// could miss the efficiency, "" if not. It is asked of single endpoints beside the
// figures over all requests, which are always judged: a rare endpoint is drawn a few
// times at each size, and its numbers tell nothing of the system.
func (j *scaled) fewRequests() string {
	if !j.whole || j.at.name == perf.Aggregated {
		return ""
	}
	slack := max(leastSlack, -math.Log(j.rule.Efficiency))
	first := int64(0)
	for i, m := range j.throughputs {
		if m == nil {
			continue
		}
		n := j.requests(m.Key)
		if n == 0 {
			return "" // not counted, and believed
		}
		if first == 0 {
			first = n
		}
		if chanceSigmas*math.Sqrt(1/float64(first)+1/float64(n)) > slack {
			return fmt.Sprintf("too few requests: %d at %s=%s", min(first, n), j.rule.Over, j.sub.Points[i].Label)
		}
	}
	return ""
}

// requests counts the requests behind a metric.
func (e *evaluation) requests(k perf.Key) int64 {
	n := int64(0)
	for _, run := range e.in.Head {
		if s := run.Find(k); s != nil {
			n += s.Count
		}
	}
	return n
}

// farPeak is how many times the greatest size that was measured a peak may lie at.
// What is farther off hangs on the last digits of the coherency.
const farPeak = 100

// fit fits the Universal Scalability Law to the runs. Sizes in a unit are counted in
// the smallest one: a contention for each megabyte would mean nothing.
func (j *scaled) fit() {
	if j.bound != "" {
		j.sub.NoFit = j.bound
		return
	}
	unit := 1.0
	if j.out.Unit != "" {
		unit = j.sizes[0].n
	}
	f, reason := usl.FitTo(j.runs(unit))
	if f == nil {
		j.sub.NoFit = reason
		if doubted := j.doubted(); doubted != "" {
			j.sub.NoFit = fmt.Sprintf("figures at %s=%s do not count, as requests failed; without them %s", j.rule.Over, doubted, reason)
		}
		return
	}
	greatest := j.sub.Points[len(j.sub.Points)-1].Size
	j.sub.Fit = &ScalingFit{
		Unit: f.Unit * unit, Lambda: f.Lambda, Contention: f.Contention, Coherency: f.Coherency,
		ContentionError: f.ContentionError, CoherencyError: f.CoherencyError,
		RSquared: f.RSquared, Error: f.RelativeRMSE, Points: f.Points,
	}
	if f.Peak == nil || *f.Peak < f.Unit || *f.Peak*unit > farPeak*greatest {
		return
	}
	j.sub.Fit.Peak, j.sub.Fit.PeakThroughput = ptr(*f.Peak*unit), ptr(f.At(*f.Peak))
	j.sub.Fit.Predicted = *f.Peak*unit > greatest
}

// runs returns the throughput of each run at each size, the sizes in units. Figures
// that are not believed tell nothing of the law.
func (j *scaled) runs(unit float64) []usl.Point {
	var list []usl.Point
	for i, m := range j.throughputs {
		if m == nil || j.doubt(m) != "" {
			continue
		}
		for _, run := range j.in.Head {
			s := run.Find(m.Key)
			if s == nil {
				continue
			}
			if v, ok := s.Unit.Convert(stats.Median(s.Samples), j.sub.Unit); ok {
				list = append(list, usl.Point{N: j.sub.Points[i].Size / unit, Throughput: v})
			}
		}
	}
	return list
}

// doubted lists the sizes whose figures are not believed.
func (j *scaled) doubted() string {
	var list []string
	for i, m := range j.throughputs {
		if m != nil && j.doubt(m) != "" {
			list = append(list, j.sub.Points[i].Label)
		}
	}
	return strings.Join(list, ", ")
}

// nothingJudged says why no efficiency was judged where it should have been, "" if
// one was. Limits that judge nothing are told as targets are.
func (s *scaler) nothingJudged() string {
	if s.rule.Efficiency == 0 {
		return ""
	}
	why := ""
	for i := range s.out.Subjects {
		sub := &s.out.Subjects[i]
		if slices.ContainsFunc(sub.Points, func(p ScalingPoint) bool { return p.Least != nil }) {
			return ""
		}
		if why == "" && sub.Unjudged != "" {
			why = fmt.Sprintf("%q: %s", sub.Subject, sub.Unjudged)
		}
	}
	return cmp.Or(why, "nothing has a throughput")
}
