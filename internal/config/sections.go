package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"speedgate/gate"
	"speedgate/parsers/jsonmap"
	"speedgate/perf"
)

// The tables below are the format. Each object is a definition of the same name in
// the JSON Schema, and a test holds the two together.

var configObject = object[Config]{
	def: "config",
	fields: []field[Config]{
		{key: "version", read: func(*decoder, *node, *Config) {}}, // read before all others
		{key: "rule", read: into(ruleWord, func(c *Config) *gate.Rule { return &c.Rule })},
		{key: "strict", read: into(boolean, func(c *Config) *bool { return &c.Strict })},
		{key: "environment", read: into(text, func(c *Config) *string { return &c.Environment })},
		{key: "baseline", read: objectInto(baselineObject, func(c *Config) *Baseline { return &c.Baseline })},
		{key: "thresholds", read: objectInto(thresholdsObject, func(c *Config) *Thresholds { return &c.Thresholds })},
		{key: "on", read: objectInto(actionsObject, func(c *Config) *gate.Actions { return &c.On })},
		{key: "on_suspect", read: into(suspectAction, func(c *Config) *gate.Action { return &c.On.Suspect })},
		{key: "drift", read: into(action, func(c *Config) *gate.Action { return &c.On.Creep })},
		{key: "targets", read: readTargets},
		{key: "suites", read: namedInto(suiteObject, func(s *Suite, e entry) { s.Name = e.key }, func(c *Config) *[]Suite { return &c.Suites })},
		{key: "profiles", read: readProfiles},
		{key: "json", read: listInto(mappingObject.read, false, func(c *Config) *[]jsonmap.Mapping { return &c.JSON })},
		{key: "waivers", read: listInto(readWaiver, false, func(c *Config) *[]Waiver { return &c.Waivers })},
		{key: "history", read: readHistory},
	},
	rest: func(_ *decoder, e entry, _ *Config) bool { return isExtension(e.key) },
}

var baselineObject = object[Baseline]{
	def: "baseline",
	fields: []field[Baseline]{
		{key: "file", read: into(text, func(b *Baseline) *string { return &b.File })},
		{key: "window", read: into(whole, func(b *Baseline) *int { return &b.Window })},
	},
}

var thresholdsObject = object[Thresholds]{
	def: "thresholds",
	fields: []field[Thresholds]{
		{key: "default", read: into(percent, func(t *Thresholds) *float64 { return &t.Default })},
		{key: "drift", read: into(percent, func(t *Thresholds) *float64 { return &t.Drift })},
		{key: "rules", read: listInto(readRule, false, func(t *Thresholds) *[]gate.MetricRule { return &t.Rules })},
	},
}

var ruleObject = object[gate.MetricRule]{
	def: "metric_rule",
	fields: []field[gate.MetricRule]{
		{key: "match", required: true, read: into(pattern, func(r *gate.MetricRule) *perf.Pattern { return &r.Match })},
		{key: "threshold", read: intoPointer(percent, func(r *gate.MetricRule) **float64 { return &r.Threshold })},
		{key: "floor", read: intoPointer(floor, func(r *gate.MetricRule) **perf.Quantity { return &r.Floor })},
		{key: "better", read: into(better, func(r *gate.MetricRule) *perf.Better { return &r.Better })},
		{key: "ignore", read: into(boolean, func(r *gate.MetricRule) *bool { return &r.Ignore })},
	},
}

func floor(n *node) (perf.Quantity, error) {
	q, err := quantity(n)
	if err == nil && q.Value < 0 {
		return q, errors.New("expected a floor of 0 or more, found " + n.text)
	}
	return q, err
}

func readRule(d *decoder, n *node, r *gate.MetricRule) {
	ruleObject.read(d, n, r)
	if n.kind != kindMapping {
		return
	}
	if len(n.entries) == 1 && n.child("match") != nil {
		d.errorf(n, "the rule changes nothing; add threshold, floor, better or ignore")
	}
	metric := metricOf(r.Match)
	if r.Floor != nil && r.Floor.Value > 0 && metric != "" {
		if err := plausible(metric, *r.Floor); err != nil {
			d.errorf(n.child("floor"), "%s", err)
		}
	}
}

// metricOf returns the metric that p names, "" if it has a wildcard or none.
func metricOf(p perf.Pattern) string {
	s := p.String()
	metric := s[strings.LastIndexByte(s, ':')+1:]
	if len(metric) == len(s) || strings.Contains(metric, "*") {
		return ""
	}
	return metric
}

