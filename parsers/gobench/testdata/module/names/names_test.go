package names

import "testing"

func BenchmarkNames(b *testing.B) {
	for _, n := range []string{"dash-8", "dash", "a b", "q\"uote%", "", "dash", "k=v/x=1"} {
		b.Run(n, func(b *testing.B) {
			for b.Loop() {
			}
		})
	}
}
