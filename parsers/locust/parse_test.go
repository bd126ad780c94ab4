package locust

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"speedgate/perf"
)

const (
	statsHeader   = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,95%,100%\n"
	historyHeader = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size\n"
	oldHeader     = `"Type","Name","# requests","# failures","Median response time","Average response time","Min response time","Max response time","Average Content Size","Requests/s","Requests Failed/s","50%","100%"` + "\n"
	oneRow        = "GET,/a,10,1,5,5.5,1.5,9.25,100,2.5,0.25,5,9,9\n"
	allRow        = ",Aggregated,10,1,5,5.5,1.5,9.25,100,2.5,0.25,5,9,9\n"
)

// errorCases holds the exact text for everything that is refused.
var errorCases = []struct{ name, format, text, want string }{
	{"empty", formatStats, "\n\r\n", "f: the file is empty: no results"},
	{"header only", formatStats, statsHeader, "f: no requests were made: no results"},
	{"zero requests", formatStats, statsHeader + ",Aggregated,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A\n", "f: no requests were made: no results"},
	{"word as count", formatStats, statsHeader + "GET,/a,abc,1,5,5.5,1.5,9.25,100,2.5,0.25,5,9,9\n", `f:2:8: "abc" is not a request count`},
	{
		"several numbers", formatStats, statsHeader + "GET,/a,1,-1,5,NaN,1.5,9.25,100,-2.5,0.25,5,0x9,9\n" + allRow,
		"f:2:10: \"-1\" is not a failure count\nf:2:15: \"NaN\" is not a response time\nf:2:32: \"-2.5\" is not a request rate\nf:2:44: \"0x9\" is not a response time",
	},
	{"no percentile", formatStats, statsHeader + "GET,/a,10,1,5,5.5,1.5,9.25,100,2.5,0.25,N/A,9,9\n", `f:2:41: "N/A" is not a response time`},
	{
		"numbers that are not kept", formatStats, statsHeader + "GET,/a,10,1,x,5.5,1.5,9.25,100,2.5,y,5,9,z\n" + allRow,
		"f:2:13: \"x\" is not a number\nf:2:36: \"y\" is not a number\nf:2:42: \"z\" is not a number",
	},
	{"infinite", formatStats, statsHeader + "GET,/a,10,1,5,1e999,1.5,9.25,100,2.5,0.25,5,9,9\n", `f:2:15: "1e999" is not a response time`},
	{"cut short", formatStats, statsHeader + oneRow + ",Aggregated,10,1,5", "f:3:1: the file ends in the middle of a row: 5 of 14 columns"},
	{"row short in the middle", formatStats, statsHeader + "GET,/b,10\n" + oneRow + allRow, "f:2:1: the row has 3 columns, the header has 14"},
	{"row too long", formatStats, statsHeader + strings.TrimSuffix(oneRow, "\n") + ",1\n", "f:2:1: the row has 15 columns, the header has 14"},
	{"open quote", formatStats, statsHeader + "GET,\"/a,10\n", "f:2:5: the quote that opens here is never closed; the file may be cut short"},
	{"text behind quote", formatStats, statsHeader + `GET,"/a"b,10` + "\n" + allRow, "f:2:9: expected a comma or the end of the row behind the closing quote"},
	{"same row twice", formatStats, statsHeader + oneRow + oneRow + allRow, `f:3:1: "GET /a" is there twice, first in line 2`},
	{"no name", formatStats, statsHeader + ",,10,1,5,5.5,1.5,9.25,100,2.5,0.25,5,9,9\n", "f:2:2: a row without a name"},
	{"missing columns", formatStats, "Type,Name,Requests/s\nGET,/a,1\n", "f:1:1: the header has no column \"Request Count\"\nf:1:1: the header has no column \"Failure Count\""},
	{"column twice", formatStats, "Type,Name,Request Count,Failure Count,95%,95.0%,Name\n", "f:1:43: the column \"95.0%\" is there twice\nf:1:49: the column \"Name\" is there twice"},
	{"old, cut short", formatStats, oldHeader + `"GET","/a",10,1,5,5,1`, "f:2:1: the file ends in the middle of a row: expected 13 columns"},
	{
		"old, short row", formatStats, oldHeader + `"GET","/a",10` + "\n" + `"GET","/b",10,1,5,5,1,9,100,2.50,0.25,5,9` + "\n",
		"f:2:1: expected a row with the 13 columns of the header",
	},
	{"history time", formatHistory, historyHeader + "soon,1,,Aggregated,0,0,0,1,0,1,1,1,1,1\n", `f:2:1: "soon" is not a Unix time in seconds`},
	{
		"history backwards", formatHistory, historyHeader + "11,1,,Aggregated,0,0,0,1,0,1,1,1,1,1\n10,1,,Aggregated,0,0,0,2,0,1,1,1,1,1\n",
		"f:3:1: time runs backwards, from 11 to 10",
	},
	{"history, last row", formatHistory, historyHeader + "11,1,,Aggregated,0,0,0,1,0,1,x,1,1,1\n", `f:2:30: "x" is not a response time`},
	{"failures", formatFailures, "Method,Name,Error,Occurrences\nGET,/a,boom,many\n", `f:2:13: "many" is not a number of occurrences`},
	{"exceptions", formatExceptions, "Count,Message,Traceback,Nodes\n1,boom\n", "f:2:1: the row has 2 columns, the header has 4"},
	{"JSON empty list", formatJSON, " [] ", "f: no requests were made; --json together with --json-file writes an empty file, use one of them: no results"},
	{"JSON empty", formatJSON, " ", "f: the file is empty: no results"},
	{"JSON object", formatJSON, "{}", "f:1:1: expected a list of statistics, found object"},
	{"JSON cut short", formatJSON, "[\n {\"name\": \"a\"", "f:2:14: expected a list of statistics: the file is cut short"},
	{"JSON without end", formatJSON, "[\n {\"name\": \"a\"}\n", "f:2:15: expected a list of statistics: the file is cut short"},
	{"JSON broken", formatJSON, "[\n {\"name\": }]", "f:2:11: expected a list of statistics: invalid character '}' looking for beginning of value"},
	{"JSON wrong kind", formatJSON, `[{"num_requests": "x"}]`, "f:1:2: expected the statistics of an endpoint: num_requests is a string"},
	{"JSON more text", formatJSON, "[]\n[]", "f:2:1: expected nothing behind the list"},
	{"JSON other list", formatJSON, "[\n{}]", "f:2:1: expected the members name, method and response_times"},
	{"JSON negative", formatJSON, `[{"name":"a","method":"","response_times":{},"num_requests":-1}]`, "f:1:2: -1 requests, 0 of them without a response time, and 0 failures are no counts"},
	{"JSON negative time", formatJSON, `[{"name":"a","method":"","response_times":{},"max_response_time":-1}]`, "f:1:2: a negative response time or content length"},
	{"JSON bucket", formatJSON, `[{"name":"a","method":"","response_times":{"x":1},"num_requests":1}]`, `f:1:2: response_times: "x": 1 is not a number of requests by response time`},
	{"JSON sum", formatJSON, `[{"name":"a","method":"","response_times":{"3":1},"num_requests":2}]`, "f:1:2: response_times has 1 requests, num_requests and num_none_requests make 2"},
	{"JSON same twice", formatJSON, `[{"name":"a","method":"","response_times":{"3":1},"num_requests":1},{"name":"a","method":"","response_times":{"3":1},"num_requests":1}]`, "several"},
	{"HTML classic", formatHTML, "<html><title>Test Report for a</title>", "f: the report has no window.templateArgs: the classic page holds rounded numbers only; use the files of --csv instead"},
	{"HTML cut short", formatHTML, "<html>\nwindow.templateArgs = {\"host\"", "f:2:30: expected the data of a report: the file is cut short"},
	{"HTML broken", formatHTML, "<html>\nwindow.templateArgs = {\"host\" 1}", "f:2:31: expected the data of a report: invalid character '1' after object key"},
	{"HTML lists", formatHTML, `window.templateArgs = {"requests_statistics":[{}]}`, "f:1:23: 1 endpoints in requests_statistics, 0 in response_time_statistics"},
	{"HTML row", formatHTML, `window.templateArgs = {"requests_statistics":[{}],"response_time_statistics":[{}]}`, "f:1:23: requests_statistics: expected method, name and counts that are not negative"},
	{
		"HTML numbers", formatHTML, `window.templateArgs = {"requests_statistics":[{"method":"","name":"a","num_requests":1,"avg_response_time":-1}],"response_time_statistics":[{"0.5":"x"}]}`,
		"f:1:23: requests_statistics: a: the average response time -1 is negative\nf:1:23: response_time_statistics: \"x\" is not a response time",
	},
}

