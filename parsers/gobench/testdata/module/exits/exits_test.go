package exits

import (
	"os"
	"testing"
)

func BenchmarkFine(b *testing.B) {
	for b.Loop() {
	}
}

func BenchmarkExits(b *testing.B) {
	os.Exit(3)
}
