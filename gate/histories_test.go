package gate_test

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"speedgate/gate"
	"speedgate/internal/stats"
	"speedgate/perf"
)

// historiesDir holds histories of public CI runs, which are not part of the
// project: suite, run, time, commit, benchmark, unit, better, value.
const historiesDir = "../../shared/samples/histories"

// window is how many accepted runs the measured rules look back.
const window = 10

// TestHistories measures the rules on real CI histories: FA/PR is the share of
// clean runs that fail with all benchmarks of their suite taken together, power
// the share of metrics that fail when they are made d % slower. A run is clean
// when no change point of the metric lies between it and its window. Repetitions
// of a run are the runs after it. The figures were published for 28 histories;
// these are 13 suites of ten of them, so the bounds leave room for the choice.
func TestHistories(t *testing.T) {
	suites := loadHistories(t)
	slowdowns := []float64{1.3, 1.5, 2}
	rules := []struct {
		name    string
		repeats int
		fails   func(base, heads []float64) bool
		maxFA   float64 // in %
		minFA   float64
		power   [3]float64 // least, in %
	}{
		{"last value x 1.2", 1, lastRatio(1.2), 45, 25, [3]float64{75, 88, 97}},
		{"last value x 2", 1, lastRatio(2), 12, 2, [3]float64{0, 0, 30}},
		{"mean of 10 + 20 %", 1, meanRatio, 40, 20, [3]float64{75, 88, 96}},
		{"history, 1 run", 1, againstHistory(1), 14, 8, [3]float64{60, 74, 88}},
		{"history, 2 of 2", 2, againstHistory(2), 2.5, 1, [3]float64{55, 70, 85}},
		{"history, 3 of 3", 3, againstHistory(3), 1, 0, [3]float64{50, 66, 82}},
	}
	for _, r := range rules {
		fa, power := measure(suites, r.repeats, r.fails, slowdowns)
		t.Logf("%-18s FA/PR %5.1f %%   power at +30/50/100 %%: %.0f / %.0f / %.0f", r.name, fa, power[0], power[1], power[2])
		if fa < r.minFA || fa > r.maxFA {
			t.Errorf("%s: FA/PR %.1f %%, want %g to %g", r.name, fa, r.minFA, r.maxFA)
		}
		for i, least := range r.power {
			if power[i] < least {
				t.Errorf("%s: power %.0f %% at +%.0f %%, want at least %.0f", r.name, power[i], 100*(slowdowns[i]-1), least)
			}
		}
	}
}

// TestHistoriesThroughGate runs the gate itself over one history after the other.
// It decides as the rule alone does, but for the windows that it cuts at a change
// point of their own: over all suites that may cost one clean run in a hundred.
func TestHistoriesThroughGate(t *testing.T) {
	suites := loadHistories(t)
	got := 0.0
	for _, s := range suites {
		clean, failed := 0, 0
		for run := range s.runs {
			if verdict, ok := s.gate(run); ok {
				clean++
				if verdict == gate.Fail {
					failed++
				}
			}
		}
		got += 100 * float64(failed) / float64(max(1, clean)) / float64(len(suites))
	}
	want, _ := measure(suites, 1, againstHistory(1), nil)
	t.Logf("FA/PR %.2f %% through the gate, %.2f %% by the rule alone", got, want)
	if math.Abs(got-want) > 1 {
		t.Errorf("FA/PR %.2f %% through the gate, %.2f %% by the rule alone", got, want)
	}
}

// suite is the history of one suite: per metric its runs of one level.
type suite struct {
	name     string
	runs     int
	segments []segment
}

// segment is a stretch of one metric without a change point. ys are logarithms
// of costs.
type segment struct {
	name string
	runs []int
	ys   []float64
}

func loadHistories(t *testing.T) []suite {
	t.Helper()
	files, err := filepath.Glob(historiesDir + "/*.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("%s is not there", historiesDir)
	}
	var suites []suite
	for _, f := range files {
		suites = append(suites, loadHistory(t, f)...)
	}
	return suites
}

func loadHistory(t *testing.T, file string) []suite {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string]map[string]*segment{}
	for _, row := range rows[1:] {
		addRow(t, metrics, row)
	}
	var suites []suite
	for _, name := range sortedKeys(metrics) {
		s := suite{name: filepath.Base(file) + " " + name}
		for _, metric := range sortedKeys(metrics[name]) {
			m := metrics[name][metric]
			s.runs = max(s.runs, m.runs[len(m.runs)-1]+1)
			s.segments = append(s.segments, m.split()...)
		}
		suites = append(suites, s)
	}
	return suites
}

