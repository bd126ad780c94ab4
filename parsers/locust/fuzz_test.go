package locust

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"speedgate/perf"
)

// FuzzParse feeds every parser whatever comes: it must not panic, a run must
// pass Check once it is joined, and an error must have a place inside the input.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.*.*-*", "run*"))
	if err != nil || len(files) == 0 {
		f.Fatal("no samples", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(statsHeader + oneRow + allRow))
	f.Add([]byte(oldHeader + "\"GET\",\"/a\nb\",10\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for name, format := range formatTable {
			format.sniff(text)
			run, err := format.parse(bytes.NewReader(text), "in")
			if err == nil && name != formatJSON && name != formatHTML {
				run, err = Join([]*perf.Run{run})
			}
			if err != nil {
				checkPlaces(t, name, text, err)
				continue
			}
			if err := run.Check(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// checkPlaces holds that err is an input error with a place inside text.
func checkPlaces(t *testing.T, name string, text []byte, err error) {
	t.Helper()
	list, ok := errors.AsType[perf.InputErrors](err)
	if !ok {
		one, ok := errors.AsType[*perf.InputError](err)
		if !ok {
			t.Errorf("%s: %v is not an input error", name, err)
			return
		}
		list = perf.InputErrors{one}
	}
	lines := int32(bytes.Count(text, []byte("\n")) + 1)
	for _, e := range list {
		if e.Pos.File != "in" || e.Pos.Line < 0 || e.Pos.Line > lines || int(e.Pos.Col) > len(text)+1 {
			t.Errorf("%s: %v: no place in %d lines", name, e, lines)
		}
	}
}
