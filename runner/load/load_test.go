package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"speedgate/perf"
)

// seen is a request as the service got it.
type seen struct {
	Method, URI, Host, Body string
	Header                  http.Header
}

// service is a server that keeps what it got. Answers are by path.
type service struct {
	*httptest.Server
	mu  sync.Mutex
	got []seen
}

func newService(t *testing.T, answer http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.got = append(s.got, seen{r.Method, r.RequestURI, r.Host, string(body), r.Header})
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

func answerOK(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "12345") }

// run runs a plan that must work.
func run(t *testing.T, p Plan, watch func(Measurement)) *Result {
	t.Helper()
	r, err := Run(t.Context(), p, watch)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRunSendsWhatThePlanSays(t *testing.T) {
	t.Parallel()
	s := newService(t, answerOK)
	run(t, Plan{
		Targets: []Target{
			{URL: s.URL + "/a?b=c#d"},
			{Method: "POST", URL: s.URL + "/orders", Body: []byte("lamp"), Header: http.Header{"content-type": {"text/plain"}, "Host": {"shop.example"}, "User-Agent": {"me"}}, Weight: 2},
		},
		Stages: []Stage{{Rate: 300, Hold: 100 * time.Millisecond}},
	}, nil)
	host := strings.TrimPrefix(s.URL, "http://")
	get := seen{"GET", "/a?b=c", host, "", http.Header{"User-Agent": {"speedgate"}}}
	post := seen{"POST", "/orders", "shop.example", "lamp", http.Header{"Content-Type": {"text/plain"}, "Content-Length": {"4"}, "User-Agent": {"me"}}}
	got := s.requests()
	slices.SortStableFunc(got, func(a, b seen) int { return strings.Compare(a.Method, b.Method) })
	want := append(slices.Repeat([]seen{get}, 10), slices.Repeat([]seen{post}, 20)...)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

func TestRunCountsAnswers(t *testing.T) {
	t.Parallel()
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		}
		_, _ = io.WriteString(w, "12345")
	})
	// Two targets share a subject.
	targets := []Target{{URL: s.URL}, {URL: s.URL + "/?x"}, {URL: s.URL + "/broken"}, {URL: s.URL + "/moved", Method: "HEAD"}}
	var mu sync.Mutex
	watched := map[Measurement]int{}
	r := run(t, Plan{Targets: targets, WarmUp: 100 * time.Millisecond, Stages: []Stage{{Rate: 400, Hold: 100 * time.Millisecond}}}, func(m Measurement) {
		mu.Lock()
		defer mu.Unlock()
		if m.Latency <= 0 || m.At.IsZero() {
			t.Errorf("a measurement %+v", m)
		}
		watched[Measurement{Subject: m.Subject, Failed: m.Failed, WarmUp: m.WarmUp}]++
	})
	want := []Subject{
		{Name: "GET /", Requests: 20, Bytes: 100, Codes: map[int]int64{200: 20}},
		{Name: "GET /broken", Requests: 10, Failed: 10, Bytes: 50, Codes: map[int]int64{500: 10}},
		{Name: "HEAD /moved", Requests: 10, Codes: map[int]int64{302: 10}},
	}
	if d := cmp.Diff(want, r.Subjects); d != "" {
		t.Errorf("subjects (-want +got):\n%s", d)
	}
	wantWatched := map[Measurement]int{}
	for _, warm := range []bool{false, true} {
		wantWatched[Measurement{Subject: "GET /", WarmUp: warm}] = 20
		wantWatched[Measurement{Subject: "GET /broken", Failed: true, WarmUp: warm}] = 10
		wantWatched[Measurement{Subject: "HEAD /moved", WarmUp: warm}] = 10
	}
	if d := cmp.Diff(wantWatched, watched); d != "" {
		t.Errorf("measurements (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]perf.Failure{{Subject: "GET /broken", Message: "500 Internal Server Error", Count: 10}}, r.Run.Failures); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
	if d := cmp.Diff(perf.Workload{Duration: 100 * time.Millisecond, Host: s.URL}, r.Run.Workload); d != "" {
		t.Errorf("workload (-want +got):\n%s", d)
	}
}

func TestRunHasTheStandardMetrics(t *testing.T) {
	t.Parallel()
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		answerOK(w, r)
	})
	r := run(t, Plan{Targets: []Target{{URL: s.URL}}, Stages: []Stage{{Rate: 100, Hold: time.Second}}}, nil).Run
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	of := func(metric string, unit perf.Unit, better perf.Better, kind perf.Kind) perf.Series {
		return perf.Series{Key: perf.Key{Subject: "Aggregated", Metric: metric}, Unit: unit, Better: better, Kind: kind, Count: 100}
	}
	want := []perf.Series{
		of("content_size_avg", "B", perf.BetterUnknown, perf.KindMean), of("error_rate", "%", perf.BetterLower, perf.KindRatio),
		of("latency_avg", "ms", perf.BetterLower, perf.KindMean), of("latency_max", "ms", perf.BetterLower, perf.KindQuantile),
		of("latency_min", "ms", perf.BetterLower, perf.KindQuantile), of("latency_p50", "ms", perf.BetterLower, perf.KindQuantile),
		of("latency_p75", "ms", perf.BetterLower, perf.KindQuantile), of("latency_p90", "ms", perf.BetterLower, perf.KindQuantile),
		of("latency_p95", "ms", perf.BetterLower, perf.KindQuantile), of("latency_p99", "ms", perf.BetterLower, perf.KindQuantile),
		of("latency_p99.9", "ms", perf.BetterLower, perf.KindQuantile), of("requests", "", perf.BetterUnknown, perf.KindTotal),
		of("throughput", "/s", perf.BetterHigher, perf.KindRate),
	}
	for _, x := range slices.Clone(want) {
		x.Key.Subject = "GET /"
		want = append(want, x)
	}
	if d := cmp.Diff(want, r.Series, cmpopts.IgnoreFields(perf.Series{}, "Samples", "Step")); d != "" {
		t.Errorf("series (-want +got):\n%s", d)
	}
	// The machine may be busy: what is measured can only be too much.
	for _, metric := range []string{"latency_min", "latency_avg", "latency_p50", "latency_p99.9", "latency_max"} {
		if v := value(r, metric); v < 20 {
			t.Errorf("%s is %g ms against a service that takes 20", metric, v)
		}
	}
	if v := value(r, perf.Throughput); v <= 0 || v > 100 {
		t.Errorf("the throughput is %g/s", v)
	}
	if d := cmp.Diff([]float64{0, 5, 100}, []float64{value(r, perf.ErrorRate), value(r, contentSize), value(r, perf.Requests)}); d != "" {
		t.Errorf("error rate, size, requests (-want +got):\n%s", d)
	}
}

