package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestActionPastesNothing demands that no expression stands in a script of the
// action or of its example workflows: GitHub pastes the text in before a shell reads
// it, so that an input or a branch name could become a command.
func TestActionPastesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range append(ownWorkflows(t), "action.yml", ".ci/action/gate.yml", ".ci/action/pull.yml") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scripts := 0
		for _, script := range scriptsOf(string(text)) {
			scripts++
			if strings.Contains(script, "${{") {
				t.Errorf("%s: an expression in a script:\n%s", name, script)
			}
		}
		if scripts == 0 {
			t.Errorf("%s: no script found", name)
		}
	}
}

// ownWorkflows returns the files of this project's own workflows.
func ownWorkflows(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil || len(list) == 0 {
		t.Fatalf("workflows %v, %v", list, err)
	}
	return list
}

var (
	usesKey = regexp.MustCompile(`(?m)^\s*(?:- )?uses: *(.*)$`)
	pinned  = regexp.MustCompile(`^(?:\./.*|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
)

// TestWorkflowsAreLocked demands that nobody can change what this project's workflows
// run by moving a tag, and that no job has more rights than it says.
func TestWorkflowsAreLocked(t *testing.T) {
	t.Parallel()
	for _, name := range ownWorkflows(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range usesKey.FindAllStringSubmatch(string(text), -1) {
			if !pinned.MatchString(m[1]) {
				t.Errorf("%s: %q is not pinned by a commit, with its version behind", name, m[1])
			}
		}
		if !strings.Contains(string(text), "\npermissions: {}\n") || strings.Contains(string(text), "pull_request_target") {
			t.Errorf("%s: its jobs begin with more than no permissions", name)
		}
		if strings.Count(string(text), "actions/checkout@") != strings.Count(string(text), "persist-credentials: false") {
			t.Errorf("%s: a checkout leaves its token in the clone", name)
		}
	}
}

var runKey = regexp.MustCompile(`^(\s*)(?:- )?run:\s*(.*)$`)

// scriptsOf returns the values of the run keys of a workflow or action.
func scriptsOf(text string) []string {
	var scripts []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		m := runKey.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		script := []string{m[2]}
		for i+1 < len(lines) && (lines[i+1] == "" || strings.HasPrefix(lines[i+1], m[1]+"  ")) {
			i++
			script = append(script, lines[i])
		}
		scripts = append(scripts, strings.Join(script, "\n"))
	}
	return scripts
}

// TestActionInputs demands that each input of the action is used, and each that is
// used is declared.
func TestActionInputs(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("action.yml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	declared := map[string]bool{}
	inputs := text[strings.Index(text, "\ninputs:"):strings.Index(text, "\noutputs:")]
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z-]+):$`).FindAllStringSubmatch(inputs, -1) {
		declared[m[1]] = true
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
		if !declared[m[1]] {
			t.Errorf("the input %s is not declared", m[1])
		}
	}
	for name := range declared {
		if !used[name] {
			t.Errorf("the input %s is not used", name)
		}
	}
}

// TestHookRuns demands that the command of the pre-commit hook is one.
func TestHookRuns(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(".pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"entry: speedgate check\n", "stages: [pre-push]\n", "pass_filenames: false\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no line %q", want)
		}
	}
}
