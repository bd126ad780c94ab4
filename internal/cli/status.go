package cli

import (
	"context"
	"fmt"

	"speedgate/gate"
)

// commitStatus is a status of a commit, which a branch can require.
type commitStatus struct {
	name   string // "" = none is wanted
	commit string // "" before it is known
	tried  bool   // it was set, or could not be
}

// setStatus sets the commit status to what the suites came to.
func (s *session) setStatus(ctx context.Context, suites []*suite, c *commitStatus, code int) error {
	if c.name == "" || c.commit == "" {
		return nil
	}
	state, text := statusOf(totalOf(suites), code)
	return s.writeStatus(ctx, c, state, text)
}

// statusOf returns state and text of a commit status for an exit code.
//
// GitHub knows no neutral status: pending and error would block for ever the very change
// that brings the first baseline, where the user chose that a missing one is no failure.
// So the state is that of the job, and the text is what keeps it from looking like a
// pass. --on-missing-baseline fail is for those who want it red.
func statusOf(t total, code int) (state, text string) {
	switch {
	case t.verdict == gate.Fail:
		return "failure", t.text()
	case code != ExitPass:
		return "error", t.text()
	case t.verdict == gate.NoBaseline:
		return "success", fmt.Sprintf("NO BASELINE, compared %d of %d metrics", t.compared, t.expected)
	}
	return "success", t.text()
}

func (s *session) writeStatus(ctx context.Context, c *commitStatus, state, text string) error {
	c.tried = true
	client, repo := s.github()
	if client == nil {
		return errNoToken
	}
	return client.Status(ctx, repo, c.commit, c.name, state, text, s.ciJob().RunURL)
}
