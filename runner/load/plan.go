package load

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Defaults of a [Plan].
const (
	DefaultTimeout     = 10 * time.Second
	DefaultConnections = 1000
)

// Limits of a [Plan]. They are far above what one machine can do, and keep a slip of
// the keyboard from filling its memory.
const (
	maxRate        = 1_000_000 // per second
	maxConnections = 50_000    // below the ports that a client has for one address
	maxWeight      = 10_000    // of all targets together
	maxRedirects   = 20
	maxLength      = 7 * 24 * time.Hour
)

// Target is a request that is sent again and again.
type Target struct {
	Name   string      // what the figures call it, behind the method; "" is the URL's path
	Method string      // "" is GET
	URL    string      // http or https
	Header http.Header // Host sets the host; without User-Agent it is speedgate's own
	Body   []byte
	Weight int // its share of the requests, against the other targets'; 0 stands for 1
}

// Stage is a part of the test: the rate changes evenly to its own, and stays there.
type Stage struct {
	Rate float64       // requests per second; 0 is a pause
	Ramp time.Duration // how long the rate takes to change from the one before, 0 at first
	Hold time.Duration // how long it stays
}

// Plan says what is sent, and when.
type Plan struct {
	Targets []Target
	// WarmUp goes before the stages, at the first stage's rate, and is left out of
	// the figures. The first stage needs no ramp then.
	WarmUp time.Duration
	Stages []Stage
	// Timeout is how long an answer may take from when its request is sent, and how late
	// a request may be sent: what could not be by then, as all connections were busy or
	// the machine too slow, counts as failed when the test ends. 0 stands for
	// [DefaultTimeout].
	Timeout time.Duration
	// Connections is how many requests may be on their way at once, each on its own
	// connection; 0 stands for [DefaultConnections]. A request that is due when all are
	// busy waits, and that is part of its latency.
	Connections int
	Redirects   int    // how many are followed; with 0 a redirect is an answer like any other
	HTTP2       bool   // allow HTTP/2 where the server offers it
	Seed        uint64 // of the order of the targets: the same seed, the same order
	// Saturated is asked once, at the end, whether this machine was at its limit because of
	// the load that it made; nil stands for one that does not know.
	Saturated func() bool
}

// withDefaults returns the plan with what stands for a default filled in.
func (p Plan) withDefaults() Plan {
	p.Timeout = cmp.Or(p.Timeout, DefaultTimeout)
	p.Connections = cmp.Or(p.Connections, DefaultConnections)
	targets := make([]Target, len(p.Targets))
	for i, t := range p.Targets {
		t.Method, t.Weight = cmp.Or(t.Method, http.MethodGet), cmp.Or(t.Weight, 1)
		targets[i] = t
	}
	p.Targets = targets
	return p
}

// Check returns everything that is wrong with the plan, a line each.
func (p Plan) Check() error {
	p = p.withDefaults()
	var errs []error
	if len(p.Targets) == 0 {
		errs = append(errs, errors.New("expected at least one target"))
	}
	weight := 0
	for i, t := range p.Targets {
		if err := t.check(); err != nil {
			errs = append(errs, fmt.Errorf("target %d: %w", i+1, err))
			continue
		}
		weight += t.Weight
	}
	if weight > maxWeight {
		errs = append(errs, fmt.Errorf("weights of %d in all; %d is the limit", weight, maxWeight))
	}
	return errors.Join(append(errs, p.checkTimes(), p.checkLimits())...)
}

func (t Target) check() error {
	u, err := url.Parse(t.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q is not an address; write for example http://127.0.0.1:8000/products", t.URL)
	case t.Weight < 0 || t.Weight > maxWeight:
		return fmt.Errorf("a weight of %d is not between 1 and %d", t.Weight, maxWeight)
	}
	if _, err := http.NewRequest(t.Method, t.URL, nil); err != nil {
		return fmt.Errorf("%q is not a method", t.Method)
	}
	for name, values := range t.Header {
		if name == "" || strings.ContainsFunc(name, isNoHeaderName) {
			return fmt.Errorf("%q is not the name of a header", name)
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") {
				return fmt.Errorf("the header %s has a line break in its value", name)
			}
		}
	}
	return nil
}

// isNoHeaderName reports whether r cannot stand in the name of a header.
func isNoHeaderName(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// checkTimes checks the stages.
func (p Plan) checkTimes() error {
	var errs []error
	length, peak := p.WarmUp, 0.0
	for i, s := range p.Stages {
		switch {
		case math.IsNaN(s.Rate) || s.Rate < 0 || s.Rate > maxRate:
			errs = append(errs, fmt.Errorf("stage %d: a rate of %g/s is not between 0 and %d", i+1, s.Rate, maxRate))
		case s.Ramp < 0 || s.Hold < 0 || s.Ramp > maxLength || s.Hold > maxLength || s.Ramp+s.Hold == 0:
			errs = append(errs, fmt.Errorf("stage %d: a ramp of %s and a hold of %s; expected a length of at most %s", i+1, s.Ramp, s.Hold, maxLength))
		}
		length += min(maxLength+1, s.Ramp) + min(maxLength+1, s.Hold)
		peak = max(peak, s.Rate)
	}
	switch {
	case len(errs) > 0:
	case p.WarmUp < 0:
		errs = append(errs, fmt.Errorf("a warm-up of %s; expected none or a length", p.WarmUp))
	case length > maxLength:
		errs = append(errs, fmt.Errorf("a length of %s; %s is the limit", length, maxLength))
	case peak == 0:
		errs = append(errs, errors.New("expected a stage with a rate above 0"))
	}
	return errors.Join(errs...)
}

// checkLimits checks the other numbers.
func (p Plan) checkLimits() error {
	var errs []error
	if p.Timeout < 0 {
		errs = append(errs, fmt.Errorf("a timeout of %s; expected a length", p.Timeout))
	}
	if p.Connections < 1 || p.Connections > maxConnections {
		errs = append(errs, fmt.Errorf("%d connections are not between 1 and %d", p.Connections, maxConnections))
	}
	if p.Redirects < 0 || p.Redirects > maxRedirects {
		errs = append(errs, fmt.Errorf("%d redirects are not between 0 and %d", p.Redirects, maxRedirects))
	}
	return errors.Join(errs...)
}
