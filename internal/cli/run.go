package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"speedgate/gate"
	"speedgate/internal/config"
	"speedgate/internal/loadtest"
	"speedgate/internal/suggest"
	"speedgate/parsers"
	"speedgate/parsers/runfile"
	"speedgate/perf"
	"speedgate/runner"
	"speedgate/runner/plan"
)

// runsDir is where runs are kept, one folder each.
const runsDir = "speedgate-runs"

// rawDir is the folder beside the runs for what tools wrote themselves. It is not read
// as results: the runs have its figures already.
const rawDir = "raw"

// runRun makes the load test of a profile and checks what it measured.
func runRun(s *session, ctx context.Context, o options) error {
	if len(o.args) != 1 {
		return usagef("expected the name of one profile, got %d arguments", len(o.args))
	}
	return s.published(ctx, o, func(p *publication) error { return s.runProfile(ctx, o, p) })
}

func (s *session) runProfile(ctx context.Context, o options, p *publication) error {
	t, err := s.profileTest(ctx, o)
	if err != nil {
		return err
	}
	o.args = nil // the profile is no file that a report could replace
	suites := []*suite{t.suite}
	out, err := s.outputs(o, suites)
	if err != nil {
		return err
	}
	if err := t.measure(ctx); err != nil {
		return err
	}
	out.options.Files = t.files
	ctx, stop := t.judging(ctx)
	defer stop()
	return s.check(ctx, suites, out, o, p)
}

// lateTime is how long the verdict of a test may take, with all that it is published
// to, when a signal came after the end of the test.
const lateTime = 30 * time.Second

// judging returns the context for the verdict. A signal that came when the test was over
// takes no verdict back, but it does keep suspects from being measured again.
func (t *profileTest) judging(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	t.suite.settings.Rerun = ""
	return context.WithTimeout(context.WithoutCancel(ctx), lateTime)
}

// profileTest is a profile on its way to results.
type profileTest struct {
	s       *session
	profile config.Profile
	suite   *suite
	dir     string // of the results
	view    runner.View
	files   []string // that were written
}

// profileTest reads what the arguments name.
func (s *session) profileTest(ctx context.Context, o options) (*profileTest, error) {
	file, err := s.config(ctx, o)
	if err != nil {
		return nil, err
	}
	p, err := profileOf(file, o.args[0])
	if err != nil {
		return nil, err
	}
	t := &profileTest{s: s, profile: *p}
	if t.suite, err = s.profileSuite(o, file, p); err != nil {
		return nil, err
	}
	if err := t.judgeable(); err != nil {
		return nil, err
	}
	if t.dir, err = s.resultsDir(o, p.Name); err != nil {
		return nil, err
	}
	t.view = s.view(p.Name)
	t.suite.inputs = func() ([]parsers.Input, error) {
		var list []parsers.Input
		for _, name := range t.files {
			list = append(list, fileInput(name))
		}
		return list, nil
	}
	return t, nil
}

func profileOf(file *config.Config, name string) (*config.Profile, error) {
	if file == nil || len(file.Profiles) == 0 {
		return nil, usagef("there are no profiles; write some in %s", config.DefaultFile)
	}
	if p := file.Profile(name); p != nil {
		return p, nil
	}
	var known []string
	for _, p := range file.Profiles {
		known = append(known, p.Name)
	}
	return nil, usagef("no profile is called %q in %s%s", name, file.File, suggest.DidYouMean(name, known))
}

// profileSuite returns the suite that the results of a profile belong to: the one that
// names it, else one of the profile's name.
func (s *session) profileSuite(o options, file *config.Config, p *config.Profile) (*suite, error) {
	var names []string
	for _, cs := range file.Suites {
		if cs.Profile == p.Name {
			names = append(names, cs.Name)
		}
	}
	chosen := ""
	switch given := len(o.flags[config.OptionSuite]) > 0 || s.env("SPEEDGATE_SUITE") != ""; {
	case given:
	case len(names) > 1:
		return nil, usagef("the suites %s name the profile %s; choose one with --suite", suggest.Or(names), p.Name)
	case len(names) == 1:
		chosen = names[0]
	default:
		chosen = p.Name
	}
	one, err := s.suite(o.flags, file, chosen)
	if err != nil {
		return nil, err
	}
	one.settings.Level = cmp.Or(one.settings.Level, p.Level)
	one.settings.Rerun = cmp.Or(one.settings.Rerun, p.Command.Rerun)
	if unusual := p.Shape.Unusual(); unusual != "" && p.Driver != config.DriverCommand {
		one.warnings = append(one.warnings, perf.Warning{Msg: unusual})
	}
	one.others = otherSuites(file, one.name)
	return one, nil
}

