package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"speedgate/parsers/decode"
	"speedgate/perf"
)

// Input is a file to read.
type Input struct {
	// Name stands for the file in messages; formats that spread a run over several
	// files find its neighbours by it.
	Name string
	Open func() (io.ReadCloser, error)
	// Optional marks a file that the user did not name: one of a folder, or one
	// found beside another. If no format knows it, it is left out with a warning.
	Optional bool
	// Skip says why the input is left out without being opened, which a warning tells;
	// "" for those that are read.
	Skip string
	// Labels are added to every series of the file.
	Labels map[string]string
}

// part is what one input gave.
type part struct {
	run    *perf.Run
	format *Format
	input  *Input
}

// Read reads inputs and returns one run for each invocation of a test: files that
// belong together are joined, and of those that say the same in another format the one
// that says most is taken. Runs are sorted, checked and in the order of their
// first file.
//
// format is "" for detection by content, the name of a format, or what the names
// of a family begin with ("locust"). Errors of all inputs are joined, in input
// order; warnings that belong to no run are returned beside.
func Read(inputs []Input, format string, o Options) ([]*perf.Run, []perf.Warning, error) {
	candidates, err := named(format)
	if err != nil {
		return nil, nil, err
	}
	parts := make([]part, len(inputs))
	errs := make([]error, len(inputs))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range inputs {
		g.Go(func() error {
			parts[i], errs[i] = readOne(&inputs[i], candidates, o)
			return nil
		})
	}
	_ = g.Wait() // each goroutine keeps its error in its own slot
	warnings := skipUnknown(inputs, errs)
	if err := errors.Join(errs...); err != nil {
		return nil, warnings, err
	}
	runs, err := join(parts)
	runs, spare := once(runs)
	return runs, append(warnings, spare...), err
}

// named returns the formats that --format allows.
func named(format string) ([]Format, error) {
	if format == "" {
		return formats, nil
	}
	var family []Format
	for _, f := range formats {
		if f.Name == format {
			return []Format{f}, nil
		}
		if strings.HasPrefix(f.Name, format+"-") {
			family = append(family, f)
		}
	}
	if family == nil {
		return nil, fmt.Errorf("%q is %w; `speedgate formats` lists them", format, ErrNoSuchFormat)
	}
	return family, nil
}

// ErrNoSuchFormat is wrapped by the error for the name of a format that does not
// exist.
var ErrNoSuchFormat = errors.New("not the name of a format")

// Detect returns the name of the format of r, "" if none or several recognise it.
func Detect(r io.Reader) string {
	head, err := decode.NewReader(r).Peek(decode.HeadSize)
	if err != nil {
		return ""
	}
	f, _, err := detect(head, formats, "")
	if err != nil {
		return ""
	}
	return f.Name
}

// ErrUnknownFormat is wrapped by the error for an input that no format knows.
var ErrUnknownFormat = errors.New("not a format that this version reads; `speedgate formats` lists those")

// skipUnknown turns unknown optional inputs into warnings, and tells of those that the
// caller leaves out.
func skipUnknown(inputs []Input, errs []error) []perf.Warning {
	var warnings []perf.Warning
	for i, err := range errs {
		var why string
		switch {
		case inputs[i].Skip != "":
			why = inputs[i].Skip
		case !inputs[i].Optional:
			continue
		case errors.Is(err, errOwn):
			why = errOwn.Error()
		case errors.Is(err, ErrUnknownFormat), errors.Is(err, errEmpty):
			why = "no result file"
		default:
			continue
		}
		warnings = append(warnings, perf.Warning{Pos: perf.Pos{File: inputs[i].Name}, Msg: "left out: " + why})
		errs[i] = nil
	}
	return warnings
}

// errOwn is the error for what speedgate itself wrote: its numbers are those of other
// results, which they would be compared with.
var errOwn = errors.New("a baseline or report of speedgate, not results")

// ownSchema recognises both, wherever a formatter has put the schema.
var ownSchema = regexp.MustCompile(`"schema"\s*:\s*"speedgate\.(baseline|report)/v\d+"`)

