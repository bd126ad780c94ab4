package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// onlineTimeout is for one command that speaks to a remote.
const onlineTimeout = 2 * time.Minute

// Read returns a file as [Show] does and, if the clone lacks the commit or the
// content of the file, as [Fetch] does.
func Read(ctx context.Context, dir, remote, ref, file string) ([]byte, error) {
	data, err := Show(ctx, dir, ref, file)
	if !errors.Is(err, ErrNoRef) && !errors.Is(err, errNotHere) {
		return data, err
	}
	fetched, fetchErr := Fetch(ctx, dir, remote, ref, file)
	if fetchErr == nil || errors.Is(fetchErr, ErrNoFile) {
		return fetched, fetchErr
	}
	return nil, fmt.Errorf("%w; %w", err, fetchErr)
}

// Fetch returns a file as it is in a revision of a remote of the clone in dir, for
// revisions that the clone does not have. remote is a name from the clone's config,
// ref a branch, a tag, a full name such as "refs/pull/7/merge", or a full hash, if
// the server hands out commits by hash; a branch goes before a tag of the same name.
// file is relative to dir, or absolute inside the work tree.
//
// The clone stays as it is: a full one is not made shallow, and nothing is added to
// its objects, refs and config.
//
// The error wraps [ErrNoRef] if the remote has no such revision, and [ErrNoFile] if
// the revision has no such file.
func Fetch(ctx context.Context, dir, remote, ref, file string) ([]byte, error) {
	r, err := open(ctx, dir, remote)
	if err != nil {
		return nil, err
	}
	name, err := inTree(ctx, dir, file)
	if err != nil {
		return nil, err
	}
	if err := checkName(ctx, dir, ref); err != nil {
		return nil, err
	}
	data, err := r.read(ctx, ref, name)
	if err != nil {
		return nil, fmt.Errorf("%s at %s of %s: %w", file, ref, remote, err)
	}
	return data, nil
}

func (r *remote) read(ctx context.Context, ref, name string) ([]byte, error) {
	want, err := r.locate(ctx, ref)
	if err != nil {
		return nil, err
	}
	s, got, err := r.get(ctx, want, name)
	if err == nil {
		s.close()
		return got.data, got.absent
	}
	// The server ends a request for a hash that it does not have, or does not hand
	// out, as it ends any other that fails. If it answers at all, it was the hash.
	if isHash(want) && exitCode(err) > 0 {
		if _, e := r.refs(ctx, "HEAD"); e == nil {
			return nil, fmt.Errorf("%w %q: %w", ErrNoRef, ref, err)
		}
	}
	return nil, err
}

// remote is a remote of the user's clone, with what it takes to reach it.
type remote struct {
	name   string
	format string // of hashes
	// online runs in the root of the clone, where the relative paths of its config
	// begin.
	online   command
	settings []setting
}

// open looks the remote up in the config of the clone in dir. Its URL stays in
// there: it can hold a token, and everybody can see the arguments of a program.
func open(ctx context.Context, dir, name string) (*remote, error) {
	if err := checkRef(name); err != nil {
		return nil, fmt.Errorf("%q is not the name of a remote", name)
	}
	out, err := local(dir).line(ctx, "rev-parse", "--show-object-format", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	format, root, _ := strings.Cut(out, "\n")
	c := local(filepath.FromSlash(root))
	c.env = inherit(onlineEnvironment(os.Environ()), os.Environ(), isSetting)
	settings, err := c.settings(ctx)
	if err != nil {
		return nil, err
	}
	c.timeout, c.secrets = onlineTimeout, settingSecrets(settings)
	r := &remote{name: name, format: format, online: c, settings: settings}
	if !r.isSetUp() {
		return nil, fmt.Errorf("the clone has no remote %q", name)
	}
	return r, nil
}

// isSetUp reports whether the config has a URL for the remote. Without this check
// git would take the name for a path.
func (r *remote) isSetUp() bool {
	for _, s := range r.settings {
		if s.key == "remote."+r.name+".url" {
			return true
		}
	}
	return false
}

// refs returns the hashes of those of the named refs that the remote has now.
func (r *remote) refs(ctx context.Context, names ...string) (map[string]string, error) {
	out, err := r.online.run(ctx, append([]string{"ls-remote", r.name}, names...)...)
	if err != nil {
		return nil, err
	}
	hashes := map[string]string{}
	for l := range strings.Lines(string(out)) {
		hash, name, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "\t")
		hashes[name] = hash
	}
	return hashes, nil
}

