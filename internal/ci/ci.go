// Package ci reads what the environment of a CI job says about the run: its
// commit and its id. It reads variables only, and knows nothing of results.
package ci

import "cmp"

// Job identifies the CI job that the program runs in. Empty fields are unknown;
// outside CI all are.
type Job struct {
	Commit string // hash of the commit that is tested
	RunID  string // unique for each attempt of each run
	RunURL string // page of the run, "" if the system has none
}

// Detect returns the job that the variables describe. env reads one, as
// [os.Getenv] does.
func Detect(env func(string) string) Job {
	switch {
	case env("GITHUB_ACTIONS") == "true":
		return github(env)
	case env("GITLAB_CI") == "true":
		return Job{Commit: env("CI_COMMIT_SHA"), RunID: env("CI_JOB_ID"), RunURL: env("CI_JOB_URL")}
	case env("BUILDKITE") == "true":
		return Job{Commit: env("BUILDKITE_COMMIT"), RunID: env("BUILDKITE_JOB_ID"), RunURL: env("BUILDKITE_BUILD_URL")}
	case env("JENKINS_URL") != "":
		return Job{Commit: env("GIT_COMMIT"), RunID: env("BUILD_TAG"), RunURL: env("BUILD_URL")}
	}
	return Job{}
}

func github(env func(string) string) Job {
	j := Job{Commit: env("GITHUB_SHA"), RunID: env("GITHUB_RUN_ID")}
	server, repo := env("GITHUB_SERVER_URL"), env("GITHUB_REPOSITORY")
	if j.RunID != "" && server != "" && repo != "" {
		j.RunURL = server + "/" + repo + "/actions/runs/" + j.RunID
	}
	if j.RunID != "" {
		// A re-run has the same id and measures anew; a matrix job has neighbours.
		j.RunID += "." + cmp.Or(env("GITHUB_RUN_ATTEMPT"), "1") + "." + env("GITHUB_JOB")
	}
	return j
}