// A service that stands still for half a second keeps a quarter of the requests of
// two seconds waiting, however few connections there are. A generator that counts
// from when it sends sees one slow request for each connection.
func TestStallShowsInTheLatencies(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{2, 1000} {
		t.Run(fmt.Sprintf("%d connections", connections), func(t *testing.T) {
			t.Parallel()
			stalled := time.Now().Add(500 * time.Millisecond)
			s := newService(t, func(w http.ResponseWriter, r *http.Request) {
				if now := time.Now(); now.After(stalled) && now.Before(stalled.Add(500*time.Millisecond)) {
					time.Sleep(time.Until(stalled.Add(500 * time.Millisecond)))
				}
				answerOK(w, r)
			})
			r := run(t, Plan{Targets: []Target{{URL: s.URL}}, Connections: connections, Stages: []Stage{{Rate: 200, Hold: 2 * time.Second}}}, nil).Run
			if v := value(r, "latency_p99"); v < 450 {
				t.Errorf("p99 is %g ms, want at least 450", v)
			}
			if v := value(r, "latency_p90"); v < 250 {
				t.Errorf("p90 is %g ms, want at least 250", v)
			}
			if v := value(r, perf.Requests); v != 400 {
				t.Errorf("%g requests, want 400", v)
			}
			if connections == 2 && (len(r.Warnings) != 1 || !strings.HasSuffix(r.Warnings[0].Msg,
				"not at all: all 2 connections were busy; latencies count from when a request was due")) {
				t.Errorf("warnings: %v", r.Warnings)
			}
		})
	}
}

