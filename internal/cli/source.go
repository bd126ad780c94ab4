package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"speedgate/internal/ci"
	"speedgate/internal/git"
	"speedgate/report/github"
)

// source is where config and baseline are read: the work tree, or a commit, so that
// a change cannot relax the gate that it is judged by.
type source struct {
	ref    string // "" = the work tree
	event  bool   // the event of the CI job names ref, nobody did by hand
	client *github.Client
	repo   github.Repo
}

// read returns a file. [isAbsent] tells when there is none.
func (s source) read(ctx context.Context, path string) ([]byte, error) {
	data, err := s.readAnywhere(ctx, path)
	if err == nil || !s.event || isAbsent(err) {
		return data, err
	}
	return nil, &coded{ExitBaseline, fmt.Errorf("%s of the base commit %.12s: %w; give the step GITHUB_TOKEN with contents: read, "+
		"fetch that commit, or use the change's own files with --trust-head", path, s.ref, err)}
}

func (s source) readAnywhere(ctx context.Context, path string) ([]byte, error) {
	if s.ref == "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fileError(path, err)
		}
		return data, nil
	}
	data, err := git.Show(ctx, ".", s.ref, path)
	if s.client == nil || err == nil || errors.Is(err, git.ErrNoFile) {
		return data, err
	}
	// The clone of a CI job seldom has the base commit; the API has.
	data, err = s.client.File(ctx, s.repo, fromRoot(ctx, path), s.ref)
	if errors.Is(err, github.ErrNotFound) {
		if noAccess := s.client.Commit(ctx, s.repo, s.ref); noAccess != nil {
			return nil, fmt.Errorf("%w: %w", errNoAccess, noAccess)
		}
	}
	return data, err
}

// errNoAccess tells a commit that cannot be read from one without the file.
var errNoAccess = errors.New("the base commit cannot be read")

// fromRoot returns path relative to the root of the clone, as the API wants it.
func fromRoot(ctx context.Context, path string) string {
	root, err := git.Root(ctx, ".")
	if err != nil {
		return filepath.ToSlash(path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	if real, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(real, filepath.Base(abs))
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// isAbsent reports whether a file is simply not there.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, git.ErrNoFile) ||
		errors.Is(err, github.ErrNotFound) && !errors.Is(err, errNoAccess)
}

// sourceOf returns the source that options and CI job ask for: the commit that a
// flag or variable names, on a pull request the commit that it is based on, else
// the work tree.
func (s *session) sourceOf(ctx context.Context, ref string, trustHead bool) source {
	job := s.ciJob()
	if ref != "" || trustHead || job.Base == "" {
		return source{ref: ref}
	}
	src := source{ref: job.Base, event: true}
	src.client, src.repo = s.github()
	// The ref N/merge is a test merge, whose first parent is exactly what it was merged
	// with; the event may name an older commit. Elsewhere (Gitea, pull_request_target)
	// the commit is none, and its parent could be part of the change.
	if job.Pull != nil && job.Branch == fmt.Sprintf("%d/merge", job.Pull.Number) {
		if parent, err := firstParent(ctx, src, job); err == nil {
			src.ref = parent
		}
	}
	return src
}

func firstParent(ctx context.Context, src source, job *ci.Job) (string, error) {
	if head, err := git.Head(ctx, "."); err == nil && head == job.Commit {
		return git.FirstParent(ctx, ".", head)
	}
	if src.client == nil || job.Commit == job.Pull.Head {
		return "", errors.New("the test merge is not known")
	}
	return src.client.FirstParent(ctx, src.repo, job.Commit)
}

// ciJob returns the CI job that the program runs in, with its event.
func (s *session) ciJob() *ci.Job {
	if s.job != nil {
		return s.job
	}
	job := ci.Detect(s.env)
	s.job = &job
	path := s.env("GITHUB_EVENT_PATH")
	if job.System != "github" || path == "" {
		return s.job
	}
	payload, err := os.ReadFile(path)
	if err == nil {
		err = s.job.ReadEvent(payload)
	}
	if err != nil {
		s.talk("the event of this run cannot be read, so that it is not known which pull request it is about: %s", err)
	}
	return s.job
}

// github returns a client of the job's API, nil without a token.
func (s *session) github() (*github.Client, github.Repo) {
	job := s.ciJob()
	token := s.env("SPEEDGATE_TOKEN")
	if token == "" {
		token = s.env("GITHUB_TOKEN")
	}
	if token == "" || job.API == "" {
		return nil, github.Repo{}
	}
	repo, err := github.ParseRepo(job.Repo)
	if err != nil {
		s.talk("%s", err)
		return nil, github.Repo{}
	}
	client, err := github.New(github.Options{APIURL: job.API, Token: token, Agent: fmt.Sprintf("speedgate/%s", Version())})
	if err != nil {
		s.talk("%s", err)
		return nil, github.Repo{}
	}
	return client, repo
}

// edits says which of the gate's own files the change makes different: those of the
// base commit were used, and a reviewer must see it.
func (s *session) edits(ctx context.Context, u *suite) []string {
	if s.src.ref == "" || u.base.fromRuns {
		return nil
	}
	var notices []string
	for _, path := range []string{u.settings.Config, u.settings.Baseline} {
		there, err := s.src.read(ctx, path)
		if err != nil && !isAbsent(err) {
			continue
		}
		here, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) || bytes.Equal(here, there) {
			continue
		}
		notices = append(notices, fmt.Sprintf("%s differs from that of the base commit, which was used", filepath.ToSlash(path)))
	}
	return notices
}
