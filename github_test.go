package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"speedgate/internal/testutil/fakegithub"
)

// Commits of the pull request that scripts play.
const (
	headCommit  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	baseCommit  = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	mergeCommit = "cccccccccccccccccccccccccccccccccccccccc"
	plainCommit = "dddddddddddddddddddddddddddddddddddddddd" // of the change, and no merge
	firstCommit = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee" // of the change, before it
)

// githubJob is the command of scripts that run as a job of a pull request:
//
//	github start             serves a fake GitHub and sets the job's variables
//	github file PATH FILE    puts FILE on the base commit as PATH
//	github says FILE         writes the comments to FILE, each behind its author
//	github forbid            makes the next comment be refused
//	github push              turns the job into one of a push to the default branch
//	github protect           makes the next commit be refused
//	github get PATH FILE     writes what the default branch has as PATH to FILE
func githubJob(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: github start|file|says|forbid")
	}
	f, _ := ts.Value(githubKey{}).(*fakegithub.Server)
	switch args[0] {
	case "start":
		startJob(ts, f)
	case "file":
		data := []byte(ts.ReadFile(args[2]))
		f.Locked(func() { f.Files[baseCommit+":"+args[1]] = data })
	case "says":
		var b strings.Builder
		f.Locked(func() {
			for _, c := range f.Comments {
				b.WriteString("== " + c.User.Login + "\n" + c.Body + "\n")
			}
		})
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	case "forbid":
		f.On("POST /repos/o/r/issues/7/comments", fakegithub.Status(403, "Resource not accessible by integration"))
	case "push":
		ts.Check(os.WriteFile(ts.MkAbs("event.json"), []byte(`{"repository": {"default_branch": "main"}}`), 0o644))
		ts.Setenv("GITHUB_EVENT_NAME", "push")
		ts.Setenv("GITHUB_REF_NAME", "main")
	case "protect":
		f.On("PUT /repos/o/r/contents/performance_baseline.json", fakegithub.Status(409, "Repository rule violations found GH013"))
	case "get":
		var data []byte
		f.Locked(func() { data = f.Files[args[1]] })
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), data, 0o644))
	default:
		ts.Fatalf("no command %q", args[0])
	}
}

type githubKey struct{}

func newGithub(env *testscript.Env, t testing.TB) {
	f := &fakegithub.Server{
		Head: headCommit, Files: map[string][]byte{},
		Parents: map[string][]string{mergeCommit: {baseCommit, headCommit}, baseCommit: nil, plainCommit: {firstCommit}, firstCommit: {baseCommit}},
	}
	env.Values[githubKey{}] = f
	env.Setenv("FAKE_GITHUB", f.Start(t))
}

func startJob(ts *testscript.TestScript, _ *fakegithub.Server) {
	event := `{"repository": {"default_branch": "main"}, "pull_request": {"number": 7,
		"head": {"sha": "` + headCommit + `", "repo": {"full_name": "o/r"}},
		"base": {"sha": "` + baseCommit + `", "repo": {"full_name": "o/r"}}}}`
	ts.Check(os.WriteFile(ts.MkAbs("event.json"), []byte(event), 0o644))
	for name, value := range map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_API_URL": ts.Getenv("FAKE_GITHUB"), "GITHUB_TOKEN": fakegithub.Token,
		"GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": mergeCommit, "GITHUB_RUN_ID": "20", "GITHUB_RUN_ATTEMPT": "1",
		"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF_NAME": "7/merge", "GITHUB_EVENT_PATH": ts.MkAbs("event.json"), "GITHUB_WORKFLOW": "perf tests",
		"GITHUB_JOB": "gate", "GITHUB_SERVER_URL": "https://github.example",
		"GITHUB_STEP_SUMMARY": ts.MkAbs("summary.md"), "GITHUB_OUTPUT": ts.MkAbs("output"),
	} {
		ts.Setenv(name, value)
	}
}
