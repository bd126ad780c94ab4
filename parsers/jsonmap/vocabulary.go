package jsonmap

import "strings"

// class is a set of words with one meaning; a word may be in several. One look-up of a
// word answers for all of them.
type class uint64

const (
	// limitWords, anywhere in the key of a number, make it a limit, a setting of the
	// test, or a comparison that was computed from results.
	limitWords class = 1 << iota
	// settingWords, as the last word of a key, do the same; elsewhere they may be part of
	// a benchmark's name: config_parse_ms.
	settingWords
	// structureWords make up keys that say what kind of thing is below and do not
	// name it.
	structureWords
	// valueWords are keys of a number whose name is the key around it, sampleWords those
	// of an array of numbers. "samples" with one number is a count.
	valueWords
	sampleWords
	// groupNouns make a key that holds the statistics of one metric: latency, cpu_usage.
	groupNouns
	groupWords
	percentileWords
	// partWords name what a summary holds beside its statistics.
	partWords
	// spanWords with "duration" are the length of the whole test.
	spanWords
	// loadWords are settings of a load test.
	loadWords

	errorWords
	shareWords
	memoryWords
	usageWords
	goodShares
	badWords
	goodWords
	costWords
	throughputOf

	// timeWords end a rate: "per second", "ops_s".
	timeWords
	// opWords end a cost of one operation: "ns_per_op".
	opWords
	// rateWords may stand before a bare time word and make it a rate.
	rateWords
	spreadWords
	// latencyWords make up the names of response times.
	latencyWords
	timeNouns
	// notTimes make "time" a point in time or a setting.
	notTimes

	// fillerWords stand around a word that is counted, or alone in the object of what is
	// counted: total_requests, {"requests": {"total": 9}}.
	fillerWords
	// totalsWords are keys of an object that counts for everything beside it.
	totalsWords
	requestWords
	requestNouns // in the plural, so that they are counted
	failureNouns
	successNouns
	sizeWords // how many measurements statistics are made of
	// refusalWords begin what wrk and autocannon call answers whose status is a failure.
	refusalWords

	// countWords begin to tell that a key counts requests, or what became of them.
	countWords = requestWords | failureNouns | successNouns | sizeWords | refusalWords | errorWords | goodShares
)

var vocabulary = []struct {
	class class
	words string
}{
	{limitWords, `threshold thresholds target targets limit limits budget budgets slo slos sla guard goal goals
		tolerance expected allowed acceptable regression delta reduction improvement previous speedup warmup ramp rampup cooldown`},
	{settingWords, `config configuration settings options params parameters environment env metadata meta machine
		hardware schema issue seed factor multiplier timestamp date version timeout interval ttl deadline sleep
		uptime port pid warning critical required display human formatted pretty`},
	{structureWords, `metrics metric results result benchmarks benchmark baselines baseline scenarios tests endpoints measurements
		performance perf data stats statistics programs items cases values runs latest current history snapshots`},
	{valueWords, "value result current actual measured estimate"},
	{sampleWords, "values samples times timings data measurements raw results runs"},
	{groupNouns, "latency latencies time times duration durations elapsed percentile percentiles throughput usage rate cpu memory mem"},
	{groupWords, `latency latencies response responses request requests req http grpc rpc time times duration durations elapsed
		percentile percentiles throughput error failure success usage used utilization rate cpu memory mem`},
	{percentileWords, "percentile percentiles"},
	{partWords, "count total sum num number n samples requests iterations bucket buckets bin bins histogram"},
	{spanWords, "duration test total run suite overall"},
	{loadWords, "connections users vus concurrency threads"},

	{errorWords, "error errors failure failures failed fail"},
	{shareWords, "rate ratio percent share"},
	{memoryWords, "memory mem heap rss"},
	{usageWords, "usage used utilization utilisation"},
	{goodShares, "success successful hit hits availability available"},
	{badWords, `error errors failure failures failed fail miss misses missed drop dropped timeout timeouts retry retries
		rejected stall stalls fault faults leak leaks`},
	{goodWords, "throughput speed bandwidth success successful hit availability fps mbps kbps gbps"},
	{costWords, `latency latencies duration durations elapsed runtime rtt time times memory mem heap rss cpu size bundle
		alloc allocs allocation allocations`},
	{throughputOf, "throughput http api req reqs request requests"},

	{timeWords, "s sec second"},
	{opWords, "op ops operation iteration iter call"},
	{rateWords, `req reqs request requests op ops operations query queries tx transactions bytes kb mb gb kib mib gib`},
	{spreadWords, "stddev stdev std sd deviation variance cv iqr rme moe sem mad ci confidence margin standard stderr jitter"},
	{latencyWords, `latency latencies response responses request requests req http grpc rpc api time times duration durations
		percentile percentiles elapsed roundtrip rtt`},
	{timeNouns, "latency latencies duration durations elapsed runtime rtt percentiles"},
	{notTimes, "start started end ended last first created updated since finish finished complete completed date unix epoch build_date"},

	{fillerWords, "total totals num number of count counts n all overall made sent completed sum http"},
	{totalsWords, "summary total totals overall aggregate aggregated aggregates counts counters"},
	{requestWords, "request requests req reqs call calls"},
	{requestNouns, "requests reqs calls"},
	{failureNouns, "errors failures failed fails timeouts"},
	{successNouns, "success successes successful succeeded ok passed"},
	{sizeWords, "count iterations samples"},
	{refusalWords, "non non2xx"},
}

// classes are the classes of every word that is in one.
var classes = func() map[string]class {
	m := map[string]class{}
	for _, v := range vocabulary {
		for _, w := range strings.Fields(v.words) {
			m[w] |= v.class
		}
	}
	return m
}()

// classesOf are the classes that at least one of the words is in, and those that all are.
func classesOf(words []string) (some, every class) {
	every = ^class(0)
	for _, w := range words {
		c := classes[w]
		some |= c
		every &= c
	}
	return some, every
}

// has reports whether a word is in the class.
func (c class) has(word string) bool { return classes[word]&c != 0 }
