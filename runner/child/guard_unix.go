//go:build unix

package child

import (
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// guardScript kills a group when its standard input ends without a word. The write
// end of that pipe is this process's alone, so the system closes it however this
// process ends.
const guardScript = `trap '' INT TERM HUP; read -r group || exit 0; read -r word || kill -s KILL -- "-$group"`

// guard is a process that outlives this one to end a group.
type guard struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

// newGuard starts a guard, nil if there is no shell to run it: on Linux the program
// itself still ends with this process.
func newGuard() *guard {
	cmd := exec.Command("sh", "-c", guardScript)
	cmd.Env = []string{}                                  // it needs nothing
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // or a signal for our group would end it
	stdin, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return nil
	}
	return &guard{cmd, stdin}
}

// watch tells the guard its group.
func (g *guard) watch(group int) { g.say(strconv.Itoa(group)) }

// release ends the guard, which leaves the group alone.
func (g *guard) release() {
	if g == nil {
		return
	}
	g.say("done")
	_ = g.stdin.Close()
	_ = g.cmd.Wait()
}

// say fails only if somebody ended the guard, and then nobody is left to tell.
func (g *guard) say(line string) {
	if g != nil {
		_, _ = io.WriteString(g.stdin, line+"\n")
	}
}
