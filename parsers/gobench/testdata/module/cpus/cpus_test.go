package cpus

import "testing"

func BenchmarkSerial(b *testing.B) {
	for b.Loop() {
	}
}

func BenchmarkParallel(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
		}
	})
}
