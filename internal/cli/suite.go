package cli

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"speedgate/baseline"
	"speedgate/gate"
	"speedgate/internal/config"
	"speedgate/parsers"
	"speedgate/perf"
	"speedgate/report"
	"speedgate/runner/plan"
)

// defaultSuite is the name of a suite that nobody named.
const defaultSuite = "default"

// suite is one suite on its way through the gate.
type suite struct {
	name     string
	settings *config.Settings
	read     parsers.Options
	inputs   func() ([]parsers.Input, error)
	others   []string // suites of the config that are not looked at
	stepped  bool     // results of a stress test, whose targets were judged on its steps
	branch   string   // of the remote, where the baseline is kept; "" = beside the code
	proposed bool     // a new baseline waits in a pull request

	runs     []*perf.Run
	env      perf.Env
	base     base
	commit   string
	warnings []perf.Warning
	edited   []string // config and baseline, as far as the change edits them
	judgedBy report.Judge
	notices  []string // what a reader must know first
	result   *gate.Result
}

// suites returns what the arguments name: the files as one suite, or without files
// the suites of the config.
func (s *session) suites(ctx context.Context, o options) ([]*suite, error) {
	file, err := s.config(ctx, o)
	if err != nil {
		return nil, err
	}
	if len(o.args) > 0 {
		one, err := s.suite(o.flags, file, s.fileSuite(o, file))
		if err != nil {
			return nil, err
		}
		one.inputs = func() ([]parsers.Input, error) { return s.labelledInputs(o.args, patternsOf(file, one.name)) }
		one.others = otherSuites(file, one.name)
		return []*suite{one}, nil
	}
	if file == nil || len(file.Suites) == 0 {
		return nil, usagef("no result files; name them, or the suites that hold them in %s", config.DefaultFile)
	}
	return s.configSuites(o, file)
}

// fileSuite returns the name of the suite that files on the command line belong
// to: the one that the config has alone, "" where a flag or variable may name it.
func (s *session) fileSuite(o options, file *config.Config) string {
	if len(o.flags[config.OptionSuite]) == 0 && s.env("SPEEDGATE_SUITE") == "" && file != nil && len(file.Suites) == 1 {
		return file.Suites[0].Name
	}
	return ""
}

// patternsOf returns where the config expects the results of a suite.
func patternsOf(file *config.Config, name string) []config.FilePattern {
	if file == nil || file.Suite(name) == nil {
		return nil
	}
	return file.Suite(name).Results
}

func (s *session) configSuites(o options, file *config.Config) ([]*suite, error) {
	all, err := config.Resolve(o.flags, s.env, file)
	if err != nil {
		return nil, withCode(ExitUsage, err)
	}
	var list []*suite
	for _, cs := range file.Suites {
		if all.Suite != "" && all.Suite != cs.Name {
			continue
		}
		one, err := s.suite(o.flags, file, cs.Name)
		if err != nil {
			return nil, err
		}
		one.inputs = func() ([]parsers.Input, error) { return patternInputs(cs.Results) }
		if all.Suite != "" {
			one.others = otherSuites(file, one.name)
		}
		list = append(list, one)
	}
	return list, nil
}

// otherSuites are the suites of the config but the one of that name.
func otherSuites(file *config.Config, name string) []string {
	if file == nil {
		return nil
	}
	var names []string
	for _, cs := range file.Suites {
		if cs.Name != name {
			names = append(names, cs.Name)
		}
	}
	return names
}

// suite resolves the settings of one suite. name is "" where flags or variables
// may name it.
func (s *session) suite(flags config.Flags, file *config.Config, name string) (*suite, error) {
	if name != "" {
		flags = maps.Clone(flags)
		flags[config.OptionSuite] = []string{name}
	}
	settings, err := config.Resolve(flags, s.env, file)
	if err != nil {
		return nil, withCode(ExitUsage, err)
	}
	one := &suite{name: settings.Suite, settings: settings}
	if one.name == "" {
		one.name = defaultSuite
	}
	if file != nil {
		one.read.JSON = file.JSON
		one.warnings = file.Warnings(s.Now())
		one.stepped = isStepped(file, one.name)
	}
	return one, nil
}

