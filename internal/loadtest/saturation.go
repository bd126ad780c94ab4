package loadtest

import (
	"sync"
	"time"

	"speedgate/runner/resource"
)

// saturation watches whether this machine is at its limit because of the load that it
// makes: then its latencies are its own, however busy the connections are. A service on
// the same machine that takes the processors for itself is not that.
type saturation struct {
	stop    chan struct{}
	once    sync.Once
	stopped sync.WaitGroup
	samples int
	full    int // of these, how many were at the limit
}

const (
	// saturationInterval is the time between two looks.
	saturationInterval = 250 * time.Millisecond
	// saturatedOwn is the share of the processors that this process uses when it is at
	// its limit by itself, and saturatedMost that with which it is what takes most of a
	// machine of which no more than saturatedIdle is left.
	saturatedOwn  = 0.9
	saturatedMost = 0.4
	saturatedIdle = 0.1
	// saturatedTime is the share of the time from which on it is no accident: one request
	// in twenty is what a 95th percentile rests on.
	saturatedTime = 0.05
	minSaturated  = 2 // looks
)

// watchSaturation begins to watch. A machine that does not tell is never saturated.
func watchSaturation() *saturation {
	s := &saturation{stop: make(chan struct{})}
	m, err := resource.NewMachine()
	if err != nil {
		return s
	}
	s.stopped.Go(func() {
		ticker := time.NewTicker(saturationInterval)
		defer ticker.Stop()
		for {
			select {
			case <-s.stop:
				return
			case <-ticker.C:
			}
			own, idle, err := m.Sample()
			if err != nil {
				return
			}
			s.add(own, idle)
		}
	})
	return s
}

func (s *saturation) add(own, idle float64) {
	s.samples++
	if own >= saturatedOwn || own >= saturatedMost && idle <= saturatedIdle {
		s.full++
	}
}

// end ends watching and reports whether the machine was saturated.
func (s *saturation) end() bool {
	s.once.Do(func() { close(s.stop) })
	s.stopped.Wait()
	return s.full >= minSaturated && float64(s.full) >= saturatedTime*float64(s.samples)
}
