// Package ci speaks the language of CI systems: it reads what variables and events
// say about a job, and writes what a runner reads. It opens no file, and knows
// nothing of results.
package ci

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Job identifies the CI job that the program runs in. Empty fields are unknown;
// outside CI all are.
type Job struct {
	System string // github, gitlab, buildkite, jenkins; "" outside CI
	Commit string // hash of the commit that the run is of; "" where the job chooses what it checks out
	RunID  string // unique for each attempt of each run
	RunURL string // page of the run, "" if the system has none

	Event         string // what started the run: push, pull_request, …
	Branch        string // branch that was pushed; of a pull request on GitHub, its merge; of a tag, ""
	DefaultBranch string // on GitHub "" before ReadEvent
	Gate          string // names the workflow and its job
	Run, Attempt  int64  // numbers of the run, growing

	// Created is when the run was created, the zero time where the system does not say.
	Created time.Time

	// Unmerged says that the run measures, or may measure, a change that its target
	// branch does not have yet: such results must not become a baseline.
	Unmerged bool
	// Base is the commit that a change is compared with, "" if it is not known.
	Base string

	// On GitLab:
	MergeRequest *MergeRequest // nil if the run is not of a merge request

	// On GitHub and what speaks its language:
	Repo string // OWNER/NAME
	API  string // address of the REST API

	RepoIsFork bool // Repo is a fork of another repository; false before ReadEvent

	// After ReadEvent:
	Pull     *Pull     // nil if the event does not carry a pull request
	Comment  *Comment  // nil if no comment on a pull request started the run
	Upstream *Upstream // the run whose end started this one, nil if none did
}

// Detect returns the job that the variables describe. env reads one, as
// [os.Getenv] does.
func Detect(env func(string) string) Job {
	switch {
	case env("GITHUB_ACTIONS") == "true":
		return github(env)
	case env("GITLAB_CI") == "true":
		return gitlab(env)
	case env("BUILDKITE") == "true":
		return buildkite(env)
	case env("JENKINS_URL") != "":
		return jenkins(env)
	}
	return Job{}
}

func buildkite(env func(string) string) Job {
	pull := env("BUILDKITE_PULL_REQUEST")
	return Job{
		System: "buildkite", Commit: env("BUILDKITE_COMMIT"), RunID: env("BUILDKITE_JOB_ID"), RunURL: env("BUILDKITE_BUILD_URL"),
		Branch: env("BUILDKITE_BRANCH"), DefaultBranch: env("BUILDKITE_PIPELINE_DEFAULT_BRANCH"), Unmerged: pull != "" && pull != "false",
	}
}

// jenkins reads the variables of a build. A multibranch pipeline names the branch,
// or the change under review; of other builds the git plugin names what it took from
// the remote.
func jenkins(env func(string) string) Job {
	return Job{
		System: "jenkins", Commit: env("GIT_COMMIT"), RunID: env("BUILD_TAG"), RunURL: env("BUILD_URL"),
		Branch:   cmp.Or(env("BRANCH_NAME"), strings.TrimPrefix(env("GIT_BRANCH"), "origin/")),
		Unmerged: env("CHANGE_ID") != "",
	}
}

// ExposesToken reports whether the commit that is checked out is a stranger's while
// the job's token may write: code of the change could use or steal it.
func (j *Job) ExposesToken(checkedOut string) bool {
	switch {
	case checkedOut == "":
		return false
	case j.Event == "pull_request_target" && j.Pull != nil:
		return j.Pull.Fork && (checkedOut == j.Pull.Head || checkedOut == j.Pull.Merge)
	case j.Upstream != nil:
		return j.Upstream.Fork && checkedOut == j.Upstream.Head
	case j.Comment != nil:
		// The run itself is of the default branch, and anybody may comment.
		return !j.Comment.Trusted && checkedOut != j.Base
	}
	return false
}

// mergedEvents start runs of code that is in the repository already. All others may
// measure a change that nobody has accepted: a pull request, a comment on one, a run
// that follows one, a merge queue.
var mergedEvents = []string{"push", "schedule", "workflow_dispatch"}

// isOfChange reports whether an event of GitHub may be about a change under review.
func isOfChange(event string) bool { return event != "" && !slices.Contains(mergedEvents, event) }
