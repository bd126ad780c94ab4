package rest

import (
	"net/http"
	"strconv"
	"time"
)

// firstWait is the pause after a server error; it doubles from try to try.
const firstWait = time.Second

// pause says whether to send a request again, and after how long.
func (t *Transport) pause(req *http.Request, resp *http.Response, err error, try int) (wait time.Duration, again bool) {
	growth := time.Duration(1) << (try - 1)
	switch {
	case req.Body != nil && req.GetBody == nil:
		return 0, false
	case err != nil:
		return firstWait * growth, t.mayRepeat(req.Method) && req.Context().Err() == nil
	case t.isLimited(resp):
		return t.limitPause(resp, t.o.Forge.LimitWait, growth), true
	case resp.StatusCode >= http.StatusInternalServerError:
		return t.limitPause(resp, firstWait, growth), t.mayRepeat(req.Method)
	}
	return 0, false
}

// mayRepeat reports whether a request may be carried out twice. What is changed by
// PUT, PATCH and DELETE ends the same: a file is put with the hash of what it
// replaces, a branch moved forward only, a text set as a whole. A POST makes
// something each time, which may be better than nothing.
func (t *Transport) mayRepeat(method string) bool {
	return method != http.MethodPost || t.o.RepeatPost
}

func (t *Transport) isLimited(resp *http.Response) bool {
	return resp.StatusCode == http.StatusTooManyRequests || t.o.Forge.IsLimited != nil && t.o.Forge.IsLimited(resp)
}

// limitPause obeys Retry-After, then the reset time, else waits for floor times
// growth.
func (t *Transport) limitPause(resp *http.Response, floor, growth time.Duration) time.Duration {
	if after, ok := t.until(resp.Header.Get("Retry-After")); ok {
		return max(after, firstWait*growth)
	}
	if reset, err := strconv.ParseInt(resp.Header.Get(t.o.Forge.Reset), 10, 64); err == nil && resp.Header.Get(t.o.Forge.Remaining) == "0" {
		return max(time.Unix(reset, 0).Sub(t.o.Now()), firstWait*growth)
	}
	return floor * growth
}

// until reads a Retry-After: seconds as a forge sends them, or a date as a proxy may.
func (t *Transport) until(header string) (time.Duration, bool) {
	if s, err := strconv.ParseInt(header, 10, 32); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if at, err := http.ParseTime(header); err == nil {
		return at.Sub(t.o.Now()), true
	}
	return 0, false
}
