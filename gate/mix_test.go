package gate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/perf"
)

// TestMix demands that figures over all requests say when these are others than
// before, and only then.
func TestMix(t *testing.T) {
	t.Parallel()
	requests := func(subject string, n float64) perf.Series { return series(subject, perf.Requests, "", n) }
	all := func(ms float64) perf.Series {
		s := p95(ms)
		s.Key.Subject = perf.Aggregated
		return s
	}
	const single = "unreplicated, 1 run against 1"
	cases := []struct {
		name       string
		base, head []perf.Series
		reason     string
		warning    string
	}{
		{
			"the same endpoints",
			[]perf.Series{all(100), requests("a", 500), requests("b", 500)},
			[]perf.Series{all(150), requests("a", 1040), requests("b", 1000)},
			single, "",
		},
		{
			"a new endpoint",
			[]perf.Series{all(100), requests("a", 500), requests("b", 500)},
			[]perf.Series{all(150), requests("a", 500), requests("b", 500), requests("slow", 20)},
			single + "; the mix of endpoints changed: 1 new (1.96 % of the requests)",
			`Aggregated sums up other requests than before: "slow" is new with 1.96 % of the requests`,
		},
		{
			"new, gone and moved",
			[]perf.Series{all(100), requests("a", 400), requests("b", 400), requests("c", 200)},
			[]perf.Series{all(150), requests("a", 300), requests("b", 400), requests("d", 200), requests("e", 100)},
			single + "; the mix of endpoints changed: 2 new (30 % of the requests), 1 gone (20 % before), 2 with another share",
			`Aggregated sums up other requests than before: "c" is gone, with 20 % before, "d" is new with 20 % of the requests,` +
				` "e" is new with 10 % of the requests, and 2 more`,
		},
		{
			"other shares",
			[]perf.Series{all(100), requests("a", 800), requests("b", 200)},
			[]perf.Series{all(150), requests("a", 500), requests("b", 500)},
			single + "; the mix of endpoints changed: 2 with another share",
			`Aggregated sums up other requests than before: "a" went from 80 % to 50 % of the shared ones, "b" went from 20 % to 50 % of the shared ones`,
		},
		{
			"no slowdown",
			[]perf.Series{all(100), requests("a", 500)},
			[]perf.Series{all(100), requests("a", 500), requests("b", 500)},
			"", "",
		},
		{
			"requests of one side are not known",
			[]perf.Series{all(100)},
			[]perf.Series{all(150), requests("a", 500)},
			single, "",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var pasts []perf.Past
			for _, s := range c.base {
				pasts = append(pasts, past(s, s.Samples...))
			}
			r := evaluate(accepted(pasts...), gate.Policy{}, run(t, c.head...))
			for _, m := range r.Metrics {
				if m.Key.Subject == perf.Aggregated && m.Reason != c.reason {
					t.Errorf("reason %q, want %q", m.Reason, c.reason)
				}
			}
			var want []perf.Warning
			if c.warning != "" {
				want = []perf.Warning{{Msg: c.warning}}
			}
			if d := cmp.Diff(want, r.Warnings); d != "" {
				t.Errorf("warnings (-want +got):\n%s", d)
			}
		})
	}
}
