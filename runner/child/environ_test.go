package child

import (
	"os"
	"strings"
	"testing"
)

func TestProgramGetsNoSecret(t *testing.T) {
	t.Parallel()
	out := newLines()
	c := role("environment")
	c.Stdout = out
	c.Environ = append(c.Environ, "GITHUB_TOKEN=hidden", "ACTIONS_RUNTIME_URL=hidden", "SHOWN=yes")
	if err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(out.all(), ""); strings.Contains(got, "hidden") || !strings.Contains(got, "SHOWN=yes\n") {
		t.Errorf("the program's environment:\n%s", got)
	}
}

// Without variables a program gets none, rather than those of this process.
func TestProgramGetsNoVariables(t *testing.T) {
	skipOnWindows(t) // it adds what it cannot do without
	if err := os.Setenv("CHILD_TEST_CANARY", "x"); err != nil {
		t.Fatal(err)
	}
	out := newLines()
	if err := Run(t.Context(), Command{Shell: "env", Stdout: out}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(out.all(), ""); strings.Contains(got, "CANARY") {
		t.Errorf("the program's environment:\n%s", got)
	}
}
