package config

import (
	"regexp"
	"strconv"
	"strings"
)

// StarterOptions is what a first config is made for.
type StarterOptions struct {
	Schema   string // path or address of the JSON Schema, for editors
	Baseline string // path of the baseline file
	Suites   []StarterSuite
}

// StarterSuite is a suite of a first config.
type StarterSuite struct {
	Name    string   // up to 64 letters, digits, dots, dashes and underscores
	Results []string // at least one pattern, as [ParseFilePattern] reads it
	// Notes are what is to be said of a pattern of Results, a line each.
	Notes map[string]string
}

const starterHead = `version: 1

# Where accepted runs are kept, and how many a comparison looks back.
baseline:
  file: $BASELINE
  window: 20

# How much worse a metric may be than its baseline.
thresholds:
  default: 20%
  # Exceptions as SUBJECT:METRIC, * = anything; the last match wins.
  # rules:
  #   - {match: "*:latency_p99", threshold: 30%, floor: 2ms}
  #   - {match: "GET /healthz:*", ignore: true}

# What each verdict does to the gate: fail, warn or pass.
on:
  missing: fail # in the baseline, not in the results
  suspect: fail # over the threshold, not confirmed by a repetition yet
  new: pass

# Absolute limits, which need no baseline.
# targets:
#   - match: "*"
#     latency_p95: {warning: 500ms, critical: 800ms}
#     availability: 99.9%
`

const starterTail = `
# Known slowdowns that pass up to a limit and a day.
# waivers:
#   - {match: "POST /orders:latency_p95", limit: 35%, until: 2030-12-31, reason: "why"}
`

// Starter writes a commented first config, which [Parse] accepts. What most
// projects change stands in it, the rest is left to its defaults.
func Starter(o StarterOptions) []byte {
	var b strings.Builder
	b.WriteString("# yaml-language-server: $schema=" + strings.Join(strings.Fields(o.Schema), "%20") + "\n")
	b.WriteString(strings.Replace(starterHead, "$BASELINE", yamlText(o.Baseline), 1))
	if len(o.Suites) > 0 {
		b.WriteString("\n# Results that are judged together; a {name} in a path becomes a label.\nsuites:\n")
	}
	for _, s := range o.Suites {
		b.WriteString("  " + yamlKey(s.Name) + ":\n    results:\n")
		for _, r := range s.Results {
			b.WriteString("      - " + yamlText(r))
			if note := s.Notes[r]; note != "" {
				b.WriteString(" # " + strings.Join(strings.Fields(note), " "))
			}
			b.WriteByte('\n')
		}
	}
	b.WriteString(starterTail)
	return []byte(b.String())
}

var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// yamlKey quotes a key where it must: most suites read better without.
func yamlKey(s string) string {
	if plainKey.MatchString(s) && !strings.EqualFold(s, "null") {
		return s
	}
	return yamlText(s)
}

// yamlText quotes a text. YAML knows all of Go's escapes, with the same meaning for
// valid UTF-8.
func yamlText(s string) string { return strconv.Quote(s) }
