// Package git reads files of commits from a clone, by running the git command.
//
// It uses plumbing only and changes nothing: it never fetches, not even what a
// partial clone left out, and runs no hook, no filesystem monitor and no filter.
// Names of revisions and paths come from outside and are checked before git sees
// them.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The normal cases in which there is nothing to read.
var (
	ErrNoRef  = errors.New("unknown revision")
	ErrNoFile = errors.New("no such file in the commit")
)

const (
	// MaxFileBytes is the size of the largest file that is read: the largest
	// document that the parsers take.
	MaxFileBytes = 128 << 20
	// maxAnswerBytes bounds every other answer; the longest is a commit's message.
	maxAnswerBytes = 4 << 20
	// timeout is for one command. All of them read local objects, which takes
	// milliseconds; what takes longer waits for a lock or a dead network drive.
	timeout = 30 * time.Second
	// killWait is how long pipes are read after git was killed.
	killWait = 2 * time.Second
)

const shallowHint = "the clone is shallow and does not have it; fetch that commit first (git fetch --depth=1 origin COMMIT) " +
	"or check out the whole history (fetch-depth: 0)"

// partialHint goes with any failure to read an object that must be there.
const partialHint = "the clone lacks the file, or is damaged; a partial clone (--filter) must fetch it first"

// Show returns a file as it is in the commit that ref names. file is relative to
// dir, or absolute inside the work tree.
//
// The error wraps [ErrNoRef] if ref names no commit of the clone, with the remedy
// if the clone is shallow, and [ErrNoFile] if the commit has no file there.
func Show(ctx context.Context, dir, ref, file string) ([]byte, error) {
	commit, err := resolve(ctx, dir, ref)
	if err != nil {
		return nil, err
	}
	name, err := inTree(ctx, dir, file)
	if err != nil {
		return nil, err
	}
	data, err := read(ctx, dir, commit, name)
	switch {
	case exitCode(err) == 128:
		return nil, fmt.Errorf("%s at %s: %s: %w", file, ref, partialHint, err)
	case err != nil:
		return nil, fmt.Errorf("%s at %s: %w", file, ref, err)
	}
	return data, nil
}

func read(ctx context.Context, dir, commit, name string) ([]byte, error) {
	blob, err := find(ctx, dir, commit, name)
	if err != nil {
		return nil, err
	}
	return run(ctx, dir, MaxFileBytes, "cat-file", "blob", blob)
}

// Head returns the full hash of the commit that is checked out. The error wraps
// [ErrNoRef] in a repository without commits.
func Head(ctx context.Context, dir string) (commit string, err error) {
	return resolve(ctx, dir, "HEAD")
}

// Branch returns the short name of the branch that is checked out, "" if none is,
// as in most CI jobs.
func Branch(ctx context.Context, dir string) (string, error) {
	out, err := line(ctx, dir, "symbolic-ref", "--quiet", "--short", "HEAD")
	if exitCode(err) == 1 {
		return "", nil
	}
	return out, err
}

// Root returns the absolute path of the work tree that dir lies in.
func Root(ctx context.Context, dir string) (string, error) {
	out, err := line(ctx, dir, "rev-parse", "--show-toplevel")
	return filepath.FromSlash(out), err
}

// FirstParent returns the full hash of the first parent of a commit: for a merge
// commit of a pull request, the base it is merged into. It reads the commit
// itself and so finds parents that a shallow clone does not have. The error wraps
// [ErrNoRef] if the commit is unknown or has no parent.
func FirstParent(ctx context.Context, dir, ref string) (string, error) {
	commit, err := resolve(ctx, dir, ref)
	if err != nil {
		return "", err
	}
	// "git log" and "HEAD^1" hide the parents behind the border of a shallow clone;
	// cat-file prints the object as it is.
	out, err := run(ctx, dir, maxAnswerBytes, "cat-file", "-p", commit)
	if err != nil {
		return "", err
	}
	for l := range strings.Lines(string(out)) {
		l = strings.TrimSuffix(l, "\n")
		if parent, ok := strings.CutPrefix(l, "parent "); ok {
			return parent, nil
		}
		if l == "" {
			break // the message begins
		}
	}
	return "", fmt.Errorf("%s has no parent: %w", ref, ErrNoRef)
}

// resolve returns the full hash of the commit that ref names.
func resolve(ctx context.Context, dir, ref string) (string, error) {
	if err := checkRef(ref); err != nil {
		return "", err
	}
	commit, err := line(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err == nil {
		return commit, nil
	}
	if exitCode(err) != 1 && !isMissingObject(ctx, dir, err) {
		return "", err
	}
	if shallow, err := line(ctx, dir, "rev-parse", "--is-shallow-repository"); err == nil && shallow == "true" {
		return "", fmt.Errorf("%w %q: %s", ErrNoRef, ref, shallowHint)
	}
	return "", fmt.Errorf("%w %q", ErrNoRef, ref)
}

// isMissingObject tells a failure about one revision from a failure of the
// repository: git ends with 128 both for the hash of an absent commit and for a
// folder that is no repository.
func isMissingObject(ctx context.Context, dir string, err error) bool {
	if exitCode(err) != 128 {
		return false
	}
	_, err = line(ctx, dir, "rev-parse", "--git-dir")
	return err == nil
}

// maxRefBytes is above the longest name that a file system lets a branch have.
const maxRefBytes = 1024

// checkRef refuses what git could take for an option, a range, a path or a
// search, and what no name of a revision holds.
func checkRef(ref string) error {
	isOdd := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`:\?*[{}`, r) }
	switch {
	case ref == "", len(ref) > maxRefBytes, ref[0] == '-', ref[0] == '^',
		strings.Contains(ref, ".."), strings.ContainsFunc(ref, isOdd):
		return fmt.Errorf("%q is not the name of a revision; expected a branch, a tag or a commit", ref)
	}
	return nil
}

