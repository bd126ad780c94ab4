package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"speedgate/internal/config"
	"speedgate/parsers"
	"speedgate/perf"
)

// stdinName stands for standard input among the files, and in messages.
const stdinName = "-"

// inputs finds the files that the arguments name: files, folders, globs, and - for
// standard input. Files that a test wrote beside one of them join it.
func (s *session) inputs(args []string) ([]parsers.Input, error) { return s.labelledInputs(args, nil) }

// labelledInputs is inputs for a suite: a file gets the labels that it would get by the
// patterns of the suite.
func (s *session) labelledInputs(args []string, patterns []config.FilePattern) ([]parsers.Input, error) {
	var list []parsers.Input
	for _, arg := range args {
		if arg == stdinName {
			list = append(list, parsers.Input{Name: "standard input", Open: s.openStdin})
			continue
		}
		if _, err := os.Stat(arg); err == nil {
			found, err := expandPath(arg)
			if err != nil {
				return nil, withCode(ExitInput, err)
			}
			list = append(list, labelled(found, patterns)...)
			continue
		}
		p, err := config.ParseFilePattern(filepath.ToSlash(arg))
		if err != nil {
			return nil, withCode(ExitUsage, err)
		}
		found, err := expandPattern(p)
		if err != nil {
			return nil, err
		}
		if len(p.Names()) == 0 {
			found = labelled(found, patterns)
		}
		list = append(list, found...)
	}
	return withSiblings(unique(list)), nil
}

// labelled gives files the labels of the first pattern that matches their names.
func labelled(list []parsers.Input, patterns []config.FilePattern) []parsers.Input {
	for i := range list {
		for _, p := range patterns {
			if labels, ok := p.Labels(list[i].Name); ok && len(labels) > 0 {
				list[i].Labels = labels
				break
			}
		}
	}
	return list
}

// patternInputs finds the files of a suite of the config.
func patternInputs(patterns []config.FilePattern) ([]parsers.Input, error) {
	var list []parsers.Input
	for _, p := range patterns {
		found, err := expandPattern(p)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return withSiblings(unique(list)), nil
}

// openStdin reads standard input once and keeps it, so that it can be read again.
func (s *session) openStdin() (io.ReadCloser, error) {
	if s.stdin == nil {
		data, err := io.ReadAll(s.Stdin)
		if err != nil {
			return nil, err
		}
		s.stdin = data
	}
	return io.NopCloser(bytes.NewReader(s.stdin)), nil
}

// expandPattern returns the files that match, sorted. None is an error: a gate
// that reads nothing must not stay silent.
func expandPattern(p config.FilePattern) ([]parsers.Input, error) {
	names, err := doublestar.FilepathGlob(p.Glob(), doublestar.WithFailOnIOErrors())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, withCode(ExitInput, fileError(p.String(), err))
	}
	slices.Sort(names)
	var list []parsers.Input
	for _, name := range names {
		labels, ok := p.Labels(filepath.ToSlash(name))
		if !ok {
			continue
		}
		if hidden := hiddenPart(filepath.ToSlash(name), p.String()); hidden != "" {
			list = append(list, parsers.Input{Name: hidden, Optional: true, Skip: skipHidden})
			continue
		}
		found, err := expandPath(name)
		if err != nil {
			return nil, withCode(ExitInput, err)
		}
		for i := range found {
			found[i].Labels = labels
		}
		list = append(list, found...)
	}
	if len(list) == 0 {
		return nil, withCode(ExitInput, perf.Errorf(perf.Pos{File: p.String()}, "no such file, and nothing matches"))
	}
	return list, nil
}

// expandPath returns a file, or the files of a folder and those below it. A link that
// is named is followed, to a folder as well.
func expandPath(name string) ([]parsers.Input, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	if !info.IsDir() {
		return []parsers.Input{fileInput(name)}, nil
	}
	root, err := filepath.EvalSymlinks(name) // WalkDir stops at a link
	if err != nil {
		return nil, fileError(name, err)
	}
	var list []parsers.Input
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fileError(path, err)
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || rel == "." {
			return err
		}
		if d.IsDir() && isRaw(path) {
			return fs.SkipDir
		}
		in := folderInput(filepath.Join(name, rel), path, d)
		switch {
		case in.Skip != "" && d.IsDir():
			list = append(list, in)
			return fs.SkipDir
		case !d.IsDir():
			list = append(list, in)
		}
		return nil
	})
	if err == nil && len(list) == 0 {
		err = perf.Errorf(perf.Pos{File: name}, "the folder holds no files")
	}
	return list, err
}

