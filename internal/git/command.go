package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// killWait is how long git may take to end, and its pipes to close, after it was
// told to.
const killWait = 2 * time.Second

// command says where and how git runs.
type command struct {
	dir     string
	env     []string
	input   []byte
	limit   int // of the bytes that git prints
	timeout time.Duration
	secrets []string // what no error may show, beside the secrets of our environment
}

// local returns how git runs on what is in dir.
func local(dir string) command {
	return command{dir: dir, env: environment(os.Environ()), limit: maxAnswerBytes, timeout: timeout}
}

// line runs git and returns the single line that it prints.
func (c command) line(ctx context.Context, args ...string) (string, error) {
	out, err := c.run(ctx, args...)
	return strings.TrimRight(string(out), "\r\n"), err
}

// run runs git and returns what it prints.
func (c command) run(ctx context.Context, args ...string) ([]byte, error) {
	out, talk, err := c.exec(ctx, args...)
	if err != nil {
		return nil, c.explain(err, args[0], talk)
	}
	return out, nil
}

// safe are settings that hold for every run. No hook and no monitor of a clone or
// of the user runs, nothing goes on in the background after git has ended, and git
// makes up no author from the names of user and machine. Nothing that we write on
// this disk is to outlive us, so that git need not wait until it is on it.
var safe = []string{
	"--no-pager", "--no-replace-objects", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
	"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "user.useConfigOnly=true", "-c", "core.fsync=none",
}

// exec runs git and returns what it prints on its two streams, also when it fails.
func (c command) exec(ctx context.Context, args ...string) (out, talk []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append(safe[:len(safe):len(safe)], args...)...)
	cmd.Dir, cmd.Env, cmd.Stdin = c.dir, c.env, bytes.NewReader(c.input)
	cmd.WaitDelay = killWait
	detach(cmd)
	o, t := buffer{limit: c.limit}, buffer{limit: maxAnswerBytes}
	cmd.Stdout, cmd.Stderr = &o, &t
	err = cmd.Run()
	if err != nil && ctx.Err() != nil {
		return nil, nil, ctx.Err() // what git says when it is stopped is of no use
	}
	return o.data.Bytes(), t.data.Bytes(), err
}

// offline keeps git from every transport. Without it a partial clone fetches the
// objects it lacks. The first is known from git 2.45 on; the second works before, too.
var offline = []string{"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none"}

// inherited is what git needs of our environment: itself, and the user's config,
// which says whose folders are safe. The rest stays out: GIT_DIR and its like
// would lead to another repository, and tokens are none of its business.
var inherited = []string{
	"PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "GIT_CONFIG_GLOBAL",
	"USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "PROGRAMDATA", "SYSTEMROOT", "TEMP", "TMP", "PATHEXT",
}

// inheritedOnline is what git and its programs need in addition to reach a remote
// as the user does. The user name and password are those that go with GIT_ASKPASS
// in Jenkins; the names of author and committer are how CI systems set them.
var inheritedOnline = []string{
	"GIT_ASKPASS", "GIT_USERNAME", "GIT_PASSWORD", "SSH_ASKPASS", "SSH_AUTH_SOCK", "SSH_AGENT_PID",
	"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
	"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_ALLOW_PROTOCOL",
	"GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
	"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
	"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "LOCALAPPDATA", "PROGRAMFILES", "COMSPEC", // key stores
}

// environment returns the variables for git on local objects.
func environment(all []string) []string {
	env := append(common(), "GIT_CONFIG_NOSYSTEM=1")
	return inherit(append(env, offline...), all, func(name string) bool {
		return slices.Contains(inherited, name) || isSetting(name)
	})
}

// onlineEnvironment returns the variables for git in touch with a remote. Unlike a
// local run it reads the system's config, where some installations of git set up
// their certificates and key store. The user's settings by environment are not in
// it: see [beyond].
func onlineEnvironment(all []string) []string {
	return inherit(common(), all, func(name string) bool {
		return slices.Contains(inherited, name) || slices.Contains(inheritedOnline, name)
	})
}

func common() []string {
	return []string{
		"LC_ALL=C", // messages are looked at by people, and reports must not differ by locale
		"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1",
	}
}

// inherit appends to env the variables of all that isWanted takes by their names.
func inherit(env, all []string, isWanted func(string) bool) []string {
	for _, e := range all {
		name, _, _ := strings.Cut(e, "=")
		if isWanted(strings.ToUpper(name)) { // Windows spells it Path
			env = append(env, e)
		}
	}
	return env
}

// isSetting reports whether a variable is a setting by environment:
// GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, GIT_CONFIG_VALUE_0, …
func isSetting(name string) bool {
	return name == "GIT_CONFIG_COUNT" || strings.HasPrefix(name, "GIT_CONFIG_KEY_") || strings.HasPrefix(name, "GIT_CONFIG_VALUE_")
}

// explain says why git failed, in its own words where it has some.
func (c command) explain(err error, name string, talk []byte) error {
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("git is not installed or not in the PATH: %w", err)
	}
	if text := c.clean(complaint(talk)); text != "" {
		return fmt.Errorf("git %s: %s: %w", name, text, err)
	}
	return fmt.Errorf("git %s: %w", name, err)
}

// complaint returns the line that says what is wrong; warnings and hints may stand
// around it.
func complaint(talk []byte) string {
	_, text, isFatal := strings.Cut("\n"+string(talk), "\nfatal: ")
	if !isFatal {
		text = strings.TrimSpace(string(talk))
	}
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// exitCode returns the exit code that err stands for, -1 if git did not run to its end.
func exitCode(err error) int {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	return -1
}

// buffer refuses more than limit bytes, which ends the command that writes them.
// It does not embed the bytes.Buffer, whose ReadFrom would go round the limit.
type buffer struct {
	data  bytes.Buffer
	limit int
}

func (b *buffer) Write(p []byte) (int, error) {
	if b.data.Len()+len(p) > b.limit {
		return 0, fmt.Errorf("more than %d bytes", b.limit)
	}
	return b.data.Write(p)
}
