package noisy

import (
	"fmt"
	"testing"
)

// The loops run up to b.N, as with b.Loop the testing package prints the name of a
// benchmark behind everything that the benchmark prints.

func BenchmarkPrintsLine(b *testing.B) {
	fmt.Println("cache warmed up")
	for range b.N {
	}
}

func BenchmarkPrintsWord(b *testing.B) {
	fmt.Print("warm")
	for range b.N {
	}
}

func BenchmarkPrintsLast(b *testing.B) {
	for b.Loop() {
	}
	fmt.Print("done ")
}

func BenchmarkLogs(b *testing.B) {
	b.Log("a log line\nBenchmarkQuoted-2   \t    1000\t         0.5000 ns/op")
	for b.Loop() {
	}
}
