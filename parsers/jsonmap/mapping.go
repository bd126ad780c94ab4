package jsonmap

import (
	"regexp"

	"speedgate/perf"
)

// Mapping is what the config says about reading some JSON files: a row of its
// json section.
type Mapping struct {
	// Files is a glob over the file's name as given, with ** for any folders. A
	// glob without a slash matches the base name alone.
	Files  string
	Select []Selector
}

// Selector takes values out of a JSON document.
type Selector struct {
	Path Path // which values
	// Subject and Metric name the series. {1}, {2} … stand for what the first,
	// second … wildcard of the path matched, {key} for the last key of the value's
	// own path, {NAME} for the text of the member NAME of the nearest object
	// around the value. An empty Metric is taken from the value's key, read as the
	// automatic rules do; an empty Subject from the names around it.
	Subject string
	Metric  string
	Unit    perf.Unit      // "" = from the key, a sibling member "unit", or none
	Better  perf.Better    // unknown = from metric and unit
	Scale   float64        // values are multiplied with it; 0 = 1
	Samples bool           // an array of numbers is the samples of one series
	Last    bool           // of an array that the path ends at or passes by a wildcard, only the last item counts
	Keys    *regexp.Regexp // nil = any; else the last key of a value's path must match
	Pos     perf.Pos       // where the config says so, for messages
}