// TestErrors holds that broken input is refused, with its place.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range errorCases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run, err := formatTable[tt.format].parse(strings.NewReader(tt.text), "f")
			if err == nil {
				t.Fatalf("no error, run %s", describe(run, nil))
			}
			if run != nil {
				t.Error("a run in spite of the error")
			}
			if tt.want == "several" {
				tt.want = err.Error()
				if !strings.Contains(tt.want, "is measured twice in one run") {
					t.Error(err)
				}
			}
			if d := cmp.Diff(tt.want, err.Error()); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
			if got, want := errors.Is(err, perf.ErrNoResults), strings.HasSuffix(tt.want, ": no results"); got != want {
				t.Errorf("errors.Is(err, perf.ErrNoResults) = %v", got)
			}
		})
	}
}

// TestRows reads what is unusual and right.
func TestRows(t *testing.T) {
	t.Parallel()
	none := statsHeader + "ASYNC,q,4,0,0,0.0,0,0,0.0,2.5,0.0,0,0,0\n,Aggregated,4,0,0,0.0,0,0,0.0,2.5,0.0,0,0,0\n"
	tests := []struct{ name, format, text, want string }{
		{"requests without a time", formatStats, none, "ASYNC q requests=4 error_rate=0 throughput=2.5 content_size_avg=0; Aggregated requests=4 error_rate=0 throughput=2.5 content_size_avg=0; " +
			"f:2:9: ASYNC q: 4 requests and no response time; its latency is left out; f:3:13: Aggregated: 4 requests and no response time; its latency is left out"},
		{"blank lines and carriage returns", formatStats, "\n" + strings.ReplaceAll(statsHeader+"\n"+oneRow+"\n\n"+allRow, "\n", "\r\n"), "GET /a requests=10 error_rate=10 throughput=2.5 content_size_avg=100 latency_avg=5.5 latency_min=1.5 latency_max=9.25 latency_p50=5 latency_p95=9; " +
			"Aggregated requests=10 error_rate=10 throughput=2.5 content_size_avg=100 latency_avg=5.5 latency_min=1.5 latency_max=9.25 latency_p50=5 latency_p95=9"},
		{"columns in another order", formatStats, "100%,Failure Count,Name,Request Count,Type,New\n9,0,Aggregated,10,,1\n", "Aggregated requests=10 error_rate=0; f:1:44: the column \"New\" is unknown and not read"},
		{"median without 50%", formatStats, "Type,Name,Request Count,Failure Count,Median Response Time,90%\n,Aggregated,10,0,7,8\n", "Aggregated requests=10 error_rate=0 latency_p50=7 latency_p90=8"},
		{"names like the total", formatStats, "Type,Name,Request Count,Failure Count\nGET,Aggregated,1,0\nNone,q,1,0\nNone,Total,2,0\n", "GET Aggregated requests=1 error_rate=0; None q requests=1 error_rate=0; Aggregated requests=2 error_rate=0"},
		{"more failures than requests", formatStats, "Type,Name,Request Count,Failure Count\nGET,a,0,3\nGET,b,1,2\n,Aggregated,1,5\n", "GET a requests=0; GET b requests=1 error_rate=100; Aggregated requests=1 error_rate=100; " +
			"f:2:9: GET a: 3 failures without a request; f:3:9: GET b: 2 failures of 1 requests; the error rate counts as 100%; f:4:15: Aggregated: 5 failures of 1 requests; the error rate counts as 100%"},
		{"rows lost", formatStats, "Type,Name,Request Count,Failure Count\nGET,a,1,0\n,Aggregated,3,0\n", "GET a requests=1 error_rate=0; Aggregated requests=3 error_rate=0; f:3:13: the rows have 1 requests, Aggregated has 3; rows may be lost"},
		{"no total", formatStats, "Type,Name,Request Count,Failure Count\nGET,a,1,0\n", "GET a requests=1 error_rate=0; f: there is no row Aggregated at the end; the file may be cut short"},
		{"no rate", formatStats, "Type,Name,Request Count,Failure Count,Requests/s\n,Aggregated,1,0,0.0\n", "Aggregated requests=1 error_rate=0; f:2:17: Aggregated: a throughput of 0 in spite of 1 requests; it is left out"},
		{"old, raw quotes and lines", formatStats, oldHeader + `"GET","/a, "b"` + "\n" + `c",10,1,5,5,1,9,100,2.50,0.25,5,9` + "\n" + `"None","Total",10,1,5,5,1,9,100,2.50,0.25,5,9`, "GET /a, \"b\"\nc requests=10 error_rate=10 throughput=2.5 content_size_avg=100 latency_avg=5 latency_min=1 latency_max=9 latency_p50=5; " +
			"Aggregated requests=10 error_rate=10 throughput=2.5 content_size_avg=100 latency_avg=5 latency_min=1 latency_max=9 latency_p50=5"},
		{"old distribution", formatDistribution, `"Name","# requests","50%","100%"` + "\n" + `"GET /a",2,3,4` + "\n" + `"GET /b",0,"N/A","N/A"` + "\n" + `"None Total",2,3,4`, "GET /a requests=2 latency_p50=3; GET /b requests=0; Aggregated requests=2 latency_p50=3"},
		{"history appended to", formatHistory, historyHeader + "10,9,,Aggregated,0,0,0,7,0,1,1,1,1,1\n" + historyHeader + "20,2,,Aggregated,0,0,0,0,0,0,0,0,0,0\n22,2,,Aggregated,0,0,0,8,2,1,1,1,1,1\n", "Aggregated requests=8 error_rate=25 throughput=4 content_size_avg=1 latency_avg=1 latency_min=1 latency_max=1; " +
			"f:3:1: a second header: another run was appended; only the last one is read"},
		{"history reset in the middle", formatHistory, historyHeader + "10,2,,Aggregated,0,0,0,7,0,1,1,1,1,1\n16,2,,Aggregated,0,0,0,3,0,1,1,1,1,1\n18,2,,Aggregated,0,0,0,9,0,1,1,1,1,1\n", "Aggregated requests=9 error_rate=0 throughput=3 content_size_avg=1 latency_avg=1 latency_min=1 latency_max=1; " +
			"f:3:24: the total falls from 7 to 3 requests: statistics were reset; only what follows is read"},
		{"history reset when all users run", formatHistory, historyHeader + "10,1,,Aggregated,0,0,0,7,0,1,1,1,1,1\n12,2,,Aggregated,0,0,0,3,0,1,1,1,1,1\n14,2,,Aggregated,0,0,0,9,0,1,1,1,1,1\n", "Aggregated requests=9 error_rate=0 throughput=3 content_size_avg=1 latency_avg=1 latency_min=1 latency_max=1"},
		{"history run anew", formatHistory, historyHeader + "10,2,,Aggregated,0,0,0,7,0,1,1,1,1,1\n12,1,,Aggregated,0,0,0,3,0,1,1,1,1,1\n14,1,,Aggregated,0,0,0,9,0,1,1,1,1,1\n", "Aggregated requests=9 error_rate=0 throughput=3 content_size_avg=1 latency_avg=1 latency_min=1 latency_max=1; " +
			"f:3:24: the total falls from 7 to 3 requests: statistics were reset; only what follows is read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run, err := formatTable[tt.format].parse(strings.NewReader(tt.text), "f")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, brief(run)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestEveryPrefix cuts a good file short at every byte: each cut must be an
// error, or carry a warning.
func TestEveryPrefix(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"2.46.3-plain", "2.46.3-percentiles"} {
		text, err := os.ReadFile(filepath.Join("testdata", dir, "run_stats.csv"))
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(text) {
			run, err := ParseStats(bytes.NewReader(text[:n]), "f")
			if err == nil && len(run.Warnings) == 0 {
				t.Errorf("%s: the first %d of %d bytes pass without a warning", dir, n, len(text))
			}
		}
	}
}

// TestSteps holds that percentiles carry the width of their bucket.
func TestSteps(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]float64{0: 1, 99: 1, 100: 10, 990: 10, 1000: 100, 9900: 100, 10000: 1000, 99000: 1000} {
		if got := bucketStep(v); got != want {
			t.Errorf("bucketStep(%g) = %g, want %g", v, got, want)
		}
	}
}

// TestRamp holds when a spawn rate is believed.
func TestRamp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		users []int64 // one a second
		want  float64
	}{
		{"steady", []int64{0, 10, 20, 30, 40, 50, 50, 50}, 10},
		{"smaller last growth", []int64{0, 10, 20, 30, 40, 45, 45}, 10},
		{"too short", []int64{0, 10, 20, 30, 30}, 0},
		{"uneven", []int64{0, 2, 5, 7, 10, 12, 15}, 0},
		{"greater last growth", []int64{0, 10, 20, 30, 40, 90}, 0},
		{"below one a second", []int64{1, 1, 2, 2, 3, 3, 4, 4, 5}, 1.0 / 2},
		{"all at once", []int64{0, 100, 100}, 0},
		{"none", nil, 0},
	}
	for _, tt := range tests {
		var r ramp
		for second, users := range tt.users {
			r.add(int64(second), users)
		}
		if got := r.rate(); got != tt.want {
			t.Errorf("%s: rate = %g, want %g", tt.name, got, tt.want)
		}
	}
}

