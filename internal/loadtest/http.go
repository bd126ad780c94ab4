package loadtest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"speedgate/internal/config"
	"speedgate/perf"
	"speedgate/runner"
	"speedgate/runner/load"
	"speedgate/runner/monitor"
	"speedgate/runner/plan"
)

// httpDriver makes load by itself.
type httpDriver struct{ plan load.Plan }

func newHTTPDriver(p config.Profile) (*httpDriver, error) {
	d := &httpDriver{load.Plan{Targets: targets(p.HTTP), Timeout: p.Timeout, Connections: p.HTTP.Connections}}
	check := d.plan
	check.Stages = []load.Stage{{Rate: p.Shape.Load, Hold: time.Second}}
	if err := check.Check(); err != nil {
		return nil, err
	}
	return d, nil
}

// targets returns what is sent.
func targets(h config.HTTP) []load.Target {
	if len(h.Requests) == 0 {
		return []load.Target{{URL: h.URL}}
	}
	var list []load.Target
	for _, r := range h.Requests {
		name, _, _ := strings.Cut(r.Path, "?")
		if r.Name != "" {
			name = r.Name
		}
		t := load.Target{
			Name: name, Method: r.Method, URL: strings.TrimSuffix(h.URL, "/") + r.Path, Header: http.Header{}, Body: []byte(r.Body), Weight: r.Weight,
		}
		for _, line := range r.Header {
			t.Header.Add(line.Name, line.Value)
		}
		list = append(list, t)
	}
	return list
}

func (d *httpDriver) Run(ctx context.Context, stages []plan.Stage, live *runner.Live) ([]*perf.Run, error) {
	p := d.plan
	for _, s := range stages {
		if s.Warmup {
			p.WarmUp = s.Duration
			continue
		}
		p.Stages = append(p.Stages, load.Stage{Rate: s.To, Hold: s.Duration})
	}
	machine := watchSaturation()
	defer machine.end()
	p.Saturated = machine.end
	live.Start(time.Now())
	result, err := load.Run(ctx, p, func(m load.Measurement) {
		live.Request(monitor.Measurement{At: m.At, Latency: m.Latency, Failed: m.Failed}, m.WarmUp)
	})
	if err != nil {
		return nil, err
	}
	result.Run.Workload.Rate = p.Stages[0].Rate
	return []*perf.Run{result.Run}, nil
}
