package parsers_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/parsers"
)

// realFile is a real file under another name.
func realFile(name, path string) parsers.Input {
	return parsers.Input{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// TestReadOnce demands that one invocation counts once, in however many formats its
// files are, and that two invocations stay two.
func TestReadOnce(t *testing.T) {
	t.Parallel()
	const real = "locust/testdata/2.46.3-plain/"
	other := strings.Replace(locustEntries, `"total_response_time": 40`, `"total_response_time": 41`, 1)
	for name, c := range map[string]struct {
		inputs   []parsers.Input
		runs     []string
		warnings []string
	}{
		"one base name": {
			[]parsers.Input{
				realFile("r/run.html", real+"run.html"), input("r/run_failures.csv", failures), input("r/run.json", locustEntries), input("r/run_stats.csv", stats),
			},
			[]string{"r/run_failures.csv+r/run_stats.csv"},
			[]string{
				"r/run.html: left out: the same run as r/run_stats.csv, in another format",
				"r/run.json: left out: the same run as r/run_stats.csv, in another format",
			},
		},
		"without CSV": {
			[]parsers.Input{realFile("run.html", real+"run.html"), input("run.json", locustEntries)},
			[]string{"run.json"},
			[]string{"run.html: left out: the same run as run.json, in another format"},
		},
		"go bench as text and JSON": {
			[]parsers.Input{input("b.txt", bench), input("b.json", benchEvents)},
			[]string{"b.json"},
			[]string{"b.txt: left out: the same run as b.json, in another format"},
		},
		"names differ, figures are those of one run": {
			[]parsers.Input{realFile("page.html", real+"run.html"), realFile("run.json", real+"run.json")},
			[]string{"run.json"},
			[]string{"page.html: left out: the same run as run.json, in another format"},
		},
		"names and figures differ": {
			[]parsers.Input{realFile("page.html", real+"run.html"), input("run.json", other), input("b_stats.csv", stats)},
			[]string{"page.html", "run.json", "b_stats.csv"},
			nil,
		},
		"one format":  {[]parsers.Input{input("b.old", bench), input("b.new", bench)}, []string{"b.old", "b.new"}, nil},
		"two folders": {[]parsers.Input{input("1/run_stats.csv", stats), input("2/run.json", locustEntries)}, []string{"1/run_stats.csv", "2/run.json"}, nil},
		"two tools":   {[]parsers.Input{input("run_stats.csv", stats), input("run.txt", bench)}, []string{"run_stats.csv", "run.txt"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runs, warnings, err := parsers.Read(c.inputs, "", parsers.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var names, texts []string
			for _, r := range runs {
				names = append(names, strings.Join(r.Source.Files, "+"))
			}
			for _, w := range warnings {
				texts = append(texts, w.String())
			}
			if d := cmp.Diff([][]string{c.runs, c.warnings}, [][]string{names, texts}); d != "" {
				t.Errorf("runs and warnings (-want +got):\n%s", d)
			}
		})
	}
}
