package perf

import "time"

// RunInfo identifies one accepted run.
type RunInfo struct {
	ID       string    `json:"id"`               // unique: a CI run id, or a digest of the results
	Commit   string    `json:"commit,omitempty"` // full or short hash, "" if unknown
	Time     time.Time `json:"time,omitzero"`    // when it was accepted
	Workload Workload  `json:"workload,omitzero"`
}

// Point is the value of one metric in one accepted run.
type Point struct {
	Run    int     // index into Window.Runs
	Value  float64 // median of the run's samples
	Spread float64 // median absolute deviation of the run's samples; 0 if it had one
	Count  int64   // requests or iterations behind the value, 0 if unknown
	// Samples are the run's samples themselves. A baseline file does not keep
	// them; they are there when the other side is a result file.
	Samples []float64
}

// Anchor is the level of a metric that was last accepted on purpose; a slow
// creep is measured from it.
type Anchor struct {
	Value  float64
	Commit string
	Time   time.Time
	Reason string // why a slowdown was accepted, "" if the anchor came by itself
}

// Past is one metric in the accepted runs.
type Past struct {
	Key    Key
	Unit   Unit
	Better Better
	Kind   Kind
	Exact  bool
	Step   float64 // as Series.Step
	Points []Point // oldest first; at most one a run
	Anchor *Anchor // nil if there is none yet
	Pos    Pos
}

// Acceptance is a slowdown that somebody accepted on purpose.
type Acceptance struct {
	Match  string    `json:"match"` // the pattern that was accepted, as typed
	Reason string    `json:"reason"`
	Commit string    `json:"commit,omitempty"`
	Time   time.Time `json:"time,omitzero"`
}

// Window is the accepted runs that a new run is compared with, all of one suite
// and one environment.
type Window struct {
	Env      Env
	Runs     []RunInfo // oldest first
	Metrics  []Past    // sorted by key
	Accepted []Acceptance
	// SameJob says that these runs were measured together with the new ones, on
	// one machine in one job, so that the two sides may be compared as two
	// samples of the same noise. It is false for a baseline file.
	SameJob bool
}
