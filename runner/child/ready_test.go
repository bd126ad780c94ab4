package child

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestReadyWaitsForAnAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 302, 404} {
		var asked atomic.Int64
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		if err := Ready(t.Context(), s.URL, 20*time.Second); err != nil || asked.Load() != 3 {
			t.Errorf("status %d: %v after %d questions", status, err, asked.Load())
		}
		s.Close()
	}
}

func TestReadyErrors(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	defer broken.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	nobody := "http://user:word@" + freeAddress(t)
	const usage = "is not the address of a service; write for example http://127.0.0.1:8000/healthz"
	tests := []struct{ name, url, want string }{
		{"not an address", "shop", `^"shop" ` + usage + `$`},
		{"another scheme", "ftp://shop/", `^"ftp://shop/" ` + usage + `$`},
		{"nobody listens", nobody, `^http://user:xxxxx@\S+ did not get ready within 250ms: dial tcp \S+: connect(ex)?: .*refused`},
		{"a server that is broken", broken.URL, `^http://\S+ did not get ready within 250ms: it answered 503 Service Unavailable$`},
		{"a server that is silent", silent.URL, `^http://\S+ did not get ready within 250ms: no answer came$`},
	}
	for _, tt := range tests {
		err := Ready(t.Context(), tt.url, 250*time.Millisecond)
		if !regexp.MustCompile(tt.want).MatchString(message(err)) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestReadyEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	ended := errors.New("the service ended: exit status 1")
	time.AfterFunc(50*time.Millisecond, func() { stop(ended) })
	err := Ready(ctx, "http://"+freeAddress(t), time.Minute)
	if !errors.Is(err, ended) || !strings.HasPrefix(err.Error(), ended.Error()) {
		t.Errorf("Ready: %v", err)
	}
}

func TestPortFree(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	want := address + " is taken: another program listens there; end it, or choose another port"
	if err := PortFree(address); message(err) != want {
		t.Errorf("PortFree: %v, want %s", err, want)
	}
	if err := PortFree(freeAddress(t)); err != nil {
		t.Errorf("a free port: %v", err)
	}
	if err := PortFree("127.0.0.1:http:"); err == nil {
		t.Error("no error for an address that is none")
	}
}

// freeAddress returns an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
