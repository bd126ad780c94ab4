package load

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts durations in buckets that are at most 1/1024 of their values
// wide, so that a quantile is off by 0.05 % at most, however many requests there
// are. The number, the sum and the extremes are exact.
type histogram struct {
	buckets  []int64 // as far as needed; an hour has 33,000
	count    int64
	sum      float64 // nanoseconds
	min, max time.Duration
}

// subBits is the logarithm of how many buckets there are from a value to its double.
const subBits = 10

// bucketOf returns the bucket of a duration: whole nanoseconds up to twice 2^subBits,
// above that the leading digits and how many were cut off.
func bucketOf(d time.Duration) int {
	cut := max(0, bits.Len64(uint64(d))-subBits-1)
	return cut<<subBits + int(uint64(d)>>cut)
}

// middle returns the middle and the width of a bucket.
func middle(bucket int) (value, width time.Duration) {
	cut := max(0, bucket>>subBits-1)
	low := time.Duration(bucket-cut<<subBits) << cut
	width = 1 << cut
	return low + (width-1)/2, width
}

// add counts a duration; one below zero counts as zero.
func (h *histogram) add(d time.Duration) {
	d = max(0, d)
	b := bucketOf(d)
	h.grow(b + 1)
	h.buckets[b]++
	h.count++
	h.sum += float64(d)
	if h.count == 1 || d < h.min {
		h.min = d
	}
	h.max = max(h.max, d)
}

func (h *histogram) grow(n int) {
	if n > len(h.buckets) {
		h.buckets = append(h.buckets, make([]int64, n-len(h.buckets))...)
	}
}

// merge adds all that o counted.
func (h *histogram) merge(o *histogram) {
	if o.count == 0 {
		return
	}
	h.grow(len(o.buckets))
	for i, n := range o.buckets {
		h.buckets[i] += n
	}
	if h.count == 0 || o.min < h.min {
		h.min = o.min
	}
	h.max = max(h.max, o.max)
	h.count += o.count
	h.sum += o.sum
}

// mean returns the average; the histogram must not be empty.
func (h *histogram) mean() time.Duration { return time.Duration(h.sum / float64(h.count)) }

// quantile returns the smallest duration that at least the share q of all are not
// above, and how wide its bucket is. The histogram must not be empty.
func (h *histogram) quantile(q float64) (value, width time.Duration) {
	rank := int64(math.Ceil(q*float64(h.count) - 1e-9))
	seen := int64(0)
	for b, n := range h.buckets {
		if seen += n; seen >= rank && n > 0 {
			value, width = middle(b)
			return min(max(value, h.min), h.max), width
		}
	}
	return h.max, 0
}
