package baseline

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"speedgate/perf"
)

func TestAddCollapsesOneRun(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("GET /:latency_p95", 10, 50, 12, 11, 30)), AddOptions{})
	want := perf.Past{
		Key: key("GET /:latency_p95"), Unit: "ms", Better: perf.BetterLower, Kind: perf.KindQuantile, Step: 1,
		// Sorted 10 11 12 30 50: the median is 12; distances 2 1 0 18 38 have the median 2.
		Points: []perf.Point{{Run: 0, Value: 12, Spread: 2, Count: 1000}},
		Anchor: &perf.Anchor{Value: 12, Commit: "c1", Time: at("1", 1).Time},
	}
	wantEqual(t, "past", want, past(t, &f, "GET /:latency_p95"))
}

func TestAddCollapsesSeveralRuns(t *testing.T) {
	t.Parallel()
	runs := append(runOf(latency("a:latency_p95", 10, 20, 30)), runOf(latency("a:latency_p95", 40))...)
	third := latency("a:latency_p95", 0.022, 0.022)
	third.Unit, third.Step = "s", 0.01
	runs = append(runs, runOf(third)...)
	var f File
	mustAdd(t, &f, at("1", 1), runs, AddOptions{})
	got := past(t, &f, "a:latency_p95")
	// The runs' medians are 20, 40 and 22 ms; their distances from 22 are 2, 18, 0.
	wantEqual(t, "points", []perf.Point{{Value: 22, Spread: 2, Count: 3000}}, got.Points)
	wantEqual(t, "step", 10.0, got.Step)
}

func TestAddKeepsTheNewestRuns(t *testing.T) {
	t.Parallel()
	var f File
	for i := range 5 {
		series := []perf.Series{latency("a:latency_p95", float64(10+i))}
		if i < 2 {
			series = append(series, latency("rare:latency_p95", float64(90+i)))
		}
		c := mustAdd(t, &f, at(fmt.Sprint(i), i+1), runOf(series...), AddOptions{Window: 2})
		if i == 4 {
			wantEqual(t, "changes", Changes{Absent: []perf.Key{key("rare:latency_p95")}, Left: []string{"2"}}, c)
		}
	}
	wantEqual(t, "a", map[string]float64{"3": 13, "4": 14}, values(t, &f, "a:latency_p95"))
	// Nobody accepted that this metric ends, so its last value must not leave.
	wantEqual(t, "rare", map[string]float64{"1": 91}, values(t, &f, "rare:latency_p95"))
}

func TestAddTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("a:latency_p95", 10), latency("b:latency_p95", 1)), AddOptions{})
	o := AddOptions{Accept: patterns(t, "a:*"), Reason: "new check", Improved: []perf.Key{key("b:latency_p95")}}
	mustAdd(t, &f, at("2", 2), runOf(latency("a:latency_p95", 20), latency("b:latency_p95", 0.5)), o)
	once := string(f.Encode())
	c := mustAdd(t, &f, at("2", 2), runOf(latency("a:latency_p95", 20), latency("b:latency_p95", 0.5)), o)
	if !c.Replaced {
		t.Error("the second Add does not say that the run was there")
	}
	wantEqual(t, "file", once, string(f.Encode()))
}

func TestAddOfTheSameRunJoinsItsMetrics(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("a:latency_p95", 10), latency("b:latency_p95", 1)), AddOptions{})
	mustAdd(t, &f, at("1", 1), runOf(latency("a:latency_p95", 11)), AddOptions{})
	wantEqual(t, "a", map[string]float64{"1": 11}, values(t, &f, "a:latency_p95"))
	wantEqual(t, "b", map[string]float64{"1": 1}, values(t, &f, "b:latency_p95"))
}

func TestAddLateRunDoesNotBecomeTheNewest(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("2", 2), runOf(latency("a:latency_p95", 20)), AddOptions{})
	c := mustAdd(t, &f, at("1", 1), runOf(latency("a:latency_p95", 10)), AddOptions{})
	if !c.Late {
		t.Error("the change does not say that the run is late")
	}
	w := window(t, &f)
	wantEqual(t, "runs", []perf.RunInfo{at("1", 1), at("2", 2)}, w.Runs)
	wantEqual(t, "points", []perf.Point{{Run: 0, Value: 10, Count: 1000}, {Run: 1, Value: 20, Count: 1000}}, w.Metrics[0].Points)
	wantEqual(t, "anchor", 10.0, w.Metrics[0].Anchor.Value)
}

func TestAddOrdersByTheNumberOfTheRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ids  []string // in the order of their times, which are those of writing
		want []string
	}{
		{"done in reverse order", []string{"90.1.gate", "80.1.gate"}, []string{"80.1.gate", "90.1.gate"}},
		{"by number, not by digits", []string{"100.1.gate", "99.1.gate"}, []string{"99.1.gate", "100.1.gate"}},
		{"another job of the workflow", []string{"90.1.load", "80.1.bench"}, []string{"80.1.bench", "90.1.load"}},
		{"attempts", []string{"80.2.gate", "80.1.gate"}, []string{"80.1.gate", "80.2.gate"}},
		{"tried again after a newer run", []string{"80.1.gate", "90.1.gate", "80.2.gate"}, []string{"80.1.gate", "80.2.gate", "90.1.gate"}},
		{"runs without a number in between", []string{"90.1.gate", "0f3a", "80.1.gate"}, []string{"80.1.gate", "90.1.gate", "0f3a"}},
		{"ids of another system", []string{"90", "80"}, []string{"90", "80"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f File
			for i, id := range c.ids {
				mustAdd(t, &f, at(id, i+1), runOf(latency("a:latency_p95", float64(10+i))), AddOptions{})
			}
			var got []string
			for _, r := range window(t, &f).Runs {
				got = append(got, r.ID)
			}
			wantEqual(t, "runs", c.want, got)
			if _, err := Parse(f.Encode(), "written.json"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAddOfAnOlderRunKeepsAnAcceptance(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("80.1.gate", 1), runOf(latency("a:latency_p95", 10)), AddOptions{})
	o := AddOptions{Accept: patterns(t, "a:*"), Reason: "new check"}
	mustAdd(t, &f, at("90.1.gate", 2), runOf(latency("a:latency_p95", 20)), o)
	mustAdd(t, &f, at("85.1.gate", 3), runOf(latency("a:latency_p95", 10)), AddOptions{})
	wantEqual(t, "a", map[string]float64{"90.1.gate": 20}, values(t, &f, "a:latency_p95"))
}

func TestAnchor(t *testing.T) {
	t.Parallel()
	type step struct {
		value    float64
		improved bool
		accept   bool
	}
	for _, c := range []struct {
		name   string
		better perf.Better
		steps  []step
		want   float64
		reason string
	}{
		{"a slow creep leaves it", perf.BetterLower, []step{{value: 100}, {value: 110}, {value: 120}}, 100, ""},
		{"an improvement that is not proved leaves it", perf.BetterLower, []step{{value: 100}, {value: 50}}, 100, ""},
		{"a proved improvement moves it", perf.BetterLower, []step{{value: 100}, {value: 50, improved: true}, {value: 60}}, 50, ""},
		{"throughput improves upwards", perf.BetterHigher, []step{{value: 100}, {value: 150, improved: true}}, 150, ""},
		{"a proof against a worse window does not raise it", perf.BetterLower, []step{{value: 100}, {value: 200}, {value: 150, improved: true}}, 100, ""},
		{"nothing improves without a direction", perf.BetterUnknown, []step{{value: 100}, {value: 50, improved: true}}, 100, ""},
		{"acceptance sets it", perf.BetterLower, []step{{value: 100}, {value: 50, improved: true}, {value: 200, accept: true}, {value: 210}}, 200, "why"},
		{"improvement after acceptance", perf.BetterLower, []step{{value: 100}, {value: 200, accept: true}, {value: 150, improved: true}}, 150, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f File
			for i, s := range c.steps {
				series := latency("a:m", s.value)
				series.Better = c.better
				o := AddOptions{}
				if s.improved {
					o.Improved = []perf.Key{key("a:m")}
				}
				if s.accept {
					o.Accept, o.Reason = patterns(t, "*"), "why"
				}
				mustAdd(t, &f, at(fmt.Sprint(i), i), runOf(series), o)
			}
			got := past(t, &f, "a:m").Anchor
			wantEqual(t, "value", c.want, got.Value)
			wantEqual(t, "reason", c.reason, got.Reason)
		})
	}
}

func TestAcceptBeginsANewRegime(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("a:latency_p95", 10), latency("b:latency_p95", 5), latency("gone:latency_p95", 7)), AddOptions{})
	changes := mustAdd(t, &f, at("2", 2), runOf(latency("a:latency_p95", 20), latency("b:latency_p95", 6)),
		AddOptions{Accept: patterns(t, "a:*", "gone"), Reason: "fraud check"})
	wantEqual(t, "changes", Changes{
		Accepted: []perf.Key{key("a:latency_p95")}, Removed: []perf.Key{key("gone:latency_p95")},
	}, changes)
	wantEqual(t, "a", map[string]float64{"2": 20}, values(t, &f, "a:latency_p95"))
	wantEqual(t, "b", map[string]float64{"1": 5, "2": 6}, values(t, &f, "b:latency_p95"))
	w := window(t, &f)
	wantEqual(t, "metrics", 2, len(w.Metrics))
	moment := at("2", 2).Time
	wantEqual(t, "accepted", []perf.Acceptance{
		{Match: "a:*", Reason: "fraud check", Commit: "c2", Time: moment},
		{Match: "gone", Reason: "fraud check", Commit: "c2", Time: moment},
	}, w.Accepted)
	wantEqual(t, "anchor", &perf.Anchor{Value: 20, Commit: "c2", Time: moment, Reason: "fraud check"}, past(t, &f, "a:latency_p95").Anchor)

	mustAdd(t, &f, at("late", 1), runOf(latency("a:latency_p95", 10), latency("b:latency_p95", 5)), AddOptions{})
	wantEqual(t, "a after a late run", map[string]float64{"2": 20}, values(t, &f, "a:latency_p95"))
}

