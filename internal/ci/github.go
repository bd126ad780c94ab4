package ci

import (
	"cmp"
	"strconv"
	"strings"
)

// github reads the variables of a GitHub, Gitea or Forgejo job.
func github(env func(string) string) Job {
	j := Job{
		System: "github", Commit: env("GITHUB_SHA"), RunID: env("GITHUB_RUN_ID"), Event: env("GITHUB_EVENT_NAME"),
		Repo: env("GITHUB_REPOSITORY"), API: env("GITHUB_API_URL"), Branch: env("GITHUB_REF_NAME"),
		Gate: env("GITHUB_WORKFLOW") + "-" + env("GITHUB_JOB"),
	}
	if env("GITHUB_REF_TYPE") == "tag" || strings.HasPrefix(env("GITHUB_REF"), "refs/tags/") {
		j.Branch = "" // a tag may be called main
	}
	j.Unmerged = isOfChange(j.Event)
	if j.Event == "issue_comment" || j.Event == "workflow_run" {
		// They run on the tip of the default branch, and the job checks out what it
		// measures. Of what is sure to be merged, the tip comes nearest to its base.
		j.Base, j.Commit = commit(j.Commit), ""
	}
	j.Run, _ = strconv.ParseInt(j.RunID, 10, 64)
	j.Attempt, _ = strconv.ParseInt(env("GITHUB_RUN_ATTEMPT"), 10, 64)
	if server := env("GITHUB_SERVER_URL"); j.RunID != "" && server != "" && j.Repo != "" {
		j.RunURL = server + "/" + j.Repo + "/actions/runs/" + j.RunID
	}
	if j.RunID != "" {
		// A re-run has the same id and measures anew; a matrix job has neighbours.
		j.RunID += "." + cmp.Or(env("GITHUB_RUN_ATTEMPT"), "1") + "." + env("GITHUB_JOB")
	}
	return j
}
