package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"speedgate/internal/testutil/fakegitlab"
)

// gitlabJob is the command of scripts that run as a job of a merge request:
//
//	gitlab start             serves a fake GitLab and sets the job's variables
//	gitlab says FILE         writes the notes to FILE, each behind its author
//	gitlab forbid            makes the next note be refused
//	gitlab quiet FILE...     demands that no FILE holds the token
func gitlabJob(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: gitlab start|says|forbid|quiet")
	}
	f, _ := ts.Value(gitlabKey{}).(*fakegitlab.Server)
	switch args[0] {
	case "start":
		startMergeRequest(ts)
	case "says":
		var b strings.Builder
		f.Locked(func() {
			for _, n := range f.Notes {
				b.WriteString("== " + n.Author.Username + "\n" + n.Body + "\n")
			}
		})
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	case "forbid":
		f.On("POST projects/9/merge_requests/3/notes", fakegitlab.Status(403, `{"message":"403 Forbidden"}`))
	case "quiet":
		for _, name := range args[1:] {
			if strings.Contains(ts.ReadFile(name), fakegitlab.Token) {
				ts.Fatalf("%s holds the token", name)
			}
		}
	default:
		ts.Fatalf("no command %q", args[0])
	}
}

type gitlabKey struct{}

// mergeRequestHead is the commit that scripts have measured.
const mergeRequestHead = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func newGitlab(env *testscript.Env, t testing.TB) {
	f := &fakegitlab.Server{Head: mergeRequestHead}
	env.Values[gitlabKey{}] = f
	env.Setenv("FAKE_GITLAB", f.Start(t))
}

func startMergeRequest(ts *testscript.TestScript) {
	for name, value := range map[string]string{
		"GITLAB_CI": "true", "CI_API_V4_URL": ts.Getenv("FAKE_GITLAB"), "SPEEDGATE_GITLAB_TOKEN": fakegitlab.Token,
		"CI_COMMIT_SHA": mergeRequestHead, "CI_JOB_ID": "80", "CI_PIPELINE_ID": "20", "CI_JOB_NAME": "perf: tests", "CI_JOB_URL": "https://gitlab.example/g/p/-/jobs/80",
		"CI_MERGE_REQUEST_IID": "3", "CI_MERGE_REQUEST_PROJECT_ID": "9", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "9",
	} {
		ts.Setenv(name, value)
	}
}
