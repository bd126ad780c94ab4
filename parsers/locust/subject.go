package locust

import (
	"fmt"
	"strings"
)

// aggregated is the subject of the row that sums up all requests. Locust called
// it Total up to 0.12.1.
const aggregated = "Aggregated"

// maxName is the longest subject in bytes that a run may have, as
// [perf.Run.Check] says for each of the series. Told here, it is one error.
const maxName = 16 << 10

// badName says what is wrong with the name of a row, "" if nothing.
func badName(typ, name string) string {
	n := len(typ) + len(name)
	if typ != "" && name != "" {
		n++ // the space between them
	}
	switch {
	case n == 0:
		return "a row without a name"
	case n > maxName:
		return fmt.Sprintf("a name of %d bytes is too long; %d is the limit", n, maxName)
	}
	return ""
}

// subjectOf names what a row is about: its type and name, or the name alone if
// it has no type. The row over all requests has no type; old versions print None
// for it, which the distribution file of 0.8 glues to the name. The result shares
// no memory with the arguments, so that it does not keep the whole file.
func subjectOf(typ, name string) string { return new(subjects).of(typ, name) }

// subjectBlock is how many bytes of subjects are allocated at once in a file
// that has many.
const subjectBlock = 4 << 10

// subjects makes the subjects of one file and cuts them from blocks.
type subjects struct {
	blockSize int // 0: each subject has memory of its own
	block     strings.Builder
}

// of is [subjectOf].
func (s *subjects) of(typ, name string) string {
	if typ == "" {
		if all, ok := strings.CutPrefix(name, "None "); ok && (all == aggregated || all == "Total") {
			return aggregated
		}
	}
	if (typ == "" || typ == "None") && (name == aggregated || name == "Total") {
		return aggregated
	}
	if typ == "" || name == "" {
		return s.add(typ, "", name)
	}
	return s.add(typ, " ", name)
}

// add returns the three texts together, in the current block if they fit in.
func (s *subjects) add(typ, between, name string) string {
	need := len(typ) + len(between) + len(name)
	if s.block.Cap()-s.block.Len() < need {
		s.block.Reset() // leaves the full block to the subjects cut from it
		s.block.Grow(max(need, s.blockSize))
	}
	from := s.block.Len()
	s.block.WriteString(typ)
	s.block.WriteString(between)
	s.block.WriteString(name)
	return s.block.String()[from:]
}
