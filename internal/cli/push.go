package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"speedgate/baseline"
	"speedgate/internal/git"
	"speedgate/report/github"
)

// pushSubject begins the commit message of a refresh. Nothing of the results goes into
// it: a name such as "fixes #12" would close an issue.
const pushSubject = "Refresh the performance baseline"

// checkPushFlags refuses a branch that cannot be, and flags that would do nothing.
func checkPushFlags(ctx context.Context, o options) error {
	branch := o.text("baseline-branch")
	switch {
	case branch != "":
		if err := git.CheckBranch(ctx, ".", branch); err != nil {
			return usagef("--baseline-branch: %w", err)
		}
	case len(o.texts["baseline-branch"]) > 0:
		return usagef("--baseline-branch needs a name")
	}
	switch {
	case o.on["push"] && !o.on["update"]:
		return usagef("--push goes with --update")
	case o.on["require-push"] && !o.on["push"]:
		return usagef("--require-push goes with --push")
	case o.on["baseline-pr"] && !o.on["push"]:
		return usagef("--baseline-pr goes with --push")
	case o.on["baseline-pr"] && branch != "":
		return usagef("--baseline-pr is about the default branch; leave out --baseline-branch")
	}
	return nil
}

// pushAfter pushes the baseline of suites that passed. A refusal must be loud: a
// baseline that freezes goes unnoticed for months.
func (s *session) pushAfter(ctx context.Context, suites []*suite, out *outputs, o options) error {
	if u := suites[0]; u.base.fromRuns {
		return errNoBaseline(u)
	}
	if subject, err := git.Subject(ctx, "."); err == nil && strings.HasPrefix(subject, pushSubject) {
		// A CI system that runs for every commit would otherwise never come to rest.
		s.talk("the commit that is checked out is a refresh of the baseline, which is not refreshed by it")
		return nil
	}
	path := suites[0].settings.Baseline
	var next []byte // what was to be pushed, all suites in one
	err := s.addTo(suites, baseline.AddOptions{}, func(u *suite, change func(*baseline.File) error) error {
		return s.push(ctx, u, func(old []byte) (_ []byte, err error) {
			next, err = edited(old, path, change)
			return next, err
		})
	})
	if err != nil && next != nil {
		err = fmt.Errorf("%w; %s", err, keepRefused(out.refusedPath(suites[0]), next))
	}
	if err == nil || o.on["require-push"] {
		return withCode(ExitPublish, err)
	}
	s.leave("the baseline was not refreshed", err)
	return nil
}

// keepRefused writes a baseline that was not taken to a file of its own, for a later
// step that uploads it, and says so. It never replaces the baseline of the work tree:
// that one was accepted.
func keepRefused(path string, data []byte) string {
	err := writeFile(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return "nor kept: " + err.Error()
	}
	return "what was to be pushed is in " + filepath.ToSlash(path)
}

// refusedPath returns where a refused baseline of a suite is kept: beside the first
// report that is a file, else in the working directory.
func (out *outputs) refusedPath(u *suite) string {
	name := filepath.Base(u.settings.Baseline)
	ext := filepath.Ext(name)
	name = strings.TrimSuffix(name, ext) + ".refused" + ext
	for _, t := range out.reports {
		path := strings.ReplaceAll(t.path, suitePlaceholder, u.name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return filepath.Join(filepath.Dir(path), name)
		}
	}
	return name
}

// push has edit change the baseline at the remote, and loses nothing when several jobs
// write at once. On GitHub the API makes the commit, which needs no clone
// and is signed; elsewhere git does, beside the clone.
func (s *session) push(ctx context.Context, u *suite, edit func(old []byte) ([]byte, error)) error {
	if s.ciJob().System == "github" {
		return s.pushByAPI(ctx, u, edit)
	}
	if u.proposed {
		return errors.New("a pull request with the baseline is opened on GitHub only; push it to a branch of its own with --baseline-branch")
	}
	branch, err := s.defaultBranch(ctx)
	if err != nil {
		return err
	}
	_, err = git.UpdateFile(ctx, ".", git.UpdateOptions{
		Remote: remoteName, Branch: cmp.Or(u.branch, branch), File: u.settings.Baseline, Orphan: u.branch != "",
		Message: pushMessage(u.commit) + skipCI,
	}, edit)
	return err
}

