package perf

import (
	"math"
	"strings"
)

// Unit is a unit of measurement, spelled as the tool that reported it spells
// it: "ms", "ns/op", "MB/s", "%". The empty unit belongs to plain numbers.
//
// Two units compare when they have the same dimension; values are then
// converted by the ratio of their scales. A unit that is not known has a
// dimension of its own and compares only with itself.
type Unit string

// Dimension is what a unit measures: "time", "bytes", … A unit that is not
// known has its own text as dimension.
type Dimension string

// The dimensions of the known units. "per operation" is no dimension of its
// own: ns/op is a time and B/op a size, so that a target of 50us fits time_per_op.
const (
	DimensionNone          Dimension = ""
	DimensionTime          Dimension = "time"             // base unit: nanosecond
	DimensionSize          Dimension = "bytes"            // base unit: byte
	DimensionRate          Dimension = "per second"       // base unit: 1/s
	DimensionSizeRate      Dimension = "bytes per second" // base unit: B/s
	DimensionRatio         Dimension = "ratio"            // base unit: percent
	DimensionAllocs        Dimension = "allocations"      // base unit: one
	unknownDimensionPrefix           = "unit "
)

// scale of a unit in its dimension's base unit.
type scale struct {
	dim    Dimension
	factor float64
}

// Base units are the small ones, so that every factor of a time or a size is a
// whole number and a conversion between two of them rounds once.
var timeScales = map[string]float64{
	"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "sec": 1e9, "m": 60e9, "min": 60e9, "h": 3600e9,
	"nanoseconds": 1, "microseconds": 1e3, "milliseconds": 1e6, "seconds": 1e9,
}

// KB and MB are powers of ten, as in go test's MB/s; KiB and MiB are powers of two.
var sizeScales = map[string]float64{
	"B": 1, "bytes": 1, "byte": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

// Things that are counted: the unit of their rate is /s whatever they are called.
var counted = map[string]bool{
	"": true, "req": true, "reqs": true, "requests": true, "op": true, "ops": true, "events": true, "msgs": true,
	"messages": true, "queries": true, "tx": true, "transactions": true, "conns": true, "connections": true,
	"executions": true, "items": true, "iter": true, "1": true,
}

func (u Unit) scale() scale {
	text := string(u)
	switch text {
	case "":
		return scale{DimensionNone, 1}
	case "%", "percent":
		return scale{DimensionRatio, 1}
	case "ratio":
		return scale{DimensionRatio, 100}
	case "rps", "qps", "tps", "ops", "iops", "IOPS", "Hz":
		return scale{DimensionRate, 1}
	case "bps":
		return scale{DimensionSizeRate, 1.0 / 8}
	case "allocs", "allocs/op":
		return scale{DimensionAllocs, 1}
	}
	num, den, isRatio := strings.Cut(text, "/")
	if f, ok := timeScales[num]; ok && (!isRatio || den == "op" || den == "iter") {
		return scale{DimensionTime, f}
	}
	if f, ok := sizeScales[num]; ok {
		switch {
		case !isRatio || den == "op" || den == "iter":
			return scale{DimensionSize, f}
		case den == "s" || den == "sec":
			return scale{DimensionSizeRate, f}
		}
	}
	if isRatio && counted[num] {
		if f, ok := timeScales[den]; ok {
			return scale{DimensionRate, 1e9 / f}
		}
	}
	return scale{Dimension(unknownDimensionPrefix + text), 1}
}

// Dimension returns what u measures.
func (u Unit) Dimension() Dimension { return u.scale().dim }

// Known reports whether u is one of the units whose scale is known. The empty
// unit is known.
func (u Unit) Known() bool {
	return !strings.HasPrefix(string(u.Dimension()), unknownDimensionPrefix)
}

// Factor returns what a value in u is multiplied with to be a value in to. ok is
// false when the two have different dimensions.
func (u Unit) Factor(to Unit) (factor float64, ok bool) {
	if u == to {
		return 1, true
	}
	a, b := u.scale(), to.scale()
	if a.dim != b.dim {
		return 0, false
	}
	return a.factor / b.factor, true
}

// Convert returns value, given in u, in the unit to. ok is false when the two
// have different dimensions.
func (u Unit) Convert(value float64, to Unit) (converted float64, ok bool) {
	if u == to {
		return value, true
	}
	a, b := u.scale(), to.scale()
	if a.dim != b.dim {
		return 0, false
	}
	// Multiplying before dividing keeps 250 us exactly 0.25 ms; the other way round
	// is for values so great that their product is infinite.
	if c := value * a.factor / b.factor; !math.IsInf(c, 0) {
		return c, true
	}
	return value * (a.factor / b.factor), true
}

// Beside returns the unit of a metric whose other side, a newer or an older value, has
// the unit other: its own, but for an error rate without one that of the other, if it is
// known to be a share or a percentage. Both stand for what one script writes, and the
// other was told apart by the counts beside it.
func (u Unit) Beside(other Unit, metric string) Unit {
	if u == "" && metric == ErrorRate && other.Dimension() == DimensionRatio {
		return other
	}
	return u
}
