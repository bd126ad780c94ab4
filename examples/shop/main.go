// Package main is a small shop: the service that the example of speedgate
// measures. It keeps its goods in memory, answers JSON, and can be made slower
// without another build, so that a newcomer can watch the gate pass and fail.
//
// It uses nothing but the standard library and is no part of the gate.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// The stock, and the round trip to a store that every request pays. The round
// trip makes most of a request's time, as it does in a real service, and it is
// the same on every machine: that keeps the example's verdicts the same too.
const (
	stock            = 8000
	defaultRoundTrip = 15 * time.Millisecond
)

// slowVariable is read by the service and by the benchmarks: it makes a "head"
// that is slower than the base without a change of code.
const slowVariable = "SHOP_SLOW"

// Limits of the server. A load test that hangs must end in an error.
const (
	readTimeout  = 5 * time.Second
	shutdownTime = 5 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. It writes the address it listens on to stdout: with
// port 0 nobody else knows it.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	passes, err := slowFactor(os.Getenv(slowVariable))
	if err != nil {
		return err
	}
	k := knobs{roundTrip: defaultRoundTrip, slow: passes}
	flags := k.flags()
	addr := flags.String("addr", "127.0.0.1:8000", "address to listen on; port 0 takes a free one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err := k.check(); err != nil {
		return err
	}
	return serve(ctx, *addr, newShop(newCatalog(stock), k), stdout)
}

// slowFactor reads the value of [slowVariable]; an empty one is 1.
func slowFactor(text string) (int, error) {
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s=%q is not a whole number of at least 1", slowVariable, text)
	}
	return n, nil
}

func serve(ctx context.Context, addr string, s *shop, stdout io.Writer) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.handler(), ReadTimeout: readTimeout}
	if _, err := fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	return server.Shutdown(last)
}
