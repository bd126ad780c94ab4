// Package parsers turns the bytes of result files into runs. There is one
// folder for each family of formats and one table of formats, [Formats].
//
// Parsers take a reader and a name and open nothing; the name is only for
// messages. What they are given has passed through package decode: UTF-8, "\n"
// line ends, no escape sequences.
package parsers

import (
	"io"

	"speedgate/parsers/gobench"
	"speedgate/parsers/jsonmap"
	"speedgate/parsers/locust"
	"speedgate/parsers/runfile"
	"speedgate/perf"
)

// Format is a row of the table of formats.
type Format struct {
	Name  string // what --format takes
	About string // one line for `speedgate formats`
	// Sniff returns what in the first bytes of an input recognises the format, ""
	// if it is not of this format.
	Sniff func(head []byte) (rule string)
	Parse func(r io.Reader, name string, o Options) (*perf.Run, error)
	// Group names the invocation that a file belongs to, from the file's name;
	// files of one group are joined to one run. nil: every file is a run.
	Group func(name string) string
	// Siblings lists the names of files that the same invocation writes beside
	// name, name itself left out. nil: none.
	Siblings func(name string) []string
	// Join makes one run of the parts of a group. nil where Group is nil.
	Join func(parts []*perf.Run) (*perf.Run, error)
}

// FormatJSON is the name of the format for JSON that belongs to no tool.
const FormatJSON = "json"

// FormatRun is the name of the format of what `speedgate run` measured.
const FormatRun = "speedgate-run"

// Options is what the config says about reading.
type Options struct {
	JSON []jsonmap.Mapping // selectors for home-made JSON
}

// Formats returns the table of formats.
func Formats() []Format { return formats }

var formats = []Format{
	locustFormat("locust-stats", "Locust --csv: PREFIX_stats.csv (0.13.3 and newer)", locust.SniffStats, locust.ParseStats),
	locustFormat("locust-history", "Locust --csv: PREFIX_stats_history.csv", locust.SniffHistory, locust.ParseHistory),
	locustFormat("locust-failures", "Locust --csv: PREFIX_failures.csv", locust.SniffFailures, locust.ParseFailures),
	locustFormat("locust-exceptions", "Locust --csv: PREFIX_exceptions.csv", locust.SniffExceptions, locust.ParseExceptions),
	locustFormat("locust-requests", "Locust --csv up to 0.13.2: PREFIX_requests.csv", locust.SniffRequests, locust.ParseRequests),
	locustFormat("locust-distribution", "Locust --csv up to 0.13.2: PREFIX_distribution.csv", locust.SniffDistribution, locust.ParseDistribution),
	{
		Name: "locust-json", About: "Locust --json or --json-file, with the whole histogram",
		Sniff: locust.SniffJSON, Parse: plain(locust.ParseJSON),
	},
	{
		Name: "locust-html", About: "Locust --html report (2.18 and newer)",
		Sniff: locust.SniffHTML, Parse: plain(locust.ParseHTML),
	},
	{
		Name: "go-bench", About: "go test -bench, as text",
		Sniff: gobench.Sniff, Parse: plain(gobench.Parse),
	},
	{
		Name: "go-bench-json", About: "go test -bench -json (test2json, gotestsum --jsonfile)",
		Sniff: gobench.SniffJSON, Parse: plain(gobench.ParseJSON),
	},
	{
		Name: FormatRun, About: "what `speedgate run` measured",
		Sniff: runfile.Sniff, Parse: plain(runfile.Parse),
	},
	{
		Name: FormatJSON, About: "JSON of your own: the plain shape, selectors of the config, or numeric leaves by name",
		Sniff: jsonmap.Sniff,
		Parse: func(r io.Reader, name string, o Options) (*perf.Run, error) { return jsonmap.Parse(r, name, o.JSON) },
	},
}

// plain adapts a parser that takes no options.
func plain(parse func(io.Reader, string) (*perf.Run, error)) func(io.Reader, string, Options) (*perf.Run, error) {
	return func(r io.Reader, name string, _ Options) (*perf.Run, error) { return parse(r, name) }
}

func locustFormat(name, about string, sniff func([]byte) string, parse func(io.Reader, string) (*perf.Run, error)) Format {
	return Format{
		Name: name, About: about, Sniff: sniff, Parse: plain(parse),
		Group: locust.Prefix, Siblings: locust.Siblings, Join: locust.Join,
	}
}
