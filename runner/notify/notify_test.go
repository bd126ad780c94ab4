package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"speedgate/gate"
	"speedgate/internal/rest"
	"speedgate/perf"
	"speedgate/runner/alert"

	"github.com/google/go-cmp/cmp"
)

// secret is the part of an address that nobody may see.
const secret = "T012/B345/aBcDeF678"

// channel is a server with a webhook, which gives its answers one after the other.
type channel struct {
	mu      sync.Mutex
	answers []func(*http.Request) (*http.Response, error)
	got     []string // what was sent, and the pauses
}

func (c *channel) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Context().Err()); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, string(text))
	if len(c.answers) == 0 {
		return status(http.StatusOK)(r)
	}
	next := c.answers[0]
	c.answers = c.answers[1:]
	return next(r)
}

func (c *channel) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, "wait "+d.String())
	return ctx.Err()
}

// status answers with a code, headers NAME, VALUE, …, and the secret: a server may
// repeat what it was asked for.
func status(code int, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(r.URL.Path + "?" + secret)), Request: r}, nil
	}
}

func broken(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("connection to %s, %s reset by peer", r.URL, r.URL.Path)
}

func (c *channel) webhook(t *testing.T) *Webhook {
	t.Helper()
	u, err := url.Parse("https://hooks.example/services/" + secret + "?sig=" + secret)
	if err != nil {
		t.Fatal(err)
	}
	return newWebhook(u, rest.Options{Base: c, Sleep: c.sleep, Now: func() time.Time { return time.Unix(1000, 0) }})
}

func TestSend(t *testing.T) {
	t.Parallel()
	const body = `{"text":"p95 \u003c 1 \"s\""}`
	type list = []func(*http.Request) (*http.Response, error)
	for _, c := range []struct {
		name    string
		answers list
		want    []string
		err     string
	}{
		{"well", nil, []string{body}, ""},
		{"no content", list{status(204)}, []string{body}, ""},
		{"too many requests", list{status(429, "Retry-After", "7")}, []string{body, "wait 7s", body}, ""},
		{"too many requests, without a time", list{status(429)}, []string{body, "wait 2s", body}, ""},
		{"longer than we wait", list{status(429, "Retry-After", "31")}, []string{body}, "the webhook answered 429 Too Many Requests"},
		{"a server error", list{status(500), status(503)}, []string{body, "wait 1s", body, "wait 2s", body}, ""},
		{"a broken connection", list{broken}, []string{body, "wait 1s", body}, ""},
		{
			"down",
			list{broken, broken, broken, broken, broken},
			[]string{body, "wait 1s", body, "wait 2s", body, "wait 4s", body, "wait 8s", body},
			"the webhook cannot be reached: connection to ***, *** reset by peer",
		},
		{"gone", list{status(404)}, []string{body}, "the webhook answered 404 Not Found"},
		{"an unknown status", list{status(499)}, []string{body}, "the webhook answered 499 (unknown status)"},
		{"moved", list{status(307, "Location", "https://hooks.example/"+secret)}, []string{body}, "the webhook answered 307 Temporary Redirect"},
	} {
		ch := &channel{answers: c.answers}
		err := ch.webhook(t).Send(t.Context(), `p95 < 1 "s"`)
		if d := cmp.Diff(c.want, ch.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if message(err) != c.err || strings.Contains(message(err), secret) {
			t.Errorf("%s: %v, want %s", c.name, err, c.err)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestServer sends to a server that listens, and to one that does not any more.
func TestServer(t *testing.T) {
	t.Parallel()
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.String()+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("User-Agent")+" "+string(text))
	}))
	defer s.Close()
	w, err := New("HOOK", environment("HOOK", " "+s.URL+"/services/"+secret+"?sig=x\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Send(t.Context(), "hello"); err != nil {
		t.Fatal(err)
	}
	want := []string{"POST /services/" + secret + `?sig=x application/json speedgate {"text":"hello"}`}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	s.Close()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("enough"))
	defer cancel()
	if err := w.Send(ctx, "hello"); message(err) != "the webhook cannot be reached: enough" {
		t.Errorf("Send: %v", err)
	}
}

func environment(name, value string) func(string) (string, bool) {
	return func(asked string) (string, bool) { return value, asked == name }
}

func TestNew(t *testing.T) {
	t.Parallel()
	const form = "the variable HOOK does not hold an address of the form https://HOST/PATH"
	const open = "the address in the variable HOOK is not https, so that it could be read on its way"
	for _, c := range []struct{ address, want string }{
		{"https://hooks.example/services/" + secret, ""},
		{"https://hooks.example/?sig=" + secret, ""},
		{"http://127.0.0.1:8065/hooks/" + secret, ""},
		{"http://[::1]/" + secret, ""},
		{"http://localhost/" + secret, ""},
		{"", "the variable HOOK, which holds the address of the webhook, is not set"},
		{" \n", "the variable HOOK, which holds the address of the webhook, is not set"},
		{"http://hooks.example/" + secret, open},
		{"http://localhost.example/" + secret, open},
		{"ftp://hooks.example/" + secret, open},
		{secret, form},
		{"https:" + secret, form},
		{"https:///" + secret, form},
		{"https://hooks.example/%zz" + secret, form},
		{"https://hooks.example/\x7f" + secret, form},
	} {
		_, err := New("HOOK", environment("HOOK", c.address))
		if message(err) != c.want {
			t.Errorf("%q: %v, want %s", c.address, err, c.want)
		}
	}
}

