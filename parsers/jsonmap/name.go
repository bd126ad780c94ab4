package jsonmap

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

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
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
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
	// timeWords end a rate: "per second", "ops_s".
	timeWords = set("s sec second")
	// opWords end a cost of one operation: "ns_per_op".
	opWords = set("op ops operation iteration iter call")
	// rateWords may stand before a bare time word and make it a rate.
	rateWords = set("req reqs request requests op ops operations query queries tx transactions bytes kb mb gb kib mib gib")

	spreadWords = set("stddev stdev std sd deviation variance cv iqr rme moe sem mad ci confidence margin standard stderr jitter")
	// latencyWords make up the names of response times.
	latencyWords = set("latency latencies response responses request requests req http grpc rpc api time times duration durations percentile percentiles elapsed roundtrip rtt")
	timeNouns    = set("latency latencies duration durations elapsed runtime rtt percentiles")
	// notTimes make "time" a point in time or a setting.
	notTimes = set("start started end ended last first created updated since finish finished complete completed date unix epoch build_date")
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
func readName(key string) name {
	n := name{text: key}
	key, _, _ = strings.Cut(key, "{")
	if p := wholePercentile(key); p != "" {
		n.stats = []string{p}
		return n
	}
	if strings.Contains(key, "(") {
		key = parenPercentile.ReplaceAllString(key, " p$1 ")
	}
	for _, w := range splitWords(key) {
		stat := statWords[w]
		if stat == "" {
			stat = percentile(w)
		}
		switch {
		case stat != "":
			n.stats = append(n.stats, stat)
		case spreadWords[w]:
			n.spread = true
		default:
			n.base = append(n.base, w)
		}
	}
	n.base, n.unit = cutUnit(n.base)
	return n
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
	m := wordPercentile.FindStringSubmatch(word)
	if m == nil {
		if m = plainPercentile.FindStringSubmatch(word); m == nil {
			return ""
		}
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
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = word[:0]
	}
	runes := []rune(key)
	for i, r := range runes {
		switch {
		case r == '%':
			flush()
			words = append(words, "percent")
		case r == '.' && i > 0 && i+1 < len(runes) && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1]):
			word = append(word, r)
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		default:
			if startsWord(runes, i) {
				flush()
			}
			word = append(word, r)
		}
	}
	flush()
	return words
}

// startsWord reports whether a capital begins a word: in fooBar and p95Latency, and
// before the T of HTTPTime.
func startsWord(runes []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(runes[i]) {
		return false
	}
	prev := runes[i-1]
	if unicode.IsLower(prev) || unicode.IsDigit(prev) && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
		return true
	}
	return unicode.IsUpper(prev) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// cutUnit takes the unit off the end of the words.
func cutUnit(words []string) (base []string, unit perf.Unit) {
	n := len(words)
	if n >= 3 && words[n-2] == "per" {
		if base, unit = perUnit(words[:n-2], words[n-1]); unit != "" {
			return base, unit
		}
	}
	if n >= 2 && timeWords[words[n-1]] && rateWords[words[n-2]] {
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
	case timeWords[divisor] && isAmount:
		return before, u + "/s"
	case timeWords[divisor] && slices.Contains([]string{"req", "reqs", "request", "requests"}, last):
		return before, "req/s"
	case timeWords[divisor] && slices.Contains([]string{"op", "ops", "operation", "operations"}, last):
		return before, "ops/s"
	case timeWords[divisor]:
		return words, "/s"
	case opWords[divisor] && isAmount:
		return before, u + "/op"
	case opWords[divisor] && slices.Contains([]string{"alloc", "allocs", "allocation", "allocations"}, last):
		return before, "allocs/op"
	case isAmount:
		return before, u + perf.Unit("/"+divisor)
	}
	return words, ""
}

// bare reports whether the key is nothing but statistics and units: p95, avg_ms, seconds.
func (n name) bare() bool { return len(n.base) == 0 }

// has reports whether one of the words is in the set.
func (n name) has(words map[string]bool) bool {
	return slices.ContainsFunc(n.base, func(w string) bool { return words[w] })
}

func (n name) only(words map[string]bool) bool {
	return !slices.ContainsFunc(n.base, func(w string) bool { return !words[w] })
}

// stat is the statistic of a key that has exactly one.
func (n name) stat() string {
	if len(n.stats) != 1 {
		return ""
	}
	return n.stats[0]
}

// isPercentile reports whether the statistic is one by its number: p95, not median.
func isPercentile(stat string) bool { return len(stat) > 1 && stat[0] == 'p' }

func isExtreme(stat string) bool { return stat == "min" || stat == "max" }

// isLatency reports whether the words are those of a response time, or none at all.
func (n name) isLatency() bool { return n.only(latencyWords) }

// isTime reports whether the words name a duration: "scan_time", but neither
// "time_to_live" nor "start_time".
func (n name) isTime() bool {
	if n.has(timeNouns) {
		return true
	}
	i := slices.IndexFunc(n.base, func(w string) bool { return w == "time" || w == "times" })
	return i >= 0 && (i > 0 || len(n.base) == 1) && !n.has(notTimes)
}
