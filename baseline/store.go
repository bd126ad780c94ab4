package baseline

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"speedgate/internal/jsontree"
	"speedgate/perf"
)

// ErrNotFound is wrapped when the baseline file does not exist, which is normal
// before the first run was accepted. Everything else is an error of its own.
var ErrNotFound = errors.New("no baseline")

// newFileMode is the mode of a baseline that did not exist: it is committed and
// read by everybody, like source code.
const newFileMode fs.FileMode = 0o644

// Read reads the baseline file at path. The error wraps [ErrNotFound] if there is
// none. It takes no lock: a reader sees the file before or after an update, never
// half of one.
func Read(path string) (*File, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parse(text, path)
}

func readFile(path string) (text string, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", failure(path, "the file does not exist", ErrNotFound)
	}
	if err != nil {
		return "", failure(path, "cannot read the baseline", cause(err))
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var b strings.Builder
	if info, err := file.Stat(); err == nil {
		if info.IsDir() {
			return "", perf.Errorf(perf.Pos{File: path}, "expected a baseline file, found a folder")
		}
		b.Grow(int(min(info.Size(), jsontree.MaxBytes+1)))
	}
	// One byte above the limit is enough for the parser to refuse the file.
	if _, err = io.Copy(&b, io.LimitReader(file, jsontree.MaxBytes+1)); err != nil {
		return "", failure(path, "cannot read the baseline", cause(err))
	}
	return b.String(), nil
}

func failure(path, msg string, err error) error {
	return &perf.InputError{Pos: perf.Pos{File: path}, Msg: msg, Err: err}
}

// cause drops the path that an error of package os repeats.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// Update changes the baseline file at path, or makes it. While it holds the lock
// beside the file it reads what is there now, lets change work on it and puts the
// result in place by a rename, so that simultaneous updates all count and a
// reader or a crash never meets half a file. If change returns an error, or
// anything else fails, the file stays as it was.
//
// A symbolic link is kept and its target is updated. A file that change leaves as
// it is is not written.
func Update(path string, change func(*File) error) (err error) {
	target, err := resolve(path)
	if err != nil {
		return failure(path, "cannot update the baseline", cause(err))
	}
	unlock, err := lock(target)
	if err != nil {
		return failure(path, "cannot lock the baseline", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	f, old, err := readForUpdate(target, path)
	if err != nil {
		return err
	}
	if err := change(f); err != nil {
		return err
	}
	data := f.Encode()
	if f.plain || len(f.entries) == 0 || string(data) == old {
		return nil // nothing was added
	}
	if err := replace(target, func(w io.Writer) error { return writeAll(w, data) }); err != nil {
		return failure(path, "cannot write the baseline, the old one is unchanged", err)
	}
	return nil
}

func writeAll(w io.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}

// readForUpdate reads target for messages about path. A file that does not exist
// is an empty baseline.
func readForUpdate(target, path string) (f *File, text string, err error) {
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return new(File), "", nil
	case err != nil:
		return nil, "", failure(path, "cannot read the baseline", cause(err))
	case !info.Mode().IsRegular() && !info.IsDir():
		return nil, "", perf.Errorf(perf.Pos{File: path}, "expected a baseline file, found a device or pipe, which cannot be updated")
	}
	if text, err = readFile(target); err != nil {
		return nil, "", err
	}
	f, err = parse(text, path)
	return f, text, err
}

// maxLinks is how many symbolic links are followed, as many as Linux does.
const maxLinks = 40

// resolve returns the file that path names behind all symbolic links. The file
// need not exist: a link to the place of a future baseline is followed too,
// which filepath.EvalSymlinks refuses.
func resolve(path string) (string, error) {
	for range maxLinks {
		target, err := os.Readlink(path)
		if err != nil {
			break // not a link, or not there
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return "", errors.New("too many symbolic links")
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("the folder %s: %w", filepath.Dir(path), cause(err))
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// replace writes a temporary file beside target and renames it. The caller holds
// the lock, so the name of the temporary file is free: what stands there was left
// behind by a process that was killed.
func replace(target string, write func(io.Writer) error) (err error) {
	mode := newFileMode
	if info, err := os.Stat(target); err == nil {
		mode = info.Mode().Perm()
	}
	temp := beside(target, ".tmp")
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// O_EXCL refuses a link that somebody planted at the name since.
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(file, mode, write), file.Close()); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := os.Rename(temp, target); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	syncFolder(filepath.Dir(target))
	return nil
}

// fill writes and syncs; the mode is set again as the umask may have cut it.
func fill(file *os.File, mode fs.FileMode, write func(io.Writer) error) error {
	if err := write(file); err != nil {
		return err
	}
	if err := file.Chmod(mode); err != nil && runtime.GOOS != "windows" {
		return err
	}
	return file.Sync()
}

// syncFolder makes the rename survive a power cut. An error is no failure: some
// file systems refuse it, Windows among them, and the file is whole either way.
func syncFolder(folder string) {
	d, err := os.Open(folder)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}

// beside returns the hidden name next to target with a suffix of its own.
func beside(target, suffix string) string {
	return filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+suffix)
}
