package load

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"
)

// delayVariable makes this test's binary a service that answers after exactly so long:
// .ci/load/peers.py holds the latencies that generators measure against it.
const delayVariable = "LOAD_TEST_DELAY"

func TestMain(m *testing.M) {
	delay, ok := os.LookupEnv(delayVariable)
	if !ok {
		os.Exit(m.Run())
	}
	if err := serve(delay); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve answers after a delay, exactly: Go's timers could add a millisecond. It prints
// its address. What it measured itself since it was asked last is at /figures: p50 and
// p99 in milliseconds.
func serve(text string) error {
	delay, err := time.ParseDuration(text)
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
	fmt.Fprintf(w, "%.1f %.1f", milliseconds(p50), milliseconds(p99))
	s.took = histogram{}
}
