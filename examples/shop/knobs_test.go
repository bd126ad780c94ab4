package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ask asks a handler as a client of this machine, or of another one.
func ask(h http.Handler, method, path, from string) (status int, body string) {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = from + ":1234"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestKnobsAreTurned(t *testing.T) {
	t.Parallel()
	h := newShop(newCatalog(1), knobs{slow: 1}).handler()
	const here = "127.0.0.1"
	const first = `{"errors":"0","memory":"0","round-trip":"0s","slow":"1","workers":"0"}`
	const turned = `{"errors":"0.5","memory":"1","round-trip":"20ms","slow":"1","workers":"3"}`
	for _, tt := range []struct {
		name, method, path, from string
		status                   int
		want                     string
	}{
		{"at first", "GET", "/knobs", here, 200, first},
		{"unknown", "PUT", "/knobs?speed=1", here, 400, `{"error":"there is no knob \"speed\""}`},
		{"not a number", "PUT", "/knobs?workers=many", here, 400, `{"error":"\"many\" is no value of workers"}`},
		{"twice", "PUT", "/knobs?workers=1&workers=2", here, 400, `{"error":"\"1,2\" is no value of workers"}`},
		{"beyond its range", "PUT", "/knobs?errors=2", here, 400, `{"error":"-errors must be between 0 and 1"}`},
		{"from elsewhere", "PUT", "/knobs?errors=1", "192.0.2.1", 403, `{"error":"only this machine may turn the knobs"}`},
		{"unchanged", "GET", "/knobs", "[::1]", 200, first},
		{"turned", "PUT", "/knobs?errors=0.5&memory=1&workers=3&round-trip=20ms", here, 200, turned},
		{"as turned", "GET", "/knobs", here, 200, turned},
		{"up all the same", "GET", "/healthz", here, 200, `"ok"`},
	} {
		if status, body := ask(h, tt.method, tt.path, tt.from); status != tt.status || body != tt.want {
			t.Errorf("%s: %d %s, want %d %s", tt.name, status, body, tt.status, tt.want)
		}
	}
}

func TestErrorsAreAShareOfTheAnswers(t *testing.T) {
	t.Parallel()
	h := newShop(newCatalog(1), knobs{slow: 1, errors: 0.25}).handler()
	var got []int
	for range 8 {
		status, _ := ask(h, "GET", "/stats", "127.0.0.1")
		got = append(got, status)
	}
	if d := cmp.Diff([]int{200, 200, 200, 500, 200, 200, 200, 500}, got); d != "" {
		t.Errorf("answers (-want +got):\n%s", d)
	}
	for share, want := range map[float64]int{0: 0, 0.05: 50, 0.3: 300, 1: 1000} {
		b, n := newBoard(knobs{}), 0
		for range 1000 {
			if b.fails(share) {
				n++
			}
		}
		if n != want {
			t.Errorf("of 1000 answers %d are errors, want a share of %g", n, share)
		}
	}
}

// Ten requests, three workers and 15 ms each take four rounds.
func TestWorkersAreALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newShop(newCatalog(1), knobs{slow: 1, roundTrip: 15 * time.Millisecond, workers: 3}).handler()
		began := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { ask(h, "GET", "/products/1", "127.0.0.1") })
		}
		all.Wait()
		if d := time.Since(began); d != 60*time.Millisecond {
			t.Errorf("ten requests took %s, want 60ms", d)
		}
	})
}

func TestMemoryIsHeld(t *testing.T) {
	t.Parallel()
	if s := newSetting(knobs{memory: 3}); len(s.held) != 3<<20 {
		t.Errorf("%d bytes are held, want 3 MB", len(s.held))
	}
}
