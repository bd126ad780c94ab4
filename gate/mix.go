package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"speedgate/perf"
)

const (
	// mixShift is how far the share of an endpoint must move to be told, in absolute
	// terms: a user's choice between two tasks moves by less from run to run.
	mixShift = 0.05
	// maxMixNames is how many endpoints a warning on the mix names.
	maxMixNames = 3
)

// endpoint is how often an endpoint was asked on both sides: as a share of all
// requests if it is on one side alone, else of those to the endpoints on both, which
// a new endpoint does not change.
type endpoint struct {
	name       string
	base, head float64
	isNew      bool
	isGone     bool
}

func (p *endpoint) isShared() bool { return !p.isNew && !p.isGone }

func (p *endpoint) shift() float64 { return math.Abs(p.head - p.base) }

// mix says of the figures over all requests that got worse whether they are over the
// same requests as before: a new endpoint that is slow by its nature makes them worse
// although nothing is slower than it was.
func (e *evaluation) mix() {
	changed := map[perf.Labels][]endpoint{}
	for i := range e.result.Metrics {
		m := &e.result.Metrics[i]
		if m.Key.Subject != perf.Aggregated || m.Verdict != Regressed && m.Verdict != Suspect {
			continue
		}
		list, known := changed[m.Key.Labels]
		if !known {
			list = e.changedMix(m.Key.Labels)
			changed[m.Key.Labels] = list
			e.warnMix(m, list)
		}
		if len(list) > 0 {
			m.Reason = joinReasons(m.Reason, "the mix of endpoints changed: "+mixText(list))
		}
	}
}

// changedMix returns the endpoints whose share changed, the largest change first.
func (e *evaluation) changedMix(labels perf.Labels) []endpoint {
	var list []endpoint
	var all, shared endpoint // sums
	for i := range e.result.Metrics {
		m := &e.result.Metrics[i]
		if m.Key.Metric != perf.Requests || m.Key.Labels != labels || m.Key.Subject == perf.Aggregated {
			continue
		}
		p := endpoint{name: m.Key.Subject, base: orZero(m.Baseline), head: orZero(m.Current)}
		p.isNew, p.isGone = p.base == 0 && p.head > 0, p.base > 0 && p.head == 0
		all.add(p)
		if p.isShared() {
			shared.add(p)
		}
		list = append(list, p)
	}
	if all.base == 0 || all.head == 0 {
		return nil // nothing is known of one side
	}
	for i := range list {
		of := all
		if list[i].isShared() {
			of = shared
		}
		list[i].base /= of.base
		list[i].head /= of.head
	}
	list = slices.DeleteFunc(list, func(p endpoint) bool { return p.isShared() && !(p.shift() >= mixShift) })
	slices.SortFunc(list, func(a, b endpoint) int {
		return cmp.Or(cmp.Compare(b.shift(), a.shift()), strings.Compare(a.name, b.name))
	})
	return list
}

func (p *endpoint) add(o endpoint) { p.base, p.head = p.base+o.base, p.head+o.head }

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// mixText sums up the changes: "1 new (33 % of the requests), 2 with another share".
func mixText(list []endpoint) string {
	var added, gone, moved int
	var addedShare, goneShare float64
	for _, p := range list {
		switch {
		case p.isNew:
			added++
			addedShare += p.head
		case p.isGone:
			gone++
			goneShare += p.base
		default:
			moved++
		}
	}
	var parts []string
	if added > 0 {
		parts = append(parts, fmt.Sprintf("%d new (%s of the requests)", added, percent(addedShare)))
	}
	if gone > 0 {
		parts = append(parts, fmt.Sprintf("%d gone (%s before)", gone, percent(goneShare)))
	}
	if moved > 0 {
		parts = append(parts, fmt.Sprintf("%d with another share", moved))
	}
	return strings.Join(parts, ", ")
}

// warnMix names the endpoints behind a changed mix.
func (e *evaluation) warnMix(m *Metric, list []endpoint) {
	if len(list) == 0 {
		return
	}
	var parts []string
	for _, p := range list[:min(maxMixNames, len(list))] {
		switch {
		case p.isNew:
			parts = append(parts, fmt.Sprintf("%q is new with %s of the requests", p.name, percent(p.head)))
		case p.isGone:
			parts = append(parts, fmt.Sprintf("%q is gone, with %s before", p.name, percent(p.base)))
		default:
			parts = append(parts, fmt.Sprintf("%q went from %s to %s of the shared ones", p.name, percent(p.base), percent(p.head)))
		}
	}
	if more := len(list) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	e.result.Warnings = append(e.result.Warnings, perf.Warning{
		Pos: m.Pos, Msg: fmt.Sprintf("%s sums up other requests than before: %s", perf.Aggregated, strings.Join(parts, ", ")),
	})
}
