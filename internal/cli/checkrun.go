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

	refused error // why it could not be begun, until that is told
}

// begin shows that the gate is at work on a commit. Measuring again may take minutes.
// It comes before config and results are read, so that an error in them is told as well.
func (s *session) begin(ctx context.Context, p *publication, commit string) {
	if s.ciJob().System != "github" || commit == "" {
		return
	}
	p.status.commit = commit
	if p.check.name != "" {
		p.check.refused = s.writeCheck(ctx, &p.check, github.CheckRun{Commit: commit})
	}
}

// abandon ends what begin began for a gate that came to no verdict, whatever stopped it:
// a check run in progress would block the pull request for ever, and a status would stay
// as an earlier run of the commit left it.
func (s *session) abandon(ctx context.Context, p *publication) {
	ctx = context.WithoutCancel(ctx)
	s.leave("no check run", s.abandonCheck(ctx, &p.check))
	if p.status.name != "" && p.status.commit != "" && !p.status.tried {
		s.leave("no commit status", s.writeStatus(ctx, &p.status, "error", "no verdict: speedgate ended with an error"))
	}
}

// concludeCheck ends the check run with the report, or returns why it was never begun.
func (s *session) concludeCheck(ctx context.Context, suites []*suite, out *outputs, c *checkRun, code int) error {
	if c.id == 0 {
		return c.takeRefusal()
	}
	summary, err := markdown(suites, out, maxCheckSummary)
	if err != nil {
		return err
	}
	t := totalOf(suites)
	conclusion := map[gate.Outcome]string{gate.Pass: "success", gate.Fail: "failure", gate.NoBaseline: "neutral"}[t.verdict]
	if code != ExitPass {
		conclusion = "failure" // a branch that requires the run takes neutral for a pass
	}
	err = s.writeCheck(ctx, c, github.CheckRun{Conclusion: conclusion, Title: t.text(), Summary: summary})
	c.done = err == nil
	return err
}

func (s *session) abandonCheck(ctx context.Context, c *checkRun) error {
	if c.id == 0 {
		return c.takeRefusal()
	}
	if c.done {
		return nil
	}
	return s.writeCheck(ctx, c, github.CheckRun{
		Conclusion: "failure", Title: "no verdict", Summary: "speedgate ended with an error, which the log of the job tells.",
	})
}

// takeRefusal returns why the check run could not be begun, once.
func (c *checkRun) takeRefusal() error {
	err := c.refused
	c.refused = nil
	return err
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
