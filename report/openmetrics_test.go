package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"speedgate/gate"
	"speedgate/report"
)

func openMetrics(b *bytes.Buffer, r *gate.Result, _ report.Options) error {
	return report.OpenMetrics(b, r)
}

func TestOpenMetricsGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fail", "no_baseline", "scaling"} {
		checkGolden(t, "openmetrics_"+name+".txt", render(t, openMetrics, corpus()[name], report.Options{}))
	}
}

var (
	sampleLine = regexp.MustCompile(`^([a-zA-Z_:][\w:]*)\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (\S+)$`)
	labelPair  = regexp.MustCompile(`([a-zA-Z_]\w*)="(?:[^"\\\n]|\\[\\"n])*"(?:,|$)`)
)

// checkExposition holds the rules of the OpenMetrics text format that the
// reports use: families in one piece, metadata before samples and at most once, a
// unit that ends the name, unique samples with unique label names, no NaN, # EOF.
func checkExposition(text string) error {
	body, ok := strings.CutSuffix(text, "# EOF\n")
	if !ok {
		return fmt.Errorf("no # EOF at the end")
	}
	meta, samples := map[string]bool{}, map[string]bool{}
	current, inSamples := "", false
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if kind, rest, ok := strings.Cut(strings.TrimPrefix(line, "# "), " "); ok && strings.HasPrefix(line, "# ") {
			name, value, _ := strings.Cut(rest, " ")
			switch {
			case meta[kind+" "+name] || name != current && meta["TYPE "+name] || name == current && inSamples:
				return fmt.Errorf("%q is out of place", line)
			case kind == "UNIT" && !strings.HasSuffix(name, "_"+value), kind == "TYPE" && value != "gauge":
				return fmt.Errorf("bad metadata %q", line)
			}
			meta[kind+" "+name] = true
			current, inSamples = name, false
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || m[1] != current || !meta["TYPE "+current] {
			return fmt.Errorf("bad sample %q", line)
		}
		inSamples = true
		if v, err := strconv.ParseFloat(m[3], 64); err != nil || v != v {
			return fmt.Errorf("bad value in %q", line)
		}
		seen := map[string]bool{}
		for _, l := range labelPair.FindAllStringSubmatch(m[2], -1) {
			if seen[l[1]] {
				return fmt.Errorf("label %s twice in %q", l[1], line)
			}
			seen[l[1]] = true
		}
		if samples[m[1]+m[2]] {
			return fmt.Errorf("sample twice: %q", line)
		}
		samples[m[1]+m[2]] = true
	}
	return nil
}

func TestOpenMetricsIsValid(t *testing.T) {
	t.Parallel()
	all := corpus()
	all["broken"], all["empty"] = broken(), &gate.Result{}
	for name, r := range all {
		if err := checkExposition(string(render(t, openMetrics, r, report.Options{}))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The checker finds what it is there for.
func TestCheckExposition(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "# TYPE a gauge\na{} 1\n", "a{} 1\n# EOF\n", "# TYPE a gauge\na{} NaN\n# EOF\n",
		"# TYPE a gauge\na{} 1\na{} 2\n# EOF\n", "# TYPE a gauge\n# UNIT a ratio\na{} 1\n# EOF\n",
		"# TYPE a gauge\na{l=\"\"\"} 1\n# EOF\n", "# TYPE a gauge\na{l=\"\\x\"} 1\n# EOF\n",
		"# TYPE a gauge\na{} 1\n# TYPE a gauge\n# EOF\n", "# TYPE a gauge\na{l=\"1\",l=\"2\"} 1\n# EOF\n",
	} {
		if checkExposition(bad) == nil {
			t.Errorf("takes %q", bad)
		}
	}
}
