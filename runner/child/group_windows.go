package child

import (
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// addressInUse is the error of a port that another program listens on: WSAEADDRINUSE.
const addressInUse = syscall.Errno(10048)

// attributes keeps the console's Ctrl-C from a program: it comes through the context.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// endGroup kills a program with all processes below it, at once: Windows cannot ask
// one without a window to end. It finds them through the program, so that nothing
// can be done once that has ended.
func endGroup(pid int, ended <-chan struct{}, _ time.Duration) (killed bool) {
	select {
	case <-ended:
		return false
	default:
	}
	// It fails when the program has just ended.
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(pid)).Run()
	return true
}

// guard stands for what Windows does not have.
type guard struct{}

func newGuard() *guard { return nil }

func (*guard) watch(int) {}

func (*guard) release() {}
