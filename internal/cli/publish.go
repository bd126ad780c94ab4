package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"speedgate/gate"
	"speedgate/internal/ci"
	"speedgate/perf"
	"speedgate/report"
	"speedgate/report/github"
	"speedgate/report/sticky"
)

const (
	// What `init --github` calls the workflow of pull requests, and its artifact.
	defaultWorkflow = ".github/workflows/performance.yml"
	defaultArtifact = "speedgate"
	// pullMember is the file of the artifact that names the pull request.
	pullMember = "pull-request"
	// byContributor stands in every report of numbers that nobody can vouch for.
	byContributor = "the numbers were measured by a job of the pull request; the verdict was made from them here, by the config and baseline of the base branch"
)

// runPublish tells the pull request what a check in a job without rights has found.
// It runs in a job of the default branch that the end of the other one started, and
// believes nothing of it but numbers: which pull request it was of is asked of
// GitHub, and the numbers are judged again.
func runPublish(s *session, ctx context.Context, o options) error {
	p, err := s.handoffPublication(o)
	if err != nil {
		return err
	}
	archive, err := s.handedOver(ctx, o)
	if errors.Is(err, github.ErrNoPull) {
		s.talk("nothing to tell: %s", err)
		return nil
	}
	if err != nil {
		return err
	}
	s.begin(ctx, &p, s.ciJob().Commit)
	defer s.abandon(ctx, &p)
	suites, err := s.judgeReports(ctx, o, archive)
	if err != nil {
		return err
	}
	out, err := s.outputs(o, suites)
	if err != nil {
		return err
	}
	if err := out.writeAll(suites); err != nil {
		return err
	}
	code := ExitPass
	for _, u := range suites {
		code = worseCode(code, s.codeOf(u))
	}
	return s.tell(ctx, suites, out, &p, code)
}

// handoffPublication reads the flags about publishing. To publish is all that the
// command is for, so that a failure counts, and there is a comment unless it is off.
func (s *session) handoffPublication(o options) (publication, error) {
	p, err := s.publication(o)
	if err != nil {
		return p, err
	}
	if o.text("comment") == "" && s.env("SPEEDGATE_COMMENT") == "" {
		p.mode = sticky.Changes
	}
	p.strict = true
	return p, nil
}

// handedOver finds the run whose end started this job, its artifact, and the one
// pull request that it was of. From then on, the session is one of that pull request.
func (s *session) handedOver(ctx context.Context, o options) (*github.Archive, error) {
	up, workflow := s.ciJob().Upstream, cmp.Or(o.text("workflow"), defaultWorkflow)
	client, repo := s.github()
	switch {
	case up == nil:
		return nil, usagef("publish belongs in a job that the end of another run starts, by workflow_run; see docs/CI.md")
	case client == nil:
		return nil, usagef("publish needs a token; give the step GITHUB_TOKEN with actions: read and pull-requests: write")
	}
	run, err := client.Run(ctx, repo, up.RunID)
	if err != nil {
		return nil, &coded{ExitPublish, err}
	}
	archive, err := client.Artifact(ctx, repo, run.ID, cmp.Or(o.text("artifact"), defaultArtifact))
	if err != nil {
		return nil, &coded{ExitPublish, err}
	}
	number, err := numberIn(archive)
	if err != nil {
		return nil, withCode(ExitInput, err)
	}
	pull, err := client.PullOfRun(ctx, repo, run, workflow, number)
	if err != nil {
		return nil, &coded{ExitPublish, err}
	}
	s.becomeJobOf(pull, run)
	return archive, nil
}

