package locust

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"speedgate/perf"
)

// checkTotals compares the run with what encoding/csv reads from the last row
// of the same text: an independent reading of the row over all requests.
func checkTotals(t *testing.T, name, text string, run *perf.Run) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.LazyQuotes = true
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !strings.HasPrefix(run.Source.Format, "locust-stats") && run.Source.Format != formatRequests {
		return
	}
	header, last := rows[0], rows[len(rows)-1]
	run.Sort()
	for i, column := range header {
		metric := map[string]string{
			"Request Count": perf.Requests, "# requests": perf.Requests, "Average Response Time": perf.LatencyAvg,
			"Average response time": perf.LatencyAvg, "95%": "latency_p95", "99.9%": "latency_p99.9", "Requests/s": perf.Throughput,
		}[column]
		if metric == "" {
			continue
		}
		want, err := strconv.ParseFloat(last[i], 64)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s := run.Find(perf.Key{Subject: aggregated, Metric: metric})
		if s == nil || s.Samples[0] != want {
			t.Errorf("%s: %s: got %v, want %g", name, metric, s, want)
		}
	}
}
