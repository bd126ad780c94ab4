package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"speedgate/perf"
)

// none stands for a number that does not exist.
const none = "-"

// display is how the numbers of one row are written: all in one unit, so that
// they can be compared at a glance.
type display struct {
	from, to perf.Unit
	symbol   string // with a leading blank where there is one: " ms", "/s"
	whole    bool   // every number of the row is a whole one in this unit
}

// ladders are the units that people read numbers of a dimension in, the small
// first. Sizes in powers of two keep to powers of two.
var (
	timeLadder       = []perf.Unit{"ns", "µs", "ms", "s"}
	sizeLadder       = []perf.Unit{"B", "kB", "MB", "GB", "TB"}
	binarySizeLadder = []perf.Unit{"B", "KiB", "MiB", "GiB", "TiB"}
	sizeRateLadder   = []perf.Unit{"B/s", "kB/s", "MB/s", "GB/s"}
	ratioLadder      = []perf.Unit{"%"}
	rateLadder       = []perf.Unit{"/s"}
)

func ladder(u perf.Unit) []perf.Unit {
	switch u.Dimension() {
	case perf.DimensionTime:
		return timeLadder
	case perf.DimensionSize:
		if strings.Contains(string(u), "iB") {
			return binarySizeLadder
		}
		return sizeLadder
	case perf.DimensionSizeRate:
		return sizeRateLadder
	case perf.DimensionRatio:
		return ratioLadder
	case perf.DimensionRate:
		return rateLadder
	}
	return []perf.Unit{u}
}

// maxInUnit is how large the largest number of a row may get in the unit that
// suits its smallest: five digits and a separator still read well.
const maxInUnit = 1e5

// displayFor chooses the unit of a row of values given in u. It is the one that
// suits the smallest value; if the largest becomes unreadable in it, the one
// that suits the largest.
func displayFor(u perf.Unit, values ...*float64) display {
	smallest, largest := math.Inf(1), 0.0
	for _, v := range values {
		if v != nil && *v != 0 && isFinite(*v) {
			smallest, largest = min(smallest, math.Abs(*v)), max(largest, math.Abs(*v))
		}
	}
	to := u
	if rungs := ladder(u); largest > 0 {
		to = rung(rungs, u, smallest)
		if v, ok := u.Convert(largest, to); ok && v >= maxInUnit {
			to = rung(rungs, u, largest)
		}
	} else {
		to = zeroUnit(rungs, u)
	}
	d := display{from: u, to: to, symbol: symbol(to)}
	d.whole = d.areWhole(values)
	return d
}

// rung returns the largest unit in which v, rounded as it will be printed, is at
// least 1: 999.6 ns is 1.00 µs, 999.4 ns stays.
func rung(rungs []perf.Unit, u perf.Unit, v float64) perf.Unit {
	best := rungs[0]
	for _, r := range rungs[1:] {
		if x, ok := u.Convert(v, r); ok && round3(x) >= 1 {
			best = r
		}
	}
	return best
}

// zeroUnit is the unit of a row of zeros: the tool's own scale where that is one
// that people read.
func zeroUnit(rungs []perf.Unit, u perf.Unit) perf.Unit {
	for _, r := range rungs {
		if f, ok := u.Factor(r); ok && f == 1 {
			return r
		}
	}
	return rungs[0]
}

func symbol(u perf.Unit) string {
	switch u {
	case "":
		return ""
	case "/s":
		return "/s"
	case "allocs/op":
		return " allocs"
	}
	if r := []rune(u); len(r) > maxUnitRunes {
		return " " + string(r[:maxUnitRunes]) + "…"
	}
	return " " + string(u)
}

// maxUnitRunes is how much of a unit stands behind a number: a tool may call it
// anything, and numbers are never shortened to make room.
const maxUnitRunes = 20

// areWhole reports whether no value has a fraction. A tool that reports whole
// milliseconds is not given decimals that it did not measure.
func (d display) areWhole(values []*float64) bool {
	for _, v := range values {
		if v == nil {
			continue
		}
		if x, ok := d.from.Convert(*v, d.to); !ok || x != math.Trunc(x) {
			return false
		}
	}
	return true
}

// text returns v with its unit, [none] if there is no number.
func (d display) text(v *float64) string {
	if v == nil || !isFinite(*v) {
		return none
	}
	x, ok := d.from.Convert(*v, d.to)
	if !ok {
		return none
	}
	if d.whole && math.Abs(x) < maxDigits {
		return grouped(strconv.FormatFloat(x, 'f', 0, 64)) + d.symbol
	}
	return number(x) + d.symbol
}

// maxDigits is the magnitude from which an exponent reads better than digits.
const maxDigits = 1e15

// number writes x with 3 significant digits; digits before the point are never
// rounded away, and get separators: 1,041 and 41.2 and 0.0412.
func number(x float64) string {
	a := math.Abs(x)
	switch {
	case x == 0:
		return "0"
	case a >= maxDigits || a < 1e-6:
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	return grouped(strconv.FormatFloat(x, 'f', decimals(a), 64))
}

// decimals is how many digits behind the point make 3 significant ones.
func decimals(a float64) int {
	d := 2 - int(math.Floor(math.Log10(round3(a))))
	return max(d, 0)
}

// round3 rounds a positive number to 3 significant digits. It goes through text
// to round exactly as printing does.
func round3(a float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(a, 'e', 2, 64), 64)
	if err != nil {
		return a
	}
	return r
}

