package skip

import "testing"

func BenchmarkSkipped(b *testing.B) {
	b.Skip("needs a database")
}

func BenchmarkRuns(b *testing.B) {
	for b.Loop() {
	}
}
