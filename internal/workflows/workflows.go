// Package workflows holds the workflows of GitHub that a project begins with: the gate
// of pull requests, the refresh of the baseline, and the comment on pull requests from
// forks. It writes no file.
package workflows

import (
	"cmp"
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Placeholder is the action in the workflows where nobody knows whose it is.
const Placeholder = "OWNER/speedgate@v1"

// Options is what the workflows are made for.
type Options struct {
	Action  string   // OWNER/NAME@REVISION of the action; "" = [Placeholder]
	Results []string // patterns of the result files that the config reads
	// Profiles are the tests of the config. With some there is a workflow that runs them.
	Profiles []Profile
	Branch   string // default branch of the repository; "" = main or master, as it is called
}

// File is a workflow.
type File struct {
	Name string // path below the root of the repository
	Data []byte
}

//go:embed performance.yml
var gate string

//go:embed performance-baseline.yml
var refresh string

//go:embed performance-comment.yml
var comment string

// marker stands where the project is measured.
const marker = "      # MEASURE\n"

// Starter returns commented workflows, in the order in which a reader needs them.
func Starter(o Options) []File {
	replacer := strings.NewReplacer(marker, measure(o.Results), Placeholder, cmp.Or(o.Action, Placeholder), anyBranch, branches(o.Branch))
	file := func(name, source string) File {
		return File{".github/workflows/" + name, []byte(replacer.Replace(source))}
	}
	profiles := file("performance-profiles.yml", profilesFile(o.Profiles))
	if len(o.Profiles) > 0 && len(o.Results) == 0 {
		return []File{profiles} // nothing else is measured
	}
	files := []File{file("performance.yml", gate), file("performance-baseline.yml", refresh), file("performance-comment.yml", comment)}
	if len(o.Profiles) > 0 {
		files = append(files, profiles)
	}
	return files
}

// anyBranch are the branches whose pushes refresh the baseline where nobody knows better.
const anyBranch = "branches: [main, master]"

// patternEscaper escapes what git allows in a branch and GitHub takes for a part of a
// pattern, and what ends the quotes.
var patternEscaper = strings.NewReplacer("+", `\+`, "!", `\!`, "'", "''")

// branches returns the filter for pushes to one branch.
func branches(name string) string {
	if name == "" {
		return anyBranch
	}
	return "branches: ['" + patternEscaper.Replace(name) + "']"
}

const (
	measureHead = `      # Writes what speedgate.yml reads. With bash named, a command that fails in front
      # of a pipe fails the step.
      - name: Measure
        shell: bash
        run: |
`
	indent = "          "
)

// unknown is the script where a result could be anything's: a gate that measures
// nothing must not look green.
const unknown = "echo 'Put in here what writes the results that speedgate.yml reads.' && exit 1"

// plainPath is a path that is the same text in YAML and for a shell.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./-]*$`)

// measure returns the steps that write the result files.
func measure(results []string) string {
	var setup string
	var script []string
	for _, kind := range kinds {
		if lines := kind.lines(results); len(lines) > 0 {
			setup += kind.setup
			script = append(script, kind.before...)
			script = append(script, lines...)
		}
	}
	if len(script) == 0 || slices.ContainsFunc(results, isUnknown) {
		script = append(script, unknown)
	}
	return setup + measureHead + indent + strings.Join(script, "\n"+indent) + "\n"
}

const pythonSetup = `      - uses: actions/setup-python@v5
        with:
          python-version: "3"
`

// kind is a way to measure, known by the end of the file that it writes.
type kind struct {
	ending string
	setup  string                   // steps before
	before []string                 // lines of the script before
	write  func(file string) string // the line that writes a file
}

var kinds = []kind{
	{
		ending: ".txt",
		setup: `      - uses: actions/setup-go@v5
        with:
          go-version: stable
`,
		write: func(file string) string { return "go test -run '^$' -bench . -count 5 ./... | tee " + file },
	},
	{
		ending: "_stats.csv",
		setup:  pythonSetup,
		before: []string{"pip install locust", "# Start the service here, in the background, and wait until it answers."},
		write: func(file string) string {
			return "locust --headless --host http://localhost:8080 --users 50 --spawn-rate 10 --run-time 2m --csv " + strings.TrimSuffix(file, "_stats.csv")
		},
	},
}

// lines returns the lines that write the results of this kind.
func (k kind) lines(results []string) []string {
	var lines []string
	for _, file := range results {
		if isUnknown(file) || !strings.HasSuffix(file, k.ending) {
			continue
		}
		if dir := "mkdir -p " + path.Dir(file); dir != "mkdir -p ." && !slices.Contains(lines, dir) {
			lines = append(lines, dir)
		}
		lines = append(lines, k.write(file))
	}
	return lines
}

// isUnknown reports whether nobody knows what writes a result file.
func isUnknown(file string) bool {
	return !plainPath.MatchString(file) || !slices.ContainsFunc(kinds, func(k kind) bool { return strings.HasSuffix(file, k.ending) })
}