// What cannot be sent counts as failed: without it a service that is overrun would
// look better than one that nearly is.
func TestUnsentRequestsFail(t *testing.T) {
	t.Parallel()
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond)
		answerOK(w, r)
	})
	r := run(t, Plan{Targets: []Target{{URL: s.URL}}, Connections: 1, Timeout: time.Second, Stages: []Stage{{Rate: 100, Hold: 500 * time.Millisecond}}}, nil)
	answered := int64(len(s.requests()))
	if answered > 16 {
		t.Errorf("%d requests over one connection in 1.5 s at 100 ms each", answered)
	}
	want := []Subject{{Name: "GET /", Requests: 50, Failed: 50 - answered, Bytes: 5 * answered, Codes: map[int]int64{200: answered}}}
	if d := cmp.Diff(want, r.Subjects); d != "" {
		t.Errorf("subjects (-want +got):\n%s", d)
	}
	failures := []perf.Failure{{Subject: "GET /", Message: "not sent within 1s: all 1 connections were busy", Count: 50 - answered}}
	if d := cmp.Diff(failures, r.Run.Failures); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
}

// What this machine was too slow to send is no failure of the service.
func TestOverloaded(t *testing.T) {
	t.Parallel()
	p := Plan{Targets: []Target{{URL: "http://service"}}, Timeout: time.Second, Stages: []Stage{{Rate: 100, Hold: time.Second}}}.withDefaults()
	for _, c := range []struct {
		name                         string
		busy                         int64 // connections at most
		warned, overloaded, requests int
	}{
		{"the service", DefaultConnections, 1, 0, 100},
		{"this machine", DefaultConnections - 1, 0, 1, 30},
	} {
		test := newTest(p, func(Measurement) {})
		test.transport = newTransport(t.Context(), p, 0)
		test.transport.peak.Store(c.busy)
		for range 30 {
			test.sent++
			test.subjects[0].add(2*time.Second, http.StatusOK, "")
		}
		test.late, test.stopped = 20, 2*time.Second
		test.countUnsent()
		r, err := test.result(nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.Run.Warnings); n != c.warned {
			t.Errorf("%s: warnings %v", c.name, r.Run.Warnings)
		}
		if n := len(r.Run.Overloaded); n != c.overloaded || n != len(r.Run.Incomplete) {
			t.Errorf("%s: overloaded %v, incomplete %v", c.name, r.Run.Overloaded, r.Run.Incomplete)
		}
		if n := value(r.Run, perf.Requests); n != float64(c.requests) {
			t.Errorf("%s: %g requests, want %d", c.name, n, c.requests)
		}
	}
}

func TestRunTellsHowRequestsFailed(t *testing.T) {
	t.Parallel()
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-r.Context().Done()
		case "/short":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "12345")
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := run(t, Plan{
		Targets: []Target{{URL: s.URL + "/slow"}, {URL: s.URL + "/short"}, {URL: nobody + "/nobody"}, {URL: s.URL + "/loop"}},
		Timeout: time.Second, Redirects: 2, Stages: []Stage{{Rate: 100, Hold: 80 * time.Millisecond}},
	}, nil)
	got := map[string]string{}
	for _, f := range r.Run.Failures {
		got[f.Subject] = fmt.Sprintf("%d %s", f.Count, f.Message)
	}
	want := map[string]string{
		"GET /slow": "2 no answer within 1s", "GET /short": "2 unexpected EOF",
		"GET /nobody": "2 connect: connection refused",
		"GET /loop":   `2 Get "/loop": stopped after 2 redirects`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
	if r.Run.Workload.Host != "" {
		t.Errorf("the targets have two hosts, and the host is %q", r.Run.Workload.Host)
	}
}