// grouped puts a comma before every third digit in front of the point.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	head, tail, _ := strings.Cut(s, ".")
	var b strings.Builder
	for i, c := range head {
		if i > 0 && (len(head)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if tail != "" {
		b.WriteString("." + tail)
	}
	return sign + b.String()
}

// percent writes a ratio as a signed percentage with one decimal, from 100 % on
// with none: "+33.5 %", "-22.1 %", "+133 %", "0 %".
func percent(ratio float64) string { return signed(ratio, 1) }

// maxPercentDecimals is how far percentDistinct goes before it gives up.
const maxPercentDecimals = 4

// percentDistinct is percent with as many decimals as it takes to see on which
// side of limit the ratio is: +20.04 % beside a limit of +20 %.
func percentDistinct(ratio, limit float64) string {
	if !isFinite(ratio) {
		return none
	}
	if ratio == limit {
		return percent(ratio)
	}
	for d := 1; d < maxPercentDecimals; d++ {
		if s := signed(ratio, d); parsePercent(s) != parsePercent(signed(limit, d)) {
			return s
		}
	}
	return signed(ratio, maxPercentDecimals)
}

func signed(ratio float64, digits int) string {
	if !isFinite(ratio) {
		return none
	}
	p := ratio * 100
	if math.Abs(p) >= 99.95 && digits == 1 {
		digits = 0
	}
	s := strconv.FormatFloat(p, 'f', digits, 64)
	switch v, err := strconv.ParseFloat(s, 64); {
	case p == 0:
		return "0 %"
	case err == nil && v == 0:
		return strings.TrimPrefix(s, "-") + " %"
	case p > 0:
		return "+" + grouped(s) + " %"
	}
	return grouped(s) + " %"
}

func parsePercent(s string) float64 {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSuffix(s, " %"), ",", ""), 64)
	if err != nil {
		return 0
	}
	return v
}

// bound writes a threshold, which is usually a round number: "+20 %", "-7.5 %".
func bound(ratio float64) string {
	if !isFinite(ratio) {
		return none
	}
	s := percent(ratio)
	return strings.Replace(s, ".0 %", " %", 1)
}

// share writes a ratio without a sign: "48 %", "7.5 %".
func share(ratio float64) string {
	return strings.TrimLeft(bound(ratio), "+-")
}

// signedThreshold gives a threshold the sign of the change that breaks it: a
// throughput may fall by it, a latency may rise by it.
func signedThreshold(b perf.Better, threshold float64) float64 {
	if b == perf.BetterHigher {
		return -threshold
	}
	return threshold
}

// pValue writes a probability as the field does, without a leading zero: "p =
// .004", "p < .001".
func pValue(p float64) string {
	switch {
	case !isFinite(p):
		return "p unknown"
	case p < .0005:
		return "p < .001"
	case p > .9995:
		return "p = 1"
	}
	s := strings.TrimPrefix(strconv.FormatFloat(max(p, .001), 'f', 3, 64), "0")
	return "p = " + strings.TrimRight(s, "0")
}

// age writes a number of days: "3 days", "5 hours", "less than an hour". Days
// are complete ones, as in anybody's age.
func age(days float64) string {
	switch hours := days * 24; {
	case !isFinite(days):
		return "unknown age"
	case hours < 0:
		return "dated in the future"
	case hours < 1:
		return "less than an hour"
	case hours < 24:
		return plural(int(hours), "hour")
	}
	return plural(int(min(days, maxDigits)), "day")
}

// ageOld is age with "old" where that makes a sentence.
func ageOld(days float64) string {
	if !isFinite(days) || days < 0 {
		return age(days)
	}
	return age(days) + " old"
}

func plural(n int, noun string) string {
	return grouped(strconv.Itoa(n)) + " " + pluralNoun(n, noun)
}

func pluralNoun(n int, noun string) string {
	switch {
	case n == 1:
		return noun
	case strings.HasSuffix(noun, "s"):
		return noun + "es"
	}
	return noun + "s"
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// metricNames are the standard metrics in people's words; latency_* is a rule.
var metricNames = map[string]string{
	perf.Throughput: "throughput", perf.ErrorRate: "error rate", perf.Requests: "requests",
	perf.TimePerOp: "time/op", perf.BytesPerOp: "bytes/op", perf.AllocsPerOp: "allocs/op",
	perf.BytesPerSecond: "bytes/s", perf.CPUUsage: "cpu usage", perf.MemoryUsage: "memory usage",
	perf.MemoryShare: "memory share", perf.DiskIOPS: "disk iops", perf.NetworkBPS: "network bps",
	perf.BreakingPoint: "breaking point", perf.RecoveryTime: "recovery time",
}

// metricName is how reports call a metric. A tool's own metric keeps its name.
func metricName(metric string) string {
	if s, ok := metricNames[metric]; ok {
		return s
	}
	if perf.IsLatency(metric) {
		return strings.Replace(metric, "_", " ", 1)
	}
	return metric
}

// shortCommit is the length of a hash that people read.
const shortCommit = 7

func commitText(hash string) string {
	if len(hash) > shortCommit && isHex(hash) {
		return hash[:shortCommit]
	}
	return hash
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// countText writes "2 regressed" for a number of metrics with one verdict.
func countText(n int, word string) string {
	return fmt.Sprintf("%s %s", grouped(strconv.Itoa(n)), word)
}