// numberIn returns the pull request that the artifact names, 0 if it names none.
func numberIn(archive *github.Archive) (int, error) {
	text, err := archive.File(pullMember)
	if errors.Is(err, github.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || number <= 0 {
		return 0, fmt.Errorf("the file %s of the artifact holds no number of a pull request", pullMember)
	}
	return number, nil
}

// becomeJobOf makes the session speak of the pull request. The numbers of the run are
// those of the one that measured, so that an older one never replaces a newer one's
// comment.
func (s *session) becomeJobOf(pull github.Pull, run github.Run) {
	job := *s.ciJob()
	job.Pull = &ci.Pull{
		Number: pull.Number, Head: pull.Head.Commit, Base: pull.Base.Commit, Fork: !strings.EqualFold(pull.Head.Repo, pull.Base.Repo),
	}
	job.Base, job.Commit = pull.Base.Commit, pull.Head.Commit
	job.Run, job.Attempt, job.RunURL = run.ID, run.Attempt, run.URL
	s.job = &job
}

// judgeReports judges what the reports of the artifact hold by the config and
// baseline of the base branch: one report for each suite that the config has.
func (s *session) judgeReports(ctx context.Context, o options, archive *github.Archive) ([]*suite, error) {
	suites, err := s.publishedSuites(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, u := range suites {
		told, err := reportIn(archive, u.name)
		if err != nil {
			return nil, withCode(ExitInput, err)
		}
		u.branch = o.text("baseline-branch")
		if err := s.judgeAgain(ctx, u, told); err != nil {
			return nil, err
		}
	}
	settle(suites)
	return suites, nil
}

// publishedSuites returns the suites of the base branch's config, without results.
func (s *session) publishedSuites(ctx context.Context, o options) ([]*suite, error) {
	file, err := s.config(ctx, o)
	if err != nil {
		return nil, err
	}
	if file != nil && len(file.Suites) > 0 {
		return s.configSuites(o, file)
	}
	one, err := s.suite(o.flags, file, "")
	if err != nil {
		return nil, err
	}
	return []*suite{one}, nil
}

// reportIn reads the report of a suite.
func reportIn(archive *github.Archive, suite string) (*gate.Result, error) {
	member := suite + ".json"
	data, err := archive.File(member)
	if err != nil {
		return nil, err
	}
	told, err := report.ReadJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s of the artifact: %w", member, err)
	}
	if told.Suite != suite {
		return nil, fmt.Errorf("%s of the artifact is of the suite %q", member, told.Suite)
	}
	if len(told.Head) == 0 {
		return nil, fmt.Errorf("%s of the artifact holds no samples, so that nothing can be judged again", member)
	}
	return told, nil
}

// judgeAgain judges the runs of a report. What the report itself says counts for
// nothing, but a reader must know where the two differ.
func (s *session) judgeAgain(ctx context.Context, u *suite, told *gate.Result) error {
	// Whatever stands in the work tree here, base and config are those of a commit.
	u.settings.BaseRef = s.src.ref
	u.runs, u.commit = told.Head, s.ciJob().Commit
	if err := u.joinEnv(); err != nil {
		return err
	}
	var err error
	if u.base, err = s.loadBase(ctx, u); err != nil {
		return err
	}
	u.notices = []string{byContributor}
	u.judge(s)
	u.result.Warnings = slices.Concat(u.toldWarnings(told), u.result.Warnings)
	if told.Verdict != u.result.Verdict {
		u.notices = append(u.notices, fmt.Sprintf("the job of the pull request itself came to %s", strings.ReplaceAll(string(told.Verdict), "_", " ")))
	}
	return nil
}

// toldWarnings returns what a report warns of that came of reading the results, which are
// not here to be read again. What it says of its config and baseline, or without a place,
// was true of other ones.
func (u *suite) toldWarnings(told *gate.Result) []perf.Warning {
	others := []string{"", filepath.ToSlash(u.settings.Config), filepath.ToSlash(u.settings.Baseline), told.Baseline.Path}
	var kept []perf.Warning
	for _, w := range told.Warnings {
		if slices.Contains(others, w.Pos.File) || slices.Contains(u.result.Warnings, w) {
			continue
		}
		kept = append(kept, perf.Warning{Pos: w.Pos, Msg: "told by the job of the pull request: " + w.Msg})
	}
	return kept
}
