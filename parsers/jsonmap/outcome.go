package jsonmap

import "speedgate/internal/jsontree"

// outcome is what is known of the requests behind the figures in an array or object:
// what its own members say, and what they leave open from around it.
type outcome struct {
	holder *trail         // whose members say so
	zero   *jsontree.Node // says that no request was made, nil if nothing does
	share  share
	around *outcome
	isSeen bool // it was added to the subject it belongs to
}

// own is the outcome of the members of t alone, nil if they say nothing.
func (t *trail) own() *outcome {
	made, failed, share := t.facts().made(), t.facts().failures(), t.facts().share
	if t.said != nil || made.at == nil && share.at == nil {
		return t.said
	}
	t.said = &outcome{holder: t, share: share}
	switch {
	case made.at != nil && made.n == 0:
		t.said.zero = made.at
	case failed.at != nil:
		t.said.share.of, t.said.share.at = failed.of(made), failed.at
	}
	return t.said
}

// known is the outcome in force for what stands in t, nil if nothing is known.
func (t *trail) known() *outcome {
	if t == nil {
		return nil
	}
	if !t.resolved {
		t.resolved = true
		t.outcome = t.up.known()
		if t.totals != nil {
			t.outcome = t.totals.own().within(t.outcome)
		}
		t.outcome = t.own().within(t.outcome)
	}
	return t.outcome
}

// within completes an outcome with the one around it.
func (o *outcome) within(around *outcome) *outcome {
	switch {
	case o == nil:
		return around
	case around == nil || o == around:
		return o
	}
	if o.holder.facts().made().at == nil {
		o.zero = around.zero
	}
	if o.share.at == nil {
		o.share = around.share
	}
	o.around = around
	return o
}

// isOf reports whether the outcome is told by the objects that the reading belongs to,
// and not by one around its subject.
func (o *outcome) isOf(r *reading) bool {
	for t := r.at.up; t != nil; t = t.up {
		if t == o.holder || t.totals == o.holder {
			return true
		}
		if t == r.holder() {
			break
		}
	}
	return false
}

// subject is what the counts are of: those of a summary are of everything beside it.
func (o *outcome) subject() string {
	if o.isTotals() {
		return o.holder.up.subject()
	}
	return o.holder.subject()
}

// isTotals reports whether the outcome is that of everything beside its object.
func (o *outcome) isTotals() bool { return o.holder.up != nil && o.holder.up.totals == o.holder }
