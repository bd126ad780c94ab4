package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"speedgate": main, "tinyserver": tinyServer})
}

// TestScripts runs what a user types. Each script in testdata/script is a folder
// of its own with the files that stand at its end.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			newGithub(env, t)
			newGitlab(env, t)
			return setup(env)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   exits,
			"port":    freePort,
			"github":  githubJob,
			"gitlab":  gitlabJob,
			"pushes":  simultaneousPushes,
			"updates": simultaneousUpdates,
		},
	})
}

// setup gives scripts an environment of their own: none of a CI system, and no
// configuration of git.
func setup(env *testscript.Env) error {
	for _, name := range []string{"GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "JENKINS_URL", "NO_COLOR", "FORCE_COLOR"} {
		env.Setenv(name, "")
	}
	examples, err := filepath.Abs("examples")
	if err != nil {
		return err
	}
	env.Setenv("EXAMPLES", examples)
	env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, role := range []string{"AUTHOR", "COMMITTER"} {
		env.Setenv("GIT_"+role+"_NAME", "tester")
		env.Setenv("GIT_"+role+"_EMAIL", "tester@example.com")
	}
	return nil
}

// exits runs a command and demands its exit code: exits CODE COMMAND ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("%q is not an exit code", args[0])
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// simultaneousUpdates starts N updates of one file, each with another value of one
// benchmark: updates N.
func simultaneousUpdates(ts *testscript.TestScript, _ bool, args []string) {
	atOnce(ts, args, func(i int) *exec.Cmd {
		cmd := exec.Command("speedgate", "update", result(ts, ".", i))
		cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "PATH="+ts.Getenv("PATH"))
		return cmd
	})
}

// simultaneousPushes starts a job of GitLab in each of the clones clone0, clone1, …,
// with another value of one benchmark: pushes N.
func simultaneousPushes(ts *testscript.TestScript, _ bool, args []string) {
	atOnce(ts, args, func(i int) *exec.Cmd {
		dir := fmt.Sprintf("clone%d", i)
		cmd := exec.Command("speedgate", "check", "--update", "--push", "--require-push", result(ts, dir, i))
		cmd.Dir = ts.MkAbs(dir)
		cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), "HOME="+ts.Getenv("HOME"), "GIT_CONFIG_GLOBAL="+os.DevNull,
			"GITHUB_ACTIONS=", "GITLAB_CI=true", "CI_PIPELINE_SOURCE=push", "CI_COMMIT_BRANCH=main", "CI_DEFAULT_BRANCH=main",
			"CI_JOB_ID="+strconv.Itoa(100+i))
		return cmd
	})
}

// result writes the result of run i into a folder and returns its name.
func result(ts *testscript.TestScript, dir string, i int) string {
	name := fmt.Sprintf("result%d.txt", i)
	line := fmt.Sprintf("BenchmarkOne-2  \t1000\t%d ns/op\n", 100+i)
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(dir), name), []byte(line), 0o644))
	return name
}

// atOnce runs as many commands as the one argument says at the same time, and demands
// that all succeed.
func atOnce(ts *testscript.TestScript, args []string, command func(i int) *exec.Cmd) {
	n, err := strconv.Atoi(strings.Join(args, " "))
	if err != nil {
		ts.Fatalf("%q is not a number of commands", args)
	}
	done := make(chan error, n)
	for i := range n {
		cmd := command(i)
		go func() {
			out, err := cmd.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w: %s", err, out)
			}
			done <- err
		}()
	}
	for range n {
		ts.Check(<-done)
	}
}