// inTree returns the path of file from the root of the repository, with slashes.
func inTree(ctx context.Context, dir, file string) (string, error) {
	prefix, err := line(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return "", err
	}
	if filepath.IsAbs(file) {
		if file, err = fromRoot(ctx, dir, file); err != nil {
			return "", err
		}
		prefix = ""
	}
	name := path.Join(prefix, filepath.ToSlash(file))
	if name == "." || name == ".." || strings.HasPrefix(name, "../") || strings.ContainsRune(name, 0) {
		return "", fmt.Errorf("%s is outside the repository: %w", file, ErrNoFile)
	}
	return name, nil
}

// fromRoot makes an absolute path relative to the work tree. Both are compared
// without symbolic links, which git resolves in its answer; the file itself need
// not exist.
func fromRoot(ctx context.Context, dir, file string) (string, error) {
	root, err := Root(ctx, dir)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	folder := filepath.Dir(file)
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	return filepath.Rel(root, filepath.Join(folder, filepath.Base(file)))
}

// find returns the hash of the blob at name. It asks for the entry first, as the
// answer tells a folder, a link and a large file apart before anything is read.
func find(ctx context.Context, dir, commit, name string) (blob string, err error) {
	out, err := run(ctx, dir, maxAnswerBytes, "ls-tree", "-z", "-l", "--full-tree", commit, "--", name)
	if err != nil {
		return "", err
	}
	// An entry reads "100644 blob 1234abcd     567\tname\0".
	entry, _, _ := strings.Cut(string(out), "\t")
	fields := strings.Fields(entry)
	if len(fields) != 4 {
		return "", ErrNoFile
	}
	switch mode, kind := fields[0], fields[1]; {
	case kind != "blob":
		return "", fmt.Errorf("expected a file, found a %s: %w", kind, ErrNoFile)
	case mode == "120000":
		return "", errors.New("expected a file, found a symbolic link; name the file that it points to")
	}
	if size, err := strconv.ParseInt(fields[3], 10, 64); err == nil && size > MaxFileBytes {
		return "", fmt.Errorf("the file of %d bytes is too large; %d is the limit", size, MaxFileBytes)
	}
	return fields[2], nil
}

// line runs git and returns the single line that it prints.
func line(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := run(ctx, dir, maxAnswerBytes, args...)
	return strings.TrimRight(string(out), "\r\n"), err
}

// run runs git in dir and returns what it prints, at most limit bytes.
func run(ctx context.Context, dir string, limit int, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	safe := []string{"--no-pager", "--no-replace-objects", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"}
	cmd := exec.CommandContext(ctx, "git", append(safe, args...)...)
	cmd.Dir = dir
	cmd.Env = environment(os.Environ())
	cmd.WaitDelay = killWait
	out, talk := buffer{limit: limit}, buffer{limit: maxAnswerBytes}
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil {
		return nil, explain(ctx, err, args[0], talk.data.Bytes())
	}
	return out.data.Bytes(), nil
}

// inherited is what git needs of our environment: itself, and the user's config,
// which says whose folders are safe. The rest stays out: GIT_DIR and its like
// would lead to another repository, and tokens are none of its business.
var inherited = []string{
	"PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "GIT_CONFIG_GLOBAL",
	"USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "PROGRAMDATA", "SYSTEMROOT", "TEMP", "TMP", "PATHEXT",
}

func environment(all []string) []string {
	env := []string{
		"LC_ALL=C", // messages are looked at by people, and reports must not differ by locale
		"GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1",
		// Without these a partial clone fetches the objects it lacks. The first is known
		// from git 2.45 on; the second forbids every transport and works before, too.
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
	}
	for _, e := range all {
		name, _, _ := strings.Cut(e, "=")
		name = strings.ToUpper(name) // Windows spells it Path
		if isInherited(name) {
			env = append(env, e)
		}
	}
	return env
}

func isInherited(name string) bool {
	for _, n := range inherited {
		if n == name {
			return true
		}
	}
	// Settings by environment: GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, GIT_CONFIG_VALUE_0, …
	return name == "GIT_CONFIG_COUNT" || strings.HasPrefix(name, "GIT_CONFIG_KEY_") || strings.HasPrefix(name, "GIT_CONFIG_VALUE_")
}

// explain says why git failed, in its own words where it has some.
func explain(ctx context.Context, err error, command string, talk []byte) error {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("git is not installed or not in the PATH: %w", err)
	case ctx.Err() != nil:
		return fmt.Errorf("git %s: %w", command, ctx.Err())
	}
	// Warnings and hints may stand around the line that says what is wrong.
	_, text, isFatal := strings.Cut("\n"+string(talk), "\nfatal: ")
	if !isFatal {
		text = strings.TrimSpace(string(talk))
	}
	if text, _, _ = strings.Cut(text, "\n"); text == "" {
		return fmt.Errorf("git %s: %w", command, err)
	}
	return fmt.Errorf("git %s: %s: %w", command, text, err)
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