// DefaultBranch returns the short name of a remote's default branch and the full
// hash of its newest commit. The error wraps [ErrNoRef] if the remote has none, or
// does not say.
func DefaultBranch(ctx context.Context, dir, remote string) (branch, commit string, err error) {
	r, err := open(ctx, dir, remote)
	if err != nil {
		return "", "", err
	}
	out, err := r.online.run(ctx, "ls-remote", "--symref", remote, "HEAD")
	if err != nil {
		return "", "", err
	}
	// The answer reads "ref: refs/heads/main\tHEAD\n1234abcd\tHEAD\n".
	for l := range strings.Lines(string(out)) {
		value, name, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "\t")
		target, isLink := strings.CutPrefix(value, "ref: refs/heads/")
		switch {
		case name != "HEAD":
		case isLink:
			branch = target
		default:
			commit = value
		}
	}
	if branch == "" || commit == "" {
		return "", "", fmt.Errorf("the default branch of %s: %w", remote, ErrNoRef)
	}
	return branch, commit, nil
}

// locate returns the full name of what ref means at the remote; a hash is returned
// as it is.
func (r *remote) locate(ctx context.Context, ref string) (string, error) {
	if isHash(ref) {
		return ref, nil
	}
	names := []string{"refs/heads/" + ref, "refs/tags/" + ref}
	if ref == "HEAD" || strings.HasPrefix(ref, "refs/") {
		names = []string{ref}
	}
	hashes, err := r.refs(ctx, names...)
	if err != nil {
		return "", err
	}
	for _, n := range names {
		if hashes[n] != "" {
			return n, nil
		}
	}
	return "", ErrNoRef
}

var hashForm = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

func isHash(ref string) bool { return hashForm.MatchString(ref) }

// checkName refuses what can be no name of a branch or another ref of a remote,
// such as the expressions that a clone resolves.
func checkName(ctx context.Context, dir, ref string) error {
	if err := checkRef(ref); err != nil {
		return err
	}
	// The last word is with git. What stands before makes an option of no name.
	_, err := local(dir).run(ctx, "check-ref-format", "refs/heads/"+ref)
	if exitCode(err) == 1 {
		return fmt.Errorf("%q is not the name of a branch or tag of a remote", ref)
	}
	return err
}

// revision is a fetched commit, with the file that was asked for.
type revision struct {
	commit string
	file   entry
	data   []byte
	absent error // wraps ErrNoFile if the commit has no such file
}

// get fetches a ref or hash into a new scratch repository, which the caller closes,
// and reads a file of it. It asks for the commit without the contents of files, then
// for the one file. Some servers fail one of the two; they are asked again for all.
func (r *remote) get(ctx context.Context, want, name string) (s *scratch, got revision, err error) {
	for _, filter := range []string{"--filter=blob:none", "--no-filter"} {
		if s, err = r.scratch(ctx); err != nil {
			return nil, revision{}, err
		}
		if got, err = s.fetch(ctx, filter, want, name); err == nil {
			return s, got, nil
		}
		s.close()
		if exitCode(err) <= 0 {
			break
		}
	}
	return nil, revision{}, err
}

// scratch is a bare repository of our own, in which git fetches, commits and pushes
// in place of the clone. What git needs to know of the clone's config it gets by its
// environment.
type scratch struct {
	remote *remote
	dir    string
	local  command // without access to the remote
	online command
}

