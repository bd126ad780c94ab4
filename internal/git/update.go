package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// ErrRefused is wrapped when the remote does not take a push: the branch is
// protected, a hook of the server declined, or the credentials may only read. Trying
// again is of no use.
var ErrRefused = errors.New("the remote refused the push")

const (
	// maxUpdates is how often a file is read, changed and written again when others
	// push to the branch at the same time.
	maxUpdates = 8
	// updatePause is about how long a writer waits between two tries.
	updatePause = 250 * time.Millisecond
)

// identity is who commits where the user's git does not know.
var identity = []string{
	"GIT_AUTHOR_NAME=speedgate", "GIT_AUTHOR_EMAIL=noreply@speedgate.invalid",
	"GIT_COMMITTER_NAME=speedgate", "GIT_COMMITTER_EMAIL=noreply@speedgate.invalid",
}

// UpdateOptions says what [UpdateFile] writes and where.
type UpdateOptions struct {
	Remote string // its name in the config of the clone
	Branch string // without refs/heads/
	File   string // relative to dir, or absolute inside the work tree
	// Orphan starts the branch, without history, if the remote does not have it.
	Orphan  bool
	Message string // of the commit
	// Sleep waits between two tries; nil is the clock.
	Sleep func(context.Context, time.Duration) error
}

// UpdateFile changes a file on a branch of a remote of the clone in dir: it reads
// the file, calls change with its content (empty if there is none) and commits and
// pushes what that returns, from the start again, at most 8 times in all, whenever
// somebody else pushed in between. So simultaneous updates all count. Only the file
// changes on the branch, and nothing in the clone.
//
// commit is the full hash of the new commit, "" if change left the content as it
// was, in which case nothing is pushed.
//
// The error wraps [ErrRefused], with the server's words, if the remote does not take
// the push, and [ErrNoRef] if it has no such branch. Errors of change are returned
// as they are.
func UpdateFile(ctx context.Context, dir string, o UpdateOptions, change func(old []byte) ([]byte, error)) (commit string, err error) {
	u, err := newUpdate(ctx, dir, o)
	if err != nil {
		return "", err
	}
	for try := range maxUpdates {
		if try > 0 {
			// Writers that met once would meet again without some disorder.
			if err := u.Sleep(ctx, updatePause/2+rand.N(time.Duration(try)*updatePause)); err != nil {
				return "", err
			}
		}
		if commit, err = u.once(ctx, change); !errors.Is(err, errMoved) {
			return commit, err
		}
	}
	return "", u.failed(fmt.Errorf("others pushed to the branch %d times in between", maxUpdates))
}

// errMoved says that somebody else pushed between our read and our push.
var errMoved = errors.New("the branch has moved")

// update is one call of UpdateFile.
type update struct {
	UpdateOptions
	remote *remote
	ref    string // full name of the branch
	name   string // path of the file from the root of the repository
}

