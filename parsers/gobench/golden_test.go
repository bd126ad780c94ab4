package gobench

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/parsers/decode"
	"speedgate/perf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// parseFile reads a fixture the way the program does. The name in messages is its
// base name.
func parseFile(t testing.TB, path string) (*perf.Run, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := decode.NewReader(f)
	parse, sniff := Parse, Sniff
	if strings.HasSuffix(path, ".json") {
		parse, sniff = ParseJSON, SniffJSON
	}
	head, err := d.Peek(decode.HeadSize)
	if err != nil {
		t.Fatal(err)
	}
	if sniff(head) == "" {
		t.Error("not recognised")
	}
	return parse(d, filepath.Base(path))
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, path := range fixtures(t, "testdata/ok") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			r, err := parseFile(t, path)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, stem(path)+".golden.json", format(t, r))
		})
	}
}

func TestBad(t *testing.T) {
	t.Parallel()
	for _, path := range fixtures(t, "testdata/bad") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			_, err := parseFile(t, path)
			if !errors.Is(err, perf.ErrNoResults) {
				t.Fatalf("error %v, want one that wraps perf.ErrNoResults", err)
			}
			compare(t, stem(path)+".err", err.Error()+"\n")
		})
	}
}

func fixtures(t *testing.T, folder string) []string {
	t.Helper()
	all, err := filepath.Glob(folder + "/*")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, path := range all {
		if strings.HasSuffix(path, ".txt") || strings.HasSuffix(path, "-events.json") {
			list = append(list, path)
		}
	}
	if len(list) == 0 {
		t.Fatalf("no fixtures in %s", folder)
	}
	return list
}

func stem(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) }

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", golden, d)
	}
}

// format writes a run as JSON with a line for each series and warning.
func format(t *testing.T, r *perf.Run) string {
	t.Helper()
	var b bytes.Buffer
	line := func(begin string, v any, end string) {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		b.WriteString(begin)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		b.Truncate(b.Len() - 1)
		b.WriteString(end)
	}
	sep := func(i, n int) string {
		if i < n-1 {
			return ",\n"
		}
		return "\n"
	}
	line("{\n\"source\": ", r.Source, ",\n")
	line("\"env\": ", r.Env, ",\n\"series\": [\n")
	for i, s := range r.Series {
		line("  ", map[string]any{
			"subject": s.Key.Subject, "metric": s.Key.Metric, "labels": s.Key.Labels.Map(), "unit": s.Unit,
			"better": s.Better.String(), "kind": s.Kind.String(), "exact": s.Exact, "samples": s.Samples,
			"count": s.Count, "at": s.Pos.String(),
		}, sep(i, len(r.Series)))
	}
	b.WriteString("],\n\"warnings\": [\n")
	all := warnings(r)
	for i, w := range all {
		line("  ", w, sep(i, len(all)))
	}
	b.WriteString("]\n}\n")
	return b.String()
}

// parseText reads a text as the file "in".
func parseText(text string) (*perf.Run, error) { return Parse(strings.NewReader(text), "in") }

func parseEvents(text string) (*perf.Run, error) { return ParseJSON(strings.NewReader(text), "in") }
