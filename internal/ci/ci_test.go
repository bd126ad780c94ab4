package ci

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sha returns the hash of a commit, made of one letter.
func sha(letter string) string { return strings.Repeat(letter, 40) }

func TestDetect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		env  map[string]string
		want Job
	}{
		{"none", nil, Job{}},
		{
			"GitHub, a tag like the branch",
			map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/tags/main", "GITHUB_REF_NAME": "main"},
			Job{System: "github", Event: "push", Gate: "-"},
		},
		{"variables of a system that is not there", map[string]string{"GITHUB_SHA": "abc", "CI_JOB_ID": "1"}, Job{}},
		{
			"GitHub", map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_SHA": "abc", "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "perf",
				"GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "o/r",
			}, Job{
				System: "github", Commit: "abc", RunID: "7.2.perf", RunURL: "https://github.example/o/r/actions/runs/7",
				Repo: "o/r", Gate: "-perf", Run: 7, Attempt: 2,
			},
		},
		{
			"GitHub, comment",
			map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "issue_comment", "GITHUB_SHA": sha("a"), "GITHUB_REF_NAME": "main"},
			Job{System: "github", Event: "issue_comment", Branch: "main", Gate: "-", Unmerged: true, Base: sha("a")},
		},
		{"GitHub without a run", map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_SHA": "abc"}, Job{System: "github", Commit: "abc", Gate: "-"}},
		{
			"GitLab",
			map[string]string{"GITLAB_CI": "true", "CI_COMMIT_SHA": "abc", "CI_JOB_ID": "8", "CI_JOB_URL": "https://l.example/8"},
			Job{System: "gitlab", Commit: "abc", RunID: "8", RunURL: "https://l.example/8", Attempt: 8, Unmerged: true},
		},
		{
			"GitLab, branch",
			map[string]string{
				"GITLAB_CI": "true", "CI_COMMIT_SHA": sha("a"), "CI_JOB_ID": "8", "CI_PIPELINE_ID": "5", "CI_PIPELINE_CREATED_AT": "2026-03-01T10:00:00Z", "CI_PIPELINE_SOURCE": "push",
				"CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_JOB_NAME": "perf", "CI_API_V4_URL": "https://l.example/api/v4",
			},
			Job{System: "gitlab", Commit: sha("a"), RunID: "8", Run: 5, Attempt: 8, Created: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), Event: "push", Branch: "main", DefaultBranch: "main", Gate: "perf"},
		},
		{
			"GitLab, merge request",
			map[string]string{
				"GITLAB_CI": "true", "CI_COMMIT_SHA": sha("a"), "CI_API_V4_URL": "https://l.example/api/v4", "CI_MERGE_REQUEST_IID": "3",
				"CI_PROJECT_ID": "10", "CI_MERGE_REQUEST_PROJECT_ID": "9", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "10",
				"CI_MERGE_REQUEST_DIFF_BASE_SHA": sha("b"), "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "",
			},
			Job{System: "gitlab", Commit: sha("a"), Unmerged: true, Base: sha("b"), MergeRequest: &MergeRequest{
				API: "https://l.example/api/v4", Project: "9", Number: 3, Head: sha("a"), Fork: true,
			}},
		},
		{
			"GitLab, merged result",
			map[string]string{
				"GITLAB_CI": "true", "CI_COMMIT_SHA": sha("a"), "CI_MERGE_REQUEST_IID": "3",
				"CI_MERGE_REQUEST_PROJECT_ID": "9", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "9",
				"CI_MERGE_REQUEST_DIFF_BASE_SHA": sha("b"), "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": sha("c"), "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": sha("d"),
			},
			Job{System: "gitlab", Commit: sha("a"), Unmerged: true, Base: sha("d"), MergeRequest: &MergeRequest{Project: "9", Number: 3, Head: sha("c")}},
		},
		{
			"GitLab, hostile merge request",
			map[string]string{
				"GITLAB_CI": "true", "CI_COMMIT_SHA": "-x", "CI_MERGE_REQUEST_IID": "3", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "--output=x",
			},
			Job{System: "gitlab", Commit: "-x", Unmerged: true, MergeRequest: &MergeRequest{Number: 3}},
		},
		{"GitLab, no number", map[string]string{"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "-3"}, Job{System: "gitlab", Unmerged: true}},
		{
			"GitLab, tag",
			map[string]string{"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "CI_DEFAULT_BRANCH": "main"},
			Job{System: "gitlab", Event: "push", DefaultBranch: "main", Unmerged: true},
		},
		{
			"GitLab, pull request elsewhere",
			map[string]string{"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "external_pull_request_event", "CI_COMMIT_BRANCH": "x"},
			Job{System: "gitlab", Event: "external_pull_request_event", Branch: "x", Unmerged: true},
		},
		{
			"Buildkite",
			map[string]string{"BUILDKITE": "true", "BUILDKITE_COMMIT": "abc", "BUILDKITE_JOB_ID": "j", "BUILDKITE_BUILD_URL": "https://b.example", "BUILDKITE_BRANCH": "main", "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main", "BUILDKITE_PULL_REQUEST": "false"},
			Job{System: "buildkite", Commit: "abc", RunID: "j", RunURL: "https://b.example", Branch: "main", DefaultBranch: "main"},
		},
		{
			"Buildkite, pull request",
			map[string]string{"BUILDKITE": "true", "BUILDKITE_BRANCH": "x", "BUILDKITE_PULL_REQUEST": "7"},
			Job{System: "buildkite", Branch: "x", Unmerged: true},
		},
		{
			"Jenkins",
			map[string]string{"JENKINS_URL": "https://j.example", "GIT_COMMIT": "abc", "BUILD_TAG": "jenkins-x-3", "BUILD_URL": "https://j.example/3", "GIT_BRANCH": "origin/main"},
			Job{System: "jenkins", Commit: "abc", RunID: "jenkins-x-3", RunURL: "https://j.example/3", Branch: "main"},
		},
		{
			"Jenkins, change",
			map[string]string{"JENKINS_URL": "https://j.example", "BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "GIT_BRANCH": "PR-7"},
			Job{System: "jenkins", Branch: "PR-7", Unmerged: true},
		},
	} {
		got := Detect(func(name string) string { return c.env[name] })
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// Only what is known to be merged may become the baseline.
func TestUnmergedByEvent(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]bool{
		"": false, "push": false, "schedule": false, "workflow_dispatch": false,
		"pull_request": true, "pull_request_target": true, "pull_request_review": true, "merge_group": true, "issue_comment": true,
		"workflow_run": true, "repository_dispatch": true, "workflow_call": true,
	} {
		job := Detect(func(name string) string {
			return map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_SHA": sha("a")}[name]
		})
		if job.Unmerged != want {
			t.Errorf("%q: %v, want %v", event, job.Unmerged, want)
		}
		wantBase := ""
		if event == "issue_comment" || event == "workflow_run" {
			wantBase = sha("a")
		}
		if job.Base != wantBase {
			t.Errorf("%q: base %q, want %q", event, job.Base, wantBase)
		}
	}
}

func TestExposesToken(t *testing.T) {
	t.Parallel()
	head, merge, base := sha("a"), sha("c"), sha("b")
	target := func(fork bool) Job {
		return Job{Event: "pull_request_target", Commit: base, Pull: &Pull{Head: head, Base: base, Merge: merge, Fork: fork}}
	}
	run := func(fork bool) Job {
		return Job{Event: "workflow_run", Base: base, Upstream: &Upstream{Head: head, Fork: fork}}
	}
	comment := func(trusted bool) Job {
		return Job{Event: "issue_comment", Base: base, Comment: &Comment{Pull: 7, Trusted: trusted}}
	}
	for _, c := range []struct {
		name       string
		job        Job
		checkedOut string
		want       bool
	}{
		{"head of a fork", target(true), head, true},
		{"merge of a fork", target(true), merge, true},
		{"base", target(true), base, false},
		{"nothing checked out", target(true), "", false},
		{"head of a branch", target(false), head, false},
		{"no merge known", Job{Event: "pull_request_target", Pull: &Pull{Head: head, Fork: true}}, "", false},
		{"pull_request of a fork, whose token only reads", Job{Event: "pull_request", Pull: &Pull{Head: head, Fork: true}}, head, false},
		{"after a fork's run, its head", run(true), head, true},
		{"after a fork's run, the default branch", run(true), base, false},
		{"after a branch's run, its head", run(false), head, false},
		{"a stranger's comment", comment(false), head, true},
		{"a stranger's comment, the default branch", comment(false), base, false},
		{"a member's comment", comment(true), head, false},
		{"event that was not read", Job{Event: "pull_request_target"}, head, false},
	} {
		if got := c.job.ExposesToken(c.checkedOut); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