// TestFiles holds the names of files that belong together.
func TestFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"out/api_stats.csv": "out/api", "out/api_stats_history.csv": "out/api", "api_failures.csv": "api", "api_exceptions.csv": "api",
		"api_requests.csv": "api", "api_distribution.csv": "api", "api.csv": "api.csv", "api.json": "api.json", "stats.csv": "stats.csv",
	} {
		if got := Prefix(name); got != want {
			t.Errorf("Prefix(%q) = %q, want %q", name, got, want)
		}
	}
	want := []string{"a_stats.csv", "a_stats_history.csv", "a_exceptions.csv", "a_requests.csv", "a_distribution.csv"}
	if d := cmp.Diff(want, Siblings("a_failures.csv")); d != "" {
		t.Errorf("Siblings (-want +got):\n%s", d)
	}
	if got := Siblings("a.csv"); len(got) > 0 {
		t.Errorf("Siblings of another file = %q", got)
	}
}

// TestSniff holds that nothing is taken for Locust's that is not, and what is
// said of what is.
func TestSniff(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		statsHeader: "header Type,Name,Request Count,Failure Count", oldHeader: "header Type,Name,# requests,# failures",
		historyHeader: "header Timestamp,User Count,Type,Name",
		"\r\n\"Method\",\"Name\",\"Error\",\"Occurrences\"\r\n":                 "header Method,Name,Error,Occurrences",
		"Method,Name,# requests,# failures,x":                                   "header Method,Name,# requests,# failures",
		`"Name","# requests","50%"`:                                             "header Name,# requests,50%",
		"Count,Message,Traceback,Nodes":                                         "header Count,Message,Traceback,Nodes",
		` [ {"num_requests": 1, "response_times": {}, "num_reqs_per_sec": {}}]`: "JSON list with num_requests, response_times, num_reqs_per_sec",
		"<html><title>Locust</title>":                                           "HTML with the title Locust",
		"\n<html><title>Test Report for x.py</title>":                           "HTML with the title Test Report for",
		"": "",
		"Type,Name,Request Counts,Failure Count\n":          "",
		"timeStamp,elapsed,label,responseCode\n1,2,a,200\n": "",
		"goos: linux\nBenchmarkTypeName-8 1 2 ns/op\n":      "",
		"[]": "",
		`{"num_requests": 1, "response_times": {}, "num_reqs_per_sec": {}}`: "",
		`[["num_requests", "response_times", "num_reqs_per_sec"]]`:          "",
		`[{"num_requests": 1, "response_times": {}}]`:                       "",
		"window.templateArgs = {}":                                          "",
		"<html><title>Locusts</title>":                                      "",
		"name,value\nType,Name,Request Count,Failure Count\n":               "",
	} {
		var got []string
		for _, name := range recognise([]byte(text)) {
			got = append(got, formatTable[name].sniff([]byte(text)))
		}
		if d := cmp.Diff(want, strings.Join(got, " and ")); d != "" {
			t.Errorf("%.40q (-want +got):\n%s", text, d)
		}
	}
}

