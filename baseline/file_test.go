package baseline

import (
	"testing"

	"speedgate/perf"
)

func TestWindowChoosesTheEnvironment(t *testing.T) {
	t.Parallel()
	arm := perf.Env{OS: "linux", Arch: "arm64", CPU: "N1", Cores: 8}
	unknown, named := perf.Env{}, perf.Env{Name: "ci"}
	const noOther = "nothing was accepted in this environment"
	for _, c := range []struct {
		name string
		have []perf.Env // accepted one after the other
		want perf.Env
		id   string // of the run that is found; "" = no window
		note string
	}{
		{"the same", []perf.Env{linux, arm}, linux, "0", ""},
		{"the same among unknown ones", []perf.Env{unknown, linux}, linux, "1", ""},
		{"the same name", []perf.Env{named, linux}, perf.Env{Name: "ci", OS: "darwin"}, "0", ""},
		{"unknown on both sides", []perf.Env{unknown}, unknown, "0", "the environment of the results and of the baseline is unknown"},
		{"unknown results", []perf.Env{linux}, unknown, "0", "the environment of the results is unknown; the baseline is of linux/amd64 EPYC 7763 4 cpu"},
		{"unknown baseline", []perf.Env{unknown}, arm, "0", "the environment of the baseline is unknown; the results are of linux/arm64 N1 8 cpu"},
		{
			"in part unknown",
			[]perf.Env{arm, {OS: "linux", Arch: "amd64"}},
			linux, "1",
			"the environments match as far as they are known: baseline linux/amd64, results linux/amd64 EPYC 7763 4 cpu",
		},
		{
			"several could be meant",
			[]perf.Env{linux, arm},
			unknown, "",
			`results of unknown environment could be compared with each of the environments "linux/amd64 EPYC 7763 4 cpu", "linux/arm64 N1 8 cpu"; choose one with --environment`,
		},
		{"another one", []perf.Env{arm, linux}, perf.Env{OS: "darwin"}, "1", noOther + " (darwin) yet; the newest accepted runs are of linux/amd64 EPYC 7763 4 cpu"},
		{"another name", []perf.Env{named}, perf.Env{Name: "laptop"}, "0", noOther + " (laptop) yet; the newest accepted runs are of ci"},
		{"no environment at all", nil, linux, "", "the baseline is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f File
			for i, env := range c.have {
				if _, err := f.Add("api", env, at(string(rune('0'+i)), i), runOf(latency("a:m", 1)), AddOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			w, note := f.Window("api", c.want)
			id := ""
			if w != nil {
				id = w.Runs[0].ID
			}
			wantEqual(t, "run", c.id, id)
			wantEqual(t, "note", c.note, note)
		})
	}
}

func TestWindowOfAnUnknownSuite(t *testing.T) {
	t.Parallel()
	var f File
	for _, suite := range []string{"micro", "", "micro"} {
		if _, err := f.Add(suite, linux, at("1", 1), runOf(latency("a:m", 1)), AddOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	w, note := f.Window("api", linux)
	if w != nil {
		t.Errorf("got a window of another suite: %v", w)
	}
	wantEqual(t, "note", `the baseline has no runs of suite "api"; it has the suite without a name, suite "micro"`, note)
	wantEqual(t, "suites", []string{"", "micro"}, f.Suites())
}

func TestEnvironmentIsThatOfTheNewestRun(t *testing.T) {
	t.Parallel()
	var f File
	newer, older := linux, linux
	newer.Runtime, older.Runtime = "go1.27", "go1.26"
	for _, u := range []struct {
		env  perf.Env
		info perf.RunInfo
	}{{newer, at("2", 2)}, {older, at("1", 1)}} {
		if _, err := f.Add("api", u.env, u.info, runOf(latency("a:m", 1)), AddOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	wantEqual(t, "environment", newer, window(t, &f).Env)
}

func TestWindows(t *testing.T) {
	t.Parallel()
	var f File
	for i, env := range []perf.Env{linux, {Name: "ci"}} {
		if _, err := f.Add("api", env, at("1", i), runOf(latency("a:m", 1)), AddOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for _, w := range f.Windows("api") {
		names = append(names, w.Env.Fingerprint())
	}
	wantEqual(t, "environments", []string{"ci", linux.Fingerprint()}, names)
	wantEqual(t, "windows of another suite", 0, len(f.Windows("micro")))
}

func TestFromRuns(t *testing.T) {
	t.Parallel()
	first, second := runOf(latency("a:m", 1, 3, 2), latency("b:m", 7))[0], runOf(latency("a:m", 0.25))[0]
	first.Env, first.Source.Files = perf.Env{OS: "linux"}, []string{"one.csv", "two.csv"}
	second.Env.Cores, second.Series[0].Unit, second.Series[0].Step = 4, "s", 0
	got, err := FromRuns([]*perf.Run{first, second})
	if err != nil {
		t.Fatal(err)
	}
	b := perf.Past{Key: key("b:m"), Unit: "ms", Better: perf.BetterLower, Kind: perf.KindQuantile, Step: 1}
	a := b
	a.Key = key("a:m")
	a.Points = []perf.Point{
		{Run: 0, Value: 2, Count: 1000, Samples: []float64{1, 3, 2}},
		{Run: 1, Value: 250, Count: 1000, Samples: []float64{250}},
	}
	b.Points = []perf.Point{{Run: 0, Value: 7, Count: 1000, Samples: []float64{7}}}
	wantEqual(t, "window", &perf.Window{
		Env: perf.Env{OS: "linux", Cores: 4}, SameJob: true,
		Runs: []perf.RunInfo{{ID: "one.csv, two.csv"}, {}}, Metrics: []perf.Past{a, b},
	}, got)
}

func TestFromRunsErrors(t *testing.T) {
	t.Parallel()
	first, second := runOf(latency("a:m", 1))[0], runOf(latency("a:m", 1))[0]
	first.Env.OS, second.Env.OS, second.Source.Files = "linux", "darwin", []string{"two.csv"}
	_, err := FromRuns([]*perf.Run{first, second})
	wantError(t, `two.csv: measured in another environment than the files before it: OS "linux" against "darwin"`, err)
	second.Env.OS, second.Series[0].Unit = "", "MB"
	first.Series[0].Pos, second.Series[0].Pos = perf.Pos{File: "one.csv", Line: 2}, perf.Pos{File: "two.csv", Line: 2}
	_, err = FromRuns([]*perf.Run{first, second})
	wantError(t, `two.csv:2: "a · m" is in "MB" here and in "ms" at one.csv:2`, err)
}
