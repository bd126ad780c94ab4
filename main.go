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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Main(ctx, cli.Process{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(),
	})
}
