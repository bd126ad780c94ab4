package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"speedgate/perf"
	"speedgate/runner/alert"
	"speedgate/runner/plan"
)

// Driver is what makes the load of a profile.
type Driver string

// The drivers.
const (
	DriverHTTP    Driver = "http"    // the built-in generator
	DriverLocust  Driver = "locust"  // Locust, without its page
	DriverCommand Driver = "command" // any program that measures by itself
)

// Loads of a profile that says none: no service breaks under them, and in a minute
// there are as many requests as a 99th percentile needs.
const (
	DefaultRate  = 10.0 // requests a second
	DefaultUsers = 10
)

// DefaultLocustfile is where Locust itself looks.
const DefaultLocustfile = "locustfile.py"

// DefaultReadyTimeout is how long a service may take to answer for the first time.
const DefaultReadyTimeout = time.Minute

// DefaultCommandTimeout is when a command is ended that nobody gave a time: it hangs,
// as the longest test takes two hours.
const DefaultCommandTimeout = 3 * time.Hour

// Profile says how a load test or benchmark is made. Its defaults are filled in.
type Profile struct {
	Name     string
	Driver   Driver
	Shape    plan.Shape // of a command, only a stress test has a load
	Recovery plan.RecoveryRule
	Level    string // kind of load, for targets with levels

	HTTP    HTTP
	Locust  Locust
	Command Command
	// Timeout is how long one request may take, 0 for the driver's default, or how
	// long a command may.
	Timeout time.Duration

	Start string // command line of the service under test; "" = it runs already
	Ready Ready
	Watch Watch
	// Alerts are the rules of the profile: nil for [alert.Default], empty for none.
	Alerts     []alert.Rule
	WebhookEnv string // variable that holds the address that alerts are sent to
	Steps      Steps
}

// HTTP is what the built-in driver sends.
type HTTP struct {
	URL         string    // of the service, without a path at its end where there are requests
	Requests    []Request // none: a GET of the URL
	Connections int       // at once; 0 = the driver's default
}

// Request is one of several that are sent by their weights.
type Request struct {
	Name   string // in the results; "" = the path
	Method string
	Path   string // begins with a slash; may have a query
	Body   string
	Header []Header
	Weight int // from 1
}

// Header is a line of a request's header.
type Header struct{ Name, Value string }

// Locust is how Locust is started.
type Locust struct {
	Program   string // name or path; "" = locust
	File      string
	Host      string  // "" = the one of the file
	SpawnRate float64 // users started a second; 0 = Locust's default
	Tags      []string
	Processes int // of this machine; 0 = one
	Workers   Workers
}

// Workers make the load of Locust on several machines.
type Workers struct {
	Expect int    // how many the test waits for; 0 = it is not distributed
	Start  int    // of these, are started on this machine
	Listen string // HOST:PORT that those of other machines connect to; "" = this machine only
}

// Command is a program that measures by itself.
type Command struct {
	Line    string
	Results []FilePattern // what it writes; none: its standard output
	Rerun   string        // command line that measures some {benchmarks} again
}

// Ready says when a service can be measured.
type Ready struct {
	URL     string // "" = at once
	Timeout time.Duration
}

// Watch names the process whose use of resources is measured. At most one of PID,
// Command and Container is set; with none it is the started service, if any.
type Watch struct {
	PID       int
	Command   string // what its command line holds
	Container string // name or id
	Name      string // in the results: process:NAME
}

// Steps repeats a profile for each value of a label: {NAME} stands for the value. Where
// it stands nowhere, steps over users or concurrency are of Locust's users.
type Steps struct {
	Over   string // name of the label; "" = the profile runs once
	Values []string
	// Grow has the load grow with the value, which is a size then: the profile's own is
	// that of the smallest.
	Grow bool
}

// Profile returns the profile called name, nil if there is none.
func (c *Config) Profile(name string) *Profile {
	for i := range c.Profiles {
		if c.Profiles[i].Name == name {
			return &c.Profiles[i]
		}
	}
	return nil
}

// At returns the profile of one step: value stands in the place of {NAME}.
func (p Profile) At(value string) Profile {
	if p.stepsUsers() {
		p.Shape.Load, _ = strconv.ParseFloat(value, 64) // checked
		p.spawnInWarmup()
		return p
	}
	if p.Steps.Grow {
		p.Shape.Load *= p.Steps.times(value)
		if p.Shape.Measure == plan.Users {
			p.Shape.Load = math.Round(p.Shape.Load)
		}
		p.spawnInWarmup()
	}
	for _, s := range []*string{&p.Start, &p.Command.Line, &p.HTTP.URL, &p.Locust.Host, &p.Ready.URL, &p.Watch.Command, &p.Watch.Container} {
		*s = strings.ReplaceAll(*s, p.Steps.placeholder(), value)
	}
	return p
}

// times returns how many times the smallest of the values one of them is, NaN if they
// are no sizes.
func (s Steps) times(value string) float64 {
	q, err := perf.ParseQuantity(value)
	if err != nil || q.Value <= 0 {
		return math.NaN()
	}
	times := 1.0
	for _, v := range s.Values {
		other, err := perf.ParseQuantity(v)
		if err != nil || other.Value <= 0 {
			return math.NaN()
		}
		least, ok := other.In(q.Unit)
		if !ok {
			return math.NaN()
		}
		times = max(times, q.Value/least)
	}
	return times
}

func (s Steps) placeholder() string { return "{" + s.Over + "}" }

// hasPlace reports whether the value of a step stands somewhere in what is run.
func (p *Profile) hasPlace() bool {
	return slices.ContainsFunc([]string{p.Start, p.Command.Line, p.HTTP.URL, p.Locust.Host}, func(s string) bool {
		return strings.Contains(s, p.Steps.placeholder())
	})
}

// stepsUsers reports whether the steps are of the number of users.
func (p *Profile) stepsUsers() bool {
	return p.Driver == DriverLocust && (p.Steps.Over == "users" || p.Steps.Over == "concurrency") && !p.hasPlace()
}

// maxSpawnSeconds is more than any test lasts.
const maxSpawnSeconds = 1e6

// spawnInWarmup derives the warm-up of Locust where there is a spawn rate: it is the
// time in which its users are started.
func (p *Profile) spawnInWarmup() {
	if p.Locust.SpawnRate > 0 {
		seconds := math.Ceil(p.Shape.Load / p.Locust.SpawnRate)
		p.Shape.Warmup = time.Duration(min(seconds, maxSpawnSeconds)) * time.Second
	}
}

// CommandAt returns the command line for a stage under some load.
func (p Profile) CommandAt(load float64, d time.Duration) string {
	return strings.NewReplacer(
		loadPlaceholder, fmt.Sprintf("%g", load), durationPlaceholder, fmt.Sprintf("%gs", d.Seconds()),
	).Replace(p.Command.Line)
}

// AlertRules returns the rules in force. Of the default ones, those on resources are
// left out where no process is watched.
func (p Profile) AlertRules() []alert.Rule {
	if p.Alerts != nil {
		return p.Alerts
	}
	rules := alert.Default()
	if p.Watches() {
		return rules
	}
	return slices.DeleteFunc(rules, func(r alert.Rule) bool { return r.Metric == perf.CPUUsage || r.Metric == perf.MemoryUsage })
}

// Watches reports whether the use of resources of a process is measured.
func (p Profile) Watches() bool {
	return p.Start != "" || p.Watch.PID != 0 || p.Watch.Command != "" || p.Watch.Container != ""
}
