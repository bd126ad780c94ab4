package jsonmap

import (
	"slices"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// signature recognises the JSON of a tool by keys that only this tool writes
// together. A place is a way down from the document: keys separated by slashes, 0 for
// the first item of an array.
type signature struct {
	tool   string
	places []string // all must be there
}

var signatures = []signature{
	{"a k6 summary", []string{"metrics", "root_group"}},
	{"a k6 summary", []string{"results/metrics/0", "metadata/k6_version"}},
	{"k6 JSON output", []string{"type", "metric", "data/time"}},
	{"a k6 metric", []string{"type", "metric", "data/contains"}},
	{"Gatling's global_stats.json", []string{"numberOfRequests", "meanResponseTime"}},
	{"Gatling's stats.json", []string{"type", "contents", "stats"}},
	{"an Artillery report", []string{"aggregate", "intermediate"}},
	{"an autocannon result", []string{"latency", "requests", "throughput", "non2xx"}},
	{"a vegeta report", []string{"latencies", "bytes_in", "status_codes"}},
	{"an oha result", []string{"summary/requestsPerSec", "latencyPercentiles"}},
	{"a bombardier result", []string{"spec", "result/latency", "result/timeTakenSeconds"}},
	{"a ghz report", []string{"average", "fastest", "slowest", "rps"}},
	{"a fortio result", []string{"DurationHistogram", "ActualQPS"}},
	{"a plow result", []string{"Summary", "Statistics", "Percentiles"}},
	{"a siege result", []string{"transactions", "availability", "transaction_rate"}},
	{toolLocust, []string{"0/num_requests", "0/response_times"}},
	{toolGoTest, []string{"Action", "Package"}},
	{"pytest-benchmark output", []string{"benchmarks", "machine_info"}},
	{"a pyperf file", []string{"benchmarks/0/runs/0/metadata"}},
	{"a pyperf file", []string{"benchmarks/0/runs/0/values"}},
	{"a pyperf file", []string{"benchmarks/0/runs/0/warmups"}},
	{"an asv result", []string{"results", "result_columns"}},
	{"an asv result", []string{"results", "commit_hash", "params/machine"}},
	{"a JMH result", []string{"0/benchmark", "0/primaryMetric"}},
	{"Google Benchmark output", []string{"benchmarks/0/real_time", "benchmarks/0/time_unit"}},
	{"a criterion estimate", []string{"mean/point_estimate", "mean/confidence_interval"}},
	{"a criterion estimate", []string{"Mean/point_estimate", "Mean/confidence_interval"}},
	{"a criterion sample", []string{"iters", "times"}},
	{"a criterion benchmark description", []string{"full_id", "directory_name"}},
	{"a cargo-criterion message", []string{"reason", "measured_values"}},
	{"a gungraun summary", []string{"profiles", "module_path"}},
	{"a gungraun summary", []string{"callgrind_summary"}},
	{"a hyperfine result", []string{"results/0/command", "results/0/mean", "results/0/user"}},
	{"a nanobench result", []string{"results/0/median(elapsed)"}},
	{"a BenchmarkDotNet report", []string{"HostEnvironmentInfo", "Benchmarks"}},
	{"a vitest benchmark report", []string{"files/0/groups", "files/0/filepath"}},
	{"a Jest or vitest test report", []string{"testResults/0/assertionResults"}},
	{"a tinybench result", []string{"0/latency/samplesCount", "0/throughput/samplesCount"}},
	{"a mitata result", []string{"layout", "context", "benchmarks/0/runs"}},
	{"a Lighthouse report", []string{"lighthouseVersion", "audits"}},
	{"a Lighthouse CI manifest", []string{"0/isRepresentativeRun"}},
	{"github-action-benchmark custom JSON", []string{"0/name", "0/unit", "0/value"}},
	{"gobenchdata output", []string{"0/Version", "0/Suites"}},
	{"octocov custom metrics", []string{"key", "metrics/0/key", "metrics/0/value"}},
	{"Nyrkiö JSON", []string{"0/timestamp", "0/metrics/0/name", "0/attributes"}},
	{"OTLP metrics", []string{"resourceMetrics"}},
	{"a Prometheus query result", []string{"status", "data/resultType"}},
	{"a fio result", []string{"fio version", "jobs"}},
	{"an iperf3 result", []string{"start/connected", "end"}},
	{"a memtier_benchmark result", []string{"ALL STATS"}},
	{"a BenchmarkTools.jl file", []string{"0/BenchmarkTools"}},
	{"benchmark-ips output", []string{"0/central_tendency", "0/ips"}},
}

const (
	toolLocust = "Locust JSON"
	toolGoTest = "an event of go test -json"
)

// ownFormats are the formats of the project that read what this package refuses.
var ownFormats = map[string]string{toolLocust: "locust-json", toolGoTest: "go-bench-json"}

// refusal says why a tool's document is not read and what to do instead.
func refusal(root *jsontree.Node, tool string) error {
	if format := ownFormats[tool]; format != "" {
		return perf.Errorf(root.Pos(), "this is %s; read it with --format %s", tool, format)
	}
	return perf.Errorf(root.Pos(), "this is %s; its format is not read by this version; write a json selector in speedgate.yml", tool)
}

// Foreign names the tool whose JSON root is, with its article: "a k6 summary". It is
// empty if no known tool writes such a document. The numbers of these documents need
// their tool's own rules: units that are written nowhere, percentiles by position,
// counts under the name of a rate.
func Foreign(root *jsontree.Node) (tool string) {
	for _, s := range signatures {
		if !slices.ContainsFunc(s.places, func(place string) bool { return at(root, place) == nil }) {
			return s.tool
		}
	}
	switch {
	case isJMeter(root):
		return "JMeter's statistics.json"
	case isMetricFormat(root):
		return "Bencher Metric Format"
	}
	return ""
}

// at goes down a place of a signature, nil if it is not there.
func at(n *jsontree.Node, place string) *jsontree.Node {
	for step := range strings.SplitSeq(place, "/") {
		switch {
		case n == nil:
			return nil
		case step == "0" && n.Kind == jsontree.Array:
			if len(n.Items()) == 0 {
				return nil
			}
			n = &n.Items()[0]
		default:
			n = n.Get(step)
		}
	}
	return n
}

// isJMeter recognises the dashboard's statistics: every label has the same keys.
func isJMeter(root *jsontree.Node) bool {
	return everyMember(root, func(m *jsontree.Member) bool {
		return m.Value.Has("transaction") && m.Value.Has("sampleCount")
	})
}

// isMetricFormat recognises {benchmark: {measure: {value, lower_value, upper_value}}}.
func isMetricFormat(root *jsontree.Node) bool {
	return everyMember(root, func(benchmark *jsontree.Member) bool {
		return !readName(benchmark.Name).isStructure && everyMember(&benchmark.Value, func(measure *jsontree.Member) bool {
			v := measure.Value.Get("value")
			return v != nil && v.Kind == jsontree.Number && everyMember(&measure.Value, func(m *jsontree.Member) bool {
				return m.Name == "value" || m.Name == "lower_value" || m.Name == "upper_value"
			})
		})
	})
}

// everyMember reports whether n is an object with members, all of which are ok.
func everyMember(n *jsontree.Node, ok func(*jsontree.Member) bool) bool {
	for i := range n.Members() {
		if !ok(&n.Members()[i]) {
			return false
		}
	}
	return len(n.Members()) > 0
}
