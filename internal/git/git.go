// Package git reads files of commits from a clone and from its remotes, and writes
// a file to a branch of a remote, by running the git command.
//
// It uses plumbing only and never changes the clone, its work tree included: what
// has to be fetched or committed goes through a scratch repository that is removed
// afterwards. It runs no hook, no filesystem monitor and no filter. Names of
// revisions and paths come from outside and are checked before git sees them.
//
// It takes part in no login: a remote is reached with the URL, the credentials and
// the proxies that the clone is set up with, none of which ever stands in an
// argument, an error or a file of ours. Remotes take git 2.31 or later.
package git

import (
	"context"
	"errors"
	"fmt"
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
	// timeout is for one command on local objects, which takes milliseconds; what
	// takes longer waits for a lock or a dead network drive.
	timeout = 30 * time.Second
)

const shallowHint = "the clone is shallow and does not have it; fetch that commit first (git fetch --depth=1 origin COMMIT) " +
	"or check out the whole history (fetch-depth: 0)"

// errNotHere goes with any failure to read an object that must be there.
var errNotHere = errors.New("the clone lacks the file, or is damaged; a partial clone (--filter) must fetch it first")

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
		return nil, fmt.Errorf("%s at %s: %w: %w", file, ref, errNotHere, err)
	case err != nil:
		return nil, fmt.Errorf("%s at %s: %w", file, ref, err)
	}
	return data, nil
}

func read(ctx context.Context, dir, commit, name string) ([]byte, error) {
	e, err := find(ctx, local(dir), commit, name)
	if err != nil {
		return nil, err
	}
	return e.read(ctx, local(dir))
}

// Head returns the full hash of the commit that is checked out. The error wraps
// [ErrNoRef] in a repository without commits.
func Head(ctx context.Context, dir string) (commit string, err error) {
	return resolve(ctx, dir, "HEAD")
}

// Subject returns the first line of the message of the commit that is checked out.
func Subject(ctx context.Context, dir string) (string, error) {
	out, err := local(dir).run(ctx, "cat-file", "commit", "HEAD")
	_, message, _ := strings.Cut(string(out), "\n\n")
	subject, _, _ := strings.Cut(message, "\n")
	return subject, err
}

// Branch returns the short name of the branch that is checked out, "" if none is,
// as in most CI jobs.
func Branch(ctx context.Context, dir string) (string, error) {
	out, err := local(dir).line(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if exitCode(err) == 1 {
		return "", nil
	}
	return out, err
}

// KnownDefault returns the default branch of a remote as the clone remembers it, "" if
// it does not. Nothing is asked of the remote.
func KnownDefault(ctx context.Context, dir, remote string) (string, error) {
	out, err := local(dir).line(ctx, "symbolic-ref", "--quiet", "refs/remotes/"+remote+"/HEAD")
	if exitCode(err) == 1 {
		return "", nil
	}
	return strings.TrimPrefix(out, "refs/remotes/"+remote+"/"), err
}

// Root returns the absolute path of the work tree that dir lies in.
func Root(ctx context.Context, dir string) (string, error) {
	out, err := local(dir).line(ctx, "rev-parse", "--show-toplevel")
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
	out, err := local(dir).run(ctx, "cat-file", "-p", commit)
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
	commit, err := local(dir).line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err == nil {
		return commit, nil
	}
	if exitCode(err) != 1 && !isMissingObject(ctx, dir, err) {
		return "", err
	}
	if shallow, err := local(dir).line(ctx, "rev-parse", "--is-shallow-repository"); err == nil && shallow == "true" {
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
	_, err = local(dir).line(ctx, "rev-parse", "--git-dir")
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
	prefix, err := local(dir).line(ctx, "rev-parse", "--show-prefix")
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
	if name == "" || name == "." || name == ".." || strings.HasPrefix(name, "../") || strings.ContainsRune(name, 0) {
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

// entry is what a commit has at a path.
type entry struct {
	mode, blob string
}

// find returns the entry of the file at name. It asks for the entry first, as the
// answer tells a folder, a link and a large file apart before anything is read. The
// error is [ErrNoFile] itself only if nothing at all is there.
func find(ctx context.Context, c command, commit, name string) (entry, error) {
	out, err := c.run(ctx, "ls-tree", "-z", "-l", "--full-tree", commit, "--", name)
	if err != nil {
		return entry{}, err
	}
	// An entry reads "100644 blob 1234abcd     567\tname\0".
	head, _, _ := strings.Cut(string(out), "\t")
	fields := strings.Fields(head)
	if len(fields) != 4 {
		return entry{}, ErrNoFile
	}
	switch mode, kind := fields[0], fields[1]; {
	case kind != "blob":
		return entry{}, fmt.Errorf("expected a file, found a %s: %w", kind, ErrNoFile)
	case mode == "120000":
		return entry{}, errors.New("expected a file, found a symbolic link; name the file that it points to")
	}
	if size, err := strconv.ParseInt(fields[3], 10, 64); err == nil && size > MaxFileBytes {
		return entry{}, fmt.Errorf("the file of %d bytes is too large; %d is the limit", size, MaxFileBytes)
	}
	return entry{mode: fields[0], blob: fields[2]}, nil
}

// read returns the content of the file.
func (e entry) read(ctx context.Context, c command) ([]byte, error) {
	c.limit = MaxFileBytes
	return c.run(ctx, "cat-file", "blob", e.blob)
}
