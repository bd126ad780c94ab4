package locust

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"speedgate/report/safetext"
	"speedgate/runner/child"
)

// Program is an installed Locust.
type Program struct {
	Path    string
	Version Version
}

// Version is that of a release of Locust.
type Version struct{ Major, Minor, Patch int }

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

func (v Version) compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch))
}

// oldest is the first version that has --processes. All the rest, several locustfiles
// included, which [flushFile] needs, is older.
var oldest = Version{2, 19, 0}

// writesJSON reports whether there is --json-file. It came with 2.37.0, was lost in
// 2.37.1 and came back with 2.37.10.
func (v Version) writesJSON() bool {
	return v == Version{2, 37, 0} || v.compare(Version{2, 37, 10}) >= 0
}

// versionTime is how long Locust may take to say its version. A cold start loads some
// hundred files of Python.
const versionTime = time.Minute

var versionLine = regexp.MustCompile(`(?m)^locust (\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?`)

// install is what to do without Locust.
const install = `install it with "pip install locust" (in CI, at a fixed version), or name its program in the profile`

// Find returns the Locust of a name, looked up in the PATH as programs are, or of a
// path; "" stands for locust. environ are the variables that it gets.
func Find(ctx context.Context, name string, environ []string) (Program, error) {
	name = cmp.Or(name, "locust")
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return Program{}, fmt.Errorf("there is no program %q: %s", name, install)
	}
	if err == nil {
		path, err = filepath.Abs(path) // a test may run in another folder
	}
	if err != nil {
		return Program{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, versionTime, fmt.Errorf("it says nothing within %s", versionTime))
	defer cancel()
	var out bytes.Buffer
	if err := child.Run(ctx, child.Command{Args: []string{path, "--version"}, Environ: environ, Stdout: &out}); err != nil {
		return Program{}, fmt.Errorf("%s --version: %w", name, withTail(err))
	}
	m := versionLine.FindStringSubmatch(out.String())
	if m == nil {
		first, _, _ := strings.Cut(out.String(), "\n")
		return Program{}, fmt.Errorf("%s --version: expected a version as in locust %s, found %q", name, oldest, safetext.Line(first))
	}
	p := Program{Path: path, Version: Version{number(m[1]), number(m[2]), number(m[3])}}
	if p.Version.compare(oldest) < 0 {
		return Program{}, fmt.Errorf("locust %s is too old: expected %s or newer", p.Version, oldest)
	}
	return p, nil
}

// number returns what a few digits say; none say 0.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// maxTailLines is how many of the last lines of a program stand in an error.
const maxTailLines = 10

// withTail puts the last lines of a program that failed into its error, made harmless.
// An error that wraps that of another program has the lines already.
func withTail(err error) error {
	exit, ok := err.(*child.ExitError)
	if !ok {
		return err
	}
	lines := strings.Split(strings.TrimSpace(exit.Tail), "\n")
	if lines[0] == "" {
		return err
	}
	lines = lines[max(len(lines)-maxTailLines, 0):]
	for i := range lines {
		lines[i] = "\n  " + safetext.Line(strings.TrimRight(lines[i], "\r"))
	}
	return fmt.Errorf("%w; its last lines were:%s", err, strings.Join(lines, ""))
}
