package plan

import "time"

// Kind is what a profile is to find out.
type Kind string

// The kinds of profiles.
const (
	Benchmark Kind = "benchmark" // normal load for some minutes: did this change make it slower?
	Load      Kind = "load"      // the expected load for longer: does it hold its targets?
	Stress    Kind = "stress"    // more in steps until a target breaks: how much can it take?
	Spike     Kind = "spike"     // a sudden burst: how long until all is well again?
	Volume    Kind = "volume"    // large data for a long time: does it fill up or slow down?
)

// Kinds lists all kinds, the shortest test first.
func Kinds() []Kind { return []Kind{Benchmark, Load, Spike, Stress, Volume} }

// Durations of the measured part by default, in the middle of what the kind usually
// takes. A benchmark is as long as a reviewer waits anyway; the others run at night.
const (
	BenchmarkDuration = 3 * time.Minute
	LoadDuration      = 15 * time.Minute
	StressDuration    = 40 * time.Minute // two minutes a step
	SpikeDuration     = 10 * time.Minute
	VolumeDuration    = time.Hour
)

// DefaultWarmup is how long the load grows before anything counts: connections,
// caches and compilers of most services are warm by then, and the next minute
// looks like the one after.
const DefaultWarmup = 30 * time.Second

// The steps of a stress test by default: from half the normal load to three times of
// it, each a tenth above the last, so that the breaking point is known within a
// tenth.
const (
	StressFirst  = 0.5
	StressGrowth = 1.1
	StressSteps  = 20
)

// The burst of a spike test by default: five times the normal load, for as long as
// queues and pools need to fill.
const (
	SpikeBurst         = 5.0
	SpikeBurstDuration = time.Minute
)

// kind is what sets a kind apart.
type kind struct {
	least, most time.Duration // what the measured part usually takes
	duration    time.Duration // and takes by default
	cron        string
}

// kinds hold their schedules in UTC: at night in Europe and America, at minutes that
// few others choose, since scheduled workflows start late at full hours, and no two
// at once, as they would measure each other.
var kinds = map[Kind]kind{
	Benchmark: {time.Minute, 5 * time.Minute, BenchmarkDuration, ""},
	Load:      {10 * time.Minute, 30 * time.Minute, LoadDuration, "17 3 * * *"},
	Spike:     {5 * time.Minute, 15 * time.Minute, SpikeDuration, "17 5 * * 6"},
	Stress:    {30 * time.Minute, time.Hour, StressDuration, "43 5 * * 6"},
	Volume:    {30 * time.Minute, 2 * time.Hour, VolumeDuration, "17 5 * * 0"},
}

// Cron returns the schedule of a workflow that runs the kind, as cron spells it: daily
// for a load test, weekly for those that take long. It is "" for a benchmark, which
// runs on every pull request, and for what is no kind.
func (k Kind) Cron() string { return kinds[k].cron }

// Usual returns what the measured part of the kind usually takes, at least and at most.
func (k Kind) Usual() (least, most time.Duration) { return kinds[k].least, kinds[k].most }
