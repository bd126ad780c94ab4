package config

import (
	"regexp"
	"slices"
	"testing"

	"speedgate/perf"
)

// The list of metrics without a direction repeats what package perf decides.
func TestDirectionlessAgreesWithPerf(t *testing.T) {
	t.Parallel()
	for _, m := range metricNames() {
		unknown := perf.DirectionOf(m, "") == perf.BetterUnknown
		if unknown != slices.Contains(directionless, m) {
			t.Errorf("%s: direction unknown is %v, want the opposite", m, unknown)
		}
	}
}

// What a message tells people to write must itself be accepted.
func TestExamplesOfDimensionsFit(t *testing.T) {
	t.Parallel()
	example := regexp.MustCompile(`such as (\S+)`)
	for _, m := range metricNames() {
		dims, text := dimensionsOf(m)
		found := example.FindAllStringSubmatch(text, -1)
		if len(dims) == 0 || len(found) == 0 {
			t.Errorf("%s: no dimension or no example in %q", m, text)
		}
		for _, f := range found {
			q, err := perf.ParseQuantity(f[1])
			if err != nil {
				t.Errorf("%s: %v", m, err)
				continue
			}
			if err := plausible(m, q); err != nil {
				t.Errorf("%s: %v", m, err)
			}
		}
	}
}

// Every metric that tools name themselves may have a target; a letter away from a
// standard name it is a misspelling.
func TestMetricKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"latency_p95":   "",
		"latency_p97.5": "",
		"queue_depth":   "",
		"error_ratio":   "",
		"latency_p101":  `unknown metric "latency_p101"; a latency is latency_avg, latency_min, latency_max or a percentile such as latency_p95`,
		"eror_rate":     `unknown metric "eror_rate"; did you mean "error_rate"?`,
		"availabilty":   `unknown metric "availabilty"; did you mean "availability"?`,
		"a:b":           `"a:b" is not the name of a metric`,
		"":              `"" is not the name of a metric`,
	} {
		d := &decoder{}
		ok := d.metricKey(entry{key: key}, []string{availability})
		if got := errorText(d.errs.Err()); got != want || ok != (want == "") {
			t.Errorf("%q: %v, %q, want %q", key, ok, got, want)
		}
	}
}
