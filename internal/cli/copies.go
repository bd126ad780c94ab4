package cli

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"speedgate/baseline"
	"speedgate/parsers"
	"speedgate/parsers/decode"
	"speedgate/perf"
)

// readRuns reads inputs as [parsers.Read] does. A run whose files are copies of those
// of another counts once: several runs are evidence only if each was measured.
func readRuns(inputs []parsers.Input, format string, o parsers.Options) ([]*perf.Run, []perf.Warning, error) {
	runs, warnings, err := parsers.Read(inputs, format, o)
	if err != nil || len(runs) < 2 {
		return runs, warnings, err
	}
	byName := map[string]*parsers.Input{}
	for i := range inputs {
		byName[inputs[i].Name] = &inputs[i]
	}
	var kept []*perf.Run
	alike := map[string][]*perf.Run{}
	for _, r := range runs {
		digest := baseline.Digest([]*perf.Run{r})
		original, err := copied(r, alike[digest], byName)
		if err != nil {
			return nil, warnings, err
		}
		if original != nil {
			warnings = append(warnings, perf.Warning{
				Pos: perf.Pos{File: r.Source.Files[0]},
				Msg: fmt.Sprintf("a copy of %s, which is no run of its own and is left out", original.Source.Files[0]),
			})
			continue
		}
		alike[digest] = append(alike[digest], r)
		kept = append(kept, r)
	}
	return kept, warnings, nil
}

// copied returns the run of others whose files say the same as those of r, nil if
// there is none. Equal figures alone prove nothing: two runs of a deterministic
// measurement have them.
func copied(r *perf.Run, others []*perf.Run, inputs map[string]*parsers.Input) (*perf.Run, error) {
	if len(others) == 0 {
		return nil, nil
	}
	mine, err := textDigests(&r.Source, inputs)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		theirs, err := textDigests(&o.Source, inputs)
		if err != nil {
			return nil, err
		}
		if isWithin(mine, theirs) || isWithin(theirs, mine) {
			return o, nil
		}
	}
	return nil, nil
}

// isWithin reports whether all of a are in b: whoever copies the results of a test
// may leave out some of its files.
func isWithin(a, b [][sha256.Size]byte) bool {
	return !slices.ContainsFunc(a, func(sum [sha256.Size]byte) bool { return !slices.Contains(b, sum) })
}

// textDigests returns a digest of the text of each file, whatever it is packed in.
func textDigests(source *perf.Source, inputs map[string]*parsers.Input) ([][sha256.Size]byte, error) {
	digest := wholeText
	if source.Format == formatGoBench {
		digest = benchText
	}
	sums := make([][sha256.Size]byte, len(source.Files))
	for i, name := range source.Files {
		f, err := inputs[name].Open()
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		err = digest(h, decode.NewReader(f))
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		h.Sum(sums[i][:0])
	}
	return sums, nil
}

func wholeText(h io.Writer, r io.Reader) error {
	_, err := io.Copy(h, r)
	return err
}

// formatGoBench is the format whose files people edit by hand.
const formatGoBench = "go-bench"

// benchText writes what a text of go test says of its benchmarks: neither blanks nor the
// time in "ok  	example.com/pkg	1.234s" make another run of the same figures.
func benchText(h io.Writer, r io.Reader) error {
	lines := decode.NewLines(r, "")
	for lines.Next() {
		fields := bytes.Fields(lines.Bytes())
		switch {
		case len(fields) == 0:
			continue
		case string(fields[0]) == "ok" && len(fields) > 2:
			fields = fields[:2]
		}
		if _, err := h.Write(append(bytes.Join(fields, []byte(" ")), '\n')); err != nil {
			return err
		}
	}
	return lines.Err()
}
