package jsonmap

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"speedgate/perf"
)

// name is what a key says about the values under it.
type name struct {
	text  string   // the key as written
	base  []string // its words without statistics and unit, lower case
	stats []string // "p95", "median", "avg", "min", "max"
	unit  perf.Unit
	// spread marks a measure of noise, such as a standard deviation: it says how
	// sure a value is and is none itself.
	spread bool
	// What the key as it is written says: it names an item of a list, as a key of
	// that rank; nothing but what kind of thing is below; a size below is a cost.
	rank        int
	isStructure bool
	isMemory    bool

	some  class // of at least one of the words
	every class // of all of them
	traits
}

var (
	statWords = map[string]string{
		"avg": "avg", "average": "avg", "mean": "avg", "median": "median", "med": "median",
		"min": "min", "minimum": "min", "max": "max", "maximum": "max",
	}
	unitWords = map[string]perf.Unit{
		"ns": "ns", "nanos": "ns", "nanosecond": "ns", "nanoseconds": "ns",
		"us": "us", "µs": "us", "μs": "us", "usec": "us", "usecs": "us", "micros": "us", "microsecond": "us", "microseconds": "us",
		"ms": "ms", "msec": "ms", "msecs": "ms", "millis": "ms", "millisecond": "ms", "milliseconds": "ms",
		"s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "minutes": "min", "hours": "h",
		"byte": "B", "bytes": "B", "kb": "KB", "mb": "MB", "gb": "GB", "kib": "KiB", "mib": "MiB", "gib": "GiB",
		"rps": "rps", "qps": "qps", "tps": "tps", "iops": "iops", "hz": "Hz", "fps": "fps",
		"kbps": "kbps", "mbps": "mbps", "gbps": "gbps",
		"percent": "%", "pct": "%", "percentage": "%",
	}
)

var (
	plainPercentile = regexp.MustCompile(`^(\d{1,2}(?:\.\d+)?)(?:%|th|st|nd|rd)$`)
	wordPercentile  = regexp.MustCompile(`^(?:p|pct|perc|percentile)(\d{1,5}(?:\.\d+)?)(?:th)?$`)
	underscorePoint = regexp.MustCompile(`^[pP](\d{1,2})_(\d{1,3})$`)
	barePercentile  = regexp.MustCompile(`^\d{1,2}(?:\.\d+)?$`)
	parenPercentile = regexp.MustCompile(`[pP]\((\d+(?:\.\d+)?)\)`)
)

// readName takes a key apart. Tags in braces, as k6 writes them, belong to the
// key's text and say nothing about unit or statistic.
func readName(key string) *name {
	n := &name{text: key}
	words := splitWords(key)
	some, every := classesOf(words)
	n.rank, n.isStructure, n.isMemory = nameRank(words), len(words) > 0 && every&structureWords != 0, some&memoryWords != 0
	n.read(words)
	n.settle()
	return n
}

// read finds statistics and unit among the words of the key, which it takes over.
func (n *name) read(words []string) {
	key, _, isTagged := strings.Cut(n.text, "{")
	if p := wholePercentile(key); p != "" {
		n.stats = []string{p}
		return
	}
	if isTagged || strings.Contains(key, "(") {
		words = splitWords(parenPercentile.ReplaceAllString(key, " p$1 "))
	}
	n.base = words[:0]
	for _, w := range words {
		stat := statWords[w]
		if stat == "" {
			stat = percentile(w)
		}
		switch {
		case stat != "":
			n.stats = append(n.stats, stat)
		case spreadWords.has(w):
			n.spread = true
		default:
			n.base = append(n.base, w)
		}
	}
	n.base, n.unit = cutUnit(n.base)
}

// wholePercentile reads keys that say nothing else and that splitting would tear
// apart: 95%, p97_5.
func wholePercentile(key string) string {
	if !startsPercentile(key) {
		return ""
	}
	if m := plainPercentile.FindStringSubmatch(key); m != nil {
		return "p" + m[1]
	}
	if m := underscorePoint.FindStringSubmatch(key); m != nil {
		return "p" + m[1] + "." + m[2]
	}
	return ""
}

// startsPercentile spares most words the regular expressions, which would take most
// of the time of reading a document.
func startsPercentile(word string) bool {
	return word != "" && (word[0] == 'p' || word[0] == 'P' || word[0] >= '0' && word[0] <= '9') &&
		strings.ContainsAny(word, "0123456789")
}