func TestAlert(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 13, 0, 20, 0, time.FixedZone("", 3600))
	e := alert.Event{
		Kind: alert.Fired, Rule: alert.Default()[1], At: at, Value: perf.Quantity{Value: 131.5661995, Unit: "ms"}, Since: at.Add(-10 * time.Second),
	}
	const rule = "latency_p95 above 100ms for 10s; it is 132ms at 12:00:20 UTC"
	aborts, resolved := e, e
	aborts.Rule.Abort = true
	resolved.Kind, resolved.Rule.Severity = alert.Resolved, gate.SeverityWarning
	for _, c := range []struct {
		profile string
		event   alert.Event
		want    string
	}{
		{"load", e, "speedgate: critical alert fired in load: " + rule + ", and beyond the limit since 12:00:10 UTC"},
		{"load", aborts, "speedgate: critical alert fired in load: " + rule + ", and beyond the limit since 12:00:10 UTC; the test is ended"},
		{"load", resolved, "speedgate: warning alert resolved in load: " + rule + ", after a breach since 12:00:10 UTC"},
		{
			"<!channel> @here <@U1> &\n::error::x", resolved,
			"speedgate: warning alert resolved in &lt;!channel&gt; ＠here &lt;＠U1&gt; &amp;\\n::error::x: " + rule + ", after a breach since 12:00:10 UTC",
		},
		{strings.Repeat("é", 101), resolved, "speedgate: warning alert resolved in " + strings.Repeat("é", 99) + "…: " + rule + ", after a breach since 12:00:10 UTC"},
	} {
		if d := cmp.Diff(c.want, Alert(c.profile, c.event)); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.profile, d)
		}
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	ch := &channel{answers: []func(*http.Request) (*http.Response, error){status(200), status(404), status(200)}}
	ctx, cancel := context.WithCancel(t.Context())
	q := NewQueue(ctx, ch.webhook(t))
	cancel() // a test that is ended has the most to tell
	for _, text := range []string{"a", "b", "c"} {
		q.Add(text)
	}
	want := []perf.Warning{{Msg: "alerts that were not sent: 1: the webhook answered 404 Not Found"}}
	if d := cmp.Diff(want, q.Close(ctx)); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{`{"text":"a"}`, `{"text":"b"}`, `{"text":"c"}`}, ch.got); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
}

// never answers.
func never(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestQueueInterrupted holds that a signal ends the wait for the last messages at once,
// and one that ended the test already leaves them little time.
func TestQueueInterrupted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		after, took time.Duration
		why         string
	}{
		{"in the wait", 3 * time.Second, 3 * time.Second, "the wait for it was cut short: interrupt"},
		{"before", 0, hastyTime, "the test has been over for 2s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ch := &channel{answers: []func(*http.Request) (*http.Response, error){never}}
			ctx, cancel := context.WithCancelCause(t.Context())
			q := NewQueue(ctx, ch.webhook(t))
			q.Add("a")
			time.AfterFunc(c.after, func() { cancel(errors.New("interrupt")) })
			synctest.Wait()
			began := time.Now()
			want := []perf.Warning{{Msg: "alerts that were not sent: 1: the webhook cannot be reached: " + c.why}}
			if d := cmp.Diff(want, q.Close(ctx)); d != "" {
				t.Errorf("%s: warnings (-want +got):\n%s", c.name, d)
			}
			if took := time.Since(began); took != c.took {
				t.Errorf("%s: Close took %s, want %s", c.name, took, c.took)
			}
		})
	}
}

// TestQueueIsBounded holds that a server which never answers holds up neither the
// test nor its end.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch := &channel{answers: []func(*http.Request) (*http.Response, error){never}}
		q := NewQueue(t.Context(), ch.webhook(t))
		q.Add("first")
		synctest.Wait()
		for range maxQueue + 2 {
			q.Add("more")
		}
		began := time.Now()
		warnings := q.Close(t.Context())
		if took := time.Since(began); took != closeTime {
			t.Errorf("Close took %s, want %s", took, closeTime)
		}
		want := []perf.Warning{
			{Msg: "alerts that were not sent: 101: the webhook cannot be reached: the test has been over for 20s"},
			{Msg: "alerts that were not sent: 2: too many were waiting"},
		}
		if d := cmp.Diff(want, warnings); d != "" {
			t.Errorf("warnings (-want +got):\n%s", d)
		}
	})
}
