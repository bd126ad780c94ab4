package report

import (
	"fmt"
	"slices"

	"speedgate/gate"
	"speedgate/perf"
)

// scalingJSON is how the suite scales, in the JSON report.
type scalingJSON struct {
	Over       string               `json:"over"`
	Unit       perf.Unit            `json:"unit"`
	Efficiency *float64             `json:"efficiency"`
	Unjudged   string               `json:"unjudged"`
	Subjects   []scalingSubjectJSON `json:"subjects"`
}

type scalingSubjectJSON struct {
	Subject  string             `json:"subject"`
	Labels   map[string]string  `json:"labels"`
	Unit     perf.Unit          `json:"unit"`
	Unjudged string             `json:"unjudged"`
	Points   []scalingPointJSON `json:"points"`
	Fit      *scalingFitJSON    `json:"fit"`
	NoFit    string             `json:"no_fit"`
}

type scalingPointJSON struct {
	Label      string       `json:"label"`
	Size       *float64     `json:"size"`
	Throughput *float64     `json:"throughput"`
	Ideal      *float64     `json:"ideal"`
	Efficiency *float64     `json:"efficiency"`
	Least      *float64     `json:"least"`
	Limits     []targetJSON `json:"limits"`
	Judged     bool         `json:"judged"`
	Missed     []string     `json:"missed"`
}

type scalingFitJSON struct {
	Unit            *float64 `json:"unit"`
	Lambda          *float64 `json:"lambda"`
	Contention      *float64 `json:"contention"`
	ContentionError *float64 `json:"contention_error"`
	Coherency       *float64 `json:"coherency"`
	CoherencyError  *float64 `json:"coherency_error"`
	Peak            *float64 `json:"peak"`
	PeakThroughput  *float64 `json:"peak_throughput"`
	Predicted       bool     `json:"predicted"`
	RSquared        *float64 `json:"r_squared"`
	Error           *float64 `json:"error"`
	Points          int      `json:"points"`
}

func scalingToJSON(s *gate.Scaling) *scalingJSON {
	if s == nil {
		return nil
	}
	return &scalingJSON{s.Over, s.Unit, finite(s.Efficiency), s.Unjudged, each(s.Subjects, scalingSubjectToJSON)}
}

func scalingSubjectToJSON(s *gate.ScalingSubject) scalingSubjectJSON {
	j := scalingSubjectJSON{
		Subject: s.Subject, Labels: s.Labels.Map(), Unit: s.Unit, Unjudged: s.Unjudged,
		Points: each(s.Points, scalingPointToJSON), NoFit: s.NoFit,
	}
	if f := s.Fit; f != nil {
		j.Fit = &scalingFitJSON{
			finite(f.Unit), finite(f.Lambda), finite(f.Contention), optional(f.ContentionError), finite(f.Coherency), optional(f.CoherencyError),
			optional(f.Peak), optional(f.PeakThroughput), f.Predicted, optional(f.RSquared), finite(f.Error), f.Points,
		}
	}
	return j
}

func scalingPointToJSON(p *gate.ScalingPoint) scalingPointJSON {
	least := optional(p.Least)
	return scalingPointJSON{
		p.Label, finite(p.Size), optional(p.Throughput), optional(p.Ideal), optional(p.Efficiency), least,
		each(p.Limits, targetToJSON), least != nil || len(p.Limits) > 0, texts(p.Missed()),
	}
}

// scalingInto reads the scaling back, and refuses one whose parts contradict each other.
func (d *document) scalingInto(r *gate.Result) error {
	if d.Scaling == nil {
		return nil
	}
	r.Scaling = &gate.Scaling{
		Over: d.Scaling.Over, Unit: d.Scaling.Unit, Efficiency: required(d.Scaling.Efficiency), Unjudged: d.Scaling.Unjudged,
		Subjects: each(d.Scaling.Subjects, (*scalingSubjectJSON).subject),
	}
	for i := range r.Scaling.Subjects {
		for k := range r.Scaling.Subjects[i].Points {
			p, j := &r.Scaling.Subjects[i].Points[k], &d.Scaling.Subjects[i].Points[k]
			if !slices.Equal(p.Missed(), j.Missed) || p.IsJudged() != j.Judged {
				return fmt.Errorf("scaling of %q at %q: what it says it missed is not what its limits say", r.Scaling.Subjects[i].Subject, p.Label)
			}
		}
	}
	return nil
}

func (j *scalingSubjectJSON) subject() gate.ScalingSubject {
	s := gate.ScalingSubject{
		Subject: j.Subject, Labels: perf.NewLabels(j.Labels), Unit: j.Unit, Unjudged: j.Unjudged,
		Points: each(j.Points, (*scalingPointJSON).point), NoFit: j.NoFit,
	}
	if f := j.Fit; f != nil {
		s.Fit = &gate.ScalingFit{
			Unit: required(f.Unit), Lambda: required(f.Lambda), Contention: required(f.Contention), Coherency: required(f.Coherency),
			ContentionError: f.ContentionError, CoherencyError: f.CoherencyError, Peak: f.Peak, PeakThroughput: f.PeakThroughput,
			Predicted: f.Predicted, RSquared: f.RSquared, Error: required(f.Error), Points: f.Points,
		}
	}
	return s
}

func (j *scalingPointJSON) point() gate.ScalingPoint {
	return gate.ScalingPoint{
		Label: j.Label, Size: required(j.Size), Throughput: j.Throughput, Ideal: j.Ideal, Efficiency: j.Efficiency, Least: j.Least,
		EfficiencyMet: !slices.Contains(j.Missed, gate.EfficiencyCheck), Limits: each(j.Limits, targetFromJSON),
	}
}
