package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"speedgate/internal/ci"
	"speedgate/internal/git"
	"speedgate/report"
	"speedgate/report/github"
)

// source is where config and baseline are read: the work tree, or a commit, so that
// a change cannot relax the gate that it is judged by.
type source struct {
	ref    string // "" = the work tree
	trust  bool   // the work tree decides all the same; ref, if any, is to compare with
	remedy string // what to do when ref cannot be read; "" if somebody named it by hand
	client *github.Client
	repo   github.Repo
	known  map[string]content // what was read already, by path
}

type content struct {
	data []byte
	err  error
}

// remoteName is what all CI systems call the remote of their clones.
const remoteName = "origin"

// read returns a file. [isAbsent] tells when there is none.
func (s source) read(ctx context.Context, path string) ([]byte, error) {
	if s.ref == "" || s.trust {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fileError(path, err)
		}
		return data, nil
	}
	return s.readRef(ctx, path)
}

// readRef returns a file at ref.
func (s source) readRef(ctx context.Context, path string) ([]byte, error) {
	found, ok := s.known[path]
	if !ok {
		found.data, found.err = s.readCommit(ctx, path)
		s.known[path] = found
	}
	return found.data, found.err
}

func (s source) readCommit(ctx context.Context, path string) ([]byte, error) {
	data, err := s.readAnywhere(ctx, path)
	if err == nil || s.remedy == "" || isAbsent(err) {
		return data, err
	}
	return nil, &coded{ExitBaseline, fmt.Errorf("%s of the base commit %.12s: %w; %s", path, s.ref, err, s.remedy)}
}

// readAnywhere asks the API, which has every commit, then the clone, which seldom has
// that of the base, and then the remote that the clone is of.
func (s source) readAnywhere(ctx context.Context, path string) ([]byte, error) {
	var refusal error
	if s.client != nil {
		data, err := readAPI(ctx, s.client, s.repo, path, s.ref, s.ref)
		if err == nil || isAbsent(err) {
			return data, err
		}
		refusal = err
	}
	data, err := git.Read(ctx, ".", remoteName, s.ref, path)
	if err != nil && refusal != nil && !isAbsent(err) {
		return nil, fmt.Errorf("%w; %w", refusal, err)
	}
	return data, err
}

// readAPI returns a file at ref. GitHub says "not found" also to a token that may see
// nothing: whether it sees commit tells the two apart.
func readAPI(ctx context.Context, client *github.Client, repo github.Repo, path, ref, commit string) ([]byte, error) {
	data, err := client.File(ctx, repo, fromRoot(ctx, path), ref)
	if errors.Is(err, github.ErrNotFound) {
		if noAccess := client.Commit(ctx, repo, commit); noAccess != nil {
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
// flag or variable names, of a change the commit that it is based on, else the work
// tree.
func (s *session) sourceOf(ctx context.Context, ref string, o options) (source, error) {
	job, trust := s.ciJob(), o.on["trust-head"]
	switch {
	case ref != "" || !o.gates:
		return source{ref: ref, known: map[string]content{}}, nil
	case trust && job.Base == "":
		return source{trust: job.Unmerged}, nil
	case job.Base == "" && job.Unmerged && job.System == "github":
		// The work tree is that of the change, which would be its own judge.
		return source{}, &coded{ExitBaseline, fmt.Errorf("the event %s does not say which commit the change is based on; "+
			"name it with --base-ref, or use the change's own files with --trust-head", job.Event)}
	case job.Base == "":
		return source{}, nil
	}
	src := source{ref: job.Base, trust: trust, remedy: "fetch that commit, or use the change's own files with --trust-head", known: map[string]content{}}
	if src.client, src.repo = s.github(); src.client == nil && job.System == "github" {
		src.remedy = "give the step GITHUB_TOKEN with contents: read, " + src.remedy
	}
	// The first parent of a test merge is exactly what the change was merged with; the
	// event may name an older commit. That of any other commit could be part of the
	// change.
	if job.Pull != nil && job.Pull.Merge != "" && job.Pull.Merge == job.Commit {
		if parent, err := firstParent(ctx, src, job); err == nil {
			src.ref = parent
		}
	}
	return src, nil
}

func firstParent(ctx context.Context, src source, job *ci.Job) (string, error) {
	if head, err := git.Head(ctx, "."); err == nil && head == job.Commit {
		return git.FirstParent(ctx, ".", head)
	}
	if src.client == nil {
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
		s.talk("what started this run cannot be read: %s", err)
	}
	return s.job
}

func (s *session) token() string { return cmp.Or(s.env("SPEEDGATE_TOKEN"), s.env("GITHUB_TOKEN")) }

// guardToken refuses to work with a token that writes beside code of a stranger, which
// could take it. Forks are measured in a workflow on pull_request.
func (s *session) guardToken(ctx context.Context) error {
	job := s.ciJob()
	if !job.Unmerged || s.token() == "" {
		return nil
	}
	head, err := git.Head(ctx, ".")
	if err != nil || !job.ExposesToken(head) {
		return nil // without a clone nothing of a stranger is checked out
	}
	return usagef("the commit %.12s that is checked out is of somebody who may not write to the repository, but the token of this run (%s) "+
		"may: measure it in a workflow on pull_request, or give this step no token", head, job.Event)
}

// github returns a client of the job's API, nil without a token.
func (s *session) github() (*github.Client, github.Repo) {
	job, token := s.ciJob(), s.token()
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

// edits says which of the gate's own files the change makes different, and whose were
// used: a reviewer must see it.
func (s *session) edits(ctx context.Context, u *suite) (edited []string, judge report.Judge) {
	switch {
	case s.src.ref == "" && s.src.trust:
		return nil, report.JudgeUnread
	case s.src.ref == "" || u.base.fromRuns:
		return nil, report.JudgeBase
	case s.src.trust:
		judge = report.JudgeChange
	}
	own := []string{u.settings.Config, u.settings.Baseline}
	if u.branch != "" {
		own = own[:1] // a baseline in the work tree means nothing
	}
	for _, path := range own {
		there, err := s.src.readRef(ctx, path)
		if err != nil && !isAbsent(err) {
			if s.src.trust {
				return nil, report.JudgeUnread
			}
			continue
		}
		here, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) || bytes.Equal(here, there) {
			continue
		}
		edited = append(edited, filepath.ToSlash(path))
	}
	return edited, judge
}
