//go:build !linux

package load

import (
	"context"
	"time"
)

// alarm is a timer that is more exact than Go's, which other systems need not have.
type alarm struct{}

func newAlarm(context.Context) *alarm { return nil }

func (*alarm) sleep(time.Duration) {}

func (*alarm) close() {}
