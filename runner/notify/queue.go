package notify

import (
	"context"
	"fmt"
	"time"

	"speedgate/perf"
)

const (
	// maxQueue is how many messages may wait. An alert that comes and goes all the time
	// makes two in ten seconds at most.
	maxQueue = 100
	// closeTime is how long the last messages may take when the test is over.
	closeTime = 20 * time.Second
	// hastyTime is the same when somebody has ended the test: he waits for the prompt,
	// and a CI system kills what is not gone soon.
	hastyTime = 2 * time.Second
)

// Queue sends messages in their order without holding up the test. Add and Close are
// for one goroutine.
type Queue struct {
	webhook *Webhook
	texts   chan string
	cancel  context.CancelCauseFunc
	done    chan struct{}
	lost    int       // not even tried
	failed  []failure // once done is closed
}

// NewQueue returns a queue of messages to a webhook. It must be closed.
func NewQueue(ctx context.Context, w *Webhook) *Queue {
	// The end of the test, which ends ctx, is what the last message tells of.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	q := &Queue{webhook: w, texts: make(chan string, maxQueue), cancel: cancel, done: make(chan struct{})}
	go q.run(ctx)
	return q
}

func (q *Queue) run(ctx context.Context) {
	defer close(q.done)
	for text := range q.texts {
		if err := q.webhook.Send(ctx, text); err != nil {
			q.fail(err.Error(), 1)
		}
	}
}

// await waits until the last message is dealt with. A ctx that has ended before ended
// the test, and not this wait.
func (q *Queue) await(ctx context.Context) {
	limit := closeTime
	if ctx.Err() != nil {
		ctx, limit = context.WithoutCancel(ctx), hastyTime
	}
	timer := time.AfterFunc(limit, func() { q.cancel(fmt.Errorf("the test has been over for %s", limit)) })
	defer timer.Stop()
	stop := context.AfterFunc(ctx, func() { q.cancel(fmt.Errorf("the wait for it was cut short: %w", context.Cause(ctx))) })
	defer stop()
	<-q.done
}

// failure is why messages were not sent, and how many.
type failure struct {
	why      string
	messages int
}

func (q *Queue) fail(why string, messages int) {
	for i := range q.failed {
		if q.failed[i].why == why {
			q.failed[i].messages += messages
			return
		}
	}
	q.failed = append(q.failed, failure{why, messages})
}

// Add adds a message.
func (q *Queue) Add(text string) {
	select {
	case q.texts <- text:
	default:
		q.lost++
	}
}

// Close waits until all messages are sent, or cannot be, for some seconds at most and
// not beyond the end of ctx, and returns a warning for each reason why some were not.
func (q *Queue) Close(ctx context.Context) []perf.Warning {
	close(q.texts)
	q.await(ctx)
	q.cancel(nil)
	if q.lost > 0 {
		q.fail("too many were waiting", q.lost)
	}
	var warnings []perf.Warning
	for _, f := range q.failed {
		warnings = append(warnings, perf.Warning{Msg: fmt.Sprintf("alerts that were not sent: %d: %s", f.messages, f.why)})
	}
	return warnings
}
