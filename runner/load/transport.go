package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// keepAlive is how often the system asks for a sign of life on a connection.
const keepAlive = 30 * time.Second

// errCancelled is what ends the requests that are on their way when the test is
// cancelled: they say nothing of the service, and do not count.
var errCancelled = errors.New("cancelled")

// transport sends vegeta's requests. It adds what vegeta lacks: requests that end
// when the test does, the number of bytes of answers that nobody keeps, and errors
// without what differs from one request to the next.
type transport struct {
	base    *http.Transport
	ctx     context.Context // ends with errCancelled
	timeout time.Duration
	late    error          // the cause of a timeout's end
	bytes   []atomic.Int64 // of answers, by target
	warmUp  uint64         // requests that are not counted
	busy    atomic.Int64   // requests on their way
	peak    atomic.Int64   // the most there were
}

func newTransport(ctx context.Context, p Plan, warmUp int64) *transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(p.HTTP2)
	dialer := &net.Dialer{KeepAlive: keepAlive}
	return &transport{
		// No proxy: it would be measured too. No compression but what a target asks for.
		base: &http.Transport{
			DialContext: dialer.DialContext, MaxConnsPerHost: p.Connections, MaxIdleConnsPerHost: p.Connections,
			DisableCompression: true, Protocols: protocols,
		},
		ctx: ctx, timeout: p.Timeout, late: fmt.Errorf("no answer within %s", p.Timeout),
		bytes: make([]atomic.Int64, len(p.Targets)), warmUp: uint64(warmUp),
	}
}

// RoundTrip implements [http.RoundTripper]. An error is returned as an answer with
// the status 0, whose text vegeta takes over as it is.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	raise(&t.peak, t.busy.Add(1))
	ctx, cancel := context.WithTimeoutCause(t.ctx, t.timeout, t.late)
	seq := req.Header.Get(seqHeader)
	req.Header.Del(seqHeader)
	resp, err := t.base.RoundTrip(req.WithContext(ctx))
	b := &body{ReadCloser: http.NoBody, transport: t, ctx: ctx, cancel: cancel, counter: t.counter(seq, req)}
	if err != nil {
		resp = &http.Response{Status: b.plain(err).Error(), Request: req}
	} else {
		b.ReadCloser = resp.Body
	}
	resp.Body = b
	return resp, nil
}

// seqHeader is where vegeta writes the number of a request. It is not sent: the
// service gets what the plan says.
const seqHeader = "X-Vegeta-Seq"

// counter returns where the bytes of an answer are counted, nil in the warm-up.
func (t *transport) counter(seq string, req *http.Request) *atomic.Int64 {
	if n, err := strconv.ParseUint(seq, 10, 64); err != nil || n < t.warmUp {
		return nil
	}
	// A request that follows a redirect has its own URL.
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
	}
	i, err := strconv.Atoi(req.URL.Fragment)
	if err != nil || i < 0 || i >= len(t.bytes) {
		return nil
	}
	return &t.bytes[i]
}

// raise makes peak at least n.
func raise(peak *atomic.Int64, n int64) {
	for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
	}
}

// body is the body of an answer: it counts the bytes that are read, and the request
// is on its way until it is closed.
type body struct {
	io.ReadCloser
	transport *transport
	ctx       context.Context // of the request
	cancel    context.CancelFunc
	counter   *atomic.Int64
	read      int64
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if err != nil && err != io.EOF {
		err = b.plain(err)
	}
	return n, err
}

// Close is called once, by vegeta or by net/http when it follows a redirect.
func (b *body) Close() error {
	err := b.ReadCloser.Close()
	if b.counter != nil {
		b.counter.Add(b.read)
	}
	b.cancel()
	b.transport.busy.Add(-1)
	return err
}

// plain returns an error without addresses and the port of the client, so that equal
// errors have equal texts.
func (b *body) plain(err error) error {
	if b.ctx.Err() != nil {
		return context.Cause(b.ctx)
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err
	}
	return err
}
