package locust

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/perf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden reads what real versions of Locust wrote. Each folder of testdata
// is one run; its CSV files are joined.
func TestGolden(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(filepath.Join("testdata", "*.*.*-*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no folders in testdata", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			for _, kind := range []string{"csv", "json", "html"} {
				files, _ := filepath.Glob(filepath.Join(dir, "run*."+kind))
				if len(files) > 0 {
					golden(t, filepath.Join(dir, kind+".golden"), describe(readFiles(t, files)))
				}
			}
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// readFiles reads files of one run, each by the format that recognises it, and
// joins them as the reader of groups does. The first error is returned.
func readFiles(t *testing.T, files []string) (*perf.Run, error) {
	t.Helper()
	var parts []*perf.Run
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		part, err := readText(t, text, filepath.Base(path))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if Prefix(files[0]) == files[0] {
		return parts[0], nil
	}
	return Join(parts)
}

// readText reads text by the only format that recognises it.
func readText(t *testing.T, text []byte, name string) (*perf.Run, error) {
	t.Helper()
	format := recognise(text)
	if len(format) == 0 && strings.HasSuffix(name, ".json") {
		format = []string{formatJSON} // an empty list is recognised by nobody
	}
	if len(format) != 1 {
		t.Fatalf("%s is recognised as %q", name, format)
	}
	run, err := formatTable[format[0]].parse(bytes.NewReader(text), name)
	if err == nil && run.Source.Format != format[0] {
		t.Errorf("%s: Source.Format = %q, recognised as %q", name, run.Source.Format, format[0])
	}
	return run, err
}

// recognise returns the names of all formats that recognise text.
func recognise(text []byte) []string {
	var names []string
	for name, f := range formatTable {
		if f.sniff(text[:min(len(text), 400_000)]) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// describe writes everything in a run, a line for each thing.
func describe(r *perf.Run, err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "source: %s, %s, %s %s, %s\n", strings.Join(r.Source.Files, " "), r.Source.Format, r.Source.Tool, r.Source.Version, r.Source.Rule)
	fmt.Fprintf(&b, "workload: %d users, %g/s, %s, %s\n", r.Workload.Users, r.Workload.SpawnRate, r.Workload.Duration, r.Workload.Host)
	for _, s := range r.Series {
		fmt.Fprintf(&b, "%s = %v %s (%s, %s, of %d, step %.4g) %s\n", s.Key, s.Samples, s.Unit, s.Kind, s.Better, s.Count, s.Step, s.Pos)
	}
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "failure: %q %q %d\n", f.Subject, f.Message, f.Count)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return b.String()
}