func (r *remote) scratch(ctx context.Context) (s *scratch, err error) {
	dir, err := os.MkdirTemp("", "speedgate-git-")
	if err != nil {
		return nil, err
	}
	s = &scratch{remote: r, dir: dir}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	c := r.online
	c.env = onlineEnvironment(os.Environ())
	// No template: that of the user can hold hooks and settings.
	if _, err := c.run(ctx, "init", "--quiet", "--bare", "--template=", "--object-format="+r.format, dir); err != nil {
		return nil, err
	}
	c.env = append(c.env, "GIT_DIR="+dir)
	known, err := c.settings(ctx)
	if err != nil {
		return nil, err
	}
	more := beyond(r.settings, known, r.name)
	s.online, s.local = c, c
	s.online.env = slices.Concat(c.env, byEnvironment(more))
	// Without a remote to reach, git needs to know who commits, and no login.
	more = slices.DeleteFunc(more, func(s setting) bool { return !isIdentity(s.key) })
	s.local.env, s.local.timeout = slices.Concat(c.env, offline, byEnvironment(more)), timeout
	return s, nil
}

// close removes the repository. A failure leaves some files in the folder for
// temporary files, which is no reason to report a finished push as failed.
func (s *scratch) close() { _ = os.RemoveAll(s.dir) }

// fetch fetches want and reads the file at name.
func (s *scratch) fetch(ctx context.Context, filter, want, name string) (got revision, err error) {
	_, err = s.online.run(ctx, "fetch", "--quiet", "--depth=1", filter, "--no-tags", "--no-recurse-submodules", s.remote.name, want)
	if err != nil {
		return revision{}, err
	}
	got.commit, err = s.local.line(ctx, "rev-parse", "--verify", "FETCH_HEAD^{commit}")
	if err != nil {
		return revision{}, err
	}
	got.file, err = find(ctx, s.online, got.commit, name)
	if errors.Is(err, ErrNoFile) {
		got.absent = err
		return got, nil
	}
	if err != nil {
		return revision{}, err
	}
	got.data, err = got.file.read(ctx, s.online)
	return got, err
}

// setting is an entry of git's config.
type setting struct{ key, value string }

// settings returns all settings that hold where c runs.
func (c command) settings(ctx context.Context) ([]setting, error) {
	out, err := c.run(ctx, "config", "--list", "--includes", "-z")
	if err != nil {
		return nil, err
	}
	var all []setting
	for entry := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		key, value, hasValue := strings.Cut(entry, "\n")
		if !hasValue {
			value = "true" // what a key alone means
		}
		all = append(all, setting{key, value})
	}
	return all, nil
}

// beyond returns those settings of a clone that a scratch repository needs and does
// not know already from the files of user and system. Handing over those would set
// them twice, and GitHub, for one, refuses requests with the same header twice.
func beyond(clone, known []setting, remote string) []setting {
	left := map[setting]int{}
	for _, s := range known {
		left[s]++
	}
	var more []setting
	for _, s := range clone {
		switch {
		case left[s] > 0:
			left[s]--
		case isNeeded(s.key, remote):
			more = append(more, s)
		}
	}
	return more
}

// isNeeded reports whether a setting says how a remote is reached, or who commits.
func isNeeded(key, remote string) bool {
	section, rest, _ := strings.Cut(key, ".")
	switch section {
	case "http", "credential", "url", "ssh":
		return true
	case "core":
		return rest == "sshcommand" || rest == "askpass" || rest == "gitproxy"
	case "remote":
		name, isOurs := strings.CutPrefix(rest, remote+".")
		return isOurs && (name == "url" || name == "pushurl" || name == "proxy" || name == "proxyauthmethod")
	}
	return isIdentity(key)
}

// isIdentity reports whether a setting says who commits.
func isIdentity(key string) bool {
	section, _, _ := strings.Cut(key, ".")
	return section == "user" || section == "author" || section == "committer"
}

// byEnvironment returns the variables that give git the settings. A file would
// leave credentials on the disk when we are killed.
func byEnvironment(settings []setting) []string {
	env := []string{"GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings))}
	for i, s := range settings {
		n := strconv.Itoa(i)
		env = append(env, "GIT_CONFIG_KEY_"+n+"="+s.key, "GIT_CONFIG_VALUE_"+n+"="+s.value)
	}
	return env
}
