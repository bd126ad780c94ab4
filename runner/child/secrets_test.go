package child

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithoutSecrets(t *testing.T) {
	t.Parallel()
	secret := []string{
		"SPEEDGATE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "NODE_AUTH_TOKEN", "token", "SYSTEM_ACCESSTOKEN",
		"ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_CACHE_URL", "INPUT_TOKEN", "INPUT_TOKEN-FILE", "INPUT_GITHUB_TOKEN_2",
		"CI_REPOSITORY_URL", "CI_JOB_JWT_V2", "CI_REGISTRY_PASSWORD", "CLIENT_SECRET", "PGPASSWORD", "Db_Password", "MYSQL_PASSWD",
		"AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "DD_API_KEY", "SSH_PRIVATE_KEY", "SPEEDGATE_WEBHOOK", "SLACK_WEBHOOK_URL", "MY_PAT",
		"GOOGLE_APPLICATION_CREDENTIALS",
	}
	plain := []string{
		"PATH", "HOME", "PWD", "OLDPWD", "GITHUB_SHA", "GITHUB_ACTIONS", "CI", "CI_COMMIT_SHA", "INPUT_THRESHOLD", "TOKENIZERS_PARALLELISM",
		"MAX_TOKENS", "GOMAXPROCS", "KEYBOARD", "SSH_AUTH_SOCK", "SPAT", "",
	}
	var environ, want []string
	for _, name := range secret {
		environ = append(environ, name+"=x")
	}
	for _, name := range plain {
		environ = append(environ, name+"=GITHUB_TOKEN")
		want = append(want, name+"=GITHUB_TOKEN")
	}
	if d := cmp.Diff(want, WithoutSecrets(environ)); d != "" {
		t.Errorf("what is left (-want +got):\n%s", d)
	}
	if environ[0] != "SPEEDGATE_TOKEN=x" {
		t.Error("the list itself was changed")
	}
}

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
