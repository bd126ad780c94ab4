package child

import (
	"slices"
	"strings"
)

// secretEndings are how the names of variables end that hold something secret: the
// tokens of CI systems and forges, and what people call their own.
var secretEndings = []string{
	"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS",
	"API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "SECRET_KEY", "_JWT", "_PAT", "WEBHOOK", "WEBHOOK_URL",
}

// secretStarts are how such names begin. ACTIONS_ is how a step of GitHub's talks
// to the job's service, INPUT_ what an action was given, and GitLab's
// CI_REPOSITORY_URL has the job's token in it.
var secretStarts = []string{"ACTIONS_", "CI_JOB_JWT", "CI_REPOSITORY_URL"}

// secretWords make an INPUT_ variable secret wherever they stand in its name: an
// action may call its inputs as it likes.
var secretWords = []string{"TOKEN", "SECRET", "PASSWORD", "WEBHOOK"}

// WithoutSecrets returns the variables, as NAME=value, that code of a change may
// see: all but those whose names are of secrets. environ is left as it is. Names
// are compared without regard to case, as Windows does. The result is never nil,
// which os/exec would take for the environment of this process.
func WithoutSecrets(environ []string) []string {
	return slices.DeleteFunc(append([]string{}, environ...), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return isSecret(strings.ToUpper(name))
	})
}

func isSecret(name string) bool {
	if strings.HasPrefix(name, "INPUT_") {
		return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(name, w) })
	}
	return slices.ContainsFunc(secretStarts, func(s string) bool { return strings.HasPrefix(name, s) }) ||
		slices.ContainsFunc(secretEndings, func(s string) bool { return strings.HasSuffix(name, s) })
}
