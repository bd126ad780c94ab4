package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"speedgate/perf"
)

// roleVariable makes this test's binary play a server or a load generator: compare.sh
// sets them against other generators, each a process of its own on a core of its own.
const roleVariable = "LOAD_TEST_ROLE"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(roleVariable) {
	case "serve":
		err = serve()
	case "drive":
		err = drive()
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers after DELAY, exactly: Go's timers could add a millisecond. It prints
// its address. What it measured itself since it was asked last is at /figures.
func serve() error {
	delay, err := time.ParseDuration(os.Getenv("DELAY"))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/\n", l.Addr())
	var own server
	http.HandleFunc("/figures", own.report)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { own.answer(w, r, delay) })
	return http.Serve(l, nil)
}

// server answers and measures.
type server struct {
	mu   sync.Mutex
	took histogram
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, delay time.Duration) {
	began := time.Now()
	if delay > 0 {
		a := newAlarm(r.Context())
		waitUntil(r.Context(), a, began.Add(delay))
		a.close()
	}
	_, _ = io.WriteString(w, "hello, here are some bytes of an answer\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took.add(time.Since(began))
}

func (s *server) report(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p50, _ := s.took.quantile(0.5)
	p99, _ := s.took.quantile(0.99)
	fmt.Fprintf(w, "%.2f/%.2f", milliseconds(p50), milliseconds(p99))
	s.took = histogram{}
}

// drive sends RATE requests per second to URL for SECONDS, over CONNECTIONS at most,
// and prints a row for compare.sh: requests per second, p50/p99 in ms, p50/p99 that
// the server measured itself, and the number of answers.
func drive() error {
	numbers := map[string]float64{}
	for _, name := range []string{"RATE", "SECONDS", "CONNECTIONS"} {
		n, err := strconv.ParseFloat(os.Getenv(name), 64)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		numbers[name] = n
	}
	address := os.Getenv("URL")
	result, err := Run(context.Background(), Plan{
		Targets: []Target{{URL: address}}, Connections: int(numbers["CONNECTIONS"]),
		Stages: []Stage{{Rate: numbers["RATE"], Hold: time.Duration(numbers["SECONDS"] * float64(time.Second))}},
	}, nil)
	if err != nil {
		return err
	}
	resp, err := http.Get(address + "figures")
	if err != nil {
		return err
	}
	own, err := io.ReadAll(resp.Body)
	answers := result.Subjects[0].Codes[http.StatusOK]
	fmt.Printf("%.0f %.2f/%.2f %s %d\n", value(result.Run, perf.Throughput), value(result.Run, "latency_p50"),
		value(result.Run, "latency_p99"), own, answers)
	for _, w := range result.Run.Warnings {
		fmt.Fprintln(os.Stderr, w)
	}
	return errors.Join(err, resp.Body.Close())
}

// value returns a figure of all requests of a run, -1 if there is none.
func value(r *perf.Run, metric string) float64 {
	s := r.Find(perf.Key{Subject: perf.Aggregated, Metric: metric})
	if s == nil {
		return -1
	}
	return s.Samples[0]
}
