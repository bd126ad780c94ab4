package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"speedgate/gate"
	"speedgate/perf"
)

// Defaults of what a config or flag can say. The others are in package gate.
const (
	DefaultFile              = "speedgate.yml"
	DefaultBaseline          = "performance_baseline.json"
	DefaultOnMissingBaseline = gate.ActionWarn
)

// Names of the options, as the flags that set them.
const (
	OptionConfig            = "config"
	OptionBaseline          = "baseline"
	OptionBaseRef           = "base-ref"
	OptionFormat            = "format"
	OptionSuite             = "suite"
	OptionThreshold         = "threshold" // PCT or PATTERN=PCT, repeatable
	OptionEnvironment       = "environment"
	OptionRule              = "rule"
	OptionOnMissingBaseline = "on-missing-baseline"
	OptionWindow            = "window"
	OptionRerun             = "rerun"
)

// Flags holds the options that the command line sets, by name without dashes, with
// their values in order. An option that was not given is absent.
type Flags map[string][]string

// Value is a value in force.
type Value struct {
	Name string // of the option, or path in the file: on.missing
	Text string // as written; passwords in addresses are hidden
	// Origin is where it was said: --baseline, SPEEDGATE_BASELINE,
	// speedgate.yml:2:18 or default.
	Origin string
}

// OriginDefault is the origin of a value that nobody set.
const OriginDefault = "default"

// Settings is everything in force for one suite. Empty texts were not set.
type Settings struct {
	Config            string // path of the config file, whether it exists or not
	Baseline          string // path of the baseline file
	BaseRef           string // git revision to read baseline and config at
	Format            string // name of the format of all results; not checked here
	Suite             string
	Level             string // kind of load of the suite, for targets with levels
	Environment       string
	Rule              gate.Rule
	OnMissingBaseline gate.Action
	Window            int // accepted runs looked back, at most
	Rerun             string
	Threshold         float64           // default threshold, 0.2 = 20 %
	Rules             []gate.MetricRule // of the file, its suite, the environment and the flags, in this order

	file   *Config
	values []Value
}

// option is a setting with at most one value.
type option struct {
	name     string
	env      string // "" = none
	fallback string
	// inFile lists where the file may say it, the strongest first. %s is the suite.
	inFile []string
	set    func(s *Settings, text string) error
}

var options = []option{
	{name: OptionConfig, env: "SPEEDGATE_CONFIG", fallback: DefaultFile, set: textTo(func(s *Settings) *string { return &s.Config })},
	{
		name: OptionBaseline, env: "SPEEDGATE_BASELINE", fallback: DefaultBaseline, inFile: []string{"baseline.file"},
		set: textTo(func(s *Settings) *string { return &s.Baseline }),
	},
	{name: OptionBaseRef, env: "SPEEDGATE_BASE_REF", set: textTo(func(s *Settings) *string { return &s.BaseRef })},
	{name: OptionFormat, env: "SPEEDGATE_FORMAT", set: textTo(func(s *Settings) *string { return &s.Format })},
	{name: OptionSuite, env: "SPEEDGATE_SUITE", set: setSuite},
	{
		name: OptionEnvironment, env: "SPEEDGATE_ENVIRONMENT", inFile: []string{"suites.%s.environment", "environment"},
		set: textTo(func(s *Settings) *string { return &s.Environment }),
	},
	{
		name: OptionRule, env: "SPEEDGATE_RULE", fallback: string(gate.RuleHistory), inFile: []string{"rule"},
		set: func(s *Settings, text string) (err error) {
			s.Rule, err = parseWord(text, "a rule", rules)
			return err
		},
	},
	{
		name: OptionOnMissingBaseline, env: "SPEEDGATE_ON_MISSING_BASELINE", fallback: string(DefaultOnMissingBaseline),
		set: func(s *Settings, text string) (err error) {
			s.OnMissingBaseline, err = parseWord(text, "an action", actions)
			return err
		},
	},
	{
		name: OptionWindow, fallback: strconv.Itoa(gate.DefaultWindow), inFile: []string{"baseline.window"},
		set: func(s *Settings, text string) (err error) {
			s.Window, err = parseWhole(text)
			return err
		},
	},
	{name: OptionRerun, env: "SPEEDGATE_RERUN", set: textTo(func(s *Settings) *string { return &s.Rerun })},
}

const thresholdEnv = "SPEEDGATE_THRESHOLD"

