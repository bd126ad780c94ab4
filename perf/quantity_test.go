package perf

import (
	"math"
	"strings"
	"testing"
)

func TestParseQuantity(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Quantity{
		"100ms": {100, "ms"}, "100 ms": {100, "ms"}, "\t100  ms\n": {100, "ms"}, "99.9%": {99.9, "%"}, "1000/s": {1000, "/s"},
		"1000 req/s": {1000, "req/s"}, "512MiB": {512, "MiB"}, "50us": {50, "us"}, "50µs": {50, "µs"}, "0": {0, ""}, "0.5": {0.5, ""},
		".5s": {0.5, "s"}, "5.s": {5, "s"}, "+5ms": {5, "ms"}, "-5ms": {-5, "ms"}, "1e3ms": {1000, "ms"}, "1E3/s": {1000, "/s"}, "2.5e-3s": {0.0025, "s"},
		"1e+3 B": {1000, "B"}, "3 executions/s": {3, "executions/s"}, "3executions/s": {3, "executions/s"}, "3events/s": {3, "events/s"},
		"5 1/s": {5, "1/s"}, "007s": {7, "s"}, "1.7976931348623157e308": {math.MaxFloat64, ""},
	} {
		got, err := ParseQuantity(text)
		if err != nil || got != want {
			t.Errorf("ParseQuantity(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseQuantityErrors(t *testing.T) {
	t.Parallel()
	const noNumber = " is not a number with a unit; write for example 100ms, 1000/s or 5%"
	for text, want := range map[string]string{
		"":             `""` + noNumber,
		"  ":           `"  "` + noNumber,
		"ms":           `"ms"` + noNumber,
		"%":            `"%"` + noNumber,
		"NaN":          `"NaN"` + noNumber,
		"nan ms":       `"nan ms"` + noNumber,
		"Inf":          `"Inf"` + noNumber,
		"-Inf":         `"-Inf"` + noNumber,
		"+infinity":    `"+infinity"` + noNumber,
		"1_000":        `"1_000"` + noNumber,
		"1_000/s":      `"1_000/s"` + noNumber,
		"1e999ms":      `"1e999ms"` + noNumber,
		"1e":           `"1e" has the unknown unit "e"`,
		"1e+":          `"1e+"` + noNumber,
		"1e5e5":        `"1e5e5"` + noNumber,
		"e5":           `"e5"` + noNumber,
		"--5ms":        `"--5ms"` + noNumber,
		"5-ms":         `"5-ms"` + noNumber,
		"5-6ms":        `"5-6ms"` + noNumber,
		"1.2.3":        `"1.2.3"` + noNumber,
		".":            `"."` + noNumber,
		"- 5ms":        `"- 5ms"` + noNumber,
		"٣ms":          `"٣ms"` + noNumber,
		"0x10":         `"0x10" has the unknown unit "x10"`,
		"0x1p4":        `"0x1p4" has the unknown unit "x1p4"`,
		"99,9%":        `"99,9%" has the unknown unit ",9%"`,
		"100 msec":     `"100 msec" has the unknown unit "msec"`,
		"100 MS":       `"100 MS" has the unknown unit "MS"`,
		"100ms ms":     `"100ms ms" has the unknown unit "ms ms"`,
		"1 000 ms":     `"1 000 ms" has the unknown unit "000 ms"`,
		"5 \"quoted\"": `"5 \"quoted\"" has the unknown unit "\"quoted\""`,
		"5\x00":        `"5\x00" has the unknown unit "\x00"`,
	} {
		got, err := ParseQuantity(text)
		if err == nil || err.Error() != want || got != (Quantity{}) {
			t.Errorf("ParseQuantity(%q) = %v, %v\nwant %s", text, got, err, want)
		}
	}
}

func TestQuantityIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q    Quantity
		to   Unit
		want float64
		ok   bool
	}{
		{Quantity{50, "us"}, "ns/op", 50_000, true},
		{Quantity{0.1, "%"}, "ratio", 0.001, true},
		{Quantity{500, ""}, "ms", 500, true},
		{Quantity{500, ""}, "widgets", 500, true},
		{Quantity{1, "ms"}, "", 0, false},
		{Quantity{1, "ms"}, "MB", 0, false},
		{Quantity{1, "ms"}, "widgets", 0, false},
	} {
		if got, ok := c.q.In(c.to); got != c.want || ok != c.ok {
			t.Errorf("%v in %q = %v, %t, want %v, %t", c.q, c.to, got, ok, c.want, c.ok)
		}
	}
}

func TestQuantityString(t *testing.T) {
	t.Parallel()
	for want, q := range map[string]Quantity{
		"100ms": {100, "ms"}, "0.1%": {0.1, "%"}, "1000/s": {1000, "/s"}, "5 1/s": {5, "1/s"}, "1e+21ns": {1e21, "ns"}, "-0.5": {-0.5, ""},
	} {
		if got := q.String(); got != want {
			t.Errorf("%#v is %q, want %q", q, got, want)
		}
	}
}

// FuzzParseQuantity holds that a quantity is a finite number of a known unit and
// that its text is read back as the same one.
func FuzzParseQuantity(f *testing.F) {
	for _, text := range []string{
		"100ms", "1000/s", "99.9 %", "5 1/s", "1e3ms", "1e", "0x1p-2", "-.5e-3 KiB/iter", "NaN", "1_000", "3executions/s", "5\u00a0µs", "1e308h",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuantity(text)
		if err != nil {
			if q != (Quantity{}) || !strings.HasPrefix(err.Error(), `"`) {
				t.Fatalf("ParseQuantity(%q) = %v and the error %v", text, q, err)
			}
			return
		}
		if math.IsNaN(q.Value) || math.IsInf(q.Value, 0) || !q.Unit.Known() {
			t.Fatalf("ParseQuantity(%q) = %v of the unit %q", text, q.Value, q.Unit)
		}
		if again, err := ParseQuantity(q.String()); err != nil || again != q {
			t.Fatalf("%q is %v, which reads back as %v, %v", text, q, again, err)
		}
	})
}