// percentile normalises the spellings of a percentile to p95, p99.9; "" if the
// word is none. Tools that cannot have a point in a name write p999 for 99.9.
func percentile(word string) string {
	if !startsPercentile(word) {
		return ""
	}
	shape := wordPercentile
	if word[0] != 'p' {
		if shape = plainPercentile; !strings.Contains("hdt", word[len(word)-1:]) {
			return "" // most numbers, told without the expression
		}
	}
	m := shape.FindStringSubmatch(word)
	if m == nil {
		return ""
	}
	digits := m[1]
	if len(digits) > 2 && !strings.Contains(digits, ".") && digits != "100" {
		digits = digits[:2] + "." + digits[2:]
	}
	return "p" + digits
}

// splitWords divides a key at everything that is no letter or digit and where
// lower case changes to upper case, and returns the words in lower case.
func splitWords(key string) []string {
	words := make([]string, 0, 4)
	start := -1 // of the word, none yet
	var before rune
	flush := func(end int) {
		if start >= 0 {
			words = append(words, strings.ToLower(key[start:end]))
		}
		start = -1
	}
	for i, size := 0, 0; i < len(key); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(key[i:])
		next, _ := utf8.DecodeRuneInString(key[i+size:])
		switch {
		case r == '%':
			flush(i)
			words = append(words, "percent")
		case r == '.' && unicode.IsDigit(before) && unicode.IsDigit(next):
			// a point in a number: p99.9
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush(i)
		case start < 0:
			start = i
		case startsWord(before, r, next):
			flush(i)
			start = i
		}
		before = r
	}
	flush(len(key))
	return words
}

// startsWord reports whether r, a letter between two others, begins a word: in fooBar
// and p95Latency, and before the T of HTTPTime.
func startsWord(before, r, next rune) bool {
	if !unicode.IsUpper(r) {
		return false
	}
	return unicode.IsLower(before) || unicode.IsDigit(before) && unicode.IsLower(next) ||
		unicode.IsUpper(before) && unicode.IsLower(next)
}

// cutUnit takes the unit off the end of the words.
func cutUnit(words []string) (base []string, unit perf.Unit) {
	n := len(words)
	if n >= 3 && words[n-2] == "per" {
		if base, unit = perUnit(words[:n-2], words[n-1]); unit != "" {
			return base, unit
		}
	}
	if n >= 2 && timeWords.has(words[n-1]) && rateWords.has(words[n-2]) {
		return perUnit(words[:n-1], words[n-1])
	}
	if n == 0 || unitWords[words[n-1]] == "" {
		return words, ""
	}
	return words[:n-1], unitWords[words[n-1]]
}

// perUnit reads words … PER DIVISOR: a rate, a cost of an operation, or a cost of
// something else, which compares only with itself.
func perUnit(words []string, divisor string) (base []string, unit perf.Unit) {
	before, last := words[:len(words)-1], words[len(words)-1]
	u := unitWords[last]
	isAmount := u != "" && (u.Dimension() == perf.DimensionTime || u.Dimension() == perf.DimensionSize)
	switch {
	case timeWords.has(divisor) && isAmount:
		return before, u + "/s"
	case timeWords.has(divisor) && slices.Contains([]string{"req", "reqs", "request", "requests"}, last):
		return before, "req/s"
	case timeWords.has(divisor) && slices.Contains([]string{"op", "ops", "operation", "operations"}, last):
		return before, "ops/s"
	case timeWords.has(divisor):
		return words, "/s"
	case opWords.has(divisor) && isAmount:
		return before, u + "/op"
	case opWords.has(divisor) && slices.Contains([]string{"alloc", "allocs", "allocation", "allocations"}, last):
		return before, "allocs/op"
	case isAmount:
		return before, u + perf.Unit("/"+divisor)
	}
	return words, ""
}

// bare reports whether the key is nothing but statistics and units: p95, avg_ms, seconds.
func (n *name) bare() bool { return len(n.base) == 0 }

// has reports whether one of the words is in a class.
func (n *name) has(c class) bool { return n.some&c != 0 }

// only reports whether all words are in a class.
func (n *name) only(c class) bool { return n.every&c != 0 }

// stat is the statistic of a key that has exactly one.
func (n *name) stat() string {
	if len(n.stats) != 1 {
		return ""
	}
	return n.stats[0]
}

// isPercentile reports whether the statistic is one by its number: p95, not median.
func isPercentile(stat string) bool { return len(stat) > 1 && stat[0] == 'p' }

func isExtreme(stat string) bool { return stat == "min" || stat == "max" }

// isLatency reports whether the words are those of a response time, or none at all.
func (n *name) isLatency() bool { return n.only(latencyWords) }

// isTime reports whether the words name a duration: "scan_time", but neither
// "time_to_live" nor "start_time".
func (n *name) isTime() bool {
	if n.has(timeNouns) {
		return true
	}
	i := slices.IndexFunc(n.base, func(w string) bool { return w == "time" || w == "times" })
	return i >= 0 && (i > 0 || len(n.base) == 1) && !n.has(notTimes)
}