// TestAcceptOnlySome demands that a metric which matches what is accepted, and is not
// meant, keeps its points and its anchor.
func TestAcceptOnlySome(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("a:m", 10), latency("b:m", 10)), AddOptions{})
	c := mustAdd(t, &f, at("2", 2), runOf(latency("a:m", 30), latency("b:m", 11)),
		AddOptions{Accept: patterns(t, "*"), Only: []perf.Key{key("a:m")}, Reason: "why"})
	wantEqual(t, "accepted", []perf.Key{key("a:m")}, c.Accepted)
	metrics := window(t, &f).Metrics
	wantEqual(t, "points of a", 1, len(metrics[0].Points))
	wantEqual(t, "points of b", 2, len(metrics[1].Points))
	wantEqual(t, "anchors", []float64{30, 10}, []float64{metrics[0].Anchor.Value, metrics[1].Anchor.Value})
}

func TestLateAcceptanceKeepsALaterImprovement(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("a:m", 100)), AddOptions{})
	mustAdd(t, &f, at("3", 3), runOf(latency("a:m", 50)), AddOptions{Improved: []perf.Key{key("a:m")}})
	mustAdd(t, &f, at("2", 2), runOf(latency("a:m", 80)), AddOptions{Accept: patterns(t, "a"), Reason: "why"})
	wantEqual(t, "values", map[string]float64{"2": 80, "3": 50}, values(t, &f, "a:m"))
	wantEqual(t, "anchor", &perf.Anchor{Value: 50, Commit: "c3", Time: at("3", 3).Time}, past(t, &f, "a:m").Anchor)
	mustAdd(t, &f, at("late", 1), runOf(latency("a:m", 10)), AddOptions{})
	wantEqual(t, "values after a run of the old regime", map[string]float64{"2": 80, "3": 50}, values(t, &f, "a:m"))
}

func TestAcceptanceOfALateRunDoesNotReplaceALaterOne(t *testing.T) {
	t.Parallel()
	var f File
	o := func(reason string) AddOptions { return AddOptions{Accept: patterns(t, "a"), Reason: reason} }
	mustAdd(t, &f, at("2", 2), runOf(latency("a:m", 200)), o("second"))
	c := mustAdd(t, &f, at("1", 1), runOf(latency("a:m", 100)), o("first"))
	wantEqual(t, "changes", Changes{Late: true}, c)
	wantEqual(t, "values", map[string]float64{"2": 200}, values(t, &f, "a:m"))
	wantEqual(t, "reason", "second", past(t, &f, "a:m").Anchor.Reason)
}

