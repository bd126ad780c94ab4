// Package ci speaks the language of CI systems: it reads what variables and events
// say about a job, and writes what a runner reads. It opens no file, and knows
// nothing of results.
package ci

// Job identifies the CI job that the program runs in. Empty fields are unknown;
// outside CI all are.
type Job struct {
	System string // github, gitlab, buildkite, jenkins; "" outside CI
	Commit string // hash of the commit that is tested
	RunID  string // unique for each attempt of each run
	RunURL string // page of the run, "" if the system has none

	// On GitHub and what speaks its language:
	Event         string // what started the run: push, pull_request, …
	Repo          string // OWNER/NAME
	API           string // address of the REST API
	Branch        string // branch or tag that was pushed; of a pull request, its merge
	DefaultBranch string // "" before ReadEvent
	Gate          string // names the workflow and its job
	Run, Attempt  int64  // numbers of the run, growing
	Base          string // commit to compare with, as far as the event says; "" before ReadEvent
	Pull          *Pull  // nil if the run is not of a pull request, or before ReadEvent
}

// Detect returns the job that the variables describe. env reads one, as
// [os.Getenv] does.
func Detect(env func(string) string) Job {
	switch {
	case env("GITHUB_ACTIONS") == "true":
		return github(env)
	case env("GITLAB_CI") == "true":
		return Job{System: "gitlab", Commit: env("CI_COMMIT_SHA"), RunID: env("CI_JOB_ID"), RunURL: env("CI_JOB_URL")}
	case env("BUILDKITE") == "true":
		return Job{System: "buildkite", Commit: env("BUILDKITE_COMMIT"), RunID: env("BUILDKITE_JOB_ID"), RunURL: env("BUILDKITE_BUILD_URL")}
	case env("JENKINS_URL") != "":
		return Job{System: "jenkins", Commit: env("GIT_COMMIT"), RunID: env("BUILD_TAG"), RunURL: env("BUILD_URL")}
	}
	return Job{}
}
