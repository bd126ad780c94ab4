package parsers_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/parsers"
)

// samplesDir holds result files of public repositories, which keep their owners'
// licences and are not part of the project.
const samplesDir = "../../shared/samples/wild"

// TestSamples reads every file of every folder by itself. Each is read, or refused
// with an error that names the file; the number of files read in each folder is
// what was found right by hand.
func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(samplesDir + "/*/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("%s is not there", samplesDir)
	}
	total, read := 0, map[string]int{}
	for _, name := range files {
		total++
		folder := filepath.Base(filepath.Dir(name))
		inputs := withSiblings(name)
		runs, _, err := parsers.Read(inputs, "", parsers.Options{})
		switch {
		case err != nil && !strings.Contains(err.Error(), strings.TrimSuffix(name, filepath.Ext(name))):
			t.Errorf("%s: the error does not name the file: %v", name, err)
		case err != nil:
			t.Logf("%s: refused: %.200s", name, err)
		case len(runs) != 1:
			t.Errorf("%s: %d runs, want 1", name, len(runs))
		default:
			read[folder]++
			t.Logf("%s: %s, %d series, %d warnings", name, runs[0].Source.Format, len(runs[0].Series), len(runs[0].Warnings))
		}
	}
	if total != 178 {
		t.Errorf("%d files, want 178", total)
	}
	if d := cmp.Diff(map[string]int{"gobench": 13, "locust": 57, "wild-baselines": 24}, read); d != "" {
		t.Errorf("files read (-want +got):\n%s", d)
	}
}

func withSiblings(name string) []parsers.Input {
	inputs := []parsers.Input{fileInput(name)}
	for _, s := range parsers.Siblings(name) {
		if _, err := os.Stat(s); err == nil {
			inputs = append(inputs, fileInput(s))
		}
	}
	return inputs
}

func fileInput(name string) parsers.Input {
	return parsers.Input{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(name) }}
}
