package load

import (
	"context"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// alarm is a timer of the system that Go's poller waits for like for a connection.
// Go's own timers are late by up to a millisecond when nothing else is to be done,
// as the poller counts its waiting in whole milliseconds; these are late by a tenth.
// A sleep in a system call would be as exact, and costs a change of threads each time.
type alarm struct {
	file   *os.File
	raw    syscall.RawConn
	forget func() bool
}

// newAlarm returns an alarm that goes off at once when ctx ends, nil if the system
// has none to give.
func newAlarm(ctx context.Context) *alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	file := os.NewFile(uintptr(fd), "timer")
	raw, err := file.SyscallConn()
	if err != nil || file.SetReadDeadline(time.Time{}) != nil {
		_ = file.Close()
		return nil
	}
	forget := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(0, 1)) })
	return &alarm{file, raw, forget}
}

// sleep sleeps d, which must be positive, or until ctx ends.
func (a *alarm) sleep(d time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	err := a.raw.Control(func(fd uintptr) { _ = unix.TimerfdSettime(int(fd), 0, &spec, nil) })
	if err != nil {
		return
	}
	var expirations [8]byte
	_, _ = a.file.Read(expirations[:]) // fails when ctx ended
}

func (a *alarm) close() {
	a.forget()
	_ = a.file.Close()
}
