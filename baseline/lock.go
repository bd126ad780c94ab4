package baseline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// lock waits for the lock of target and returns what releases it. The lock is a
// hidden file beside target, as target itself is replaced. The system lets go of
// it when the process ends, however it ends.
func lock(target string) (unlock func() error, err error) {
	name := beside(target, ".lock")
	for {
		// The name comes with the checkout; a link or pipe there is not ours to open.
		if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a regular file", name)
		}
		file, err := lockedfile.OpenFile(name, os.O_RDWR|os.O_CREATE, newFileMode)
		if err != nil {
			return nil, err
		}
		if holds(file, name) {
			return func() error { return release(file, name) }, nil
		}
		// Whoever held the lock before has removed the file. Those who come now lock
		// a new one, so this lock protects nothing.
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
}

// holds reports whether name is still the file that is locked.
func holds(file *lockedfile.File, name string) bool {
	locked, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(name)
	return err == nil && os.SameFile(locked, there)
}

// release removes the file while it is locked: removing it after would remove
// the lock of the next one. Windows cannot remove an open file, nor a file that
// somebody else has open, so there the order is the other way and just as safe.
func release(file *lockedfile.File, name string) error {
	if runtime.GOOS == "windows" {
		err := file.Close()
		_ = os.Remove(name) // fails when the next one has it open, who will remove it
		return err
	}
	removed := os.Remove(name)
	if errors.Is(removed, fs.ErrNotExist) {
		removed = nil
	}
	return errors.Join(removed, file.Close())
}
