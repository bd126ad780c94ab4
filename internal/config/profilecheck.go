package config

import (
	"slices"
	"strings"

	"speedgate/internal/suggest"
	"speedgate/runner/plan"
)

func readProfiles(d *decoder, n *node, c *Config) {
	named := namedInto(profileObject, func(p *Profile, e entry) { *p = newProfile(e) }, func(c *Config) *[]Profile { return &c.Profiles })
	named(d, n, c)
	for i, e := range n.entries {
		if e.value.kind == kindMapping {
			d.checkProfile(e.value, &c.Profiles[i])
		}
	}
}

// newProfile returns a profile with the defaults of its kind and driver, which the
// file may change.
func newProfile(e entry) Profile {
	kind, driver := plan.Benchmark, Driver("")
	if n := e.value.child("kind"); n != nil {
		if k, err := kindWord(n); err == nil {
			kind = k
		}
	}
	if n := e.value.child("driver"); n != nil {
		driver, _ = driverWord(n) // told where it is read
	}
	p := Profile{
		Name: e.key, Shape: plan.Default(kind), Recovery: plan.DefaultRecovery(),
		Ready: Ready{Timeout: DefaultReadyTimeout},
	}
	p.Shape.Measure, p.Shape.Load = plan.Users, DefaultUsers
	switch driver {
	case DriverHTTP:
		p.Shape.Measure, p.Shape.Load = plan.Rate, DefaultRate
	case DriverLocust:
		p.Locust.File = DefaultLocustfile
	case DriverCommand: // it warms up by itself
		p.Shape.Warmup, p.Timeout = 0, DefaultCommandTimeout
	}
	return p
}

// checkProfile reports what the keys of a profile say together.
func (d *decoder) checkProfile(n *node, p *Profile) {
	if p.Driver == "" {
		return // told already
	}
	for _, e := range n.entries {
		if allowed, ok := driverKeys[e.key]; ok && !slices.Contains(allowed, p.Driver) {
			d.errorf(e.value, "not for the driver %s; only %s has it", p.Driver, suggest.Or(allowed))
		}
		if kind, ok := kindKeys[e.key]; ok && kind != p.Shape.Kind {
			d.errorf(e.value, "not for the kind %s; only %s has it", p.Shape.Kind, kind)
		}
	}
	switch p.Driver {
	case DriverHTTP:
		if n.child("url") == nil {
			d.errorf(n, "url is missing; the driver http sends its requests there")
		}
	case DriverLocust:
		d.checkLocust(n, p)
	case DriverCommand:
		d.checkCommand(n, p.Shape.Kind)
	}
	d.checkShape(n, p)
	d.checkSteps(n, p)
	if p.Start != "" && n.child("ready") == nil {
		d.errorf(n, "start needs ready: without it nobody knows when the service can be measured")
	}
}

func (d *decoder) checkWorkers(n *node, w Workers) {
	at := n.child("workers")
	if at == nil {
		return
	}
	if n.child("processes") != nil {
		d.errorf(at, "processes and workers exclude each other: workers may lie on this machine too")
	}
	switch {
	case w.Expect == 0: // told already
	case w.Start > w.Expect:
		d.errorf(at.child("start"), "starts %d workers where %d are expected", w.Start, w.Expect)
	case w.Start < w.Expect && w.Listen == "":
		d.errorf(at, "%d workers are of other machines; write listen, the address that they connect to", w.Expect-w.Start)
	}
}

// checkLocust checks what only Locust has, and derives its warm-up.
func (d *decoder) checkLocust(n *node, p *Profile) {
	d.checkWorkers(n, p.Locust.Workers)
	at := n.child("spawn_rate")
	if at == nil || p.Locust.SpawnRate <= 0 {
		return
	}
	if n.child("warmup") != nil {
		d.errorf(at, "warmup says this too: it is the time in which all users are started; keep one of them")
	}
	p.spawnInWarmup()
}

// loadPlaceholder and durationPlaceholder stand in the command of a stress test for
// the load and the duration of a step.
const (
	loadPlaceholder     = "{load}"
	durationPlaceholder = "{duration}"
)

