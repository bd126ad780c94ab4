package secret

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIsName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"SPEEDGATE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "SPEEDGATE_GITLAB_TOKEN", "NPM_AUTH_TOKEN",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "DB_PASSWORD", "PGPASSWORD", "MY_SECRET",
		"OPENAI_API_KEY", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_CACHE_URL", "INPUT_TOKEN", "INPUT_GITHUB-TOKEN",
		"INPUT_TOKEN_FILE", "CI_JOB_JWT_V2", "CI_REPOSITORY_URL", "SLACK_WEBHOOK_URL", "DEPLOY_PAT", "github_token",
	} {
		if !IsName(name) {
			t.Errorf("%s is not taken for a secret", name)
		}
	}
	for _, name := range []string{"PATH", "HOME", "GOMAXPROCS", "TOKENIZERS_PARALLELISM", "INPUT_RESULTS", "CI", "CI_JOB_ID", "GITHUB_SHA", "KEYBOARD", "COMPAT", ""} {
		if IsName(name) {
			t.Errorf("%s is taken for a secret", name)
		}
	}
}

// Without drops what is named like a secret and what repeats one, and touches nothing.
func TestWithout(t *testing.T) {
	t.Parallel()
	environ := []string{
		"PATH=/bin", "GITHUB_TOKEN=ghs_0123456789", "COPY=https://x:ghs_0123456789@host/", "EMPTY_TOKEN=", "SHORT_TOKEN=go", "LANGUAGE=go", "=C:=C:\\", "BARE",
	}
	before := append([]string{}, environ...)
	if d := cmp.Diff([]string{"PATH=/bin", "LANGUAGE=go", "=C:=C:\\", "BARE"}, Without(environ)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff(before, environ); d != "" {
		t.Errorf("the environment was changed (-before +after):\n%s", d)
	}
	if d := cmp.Diff([]string{"ghs_0123456789"}, Values(environ)); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	if Without(nil) == nil {
		t.Error("an empty environment became that of the process")
	}
}
