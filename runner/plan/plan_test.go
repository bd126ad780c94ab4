package plan

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"speedgate/perf"

	"github.com/google/go-cmp/cmp"
)

// shape returns the default of a kind for a load.
func shape(k Kind, m Measure, load float64) Shape {
	s := Default(k)
	s.Measure, s.Load = m, load
	return s
}

// changed returns s with a change.
func changed(s Shape, change func(*Shape)) Shape {
	change(&s)
	return s
}

func TestStages(t *testing.T) {
	t.Parallel()
	warmup := func(to float64) Stage {
		return Stage{Name: "warm-up", To: to, Duration: 30 * time.Second, Warmup: true}
	}
	flat := func(name string, load float64, d time.Duration) Stage {
		return Stage{Name: name, From: load, To: load, Duration: d}
	}
	for _, c := range []struct {
		name  string
		shape Shape
		want  []Stage
	}{
		{"benchmark", shape(Benchmark, Users, 50), []Stage{warmup(50), flat("steady", 50, 3*time.Minute)}},
		{"load", shape(Load, Rate, 1000), []Stage{warmup(1000), flat("steady", 1000, 15*time.Minute)}},
		{"volume", shape(Volume, Rate, 0.5), []Stage{warmup(0.5), flat("steady", 0.5, time.Hour)}},
		{
			"spike", shape(Spike, Rate, 100),
			[]Stage{warmup(100), flat("steady", 100, 3*time.Minute), flat("burst", 500, time.Minute), flat("after", 100, 6*time.Minute)},
		},
		{
			"a spike of few users", changed(shape(Spike, Users, 1), func(s *Shape) {
				s.Warmup, s.Spike.Times, s.Duration = 0, 1.2, time.Minute+5*time.Second
			}),
			[]Stage{
				flat("steady", 1, 5*time.Second/3), flat("burst", 2, time.Minute), flat("after", 1, 5*time.Second-5*time.Second/3),
			},
		},
		{
			"stress", changed(shape(Stress, Rate, 100), func(s *Shape) {
				s.Stress, s.Duration = Steps{First: 0.5, Growth: 2, Count: 4}, time.Minute
			}),
			[]Stage{
				warmup(50),
				flat("step 1", 50, 15*time.Second), flat("step 2", 100, 15*time.Second),
				flat("step 3", 200, 15*time.Second), flat("step 4", 400, 15*time.Second),
			},
		},
		{
			// 2, 2.2, 2.42, 2.66 and 2.93: rounded, four steps would be one.
			"stress of few users", changed(shape(Stress, Users, 4), func(s *Shape) {
				s.Warmup, s.Stress.Count, s.Duration = 0, 5, 10*time.Second
			}),
			[]Stage{
				flat("step 1", 2, 2*time.Second), flat("step 2", 3, 2*time.Second), flat("step 3", 4, 2*time.Second),
				flat("step 4", 5, 2*time.Second), flat("step 5", 6, 2*time.Second),
			},
		},
		{"refused", shape(Load, Rate, -1), nil},
	} {
		if d := cmp.Diff(c.want, c.shape.Stages()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// TestDefaults holds that the defaults of each kind pass their own checks, take what
// the kind usually takes, and that a stress test goes well beyond the normal load in
// steps that tell the breaking point within a tenth.
func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		s := shape(k, Rate, 1000)
		if problems := s.Check(); problems != nil {
			t.Errorf("%s: %v", k, problems)
		}
		if msg := s.Unusual(); msg != "" {
			t.Error(msg)
		}
		stages := s.Stages()
		if got, want := Total(stages), s.Warmup+s.Duration; got != want {
			t.Errorf("%s takes %s, want %s", k, got, want)
		}
	}
	steps := shape(Stress, Rate, 1000).Stages()[1:]
	if first, last := steps[0].To, steps[len(steps)-1].To; first != 500 || last < 3000 {
		t.Errorf("a stress test goes from %g to %g", first, last)
	}
	for i, s := range steps[1:] {
		if growth := s.To / steps[i].To; math.Abs(growth-1.1) > 1e-9 {
			t.Errorf("%s is %g times the step before", s.Name, growth)
		}
	}
}

// TestCron holds that each schedule is one that cron reads, daily or weekly, and that
// no two kinds start together.
func TestCron(t *testing.T) {
	t.Parallel()
	seen := map[string]Kind{}
	for _, k := range Kinds() {
		cron := k.Cron()
		if k == Benchmark {
			if cron != "" {
				t.Errorf("a benchmark runs on pull requests, not at %q", cron)
			}
			continue
		}
		fields := strings.Fields(cron)
		if len(fields) != 5 || fields[2] != "*" || fields[3] != "*" {
			t.Fatalf("%s: %q is not daily or weekly", k, cron)
		}
		minute, err1 := strconv.Atoi(fields[0])
		hour, err2 := strconv.Atoi(fields[1])
		if err1 != nil || err2 != nil || minute < 1 || minute > 59 || hour > 23 {
			t.Errorf("%s: %q", k, cron)
		}
		if weekly := fields[4] != "*"; weekly == (k == Load) {
			t.Errorf("%s: %q", k, cron)
		}
		if other, ok := seen[cron]; ok {
			t.Errorf("%s and %s run at once", k, other)
		}
		seen[cron] = k
	}
	if got := Kind("soak").Cron(); got != "" {
		t.Errorf("what is no kind runs at %q", got)
	}
}

func TestUnusual(t *testing.T) {
	t.Parallel()
	s := shape(Volume, Rate, 1)
	s.Duration = 90 * time.Second
	if got, want := s.Unusual(), "a volume profile usually takes 30m to 2h, this one 1m30s"; got != want {
		t.Errorf("Unusual = %q, want %q", got, want)
	}
	s.Duration = 3 * time.Hour
	if s.Unusual() == "" {
		t.Error("three hours are usual")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	stress := func(change func(*Shape)) Shape { return changed(shape(Stress, Rate, 100), change) }
	spike := func(change func(*Shape)) Shape { return changed(shape(Spike, Rate, 100), change) }
	for _, c := range []struct {
		name  string
		shape Shape
		want  []perf.Problem
	}{
		{
			"nothing",
			Shape{},
			[]perf.Problem{
				{Key: "kind", Msg: `expected benchmark, load, spike, stress or volume, found ""`},
				{Key: "measure", Msg: `expected users or rate, found ""`},
				{Key: "load", Msg: "expected a load above 0 and up to 10000000, found 0"},
				{Key: "duration", Msg: "expected a duration from 1s to 24h, found 0s"},
			},
		},
		{"not a number", shape(Load, Rate, math.NaN()), []perf.Problem{{Key: "load", Msg: "expected a load above 0 and up to 10000000, found NaN"}}},
		{"infinite", shape(Load, Rate, math.Inf(1)), []perf.Problem{{Key: "load", Msg: "expected a load above 0 and up to 10000000, found +Inf"}}},
		{"half a user", shape(Load, Users, 2.5), []perf.Problem{{Key: "load", Msg: "expected a whole number of users, found 2.5"}}},
		{"half a request a second", shape(Load, Rate, 2.5), nil},
		{
			"times", changed(shape(Load, Rate, 1), func(s *Shape) { s.Warmup, s.Duration = -time.Second, 25*time.Hour }),
			[]perf.Problem{
				{Key: "warmup", Msg: "expected a duration from 0s to 24h, found -1s"},
				{Key: "duration", Msg: "expected a duration from 1s to 24h, found 25h"},
			},
		},
		{"no warm-up", changed(shape(Load, Rate, 1), func(s *Shape) { s.Warmup = 0 }), nil},
		{"what another kind has", changed(shape(Load, Rate, 1), func(s *Shape) { s.Stress, s.Spike = Steps{}, Burst{} }), nil},
		{
			"steps that do not go up", stress(func(s *Shape) { s.Stress.Growth = 1 }),
			[]perf.Problem{{Key: "growth", Msg: "expected a growth above 1, found 1; 1.1 makes each step a tenth higher"}},
		},
		{
			"steps", stress(func(s *Shape) { s.Stress = Steps{First: -1, Growth: 20, Count: 1} }),
			[]perf.Problem{
				{Key: "first", Msg: "expected a first step above 0 and up to 1000, found -1"},
				{Key: "growth", Msg: "expected a growth above 0 and up to 10, found 20"},
				{Key: "steps", Msg: "expected 2 to 1000 steps, found 1"},
			},
		},
		{"short steps", stress(func(s *Shape) { s.Duration = 19 * time.Second }), []perf.Problem{{Key: "duration", Msg: "expected a duration from 20s to 24h, found 19s"}}},
		{
			"steps into the sky", stress(func(s *Shape) { s.Stress.Count = 1000 }),
			[]perf.Problem{{Key: "steps", Msg: "the last of 1000 steps would have a load of 1.123e+43; 10000000 is the limit"}},
		},
		{
			"a burst that is none", spike(func(s *Shape) { s.Spike.Times = 0.5 }),
			[]perf.Problem{{Key: "burst", Msg: "expected a burst above 1, found 0.5; 5 makes it five times the load"}},
		},
		{
			"a burst of nothing", spike(func(s *Shape) { s.Spike = Burst{} }),
			[]perf.Problem{
				{Key: "burst", Msg: "expected a burst above 0 and up to 1000, found 0"},
				{Key: "burst_duration", Msg: "expected a duration from 1s to 24h, found 0s"},
			},
		},
		{
			"nothing around the burst", spike(func(s *Shape) { s.Duration = 62 * time.Second }),
			[]perf.Problem{{Key: "duration", Msg: "expected a duration of at least 1m3s, found 1m2s: the burst takes 1m, and the steady load around it 3s"}},
		},
	} {
		if d := cmp.Diff(c.want, c.shape.Check()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// FuzzShape holds that a shape that passes has stages that are sound: none without
// time, none without load, and together as long as asked for.
func FuzzShape(f *testing.F) {
	f.Add(uint8(3), false, 100.0, int64(30*time.Second), int64(40*time.Minute), 0.5, 1.1, 20, 5.0, int64(time.Minute))
	f.Add(uint8(2), true, 7.0, int64(0), int64(time.Minute), 0.5, 1.1, 20, 1.01, int64(time.Second))
	f.Fuzz(func(t *testing.T, kind uint8, users bool, load float64, warmup, duration int64, first, growth float64, count int, times float64, burst int64) {
		s := Shape{
			Kind: Kinds()[int(kind)%len(Kinds())], Measure: Rate, Load: load, Warmup: time.Duration(warmup), Duration: time.Duration(duration),
			Stress: Steps{first, growth, count}, Spike: Burst{times, time.Duration(burst)},
		}
		if users {
			s.Measure = Users
		}
		stages := s.Stages()
		if (len(stages) == 0) != (len(s.Check()) > 0) {
			t.Fatalf("%+v has %d stages and the problems %v", s, len(stages), s.Check())
		}
		before := 0.0
		for _, st := range stages {
			if st.Duration <= 0 || !(st.To > 0 && st.To <= 2*maxLoad*maxTimes) || users && st.To != math.Trunc(st.To) {
				t.Fatalf("%+v has the stage %+v", s, st)
			}
			if s.Kind == Stress && !st.Warmup && st.To <= before {
				t.Fatalf("%+v has the step %+v, no higher than the last", s, st)
			}
			if !st.Warmup {
				before = st.To
			}
		}
		if slack := s.Warmup + s.Duration - Total(stages); len(stages) > 0 && (slack < 0 || slack > maxSteps) {
			t.Fatalf("%+v takes %s", s, Total(stages))
		}
	})
}
