package cli

import (
	"context"

	"speedgate/gate"
	"speedgate/report/github"
)

// maxCheckSummary keeps the report below the 65,535 bytes from which GitHub refuses the
// summary of a check run.
const maxCheckSummary = 65_000

// checkRun is an entry among the checks of a commit, which a branch can require.
type checkRun struct {
	name string // "" = none is wanted
	id   int64  // 0 before it was begun
	done bool
}

// beginCheck shows that the gate is at work. Measuring again may take minutes.
func (s *session) beginCheck(ctx context.Context, c *checkRun, commit string) error {
	if c.name == "" || s.ciJob().System != "github" {
		return nil
	}
	return s.writeCheck(ctx, c, github.CheckRun{Commit: commit})
}

// concludeCheck ends the check run with the report. It was never begun if it could not
// be; then that is known.
func (s *session) concludeCheck(ctx context.Context, suites []*suite, out *outputs, c *checkRun) error {
	if c.name == "" || c.id == 0 {
		return nil
	}
	summary, err := markdown(suites, out, maxCheckSummary)
	if err != nil {
		return err
	}
	t := totalOf(suites)
	conclusion := map[gate.Outcome]string{gate.Pass: "success", gate.Fail: "failure", gate.NoBaseline: "neutral"}[t.verdict]
	err = s.writeCheck(ctx, c, github.CheckRun{Conclusion: conclusion, Title: t.text(), Summary: summary})
	c.done = err == nil
	return err
}

// abandonCheck ends a check run of a gate that came to no verdict, whatever stopped it:
// left in progress, it would block the pull request for ever.
func (s *session) abandonCheck(ctx context.Context, c *checkRun) {
	if c.id == 0 || c.done {
		return
	}
	err := s.writeCheck(context.WithoutCancel(ctx), c, github.CheckRun{
		Conclusion: "failure", Title: "no verdict", Summary: "speedgate ended with an error, which the log of the job tells.",
	})
	if err != nil {
		s.talk("%s", err)
	}
}

// writeCheck creates or changes the check run.
func (s *session) writeCheck(ctx context.Context, c *checkRun, r github.CheckRun) (err error) {
	client, repo := s.github()
	if client == nil {
		return errNoToken
	}
	r.ID, r.Name, r.URL = c.id, c.name, s.ciJob().RunURL
	c.id, err = client.CheckRun(ctx, repo, r)
	return err
}
