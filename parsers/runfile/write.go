package runfile

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"speedgate/perf"
)

// Schema names the format and its version.
const Schema = "speedgate.run/v1"

// runJSON is a run as it is written, series apart.
type runJSON struct {
	Schema      string        `json:"schema"`
	Tool        string        `json:"tool,omitempty"`
	Version     string        `json:"version,omitempty"`
	Environment perf.Env      `json:"environment"`
	Workload    workloadJSON  `json:"workload"`
	Failures    []failureJSON `json:"failures"`
	Warnings    []string      `json:"warnings"`
	Incomplete  []string      `json:"incomplete"`
	Lost        []string      `json:"lost"`
	Overloaded  []string      `json:"overloaded"`
	Findings    []string      `json:"findings"`
}

type workloadJSON struct {
	Users     int     `json:"users,omitempty"`
	SpawnRate float64 `json:"spawn_rate,omitempty"`
	Rate      float64 `json:"rate,omitempty"`
	Duration  string  `json:"duration,omitempty"`
	Host      string  `json:"host,omitempty"`
}

type failureJSON struct {
	Subject string `json:"subject"`
	Message string `json:"message"`
	Count   int64  `json:"count"`
}

type seriesJSON struct {
	Subject string            `json:"subject"`
	Metric  string            `json:"metric"`
	Labels  map[string]string `json:"labels,omitempty"`
	Unit    perf.Unit         `json:"unit"`
	Better  string            `json:"better"`
	Kind    string            `json:"kind"`
	Exact   bool              `json:"exact,omitempty"`
	Samples []float64         `json:"samples"`
	Count   int64             `json:"count,omitempty"`
	Step    float64           `json:"step,omitempty"`
}

// Write writes a run that [perf.Run.Check] passes: a key a line, then a series a line.
func Write(w io.Writer, r *perf.Run) error {
	var b strings.Builder
	head, err := json.MarshalIndent(runToJSON(r), "", "  ")
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	b.WriteString(strings.TrimSuffix(string(head), "\n}") + ",\n  \"series\": [")
	for i := range r.Series {
		line, err := json.Marshal(seriesToJSON(&r.Series[i]))
		if err != nil {
			return fmt.Errorf("%s: %w", r.Series[i].Key, err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    " + string(line))
	}
	b.WriteString("\n  ]\n}\n")
	_, err = io.WriteString(w, b.String())
	return err
}

func runToJSON(r *perf.Run) runJSON {
	j := runJSON{
		Schema: Schema, Tool: r.Source.Tool, Version: r.Source.Version, Environment: r.Env,
		Workload: workloadJSON{Users: r.Workload.Users, SpawnRate: r.Workload.SpawnRate, Rate: r.Workload.Rate, Host: r.Workload.Host},
		Failures: []failureJSON{}, Warnings: texts(r.Warnings), Incomplete: texts(r.Incomplete), Lost: texts(r.Lost), Overloaded: texts(r.Overloaded),
		Findings: append([]string{}, r.Findings...),
	}
	if r.Workload.Duration > 0 {
		j.Workload.Duration = r.Workload.Duration.String()
	}
	for _, f := range r.Failures {
		j.Failures = append(j.Failures, failureJSON(f))
	}
	return j
}

// texts leaves of a warning what it says, with its place in front.
func texts(list []perf.Warning) []string {
	lines := []string{}
	for _, w := range list {
		lines = append(lines, w.String())
	}
	return lines
}

func seriesToJSON(s *perf.Series) seriesJSON {
	j := seriesJSON{
		Subject: s.Key.Subject, Metric: s.Key.Metric, Unit: s.Unit, Better: s.Better.String(), Kind: s.Kind.String(),
		Exact: s.Exact, Samples: s.Samples, Count: s.Count, Step: s.Step,
	}
	for _, l := range s.Key.Labels.List() {
		if j.Labels == nil {
			j.Labels = map[string]string{}
		}
		j.Labels[l.Name] = l.Value
	}
	return j
}
