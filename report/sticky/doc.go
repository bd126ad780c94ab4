// Package sticky keeps the one comment of a gate on a pull or merge request up to
// date: which comment is the gate's own, whether it must be written, and what to do
// when two jobs write at once. It speaks to no forge; a [Thread] does.
//
// A comment is known by its first line, the marker, and by its author. Nothing of the
// marker comes from results.
package sticky
