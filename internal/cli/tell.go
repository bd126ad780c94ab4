package cli

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"speedgate/gate"
	"speedgate/internal/ci"
	"speedgate/report"
	"speedgate/report/sticky"
)

// maxSummary keeps a job summary below the 1 MiB from which GitHub drops it whole.
const maxSummary = 1<<20 - 4096

// publication is how a check tells GitHub.
type publication struct {
	mode   sticky.Mode
	id     string // of the gate
	author string
	status commitStatus
	check  checkRun
	strict bool // a comment that cannot be written counts
}

var badInID = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// publication reads the flags about publishing, before anything is measured.
func (s *session) publication(o options) (publication, error) {
	p := publication{
		mode: sticky.Off, author: o.text("comment-author"), status: commitStatus{name: o.text("commit-status")},
		check: checkRun{name: o.text("check-run")}, strict: o.on["require-comment"],
	}
	if text := cmp.Or(o.text("comment"), s.env("SPEEDGATE_COMMENT")); text != "" {
		var ok bool
		if p.mode, ok = sticky.ParseMode(text); !ok {
			return p, usagef("--comment %q is not always, changes, regressions or off", text)
		}
	}
	p.id = cmp.Or(o.text("comment-id"), strings.Trim(badInID.ReplaceAllString(s.ciJob().Gate, "-"), "-"), "speedgate")
	p.id = p.id[:min(len(p.id), 64)]
	return p, nil
}

// tell tells GitHub what came of the check: notes and summary of the run, outputs of
// the step, a comment, a status and a check run; and GitLab by a note. Whether that
// works never changes the verdict; it counts only where the user asked for it. code is
// what the verdict means, also for publish, which does not end with it.
func (s *session) tell(ctx context.Context, suites []*suite, out *outputs, p *publication, code int) error {
	var errs []error
	try := func(what string, err error) {
		if err != nil {
			s.leave(what, err)
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
		}
	}
	switch s.ciJob().System {
	case "gitlab":
		try("no note", s.tellMergeRequest(ctx, suites, out, p))
	case "github":
		try("no summary", s.summarise(suites, out))
		try("no comment", s.tellPull(ctx, suites, out, p))
		try("no commit status", s.setStatus(ctx, suites, &p.status, code))
		try("no check run", s.concludeCheck(ctx, suites, out, &p.check, code))
		exit := s.code
		if p.strict && len(errs) > 0 {
			exit = ExitPublish
		}
		try("no outputs", s.setOutputs(suites, exit))
	}
	err := s.tellUndone(out)
	if s.ciJob().System == "github" {
		annotate(out.table, suites) // last: GitHub shows the first ten notes of a level, and these are in the table
	}
	if p.strict && len(errs) > 0 {
		return &coded{ExitPublish, errors.Join(errs...)}
	}
	return err
}

// annotate prints a note beside the run for each metric that failed or warns. The
// commands stand behind the table in the same stream: the runner reads the two in no
// fixed order, and in the other one they could fall where commands are stopped.
func annotate(w io.Writer, suites []*suite) {
	results := make([]*gate.Result, len(suites))
	for i, u := range suites {
		results[i] = u.result
	}
	for _, n := range report.Notes(results...) {
		fmt.Fprint(w, ci.Annotation(n.Level, n.Title, n.Message))
	}
}