func newUpdate(ctx context.Context, dir string, o UpdateOptions) (*update, error) {
	r, err := open(ctx, dir, o.Remote)
	if err != nil {
		return nil, err
	}
	if err := CheckBranch(ctx, dir, o.Branch); err != nil {
		return nil, err
	}
	name, err := inTree(ctx, dir, o.File)
	if err != nil {
		return nil, err
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &update{UpdateOptions: o, remote: r, ref: "refs/heads/" + o.Branch, name: name}, nil
}

// failed adds to err what was tried.
func (u *update) failed(err error) error {
	return fmt.Errorf("updating %s on branch %s of %s: %w", u.File, u.Branch, u.Remote, err)
}

// CheckBranch returns an error unless branch can be the short name of a branch of a
// remote. It refuses names of other refs too, which would make a branch that nobody
// meant.
func CheckBranch(ctx context.Context, dir, branch string) error {
	if branch == "HEAD" || strings.HasPrefix(branch, "refs/") || isHash(branch) {
		return fmt.Errorf("%q is not the short name of a branch", branch)
	}
	return checkName(ctx, dir, branch)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// once reads, changes, commits and pushes. The error is errMoved if it lost a race.
func (u *update) once(ctx context.Context, change func([]byte) ([]byte, error)) (commit string, err error) {
	s, old, err := u.begin(ctx)
	if err != nil {
		return "", u.failed(err)
	}
	defer s.close()
	data, err := change(old.data)
	if err != nil || bytes.Equal(data, old.data) {
		return "", err
	}
	if len(data) > MaxFileBytes {
		return "", u.failed(fmt.Errorf("the new content of %d bytes is too large; %d is the limit", len(data), MaxFileBytes))
	}
	commit, err = s.commit(ctx, old, u.name, data, u.Message)
	if err != nil {
		return "", u.failed(err)
	}
	if err := u.push(ctx, s, old.commit, commit); err != nil {
		return "", u.failed(err)
	}
	return commit, nil
}

// begin returns the branch as it is now in a scratch repository. A branch that is
// yet to be started is the zero revision.
func (u *update) begin(ctx context.Context) (*scratch, revision, error) {
	tip, err := u.tip(ctx)
	if err != nil {
		return nil, revision{}, err
	}
	if tip == "" {
		if !u.Orphan {
			return nil, revision{}, fmt.Errorf("%w at the remote", ErrNoRef)
		}
		s, err := u.remote.scratch(ctx)
		return s, revision{}, err
	}
	s, old, err := u.remote.get(ctx, u.ref, u.name)
	if err != nil {
		return nil, revision{}, err
	}
	// Only where nothing is at all there is room for a new file.
	if old.absent != nil && old.absent != ErrNoFile {
		s.close()
		return nil, revision{}, old.absent
	}
	return s, old, nil
}

// tip returns the hash of the branch's newest commit, "" if the remote has no such
// branch.
func (u *update) tip(ctx context.Context) (string, error) {
	hashes, err := u.remote.refs(ctx, u.ref)
	return hashes[u.ref], err
}

// commit makes a commit that differs from old in one file.
func (s *scratch) commit(ctx context.Context, old revision, name string, data []byte, message string) (string, error) {
	write := s.local
	write.input = data
	blob, err := write.line(ctx, "hash-object", "-w", "--stdin")
	if err != nil {
		return "", err
	}
	tree, err := s.tree(ctx, old, name, blob)
	if err != nil {
		return "", err
	}
	args := []string{"commit-tree", "-m", message, tree}
	if old.commit != "" {
		args = append(args, "-p", old.commit)
	}
	if commit, err := s.local.line(ctx, args...); err == nil {
		return commit, nil
	}
	// In most CI jobs neither config nor environment names an author.
	c := s.local
	c.env = append(c.env[:len(c.env):len(c.env)], identity...)
	return c.line(ctx, args...)
}

// tree returns the tree of old with blob at name. It passes through the index of the
// scratch repository.
func (s *scratch) tree(ctx context.Context, old revision, name, blob string) (string, error) {
	mode := "100644"
	if old.commit != "" {
		if _, err := s.local.run(ctx, "read-tree", old.commit); err != nil {
			return "", err
		}
	}
	if old.file.mode != "" {
		mode = old.file.mode
	}
	// Unlike --index-info this never takes away a file whose name is a folder of ours.
	if _, err := s.local.run(ctx, "update-index", "--add", "--cacheinfo", mode+","+blob+","+name); err != nil {
		return "", err
	}
	// The other files were not fetched, but are at the remote.
	return s.local.line(ctx, "write-tree", "--missing-ok")
}

// push sends commit to the branch if that is still at old. The lease says so to the
// server; an empty one says that there must be no such branch.
func (u *update) push(ctx context.Context, s *scratch, old, commit string) error {
	out, talk, err := s.online.exec(ctx, "push", "--porcelain", "--no-progress", "--no-signed", "--no-recurse-submodules",
		"--force-with-lease="+u.ref+":"+old, s.remote.name, commit+":"+u.ref)
	answer := answerTo(commit, out)
	switch {
	case err == nil && answer.flag == "=":
		return errMoved // somebody else made the same commit from the same content
	case err == nil:
		return nil
	case ctx.Err() != nil || exitCode(err) < 0:
		return s.online.explain(err, "push", talk)
	}
	return u.judge(ctx, answer, old, commit, s.online.refusal(answer, talk, err))
}

// judge says what a push was that git reports as failed. The words of servers
// differ, so it looks at the branch: if that has moved, the push lost a race.
func (u *update) judge(ctx context.Context, a answer, old, commit string, refusal error) error {
	// A server that is at it with another push may refuse ours before the branch moves.
	for look := range 2 {
		if look > 0 {
			if err := u.Sleep(ctx, updatePause); err != nil {
				return err
			}
		}
		tip, err := u.tip(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%w; %w", refusal, err)
		case tip == commit && a.flag == "":
			return nil // the push was done, and the answer got lost
		case tip != old:
			return errMoved
		}
	}
	return refusal
}

// answer is what the server says of one ref: a flag, "!" for a refusal, and a
// summary with the reason. It is zero if the connection broke before.
type answer struct{ flag, summary string }

func answerTo(commit string, porcelain []byte) answer {
	for l := range strings.Lines(string(porcelain)) {
		// A line reads "!\t<commit>:<ref>\t[remote rejected] (pre-receive hook declined)\n".
		fields := strings.SplitN(strings.TrimRight(l, "\r\n"), "\t", 3)
		if len(fields) == 3 && strings.HasPrefix(fields[1], commit+":") {
			return answer{fields[0], fields[2]}
		}
	}
	return answer{}
}

// refusal returns the error for a push that failed, with the words of the server.
func (c command) refusal(a answer, talk []byte, err error) error {
	words := []string{a.summary}
	if a.flag == "" {
		words[0] = complaint(talk)
	}
	for l := range strings.Lines(string(talk)) {
		if said, ok := strings.CutPrefix(l, "remote:"); ok && strings.TrimSpace(said) != "" {
			words = append(words, strings.TrimSpace(said))
		}
	}
	if text := c.clean(strings.Join(words, "; ")); text != "" {
		return fmt.Errorf("%w: %s", ErrRefused, text)
	}
	return fmt.Errorf("%w: git push: %w", ErrRefused, err)
}
