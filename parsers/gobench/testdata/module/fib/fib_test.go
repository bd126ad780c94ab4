package fib

import (
	"bytes"
	"fmt"
	"testing"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func TestFib(t *testing.T) {
	t.Log("fib(10) =", fib(10))
}

func BenchmarkFib(b *testing.B) {
	for _, n := range []int{5, 10} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			for b.Loop() {
				fib(n)
			}
		})
	}
}

func BenchmarkCopy(b *testing.B) {
	src := bytes.Repeat([]byte("x"), 4096)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		_ = append([]byte(nil), src...)
	}
}

func BenchmarkCustom(b *testing.B) {
	for b.Loop() {
		fib(3)
	}
	b.ReportMetric(1250, "p95-ns")
	b.ReportMetric(4.5, "hits/op")
	b.ReportMetric(120000, "req/s")
	b.ReportMetric(0.25, "score")
}