// isStepped reports whether a suite has the results of a stress test.
func isStepped(file *config.Config, name string) bool {
	profile := name
	if cs := file.Suite(name); cs != nil && cs.Profile != "" {
		profile = cs.Profile
	}
	p := file.Profile(profile)
	return p != nil && p.Shape.Kind == plan.Stress
}

// policy returns what the suite is judged by. Of the targets of a stress test, those on
// what it found are left.
func (u *suite) policy(now time.Time) gate.Policy {
	p := u.settings.Policy(now)
	if !u.stepped {
		return p
	}
	p.Targets = slices.DeleteFunc(slices.Clone(p.Targets), func(t gate.Target) bool {
		return !slices.ContainsFunc(u.runs, func(r *perf.Run) bool {
			return slices.ContainsFunc(r.Series, func(s perf.Series) bool { return t.Match.Match(s.Key) })
		})
	})
	return p
}

// config reads the config in force, nil if there is none. With a base ref it is
// the one of that commit, so that a change cannot relax the gate it is judged by.
func (s *session) config(ctx context.Context, o options) (*config.Config, error) {
	at, err := config.Location(o.flags, s.env)
	if err != nil {
		return nil, withCode(ExitUsage, err)
	}
	early, err := config.Resolve(withoutSuite(o.flags), s.noSuiteEnv, nil)
	if err != nil {
		return nil, withCode(ExitUsage, err)
	}
	if s.src, err = s.sourceOf(ctx, early.BaseRef, o); err != nil {
		return nil, err
	}
	data, err := s.src.read(ctx, at.Text)
	switch {
	case isAbsent(err) && at.Origin == config.OriginDefault:
		return nil, nil
	case err != nil:
		return nil, withCode(ExitUsage, err)
	}
	file, err := config.Parse(data, at.Text)
	return file, withCode(ExitUsage, err)
}

// withoutSuite drops the suite, which cannot be looked up before the config is read.
func withoutSuite(flags config.Flags) config.Flags {
	flags = maps.Clone(flags)
	delete(flags, config.OptionSuite)
	return flags
}

func (s *session) noSuiteEnv(name string) string {
	if name == "SPEEDGATE_SUITE" {
		return ""
	}
	return s.env(name)
}

// measure reads the results of the suite and adds them to its runs.
func (u *suite) measure() error {
	inputs, err := u.inputs()
	if err != nil {
		return err
	}
	return u.addRuns(u.withoutOwn(inputs))
}

// withoutOwn leaves out baseline and config where they lie in a folder of results:
// written by hand, both could be read as results.
func (u *suite) withoutOwn(inputs []parsers.Input) []parsers.Input {
	own := map[string]string{identity(u.settings.Config): "the config", identity(u.settings.Baseline): "the baseline"}
	return slices.DeleteFunc(inputs, func(in parsers.Input) bool {
		what := own[identity(in.Name)]
		if !in.Optional || what == "" {
			return false
		}
		u.warnings = append(u.warnings, perf.Warning{Pos: perf.Pos{File: in.Name}, Msg: "left out: it is " + what})
		return true
	})
}

func (u *suite) addRuns(inputs []parsers.Input) error {
	runs, warnings, err := readRuns(inputs, u.settings.Format, u.read)
	if err != nil {
		return withCode(readCode(err), err)
	}
	if len(runs) == 0 {
		msg := "none of the files is a result file"
		if len(warnings) > 0 {
			msg += " (" + warnings[0].String() + ")"
		}
		return withCode(ExitInput, &perf.InputError{Msg: msg, Err: perf.ErrNoResults})
	}
	u.runs = append(u.runs, runs...)
	u.warnings = append(u.warnings, warnings...)
	return u.joinEnv()
}

