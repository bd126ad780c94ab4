package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"speedgate/gate"
	"speedgate/internal/stats"
	"speedgate/parsers"
	"speedgate/perf"
	"speedgate/runner/child"
)

// maxRerunOutput bounds what is kept of a command's output: results of a test that
// measures some suspects again, not a log of everything.
const maxRerunOutput = 64 << 20

// benchmarksPlaceholder stands in a rerun command for a regular expression that
// matches the suspects.
const benchmarksPlaceholder = "{benchmarks}"

// remeasure runs the rerun command while the suite has suspects, up to the number
// of runs that settles them. A command that fails, or that measures nothing,
// leaves the verdict as it is: suspects stay suspects.
func (s *session) remeasure(ctx context.Context, u *suite) error {
	if u.settings.Rerun == "" {
		return nil
	}
	for n := 2; n <= stats.HeadsNeeded && u.result.Counts[gate.Suspect] > 0; n++ {
		command, err := rerunCommand(u.settings.Rerun, suspects(u.result))
		if err != nil {
			return withCode(ExitUsage, err)
		}
		s.talk("suite %q: suspects: %d, measuring again (run %d of %d): %s", u.name, u.result.Counts[gate.Suspect], n, stats.HeadsNeeded, command)
		inputs, err := s.measureAgain(ctx, u, command)
		if err == nil {
			err = u.addRuns(inputs)
		}
		if err != nil {
			u.warnings = append(u.warnings, perf.Warning{Msg: "measuring again did not work, the suspects are not settled: " + err.Error()})
			u.judge(s)
			return ctx.Err()
		}
		u.judge(s)
	}
	return nil
}

// suspects lists the subjects of the suspects, each once.
func suspects(r *gate.Result) []string {
	var names []string
	for _, m := range r.Metrics {
		if m.Verdict == gate.Suspect && !slices.Contains(names, m.Key.Subject) {
			names = append(names, m.Key.Subject)
		}
	}
	return names
}

// rerunCommand puts the suspects into the command. They come from result files, so
// they are quoted twice: for the regular expression and for the shell.
func rerunCommand(command string, subjects []string) (string, error) {
	if !strings.Contains(command, benchmarksPlaceholder) {
		return command, nil
	}
	if isQuoted(command) {
		return "", fmt.Errorf("%s stands inside quotes; leave them out, as it is quoted when it is put in", benchmarksPlaceholder)
	}
	var roots []string
	for _, s := range subjects {
		root, _, _ := strings.Cut(s, "/") // go test matches level by level
		if root = "Benchmark" + regexp.QuoteMeta(root); !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	expression, err := shellQuote("^(" + strings.Join(roots, "|") + ")$")
	if err != nil {
		return "", err
	}
	return strings.ReplaceAll(command, benchmarksPlaceholder, expression), nil
}

// isQuoted reports whether a placeholder stands inside quotes of the command, where
// the quotes around what is put in would end them: a name could become a command.
func isQuoted(command string) bool {
	var quote rune
	escaped := false
	for i, r := range command {
		switch {
		case strings.HasPrefix(command[i:], benchmarksPlaceholder) && (quote != 0 || escaped):
			return true
		case escaped:
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"' || r == '`'):
			quote = r
		}
	}
	return false
}

// shellQuote makes one word of text for the shell that runs commands here.
func shellQuote(text string) (string, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("the name %q cannot be put into a command", text)
	}
	if runtime.GOOS != "windows" {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'", nil
	}
	if strings.ContainsAny(text, `"%!`) {
		return "", fmt.Errorf("the name %q cannot be put into a command of this shell", text)
	}
	return `"` + text + `"`, nil
}

// measureAgain runs the command and returns its results: its output if that is of
// a known format, else the suite's files, which it must have written anew.
func (s *session) measureAgain(ctx context.Context, u *suite, command string) ([]parsers.Input, error) {
	before, err := digests(u)
	if err != nil {
		return nil, err
	}
	output, err := s.shell(ctx, command)
	if err != nil {
		return nil, err
	}
	if parsers.Detect(bytes.NewReader(output)) != "" {
		return []parsers.Input{memoryInput("output of the rerun command", output)}, nil
	}
	inputs, err := u.inputs()
	if err != nil {
		return nil, err
	}
	return changed(inputs, before)
}

// shell runs a command line without the secrets of this process and returns what
// it printed to standard output. Its standard error goes to the log, as text: the
// command runs code of the change.
func (s *session) shell(ctx context.Context, command string) ([]byte, error) {
	var out limitedBuffer
	talk := &lineWriter{w: s.Stderr}
	run := child.Command{Shell: command, Environ: s.Environ, Stdout: &out, Stderr: talk}
	if _, isTerminal := terminal(s.Stderr); isTerminal {
		run.Stderr = s.Stderr // of whoever typed the command, who may want its colours
	}
	if err := errors.Join(child.Run(ctx, run), talk.Close()); err != nil {
		return nil, fmt.Errorf("the rerun command ended with %w", err)
	}
	if out.cut {
		return nil, fmt.Errorf("the rerun command printed more than %d MB", maxRerunOutput>>20)
	}
	return out.Bytes(), nil
}

// limitedBuffer keeps what is written up to a limit and remembers that more came.
type limitedBuffer struct {
	bytes.Buffer
	cut bool
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxRerunOutput {
		b.cut = true
		return len(p), nil
	}
	return b.Buffer.Write(p)
}

// digests returns a digest of each input by name.
func digests(u *suite) (map[string][sha256.Size]byte, error) {
	inputs, err := u.inputs()
	if err != nil {
		return nil, err
	}
	sums := map[string][sha256.Size]byte{}
	for _, in := range inputs {
		sum, err := digest(in)
		if err != nil {
			return nil, err
		}
		sums[in.Name] = sum
	}
	return sums, nil
}

func digest(in parsers.Input) (sum [sha256.Size]byte, err error) {
	f, err := in.Open()
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	h.Sum(sum[:0])
	return sum, errors.Join(err, f.Close())
}

// changed returns the inputs that are not what they were, read into memory, as the
// next rerun writes them again.
func changed(inputs []parsers.Input, before map[string][sha256.Size]byte) ([]parsers.Input, error) {
	var fresh []parsers.Input
	for _, in := range inputs {
		sum, err := digest(in)
		if err != nil {
			return nil, err
		}
		if sum == before[in.Name] {
			continue
		}
		data, err := os.ReadFile(in.Name)
		if err != nil {
			return nil, fileError(in.Name, err)
		}
		next := memoryInput(in.Name, data)
		next.Optional, next.Labels = in.Optional, in.Labels
		fresh = append(fresh, next)
	}
	if len(fresh) == 0 {
		return nil, errors.New("the rerun command printed no results and wrote none of the result files anew")
	}
	return fresh, nil
}

func memoryInput(name string, data []byte) parsers.Input {
	return parsers.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}
