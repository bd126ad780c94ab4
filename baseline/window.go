package baseline

import (
	"slices"
	"strings"

	"speedgate/internal/stats"
	"speedgate/perf"
)

// FromRuns returns result runs of the base version as the window to compare with.
// They count as measured in one job with the runs of the change. Runs of two
// environments, and a metric in units of two dimensions, are errors.
func FromRuns(runs []*perf.Run) (*perf.Window, error) {
	w := &perf.Window{SameJob: true}
	var all []seriesOfRun
	for i, r := range runs {
		joined, conflict := w.Env.Join(r.Env)
		if conflict != "" {
			return nil, perf.Errorf(perf.Pos{File: strings.Join(r.Source.Files, ", ")},
				"measured in another environment than the files before it: %s", conflict)
		}
		w.Env = joined
		w.Runs = append(w.Runs, perf.RunInfo{ID: strings.Join(r.Source.Files, ", "), Workload: r.Workload})
		all = slices.Grow(all, len(r.Series))
		for j := range r.Series {
			all = append(all, seriesOfRun{&r.Series[j], i})
		}
	}
	if len(runs) > 1 {
		slices.SortStableFunc(all, func(a, b seriesOfRun) int { return a.Key.Compare(b.Key) })
	}
	w.Metrics = make([]perf.Past, 0, len(all)/max(1, len(runs)))
	for _, s := range all {
		if err := addSeries(w, s); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// seriesOfRun is a series and the index of its run.
type seriesOfRun struct {
	*perf.Series
	run int
}

// addSeries adds a series as a point of its metric, in the unit of the first. Series
// come sorted by key.
func addSeries(w *perf.Window, s seriesOfRun) error {
	if n := len(w.Metrics); n == 0 || w.Metrics[n-1].Key != s.Key {
		w.Metrics = append(w.Metrics, perf.Past{
			Key: s.Key, Unit: s.Unit, Better: s.Better, Kind: s.Kind, Exact: s.Exact, Step: s.Step, Pos: s.Pos,
		})
	}
	m := &w.Metrics[len(w.Metrics)-1]
	samples, ok := converted(s.Series, m.Unit)
	if !ok {
		return perf.Errorf(s.Pos, "%q is in %q here and in %q at %s", s.Key, s.Unit, m.Unit, m.Pos)
	}
	// The samples stand beside the value, so that nobody needs their spread.
	m.Points = append(m.Points, perf.Point{Run: s.run, Value: stats.Median(samples), Count: s.Count, Samples: samples})
	return nil
}

func converted(s *perf.Series, to perf.Unit) ([]float64, bool) {
	if s.Unit == to {
		return s.Samples, true
	}
	out := make([]float64, len(s.Samples))
	for i, v := range s.Samples {
		var ok bool
		if out[i], ok = s.Unit.Convert(v, to); !ok {
			return nil, false
		}
	}
	return out, true
}

// Windows returns the accepted runs of a suite, a window for each environment, in
// the order of the file. A hand-written file gives its one window for any suite.
// They share memory with f and must not be changed.
func (f *File) Windows(suite string) []*perf.Window {
	var list []*perf.Window
	for _, e := range f.of(suite) {
		list = append(list, e.window())
	}
	return list
}
