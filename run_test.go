package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// freePort finds ports that nobody listens on, PORT and HOOK_PORT, and puts the first
// into files in the place of PORT: port FILES...
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: port FILES...")
	}
	var ports [2]string
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer l.Close()
		_, ports[i], err = net.SplitHostPort(l.Addr().String())
		ts.Check(err)
	}
	port := ports[0]
	ts.Setenv("PORT", port)
	ts.Setenv("HOOK_PORT", ports[1])
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "PORT", port)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// tinyServer is a service to test: tinyserver PORT [KNOB=VALUE...]. It answers "ok",
// after a delay, wrongly from some time after its start on, slowly above a rate a
// second, dies some time after its start, and logs what it was sent last.
func tinyServer() {
	knobs := map[string]string{}
	for _, arg := range os.Args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		knobs[name] = value
	}
	span := func(name string) time.Duration {
		d, _ := time.ParseDuration(knobs[name])
		return d
	}
	if d := span("dies"); d > 0 {
		time.AfterFunc(d, func() {
			fmt.Fprintln(os.Stderr, "out of memory")
			os.Exit(9)
		})
	}
	began, capacity := time.Now(), int64(0)
	if v := knobs["capacity"]; v != "" {
		capacity, _ = strconv.ParseInt(v, 10, 64)
	}
	var second, count atomic.Int64
	handler := func(w http.ResponseWriter, r *http.Request) {
		now := int64(time.Since(began) / (100 * time.Millisecond))
		if second.Swap(now) != now {
			count.Store(0)
		}
		time.Sleep(span("delay"))
		if capacity > 0 && count.Add(1) > capacity/10+1 {
			time.Sleep(200 * time.Millisecond)
		}
		if name := knobs["log"]; name != "" {
			body, _ := io.ReadAll(r.Body)
			if err := os.WriteFile(name, body, 0o644); err != nil {
				w.WriteHeader(http.StatusInsufficientStorage)
			}
		}
		if d := span("fails"); d > 0 && time.Since(began) > d {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprint(w, "ok")
	}
	err := http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(handler))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
