package jsonmap

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlainSignature(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want bool
	}{
		{`{"latency": {"p50": 45.2, "p95": 98, "p99": 180}, "throughput": {"avg": 1043.5}}`, true},
		{`{"latency": {"avg": 1}, "error_rate": 0.1}`, true},
		{`{"latency": {"avg": 1}, "error_rate": null}`, true},
		{`{"latency": {"p95": 1}}`, true},
		{`{"latency": {"p95": 1}, "other": 2, "commit": "4f1c"}`, true},
		{`{"latency": {"p95": 1}, "requests": 900, "errors": 1}`, true},
		{`{"latency": {"p95": 1}, "endpoints": {"a": {"p95_ms": 3}}}`, false},
		{`{"latency": {"min": 1}, "throughput": 3}`, false},
		{`{"latency": 4, "throughput": 3}`, false},
		{`{"latency": {"p50": 1}, "throughput": {}, "requests": {"total": 9}}`, true},
		{`{"latency": {"p50": 1}, "throughput": {}, "requests": {"average": 9}}`, false},
		{`{"latency": {"p50": 1}, "throughput": {}, "requests": {"average": 9}, "non2xx": 0}`, false},
		{`{"latency": {"p50": 1}, "throughput": 3, "latencies": {}}`, false},
		{`[1]`, false},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			_, ok, _ := Plain(tree(t, tt.in), "x.json")
			if ok != tt.want {
				t.Errorf("ok = %v, want %v", ok, tt.want)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	run, ok, err := Plain(tree(t, `{"latency": {"p95": 98, "median": 40}, "throughput": {"avg": 1043.5}}`), "performance_baseline.json")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	want := summary{Rule: "plain shape", Series: []string{
		`Aggregated · latency_p50 = [40] "ms" lower quantile @1:35`,
		`Aggregated · latency_p95 = [98] "ms" lower quantile @1:21`,
		`Aggregated · throughput = [1043.5] "/s" higher rate @1:62`,
	}}
	if d := cmp.Diff(want, summarize(run)); d != "" {
		t.Errorf("run (-want +got):\n%s", d)
	}
}
