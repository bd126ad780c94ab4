package gobench

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"speedgate/perf"
)

// check holds for every input: a valid run, or an error with a place inside it.
func check(t *testing.T, in []byte, r *perf.Run, err error) {
	t.Helper()
	if err == nil {
		if err := r.Check(); err != nil {
			t.Errorf("the run is not valid: %v", err)
		}
		return
	}
	e, ok := errors.AsType[*perf.InputError](err)
	if !ok || e.Pos.File != "in" || e.Msg == "" {
		t.Fatalf("error %v has no place", err)
	}
	if lines := bytes.Count(in, []byte{'\n'}) + 1; int(e.Pos.Line) > lines {
		t.Errorf("%v is behind the last line, %d", err, lines)
	}
}

func FuzzParse(f *testing.F) {
	for _, path := range []string{"noisy", "crash", "failing", "units", "cpu"} {
		text, err := os.ReadFile("testdata/ok/" + path + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("BenchmarkA-2 \tx\n    2000\t 1 ns/op\nx BenchmarkB 1 1 x\nBenchmark 1 1 x\nUnit x better=lower\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := Parse(bytes.NewReader(in), "in")
		check(t, in, r, err)
		Sniff(in)
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, path := range []string{"noisy", "crash", "packages"} {
		text, err := os.ReadFile("testdata/ok/" + path + "-events.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"Action":"output","Package":"p","Output":"BenchmarkA 1 "}` + "\n" + `{"Action":"output","Package":"p","Output":"1 x\n"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := ParseJSON(bytes.NewReader(in), "in")
		check(t, in, r, err)
		SniffJSON(in)
	})
}
