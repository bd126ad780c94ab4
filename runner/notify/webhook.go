package notify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"speedgate/internal/rest"
)

const (
	// maxWait bounds the pauses between the tries to send one message. Who is not
	// reached within that time learns of the alert from the report.
	maxWait = 30 * time.Second
	// sendTime bounds the sending of one message, all its tries together.
	sendTime = time.Minute
	// limitWait is the pause after "too many requests" without a time. Slack takes one
	// message a second.
	limitWait = 2 * time.Second
	// maxAnswer is how much of an answer is read, to keep the connection.
	maxAnswer = 64 << 10
)

// Webhook is where messages are sent. It is safe for use by several goroutines.
type Webhook struct {
	address *url.URL
	client  *http.Client
}

// New returns the webhook whose address stands in a variable of the environment, which
// lookup knows. It must be https, or of this machine. No error tells it.
func New(variable string, lookup func(string) (string, bool)) (*Webhook, error) {
	text, _ := lookup(variable)
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, fmt.Errorf("the variable %s, which holds the address of the webhook, is not set", variable)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, fmt.Errorf("the variable %s does not hold an address of the form https://HOST/PATH", variable)
	}
	if !rest.IsPrivate(u) {
		return nil, fmt.Errorf("the address in the variable %s is not https, so that it could be read on its way", variable)
	}
	return newWebhook(u, rest.Options{}), nil
}

// newWebhook returns a webhook with what tests change of its transport.
func newWebhook(u *url.URL, o rest.Options) *Webhook {
	o.Forge, o.API, o.MaxWait, o.RepeatPost = rest.Forge{LimitWait: limitWait}, u, maxWait, true
	return &Webhook{u, &http.Client{
		Transport: rest.NewTransport(o),
		// Whoever is redirected to would get the message; and the address may be a secret.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send sends a text, again if need be. A message may come twice: an answer can be lost
// on its way.
func (w *Webhook) Send(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, sendTime, fmt.Errorf("no answer within %s", sendTime))
	defer cancel()
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address.String(), bytes.NewReader(body))
	if err != nil {
		return w.hide(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		return w.hide(cmp.Or(context.Cause(ctx), err))
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // what it says may repeat the address
	_ = resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %d %s", resp.StatusCode, cmp.Or(http.StatusText(resp.StatusCode), "(unknown status)"))
	}
	return nil
}

// hide returns an error whose text has no part of the address that is secret.
func (w *Webhook) hide(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	text := err.Error()
	for _, secret := range []string{w.address.String(), w.address.RequestURI(), w.address.Path, w.address.RawQuery} {
		if len(secret) > 1 {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return rest.Hide("the webhook cannot be reached", errors.New(text), "")
}