// isOwn reports whether an input is one that speedgate wrote. The search for a part
// of the schema's name spares large results the regular expression.
func isOwn(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")) && bytes.Contains(head, []byte(`"speedgate.`)) && ownSchema.Match(head)
}

var errEmpty = fmt.Errorf("the file is empty: %w", perf.ErrNoResults)

func readOne(in *Input, candidates []Format, o Options) (p part, err error) {
	if in.Skip != "" {
		return part{}, nil
	}
	f, err := in.Open()
	if err != nil {
		return part{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := decode.NewReader(f)
	r.Name = in.Name
	head, err := r.Peek(decode.HeadSize)
	if err != nil {
		return part{}, err
	}
	if len(head) < decode.HeadSize && len(bytes.TrimSpace(head)) == 0 {
		return part{}, &perf.InputError{Pos: perf.Pos{File: in.Name}, Msg: "nothing to read", Err: errEmpty}
	}
	if isOwn(head) {
		return part{}, &perf.InputError{Pos: perf.Pos{File: in.Name}, Msg: "cannot be checked", Err: errOwn}
	}
	format, rule, err := detect(head, candidates, in.Name)
	if err != nil {
		return part{}, err
	}
	run, err := format.Parse(r, in.Name, o)
	if err != nil {
		return part{}, err
	}
	run.Warnings = append(run.Warnings, r.Warnings()...)
	describe(run, in, format, rule)
	return part{run, format, in}, nil
}

// describe completes what the parser of one file cannot know.
func describe(run *perf.Run, in *Input, format *Format, rule string) {
	run.Source.Files = []string{in.Name}
	run.Source.Format = format.Name
	if run.Source.Rule == "" {
		run.Source.Rule = rule
	}
	for name, value := range in.Labels {
		for i := range run.Series {
			run.Series[i].Key.Labels = run.Series[i].Key.Labels.With(name, value)
		}
	}
}

// detect asks every candidate. One yes owns the input.
func detect(head []byte, candidates []Format, name string) (*Format, string, error) {
	if len(candidates) == 1 {
		return &candidates[0], "chosen by --format", nil
	}
	var found []*Format
	var rule string
	for i := range candidates {
		if r := candidates[i].Sniff(head); r != "" {
			found, rule = append(found, &candidates[i]), r
		}
	}
	at := perf.Pos{File: name}
	switch len(found) {
	case 1:
		return found[0], rule, nil
	case 0:
		return nil, "", &perf.InputError{Pos: at, Msg: "not recognised", Err: unknown(head)}
	}
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = f.Name
	}
	return nil, "", perf.Errorf(at, "looks like %s; choose one with --format", strings.Join(names, " and "))
}

// join joins the parts of each invocation and checks the runs.
func join(parts []part) ([]*perf.Run, error) {
	parts = slices.DeleteFunc(parts, func(p part) bool { return p.run == nil })
	var runs []*perf.Run
	var errs []error
	for _, group := range grouped(parts) {
		run, err := joinGroup(group)
		if err == nil {
			run.Sort()
			err = run.Check()
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		runs = append(runs, run)
	}
	return runs, errors.Join(errs...)
}

func joinGroup(group []part) (*perf.Run, error) {
	if group[0].format.Join == nil {
		return group[0].run, nil
	}
	list := make([]*perf.Run, len(group))
	for i, p := range group {
		list[i] = p.run
	}
	return group[0].format.Join(list)
}

// grouped collects the parts of each invocation, in the order of its first part.
func grouped(parts []part) [][]part {
	var groups [][]part
	index := map[string]int{}
	for _, p := range parts {
		if p.format.Group == nil {
			groups = append(groups, []part{p})
			continue
		}
		key := p.format.Group(p.input.Name)
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}

// Siblings returns the names of the files that the test which wrote name may have
// written beside it, as the names of its format's files say; none are opened.
func Siblings(name string) []string {
	var names []string
	for _, f := range formats {
		if f.Siblings == nil {
			continue
		}
		for _, s := range f.Siblings(name) {
			if !slices.Contains(names, s) {
				names = append(names, s)
			}
		}
	}
	return names
}
