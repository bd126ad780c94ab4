package main

import (
	"fmt"
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
//	github handoff FILES...  makes the job one that the end of a run of a fork's pull
//	                         request 8 started, which left FILES as its artifact
//	github says [8] FILE     writes the comments on pull request 7 or 8 to FILE, each
//	                         behind its author
//	github checks FILE       writes the check runs to FILE, a line each
//	github statuses FILE     writes the commit statuses to FILE, a line each
//	github messages FILE     writes the commit messages of the default branch to FILE
//	github close             closes pull request 8
//	github forbid            makes the next comment be refused
//	github push              turns the job into one of a push to the default branch
//	github protect           makes the next commit be refused
//	github get [BRANCH:]PATH FILE
//	                         writes what a branch, the default one unless it is named,
//	                         has as PATH to FILE
func githubJob(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: github file|start|event|handoff|says|close|checks|statuses|messages|forbid|push|protect|get")
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
		f.says(ts, args[1:])
	case "handoff":
		f.handOff(ts, args[1:])
	case "checks":
		var b strings.Builder
		for _, c := range f.repo.CheckRuns() {
			fmt.Fprintf(&b, "%s %s %s %s %s\n", c.Name, c.HeadSHA, c.Status, c.Conclusion, c.Title)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	case "messages":
		var b strings.Builder
		for _, c := range f.repo.Log("main") {
			b.WriteString(c.Message + "\n")
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	case "close":
		f.repo.ClosePull(8)
	case "statuses":
		var b strings.Builder
		for _, s := range f.repo.Statuses() {
			fmt.Fprintf(&b, "%s %s %s %s\n", s.Context, s.SHA, s.State, s.Description)
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
		branch, path, ok := strings.Cut(args[1], ":")
		if !ok {
			branch, path = "main", args[1]
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(f.repo.Files(branch)[path]), 0o644))
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
	fork string // commit that a fork proposes, once there is one
}

// says writes the comments on a pull request.
func (f *fake) says(ts *testscript.TestScript, args []string) {
	pull := 7
	if len(args) > 1 {
		pull, args = 8, args[1:]
	}
	var b strings.Builder
	for _, c := range f.repo.Comments(pull) {
		b.WriteString("== " + c.Author + "\n" + c.Body + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
}

// handOff plays a run of the pull request of a fork that has just ended.
func (f *fake) handOff(ts *testscript.TestScript, files []string) {
	if f.fork == "" {
		f.fork = f.repo.AddCommit([]string{f.repo.Tip("main")}, "main.go", "package fork\n")
		f.repo.AddPull(fakegithub.Pull{Number: 8, HeadRepo: "x/r", HeadBranch: "faster", HeadSHA: f.fork})
	}
	var members []string
	for _, name := range files {
		members = append(members, name, ts.ReadFile(name))
	}
	run := f.repo.AddRun(fakegithub.Run{Path: ".github/workflows/performance.yml", HeadRepo: "x/r", HeadBranch: "faster", HeadSHA: f.fork})
	f.repo.AddArtifact(run.ID, "speedgate", fakegithub.Zip(members...))
	ts.Setenv("GITHUB_EVENT_NAME", "workflow_run")
	ts.Setenv("GITHUB_REF_NAME", "main")
	ts.Setenv("GITHUB_SHA", f.repo.Tip("main"))
	setEvent(ts, fmt.Sprintf(`{"repository": {"full_name": "o/r", "default_branch": "main"}, "workflow_run": {"id": %d, "path": %q,
		"event": "pull_request", "head_branch": "faster", "head_sha": %q, "head_repository": {"full_name": "x/r"}}}`, run.ID, run.Path, f.fork))
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
