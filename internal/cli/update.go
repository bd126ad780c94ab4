package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"speedgate/baseline"
	"speedgate/gate"
	"speedgate/internal/config"
	"speedgate/perf"
)

func runUpdate(s *session, ctx context.Context, o options) error {
	accept, err := acceptance(o)
	if err != nil {
		return err
	}
	if len(o.flags[config.OptionBaseRef]) > 0 {
		return usagef("update writes the baseline of the work tree; leave out --base-ref")
	}
	suites, err := s.suites(ctx, o)
	if err != nil {
		return err
	}
	out, err := s.outputs(o, suites)
	if err != nil {
		return err
	}
	out.options.Updating = true
	for _, u := range suites {
		u.settings.BaseRef = "" // a variable meant for checks: an update is about the work tree
		if err := s.prepare(ctx, u, o); err != nil {
			return err
		}
	}
	if err := unmatchedAccept(suites, accept.Accept); err != nil {
		return err
	}
	settle(suites)
	for _, u := range suites {
		if err := out.write(u); err != nil {
			return err
		}
		code, _ := refusal(u, accept.Accept)
		s.code = worseCode(s.code, code)
	}
	if s.refuse(suites, func(u *suite) string { _, why := refusal(u, accept.Accept); return why }) {
		return nil
	}
	s.tellNeedless(suites, accept.Accept)
	return s.addTo(suites, accept, s.save)
}

// acceptedIn leaves of the patterns to accept those that a suite has metrics for which
// need it. Metrics that match and got no slower keep their history.
func acceptedIn(u *suite, o baseline.AddOptions) baseline.AddOptions {
	o.Accept = slices.DeleteFunc(slices.Clone(o.Accept), func(p perf.Pattern) bool { return !isNeeded(p, u.result) })
	o.Only = nil
	for i := range u.result.Metrics {
		if m := &u.result.Metrics[i]; m.NeedsAcceptance() {
			o.Only = append(o.Only, m.Key)
		}
	}
	return o
}

// isNeeded reports whether a pattern matches a metric that does not enter the
// baseline otherwise.
func isNeeded(p perf.Pattern, r *gate.Result) bool {
	return slices.ContainsFunc(r.Metrics, func(m gate.Metric) bool { return p.Match(m.Key) && m.NeedsAcceptance() })
}

// tellNeedless tells of patterns that accept nothing: no report will show them.
func (s *session) tellNeedless(suites []*suite, accept []perf.Pattern) {
	for _, p := range accept {
		if !slices.ContainsFunc(suites, func(u *suite) bool { return isNeeded(p, u.result) }) {
			s.talk("--accept %s: nothing that it matches got slower; the history of it is kept", p)
		}
	}
}

// acceptance reads --accept and --reason, which go together.
func acceptance(o options) (baseline.AddOptions, error) {
	var a baseline.AddOptions
	for _, text := range o.texts["accept"] {
		p, err := perf.ParsePattern(text)
		if err != nil {
			return a, usagef("--accept: %s", err)
		}
		a.Accept = append(a.Accept, p)
	}
	a.Reason = strings.TrimSpace(o.text("reason"))
	switch {
	case len(a.Accept) > 0 && a.Reason == "":
		return a, usagef("--accept needs a --reason")
	case len(a.Accept) == 0 && a.Reason != "":
		return a, usagef("--reason goes with --accept")
	}
	return a, nil
}

// refusal says what stands against entering a suite into the baseline, with the exit
// code that it means; "" and a pass if nothing does.
func refusal(u *suite, accept []perf.Pattern) (code int, why string) {
	switch blocking := notAccepted(u.result, accept); {
	case u.isLost():
		return ExitFail, "cannot be accepted: " + u.result.Reason
	case u.isIncomplete():
		return ExitInput, "cannot be accepted: " + u.result.Reason
	case u.base.choices: // a window of its own would part them from what they belong to
		return ExitUsage, "cannot be accepted: " + u.base.why
	case len(blocking) > 0:
		return ExitFail, "cannot be accepted: " + blockers(blocking)
	case slices.ContainsFunc(u.result.Unmatched, func(p gate.PatternUse) bool { return p.Critical }):
		return ExitFail, "cannot be accepted: " + u.result.Reason
	}
	return ExitPass, ""
}

// notAccepted lists the metrics that fail the gate and may not be accepted, or
// were not. Results that cannot be believed are never accepted.
func notAccepted(r *gate.Result, accept []perf.Pattern) []gate.Metric {
	var list []gate.Metric
	for _, m := range r.Metrics {
		accepted := m.Verdict != gate.Invalid && slices.ContainsFunc(accept, func(p perf.Pattern) bool { return p.Match(m.Key) })
		if m.Severity == gate.SeverityCritical && !accepted {
			list = append(list, m)
		}
	}
	return list
}

// blockers names the first metrics that stand against an update.
func blockers(list []gate.Metric) string {
	const most = 3
	var names []string
	for _, m := range list[:min(most, len(list))] {
		names = append(names, fmt.Sprintf("%s is %s", m.Key, m.Verdict))
	}
	text := strings.Join(names, ", ")
	if more := len(list) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// unmatchedAccept returns an error for the first pattern that matches no metric of
// any suite: a typo would accept nothing in silence.
func unmatchedAccept(suites []*suite, accept []perf.Pattern) error {
	for _, p := range accept {
		if !slices.ContainsFunc(suites, func(u *suite) bool { return matchesAny(p, u.result) }) {
			return usagef("--accept %s matches no metric", p)
		}
	}
	return nil
}

func matchesAny(p perf.Pattern, r *gate.Result) bool {
	return slices.ContainsFunc(r.Metrics, func(m gate.Metric) bool { return p.Match(m.Key) })
}
