package crash

import "testing"

func BenchmarkFine(b *testing.B) {
	for b.Loop() {
	}
}

func BenchmarkPanics(b *testing.B) {
	if b.N > 1 {
		panic("index out of luck")
	}
}

func BenchmarkNever(b *testing.B) {
	for b.Loop() {
	}
}
