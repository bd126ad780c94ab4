package load

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The oracle keeps every duration and sorts.
func TestHistogramAgainstAllDurations(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 3, 10, 999, 20_000} {
		var all []time.Duration
		var h, first, second histogram
		for i := range n {
			d := time.Duration(math.Exp(r.Float64() * 27)) // up to 9 minutes
			all = append(all, d)
			h.add(d)
			[]*histogram{&first, &second}[i%2].add(d)
		}
		slices.Sort(all)
		for _, q := range []float64{0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1} {
			want := all[max(0, int(math.Ceil(q*float64(n)-1e-9))-1)]
			got, width := h.quantile(q)
			if diff := math.Abs(float64(got - want)); diff > float64(want)/2048 || width > max(1, want/1024) {
				t.Errorf("%d durations: quantile %g is %s ± %s, want %s", n, q, got, width, want)
			}
		}
		if h.count != int64(n) || h.min != all[0] || h.max != all[n-1] {
			t.Errorf("%d durations: count %d, %s to %s", n, h.count, h.min, h.max)
		}
		first.merge(&second)
		first.sum = h.sum // another order of adding
		if d := cmp.Diff(h, first, cmp.AllowUnexported(histogram{})); d != "" {
			t.Errorf("%d durations: all against two halves merged:\n%s", n, d)
		}
	}
}

func TestHistogramBuckets(t *testing.T) {
	t.Parallel()
	next := 0
	for _, d := range []time.Duration{0, 1, 1023, 1024, 2047, 2048, 2049, 4095, 4096, time.Second, time.Hour, math.MaxInt64} {
		b := bucketOf(d)
		mid, width := middle(b)
		if b < next || d < mid-(width-1)/2 || d > mid+width/2 {
			t.Errorf("%d is in bucket %d: %d wide around %d", d, b, width, mid)
		}
		next = b
	}
	var h histogram
	h.add(-time.Second)
	if v, _ := h.quantile(0.5); v != 0 || h.mean() != 0 {
		t.Errorf("a negative duration counts as %s", v)
	}
}
