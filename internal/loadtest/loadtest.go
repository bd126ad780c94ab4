package loadtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"speedgate/gate"
	"speedgate/internal/config"
	"speedgate/parsers"
	"speedgate/perf"
	"speedgate/runner"
	"speedgate/runner/child"
	"speedgate/runner/plan"
)

// Options is what a profile does not say.
type Options struct {
	Environ []string // of the programs that are started, as far as it is no secret
	Dir     string   // of what the programs write; made when something is written
	Read    parsers.Options
	Format  string // of the results of a command, "" for detection
	// Inputs finds the files of patterns.
	Inputs func(patterns []config.FilePattern) ([]parsers.Input, error)
	// Judge returns the targets on the runs of one step of a stress test.
	Judge func(runs []*perf.Run) []gate.TargetResult
	View  runner.View
}

// New returns the test of a profile. Its errors are about the profile on this machine:
// a program that is not there.
func New(ctx context.Context, p config.Profile, o Options) (*runner.Test, error) {
	m := &maker{p: p, o: o}
	driver, err := m.driver(ctx)
	if err != nil {
		return nil, err
	}
	t := &runner.Test{
		Name: p.Name, Shape: p.Shape, Stages: p.Shape.Stages(), Recovery: p.Recovery, Driver: driver, Alerts: p.AlertRules(),
		Judge: o.Judge, View: o.View, Ready: m.ready(), Process: processName(p),
	}
	m.notify(t)
	if p.Start != "" {
		t.Start = m.start
	}
	if p.Watches() {
		t.Watch = m.watch
	}
	if p.Driver == config.DriverCommand && p.Shape.Kind != plan.Stress {
		t.Stages = []plan.Stage{{Name: "command"}} // nobody knows how long it takes
	}
	return t, nil
}

// maker makes the parts of a test.
type maker struct {
	p config.Profile
	o Options
}

func (m *maker) driver(ctx context.Context) (runner.Driver, error) {
	switch m.p.Driver {
	case config.DriverHTTP:
		return newHTTPDriver(m.p)
	case config.DriverLocust:
		return newLocustDriver(ctx, m)
	}
	return &commandDriver{maker: m}, nil
}

// ready waits for the service. Where the profile does not say what to ask, the http
// driver asks what it will load: a test of nothing but refused connections takes as
// long as any other.
func (m *maker) ready() func(context.Context) error {
	address := cmp.Or(m.p.Ready.URL, m.p.HTTP.URL)
	if address == "" {
		return nil
	}
	return func(ctx context.Context) error { return child.Ready(ctx, address, m.p.Ready.Timeout) }
}

// start starts the service. A port that somebody has already is an error: the test
// would be of the wrong service.
func (m *maker) start(ctx context.Context) (runner.Service, error) {
	for _, address := range []string{m.p.Ready.URL, m.p.HTTP.URL, m.p.Locust.Host} {
		if err := portFree(address); err != nil {
			return nil, err
		}
	}
	log, err := m.create("service.log")
	if err != nil {
		return nil, err
	}
	service, err := child.Start(ctx, child.Command{Shell: m.p.Start, Environ: m.environ(), Stdout: log, Stderr: log})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return &loggedService{Process: service, log: log}, nil
}

// loggedService closes the log of a service when it has ended.
type loggedService struct {
	*child.Process
	log *os.File
}

// Wait adds the last line that the service said to how it ended.
func (s *loggedService) Wait() error {
	err := s.Process.Wait()
	return errors.Join(withTail(err), s.log.Close())
}

// portFree returns an error if somebody listens already where the service will, as far
// as that is on this machine.
func portFree(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil
	}
	port := u.Port()
	switch {
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "":
		port = "80"
	}
	return child.PortFree(net.JoinHostPort(host, port))
}

// create makes a file for what a program writes.
func (m *maker) create(name string) (*os.File, error) {
	if err := os.MkdirAll(m.o.Dir, 0o755); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(m.o.Dir, name))
}

// errTimeout is the cause of the end of a command that took too long.
func errTimeout(d time.Duration) error { return fmt.Errorf("it took longer than its timeout of %s", d) }