func TestRunFollowsRedirects(t *testing.T) {
	t.Parallel()
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		answerOK(w, r)
	})
	r := run(t, Plan{Targets: []Target{{URL: s.URL + "/moved", Method: "HEAD"}, {URL: s.URL + "/moved"}}, Redirects: 1, Stages: []Stage{{Rate: 100, Hold: 100 * time.Millisecond}}}, nil)
	want := []Subject{
		{Name: "GET /moved", Requests: 5, Bytes: 25 + 5*int64(len("<a href=\"/\">Found</a>.\n\n")), Codes: map[int]int64{200: 5}},
		{Name: "HEAD /moved", Requests: 5, Codes: map[int]int64{200: 5}},
	}
	if d := cmp.Diff(want, r.Subjects); d != "" {
		t.Errorf("subjects (-want +got):\n%s", d)
	}
	for _, q := range s.requests() {
		if v := q.Header.Get(seqHeader); v != "" {
			t.Errorf("%s %s has the header %s: %s", q.Method, q.URI, seqHeader, v)
		}
	}
}

func TestCancelKeepsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
		}
		answerOK(w, r)
	})
	ctx, stop := context.WithCancelCause(t.Context())
	breach := errors.New("p95 over 100 ms")
	fast := 0
	began := time.Now()
	r, err := Run(ctx, Plan{
		Targets: []Target{{URL: s.URL + "/fast"}, {URL: s.URL + "/slow"}},
		Stages:  []Stage{{Rate: 100, Hold: time.Hour}},
	}, func(Measurement) {
		if fast++; fast == 10 {
			stop(breach)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("it took %s to stop", d)
	}
	// A few more may have ended before the test did.
	if n := value(r.Run, perf.Requests); n < 10 || n > 50 || value(r.Run, perf.ErrorRate) != 0 {
		t.Errorf("%g requests with an error rate of %g %%", n, value(r.Run, perf.ErrorRate))
	}
	if len(r.Run.Incomplete) != 1 || !strings.Contains(r.Run.Incomplete[0].Msg, " of 1h0m0s: p95 over 100 ms; ") {
		t.Errorf("incomplete: %v", r.Run.Incomplete)
	}
}

func TestCancelBeforeAnything(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := Run(ctx, Plan{Targets: []Target{{URL: "http://127.0.0.1:1/"}}, Stages: []Stage{{Rate: 1, Hold: time.Hour}}}, nil)
	if !errors.Is(err, perf.ErrNoResults) || !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
}

// Throughput counts what ended well within the time: neither a request that is
// answered long after it, nor a warm-up's that is answered in it, makes it wrong.
func TestThroughputIsOfTheTime(t *testing.T) {
	t.Parallel()
	f := newFigures("GET /")
	for range 10 {
		f.add(time.Millisecond, 200, "")
	}
	f.done = 8
	run := &perf.Run{Series: f.series(4 * time.Second)}
	run.Sort()
	if s := run.Find(perf.Key{Subject: "GET /", Metric: perf.Throughput}); s == nil || s.Samples[0] != 2 {
		t.Errorf("throughput: %+v, want 2/s", s)
	}
}

func TestKindsOfErrorsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFigures("GET /")
	for i := range 50 {
		f.add(time.Millisecond, 0, failureText(0, fmt.Sprintf("error %02d", i)))
	}
	list := f.failures()
	if len(list) != maxKinds+1 || list[0] != (perf.Failure{Subject: "GET /", Message: otherErrors, Count: 30}) {
		t.Errorf("%d kinds, the first is %+v", len(list), list[0])
	}
	long := failureText(0, strings.Repeat("é", 200)+"\xff")
	if len(long) > maxErrorBytes+len("…") || !strings.HasSuffix(long, "é…") {
		t.Errorf("a long error becomes %q", long)
	}
	if got := failureText(799, "799 who knows"); got != "799 (unknown status)" {
		t.Errorf("an unknown status becomes %q", got)
	}
}

// value returns a figure of all requests of a run, -1 if there is none.
func value(r *perf.Run, metric string) float64 {
	s := r.Find(perf.Key{Subject: perf.Aggregated, Metric: metric})
	if s == nil {
		return -1
	}
	return s.Samples[0]
}