func TestCountsStayAtTheLargestNumber(t *testing.T) {
	t.Parallel()
	s := latency("a:m", 1)
	s.Count = math.MaxInt64
	var f File
	mustAdd(t, &f, at("1", 1), append(runOf(s), runOf(s)...), AddOptions{})
	wantEqual(t, "count", int64(math.MaxInt64), past(t, &f, "a:m").Points[0].Count)
}

func TestAcceptanceLeavesWithItsRuns(t *testing.T) {
	t.Parallel()
	var f File
	o := AddOptions{Window: 2}
	mustAdd(t, &f, at("1", 1), runOf(latency("a:latency_p95", 10)), AddOptions{Window: 2, Accept: patterns(t, "*"), Reason: "why"})
	mustAdd(t, &f, at("2", 2), runOf(latency("a:latency_p95", 10)), o)
	wantEqual(t, "acceptances in the window", 1, len(window(t, &f).Accepted))
	mustAdd(t, &f, at("3", 3), runOf(latency("a:latency_p95", 10)), o)
	wantEqual(t, "acceptances behind the window", 0, len(window(t, &f).Accepted))
}

func TestAddConvertsToTheStoredUnit(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("a:latency_p95", 10)), AddOptions{})
	inSeconds := latency("a:latency_p95", 0.25, 0.5, 0.375)
	inSeconds.Unit, inSeconds.Step = "s", 0.001
	mustAdd(t, &f, at("2", 2), runOf(inSeconds), AddOptions{})
	got := past(t, &f, "a:latency_p95")
	wantEqual(t, "unit", perf.Unit("ms"), got.Unit)
	wantEqual(t, "newest point", perf.Point{Run: 1, Value: 375, Spread: 125, Count: 1000}, got.Points[1])
	wantEqual(t, "step", 1.0, got.Step)
}

// TestErrorRatesLendTheirUnit demands that an error rate whose unit came to be known joins
// one without, and the other way round.
func TestErrorRatesLendTheirUnit(t *testing.T) {
	t.Parallel()
	var f File
	for i, u := range []perf.Unit{"", "ratio", ""} {
		s := latency("a:error_rate", 0.01)
		s.Unit = u
		id := string(rune('1' + i))
		mustAdd(t, &f, at(id, i+1), runOf(s), AddOptions{})
	}
	wantEqual(t, "unit", perf.Unit("ratio"), past(t, &f, "a:error_rate").Unit)
	wantEqual(t, "values", map[string]float64{"1": 0.01, "2": 0.01, "3": 0.01}, values(t, &f, "a:error_rate"))
}

