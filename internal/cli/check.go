package cli

import (
	"context"

	"speedgate/baseline"
	"speedgate/gate"
)

func runCheck(s *session, ctx context.Context, o options) error {
	return s.published(ctx, o, func(p *publication) error {
		suites, err := s.suites(ctx, o)
		if err != nil {
			return err
		}
		out, err := s.outputs(o, suites)
		if err != nil {
			return err
		}
		return s.check(ctx, suites, out, o, p)
	})
}

// published runs a gate that others wait for: they see it begin before anything is read
// or measured, and never without an end.
func (s *session) published(ctx context.Context, o options, work func(*publication) error) error {
	publication, err := s.publication(o)
	if err != nil {
		return err
	}
	if err := s.guardToken(ctx); err != nil {
		return err
	}
	s.begin(ctx, &publication, s.measuredCommit(ctx, o))
	defer s.abandon(ctx, &publication)
	if err := checkPushFlags(ctx, o); err != nil {
		return err
	}
	return work(&publication)
}

// check judges suites, tells everybody, and refreshes the baseline where that is asked
// for.
func (s *session) check(ctx context.Context, suites []*suite, out *outputs, o options, p *publication) error {
	for _, u := range suites {
		if err := s.prepare(ctx, u, o); err != nil {
			return err
		}
		if err := s.remeasure(ctx, u); err != nil {
			return err
		}
	}
	settle(suites)
	if err := out.writeAll(suites); err != nil {
		return err
	}
	if o.on["update"] {
		if err := s.updateAfter(ctx, suites, out, o); err != nil {
			return err
		}
	}
	for _, u := range suites {
		s.code = worseCode(s.code, s.codeOf(u))
	}
	return s.tell(ctx, suites, out, p, s.code)
}

// codeOf returns the exit code of a judged suite, and says why where the report
// does not.
func (s *session) codeOf(u *suite) int {
	switch {
	case u.onlyIncomplete():
		s.talk("suite %q: %s", u.name, u.result.Reason)
		return ExitInput
	case u.result.Verdict == gate.Fail:
		return ExitFail
	case u.result.Verdict == gate.Pass:
		return ExitPass
	case u.base.window != nil && nothingMeasured(u.result):
		s.talk("suite %q: %s", u.name, u.result.Reason)
		return ExitInput
	case u.settings.OnMissingBaseline == gate.ActionFail:
		s.talk("suite %q: %s, and --on-missing-baseline is fail", u.name, u.result.Reason)
		return ExitBaseline
	}
	return ExitPass
}

// nothingMeasured reports whether a gate with a baseline compared nothing although
// nothing was incomparable: the results are too thin, or of something else.
func nothingMeasured(r *gate.Result) bool { return r.Counts[gate.Incomparable] == 0 }

// worseCode keeps the code that matters more: an error over a failed gate over a
// pass.
func worseCode(a, b int) int { return max(a, b) }

// updateAfter writes the baseline after a check in which every suite passed, or had
// nothing to compare with yet. One that did not pass keeps the others from being
// written: all of them measured the same commit, which was not accepted.
func (s *session) updateAfter(ctx context.Context, suites []*suite, out *outputs, o options) error {
	if s.ciJob().Unmerged {
		s.talk("this run is of a change that is not merged; the baseline is refreshed on the branch that it goes to")
		return nil
	}
	if s.refuse(suites, whyNotUpdated) {
		return nil
	}
	if !o.on["push"] {
		return s.addTo(suites, baseline.AddOptions{}, s.save)
	}
	return s.pushAfter(ctx, suites, out, o)
}

// whyNotUpdated says what stands against entering a checked suite into the baseline,
// "" if nothing.
func whyNotUpdated(u *suite) string {
	switch {
	case u.result.Verdict == gate.Fail:
		return "failed"
	case u.result.Verdict == gate.NoBaseline && u.base.window != nil && nothingMeasured(u.result):
		return "compared nothing"
	case u.base.choices:
		return "is of no known environment: " + u.base.why
	}
	return ""
}

// refuse tells what stands against entering the suites into the baseline, and
// reports whether anything does.
func (s *session) refuse(suites []*suite, why func(*suite) string) bool {
	refused := false
	for _, u := range suites {
		reason := why(u)
		if reason == "" {
			continue
		}
		all := ""
		if len(suites) > 1 {
			all = ", for all suites"
		}
		s.talk("suite %q %s; the baseline stays as it is%s", u.name, reason, all)
		refused = true
	}
	return refused
}

// addTo adds the runs of the suites to their baseline, which save writes, and says
// so. Suites of one config share its baseline file: it is written once, or not at all.
func (s *session) addTo(suites []*suite, o baseline.AddOptions, save func(*suite, func(*baseline.File) error) error) error {
	changes := make([]baseline.Changes, len(suites))
	err := save(suites[0], func(f *baseline.File) (err error) {
		for i, u := range suites {
			if changes[i], err = u.add(s, f, acceptedIn(u, o)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, u := range suites {
		s.talk("%s", describeChanges(u.settings.Baseline, u, changes[i]))
		for _, note := range changes[i].Notes {
			s.talk("%s", note)
		}
	}
	return nil
}

// settle ends the judgement of the suites. Only suites of one config are judged
// together, so that all or none of them leave others out.
func settle(suites []*suite) {
	results := make([]*gate.Result, len(suites))
	for i, u := range suites {
		results[i] = u.result
	}
	gate.Settle(results, suites[0].unjudged())
}

func isProvedBetter(m gate.Metric) bool { return m.Verdict == gate.Improved }