var actionsObject = object[gate.Actions]{
	def: "on",
	fields: []field[gate.Actions]{
		{key: "regressed", read: into(action, func(a *gate.Actions) *gate.Action { return &a.Regressed })},
		{key: "suspect", read: into(suspectAction, func(a *gate.Actions) *gate.Action { return &a.Suspect })},
		{key: "missing", read: into(action, func(a *gate.Actions) *gate.Action { return &a.Missing })},
		{key: "invalid", read: into(action, func(a *gate.Actions) *gate.Action { return &a.Invalid })},
		{key: "over_target", read: into(action, func(a *gate.Actions) *gate.Action { return &a.OverTarget })},
		{key: "near_target", read: into(action, func(a *gate.Actions) *gate.Action { return &a.NearTarget })},
		{key: "new", read: into(action, func(a *gate.Actions) *gate.Action { return &a.New })},
		{key: "incomparable", read: into(action, func(a *gate.Actions) *gate.Action { return &a.Incomparable })},
		{key: "inconclusive", read: into(action, func(a *gate.Actions) *gate.Action { return &a.Inconclusive })},
		{key: "creep", read: into(action, func(a *gate.Actions) *gate.Action { return &a.Creep })},
	},
}

var waiverObject = object[Waiver]{
	def: "waiver",
	fields: []field[Waiver]{
		{key: "match", required: true, read: into(pattern, func(w *Waiver) *perf.Pattern { return &w.Match })},
		{key: "limit", required: true, read: into(percent, func(w *Waiver) *float64 { return &w.Limit })},
		{key: "until", required: true, read: into(lastMoment, func(w *Waiver) *time.Time { return &w.Until })},
		{key: "reason", required: true, read: into(text, func(w *Waiver) *string { return &w.Reason })},
	},
}

func readWaiver(d *decoder, n *node, w *Waiver) {
	w.Pos = n.pos
	waiverObject.read(d, n, w)
}

var suiteObject = object[Suite]{
	def: "suite",
	fields: []field[Suite]{
		{key: "results", required: true, read: listInto(into(filePattern, self[FilePattern]), true, func(s *Suite) *[]FilePattern { return &s.Results })},
		{key: "profile", read: into(nameWord, func(s *Suite) *string { return &s.Profile })},
		{key: "environment", read: into(text, func(s *Suite) *string { return &s.Environment })},
		{key: "level", read: into(nameWord, func(s *Suite) *string { return &s.Level })},
		{key: "thresholds", read: objectInto(thresholdsObject, func(s *Suite) *Thresholds { return &s.Thresholds })},
		{key: "scaling", read: readScaling},
	},
}

// self is the place of a value that is itself the item of a list.
func self[T any](t *T) *T { return t }

func filePattern(n *node) (FilePattern, error) {
	s, err := text(n)
	if err != nil {
		return FilePattern{}, err
	}
	return ParseFilePattern(s)
}

var scalingObject = object[gate.ScalingRule]{
	def: "scaling",
	fields: []field[gate.ScalingRule]{
		{key: "over", required: true, read: into(nameWord, func(s *gate.ScalingRule) *string { return &s.Over })},
		{key: "efficiency", read: into(efficiency, func(s *gate.ScalingRule) *float64 { return &s.Efficiency })},
	},
	rest: func(d *decoder, e entry, s *gate.ScalingRule) bool {
		if !d.metricKey(e, []string{"over", "efficiency", availability}) {
			return true
		}
		l, ok := d.limit(e.key, e.value)
		if !ok {
			return true
		}
		p, err := perf.ParsePattern("*:" + l.metric)
		if err != nil {
			d.errorf(e.value, "%s", err)
			return true
		}
		s.Limits = append(s.Limits, gate.Target{Match: p, Limit: l.value, Severity: gate.SeverityCritical, Availability: e.key == availability})
		return true
	},
}

// efficiency reads a share of linear growth.
func efficiency(n *node) (float64, error) {
	share, err := percent(n)
	if err == nil && share > 1 {
		err = fmt.Errorf("expected an efficiency of at most 100%%, found %s", n.text)
	}
	return share, err
}

func readScaling(d *decoder, n *node, s *Suite) {
	s.Scaling = &gate.ScalingRule{}
	scalingObject.read(d, n, s.Scaling)
	if n.kind == kindMapping && len(n.entries) == 1 && n.child("over") != nil {
		d.errorf(n, "the scaling judges nothing; add efficiency: 80%% or a limit such as latency_p95: 100ms")
	}
}

var historyObject = object[History]{
	def: "history",
	fields: []field[History]{
		{key: "store", required: true, read: into(store, func(h *History) *string { return &h.Store })},
	},
}

func readHistory(d *decoder, n *node, c *Config) {
	historyObject.read(d, n, &c.History)
	d.warnf(n, "read by `speedgate history`, which this version does not have")
}

var storeText = regexp.MustCompile(`^(file:.|postgres(ql)?://.)`)

func store(n *node) (string, error) {
	s, err := text(n)
	if err == nil && !storeText.MatchString(s) {
		return "", errors.New(quote(s) + " is not a store; write file:PATH or postgres://…")
	}
	return s, err
}
