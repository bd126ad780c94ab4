package fakegithub

import (
	"maps"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Always is the number of times for a fault that stays.
const Always = math.MaxInt

// Fault is what befalls a request.
type Fault struct {
	answer     *answer // instead of the state's
	carriedOut bool    // all the same, before it is answered so
	meanwhile  func()  // runs before
	pause      time.Duration
	cut        bool
	malformed  bool
}

// programmed is a fault that waits for requests.
type programmed struct {
	Fault
	pattern, method, path string
	times, used           int
}

func (p *programmed) wanted() string {
	if p.times == Always {
		return "at least 1"
	}
	return strconv.Itoa(p.times)
}

// On lets a fault befall the next times requests that match a pattern, METHOD PATH.
// In PATH a * stands for anything but a slash; METHOD and PATH may be just *. Of
// several faults for a request the one that was programmed first comes first. A fault
// that fewer requests ran into is a violation.
func (g *GitHub) On(pattern string, times int, f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	method, wild, ok := strings.Cut(pattern, " ")
	if _, err := path.Match(wild, ""); !ok || err != nil || times < 1 {
		g.violate("On(%q, %d): the pattern is METHOD PATH, and the times are 1 or more", pattern, times)
		return
	}
	g.faults = append(g.faults, &programmed{Fault: f, pattern: pattern, method: method, path: wild, times: times})
}

// nextFault returns the fault that a request runs into, nil if none.
func (g *GitHub) nextFault(r *http.Request) *Fault {
	for _, f := range g.faults {
		if f.used < f.times && f.matches(r) {
			f.used++
			return &f.Fault
		}
	}
	return nil
}

func (p *programmed) matches(r *http.Request) bool {
	if p.method != "*" && p.method != r.Method {
		return false
	}
	ok, _ := path.Match(p.path, r.URL.Path) // On has checked the pattern
	return ok || p.path == "*"
}

// Refuse answers with a status and a message, and with headers NAME, VALUE, …, as in
// Refuse(404, "Not Found").
func Refuse(status int, message string, headers ...string) Fault {
	a := refused(status, "%s", message)
	a.header = http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		a.header.Set(headers[i], headers[i+1])
	}
	return Fault{answer: &a}
}

// NotAccessible answers as to a token that lacks a permission.
func NotAccessible() Fault { return Refuse(http.StatusForbidden, notAccessible) }

// TooLong answers as to a comment with too many bytes.
func TooLong() Fault {
	a := bodyTooLong()
	return Fault{answer: &a}
}

// SlowDown answers as the secondary rate limit does, with 403 or 429. Retry-After
// is left out when it is 0.
func SlowDown(status int, retryAfter time.Duration) Fault {
	f := Refuse(status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
	f.answer.body.(object)["documentation_url"] = "https://docs.github.com/rest/overview/resources-in-the-rest-api#secondary-rate-limits"
	if retryAfter > 0 {
		f.answer.header.Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	return f
}

// LimitReached answers as the primary rate limit does, with 403 or 429.
func LimitReached(status int, reset time.Time) Fault {
	return Refuse(status, "API rate limit exceeded for installation ID 1.",
		"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
}

// Down answers with a server error, and a page instead of JSON, as a proxy does.
func Down(status int) Fault {
	return Fault{answer: &answer{status: status, raw: []byte("<html><body>Unicorn!</body></html>"), kind: "text/html; charset=utf-8"}}
}

// AnswerLost carries the request out and answers with a server error all the same.
func AnswerLost(status int) Fault {
	f := Down(status)
	f.carriedOut = true
	return f
}

// Redirect answers with a redirect to a path of the API or to any URL.
func Redirect(status int, location string) Fault {
	return Fault{answer: &answer{status: status, header: http.Header{"Location": {location}}}}
}

// Meanwhile has something happen after the request was sent and before it is
// carried out, as it would be.
func Meanwhile(do func()) Fault { return Fault{meanwhile: do} }

// SlowBody carries the request out and pauses in the middle of the answer.
func SlowBody(pause time.Duration) Fault { return Fault{pause: pause} }

// CutBody carries the request out and hangs up in the middle of the answer.
func CutBody() Fault { return Fault{cut: true} }

// MalformedBody carries the request out and answers with half of the JSON.
func MalformedBody() Fault { return Fault{malformed: true} }

// send writes an answer, as far as a fault lets it.
func (g *GitHub) send(w http.ResponseWriter, r *http.Request, a answer, data []byte, fault *Fault) {
	if fault == nil {
		fault = &Fault{}
	}
	maps.Copy(w.Header(), a.header)
	if at := a.header.Get("Location"); strings.HasPrefix(at, "/") {
		w.Header().Set("Location", "http://"+r.Host+at)
	}
	if fault.malformed {
		data = data[:len(data)/2]
	}
	if len(data) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	}
	w.WriteHeader(a.status)
	half := len(data)
	if fault.pause > 0 || fault.cut {
		half = len(data) / 2
	}
	_, _ = w.Write(data[:half]) // a client that hangs up is its own affair
	if half == len(data) {
		return
	}
	_ = http.NewResponseController(w).Flush()
	if fault.cut {
		panic(http.ErrAbortHandler) // the way to hang up that net/http gives a handler
	}
	g.wait(r, fault.pause)
	_, _ = w.Write(data[half:])
}

// wait pauses, until the client hangs up or the test ends.
func (g *GitHub) wait(r *http.Request, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-g.closing:
	}
}
