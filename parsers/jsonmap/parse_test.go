package jsonmap

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/perf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// summary is a run as the golden files hold it: a series a line.
type summary struct {
	Rule     string
	Series   []string
	Warnings []string `json:",omitempty"`
}

func summarize(run *perf.Run) summary {
	s := summary{Rule: run.Source.Rule}
	for _, m := range run.Series {
		line := fmt.Sprintf("%s = %v %q %s %s", m.Key, m.Samples, string(m.Unit), m.Better, m.Kind)
		if m.Count > 0 {
			line += fmt.Sprintf(" of %d", m.Count)
		}
		s.Series = append(s.Series, fmt.Sprintf("%s @%d:%d", line, m.Pos.Line, m.Pos.Col))
	}
	for _, w := range run.Warnings {
		s.Warnings = append(s.Warnings, w.String())
	}
	return s
}

func parseFile(t *testing.T, file string, mappings []Mapping) (*perf.Run, error) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(bytes.NewReader(data), filepath.Base(file), mappings)
}

// inputs are the input files of a folder of testdata, never none.
func inputs(t *testing.T, folder string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, f := range all {
		if !strings.HasSuffix(f, ".golden.json") {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		t.Fatalf("no input in testdata/%s", folder)
	}
	return files
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", golden, d)
	}
}

func TestParseOK(t *testing.T) {
	t.Parallel()
	for _, file := range inputs(t, "ok") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			run, err := parseFile(t, file, nil)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			enc := json.NewEncoder(&out)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(summarize(run)); err != nil {
				t.Fatal(err)
			}
			compare(t, strings.TrimSuffix(file, ".json")+".golden.json", out.Bytes())
		})
	}
}

func TestParseBad(t *testing.T) {
	t.Parallel()
	for _, file := range inputs(t, "bad") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			_, err := parseFile(t, file, nil)
			if err == nil {
				t.Fatal("no error")
			}
			text := err.Error() + "\n"
			if errors.Is(err, perf.ErrNoResults) != strings.HasSuffix(text, ": no results\n") {
				t.Errorf("ErrNoResults and the text disagree: %s", text)
			}
			compare(t, strings.TrimSuffix(file, ".json")+".err", []byte(text))
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("disk gone") }

func TestParseReadError(t *testing.T) {
	t.Parallel()
	_, err := Parse(brokenReader{}, "x.json", nil)
	if err == nil || err.Error() != "x.json: reading: disk gone" {
		t.Errorf("error %v", err)
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, head, want string }{
		{"object", `{"p95": 1}`, "JSON"},
		{"array", ` [{"name": "a"}]`, "JSON"},
		{"empty array", "[]", "JSON"},
		{"cut off", `{"a": {"b`, "JSON"},
		{"array of numbers", "[1, 2]", "JSON"},
		{"behind a banner", "> bench\n[INFO] go\n{\"a\": 1}", "JSON behind other text"},
		{"array behind a log line", "[INFO] go\n[{\"a\": 1}]", "JSON behind other text"},
		{"log lines", "[INFO] go\n[1/3] build\n[ok]\n", ""},
		{"text", "PASS\nok 1.2s\n", ""},
		{"brace in text", "func main() {\n}\n{ block\n", ""},
		{"csv", "Type,Name,Request Count\n", ""},
		{"empty", "", ""},
		{"locust", `[{"name": "/", "method": "GET", "last_request_timestamp": 1, "start_time": 0, "num_requests": 3, "num_none_requests": 0`, ""},
		{"go test events", `{"Time":"2026-01-01T00:00:00Z","Action":"run","Package":"a"}` + "\n{}", ""},
		{"an action of another kind", `{"Action":"deploy","p95_ms":3}`, "JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Sniff([]byte(tt.head)); got != tt.want {
				t.Errorf("Sniff = %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzParse checks that whatever is read holds the invariants of a run, and that
// whatever is refused says where.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"ok", "bad"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, "$.**.*")
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		var mappings []Mapping
		if p, err := ParsePath(path); err == nil && strings.Count(path, "**") < 2 {
			mappings = []Mapping{{Files: "*.sel", Select: []Selector{{Path: p}, {Path: p, Subject: "{1}", Metric: "{key}", Samples: true}}}}
		}
		for _, name := range []string{"x.json", "x.sel"} {
			run, err := Parse(bytes.NewReader(data), name, mappings)
			if err == nil {
				err = run.Check()
				if err != nil {
					t.Fatalf("Check: %v", err)
				}
				continue
			}
			if _, ok := errors.AsType[*perf.InputError](err); !ok {
				t.Fatalf("an error without a place: %v", err)
			}
		}
		if Sniff(data) != "" {
			if _, ok := documentStart(string(data)); !ok {
				t.Fatal("sniffed without a document")
			}
		}
	})
}

// suites is a document of n cases in suites, each with counts, a throughput and the
// statistics of its latency, as a project's own script writes it.
func suites(n int) string {
	var doc strings.Builder
	doc.WriteString("{\n \"commit\": \"4f1c2d3\",\n \"suites\": {\n")
	for i := range n {
		switch {
		case i%100 == 0 && i > 0:
			fmt.Fprintf(&doc, "\n  }},\n  \"suite-%d\": {\"cases\": {\n", i/100)
		case i == 0:
			doc.WriteString("  \"suite-0\": {\"cases\": {\n")
		default:
			doc.WriteString(",\n")
		}
		base := 5 + float64(i%977)/7
		fmt.Fprintf(&doc, `   "GET /api/v%d/items/%d": {
    "name": "case %d", "requests": %d, "errors": %d, "throughput_rps": %.2f,
    "latency": {"avg_ms": %.3f, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f}
   }`, i/100, i%100, i, 1000+i*37%90000, i%9, base*4, base*1.1, base, base*2, base*3.3)
	}
	doc.WriteString("\n  }}\n }\n}\n")
	return doc.String()
}

func BenchmarkParse(b *testing.B) {
	doc := suites(3000)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(strings.NewReader(doc), "x.json", nil); err != nil {
			b.Fatal(err)
		}
	}
}
