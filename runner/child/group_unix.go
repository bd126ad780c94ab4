//go:build unix

package child

import (
	"syscall"
	"time"
)

// addressInUse is the error of a port that another program listens on.
const addressInUse = syscall.EADDRINUSE

// pollTime is how often a group is looked at that should end: nobody tells of the
// end of processes that are no children.
const pollTime = 10 * time.Millisecond

// killWait is how long the kernel may take to end what was killed. Only a process
// that waits for a broken device takes longer.
const killWait = 5 * time.Second

// step is a signal, and how long its effect is waited for.
type step struct {
	signal syscall.Signal
	wait   time.Duration
}

// endGroup ends all processes of a group and reports whether any had to be killed.
func endGroup(group int, ended <-chan struct{}, grace time.Duration) (killed bool) {
	for _, s := range steps(ended, grace) {
		if !hasMembers(group) {
			break
		}
		killed = s.signal == syscall.SIGKILL
		_ = syscall.Kill(-group, s.signal) // fails when the last has just ended
		awaitEmpty(group, s.wait)
	}
	return killed
}

// steps asks first as a terminal does, which is what tools take for "stop and
// report", and then as a system does. What a program left behind when it ended gets
// only the latter: a shell makes its background processes ignore the former.
func steps(ended <-chan struct{}, grace time.Duration) []step {
	kill := step{syscall.SIGKILL, killWait}
	select {
	case <-ended:
		return []step{{syscall.SIGTERM, grace}, kill}
	default:
		return []step{{syscall.SIGINT, grace / 2}, {syscall.SIGTERM, grace - grace/2}, kill}
	}
}

// awaitEmpty waits until a group has no member, at most for limit.
func awaitEmpty(group int, limit time.Duration) {
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for end := time.Now().Add(limit); hasMembers(group) && time.Now().Before(end); {
		<-ticker.C
	}
}
