package baseline

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"speedgate/internal/stats"
	"speedgate/perf"
)

// level is what one accepted invocation says of one metric.
type level struct {
	series perf.Series // of the first run that has it; samples are those of all runs
	value  float64     // median over the runs of each run's median
	spread float64     // median absolute deviation of the runs' medians, or of the samples of a single run
	count  int64       // requests or iterations of all runs together
}

// collapse reduces the runs of one invocation to one level a metric, sorted by
// key. A metric that is measured in several units is given in that of its first
// run.
func collapse(runs []*perf.Run) ([]level, error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("nothing to accept: %w", perf.ErrNoResults)
	}
	index := map[perf.Key]int{}
	var groups [][]*perf.Series
	for _, r := range runs {
		if err := r.Check(); err != nil {
			return nil, err
		}
		for i := range r.Series {
			s := &r.Series[i]
			n, ok := index[s.Key]
			if !ok {
				n = len(groups)
				index[s.Key] = n
				groups = append(groups, nil)
			}
			groups[n] = append(groups[n], s)
		}
	}
	levels := make([]level, len(groups))
	var errs perf.InputErrors
	for i, g := range groups {
		var err *perf.InputError
		if levels[i], err = collapseSeries(g); err != nil {
			errs = append(errs, err)
		}
	}
	slices.SortFunc(levels, func(a, b level) int { return a.series.Key.Compare(b.series.Key) })
	return levels, errs.Err()
}

// collapseSeries reduces the series of one metric, one of each run.
func collapseSeries(group []*perf.Series) (level, *perf.InputError) {
	first := group[0]
	l := level{series: *first}
	medians := make([]float64, len(group))
	for i, s := range group {
		factor, ok := s.Unit.Factor(first.Unit)
		if !ok {
			return l, perf.Errorf(s.Pos, "%q is in %s here and in %s at %s; one metric has one unit",
				s.Key, unitName(s.Unit), unitName(first.Unit), first.Pos)
		}
		if opposite(s.Better, first.Better) {
			return l, perf.Errorf(s.Pos, "%q is better %s here and better %s at %s", s.Key, s.Better, first.Better, first.Pos)
		}
		if l.series.Better == perf.BetterUnknown {
			l.series.Better = s.Better
		}
		medians[i], _ = s.Unit.Convert(stats.Median(s.Samples), first.Unit)
		l.series.Step = max(l.series.Step, s.Step*factor)
		l.count = addCounts(l.count, s.Count)
	}
	l.value = stats.Median(medians)
	l.spread = stats.MAD(medians)
	if len(group) == 1 {
		l.spread = stats.MAD(first.Samples)
	}
	if !finite(l.value) || !finite(l.spread) || !finite(l.series.Step) {
		return l, perf.Errorf(first.Pos, "the values of %q are too large to take their median", first.Key)
	}
	return l, nil
}

// addCounts adds two counts that are not negative; the sum stays at the largest
// number instead of turning negative.
func addCounts(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// opposite reports whether both directions are known and contradict each other.
func opposite(a, b perf.Better) bool {
	return a != b && a != perf.BetterUnknown && b != perf.BetterUnknown
}

func unitName(u perf.Unit) string {
	if u == "" {
		return "no unit"
	}
	return fmt.Sprintf("%q", u)
}

// Digest returns an id for results that no CI run produced: 16 hexadecimal
// digits of a SHA-256 over keys, units, samples and counts. Equal measurements
// have equal digests, whatever files and order they come in.
func Digest(runs []*perf.Run) string {
	sums := make([][]byte, len(runs))
	for i, r := range runs {
		sums[i] = digestRun(r)
	}
	slices.SortFunc(sums, slices.Compare)
	h := sha256.New()
	for _, sum := range sums {
		h.Write(sum)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func digestRun(r *perf.Run) []byte {
	h := sha256.New()
	var b []byte
	for i := range r.Series {
		s := &r.Series[i]
		b = b[:0]
		// Lengths stand before texts, so that no two runs write the same bytes.
		for _, text := range []string{s.Key.Subject, s.Key.Metric, string(s.Key.Labels), string(s.Unit)} {
			b = binary.AppendUvarint(b, uint64(len(text)))
			b = append(b, text...)
		}
		b = binary.AppendVarint(b, s.Count)
		b = binary.AppendUvarint(b, uint64(len(s.Samples)))
		for _, v := range s.Samples {
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
	}
	return h.Sum(nil)
}
