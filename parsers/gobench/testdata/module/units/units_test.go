package units

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	fmt.Println("Unit score better=higher")
	fmt.Println("Unit instructions/op assume=exact better=lower")
	os.Exit(m.Run())
}

func BenchmarkWork(b *testing.B) {
	for b.Loop() {
	}
	b.ReportMetric(0.75, "score")
	b.ReportMetric(4200, "instructions/op")
}
