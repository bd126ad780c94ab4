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
		code, err := s.updateSuite(u, accept)
		if err != nil {
			return err
		}
		s.code = worseCode(s.code, code)
	}
	return nil
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

// updateSuite adds the runs of one suite if nothing stands against it, and returns
// the exit code.
func (s *session) updateSuite(u *suite, accept baseline.AddOptions) (int, error) {
	if u.isIncomplete() {
		s.talk("suite %q: %s; the baseline stays as it is", u.name, u.result.Reason)
		return ExitInput, nil
	}
	if blocking := notAccepted(u.result, accept.Accept); len(blocking) > 0 {
		s.talk("suite %q: %s; the baseline stays as it is", u.name, blockers(blocking))
		return ExitFail, nil
	}
	if slices.ContainsFunc(u.result.Unmatched, func(p gate.PatternUse) bool { return p.Critical }) {
		s.talk("suite %q: %s; the baseline stays as it is", u.name, u.result.Reason)
		return ExitFail, nil
	}
	accept.Accept = slices.DeleteFunc(slices.Clone(accept.Accept), func(p perf.Pattern) bool { return !matchesAny(p, u.result) })
	return ExitPass, s.addTo(u, accept, s.save)
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
