package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"speedgate/report/gitlab"
	"speedgate/report/sticky"
)

// tellMergeRequest keeps the gate's note on the merge request up to date.
func (s *session) tellMergeRequest(ctx context.Context, suites []*suite, out *outputs, p *publication) error {
	job := s.ciJob()
	mr := job.MergeRequest
	if p.mode == sticky.Off || mr == nil {
		return nil
	}
	token := cmp.Or(s.env("SPEEDGATE_GITLAB_TOKEN"), s.env("GITLAB_TOKEN"))
	if token == "" {
		return errors.New("there is no token; give the job SPEEDGATE_GITLAB_TOKEN, a project access token " +
			"with the scope api and the role Reporter (CI_JOB_TOKEN may not write notes)")
	}
	body, short, err := comments(suites, out)
	if err != nil {
		return err
	}
	client, err := gitlab.New(gitlab.Options{APIURL: mr.API, Token: token, Agent: "speedgate/" + Version()})
	if err != nil {
		return err
	}
	done, err := client.Note(ctx, mr.Project, mr.Number, sticky.Comment{
		ID: p.id, Body: body, Short: short, Head: mr.Head, Run: job.Run, Attempt: job.Attempt,
		Create: p.wants(suites), Author: p.author,
	})
	if err != nil {
		return err
	}
	s.talk("note: %s", strings.TrimSpace(done.Action+" "+done.URL))
	return nil
}
