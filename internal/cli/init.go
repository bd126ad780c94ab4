package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"speedgate/internal/config"
	"speedgate/internal/git"
	"speedgate/internal/workflows"
	"speedgate/parsers"
	"speedgate/perf"
)

const (
	// maxInitFiles bounds how many files init looks into: a repository with more
	// candidates is better described by hand.
	maxInitFiles = 20_000
	// schemaFile is where init puts the schema of the config, for editors.
	schemaFile = ".speedgate/config.schema.json"
)

// skippedDirs hold no results, or those of others.
var skippedDirs = []string{".git", ".hg", ".svn", "node_modules", "vendor", "third_party", "testdata", ".venv", "venv", "__pycache__", ".cache", "coverage"}

// resultNames are the endings that result files have.
var resultNames = regexp.MustCompile(`(?i)\.(csv|txt|json|out|log|bench|html)$`)

// runInit writes a config for the results that lie below the working directory, and
// with --github workflows that use it.
func runInit(s *session, ctx context.Context, o options) error {
	_, err := os.Lstat(config.DefaultFile)
	exists := err == nil
	if exists && !o.on["force"] && !o.on["github"] {
		return usagef("%s exists already; --force replaces it", config.DefaultFile)
	}
	var tests workflows.Options
	if exists && !o.on["force"] {
		s.talk("%s exists already and is left as it is", config.DefaultFile)
		tests, err = configTests()
	} else {
		tests.Results, err = s.initConfig()
	}
	if err != nil {
		return err
	}
	if o.on["github"] {
		return s.initGithub(ctx, tests)
	}
	_, err = fmt.Fprintln(s.Stdout, "next: speedgate check, then speedgate update to accept these results as the baseline")
	return err
}

// initConfig writes the config with its schema, and returns the patterns of the
// results that it reads.
func (s *session) initConfig() ([]string, error) {
	found, err := findResults(".")
	if err != nil {
		return nil, err
	}
	starter := config.StarterOptions{Schema: schemaFile, Baseline: config.DefaultBaseline, Suites: starterSuites(found)}
	if len(starter.Suites) == 0 {
		starter.Suites = []config.StarterSuite{{Name: defaultSuite, Results: []string{"results/*"}}}
		s.talk("no results found here; the suite in %s reads results/*, change it to where yours are", config.DefaultFile)
	}
	files := map[string][]byte{config.DefaultFile: config.Starter(starter), schemaFile: config.Schema()}
	for _, name := range []string{schemaFile, config.DefaultFile} {
		err := writeFile(name, func(w io.Writer) error {
			_, err := w.Write(files[name])
			return err
		})
		if err != nil {
			return nil, withCode(ExitUsage, err)
		}
		fmt.Fprintf(s.Stdout, "wrote %s\n", name)
	}
	var results []string
	for _, suite := range starter.Suites {
		fmt.Fprintf(s.Stdout, "suite %s reads %s\n", suite.Name, strings.Join(suite.Results, ", "))
		results = append(results, suite.Results...)
	}
	return results, nil
}

// configTests returns the results that the config reads, but for those that a profile
// makes, and its profiles.
func configTests() (tests workflows.Options, err error) {
	data, err := os.ReadFile(config.DefaultFile)
	if err != nil {
		return tests, withCode(ExitUsage, fileError(config.DefaultFile, err))
	}
	file, err := config.Parse(data, config.DefaultFile)
	if err != nil {
		return tests, withCode(ExitUsage, err)
	}
	for _, suite := range file.Suites {
		for _, p := range suite.Results {
			if suite.Profile == "" {
				tests.Results = append(tests.Results, p.String())
			}
		}
	}
	for _, p := range file.Profiles {
		d := (p.Shape.Duration + p.Shape.Warmup) * time.Duration(max(1, len(p.Steps.Values)))
		tests.Profiles = append(tests.Profiles, workflows.Profile{
			Name: p.Name, Kind: string(p.Shape.Kind), Cron: p.Shape.Kind.Cron(), Duration: d,
			Locust: p.Driver == config.DriverLocust, Starts: p.Start != "" || p.Driver == config.DriverCommand,
		})
	}
	return tests, nil
}

// action is OWNER/NAME@REVISION of the release's action, set by the linker; "" = unknown.
var action = ""

// initGithub writes workflows. One that exists is the user's, and is left as it is.
func (s *session) initGithub(ctx context.Context, tests workflows.Options) error {
	if root, err := git.Root(ctx, "."); err == nil && identity(root) != identity(".") {
		return usagef("GitHub looks for workflows in the root of the repository; run init --github in %s", root)
	}
	tests.Action, tests.Branch = action, s.pushedBranch(ctx)
	for _, f := range workflows.Starter(tests) {
		switch err := writeNew(f.Name, f.Data); {
		case errors.Is(err, fs.ErrExist):
			s.talk("%s exists already and is left as it is", f.Name)
		case err != nil:
			return withCode(ExitUsage, err)
		default:
			fmt.Fprintf(s.Stdout, "wrote %s\n", f.Name)
		}
	}
	if action == "" {
		s.talk("put the action's repository in the place of %s", workflows.Placeholder)
	}
	_, err := fmt.Fprintln(s.Stdout, "next: read the workflows, above all the step Measure, and commit them; the first run on the main branch makes the baseline")
	return err
}

// pushedBranch returns the default branch of the repository, on which the baseline is
// refreshed: as the clone remembers it, else the one that is checked out; "" outside of a
// clone.
func (s *session) pushedBranch(ctx context.Context) string {
	if branch, err := git.KnownDefault(ctx, ".", remoteName); err == nil && branch != "" {
		return branch
	}
	branch, err := git.Branch(ctx, ".")
	if err != nil || branch == "" {
		return ""
	}
	s.talk("the clone does not know the default branch of its remote; %s is taken for it", branch)
	return branch
}

