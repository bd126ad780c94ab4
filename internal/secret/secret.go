// Package secret knows which variables of an environment hold secrets, so that code of
// a change never gets them, and no message shows them.
package secret

import (
	"slices"
	"strings"
)

// MinLength is the length in bytes below which a value is no secret but a word that
// others may hold by chance: looked for, it would blank ordinary text.
const MinLength = 8

// endings are how the names of such variables end: the tokens of CI systems and
// forges, and what people call their own. The words inside of a name mean less:
// TOKENIZERS_PARALLELISM is a setting of a library.
var endings = []string{
	"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS",
	"API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "SECRET_KEY", "_JWT", "_PAT", "WEBHOOK", "WEBHOOK_URL",
}

// starts are how they begin. ACTIONS_ is how a step of GitHub's talks to the job's
// service, and GitLab's CI_REPOSITORY_URL has the job's token in it.
var starts = []string{"ACTIONS_", "CI_JOB_JWT", "CI_REPOSITORY_URL"}

// words make an input of an action secret wherever they stand in its name.
var words = []string{"TOKEN", "SECRET", "PASSWORD", "WEBHOOK"}

// IsName reports whether a variable of this name holds a secret. Case does not count,
// as on Windows.
func IsName(name string) bool {
	name = strings.ToUpper(name)
	if strings.HasPrefix(name, "INPUT_") {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	return slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(name, s) }) ||
		slices.ContainsFunc(endings, func(s string) bool { return strings.HasSuffix(name, s) })
}

// Values returns the secrets of an environment of NAME=value that are long enough to
// be looked for.
func Values(environ []string) []string {
	var list []string
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); IsName(name) && len(value) >= MinLength {
			list = append(list, value)
		}
	}
	return list
}

// Without returns an environment without its secrets: the variables that are named
// like one, and whatever repeats the value of one. environ is left as it is. The
// result is never nil, which package os/exec would take for the environment of this
// process.
func Without(environ []string) []string {
	values := Values(environ)
	return slices.DeleteFunc(append([]string{}, environ...), func(kv string) bool {
		name, value, _ := strings.Cut(kv, "=")
		return IsName(name) || slices.ContainsFunc(values, func(v string) bool { return strings.Contains(value, v) })
	})
}