func TestAcceptTakesANewUnitAndDirection(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("1", 1), runOf(latency("a:m", 10)), AddOptions{})
	series := latency("a:m", 500)
	series.Unit, series.Better = "req/s", perf.BetterHigher
	mustAdd(t, &f, at("2", 2), runOf(series), AddOptions{Accept: patterns(t, "a"), Reason: "a rate now"})
	got := past(t, &f, "a:m")
	wantEqual(t, "unit", perf.Unit("req/s"), got.Unit)
	wantEqual(t, "better", perf.BetterHigher, got.Better)
	wantEqual(t, "values", map[string]float64{"2": 500}, values(t, &f, "a:m"))
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	series := func(change func(*perf.Series)) []*perf.Run {
		s := latency("a:m", 10)
		s.Pos = perf.Pos{File: "new.csv", Line: 3}
		change(&s)
		return runOf(s)
	}
	same := func(*perf.Series) {}
	for _, c := range []struct {
		name string
		info perf.RunInfo
		runs []*perf.Run
		o    AddOptions
		want string
	}{
		{"no runs", at("2", 2), nil, AddOptions{}, "nothing to accept: no results"},
		{"an empty run", at("2", 2), []*perf.Run{{}}, AddOptions{}, "nothing was measured: no results"},
		{"no id", at("", 2), series(same), AddOptions{}, "an accepted run needs an id"},
		{"no time", perf.RunInfo{ID: "2"}, series(same), AddOptions{}, `run "2" needs the time it was accepted at, of the years 1 to 9999`},
		{
			"a workload below zero",
			perf.RunInfo{ID: "2", Time: at("", 2).Time, Workload: perf.Workload{Users: -1}},
			series(same),
			AddOptions{},
			`run "2": -1 users, a spawn rate of 0/s, 0 requests/s and a duration of 0s are no workload`,
		},
		{"no reason", at("2", 2), series(same), AddOptions{Accept: patterns(t, "*"), Reason: " "}, "accepting a slowdown needs a reason"},
		{
			"a pattern that matches nothing", at("2", 2), series(same),
			AddOptions{Accept: patterns(t, "b:*"), Reason: "r"},
			`"b:*" accepts nothing: it matches no metric of the results or of the baseline`,
		},
		{
			"another dimension", at("2", 2), series(func(s *perf.Series) { s.Unit = "MB" }),
			AddOptions{},
			`new.csv:3: "a · m" is in "MB" here and in "ms" in the baseline (old.csv:7); accept the metric to begin anew`,
		},
		{
			"the direction turned round", at("2", 2), series(func(s *perf.Series) { s.Better = perf.BetterHigher }),
			AddOptions{},
			`new.csv:3: "a · m" is better higher here and better lower in the baseline (old.csv:7); accept the metric to begin anew`,
		},
		{
			"too large for the stored unit", at("2", 2), series(func(s *perf.Series) { s.Unit, s.Samples = "h", []float64{1e308} }),
			AddOptions{},
			`new.csv:3: the value of "a · m" is too large for the baseline's unit "ms"`,
		},
		{
			"runs too large for one unit", at("2", 2), append(series(same), series(func(s *perf.Series) { s.Unit, s.Samples = "h", []float64{1e308} })...),
			AddOptions{},
			`new.csv:3: the values of "a · m" are too large to take their median`,
		},
		{
			"two units in one invocation", at("2", 2), append(series(same), series(func(s *perf.Series) { s.Unit = "" })...),
			AddOptions{},
			`new.csv:3: "a · m" is in no unit here and in "ms" at new.csv:3; one metric has one unit`,
		},
		{
			"two directions in one invocation", at("2", 2), append(series(same), series(func(s *perf.Series) { s.Better = perf.BetterHigher })...),
			AddOptions{},
			`new.csv:3: "a · m" is better higher here and better lower at new.csv:3`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f File
			mustAdd(t, &f, at("1", 1), series(func(s *perf.Series) { s.Pos = perf.Pos{File: "old.csv", Line: 7} }), AddOptions{})
			before := string(f.Encode())
			_, err := f.Add("api", linux, c.info, c.runs, c.o)
			wantError(t, c.want, err)
			wantEqual(t, "file after the error", before, string(f.Encode()))
		})
	}
}

func TestAddOfNothingIsNoResults(t *testing.T) {
	t.Parallel()
	_, err := new(File).Add("api", linux, at("1", 1), nil, AddOptions{})
	if !errors.Is(err, perf.ErrNoResults) {
		t.Errorf("got %v, want perf.ErrNoResults", err)
	}
}

// addition is one call of Add, to be made in different orders.
type addition struct {
	info perf.RunInfo
	runs []*perf.Run
	o    AddOptions
}

// randomUpdate measures some of five metrics. Some updates share a moment.
func randomUpdate(r *rand.Rand, id string, window int) addition {
	series := []perf.Series{latency("always:m", float64(r.IntN(100)))}
	for i := range 4 {
		if r.IntN(2) == 0 {
			s := latency(fmt.Sprintf("s%d:m", i), float64(r.IntN(100)), float64(r.IntN(100)))
			s.Kind = perf.Kind(1 + r.IntN(3))
			series = append(series, s)
		}
	}
	return addition{info: at(id, 1+r.IntN(6)), runs: runOf(series...), o: AddOptions{Window: window}}
}

