package failing

import "testing"

func BenchmarkFine(b *testing.B) {
	for b.Loop() {
	}
}

func BenchmarkFails(b *testing.B) {
	b.Run("sub", func(b *testing.B) {
		b.Fatal("no connection")
	})
}

func BenchmarkFailsLate(b *testing.B) {
	if b.N > 1 {
		b.Fatal("connection lost")
	}
}

func BenchmarkLast(b *testing.B) {
	for b.Loop() {
	}
}