func textTo(at func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, text string) error {
		*at(s) = text
		return nil
	}
}

func setSuite(s *Settings, name string) error {
	s.Suite = name
	switch {
	case !validName(name):
		return errors.New(badName(name))
	case s.file == nil || len(s.file.Suites) == 0 || s.file.Suite(name) != nil || s.file.Profile(name) != nil:
		return nil
	}
	known := make([]string, len(s.file.Suites))
	for i, suite := range s.file.Suites {
		known[i] = suite.Name
	}
	return fmt.Errorf("no suite is called %s in %s%s", quote(name), s.file.File, hint(name, known))
}

// Location returns the path of the config file and who said so. With the origin
// default the file may be absent.
func Location(flags Flags, env func(string) string) (Value, error) {
	r := resolver{flags: flags, env: env, s: &Settings{}}
	r.option(options[0])
	return r.s.values[0], r.errs.Err()
}

// Resolve decides every option: a flag wins over its variable, the variable over
// the file, the file over the default. An empty variable counts as not set. env
// reads a variable, as [os.Getenv] does; file is nil if there is no config.
//
// Thresholds add up instead: the rules of the file, of its suite, of
// SPEEDGATE_THRESHOLD (one a line) and of the flags stand in this order, and the
// last that matches a metric wins.
//
// The error is nil, a [*perf.InputError] or [perf.InputErrors]; each names the flag
// or variable. Values that another one overrides are not looked at.
func Resolve(flags Flags, env func(string) string, file *Config) (*Settings, error) {
	r := resolver{flags: flags, env: env, s: &Settings{file: file}}
	r.knownFlags()
	for _, o := range options {
		r.option(o)
	}
	r.thresholds()
	if err := r.errs.Err(); err != nil {
		return nil, err
	}
	r.s.Level = r.s.level()
	return r.s, nil
}

type resolver struct {
	flags Flags
	env   func(string) string
	s     *Settings
	errs  perf.InputErrors
}

func (r *resolver) errorf(origin, format string, args ...any) {
	r.errs = append(r.errs, perf.Errorf(perf.Pos{File: origin}, format, args...))
}

// knownFlags refuses a flag that no option reads: it would be ignored in silence.
func (r *resolver) knownFlags() {
	for _, name := range slices.Sorted(maps.Keys(r.flags)) {
		if name != OptionThreshold && !slices.ContainsFunc(options, func(o option) bool { return o.name == name }) {
			r.errorf("--"+name, "not an option of the config")
		}
	}
}

// option sets one option from the strongest source that says it.
func (r *resolver) option(o option) {
	v, ok := r.find(o)
	r.s.values = append(r.s.values, v)
	if !ok {
		return
	}
	if strings.TrimSpace(v.Text) == "" {
		r.errorf(v.Origin, "expected a value, found an empty one")
		return
	}
	if err := o.set(r.s, v.Text); err != nil {
		r.errorf(v.Origin, "%s", err)
	}
}

// find returns the value of an option with its origin. ok is false if nothing says
// it and it has no default.
func (r *resolver) find(o option) (v Value, ok bool) {
	if given := r.flags[o.name]; len(given) > 0 {
		if len(given) > 1 {
			r.errorf("--"+o.name, "given %d times; once is the limit", len(given))
		}
		return Value{o.name, given[0], "--" + o.name}, true
	}
	if o.env != "" {
		if text := r.env(o.env); text != "" {
			return Value{o.name, text, o.env}, true
		}
	}
	for _, path := range o.inFile {
		if v, ok := r.s.inFile(path); ok {
			return Value{o.name, v.Text, v.Origin}, true
		}
	}
	return Value{o.name, o.fallback, OriginDefault}, o.fallback != ""
}

// inFile returns what the file says at path, in which %s stands for the suite.
func (s *Settings) inFile(path string) (Value, bool) {
	if s.file == nil {
		return Value{}, false
	}
	path = s.withSuite(path)
	i := slices.IndexFunc(s.file.values, func(v Value) bool { return v.Name == path })
	if i < 0 {
		return Value{}, false
	}
	return s.file.values[i], true
}

// withSuite puts the name of the suite into a path in the file.
func (s *Settings) withSuite(path string) string { return strings.Replace(path, "%s", s.Suite, 1) }

func (s *Settings) suite() *Suite {
	if s.file == nil {
		return nil
	}
	return s.file.Suite(s.Suite)
}

