package gate

import (
	"fmt"
	"slices"

	"speedgate/internal/suggest"
	"speedgate/perf"
)

// PatternKind says what a pattern of the policy is for.
type PatternKind string

// The kinds of patterns.
const (
	PatternTarget PatternKind = "target"
	PatternWaiver PatternKind = "waiver"
	PatternRule   PatternKind = "rule" // about a threshold, a floor, a direction, or what is ignored
)

// PatternUse is what became of a pattern of the policy: one that matches nothing
// does nothing, and is most likely a typo.
type PatternUse struct {
	Kind     PatternKind
	Match    string // the pattern, as written
	Critical bool   // a target that fails the gate when it is missed
	Shared   bool   // may be meant for another suite of the same config
	Used     bool   // it matched; of a target: it judged a metric
	Found    bool   // of a target: it matched metrics, none of which it could judge
	Missing  bool   // of a target: it matched accepted metrics that were not measured, and no others
	Ignored  bool   // of a target: it matched metrics that a rule ignores, and no others
	// Meant is the name that may have been meant instead, "" if none is near; set
	// by [Settle].
	Meant string
}

// problem says what is wrong with a pattern that was not used.
func (u *PatternUse) problem() string {
	switch {
	case u.Found:
		return fmt.Sprintf("%q could not be judged", u.Match)
	case u.Ignored:
		return fmt.Sprintf("%q matches only metrics that a rule ignores", u.Match)
	case u.Missing:
		return fmt.Sprintf("%q matches no metric that was measured", u.Match)
	case u.Meant != "":
		return fmt.Sprintf("%q matches no metric; did you mean %q?", u.Match, u.Meant)
	}
	return fmt.Sprintf("%q matches no metric", u.Match)
}

// patternKey is what makes two uses the same.
type patternKey struct {
	kind  PatternKind
	match string
}

func (u *PatternUse) key() patternKey { return patternKey{u.Kind, u.Match} }

// patterns collects what became of the patterns, once everything is judged.
func (e *evaluation) patterns() {
	for i := range e.policy.Metrics {
		r := &e.policy.Metrics[i]
		e.use(r.Match, PatternUse{Kind: PatternRule, Shared: r.Shared, Used: e.rulesUsed[i]})
	}
	for _, w := range e.result.Waivers {
		used := slices.ContainsFunc(e.result.Metrics, func(m Metric) bool { return w.Match.Match(m.Key) })
		e.use(w.Match, PatternUse{Kind: PatternWaiver, Shared: true, Used: used})
	}
}

// use enters the use of a pattern. One that stands in the policy more than once, as
// a target does for each severity, is entered once.
func (e *evaluation) use(p perf.Pattern, u PatternUse) {
	u.Match = p.String()
	at, ok := e.uses[u.key()]
	if !ok {
		e.uses[u.key()] = len(e.result.Patterns)
		e.result.Patterns = append(e.result.Patterns, u)
		return
	}
	o := &e.result.Patterns[at]
	o.Critical, o.Shared = o.Critical || u.Critical, o.Shared && u.Shared
	o.Used, o.Found, o.Ignored = o.Used || u.Used, o.Found || u.Found, o.Ignored || u.Ignored
	o.Missing = o.Missing || u.Missing
}

// Settle ends the judgement of the suites of one policy. A pattern that matched in
// none of them is entered as unmatched into the result of the first that it stands
// in the policy of; a critical target without a match fails that gate, as nobody
// would notice that it is not kept. What may be meant for one of the suites that were
// not judged is warned of, unless their accepted runs tell.
func Settle(results []*Result, others Others) {
	done := map[patternKey]bool{}
	for _, r := range results {
		for i := range r.Patterns {
			if u := &r.Patterns[i]; u.Used {
				done[u.key()] = true
			}
		}
	}
	for _, r := range results {
		for i := range r.Patterns {
			u := &r.Patterns[i]
			switch {
			case done[u.key()]:
				continue
			case others.Exist && u.Shared && others.know(u.Match):
			case others.Exist && u.Shared && !(others.Complete && u.Critical):
				r.Elsewhere++
				r.Warnings = append(r.Warnings, perf.Warning{Msg: fmt.Sprintf(
					"%s %q matches no metric here; whether a suite that was not checked has one is not known", u.Kind, u.Match)})
			default:
				r.Unmatched = append(r.Unmatched, *u)
				if len(r.Unmatched) <= maxMeant && !u.Found && !u.Ignored {
					r.Unmatched[len(r.Unmatched)-1].Meant = meant(results, u.Match)
				}
			}
			done[u.key()] = true
		}
		r.failUnmatched()
	}
}

// Others is what is known of the suites of a policy that were not judged.
type Others struct {
	Exist    bool
	Known    []perf.Key // metrics of their accepted runs
	Complete bool       // each of them has accepted runs
}

// know reports whether a pattern matches an accepted metric of another suite.
func (o *Others) know(match string) bool {
	p, err := perf.ParsePattern(match)
	return err == nil && slices.ContainsFunc(o.Known, p.Match)
}

// maxMeant is for how many patterns of a suite the meant name is looked for: reports
// list no more, and each is compared with every name of the results.
const maxMeant = 5

// meant returns the name nearest to what a pattern that matches nothing names: a
// metric if its subjects exist, else a subject; "" if none is near.
func meant(results []*Result, match string) string {
	p, err := perf.ParsePattern(match)
	if err != nil {
		return ""
	}
	subject, metric := p.Parts()
	var subjects, metrics []string
	for _, r := range results {
		for i := range r.Metrics {
			k := r.Metrics[i].Key
			switch {
			case k.Metric == match:
				return "*:" + match // the colon was forgotten
			case p.MatchSubject(k.Subject):
				metrics = append(metrics, k.Metric)
			default:
				subjects = append(subjects, k.Subject)
			}
		}
	}
	if len(metrics) == 0 {
		return suggest.Nearest(subject, subjects)
	}
	// The very name is there where a metric was accepted and is missing now.
	if near := suggest.Nearest(metric, metrics); near != "" && near != metric {
		return subject + ":" + near
	}
	return ""
}

// failUnmatched fails a gate for critical targets that matched nothing.
func (r *Result) failUnmatched() {
	var critical []PatternUse
	for _, u := range r.Unmatched {
		if u.Critical {
			critical = append(critical, u)
		}
	}
	var reason string
	switch len(critical) {
	case 0:
		return
	case 1:
		reason = "critical target " + critical[0].problem()
	default:
		reason = fmt.Sprintf("%d critical targets judged nothing, the first is %q", len(critical), critical[0].Match)
	}
	if r.Verdict != Fail {
		r.Reason = "" // why nothing was compared is not what failed
	}
	r.Verdict, r.Reason = Fail, joinReasons(r.Reason, reason)
}
