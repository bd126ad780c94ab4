// Command speedgate is a performance gate: it compares the results of load tests
// and benchmarks with an accepted baseline and passes or fails a change.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"speedgate/internal/cli"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), endSignals()...)
	defer stop()
	return cli.Main(ctx, cli.Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(),
	})
}

// endSignals returns the signals that end what is at work, so that it cleans up and
// keeps what it has. A terminal or an ssh session that closes sends SIGHUP, on Windows
// SIGTERM. Whoever starts the program with SIGHUP ignored, as nohup does, wants it to
// outlive the terminal, and asking for the signal would undo that.
func endSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}
