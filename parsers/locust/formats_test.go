package locust

import (
	"io"

	"speedgate/perf"
)

// formatTable is the part of the table of formats that this package fills.
var formatTable = map[string]struct {
	sniff func([]byte) string
	parse func(io.Reader, string) (*perf.Run, error)
}{
	formatStats:        {SniffStats, ParseStats},
	formatHistory:      {SniffHistory, ParseHistory},
	formatFailures:     {SniffFailures, ParseFailures},
	formatExceptions:   {SniffExceptions, ParseExceptions},
	formatRequests:     {SniffRequests, ParseRequests},
	formatDistribution: {SniffDistribution, ParseDistribution},
	formatJSON:         {SniffJSON, ParseJSON},
	formatHTML:         {SniffHTML, ParseHTML},
}
