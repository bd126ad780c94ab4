package loadtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"speedgate/internal/config"
	"speedgate/parsers"
	"speedgate/perf"
	"speedgate/runner"
	"speedgate/runner/child"
	"speedgate/runner/plan"
)

// commandDriver runs a program that measures by itself.
type commandDriver struct {
	*maker
	calls int
}

// Run runs the command once. Stages differ in their load only, which a command can be
// told.
func (d *commandDriver) Run(ctx context.Context, stages []plan.Stage, live *runner.Live) (runs []*perf.Run, err error) {
	d.calls++
	before, err := d.stamps()
	if err != nil {
		return nil, err
	}
	out, err := d.create(fmt.Sprintf("command-%d.out", d.calls))
	if err != nil {
		return nil, err
	}
	talk, err := d.create(fmt.Sprintf("command-%d.err", d.calls))
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.p.Timeout, errTimeout(d.p.Timeout))
	defer cancel()
	stage := stages[len(stages)-1]
	live.Start(time.Now())
	failed := child.Run(ctx, child.Command{
		Shell: d.p.CommandAt(stage.To, stage.Duration), Environ: d.environ(), Stdout: out, Stderr: talk,
	})
	if failed != nil {
		failed = fmt.Errorf("the command failed: %w", withLast(failed, lastLine(talk)))
	}
	if err := errors.Join(out.Close(), talk.Close()); err != nil {
		return nil, errors.Join(failed, err)
	}
	runs, err = d.read(out.Name(), before)
	if len(runs) == 0 {
		return nil, errors.Join(failed, err)
	}
	return runs, failed
}

// read reads the results of a command.
func (d *commandDriver) read(output string, before map[string]stamp) ([]*perf.Run, error) {
	inputs := []parsers.Input{fileInput(output)}
	if patterns := d.p.Command.Results; len(patterns) > 0 {
		var err error
		if inputs, err = d.fresh(patterns, before); err != nil {
			return nil, err
		}
	}
	runs, warnings, err := parsers.Read(inputs, d.o.Format, d.o.Read)
	if err != nil {
		return nil, err
	}
	if len(runs) > 0 {
		runs[0].Warnings = append(runs[0].Warnings, warnings...)
	}
	return runs, nil
}

func fileInput(name string) parsers.Input {
	return parsers.Input{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(name) }}
}

// stamp tells a file from what it was.
type stamp struct {
	changed time.Time
	size    int64
}

// stamps returns those of the result files that are there.
func (d *commandDriver) stamps() (map[string]stamp, error) {
	all := map[string]stamp{}
	for _, p := range d.p.Command.Results {
		inputs, err := d.o.Inputs([]config.FilePattern{p})
		if err != nil {
			continue // nothing is there yet, and what is there afterwards is new
		}
		for _, in := range inputs {
			if all[in.Name], err = stampOf(in.Name); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func stampOf(name string) (stamp, error) {
	info, err := os.Stat(name)
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.ModTime(), info.Size()}, nil
}

// fresh returns the result files that the command wrote: those of an earlier run would
// pass for its own.
func (d *commandDriver) fresh(patterns []config.FilePattern, before map[string]stamp) ([]parsers.Input, error) {
	inputs, err := d.o.Inputs(patterns)
	if err != nil {
		return nil, err
	}
	var list []parsers.Input
	for _, in := range inputs {
		now, err := stampOf(in.Name)
		if err != nil {
			return nil, err
		}
		if was, ok := before[in.Name]; !ok || was != now {
			list = append(list, in)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the command wrote none of its result files: %w", perf.ErrNoResults)
	}
	return list, nil
}

// withTail adds to the error of a program the last line that it printed.
func withTail(err error) error { return withLast(err, "") }

// withLast adds to the error of a program what it said last, "" standing for the last
// line of all that it printed.
func withLast(err error, last string) error {
	exit, ok := errors.AsType[*child.ExitError](err)
	if !ok {
		return err
	}
	if last = cmp.Or(last, lineAtEnd(exit.Tail)); last == "" {
		return err
	}
	return fmt.Errorf("%w; the last it said: %s", err, last)
}

func lineAtEnd(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// maxLine is how much of the end of a file is looked at for its last line.
const maxLine = 4 << 10

// lastLine returns the last line of a file that was written, "" if there is none.
func lastLine(f *os.File) string {
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	text := make([]byte, min(info.Size(), maxLine))
	if _, err := f.ReadAt(text, info.Size()-int64(len(text))); err != nil {
		return ""
	}
	return lineAtEnd(string(text))
}
