package report

import (
	"errors"
	"fmt"
	"time"

	"speedgate/gate"
	"speedgate/perf"
)

// addRuns adds what was measured, so that a job that trusts nothing but numbers can
// judge them again: what each run was, and its samples of each metric.
func (d *document) addRuns(r *gate.Result) {
	d.Head = each(r.Head, func(run **perf.Run) headJSON {
		w := (*run).Workload
		return headJSON{
			Users: w.Users, SpawnRate: w.SpawnRate, Rate: w.Rate, Duration: w.Duration.String(), Host: w.Host,
			Incomplete: each((*run).Incomplete, warningToJSON), Lost: each((*run).Lost, warningToJSON), Overloaded: each((*run).Overloaded, warningToJSON),
			Findings: texts((*run).Findings),
		}
	})
	for i := range d.Metrics {
		d.Metrics[i].addSamples(r.Head, &r.Metrics[i])
	}
}

// addSamples adds what the runs measured of the metric, in its unit.
func (j *metricJSON) addSamples(runs []*perf.Run, m *gate.Metric) {
	for i, run := range runs {
		s := run.Find(m.Key)
		if s == nil {
			continue
		}
		if j.Samples == nil {
			j.Samples, j.Counts = make([][]float64, len(runs)), make([]int64, len(runs))
			j.Exact = s.Exact
		}
		j.Counts[i], j.Exact = s.Count, j.Exact && s.Exact
		if step, ok := s.Unit.Convert(s.Step, m.Unit); ok {
			j.Step = max(j.Step, step)
		}
		j.Samples[i] = converted(s, m.Unit)
	}
}

// converted returns the samples in a unit. Where there is no way from one to the
// other, the gate did not compare them, and they stay as they are.
func converted(s *perf.Series, to perf.Unit) []float64 {
	if _, ok := s.Unit.Factor(to); !ok || s.Unit == to {
		return s.Samples
	}
	list := make([]float64, len(s.Samples))
	for i, v := range s.Samples {
		list[i], _ = s.Unit.Convert(v, to)
	}
	return list
}

// runsInto makes runs of what was measured, and checks them as any others.
func (d *document) runsInto(r *gate.Result) error {
	for k := range d.Metrics {
		if j := &d.Metrics[k]; j.Samples != nil || j.Counts != nil {
			if len(j.Samples) != len(d.Head) || len(j.Counts) != len(d.Head) {
				return fmt.Errorf("metric %d: samples of %d runs and counts of %d; the report is of %d", k+1, len(j.Samples), len(j.Counts), len(d.Head))
			}
		}
	}
	for i := range d.Head {
		run, err := d.run(i)
		if err != nil {
			return fmt.Errorf("run %d: %w", i+1, err)
		}
		run.Env, run.Source.Files = r.Env, r.Files
		r.Head = append(r.Head, run)
	}
	return nil
}

// run makes the run of that index. It is empty if the config ignores all metrics.
func (d *document) run(i int) (*perf.Run, error) {
	workload, err := d.Head[i].workload()
	if err != nil {
		return nil, err
	}
	h := &d.Head[i]
	run := &perf.Run{
		Workload: workload, Incomplete: each(h.Incomplete, warningFromJSON), Lost: each(h.Lost, warningFromJSON), Overloaded: each(h.Overloaded, warningFromJSON),
		Findings: h.Findings,
	}
	for k := range d.Metrics {
		if j := &d.Metrics[k]; j.Samples != nil && j.Samples[i] != nil {
			run.Series = append(run.Series, j.series(i))
		}
	}
	if len(run.Series) == 0 {
		return run, nil
	}
	run.Sort()
	return run, run.Check()
}

// series is what the run of that index has of the metric, whose words were read
// before.
func (j *metricJSON) series(i int) perf.Series {
	better, _ := perf.ParseBetter(j.Better)
	kind, _ := perf.ParseKind(j.Kind)
	return perf.Series{
		Key: j.key(), Unit: j.Unit, Better: better, Kind: kind, Exact: j.Exact,
		Samples: j.Samples[i], Count: j.Counts[i], Step: j.Step, Pos: positionFromJSON(j.Position),
	}
}

func (j *headJSON) workload() (perf.Workload, error) {
	d, err := time.ParseDuration(j.Duration)
	if err != nil || d < 0 || j.Users < 0 || j.SpawnRate < 0 || j.Rate < 0 {
		return perf.Workload{}, errors.New("its workload has a part that is negative or not a duration such as 1m30s")
	}
	return perf.Workload{Users: j.Users, SpawnRate: j.SpawnRate, Rate: j.Rate, Duration: d, Host: j.Host}, nil
}
