package load

import (
	"context"
	"time"
)

// pacer tells vegeta when to send. It waits itself, as vegeta's own waiting cannot be
// cancelled and is less exact.
type pacer struct {
	ctx      context.Context
	schedule *schedule
	last     time.Duration // when the last request may be sent
	alarm    *alarm
	began    time.Time // what the schedule counts from; set before the first request
}

// Pace implements vegeta.Pacer: it returns when request number sent, from 0, is due.
func (p *pacer) Pace(elapsed time.Duration, sent uint64) (wait time.Duration, stop bool) {
	if p.began.IsZero() {
		p.began = time.Now().Add(-elapsed)
	}
	if int64(sent) >= p.schedule.total || elapsed > p.last {
		return 0, true
	}
	return 0, !waitUntil(p.ctx, p.alarm, p.began.Add(p.schedule.at(int64(sent))))
}

// Rate implements vegeta.Pacer, which asks for it only to print it.
func (p *pacer) Rate(time.Duration) float64 { return 0 }

func (p *pacer) close() {
	if p.alarm != nil {
		p.alarm.close()
	}
}

// waitUntil waits until t and reports whether ctx lasted as long. a may be nil.
func waitUntil(ctx context.Context, a *alarm, t time.Time) bool {
	for d := time.Until(t); d > 0 && ctx.Err() == nil; d = time.Until(t) {
		if a != nil {
			a.sleep(d)
			continue
		}
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return ctx.Err() == nil
}
