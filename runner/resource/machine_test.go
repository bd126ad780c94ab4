package resource

import (
	"testing"
	"time"
)

// TestMachine holds that work of this process is told, and that there is none without.
func TestMachine(t *testing.T) {
	m, err := NewMachine()
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
	}
	busy, idle, err := m.Sample()
	if err != nil || busy <= 0 || busy > 1 || idle < 0 || idle > 1 {
		t.Errorf("at work: own %g, idle %g, %v", busy, idle, err)
	}
	time.Sleep(time.Second)
	if own, _, err := m.Sample(); err != nil || own >= busy {
		t.Errorf("at rest: own %g, %g at work, %v", own, busy, err)
	}
	if own, idle, err := m.Sample(); err != nil || own < 0 || idle < 0 {
		t.Errorf("at once: own %g, idle %g, %v", own, idle, err)
	}
}
