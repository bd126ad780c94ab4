package parsers

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"speedgate/parsers/locust"
	"speedgate/perf"
)

// richness orders the formats that one invocation of a tool may leave side by side,
// the one that says most first. The CSV of Locust tells the workload, which neither
// --json nor the history alone does; HTML rounds.
var richness = []string{
	"locust-stats", "locust-requests", "locust-json", "locust-html", "locust-distribution", "locust-history",
	"go-bench-json", "go-bench",
}

// Spare finds the sources that hold the same invocation as another one, in another
// format of the same tool: those of one folder and base name, as run_stats.csv,
// run.json and run.html are. It returns for each source the index of the one that
// says most of that invocation, -1 if that is the source itself.
func Spare(sources []perf.Source) []int {
	best := map[string]int{}
	for i := range sources {
		key := invocation(&sources[i])
		if at, ok := best[key]; !ok || rank(&sources[i]) < rank(&sources[at]) {
			best[key] = i
		}
	}
	spare := make([]int, len(sources))
	for i := range sources {
		spare[i] = -1
		if at := best[invocation(&sources[i])]; rank(&sources[at]) < rank(&sources[i]) {
			spare[i] = at
		}
	}
	return spare
}

func rank(s *perf.Source) int {
	if at := slices.Index(richness, s.Format); at >= 0 {
		return at
	}
	return len(richness)
}

// invocation is what the files of one invocation have in common: the tool, the folder
// and the base name.
func invocation(s *perf.Source) string {
	family, _, _ := strings.Cut(s.Format, "-")
	name := path.Clean(strings.TrimSuffix(s.Files[0], ".gz"))
	if stem := locust.Prefix(name); stem != name {
		return family + ":" + stem
	}
	return family + ":" + strings.TrimSuffix(name, path.Ext(name))
}

// once leaves out runs that are in the list in another format already, and says so:
// the files of one invocation are one piece of evidence, in however many formats.
func once(runs []*perf.Run) ([]*perf.Run, []perf.Warning) {
	sources := make([]perf.Source, len(runs))
	for i, r := range runs {
		sources[i] = r.Source
	}
	spare := Spare(sources)
	markTwins(runs, spare)
	var kept []*perf.Run
	var warnings []perf.Warning
	for i, r := range runs {
		if spare[i] < 0 {
			kept = append(kept, r)
			continue
		}
		warnings = append(warnings, perf.Warning{
			Pos: perf.Pos{File: r.Source.Files[0]},
			Msg: fmt.Sprintf("left out: the same run as %s, in another format", mainFile(runs[spare[i]])),
		})
	}
	return kept, warnings
}

// mainFile is the file of a run that messages name: that with the figures.
func mainFile(r *perf.Run) string {
	if i := slices.IndexFunc(r.Source.Files, func(f string) bool { return strings.HasSuffix(f, "_stats.csv") }); i >= 0 {
		return r.Source.Files[i]
	}
	return r.Source.Files[0]
}

// markTwins enters into spare the runs of other names that their figures prove to be
// one run in two formats.
func markTwins(runs []*perf.Run, spare []int) {
	for i, r := range runs {
		if spare[i] >= 0 {
			continue
		}
		spare[i] = slices.IndexFunc(runs, func(o *perf.Run) bool {
			return o.Source.Tool == r.Source.Tool && rank(&o.Source) < rank(&r.Source) && areTwins(o, r)
		})
	}
}

// areTwins reports whether two formats tell of one run of Locust: every endpoint has
// the same number of requests and the same average response time, to all digits. That
// is proof where the average is no round number, as the average of a clock's times is
// not; the throughput of one run differs from format to format.
func areTwins(a, b *perf.Run) bool {
	isProof := false
	for i := range a.Series {
		s := &a.Series[i]
		if s.Key.Metric != perf.Requests && s.Key.Metric != perf.LatencyAvg {
			continue
		}
		o := b.Find(s.Key)
		if o == nil || !equalFigures(s.Samples[0], o.Samples[0]) {
			return false
		}
		isProof = isProof || s.Key.Metric == perf.LatencyAvg && !equalFigures(s.Samples[0]*roundAt, math.Round(s.Samples[0]*roundAt))
	}
	return isProof
}

const (
	// figureDigits is the relative difference that two ways of adding up the same
	// times may make.
	figureDigits = 1e-9
	// roundAt is the number of steps in a millisecond that a round average keeps to.
	roundAt = 1000
)

func equalFigures(a, b float64) bool {
	return math.Abs(a-b) <= figureDigits*max(math.Abs(a), math.Abs(b))
}