// TestJoin holds what is made of parts that are missing or disagree.
func TestJoin(t *testing.T) {
	t.Parallel()
	stats, header, failures := statsHeader+allRow, "Method,Name,Error,Occurrences\n", "GET,/a,boom,2\n"
	history := func(requests string) string {
		return historyHeader + "10,1,,Aggregated,0,0,0,0,0,0,0,0,0,0\n14,4,,Aggregated,0,0,0," + requests + ",1,5,5.5,1.5,9.25,100\n"
	}
	noFailures := strings.ReplaceAll(stats, ",10,1,", ",10,0,")
	tests := []struct {
		name  string
		texts map[string]string // by format
		want  string            // error, or workload and warnings
	}{
		{"stats and history", map[string]string{formatStats: stats, formatHistory: history("10")}, "4 users 4s"},
		{"history alone", map[string]string{formatHistory: history("8")}, "4 users 4s"},
		{"stale stats", map[string]string{formatStats: stats, formatHistory: history("40")}, "4 users 4s; locust-stats:2:13: the history counts 40 requests, the stats file 10; it is stale, as after a run that was killed"},
		{"stale history", map[string]string{formatStats: stats, formatHistory: history("4")}, "0 users 4s; locust-history: the history ends early, with 4 of 10 requests; the number of users is not taken from it"},
		{"failures alone", map[string]string{formatFailures: header + failures}, "locust-failures: failures without the stats file beside it: no results"},
		{"no failures alone", map[string]string{formatFailures: header}, "locust-failures: no failures, and no stats file beside it: no results"},
		{"history without requests", map[string]string{formatHistory: history("0")}, "locust-history: no requests were made: no results"},
		{"header of a history", map[string]string{formatHistory: historyHeader}, "locust-history: no requests were made: no results"},
		{"failures that nobody counted", map[string]string{formatStats: noFailures, formatFailures: header + failures}, "0 users 0s; locust-stats:2:16: no request failed, yet locust-failures lists failures; the files may be of different runs"},
		{"failures that were counted", map[string]string{formatStats: stats, formatFailures: header + failures}, "0 users 0s"},
		{"distribution alone", map[string]string{formatDistribution: "\"Name\",\"# requests\",\"50%\"\n\"Total\",1,2\n"}, "0 users 0s; locust-distribution: the requests file is not beside the distribution; errors and throughput are unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var parts []*perf.Run
			for _, format := range formatRanks {
				if text, ok := tt.texts[format]; ok {
					part, err := formatTable[format].parse(strings.NewReader(text), format)
					if err != nil {
						t.Fatal(err)
					}
					parts = append(parts, part)
				}
			}
			var got string
			run, err := Join(parts)
			if err != nil {
				got = err.Error()
			} else {
				got = strings.Join(append([]string{workload(run)}, warnings(run)...), "; ")
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if _, err := Join(nil); !errors.Is(err, perf.ErrNoResults) {
		t.Errorf("Join of nothing: %v", err)
	}
}

// TestPercentilesAgree compares what is computed from the histogram with what
// Locust itself printed for the same run: an independent oracle.
func TestPercentilesAgree(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"2.46.3-distributed", "2.46.3-none"} {
		report, err := readFiles(t, []string{filepath.Join("testdata", dir, "run.html")})
		if err != nil {
			t.Fatal(err)
		}
		histogram, err := readFiles(t, []string{filepath.Join("testdata", dir, "run.json")})
		if err != nil {
			t.Fatal(err)
		}
		compared := map[perf.Kind]int{}
		for _, s := range report.Series {
			o := histogram.Find(s.Key)
			switch {
			case o == nil, s.Kind == perf.KindRate: // 60 % is in the report only; it counts from the start of the test
				continue
			case s.Key.Metric == perf.LatencyMin, s.Key.Metric == perf.LatencyMax: // rounded in the report
				continue
			}
			compared[s.Kind]++
			if diff := math.Abs(o.Samples[0] - s.Samples[0]); diff > 1e-9*s.Samples[0] {
				t.Errorf("%s: %s: report %v, histogram %v", dir, s.Key, s.Samples, o.Samples)
			}
		}
		if compared[perf.KindQuantile] < 10 || compared[perf.KindMean] < 4 || compared[perf.KindTotal] < 3 {
			t.Errorf("%s: only %v compared", dir, compared)
		}
	}
}

// samplesDir holds files of other people, which keep their licences and are not
// part of the project.
const samplesDir = "../../../shared/samples/wild/locust"

// TestSamples reads files of other people, where they are at hand, and compares
// their totals with an independent reading.
func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(samplesDir, "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("%s is not there", samplesDir)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("\r\r\n", "\n", "\r\n", "\n").Replace(string(raw))
		run, err := readText(t, []byte(text), filepath.Base(path))
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		checkTotals(t, filepath.Base(path), text, run)
	}
}

// briefOrder is the order in which people read figures; percentiles follow.
var briefOrder = []string{
	perf.Requests, perf.ErrorRate, perf.Throughput, contentSize, perf.LatencyAvg, perf.LatencyMin, perf.LatencyMax,
}

// brief writes the subjects of a run, in the order of the file, with their figures.
func brief(r *perf.Run) string {
	rank := func(s perf.Series) int {
		if i := slices.Index(briefOrder, s.Key.Metric); i >= 0 {
			return i
		}
		return len(briefOrder)
	}
	series := slices.SortedStableFunc(slices.Values(r.Series), func(a, b perf.Series) int {
		if a.Pos.Line != b.Pos.Line {
			return int(a.Pos.Line - b.Pos.Line)
		}
		return rank(a) - rank(b)
	})
	var list []string
	for _, s := range series {
		value := s.Key.Metric + "=" + perf.Quantity{Value: s.Samples[0]}.String()
		if s.Key.Metric == perf.Requests {
			list = append(list, s.Key.Subject)
		}
		list[len(list)-1] += " " + value
	}
	return strings.Join(append(list, warnings(r)...), "; ")
}

func warnings(r *perf.Run) []string {
	var list []string
	for _, w := range r.Warnings {
		list = append(list, w.String())
	}
	return list
}

func workload(r *perf.Run) string {
	return perf.Quantity{Value: float64(r.Workload.Users)}.String() + " users " + r.Workload.Duration.Round(time.Second).String()
}