func addRow(t *testing.T, metrics map[string]map[string]*segment, row []string) {
	t.Helper()
	run, err := strconv.Atoi(row[1])
	if err != nil {
		t.Fatal(err)
	}
	value, err := strconv.ParseFloat(row[7], 64)
	if err != nil {
		t.Fatal(err)
	}
	if value <= 0 {
		return // no ratio exists; the absolute rule is not measured here
	}
	y := math.Log(value)
	if row[6] == "higher" {
		y = -y
	}
	suite, metric := row[0], row[4]+" "+row[5]
	if metrics[suite] == nil {
		metrics[suite] = map[string]*segment{}
	}
	m := metrics[suite][metric]
	if m == nil {
		m = &segment{name: metric}
		metrics[suite][metric] = m
	}
	m.runs, m.ys = append(m.runs, run), append(m.ys, y)
}

func (m *segment) split() []segment {
	var parts []segment
	from := 0
	for _, to := range append(stats.ChangePoints(m.ys), len(m.ys)) {
		parts = append(parts, segment{m.name, m.runs[from:to], m.ys[from:to]})
		from = to
	}
	return parts
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// measure returns the FA/PR and, for each slowdown, the power of a rule, in
// percent, as the mean over the suites.
func measure(suites []suite, repeats int, fails func(base, heads []float64) bool, slowdowns []float64) (fa float64, power []float64) {
	power = make([]float64, len(slowdowns))
	for _, s := range suites {
		tested, failed := map[int]bool{}, map[int]bool{}
		hits, tries := make([]int, len(slowdowns)), 0
		for _, seg := range s.segments {
			for i := window; i < len(seg.ys); i++ {
				tested[seg.runs[i]] = true
				if i+repeats > len(seg.ys) {
					continue
				}
				base, heads := seg.ys[i-window:i], seg.ys[i:i+repeats]
				tries++
				if fails(base, heads) {
					failed[seg.runs[i]] = true
				}
				for j, d := range slowdowns {
					if fails(base, shifted(heads, math.Log(d))) {
						hits[j]++
					}
				}
			}
		}
		fa += 100 * float64(len(failed)) / float64(max(1, len(tested))) / float64(len(suites))
		for j := range power {
			power[j] += 100 * float64(hits[j]) / float64(max(1, tries)) / float64(len(suites))
		}
	}
	return fa, power
}

func shifted(ys []float64, by float64) []float64 {
	out := make([]float64, len(ys))
	for i, y := range ys {
		out[i] = y + by
	}
	return out
}

func lastRatio(limit float64) func(base, heads []float64) bool {
	return func(base, heads []float64) bool { return heads[0]-base[len(base)-1] > math.Log(limit) }
}

func meanRatio(base, heads []float64) bool {
	sum := 0.0
	for _, y := range base {
		sum += math.Exp(y)
	}
	return heads[0] > math.Log(1.2*sum/float64(len(base)))
}

func againstHistory(repeats int) func(base, heads []float64) bool {
	return func(base, heads []float64) bool {
		limit := stats.HistoryLimit(base, 0.2)
		return !slices.ContainsFunc(heads[:repeats], func(y float64) bool { return y <= limit })
	}
}

// gate judges one run of the suite against the window before it; ok is false when
// no metric has one.
func (s suite) gate(run int) (verdict gate.Outcome, ok bool) {
	base := &perf.Window{Runs: make([]perf.RunInfo, window)}
	head := &perf.Run{}
	for n, seg := range s.segments {
		i, found := slices.BinarySearch(seg.runs, run)
		if !found || i < window {
			continue
		}
		key := perf.Key{Subject: seg.name, Metric: "cost", Labels: perf.Labels("n=" + strconv.Itoa(n))}
		head.Series = append(head.Series, perf.Series{Key: key, Better: perf.BetterLower, Samples: []float64{math.Exp(seg.ys[i])}})
		past := perf.Past{Key: key, Better: perf.BetterLower}
		for j, y := range seg.ys[i-window : i] {
			past.Points = append(past.Points, perf.Point{Run: j, Value: math.Exp(y)})
		}
		base.Metrics = append(base.Metrics, past)
	}
	if len(head.Series) == 0 {
		return "", false
	}
	head.Sort()
	slices.SortFunc(base.Metrics, func(a, b perf.Past) int { return a.Key.Compare(b.Key) })
	r := gate.Evaluate(gate.Input{Base: base, Head: []*perf.Run{head}}, gate.Policy{})
	return r.Verdict, true
}