// writeNew writes a file that does not exist yet; the error wraps [fs.ErrExist] if it
// does.
func writeNew(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fileWriteError(name, err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fileWriteError(name, err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return fileWriteError(name, err)
	}
	return nil
}

// resultFile is a file that init found.
type resultFile struct {
	name   string // with slashes
	format string
	source perf.Source
	note   string // for the config, "" if the format says all
}

// findResults returns the result files below root, in the order of their names.
func findResults(root string) ([]resultFile, error) {
	var found []resultFile
	looked := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil
		case err != nil:
			return fileError(name, err)
		case d.IsDir() && name != root && (slices.Contains(skippedDirs, d.Name()) || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case !d.Type().IsRegular() || !resultNames.MatchString(d.Name()) || noResultNames.MatchString(d.Name()):
			return nil
		}
		if looked++; looked > maxInitFiles {
			return fs.SkipAll
		}
		if f := readResult(name); f.format != "" {
			found = append(found, f)
		}
		return nil
	})
	return oneOfEach(found), withCode(ExitInput, err)
}

// oneOfEach leaves out the files that say in another format what one of the others says.
func oneOfEach(found []resultFile) []resultFile {
	sources := make([]perf.Source, len(found))
	for i := range found {
		sources[i] = found[i].source
	}
	var kept []resultFile
	for i, spare := range parsers.Spare(sources) {
		if spare < 0 {
			kept = append(kept, found[i])
		}
	}
	return kept
}

// noResultNames are names of JSON files that hold numbers and no results: settings and
// locks of package managers and build tools, schemas, coverage, and baselines, which are
// what results are compared with.
var noResultNames = regexp.MustCompile(`(?i)baseline.*\.json$|coverage.*\.json$|schema.*\.json$|(^|[._-])(package|composer|lock|manifest|` +
	`tsconfig|jsconfig|config|settings|swagger|openapi|renovate|lerna|nx|angular|deno|vercel|turbo|launch|tasks)([._-].*)?\.json$`)

// readResult reads a file whole, as a config must work on what it names. Its format is
// "" if it holds no results.
func readResult(name string) resultFile {
	runs, _, err := parsers.Read(withSiblings([]parsers.Input{fileInput(name)}), "", parsers.Options{})
	if err != nil || len(runs) == 0 {
		return resultFile{}
	}
	f := resultFile{name: filepath.ToSlash(name), format: runs[0].Source.Format, source: runs[0].Source}
	if f.format == parsers.FormatJSON {
		if !isMeasured(f.name, runs[0]) {
			return resultFile{}
		}
		f.note = "JSON, " + runs[0].Source.Rule
	}
	return f
}

// hintedNames are names of files or folders that hold results.
var hintedNames = regexp.MustCompile(`(?i)bench|perf|result|latenc|stress|timing|throughput|(^|[/._-])load`)

// isMeasured reports whether numbers of JSON are surely measurements. JSON with numbers is
// everywhere, and a key such as poll_seconds is a setting: a percentile, a throughput, a
// cost of an operation or an average time tells results from it, or any time or rate in a
// file whose name says so.
func isMeasured(name string, run *perf.Run) bool {
	isHinted := hintedNames.MatchString(name)
	return slices.ContainsFunc(run.Series, func(s perf.Series) bool {
		dim := s.Unit.Dimension()
		isTimed := dim == perf.DimensionTime || dim == perf.DimensionRate
		switch metric := s.Key.Metric; metric {
		case perf.Throughput, perf.TimePerOp:
			return true
		case perf.LatencyAvg:
			return isTimed
		default:
			q, isQuantile := perf.Quantile(metric)
			return isQuantile && q > 0 && q < 1 || isHinted && isTimed
		}
	})
}

// starterSuites makes a suite for each folder and family of formats.
func starterSuites(found []resultFile) []config.StarterSuite {
	suites := map[string]config.StarterSuite{}
	for _, f := range found {
		family, _, _ := strings.Cut(f.format, "-")
		name := suiteName(path.Dir(f.name), family)
		s, ok := suites[name]
		if !ok {
			s = config.StarterSuite{Name: name, Notes: map[string]string{}}
		}
		p := patternFor(f.format, f.name)
		if !slices.Contains(s.Results, p) {
			s.Results = append(s.Results, p)
		}
		s.Notes[p] = f.note
		suites[name] = s
	}
	list := make([]config.StarterSuite, 0, len(suites))
	for _, name := range slices.Sorted(maps.Keys(suites)) {
		slices.Sort(suites[name].Results)
		list = append(list, suites[name])
	}
	return list
}

// families are the names of suites by the first word of their format.
var families = map[string]string{"locust": "load", "go": "bench"}

var badInName = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

func suiteName(dir, family string) string {
	name := families[family]
	if name == "" {
		name = family
	}
	if dir != "." {
		name += "-" + strings.Trim(badInName.ReplaceAllString(dir, "-"), "-.")
	}
	return name[:min(len(name), 64)]
}

// patternFor returns what the config reads a file by: the file of a Locust test
// that its siblings are found from, else the file itself.
func patternFor(format, name string) string {
	for _, ending := range []string{"_stats_history.csv", "_failures.csv", "_exceptions.csv"} {
		if prefix, ok := strings.CutSuffix(name, ending); ok && strings.HasPrefix(format, "locust-") {
			return prefix + "_stats.csv"
		}
	}
	return name
}
