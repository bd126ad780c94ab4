package jsonmap

import (
	"strings"
	"testing"
)

func TestForeign(t *testing.T) {
	t.Parallel()
	tests := []struct{ want, in string }{
		{"a k6 summary", `{"metrics": {"iterations": {"count": 1, "rate": 2}}, "root_group": {"groups": []}}`},
		{"a k6 summary", `{"version": "1.0.0", "metadata": {"k6_version": "1.8.1"}, "results": {"metrics": [{"name": "x"}]}}`},
		{"k6 JSON output", `{"type": "Point", "metric": "http_reqs", "data": {"time": "2026-01-01T00:00:00Z", "value": 1}}`},
		{"a k6 metric", `{"type": "Metric", "metric": "http_reqs", "data": {"name": "http_reqs", "contains": "default"}}`},
		{"JMeter's statistics.json", `{"Total": {"transaction": "Total", "sampleCount": 4}, "GET /": {"transaction": "GET /", "sampleCount": 4}}`},
		{"Gatling's global_stats.json", `{"name": "All Requests", "numberOfRequests": {"total": 4}, "meanResponseTime": {"total": 3}}`},
		{"Gatling's stats.json", `{"type": "GROUP", "name": "All Requests", "stats": {}, "contents": {}}`},
		{"an Artillery report", `{"aggregate": {"counters": {}}, "intermediate": []}`},
		{"an autocannon result", `{"latency": {"p50": 1, "average": 1.5}, "requests": {"average": 9}, "throughput": {"average": 900}, "non2xx": 0}`},
		{"a vegeta report", `{"latencies": {"mean": 1}, "bytes_in": {}, "status_codes": {"200": 4}}`},
		{"an oha result", `{"summary": {"successRate": 1, "requestsPerSec": 9}, "latencyPercentiles": {"p50": 0.1}}`},
		{"a bombardier result", `{"spec": {}, "result": {"timeTakenSeconds": 1, "latency": {"mean": 4}}}`},
		{"a ghz report", `{"count": 4, "average": 100, "fastest": 90, "slowest": 140, "rps": 9}`},
		{"a fortio result", `{"RunType": "HTTP", "ActualQPS": 9, "DurationHistogram": {"Count": 4}}`},
		{"a plow result", `{"Summary": {}, "Statistics": {}, "Percentiles": {"P95": "1.2ms"}}`},
		{"a siege result", `{"transactions": 4, "availability": 100, "transaction_rate": 2}`},
		{"Locust JSON", `[{"name": "/", "num_requests": 4, "response_times": {"10": 4}}]`},
		{"an event of go test -json", `{"Action": "output", "Package": "a", "Output": "x"}`},
		{"pytest-benchmark output", `{"machine_info": {}, "benchmarks": []}`},
		{"a pyperf file", `{"benchmarks": [{"runs": [{"values": [0.1]}]}], "version": "1.0"}`},
		{"a pyperf file", `{"benchmarks": [{"runs": [{"metadata": {}}]}]}`},
		{"a pyperf file", `{"benchmarks": [{"runs": [{"warmups": [[1, 0.2]]}]}]}`},
		{"an asv result", `{"version": 2, "result_columns": ["result"], "results": {}}`},
		{"an asv result", `{"version": 1, "commit_hash": "4f1c", "params": {"machine": "m"}, "results": {"a.time_x": 0.1}}`},
		{"a JMH result", `[{"benchmark": "a.B.c", "mode": "thrpt", "primaryMetric": {"score": 1}}]`},
		{"Google Benchmark output", `{"benchmarks": [{"name": "BM_x", "real_time": 1, "cpu_time": 1, "time_unit": "ns"}]}`},
		{"a criterion estimate", `{"mean": {"confidence_interval": {}, "point_estimate": 1}, "std_dev": {}}`},
		{"a criterion estimate", `{"Mean": {"confidence_interval": {}, "point_estimate": 1}}`},
		{"a criterion sample", `{"sampling_mode": "Flat", "iters": [1], "times": [20]}`},
		{"a criterion benchmark description", `{"group_id": "g", "full_id": "g/f", "directory_name": "g/f"}`},
		{"a cargo-criterion message", `{"reason": "benchmark-complete", "measured_values": [1], "unit": "ns"}`},
		{"a gungraun summary", `{"version": "6", "module_path": "a::b", "profiles": []}`},
		{"a gungraun summary", `{"callgrind_summary": {}}`},
		{"a hyperfine result", `{"results": [{"command": "ls", "mean": 0.1, "user": 0.05}]}`},
		{"a nanobench result", `{"results": [{"title": "x", "median(elapsed)": 1e-9}]}`},
		{"a BenchmarkDotNet report", `{"Title": "T", "HostEnvironmentInfo": {}, "Benchmarks": []}`},
		{"a vitest benchmark report", `{"files": [{"filepath": "a.bench.ts", "groups": []}]}`},
		{"a Jest or vitest test report", `{"testResults": [{"assertionResults": []}]}`},
		{"a tinybench result", `[{"latency": {"samplesCount": 3, "mean": 1}, "throughput": {"samplesCount": 3, "mean": 1}}]`},
		{"a mitata result", `{"layout": [], "context": {}, "benchmarks": [{"alias": "a", "runs": []}]}`},
		{"a Lighthouse report", `{"lighthouseVersion": "12.0.0", "audits": {}}`},
		{"a Lighthouse CI manifest", `[{"url": "https://example.org", "isRepresentativeRun": true}]`},
		{"github-action-benchmark custom JSON", `[{"name": "x", "unit": "ms", "value": 1}]`},
		{"gobenchdata output", `[{"Version": "4f1c", "Date": 1, "Suites": []}]`},
		{"octocov custom metrics", `{"key": "bench", "metrics": [{"key": "x", "value": 1, "unit": "ms"}]}`},
		{"Nyrkiö JSON", `[{"timestamp": 1, "metrics": [{"name": "x", "value": 1}], "attributes": {}}]`},
		{"OTLP metrics", `{"resourceMetrics": []}`},
		{"a Prometheus query result", `{"status": "success", "data": {"resultType": "vector", "result": []}}`},
		{"a fio result", `{"fio version": "fio-3.36", "jobs": []}`},
		{"an iperf3 result", `{"start": {"connected": []}, "end": {}}`},
		{"a memtier_benchmark result", `{"ALL STATS": {}}`},
		{"a BenchmarkTools.jl file", `[{"Julia": "1.10.0", "BenchmarkTools": "1.0.0"}, []]`},
		{"benchmark-ips output", `[{"name": "x", "central_tendency": 9, "ips": 9}]`},
		{"Bencher Metric Format", `{"a": {"latency": {"value": 1}, "throughput": {"value": 2, "lower_value": 1.5}}}`},
		{"", `{"a": {"latency": {"value": 1, "unit": "ms"}}}`},
		{"", `{"metrics": {"p95_ms": {"value": 1}}}`},
		{"", `{"benchmarks": [{"name": "a", "mean_ms": 3}]}`},
		{"", `[]`},
		{"", `{}`},
		{"", `3`},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		seen[tt.want] = true
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			if got := Foreign(tree(t, tt.in)); got != tt.want {
				t.Errorf("Foreign = %q, want %q for %s", got, tt.want, tt.in)
			}
			_, err := Parse(strings.NewReader(tt.in), "x.json", nil)
			refused := err != nil && strings.Contains(err.Error(), "this is "+tt.want+";")
			if (tt.want != "") != refused {
				t.Errorf("Parse: %v", err)
			}
		})
	}
	for _, s := range signatures {
		if !seen[s.tool] {
			t.Errorf("no example of %s", s.tool)
		}
	}
}
