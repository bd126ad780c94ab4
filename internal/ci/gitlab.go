package ci

import (
	"cmp"
	"strconv"
	"time"
)

// MergeRequest is the merge request that a job of GitLab checks.
type MergeRequest struct {
	API     string // address of the REST API, version 4
	Project string // number of the project that the change goes to
	Number  int    // of the merge request in that project
	Head    string // commit of the change; the job's commit may be a merge of it
	Fork    bool   // the change comes from another project
}

// gitlab reads the variables of a GitLab job.
func gitlab(env func(string) string) Job {
	j := Job{
		System: "gitlab", Commit: env("CI_COMMIT_SHA"), RunID: env("CI_JOB_ID"), RunURL: env("CI_JOB_URL"),
		Event: env("CI_PIPELINE_SOURCE"), Branch: env("CI_COMMIT_BRANCH"), DefaultBranch: env("CI_DEFAULT_BRANCH"), Gate: env("CI_JOB_NAME"),
	}
	j.Run, _ = strconv.ParseInt(env("CI_PIPELINE_ID"), 10, 64)
	// A job that is tried again gets a new, greater id.
	j.Attempt, _ = strconv.ParseInt(j.RunID, 10, 64)
	// A job that is tried again measures the old commit, however late it is.
	j.Created, _ = time.Parse(time.RFC3339, env("CI_PIPELINE_CREATED_AT"))
	// Of the pipelines, those of branches alone name one: that of a tag measures nothing
	// new, and that of a merge request, or of a pull request elsewhere, a change.
	j.Unmerged = j.Branch == "" || j.Event == "external_pull_request_event"
	number, err := strconv.Atoi(env("CI_MERGE_REQUEST_IID"))
	if err != nil || number <= 0 {
		return j
	}
	j.Unmerged = true
	// The branches' commits are given only where the job tests a merge of them.
	j.Base = cmp.Or(commit(env("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")), commit(env("CI_MERGE_REQUEST_DIFF_BASE_SHA")))
	j.MergeRequest = &MergeRequest{
		// The job of a fork may run in the fork's own project, whose number is CI_PROJECT_ID.
		API: env("CI_API_V4_URL"), Project: env("CI_MERGE_REQUEST_PROJECT_ID"), Number: number,
		Head: cmp.Or(commit(env("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")), commit(j.Commit)),
		Fork: env("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != env("CI_MERGE_REQUEST_PROJECT_ID"),
	}
	return j
}