// level returns that of the suite. The results of a profile that no suite names are a
// suite of the profile's name.
func (s *Settings) level() string {
	if suite := s.suite(); suite != nil || s.file == nil {
		return cmp.Or(suite, &Suite{}).Level
	}
	return cmp.Or(s.file.Profile(s.Suite), &Profile{}).Level
}

// Where the file says the default threshold, the strongest first.
var thresholdInFile = []string{"suites.%s.thresholds.default", "thresholds.default"}

// thresholds collects the rules of all sources and the strongest default.
func (r *resolver) thresholds() {
	s := r.s
	s.Threshold = gate.DefaultThreshold
	base := Value{OptionThreshold, formatNumber(gate.DefaultThreshold*100) + "%", OriginDefault}
	if s.file != nil {
		suite := cmp.Or(s.suite(), &Suite{})
		s.Threshold = cmp.Or(suite.Thresholds.Default, s.file.Thresholds.Default, s.Threshold)
		s.Rules = slices.Concat(shared(s.file.Thresholds.Rules), suite.Thresholds.Rules)
	}
	for _, path := range slices.Backward(thresholdInFile) {
		if v, ok := s.inFile(path); ok {
			base = Value{OptionThreshold, v.Text, v.Origin}
		}
	}
	at := len(s.values)
	s.values = append(s.values, base)
	r.thresholdLayer(at, strings.FieldsFunc(r.env(thresholdEnv), func(c rune) bool { return c == '\n' || c == '\r' }), thresholdEnv)
	r.thresholdLayer(at, r.flags[OptionThreshold], "--"+OptionThreshold)
}

// shared marks the rules that stand for all suites.
func shared(rules []gate.MetricRule) []gate.MetricRule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].Shared = true
	}
	return rules
}

// thresholdLayer adds the thresholds of one source. values[at] is the default.
func (r *resolver) thresholdLayer(at int, texts []string, origin string) {
	defaultText := ""
	for _, text := range texts {
		rule, err := parseThreshold(text)
		if err != nil {
			r.errorf(origin, "%s", err)
			continue
		}
		v := Value{OptionThreshold, text, origin}
		if rule.Match != (perf.Pattern{}) {
			r.s.Rules = append(r.s.Rules, rule)
			r.s.values = append(r.s.values, v)
			continue
		}
		if defaultText != "" {
			r.errorf(origin, "%s and %s are both the default; keep one", quote(defaultText), quote(text))
			continue
		}
		defaultText = text
		r.s.Threshold, r.s.values[at] = *rule.Threshold, v
	}
}

// parseThreshold reads PCT or PATTERN=PCT. The last equals sign divides, as
// patterns may hold some. Without a percent sign a number from 1 is a percentage;
// a smaller one is refused, as 0.2 might mean 20 %.
func parseThreshold(text string) (gate.MetricRule, error) {
	var rule gate.MetricRule
	number := strings.TrimSpace(text)
	if i := strings.LastIndexByte(text, '='); i >= 0 {
		p, err := perf.ParsePattern(strings.TrimSpace(text[:i]))
		if err != nil {
			return rule, err
		}
		rule.Match, number = p, strings.TrimSpace(text[i+1:])
	}
	value, err := parseBarePercent(number)
	if err != nil {
		return rule, err
	}
	rule.Threshold = &value
	return rule, nil
}

// parseBarePercent reads a percentage whose sign may be left out from 1 on.
func parseBarePercent(s string) (float64, error) {
	if v, err := parseNumber(s); err == nil && percentText.MatchString(s) {
		if v > 0 && v < 1 {
			return 0, bareNumber(s)
		}
		s += "%"
	}
	return parsePercent(s)
}

// Policy assembles what the gate judges by.
func (s *Settings) Policy(now time.Time) gate.Policy {
	p := gate.Policy{
		Rule: s.Rule, Threshold: s.Threshold, Metrics: s.Rules, Level: s.Level, Window: s.Window, Now: now,
	}
	if s.file == nil {
		return p
	}
	p.On, p.Targets, p.Strict, p.Drift = s.file.On, s.file.Targets, s.file.Strict, s.file.Thresholds.Drift
	if suite := s.suite(); suite != nil {
		p.Drift, p.Scaling = cmp.Or(suite.Thresholds.Drift, p.Drift), suite.Scaling
	}
	for _, w := range s.file.Waivers {
		p.Waivers = append(p.Waivers, w.Waiver)
	}
	return p
}