// judgeable refuses a stress test that could not find anything, before it takes an
// hour.
func (t *profileTest) judgeable() error {
	if t.profile.Shape.Kind != plan.Stress {
		return nil
	}
	policy := t.suite.settings.Policy(t.s.Now())
	isJudged := slices.ContainsFunc(policy.Targets, func(g gate.Target) bool {
		return g.Severity == gate.SeverityCritical && (g.Level == "" || g.Level == policy.Level)
	})
	if !isJudged {
		return usagef("the profile %s goes on until a critical target is missed, and none is in force; write one, or name its level", t.profile.Name)
	}
	return nil
}

// resultsDir returns the folder of the results. Files of an earlier run in it would
// pass for this one's.
func (s *session) resultsDir(o options, profile string) (string, error) {
	dir := o.text("out")
	if dir == "" {
		return path.Join(runsDir, profile+"-"+s.Now().UTC().Format("20060102T150405Z")), nil
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return "", usagef("--out %s is not empty; name a new folder", dir)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return "", withCode(ExitUsage, fileError(dir, err))
	}
	return dir, nil
}

// measure runs the test, once for each step of the profile, and writes the results. A
// test that somebody interrupts keeps its files and is not judged.
func (t *profileTest) measure(ctx context.Context) error {
	steps := t.profile.Steps
	if steps.Over == "" {
		return t.measureOne(ctx, t.profile, "", nil)
	}
	for _, value := range steps.Values {
		t.view.Say(fmt.Sprintf("%s: %s %s", t.profile.Name, steps.Over, value))
		labels := map[string]string{steps.Over: value}
		if err := t.measureOne(ctx, t.profile.At(value), "-"+steps.Over+"-"+value, labels); err != nil {
			return err
		}
	}
	return nil
}

// measureOne runs the test of one step, whose files end with suffix.
func (t *profileTest) measureOne(ctx context.Context, p config.Profile, suffix string, labels map[string]string) error {
	raw := filepath.Join(t.dir, rawDir+suffix)
	test, err := loadtest.New(ctx, p, loadtest.Options{
		Environ: t.s.Environ, Dir: raw, Read: t.suite.read, Format: t.suite.settings.Format,
		Inputs: patternInputs, Judge: t.judge, View: t.view,
	})
	if err != nil {
		return withCode(ExitInput, err)
	}
	result, err := test.Run(ctx)
	if err != nil {
		return withCode(ExitInput, err)
	}
	if p.Alerts != nil {
		tellUnseen(result)
	}
	if err := t.write(result, raw, suffix, labels); err != nil {
		return withCode(ExitInput, err)
	}
	if result.Interrupted != nil {
		return withCode(ExitInput, fmt.Errorf("%w; what was measured until then is in %s, and is not judged", result.Interrupted, t.dir))
	}
	return nil
}

// judge returns the targets of the policy on runs alone.
func (t *profileTest) judge(runs []*perf.Run) []gate.TargetResult {
	return gate.Evaluate(gate.Input{Suite: t.suite.name, Head: runs}, t.suite.settings.Policy(t.s.Now())).Targets
}

// tellUnseen warns of alerts of the config that never had a figure to look at.
func tellUnseen(r *runner.Result) {
	for _, rule := range r.Unseen {
		w := perf.Warning{Msg: fmt.Sprintf("the alert %s watched nothing: its metric was never measured, or of too few requests", rule)}
		r.Runs[0].Warnings = append(r.Runs[0].Warnings, w)
	}
}

// write writes the runs of a result, and the steps of a stress test for who wants to
// look into them.
func (t *profileTest) write(r *runner.Result, raw, suffix string, labels map[string]string) error {
	machine := machineEnv()
	for i, run := range r.Runs {
		name := "run" + suffix
		if len(r.Runs) > 1 {
			name += fmt.Sprintf("-%d", i+1)
		}
		if !run.Env.Known() {
			run.Env = machine
		}
		addLabels(run, labels)
		file := path.Join(filepath.ToSlash(t.dir), name+".json")
		if err := writeRun(file, run); err != nil {
			return err
		}
		t.files = append(t.files, file)
	}
	for i, step := range r.Steps {
		for _, run := range step.Runs {
			if err := writeRun(filepath.Join(raw, fmt.Sprintf("step-%02d.json", i+1)), run); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeRun(name string, run *perf.Run) error {
	return writeFile(name, func(w io.Writer) error { return runfile.Write(w, run) })
}

func addLabels(run *perf.Run, labels map[string]string) {
	for name, value := range labels {
		for i := range run.Series {
			run.Series[i].Key.Labels = run.Series[i].Key.Labels.With(name, value)
		}
	}
	run.Sort()
}
