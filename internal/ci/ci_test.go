package ci

import "testing"

func TestDetect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		env  map[string]string
		want Job
	}{
		{"none", nil, Job{}},
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
		{"GitHub without a run", map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_SHA": "abc"}, Job{System: "github", Commit: "abc", Gate: "-"}},
		{
			"GitLab",
			map[string]string{"GITLAB_CI": "true", "CI_COMMIT_SHA": "abc", "CI_JOB_ID": "8", "CI_JOB_URL": "https://l.example/8"},
			Job{System: "gitlab", Commit: "abc", RunID: "8", RunURL: "https://l.example/8"},
		},
		{
			"Buildkite",
			map[string]string{"BUILDKITE": "true", "BUILDKITE_COMMIT": "abc", "BUILDKITE_JOB_ID": "j", "BUILDKITE_BUILD_URL": "https://b.example"},
			Job{System: "buildkite", Commit: "abc", RunID: "j", RunURL: "https://b.example"},
		},
		{
			"Jenkins",
			map[string]string{"JENKINS_URL": "https://j.example", "GIT_COMMIT": "abc", "BUILD_TAG": "jenkins-x-3", "BUILD_URL": "https://j.example/3"},
			Job{System: "jenkins", Commit: "abc", RunID: "jenkins-x-3", RunURL: "https://j.example/3"},
		},
	} {
		if got := Detect(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
