//go:build unix

package git

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// detach gives git a session of its own. So the programs that speak to a remote for
// it end with it when it is canceled, which git does not see to, and none of them
// finds a terminal to ask for a passphrase on.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