func (s *session) pushByAPI(ctx context.Context, u *suite, edit func(old []byte) ([]byte, error)) error {
	job := s.ciJob()
	client, repo := s.github()
	if client == nil {
		return errors.New("there is no token; give the step GITHUB_TOKEN with contents: write")
	}
	if job.DefaultBranch == "" {
		if err := s.askDefaultBranch(ctx, client, repo); err != nil {
			return err
		}
	}
	if job.Branch == "" || job.Branch != job.DefaultBranch {
		return errNotDefault
	}
	if job.RepoIsFork && u.branch == "" {
		return errFork
	}
	path, message := fromRoot(ctx, u.settings.Baseline), pushMessage(u.commit)
	switch {
	case u.proposed:
		return s.propose(ctx, client, repo, github.Proposal{
			Base: job.Branch, Branch: proposalBranch, Path: path, Message: message, Title: pushSubject, Body: proposalBody,
		}, edit)
	case u.branch != "":
		if _, err := client.EnsureBranch(ctx, repo, u.branch, message); err != nil {
			return err
		}
	}
	if s.skipsCI() && u.branch == "" {
		message += skipCI
	}
	_, err := client.UpdateFile(ctx, repo, cmp.Or(u.branch, job.Branch), path, message, edit)
	return err
}

// askDefaultBranch completes the job where its event has no repository, as that of a
// schedule may be: it asks the API, and the remote of the clone if that does not say.
func (s *session) askDefaultBranch(ctx context.Context, client *github.Client, repo github.Repo) error {
	job := s.ciJob()
	found, err := client.Repository(ctx, repo)
	if err == nil {
		job.DefaultBranch, job.RepoIsFork = found.DefaultBranch, found.Fork
		return nil
	}
	name, _, noRemote := git.DefaultBranch(ctx, ".", remoteName)
	if noRemote != nil {
		return fmt.Errorf("the event %s does not name the default branch of the repository: %w; %w", job.Event, err, noRemote)
	}
	job.DefaultBranch = name
	return nil
}

// What a proposal of a new baseline is called. As with commits, nothing of the results
// stands in it.
const (
	proposalBranch = "speedgate/baseline"
	proposalBody   = "The newest accepted runs of the performance gate. Every refresh adds to this pull request until it is merged; closing it drops what waits here."
)

// propose keeps one pull request with the new baseline open.
func (s *session) propose(ctx context.Context, client *github.Client, repo github.Repo, p github.Proposal, edit func(old []byte) ([]byte, error)) error {
	pull, changed, err := client.BaselinePull(ctx, repo, p, edit)
	switch {
	case err != nil:
		return err
	case pull.Number == 0 || !changed:
		s.talk("the pull request with the baseline needs no change")
	default:
		s.talk("the new baseline waits in %s", pull.URL)
	}
	return nil
}

// skipCI keeps a refresh from starting a run, which would refresh again.
const skipCI = " [skip ci]"

// skipsCI reports whether commits made through the API need skipCI: those with the token
// of the workflow itself start no run anyway, and would only leave required checks
// pending. The action, which has both tokens, says so; elsewhere the two are compared.
func (s *session) skipsCI() bool {
	if text := s.env("SPEEDGATE_SKIP_CI"); text != "" {
		return text == "true"
	}
	own := s.env("SPEEDGATE_TOKEN")
	return own != "" && own != s.env("GITHUB_TOKEN")
}

// errFork keeps the default branch of a fork the same as that of its origin.
var errFork = errors.New("this repository is a fork, whose default branch would part from that of its origin; " +
	"keep its baseline on a branch of its own with --baseline-branch")

var errNotDefault = errors.New("the baseline is pushed by a job of the default branch only")

// defaultBranch returns the default branch of the remote, or an error if what was
// measured is not of it.
func (s *session) defaultBranch(ctx context.Context) (name string, err error) {
	job := s.ciJob()
	name, tip := job.DefaultBranch, ""
	if name == "" {
		if name, tip, err = git.DefaultBranch(ctx, ".", remoteName); err != nil {
			return "", err
		}
	}
	branch := job.Branch
	if branch == "" {
		if branch, err = git.Branch(ctx, "."); err != nil {
			return "", err
		}
	}
	head, err := git.Head(ctx, ".")
	if err != nil {
		return "", err
	}
	// Most CI systems check out a commit, and not all say of which branch it is.
	isTip := branch == "" && head == tip
	if branch != name && !isTip {
		return "", errNotDefault
	}
	return name, nil
}

// edited returns the baseline file old with a change. path is for messages.
func edited(old []byte, path string, change func(*baseline.File) error) ([]byte, error) {
	file := &baseline.File{}
	if len(old) > 0 {
		var err error
		if file, err = baseline.Parse(old, path); err != nil {
			return nil, withCode(ExitBaseline, err)
		}
	}
	if err := change(file); err != nil {
		return nil, err
	}
	return file.Encode(), nil
}

var fullHash = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// pushMessage returns the commit message of a refresh with results of commit, which
// may be any text.
func pushMessage(commit string) string {
	if !fullHash.MatchString(commit) {
		return pushSubject
	}
	return fmt.Sprintf("%s (%.12s)", pushSubject, commit)
}
