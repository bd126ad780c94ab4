package loadtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"speedgate/parsers"
	"speedgate/perf"
	"speedgate/runner"
	"speedgate/runner/locust"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

// locustDriver has Locust make the load.
type locustDriver struct {
	*maker
	program locust.Program
	calls   int
}

func newLocustDriver(ctx context.Context, m *maker) (*locustDriver, error) {
	program, err := locust.Find(ctx, m.p.Locust.Program, m.environ())
	if err != nil {
		return nil, err
	}
	d := &locustDriver{maker: m, program: program}
	t := d.test(m.p.Shape.Stages(), "x")
	var errs []error
	for _, problem := range t.Check() {
		errs = append(errs, fmt.Errorf("%s: %s", problem.Key, problem.Msg))
	}
	return d, errors.Join(errs...)
}

// test returns what Locust is told of the stages. The warm-up is the time in which its
// users are started; what is measured by then is left out. All but those of a spike have
// one load.
func (d *locustDriver) test(stages []plan.Stage, prefix string) locust.Test {
	l := d.p.Locust
	last := stages[len(stages)-1]
	t := locust.Test{
		Locustfile: l.File, Host: l.Host, Users: int(last.To), SpawnRate: last.To,
		Duration: plan.Total(stages).Round(time.Second), Tags: l.Tags, ResetStats: true,
		Processes: l.Processes, Workers: l.Workers.Start, Remote: l.Workers.Expect - l.Workers.Start, Listen: l.Workers.Listen,
		Prefix: prefix,
	}
	if stages[0].Warmup {
		t.SpawnRate = last.To / stages[0].Duration.Seconds()
	}
	if d.p.Shape.Kind == plan.Spike {
		t.Stages, t.ResetStats = changes(stages), stages[0].Warmup
	}
	return t
}

// changes returns stages whose users come within the warm-up, and all at once after it.
func changes(stages []plan.Stage) []locust.Stage {
	var list []locust.Stage
	before, rate := 0.0, 0.0
	for _, s := range stages {
		switch step := math.Abs(s.To - before); {
		case s.Warmup:
			rate = s.To / s.Duration.Seconds()
		case step > 0:
			rate = step // within a second
		}
		list = append(list, locust.Stage{Users: int(s.To), SpawnRate: rate, Duration: s.Duration})
		before = s.To
	}
	return list
}

// Run has Locust run once.
func (d *locustDriver) Run(ctx context.Context, stages []plan.Stage, live *runner.Live) ([]*perf.Run, error) {
	d.calls++
	log, err := d.create(fmt.Sprintf("locust-%d.log", d.calls))
	if err != nil {
		return nil, err
	}
	t := d.test(stages, filepath.Join(d.o.Dir, fmt.Sprintf("locust-%d", d.calls)))
	live.TellsEvery(t.Report())
	hasBegun := false
	result, err := d.program.Run(ctx, t, locust.Streams{
		Environ: d.environ(), Stdout: log, Stderr: log,
		Tick: func(row monitor.Tick) {
			if hasBegun = hasBegun || row.Users > 0 || row.Requests > 0; hasBegun {
				live.Tick(row)
			}
		},
		Stage: func(i int) { live.StageBegan(i, time.Now()) },
	})
	if err := errors.Join(err, log.Close()); result.Files.Stats == "" {
		return nil, err
	}
	run, readErr := d.read(result, t)
	if run == nil {
		return nil, errors.Join(err, readErr)
	}
	return []*perf.Run{run}, err
}

// read reads the files of a test.
func (d *locustDriver) read(result locust.Result, t locust.Test) (*perf.Run, error) {
	var inputs []parsers.Input
	for _, name := range result.Files.CSV() {
		inputs = append(inputs, fileInput(name))
	}
	runs, warnings, err := parsers.Read(inputs, "", parsers.Options{})
	if err != nil {
		return nil, err
	}
	run := runs[0]
	run.Workload.SpawnRate = math.Round(1000*t.SpawnRate) / 1000
	run.Warnings = append(append(run.Warnings, warnings...), result.Warnings...)
	run.Overloaded = result.Overloaded
	return run, nil
}
