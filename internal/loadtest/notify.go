package loadtest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"speedgate/perf"
	"speedgate/runner"
	"speedgate/runner/alert"
	"speedgate/runner/notify"
)

// notifier sends the alerts of a profile to a webhook.
type notifier struct {
	*notify.Queue
	profile string
}

func (n notifier) Notify(e alert.Event) { n.Add(notify.Alert(n.profile, e)) }

// notify has the test send its alerts. Without the address, as in a pull request from
// a fork, the test is made all the same, and says so.
func (m *maker) notify(t *runner.Test) {
	if m.p.WebhookEnv == "" {
		return
	}
	hook, err := notify.New(m.p.WebhookEnv, m.variable)
	if err != nil {
		text := fmt.Sprintf("alerts are not sent: %s", err)
		m.o.View.Say(text) // who looks on may set it yet
		t.Notes = append(t.Notes, perf.Warning{Msg: text})
		return
	}
	t.Notify = func() runner.Notifier { return notifier{notify.NewQueue(context.Background(), hook), m.p.Name} }
}

// environ returns the variables for programs, without the address of the webhook: it
// is a secret by its use, whatever its name.
func (m *maker) environ() []string {
	return slices.DeleteFunc(slices.Clone(m.o.Environ), func(kv string) bool {
		return m.p.WebhookEnv != "" && strings.HasPrefix(kv, m.p.WebhookEnv+"=")
	})
}

// variable looks a variable up.
func (m *maker) variable(name string) (value string, ok bool) {
	for _, kv := range m.o.Environ {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value, true
		}
	}
	return "", false
}