// summarise adds the reports to the page of the run.
func (s *session) summarise(suites []*suite, out *outputs) error {
	path := s.env("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	text, err := markdown(suites, out, maxSummary)
	if err != nil {
		return err
	}
	return appendFile(path, []byte(text))
}

// markdown renders all suites into one text of at most limit bytes.
func markdown(suites []*suite, out *outputs, limit int) (string, error) {
	var b strings.Builder
	for i, u := range suites {
		if i > 0 {
			b.WriteString("\n")
		}
		o := out.optionsOf(u)
		o.MaxBytes = limit/len(suites) - 1
		if err := report.Markdown(&b, u.result, o); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// appendFile adds to a file that the runner made.
func appendFile(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fileWriteError(path, err)
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// setOutputs gives later steps what they may decide by. All of it is safe to be
// pasted into a script: names of metrics are not among it.
func (s *session) setOutputs(suites []*suite, code int) error {
	path := s.env("GITHUB_OUTPUT")
	if path == "" {
		return nil
	}
	t := totalOf(suites)
	var b bytes.Buffer
	err := ci.WriteOutputs(&b, []ci.Output{
		{Name: "verdict", Value: string(t.verdict)},
		{Name: "compared", Value: strconv.Itoa(t.compared)},
		{Name: "expected", Value: strconv.Itoa(t.expected)},
		{Name: "failed", Value: strconv.Itoa(t.failed)},
		{Name: "exit-code", Value: strconv.Itoa(code)},
	}, rand.Read)
	return errors.Join(err, appendFile(path, b.Bytes()))
}

// total is what all suites come to.
type total struct {
	verdict                    gate.Outcome
	compared, expected, failed int
}

func totalOf(suites []*suite) total {
	t := total{verdict: gate.Pass}
	for _, u := range suites {
		t.verdict = worseOutcome(t.verdict, u.result.Verdict)
		t.compared, t.expected = t.compared+u.result.Compared, t.expected+u.result.Expected
		for i := range u.result.Metrics {
			if u.result.Metrics[i].Severity == gate.SeverityCritical {
				t.failed++
			}
		}
	}
	return t
}

// text says it in a few words, none of which comes from results.
func (t total) text() string {
	return fmt.Sprintf("%s, compared %d of %d metrics", strings.ReplaceAll(string(t.verdict), "_", " "), t.compared, t.expected)
}

// worseOutcome keeps a failure over no baseline over a pass.
func worseOutcome(a, b gate.Outcome) gate.Outcome {
	for _, o := range []gate.Outcome{gate.Fail, gate.NoBaseline} {
		if a == o || b == o {
			return o
		}
	}
	return gate.Pass
}

// tellPull keeps the gate's comment on the pull request up to date.
func (s *session) tellPull(ctx context.Context, suites []*suite, out *outputs, p *publication) error {
	job := s.ciJob()
	pull, head := pullOf(job, suites[0])
	if p.mode == sticky.Off || pull == 0 {
		return nil
	}
	client, repo := s.github()
	if client == nil {
		return errNoToken
	}
	body, short, err := comments(suites, out)
	if err != nil {
		return err
	}
	done, err := client.Comment(ctx, repo, pull, sticky.Comment{
		ID: p.id, Body: body, Short: short, Head: head, Run: job.Run, Attempt: job.Attempt,
		Create: p.wants(suites), Author: p.author,
	})
	if err != nil {
		return err
	}
	s.talk("comment: %s", strings.TrimSpace(done.Action+" "+done.URL))
	return nil
}

// pullOf returns the pull request that a run is of, 0 if it is of none, and the commit
// that was measured. A comment starts a run on the default branch: that the job has
// checked out the change is seen when the pull request is asked for its head.
func pullOf(job *ci.Job, u *suite) (number int, head string) {
	switch {
	case job.Pull != nil:
		return job.Pull.Number, job.Pull.Head
	case job.Comment != nil && job.Comment.Trusted:
		return job.Comment.Pull, u.commit
	}
	return 0, u.commit
}

// comments renders what a comment says, and the same in fewer words.
func comments(suites []*suite, out *outputs) (body, short string, err error) {
	if body, err = markdown(suites, out, report.DefaultMaxBytes); err != nil {
		return "", "", err
	}
	short, err = markdown(suites, out, shortComment*len(suites))
	return body, short, err
}

// shortComment is what a suite may take of a comment that was refused as too long.
const shortComment = 8 << 10

// wants reports whether there is something to say that is worth a new comment.
func (p *publication) wants(suites []*suite) bool {
	for _, u := range suites {
		c := u.result.Counts
		changed := c[gate.Regressed]+c[gate.Suspect]+c[gate.Improved]+c[gate.Missing]+c[gate.New]+c[gate.OverTarget]+c[gate.NearTarget]+c[gate.Invalid] > 0
		switch {
		case p.mode == sticky.Always, u.result.Verdict == gate.Fail:
			return true
		case p.mode == sticky.Changes && (changed || u.result.Verdict == gate.NoBaseline):
			return true
		}
	}
	return false
}
