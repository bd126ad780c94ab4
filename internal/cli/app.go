package cli

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	ucli "github.com/urfave/cli/v2"

	"speedgate/internal/config"
	"speedgate/internal/suggest"
)

// command is a row of the table of commands.
type command struct {
	name     string
	usage    string
	args     string // what stands behind the flags in the usage line
	about    string
	examples [2]string
	flags    []ucli.Flag
	run      func(s *session, ctx context.Context, o options) error
}

// options is what the command line said.
type options struct {
	args  []string     // files and other arguments that are no flags
	flags config.Flags // the options that package config resolves
	on    map[string]bool
	gates bool                // the command judges a change, so that it may not read its own baseline
	texts map[string][]string // every other flag that was given, by name
}

// text returns the value of a flag that was given once, "" if it was not.
func (o options) text(name string) string {
	if v := o.texts[name]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// run parses the command line and runs the command that it names.
func (s *session) run(ctx context.Context) error {
	args, err := s.prepared()
	if err != nil {
		return err
	}
	app := s.app()
	return app.RunContext(ctx, append([]string{app.Name}, args...))
}

// prepared returns the arguments with those of the command in the order that the
// library needs.
func (s *session) prepared() ([]string, error) {
	if len(s.Args) == 0 {
		return []string{"help"}, nil
	}
	name := s.Args[0]
	switch name {
	case "-h", "--help", "help":
		return append([]string{"help"}, s.Args[1:]...), nil
	case "-v", "--version":
		return []string{"version", "--"}, nil
	}
	table := commands()
	i := slices.IndexFunc(table, func(c command) bool { return c.name == name })
	if i < 0 {
		if strings.HasPrefix(name, "-") {
			return nil, usagef("flag %s stands before a command; write: speedgate COMMAND %s", name, strings.Join(s.Args, " "))
		}
		return nil, usagef("unknown command %q%s", name, suggest.DidYouMean(name, commandNames()))
	}
	if slices.ContainsFunc(s.Args[1:], func(a string) bool { return a == "-h" || a == "--help" }) {
		return []string{"help", name}, nil
	}
	args, err := sorted(table[i].flags, s.Args[1:])
	return append([]string{name}, args...), err
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// app builds the library's application, anew for each run, as running changes it.
func (s *session) app() *ucli.App {
	app := &ucli.App{
		Name:                      "speedgate",
		Usage:                     "keep slow code out of the main branch",
		Description:               "Compares the results of load tests and benchmarks with an accepted baseline and\nwith absolute targets, and passes or fails the change.",
		UsageText:                 "speedgate COMMAND [FLAGS] [FILES...]",
		Writer:                    s.Stdout,
		ErrWriter:                 io.Discard, // errors are printed once, by Main
		HideVersion:               true,
		HideHelpCommand:           false,
		DisableSliceFlagSeparator: true, // metric names hold commas
		ExitErrHandler:            func(*ucli.Context, error) {},
		OnUsageError:              onUsageError,
		CustomAppHelpTemplate:     appHelp,
		Action: func(c *ucli.Context) error {
			return usagef("unknown command %q%s", c.Args().First(), suggest.DidYouMean(c.Args().First(), commandNames()))
		},
	}
	for _, c := range commands() {
		app.Commands = append(app.Commands, s.libraryCommand(c))
	}
	return app
}

func onUsageError(_ *ucli.Context, err error, _ bool) error { return withCode(ExitUsage, err) }

func (s *session) libraryCommand(c command) *ucli.Command {
	return &ucli.Command{
		Name:               c.name,
		Usage:              c.usage,
		ArgsUsage:          c.args,
		UsageText:          strings.TrimSpace("speedgate " + c.name + " [FLAGS] " + c.args),
		Description:        c.about + "\n\nExamples:\n  " + strings.Join(c.examples[:], "\n  "),
		Flags:              c.flags,
		HideHelp:           true,
		OnUsageError:       onUsageError,
		CustomHelpTemplate: commandHelp,
		Action: func(ctx *ucli.Context) error {
			o := optionsOf(ctx, c.flags)
			o.gates = c.name == "check" || c.name == "run" || c.name == "publish"
			if c.args == "" && len(o.args) > 0 {
				return usagef("%s takes no arguments, got %q", c.name, o.args[0])
			}
			return c.run(s, ctx.Context, o)
		},
	}
}

// optionsOf reads the flags that were given. Options that package config resolves
// are kept apart, and their variables left to it.
func optionsOf(c *ucli.Context, flags []ucli.Flag) options {
	o := options{args: c.Args().Slice(), flags: config.Flags{}, on: map[string]bool{}, texts: map[string][]string{}}
	for _, f := range flags {
		name := f.Names()[0]
		if !c.IsSet(name) {
			continue
		}
		switch f.(type) {
		case *ucli.BoolFlag:
			o.on[name] = c.Bool(name)
		case *ucli.StringSliceFlag:
			o.put(name, c.StringSlice(name))
		default:
			o.put(name, []string{c.String(name)})
		}
	}
	return o
}

func (o options) put(name string, values []string) {
	if slices.Contains(resolved, name) {
		o.flags[name] = values
		return
	}
	o.texts[name] = values
}

const appHelp = `speedgate: {{.Usage}}

{{.Description}}

Usage: {{.UsageText}}

Commands:
{{range .VisibleCommands}}  {{printf "%-12s" .Name}} {{.Usage}}
{{end}}
Exit codes: 0 pass (or no baseline) · 1 the gate failed · 2 usage or config · 3 results · 4 baseline · 5 publishing

"speedgate COMMAND --help" shows the flags of a command and two examples.
`

const commandHelp = `speedgate {{.Name}}: {{.Usage}}

Usage: {{.UsageText}}

{{.Description}}
{{if .VisibleFlags}}
Flags:
{{range .VisibleFlags}}  {{.}}
{{end}}{{end}}`

// version is set by the linker for releases.
var version = ""

// Version returns the version of the program: that of the release, else what the
// Go tool recorded.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

func runVersion(s *session, _ context.Context, _ options) error {
	_, err := fmt.Fprintf(s.Stdout, "speedgate %s\n", Version())
	return err
}
