// Package cli is the command line of speedgate: commands, flags and exit codes.
// It reads files and the environment, hands them to the packages that parse,
// decide and render, and writes what they return. It is the only user of
// urfave/cli, whose types do not leave it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"speedgate/baseline"
	"speedgate/internal/ci"
	"speedgate/internal/git"
	"speedgate/report/safetext"
)

// Exit codes. Nothing but a failed gate returns 1.
const (
	ExitPass     = 0 // the gate passed, or there is no baseline and none is required
	ExitFail     = 1 // the gate failed
	ExitUsage    = 2 // usage or config
	ExitInput    = 3 // results unreadable, incomplete or empty
	ExitBaseline = 4 // baseline unreadable, or missing where it is required
	ExitPublish  = 5 // publishing failed, where that was asked to count
)

// Process is what the program gets from the outside. Files and the working
// directory are those of the operating system.
type Process struct {
	Args    []string // without the name of the program
	Stdin   io.Reader
	Stdout  io.Writer // the product
	Stderr  io.Writer // talk
	Environ []string  // NAME=value; SPEEDGATE_*, NO_COLOR and what CI systems set
	Now     func() time.Time
}

// Main runs one command and returns its exit code.
func Main(ctx context.Context, p Process) int {
	if p.Now == nil {
		p.Now = time.Now
	}
	s := &session{Process: p}
	err := s.run(ctx)
	for _, u := range s.undone {
		s.talk("%s", u)
	}
	if err == nil {
		return s.code
	}
	for line := range strings.SplitSeq(strings.TrimRight(err.Error(), "\n"), "\n") {
		s.talk("%s", line)
	}
	return exitCode(err)
}

// session is one invocation.
type session struct {
	Process
	code  int     // exit code of a command that ended without an error
	stdin []byte  // standard input, once it was read
	job   *ci.Job // the CI job, once it was looked at
	src   source  // where config and baseline are read, once options are

	undone []undone // what is still to be told of
}

// env returns the value of an environment variable, "" if it is not set.
func (s *session) env(name string) string {
	for _, kv := range s.Environ {
		if k, v, ok := strings.Cut(kv, "="); ok && k == name {
			return v
		}
	}
	return ""
}

// talk writes a line to standard error. Whatever it holds, it stays one line that
// neither a terminal nor a CI system obeys.
func (s *session) talk(format string, args ...any) {
	fmt.Fprintf(s.Stderr, "speedgate: %s\n", safetext.Line(fmt.Sprintf(format, args...)))
}

// coded is an error with the exit code that it stands for.
type coded struct {
	code int
	err  error
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// withCode gives err an exit code unless it has one; nil stays nil.
func withCode(code int, err error) error {
	var c *coded
	if err == nil || errors.As(err, &c) {
		return err
	}
	return &coded{code, err}
}

// usagef returns a usage error.
func usagef(format string, args ...any) error {
	return &coded{ExitUsage, fmt.Errorf(format, args...)}
}

// exitCode is the one place that turns an error into an exit code.
func exitCode(err error) int {
	var c *coded
	switch {
	case errors.As(err, &c):
		return c.code
	case errors.Is(err, baseline.ErrNotFound), errors.Is(err, git.ErrNoFile), errors.Is(err, git.ErrNoRef):
		return ExitBaseline
	}
	return ExitInput
}