// isRaw reports whether a folder holds what tools wrote during `speedgate run`. The
// runs beside it have those figures already; read twice, one test would pass for two.
func isRaw(dir string) bool {
	base := filepath.Base(dir)
	if base != rawDir && !strings.HasPrefix(base, rawDir+"-") {
		return false
	}
	runs, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "run*.json"))
	return err == nil && slices.ContainsFunc(runs, func(name string) bool { return readResult(name).format == parsers.FormatRun })
}

// Why something in a folder is left out.
const (
	skipHidden     = "hidden; name it to have it read"
	skipLinkFolder = "a link to a folder; name it to have it read"
	skipIrregular  = "neither a file nor a folder"
)

// folderInput is what lies in a folder at path and is called name. It is left out where
// nobody would look for results, or where reading could hang or go round in circles.
func folderInput(name, path string, d fs.DirEntry) parsers.Input {
	in := fileInput(name)
	in.Optional = true
	switch {
	case isHidden(d.Name()):
		in.Skip = skipHidden
	case d.IsDir() || d.Type().IsRegular():
	case d.Type()&fs.ModeSymlink == 0:
		in.Skip = skipIrregular
	default:
		in.Skip = skipOfLink(path)
	}
	return in
}

// skipOfLink says why a link is left out, "" if it leads to a regular file.
func skipOfLink(path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "a link that leads nowhere"
	case info.IsDir():
		return skipLinkFolder
	case !info.Mode().IsRegular():
		return skipIrregular
	}
	return ""
}

// isHidden reports whether a file or folder is one that listings leave out.
func isHidden(base string) bool { return len(base) > 1 && base[0] == '.' && base != ".." }

// hiddenPart returns the part of name that ends with a hidden file or folder which the
// pattern does not name, "" if there is none.
func hiddenPart(name, pattern string) string {
	named := strings.Split(pattern, "/")
	at := 0
	for part := range strings.SplitSeq(name, "/") {
		at += len(part)
		if isHidden(part) && !slices.Contains(named, part) {
			return name[:at]
		}
		at++
	}
	return ""
}

func fileInput(name string) parsers.Input {
	return parsers.Input{Name: filepath.ToSlash(name), Open: func() (io.ReadCloser, error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, fileError(name, err)
		}
		return f, nil
	}}
}

// fileError says what the operating system says of a file, with the file first.
func fileError(name string, err error) error { return systemError(name, "cannot be read", err) }

func fileWriteError(name string, err error) error { return systemError(name, "cannot be written", err) }

func systemError(name, msg string, err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		err = pathErr.Err
	case errors.As(err, &linkErr):
		err = linkErr.Err
	}
	return &perf.InputError{Pos: perf.Pos{File: filepath.ToSlash(name)}, Msg: msg, Err: err}
}

// withSiblings adds the files that lie beside the given ones and belong to the
// same test.
func withSiblings(list []parsers.Input) []parsers.Input {
	given := len(list)
	for i := range given {
		if list[i].Skip != "" {
			continue
		}
		for _, name := range parsers.Siblings(list[i].Name) {
			if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
				continue
			}
			in := fileInput(name)
			in.Optional, in.Labels = true, list[i].Labels
			list = append(list, in)
		}
	}
	return unique(list)
}

// unique drops files that are named twice; a file that was named by itself stays
// required.
func unique(list []parsers.Input) []parsers.Input {
	at := map[string]int{}
	var kept []parsers.Input
	for _, in := range list {
		clean := filepath.Clean(in.Name)
		if i, ok := at[clean]; ok {
			kept[i].Optional = kept[i].Optional && in.Optional
			if in.Skip == "" {
				kept[i].Skip = ""
			}
			continue
		}
		at[clean] = len(kept)
		kept = append(kept, in)
	}
	return kept
}
