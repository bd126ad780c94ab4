package jsonmap

import (
	"fmt"
	"strings"
	"testing"
)

func TestReadName(t *testing.T) {
	t.Parallel()
	tests := []struct{ key, want string }{ // base|statistics|unit
		{"p95_ms", "|p95|ms"},
		{"p95LatencyMs", "latency|p95|ms"},
		{"latency_p99.9_us", "latency|p99.9|us"},
		{"p999", "|p99.9|"},
		{"p9999", "|p99.99|"},
		{"p97_5", "|p97.5|"},
		{"p100", "|p100|"},
		{"p(95)", "|p95|"},
		{"P(99.9)", "|p99.9|"},
		{"95%", "|p95|"},
		{"99th", "|p99|"},
		{"95th percentile", "percentile|p95|"},
		{"percentile95", "|p95|"},
		{"avgLatencyMs", "latency|avg|ms"},
		{"median", "|median|"},
		{"helm_template_ms_avg", "helm template|avg|ms"},
		{"p95_ms_max", "|p95 max|ms"},
		{"throughputPerSec", "throughput||/s"},
		{"reqPerSec", "||req/s"},
		{"requests_per_second", "||req/s"},
		{"Requests/sec", "||req/s"},
		{"ops_s", "||ops/s"},
		{"bytesPerSec", "||B/s"},
		{"mb_per_sec", "||MB/s"},
		{"lines_per_sec", "lines||/s"},
		{"pipeline_100_jobs_sec", "pipeline 100 jobs||s"},
		{"ns_per_op", "||ns/op"},
		{"allocations_per_op", "||allocs/op"},
		{"memory_per_op_bytes", "memory per op||B"},
		{"time_per_page_ms", "time per page||ms"},
		{"ms_per_page", "||ms/page"},
		{"ms_per_1000_operations", "ms per 1000 operations||"},
		{"http_req_duration{name:p95_ms}", "http req duration||"},
		{"HTTPReqsRPS", "http reqs||rps"},
		{"TTFBMs", "ttfb||ms"},
		{"std_dev_ms", "dev||ms spread"},
		{"cpu %", "cpu||%"},
		{"🚀 speed", "speed||"},
		{"per_sec", "per||s"},
		{"", "||"},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			t.Parallel()
			n := readName(tt.key)
			got := fmt.Sprintf("%s|%s|%s", strings.Join(n.base, " "), strings.Join(n.stats, " "), n.unit)
			if n.spread {
				got += " spread"
			}
			if got != tt.want {
				t.Errorf("readName = %q, want %q", got, tt.want)
			}
		})
	}
}
