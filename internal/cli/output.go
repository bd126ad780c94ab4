package cli

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"speedgate/gate"
	"speedgate/internal/ci"
	"speedgate/internal/config"
	"speedgate/report"
)

// reportKinds are the renderers that --report chooses from.
var reportKinds = map[string]func(w io.Writer, r *gate.Result, o report.Options) error{
	"markdown":    report.Markdown,
	"json":        func(w io.Writer, r *gate.Result, _ report.Options) error { return report.JSON(w, r) },
	"junit":       func(w io.Writer, r *gate.Result, _ report.Options) error { return report.JUnit(w, r) },
	"openmetrics": func(w io.Writer, r *gate.Result, _ report.Options) error { return report.OpenMetrics(w, r) },
}

// suitePlaceholder stands for the suite's name in the path of a report.
const suitePlaceholder = "{suite}"

// outputs is where the reports of a check go.
type outputs struct {
	s       *session
	table   io.Writer // of the terminal table
	options report.Options
	given   []string // flags that a suggested command must repeat
	reports []reportTarget
}

type reportTarget struct {
	kind, path string
}

// outputs reads the flags about reports, before anything is measured.
func (s *session) outputs(o options, suites []*suite) (*outputs, error) {
	out := &outputs{s: s, table: s.Stdout, given: repeated(o.flags)}
	for _, spec := range o.texts["report"] {
		kind, path, ok := strings.Cut(spec, "=")
		if _, known := reportKinds[kind]; !ok || !known || path == "" {
			return nil, usagef("--report %q is not KIND=PATH with markdown, json, junit or openmetrics as kind", spec)
		}
		if len(suites) > 1 && path != stdinName && !strings.Contains(path, suitePlaceholder) {
			return nil, usagef("--report %s: %d suites would write the same file; put %s into the path", spec, len(suites), suitePlaceholder)
		}
		if path == stdinName {
			if len(suites) > 1 {
				return nil, usagef("--report %s: %d suites would write to one output; put a path with %s", spec, len(suites), suitePlaceholder)
			}
			if out.table != s.Stdout {
				return nil, usagef("only one report can go to standard output")
			}
			out.table = s.Stderr
		}
		out.reports = append(out.reports, reportTarget{kind, path})
	}
	if err := out.protect(suites, o.args); err != nil {
		return nil, err
	}
	width, isTerminal := terminal(out.table)
	out.options = report.Options{
		Width: width, Color: s.colour(isTerminal) && !o.on["no-color"], All: o.on["all"], Quiet: o.on["quiet"],
		Files: o.args, RunURL: s.ciJob().RunURL,
	}
	return out, nil
}

// protect refuses reports that would take the place of what the check reads, or of
// each other.
func (out *outputs) protect(suites []*suite, args []string) error {
	for _, u := range suites {
		taken := map[string]string{}
		take := func(path, what string) {
			if path != stdinName {
				taken[identity(path)] = what
			}
		}
		take(u.settings.Config, "the config")
		take(u.settings.Baseline, "the baseline")
		for _, arg := range args {
			take(arg, "one of the results")
		}
		for _, t := range out.reports {
			path := strings.ReplaceAll(t.path, suitePlaceholder, u.name)
			if what := taken[identity(path)]; what != "" && path != stdinName {
				return usagef("--report %s=%s would replace %s", t.kind, t.path, what)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
				take(path, "another report")
			}
		}
	}
	return nil
}

// identity returns one text for all ways to write a path.
func identity(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real
	}
	return abs
}

// terminal returns the width of the terminal behind w, 0 if there is none.
func terminal(w io.Writer) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return width, true
}

// colour decides by NO_COLOR and FORCE_COLOR, then by the terminal.
func (s *session) colour(isTerminal bool) bool {
	switch {
	case s.env("NO_COLOR") != "":
		return false
	case s.env("FORCE_COLOR") != "" && s.env("FORCE_COLOR") != "0":
		return true
	}
	return isTerminal && s.env("TERM") != "dumb"
}

