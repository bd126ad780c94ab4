package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"speedgate/baseline"
	"speedgate/internal/git"
	"speedgate/parsers"
	"speedgate/perf"
)

// base is what a suite is compared with.
type base struct {
	path     string
	window   *perf.Window   // nil if nothing was accepted for the suite
	file     *baseline.File // that it is read from, nil if it is none
	fromRuns bool           // read from result files instead of a baseline file
	digest   string         // of those result files
	why      string         // why there is no window, "" if nothing was accepted yet
	choices  bool           // several environments could be meant, so that there is no window
	warnings []perf.Warning
}

// loadBase finds the accepted runs of a suite: in the baseline file, in that file
// at the base ref, or in result files that stand in for it.
func (s *session) loadBase(ctx context.Context, u *suite) (base, error) {
	path := u.settings.Baseline
	if u.settings.BaseRef == "" && u.branch == "" && isResultPath(path) {
		return s.runsAsBase(u)
	}
	data, err := s.readBaseline(ctx, u)
	switch {
	case isAbsent(err):
		return base{path: path}, nil
	case err != nil:
		return base{}, withCode(ExitBaseline, err)
	}
	file, err := baseline.Parse(data, path)
	if err != nil {
		return base{}, withCode(ExitBaseline, err)
	}
	return baseOf(file, path, u), nil
}

// readBaseline returns the baseline file. One on a branch of its own is as new as that
// branch: it is not part of a change, which so cannot edit it.
func (s *session) readBaseline(ctx context.Context, u *suite) ([]byte, error) {
	if u.branch == "" {
		return s.src.read(ctx, u.settings.Baseline)
	}
	client, repo := s.github()
	if client == nil {
		data, err := git.Fetch(ctx, ".", remoteName, u.branch, u.settings.Baseline)
		if errors.Is(err, git.ErrNoRef) {
			return nil, git.ErrNoFile // the first push starts the branch
		}
		return data, err
	}
	job := s.ciJob()
	return readAPI(ctx, client, repo, u.settings.Baseline, u.branch, cmp.Or(job.Base, job.Commit))
}

func baseOf(file *baseline.File, path string, u *suite) base {
	b := base{path: path, file: file, warnings: slices.Clone(file.Warnings())}
	var note string
	switch b.window, note = file.Window(u.name, u.env); {
	case b.window == nil:
		b.why, b.choices = note, len(file.Windows(u.name)) > 0
	case note != "":
		b.warnings = append(b.warnings, perf.Warning{Pos: perf.Pos{File: path}, Msg: note})
	}
	return b
}

// isResultPath reports whether what was given as the baseline are results of a
// tool: a glob, a folder, or a file of a format. JSON without a format of its own is
// a baseline, or a broken one.
func isResultPath(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return strings.ContainsAny(path, "*?[{")
	}
	if info.IsDir() {
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	format := parsers.Detect(f)
	return format != "" && format != parsers.FormatJSON
}

// runsAsBase reads result files of the base version. They were measured together
// with those of the change, as far as anybody can tell.
func (s *session) runsAsBase(u *suite) (base, error) {
	path := u.settings.Baseline
	inputs, err := s.inputs([]string{path})
	if err != nil {
		return base{}, withBaseCode(err)
	}
	runs, warnings, err := readRuns(inputs, "", u.read)
	if err != nil {
		return base{}, withBaseCode(err)
	}
	w, err := baseline.FromRuns(runs)
	if err != nil {
		return base{}, withBaseCode(err)
	}
	return base{path: path, window: w, fromRuns: true, digest: baseline.Digest(runs), warnings: warnings}, nil
}

// errNoBaseline refuses to write what is no baseline.
func errNoBaseline(u *suite) error {
	return usagef("%s holds results, not a baseline; name another file with --baseline to write one", u.settings.Baseline)
}

// withBaseCode marks an error in reading files as one of the baseline.
func withBaseCode(err error) error { return &coded{ExitBaseline, err} }

// save adds the runs of a suite to its baseline, under the file's lock, so that
// whatever another process added in between is kept.
func (s *session) save(u *suite, change func(*baseline.File) error) error {
	if u.base.fromRuns {
		return errNoBaseline(u)
	}
	if err := os.MkdirAll(filepath.Dir(u.settings.Baseline), 0o755); err != nil {
		return withCode(ExitBaseline, fileWriteError(u.settings.Baseline, err))
	}
	return withCode(ExitBaseline, baseline.Update(u.settings.Baseline, change))
}

// add enters the runs of the suite into file.
func (u *suite) add(s *session, file *baseline.File, o baseline.AddOptions) (baseline.Changes, error) {
	job := s.ciJob()
	info := perf.RunInfo{ID: job.RunID, Commit: u.commit, Time: s.runTime().UTC().Truncate(time.Millisecond), Workload: u.workload()}
	if info.ID == "" {
		info.ID = baseline.Digest(u.runs)
	}
	o.Window = u.settings.Window
	for _, m := range u.result.Metrics {
		if isProvedBetter(m) {
			o.Improved = append(o.Improved, m.Key)
		}
	}
	return file.Add(u.name, u.env, info, u.runs, o)
}

// runTime returns the time by which an accepted run is ordered: when the CI run was
// created, as of two pushes the older may be measured last, else now.
func (s *session) runTime() time.Time {
	now, created := s.Now(), s.ciJob().Created
	if created.IsZero() || created.After(now) {
		return now
	}
	return created
}

// workload returns the load of the suite's load test, zero if it had none or
// several differ.
func (u *suite) workload() perf.Workload {
	var w perf.Workload
	for _, r := range u.runs {
		if !r.Workload.Known() {
			continue
		}
		if w.Known() && w.Differs(r.Workload) != "" {
			return perf.Workload{}
		}
		w = r.Workload
	}
	return w
}

// measuredCommit returns the commit that people know the results by, and that checks of
// them belong to: the head of a pull or merge request, as nobody sees its test merge.
func (s *session) measuredCommit(ctx context.Context, o options) string {
	job := s.ciJob()
	switch {
	case job.Pull != nil:
		return job.Pull.Head
	case job.MergeRequest != nil && job.MergeRequest.Head != "":
		return job.MergeRequest.Head
	}
	return s.commit(ctx, o)
}

// commit returns the commit that the results belong to: the one that was named,
// that of the CI job, else that of the clone; "" if there is none.
func (s *session) commit(ctx context.Context, o options) string {
	if c := o.text("commit"); c != "" {
		return c
	}
	if c := s.ciJob().Commit; c != "" {
		return c
	}
	c, err := git.Head(ctx, ".")
	if err != nil {
		return ""
	}
	return c
}

// describeChanges says in a line what an update did.
func describeChanges(path string, u *suite, c baseline.Changes) string {
	var parts []string
	count := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	count(len(c.Added), "new")
	count(len(c.Accepted), "accepted")
	count(len(c.Removed), "removed")
	count(len(c.Improved), "improved")
	text := fmt.Sprintf("%s: %s of suite %q, %s", filepath.ToSlash(path), "run added", u.name, u.env)
	if c.Replaced {
		text = fmt.Sprintf("%s: the same run of suite %q was there already and was replaced, %s", filepath.ToSlash(path), u.name, u.env)
	}
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	return text
}