// randomUpdates returns updates of a file in which every metric has a past, if
// hasPast says so: an improvement is proved against something.
func randomUpdates(t *testing.T, r *rand.Rand, hasPast bool) []addition {
	t.Helper()
	window := 1 + r.IntN(5)
	updates := make([]addition, 2+r.IntN(5))
	for i := range updates {
		updates[i] = randomUpdate(r, fmt.Sprintf("r%d", i), window)
		for _, s := range updates[i].runs[0].Series {
			if hasPast && s.Key.Subject != "always" && r.IntN(3) == 0 {
				updates[i].o.Improved = append(updates[i].o.Improved, s.Key)
			}
		}
	}
	if len(updates) == 2 {
		for i := range r.IntN(3) {
			updates[i].o.Accept, updates[i].o.Reason = patterns(t, "always:*"), fmt.Sprint("why ", i)
		}
	}
	return updates
}

// TestAddOrderDoesNotMatter applies random updates in two orders.
func TestAddOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	all := runOf(latency("always:m", 50), latency("s0:m", 50), latency("s1:m", 50), latency("s2:m", 50), latency("s3:m", 50))
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 7))
		var forward, shuffled File
		hasPast := r.IntN(2) == 0
		updates := randomUpdates(t, r, hasPast)
		if hasPast {
			mustAdd(t, &forward, at("base", 0), all, AddOptions{})
			mustAdd(t, &shuffled, at("base", 0), all, AddOptions{})
		}
		for _, u := range updates {
			mustAdd(t, &forward, u.info, u.runs, u.o)
		}
		for _, i := range r.Perm(len(updates)) {
			mustAdd(t, &shuffled, updates[i].info, updates[i].runs, updates[i].o)
		}
		wantEqual(t, fmt.Sprintf("seed %d", seed), string(forward.Encode()), string(shuffled.Encode()))
		if t.Failed() {
			return
		}
	}
}

func TestWindowsHandedOutStayAsTheyWere(t *testing.T) {
	t.Parallel()
	var f File
	mustAdd(t, &f, at("2", 2), runOf(latency("a:m", 10)), AddOptions{})
	w := window(t, &f)
	mustAdd(t, &f, at("1", 1), runOf(latency("a:m", 30)), AddOptions{})
	wantEqual(t, "runs", []perf.RunInfo{at("2", 2)}, w.Runs)
	wantEqual(t, "points", []perf.Point{{Value: 10, Count: 1000}}, w.Metrics[0].Points)
}

func TestDigest(t *testing.T) {
	t.Parallel()
	a, b := runOf(latency("a:m", 1, 2))[0], runOf(latency("a:m", 2, 1))[0]
	moved := runOf(latency("a:m", 1, 2))[0]
	moved.Source.Files, moved.Series[0].Pos = []string{"elsewhere.csv"}, perf.Pos{File: "elsewhere.csv", Line: 9}
	if got := Digest([]*perf.Run{a}); len(got) != 16 || got != Digest([]*perf.Run{moved}) {
		t.Errorf("digest %q depends on the file", got)
	}
	wantEqual(t, "order of runs", Digest([]*perf.Run{a, b}), Digest([]*perf.Run{b, a}))
	seen := map[string]string{}
	for name, runs := range map[string][]*perf.Run{
		"a": {a}, "b": {b}, "a twice": {a, a}, "a and b": {a, b},
		"unit":    runOf(perf.Series{Key: key("a:m"), Unit: "s", Samples: []float64{1, 2}, Count: 1000}),
		"shifted": runOf(perf.Series{Key: key("am:"), Unit: "ms", Samples: []float64{1, 2}, Count: 1000}),
	} {
		d := Digest(runs)
		if other, ok := seen[d]; ok {
			t.Errorf("%q and %q have one digest", name, other)
		}
		seen[d] = name
	}
}

func TestAddStoresTimesInUTC(t *testing.T) {
	t.Parallel()
	var f File
	info := at("1", 1)
	info.Time = time.Date(2026, 3, 1, 2, 0, 0, 0, time.FixedZone("CET", 3600))
	mustAdd(t, &f, info, runOf(latency("a:m", 10)), AddOptions{})
	wantEqual(t, "runs", []perf.RunInfo{at("1", 1)}, window(t, &f).Runs)
}
