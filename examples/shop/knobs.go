package main

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// knobs make the shop worse in ways that a load test has to notice. They are flags
// of the program, and can be turned while it runs.
type knobs struct {
	roundTrip time.Duration // of one query to the store
	slow      int           // times that a search does its work; 1 is the honest code
	errors    float64       // share of the answers that are an error, from 0 to 1
	memory    int           // megabytes that are held and not used
	workers   int           // requests at a time, while others wait; 0 is no limit
}

// flags returns the flags that set k, with its values as defaults.
func (k *knobs) flags() *flag.FlagSet {
	f := flag.NewFlagSet("shop", flag.ContinueOnError)
	f.DurationVar(&k.roundTrip, "round-trip", k.roundTrip, "time of one query to the store")
	f.IntVar(&k.slow, "slow", k.slow, "times that a search does its work")
	f.Float64Var(&k.errors, "errors", k.errors, "share of the answers that are an error, from 0 to 1")
	f.IntVar(&k.memory, "memory", k.memory, "megabytes that are held")
	f.IntVar(&k.workers, "workers", k.workers, "requests at a time, while others wait; 0 is no limit")
	return f
}

// maxMemory keeps a slip from taking the machine's memory.
const maxMemory = 8192

func (k *knobs) check() error {
	switch {
	case k.slow < 1 || k.roundTrip < 0:
		return errors.New("-slow must be at least 1 and -round-trip not negative")
	case math.IsNaN(k.errors) || k.errors < 0 || k.errors > 1:
		return errors.New("-errors must be between 0 and 1")
	case k.memory < 0 || k.memory > maxMemory:
		return fmt.Errorf("-memory must be between 0 and %d", maxMemory)
	case k.workers < 0:
		return errors.New("-workers must not be negative")
	}
	return nil
}

// setting is what the knobs are at, with what that takes.
type setting struct {
	knobs
	held  []byte        // the memory
	slots chan struct{} // one for each request at a time, nil without a limit
}

func newSetting(k knobs) *setting {
	s := &setting{knobs: k, held: make([]byte, k.memory<<20)}
	for i := 0; i < len(s.held); i += 1024 {
		s.held[i] = 1 // the system gives memory when it is written to
	}
	if k.workers > 0 {
		s.slots = make(chan struct{}, k.workers)
	}
	return s
}

// board holds the setting in force. Requests read it without a lock.
type board struct {
	now    atomic.Pointer[setting]
	served atomic.Int64 // requests that errors are a share of
	turn   sync.Mutex   // one turn at a time
}

func newBoard(k knobs) *board {
	b := &board{}
	b.now.Store(newSetting(k))
	return b
}

// fails reports whether the next answer is an error. They are spread evenly: of 100
// answers, a share of 0.05 makes every twentieth one.
func (b *board) fails(share float64) bool {
	n := float64(b.served.Add(1))
	return math.Floor(n*share) > math.Floor((n-1)*share)
}

// limit makes a handler wait for a worker, and then fail as often as it should.
func (b *board) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := b.now.Load()
		if s.slots != nil {
			select {
			case s.slots <- struct{}{}:
				defer func() { <-s.slots }()
			case <-r.Context().Done():
				return
			}
		}
		if b.fails(s.errors) {
			refuse(w, http.StatusInternalServerError, "the shop is told to fail")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveKnobs tells the setting, and changes what the query of a PUT names:
// /knobs?errors=0.1&workers=4. Only this machine may.
func (b *board) serveKnobs(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		refuse(w, http.StatusForbidden, "only this machine may turn the knobs")
		return
	}
	b.turn.Lock()
	defer b.turn.Unlock()
	k := b.now.Load().knobs
	if r.Method == http.MethodPut {
		if err := k.turn(r.URL.Query()); err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		b.now.Store(newSetting(k))
		debug.FreeOSMemory() // what was held until now
	}
	values := map[string]string{}
	k.flags().VisitAll(func(f *flag.Flag) { values[f.Name] = f.DefValue })
	reply(w, http.StatusOK, values)
}

// turn changes the knobs that are named.
func (k *knobs) turn(values map[string][]string) error {
	f := k.flags()
	for name, v := range values {
		if f.Lookup(name) == nil {
			return fmt.Errorf("there is no knob %q", name)
		}
		if err := f.Set(name, strings.Join(v, ",")); err != nil {
			return fmt.Errorf("%q is no value of %s", strings.Join(v, ","), name)
		}
	}
	return k.check()
}
