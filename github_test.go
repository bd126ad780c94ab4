package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"speedgate/internal/testutil/fakegithub"
)

// githubJob is the command of scripts that run as a job of a pull request:
//
//	github file PATH FILE    puts FILE on the default branch as PATH, before the start
//	github start             opens a pull request and sets the variables of its job; HEAD
//	                         is its head, BASE its base, MERGE its test merge, PLAIN a
//	                         commit of the change that is none
//	github event FILE        makes FILE the job's event, with these commits put in
//	github says FILE         writes the comments to FILE, each behind its author
//	github forbid            makes the next comment be refused
//	github push              turns the job into one of a push to the default branch
//	github protect           makes the next commit be refused
//	github get PATH FILE     writes what the default branch has as PATH to FILE
func githubJob(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: github file|start|event|says|forbid|push|protect|get")
	}
	f, _ := ts.Value(fakeKey{}).(*fake)
	switch args[0] {
	case "file":
		f.repo.Commit("main", args[1], ts.ReadFile(args[2]))
	case "start":
		f.startJob(ts)
	case "event":
		setEvent(ts, os.Expand(ts.ReadFile(args[1]), ts.Getenv))
	case "says":
		var b strings.Builder
		for _, c := range f.repo.Comments(7) {
			b.WriteString("== " + c.Author + "\n" + c.Body + "\n")
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	case "forbid":
		f.On("POST /repos/o/r/issues/7/comments", 1, fakegithub.NotAccessible())
	case "push":
		setEvent(ts, `{"repository": {"default_branch": "main"}}`)
		ts.Setenv("GITHUB_EVENT_NAME", "push")
		ts.Setenv("GITHUB_REF_NAME", "main")
		ts.Setenv("GITHUB_SHA", f.repo.Tip("main"))
	case "protect":
		f.On("PUT /repos/o/r/contents/performance_baseline.json", 1, fakegithub.Refuse(409, "Repository rule violations found GH013"))
	case "get":
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(f.repo.Files("main")[args[1]]), 0o644))
	default:
		ts.Fatalf("no command %q", args[0])
	}
}

// setEvent makes text the event of the job.
func setEvent(ts *testscript.TestScript, text string) {
	ts.Check(os.WriteFile(ts.Getenv("GITHUB_EVENT_PATH"), []byte(text), 0o644))
}

// fake is the GitHub of a script, with the repository o/r.
type fake struct {
	*fakegithub.GitHub
	repo *fakegithub.Repo
}

type fakeKey struct{}

func newGithub(env *testscript.Env, t testing.TB) {
	f := &fake{GitHub: fakegithub.New(t)}
	f.repo = f.AddRepo("o/r")
	f.repo.Commit("main", "README.md", "A project\n")
	env.Values[fakeKey{}] = f
}

// startJob opens pull request 7, whose first commit empties the baseline: whoever takes
// that commit for the base compares nothing.
func (f *fake) startJob(ts *testscript.TestScript) {
	base := f.repo.Tip("main")
	first := f.repo.AddCommit([]string{base}, "performance_baseline.json", "{}\n")
	head := f.repo.AddCommit([]string{first}, "main.go", "package main\n")
	merge := f.repo.AddCommit([]string{base, head})
	f.repo.AddPull(fakegithub.Pull{Number: 7, HeadSHA: head})
	event := `{"repository": {"default_branch": "main"}, "pull_request": {"number": 7,
		"head": {"sha": "` + head + `", "repo": {"full_name": "o/r"}},
		"base": {"sha": "` + base + `", "repo": {"full_name": "o/r"}}}}`
	for name, value := range map[string]string{
		"HEAD": head, "BASE": base, "MERGE": merge, "PLAIN": f.repo.AddCommit([]string{first}, "main.go", "package other\n"),
		"GITHUB_ACTIONS": "true", "GITHUB_API_URL": f.URL, "GITHUB_TOKEN": fakegithub.Token,
		"GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": merge, "GITHUB_RUN_ID": "20", "GITHUB_RUN_ATTEMPT": "1",
		"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF_NAME": "7/merge", "GITHUB_EVENT_PATH": ts.MkAbs("event.json"), "GITHUB_WORKFLOW": "perf tests",
		"GITHUB_JOB": "gate", "GITHUB_SERVER_URL": "https://github.example",
		"GITHUB_STEP_SUMMARY": ts.MkAbs("summary.md"), "GITHUB_OUTPUT": ts.MkAbs("output"),
	} {
		ts.Setenv(name, value)
	}
	setEvent(ts, event)
}