// writeAll prints the tables of judged suites and writes their reports.
func (out *outputs) writeAll(suites []*suite) error {
	resume, err := out.stopCommands()
	if err != nil {
		return err
	}
	for _, u := range suites {
		if err := out.write(u); err != nil {
			return errors.Join(err, resume())
		}
	}
	return resume()
}

// write prints the table of a judged suite and writes its reports.
func (out *outputs) write(u *suite) error {
	o := out.optionsOf(u)
	errs := []error{report.Terminal(out.table, u.result, o)}
	for _, t := range out.reports {
		errs = append(errs, out.report(t, u, o))
	}
	return errors.Join(errs...)
}

// stopCommands keeps the runner of GitHub from obeying commands in the table, which
// holds names of the change under test. They are harmless already; this is the
// second lock. resume undoes it. A report on standard output stays as it is, as
// another program reads it.
func (out *outputs) stopCommands() (resume func() error, err error) {
	if out.s.ciJob().System != "github" || out.table != out.s.Stdout {
		return func() error { return nil }, nil
	}
	begin, end, err := ci.StopCommands(rand.Read)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(out.table, begin)
	return func() error {
		_, err := io.WriteString(out.table, end)
		return err
	}, err
}

// optionsOf returns the options of the reports on one suite.
func (out *outputs) optionsOf(u *suite) report.Options {
	o := out.options
	o.Rerun, o.Edited, o.Notices, o.Choose = u.settings.Rerun, u.edited, u.notices, u.base.choices
	o.Flags, o.Judge = out.given, u.judgedBy
	if u.name != defaultSuite {
		o.Flags = slices.Concat(o.Flags, []string{"--suite", u.name})
	}
	return o
}

// repeated returns the flags that say what is compared with what: a command without
// them would read, or write, another baseline.
func repeated(flags config.Flags) []string {
	var list []string
	for _, name := range []string{config.OptionConfig, config.OptionBaseline, config.OptionFormat, config.OptionEnvironment} {
		for _, value := range flags[name] {
			list = append(list, "--"+name, value)
		}
	}
	return list
}

func (out *outputs) report(t reportTarget, u *suite, o report.Options) error {
	render := reportKinds[t.kind]
	if t.path == stdinName {
		return render(out.s.Stdout, u.result, o)
	}
	path := strings.ReplaceAll(t.path, suitePlaceholder, u.name)
	return withCode(ExitUsage, writeFile(path, func(w io.Writer) error { return render(w, u.result, o) }))
}

// writeFile writes a file whole or not at all: beside it first, then renamed. A
// device or pipe is written to as it is, and never replaced; a symbolic link to a
// file is refused, as it may lead out of the folder that it stands in.
func writeFile(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, info, write)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
		return fileWriteError(path, errors.New("it is a symbolic link"))
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fileWriteError(path, err)
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fileWriteError(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fileWriteError(path, err), ignoreAbsent(os.Remove(f.Name())))
		}
	}()
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// writeInto writes to what is there already and is no file.
func writeInto(path string, info os.FileInfo, write func(io.Writer) error) error {
	if info.IsDir() {
		return fileWriteError(path, errors.New("it is a folder"))
	}
	f, err := openExisting(path, info)
	if err != nil {
		return fileWriteError(path, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fileWriteError(path, err)
	}
	return nil
}

const (
	// pipeWait is how long a named pipe may wait for its reader, which a script may
	// start at the same time. Opening it would wait for ever, deaf to signals.
	pipeWait = 2 * time.Second
	// pipePoll is how often the reader is looked for.
	pipePoll = 50 * time.Millisecond
)

// openExisting opens a device or a pipe for writing. A pipe that nobody reads is an
// error.
func openExisting(path string, info os.FileInfo) (*os.File, error) {
	if info.Mode()&os.ModeNamedPipe == 0 {
		return os.OpenFile(path, os.O_WRONLY, 0)
	}
	for waited := time.Duration(0); ; waited += pipePoll {
		f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		switch {
		case !errors.Is(err, syscall.ENXIO):
			return f, err
		case waited >= pipeWait:
			return nil, errors.New("nobody reads the pipe")
		}
		time.Sleep(pipePoll)
	}
}

func ignoreAbsent(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
