package loadtest

import "testing"

// TestSaturation holds that neither an idle machine, nor a moment, nor a service that
// takes the processors, is a generator at its limit.
func TestSaturation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		own, idle  float64
		full, rest int // looks with these values, and with an idle machine
		want       bool
	}{
		"idle":                   {0.1, 0.9, 40, 0, false},
		"busy, with room left":   {0.6, 0.3, 40, 0, false},
		"the service is busy":    {0.3, 0, 40, 0, false},
		"mostly its own":         {0.45, 0.05, 40, 0, true},
		"all it may have":        {0.95, 0.5, 40, 0, true},
		"a moment":               {0.95, 0, 1, 10, false},
		"a short time of much":   {0.95, 0, 2, 100, false},
		"one request in a dozen": {0.95, 0, 9, 100, true},
	} {
		s := watchSaturation()
		s.end() // only what is added counts
		s.samples, s.full = 0, 0
		for range c.full {
			s.add(c.own, c.idle)
		}
		for range c.rest {
			s.add(0.05, 0.9)
		}
		if got := s.end(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
