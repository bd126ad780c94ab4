package fakegithub

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// GitHub is a running fake. Make one with [New].
type GitHub struct {
	URL   string // of the API, as GITHUB_API_URL gives it: without a slash at the end
	Other *OtherHost

	t       testing.TB
	routes  []*operation
	closing chan struct{} // ends slow answers

	mu         sync.Mutex
	repos      map[string]*Repo // by full name in lower case
	tokens     map[string]identity
	faults     []*programmed
	log        []*Request
	violations []string
	lastID     int64
	now        time.Time
	rate       rate
}

// New starts a GitHub that serves until the test ends. Violations fail the test then.
func New(t testing.TB) *GitHub {
	t.Helper()
	list, err := routes()
	if err != nil {
		t.Fatal(err)
	}
	g := &GitHub{
		t: t, routes: list, closing: make(chan struct{}), repos: map[string]*Repo{},
		tokens: map[string]identity{Token: {login: Bot, isApp: true}}, lastID: 1000,
		now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	g.rate = rate{limit: 1000, left: 1000, reset: g.now.Add(time.Hour)}
	server := httptest.NewServer(g)
	g.URL = server.URL
	g.Other = newOtherHost(g)
	t.Cleanup(func() {
		close(g.closing)
		server.Close()
		g.Other.server.Close()
		g.Verify()
	})
	return g
}

// nextID returns a number that nothing has yet.
func (g *GitHub) nextID() int64 {
	g.lastID++
	return g.lastID
}

// tick returns the time, a second later than before.
func (g *GitHub) tick() time.Time {
	g.now = g.now.Add(time.Second)
	return g.now
}

// violate notes something that fails the test when it ends.
func (g *GitHub) violate(format string, args ...any) {
	g.violations = append(g.violations, g.redact(fmt.Sprintf(format, args...)))
}

// Verify reports all violations so far, faults that were not run into included, as
// errors of the test. It runs by itself when the test ends.
func (g *GitHub) Verify() {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.faults {
		if f.used == 0 || f.used < f.times && f.times != Always {
			g.violate("fault for %s: %d requests ran into it, not %s", f.pattern, f.used, f.wanted())
		}
	}
	for _, v := range g.violations {
		g.t.Errorf("fakegithub: %s", v)
	}
	g.violations, g.faults = nil, nil
}

// call is a request on its way through the fake.
type call struct {
	g    *GitHub
	r    *http.Request
	body []byte
	op   *operation
	who  *identity // nil = without a token
	repo *Repo     // nil outside of /repos

	entry *Request // in the log
}

type object = map[string]any

// answer is what a request is answered with.
type answer struct {
	status int
	header http.Header
	body   any    // to be completed, checked and written as JSON; nil = nothing
	raw    []byte // instead of body, of type kind and unchecked
	kind   string
}

func found(body any) answer   { return answer{status: http.StatusOK, body: body} }
func created(body any) answer { return answer{status: http.StatusCreated, body: body} }
func gone() answer            { return answer{status: http.StatusNoContent} }

func refused(status int, format string, args ...any) answer {
	return answer{status: status, body: object{
		"message": fmt.Sprintf(format, args...), "documentation_url": "https://docs.github.com/rest", "status": fmt.Sprint(status),
	}}
}

func notFound() answer { return refused(http.StatusNotFound, "Not Found") }

// invalid refuses a field as GitHub's validation does.
func invalid(resource, field, code, message string) answer {
	a := refused(http.StatusUnprocessableEntity, "Validation Failed")
	a.body.(object)["errors"] = []any{object{"resource": resource, "field": field, "code": code, "message": message}}
	return a
}

// maxBody bounds what is read of a request.
const maxBody = 64 << 20

// ServeHTTP implements [http.Handler].
func (g *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client has hung up
	}
	c := &call{g: g, r: r, body: body, op: find(g.routes, r)}
	handle := unknown
	if c.op != nil {
		handle = c.op.handle
	}
	fault := g.arrive(c)
	if fault != nil && fault.meanwhile != nil {
		fault.meanwhile()
	}
	data, a := g.carryOut(c, fault, handle)
	g.send(w, r, a, data, fault)
}

// unknown answers what is no operation of the fake.
func unknown(c *call) answer {
	c.g.violate("%s %s: the fake has no such operation", c.r.Method, c.r.URL.Path)
	return notFound()
}

// arrive logs a request and returns the fault that it runs into, nil if none.
func (g *GitHub) arrive(c *call) *Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.entry = g.record(c.r, c.body)
	return g.nextFault(c.r)
}

// carryOut answers a request, in full, and returns the answer and its bytes.
func (g *GitHub) carryOut(c *call, fault *Fault, handle func(*call) answer) ([]byte, answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.enter(c)
	switch {
	case fault != nil && fault.answer != nil:
		if ok && fault.carriedOut {
			handle(c)
		}
		a = *fault.answer
	case ok:
		a = handle(c)
	}
	data := a.raw
	if a.body != nil {
		data = g.encode(c, &a)
	}
	c.entry.Status = a.status
	a.header = g.headers(a)
	return data, a
}

// enter checks a request and who sends it. If it may not go on, the answer says so.
func (g *GitHub) enter(c *call) (answer, bool) {
	sound := true
	if c.op != nil {
		for _, problem := range c.op.checkRequest(c) {
			g.violate("%s %s: %s", c.r.Method, c.r.URL.RequestURI(), problem)
			sound = false
		}
	}
	if a, ok := c.authenticate(); !ok {
		return a, false
	}
	if a, ok := g.take(); !ok {
		return a, false
	}
	if c.r.PathValue("repo") != "" {
		c.repo = g.repos[strings.ToLower(c.r.PathValue("owner")+"/"+c.r.PathValue("repo"))]
		if c.repo == nil {
			return notFound(), false
		}
	}
	if a, ok := c.authorize(); !ok {
		return a, false
	}
	if !sound {
		return refused(http.StatusUnprocessableEntity, "Validation Failed"), false
	}
	return answer{}, true
}

// encode completes and checks an answer and returns its bytes.
func (g *GitHub) encode(c *call, a *answer) []byte {
	a.kind = "application/json; charset=utf-8"
	if c.op == nil {
		data, _ := json.Marshal(a.body) // maps, lists and plain values
		return data
	}
	data, err := c.op.checkAnswer(c, a)
	if err != nil {
		g.violate("%s %s: the fake's answer %d: %v", c.r.Method, c.r.URL.RequestURI(), a.status, err)
	}
	return data
}

// headers adds what is on every answer.
func (g *GitHub) headers(a answer) http.Header {
	h := a.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if a.kind != "" {
		h.Set("Content-Type", a.kind)
	}
	h.Set("X-GitHub-Request-Id", fmt.Sprintf("FAKE:%d", len(g.log)))
	for name, value := range g.rate.headers() {
		if h.Get(name) == "" {
			h.Set(name, value)
		}
	}
	return h
}

// decode reads the body of a request, which the contract has checked.
func (c *call) decode(v any) {
	if err := json.Unmarshal(c.body, v); err != nil {
		c.g.violate("%s %s: %v", c.r.Method, c.r.URL.Path, err)
	}
}