// readCode tells a format that does not exist, which is a usage error, from
// results that cannot be read.
func readCode(err error) int {
	if errors.Is(err, parsers.ErrNoSuchFormat) {
		return ExitUsage
	}
	return ExitInput
}

// joinEnv finds the one environment that all runs come from.
func (u *suite) joinEnv() error {
	u.env = perf.Env{Name: u.settings.Environment}
	for _, r := range u.runs {
		joined, conflict := u.env.Join(r.Env)
		if conflict != "" {
			return withCode(ExitInput, perf.Errorf(perf.Pos{File: strings.Join(r.Source.Files, ", ")},
				"measured in another environment than the files before it: %s; check them separately", conflict))
		}
		u.env = joined
	}
	return nil
}

// judge compares the runs with the baseline.
func (u *suite) judge(s *session) {
	u.result = gate.Evaluate(gate.Input{
		Suite: u.name, Base: u.base.window, NoBase: u.base.why, BasePath: u.base.path, Head: u.runs, Env: u.env, Commit: u.commit,
	}, u.policy(s.Now()))
	u.result.Warnings = slices.Concat(u.warnings, u.base.warnings, u.result.Warnings)
}

// unjudged is what the baseline tells of the suites that are not looked at. A
// hand-written one names none.
func (u *suite) unjudged() gate.Others {
	o := gate.Others{Exist: len(u.others) > 0, Complete: u.base.file != nil}
	if u.base.file == nil {
		return o
	}
	for _, name := range u.others {
		isKnown := slices.Contains(u.base.file.Suites(), name)
		o.Complete = o.Complete && isKnown
		if !isKnown {
			continue
		}
		for _, w := range u.base.file.Windows(name) {
			for i := range w.Metrics {
				o.Known = append(o.Known, w.Metrics[i].Key)
			}
		}
	}
	return o
}

// warnSelf tells when results are compared with themselves: it passes whatever was
// measured.
func (u *suite) warnSelf() {
	if u.base.window == nil {
		return
	}
	digest := baseline.Digest(u.runs)
	if u.base.digest == digest {
		u.warnings = append(u.warnings, perf.Warning{Msg: "the baseline holds the very same results; they are compared with themselves"})
	}
	if slices.ContainsFunc(u.base.window.Runs, func(r perf.RunInfo) bool { return r.ID == digest }) {
		u.warnings = append(u.warnings, perf.Warning{Msg: "these results are one of the accepted runs already"})
	}
}

// isIncomplete reports whether the results lack something: a test ended before it was
// done, its load was late, or they do not tell how the suite scales.
func (u *suite) isIncomplete() bool {
	if s := u.result.Scaling; s != nil && s.Unjudged != "" || u.result.Suspended > 0 {
		return true
	}
	return slices.ContainsFunc(u.runs, func(r *perf.Run) bool { return len(r.Incomplete) > 0 })
}

// isLost reports whether a test failed by itself.
func (u *suite) isLost() bool {
	return slices.ContainsFunc(u.runs, func(r *perf.Run) bool { return len(r.Lost) > 0 })
}

// onlyIncomplete reports whether the gate failed for nothing but that, and for what
// follows from it: what a test did not get to is missing, and no target on it is judged.
func (u *suite) onlyIncomplete() bool {
	return u.isIncomplete() && !u.isLost() && !slices.ContainsFunc(u.result.Metrics, func(m gate.Metric) bool {
		return m.Severity == gate.SeverityCritical && m.Verdict != gate.Missing
	})
}

// prepare reads results and baseline of a suite and judges it for the first time.
func (s *session) prepare(ctx context.Context, u *suite, o options) error {
	if err := u.measure(); err != nil {
		return err
	}
	var err error
	u.branch, u.proposed = o.text("baseline-branch"), o.on["baseline-pr"]
	if u.base, err = s.loadBase(ctx, u); err != nil {
		return err
	}
	u.commit = cmp.Or(o.text("commit"), s.measuredCommit(ctx, o))
	u.edited, u.judgedBy = s.edits(ctx, u)
	u.warnSelf()
	u.judge(s)
	return nil
}
