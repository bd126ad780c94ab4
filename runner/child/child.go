package child

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"time"
)

// defaultGrace is how long a program may take to end after it was asked to: Locust
// and k6 write their results in this time.
const defaultGrace = 10 * time.Second

// drainTime is how long pipes are read after all processes of the group ended. Only
// a process that left the group holds them open for longer.
const drainTime = time.Second

// Command is a program to run.
type Command struct {
	// Args is the program, looked up in the PATH of this process, and its arguments.
	Args []string
	// Shell is a command line for the system's shell, in place of Args.
	Shell string
	Dir   string // where it runs; "" is the current folder
	// Environ are variables as NAME=value. The program gets those that
	// [WithoutSecrets] leaves.
	Environ []string
	// Stdout and Stderr get what the program prints, as it is, a line with its end in
	// each call, never two calls at once; nil discards it. A line longer than 64 KiB
	// comes in pieces.
	Stdout, Stderr io.Writer
	// Grace is how long the program may take to end when it is asked to, before it is
	// killed; 0 stands for 10 s.
	Grace time.Duration
}

// Process is a program that was started.
type Process struct {
	cmd    *exec.Cmd
	grace  time.Duration
	guard  *guard
	output output
	ended  chan struct{} // closed when the program itself ended; waited is set
	waited error
	done   chan struct{} // closed when all is over; err is set
	err    error
}

// Run starts a command and waits for it, as [Process.Wait] does.
func Run(ctx context.Context, c Command) error {
	p, err := Start(ctx, c)
	if err != nil {
		return err
	}
	return p.Wait()
}

// Start starts a command. When ctx ends, the program and all that it started are
// asked to end, as by Ctrl-C, and killed after the time of grace.
//
// The program has a process group of its own, so that Ctrl-C on a terminal reaches
// it through ctx only. If this process is killed, a guard kills the group, on
// Windows not. A process that leaves its group, as a daemon does, is out of reach.
func Start(ctx context.Context, c Command) (*Process, error) {
	args, err := c.args()
	if err != nil {
		return nil, err
	}
	p := &Process{
		cmd: exec.Command(args[0], args[1:]...), grace: cmp.Or(c.Grace, defaultGrace),
		ended: make(chan struct{}), done: make(chan struct{}),
	}
	p.cmd.Dir, p.cmd.Env, p.cmd.SysProcAttr = c.Dir, WithoutSecrets(c.Environ), attributes()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	streams, err := p.start(c)
	if err != nil {
		return nil, err
	}
	go p.supervise(ctx, streams)
	return p, nil
}

// args returns the program and its arguments.
func (c *Command) args() ([]string, error) {
	switch {
	case (len(c.Args) == 0) == (c.Shell == ""):
		return nil, errors.New("expected either a program with its arguments or a command line")
	case c.Shell == "":
		return c.Args, nil
	case runtime.GOOS == "windows":
		return []string{"cmd", "/C", c.Shell}, nil
	}
	return []string{"sh", "-c", c.Shell}, nil
}

// start starts the program and the reading of its output.
func (p *Process) start(c Command) (streams *pipes, err error) {
	streams, err = newPipes()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = streams.writeEnds[0], streams.writeEnds[1]
	p.guard = newGuard()
	started := make(chan error, 1)
	go p.hold(started)
	err = <-started
	// The program has its own copies; ours would keep the streams from ending.
	streams.closeWriteEnds()
	if err != nil {
		streams.closeReadEnds()
		p.guard.release()
		return nil, err
	}
	p.guard.watch(p.cmd.Process.Pid)
	for i, w := range []io.Writer{c.Stdout, c.Stderr} {
		streams.open.Go(func() { p.output.copyLines(w, streams.readEnds[i]) })
	}
	return streams, nil
}

// hold starts the program and waits for its end on one thread of the system: Linux
// takes the end of the thread that started a process for the end of its parent.
func (p *Process) hold(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.waited = p.cmd.Wait()
	close(p.ended)
}

// supervise waits until the program ended or has to, ends what is left of its group
// and reads the rest of its output.
func (p *Process) supervise(ctx context.Context, streams *pipes) {
	var cause error
	select {
	case <-p.ended:
	case <-ctx.Done():
		cause = context.Cause(ctx)
	}
	killed := endGroup(p.cmd.Process.Pid, p.ended, p.grace)
	<-p.ended
	p.guard.release()
	streams.drain()
	p.err = p.verdict(cause, killed)
	close(p.done)
}

// verdict says how the program ended, nil if all was well.
func (p *Process) verdict(cause error, killed bool) error {
	tail, writeErr := p.output.end()
	switch {
	case cause != nil && killed:
		return fmt.Errorf("killed, as it did not end within %s: %w", p.grace, cause)
	case cause != nil:
		return fmt.Errorf("stopped: %w", cause)
	case p.waited != nil:
		return &ExitError{Err: p.waited, Tail: tail}
	case writeErr != nil:
		return fmt.Errorf("its output could not be written: %w", writeErr)
	}
	return nil
}

// ExitError is the end of a program that failed.
type ExitError struct {
	Err  error  // says how it ended: "exit status 3", "signal: killed"
	Tail string // the last lines of its output, at most 4 KiB; untrusted
}

func (e *ExitError) Error() string { return e.Err.Error() }

func (e *ExitError) Unwrap() error { return e.Err }

// Wait waits until the program and all that it started have ended and its output
// is written. The error is an [*ExitError] if the program failed, and wraps the
// cause of the context's end if it was stopped. Wait may be called more than once.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// Done is closed when Wait would return.
func (p *Process) Done() <-chan struct{} { return p.done }

// PID returns the id of the program and, but on Windows, of its process group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Tail returns the last lines of the output so far, at most 4 KiB, untrusted.
func (p *Process) Tail() string {
	tail, _ := p.output.end()
	return tail
}