func (d *decoder) checkCommand(n *node, kind plan.Kind) {
	line := n.child("command")
	switch {
	case line == nil:
		d.errorf(n, "command is missing; the driver command runs it")
	case kind == plan.Spike:
		d.errorf(n.child("kind"), "the driver command cannot make a burst; choose http or locust")
	case kind == plan.Stress && !strings.Contains(line.text, loadPlaceholder):
		d.errorf(line, "has no %s, so that all steps would have the same load", loadPlaceholder)
	}
}

// shapeKeys says where the file has what [plan.Shape.Check] complains about.
var shapeKeys = map[string][]string{
	"first": {"stress", "first"}, "growth": {"stress", "growth"}, "steps": {"stress", "steps"},
	"burst": {"spike", "burst"}, "burst_duration": {"spike", "duration"},
	"tolerance": {"recovery", "tolerance"}, "errors": {"recovery", "errors"}, "hold": {"recovery", "hold"},
}

// checkShape reports what is wrong with the load of a profile.
func (d *decoder) checkShape(n *node, p *Profile) {
	problems := p.Shape.Check()
	if p.Shape.Kind == plan.Spike {
		problems = append(problems, p.Recovery.Check()...)
		if len(problems) == 0 {
			rule := p.Recovery
			if p.Locust.Processes > 1 || p.Locust.Workers.Expect > 0 {
				rule.Every = plan.WorkersReport
			}
			problems = p.Shape.CheckRecovery(rule)
		}
	}
	for _, problem := range problems {
		keys := shapeKeys[problem.Key]
		switch {
		case problem.Key == "load" && p.Shape.Measure == plan.Rate:
			keys = []string{"rate"}
		case problem.Key == "load":
			keys = []string{"users"}
		case keys == nil:
			keys = []string{problem.Key}
		}
		d.errorf(n.nearest(keys), "%s", problem.Msg)
	}
}

// nearest goes down the keys as far as the file has them.
func (n *node) nearest(keys []string) *node {
	for _, key := range keys {
		c := n.child(key)
		if c == nil {
			return n
		}
		n = c
	}
	return n
}

// checkGrowth checks a load that grows with the steps.
func (d *decoder) checkGrowth(steps *node, p *Profile) {
	at := steps.child("grow")
	switch {
	case !p.Steps.Grow:
	case p.Driver == DriverCommand:
		d.errorf(at, "not for the driver command, which makes a load of its own")
	case p.stepsUsers():
		d.errorf(at, "the steps over %s are of the load already", p.Steps.Over)
	default:
		for i, v := range p.Steps.Values {
			if times := p.Steps.times(v); !(times >= 1) {
				d.errorf(steps.child("values").items[i], "%s is not a size of the same kind as the others, so that nothing can grow with it", quote(v))
				return
			}
			stepped := p.At(v)
			for _, problem := range stepped.Shape.Check() {
				if problem.Key == "load" {
					d.errorf(steps.child("values").items[i], "%s", problem.Msg)
				}
			}
		}
	}
}

// checkUsers checks steps over the number of users.
func (d *decoder) checkUsers(n *node, p *Profile) {
	if at := n.child("users"); at != nil {
		d.errorf(at, "the steps over %s say this too; keep one of them", p.Steps.Over)
	}
	for i, v := range p.Steps.Values {
		at := p.At(v)
		for _, problem := range at.Shape.Check() {
			if problem.Key == "load" || problem.Key == "warmup" {
				d.errorf(n.child("steps").child("values").items[i], "%s", problem.Msg)
			}
		}
	}
}

// checkSteps demands that the steps of a profile differ: the value of a step stands
// somewhere in what is run.
func (d *decoder) checkSteps(n *node, p *Profile) {
	steps := n.child("steps")
	if steps == nil || p.Steps.Over == "" {
		return
	}
	switch {
	case p.stepsUsers():
		d.checkUsers(n, p)
	case !p.hasPlace():
		d.errorf(steps, "neither start nor command, url or host has %s, so that all steps would be the same", p.Steps.placeholder())
	}
	d.checkGrowth(steps, p)
	if p.Shape.Kind == plan.Stress || p.Shape.Kind == plan.Spike {
		d.errorf(steps, "not for the kind %s: what it finds is not compared across %s", p.Shape.Kind, p.Steps.Over)
	}
	for i, v := range p.Steps.Values {
		if v != "" && slices.Contains(p.Steps.Values[:i], v) {
			d.errorf(steps.child("values").items[i], "%s stands twice", quote(v))
		}
	}
}
