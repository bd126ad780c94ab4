package locust

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Files are what Locust wrote; "" is a file that is not there.
type Files struct {
	Stats, History, Failures, Exceptions string // the CSV files
	JSON                                 string // the histograms
	HTML                                 string // the report
}

// filesOf returns the files of a prefix, whether they are there or not.
func filesOf(prefix string) Files {
	return Files{
		Stats: prefix + "_stats.csv", History: prefix + "_stats_history.csv",
		Failures: prefix + "_failures.csv", Exceptions: prefix + "_exceptions.csv",
		JSON: prefix + ".json", HTML: prefix + ".html",
	}
}

// CSV returns the CSV files that are there: they are one run, whose parts a parser
// joins.
func (f Files) CSV() []string {
	var list []string
	for _, name := range []string{f.Stats, f.History, f.Failures, f.Exceptions} {
		if name != "" {
			list = append(list, name)
		}
	}
	return list
}

func (f *Files) each() []*string {
	return []*string{&f.Stats, &f.History, &f.Failures, &f.Exceptions, &f.JSON, &f.HTML}
}

// clear makes the folder of the files, and removes those of an earlier run: they
// would be taken for those of this one if it fails.
func (f Files) clear() error {
	if err := os.MkdirAll(filepath.Dir(f.Stats), 0o755); err != nil {
		return err
	}
	for _, name := range f.each() {
		if err := os.Remove(*name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// present returns the files without those that are not there.
func (f Files) present() Files {
	for _, name := range f.each() {
		if _, err := os.Stat(*name); err != nil {
			*name = ""
		}
	}
	return f
}

// flushFile is a second locustfile for the master: Locust writes its history each
// second, but leaves it in a buffer for five seconds, or ten before 2.29. What ends a
// test that is lost must not wait for that.
const flushFile = `"""Lets speedgate see the history of this test while it runs."""

from locust import stats

stats.CSV_STATS_FLUSH_INTERVAL_SEC = 0
`

// writeFlushFile writes [flushFile] into a new folder, which the caller removes.
func writeFlushFile() (dir, name string, err error) {
	dir, err = os.MkdirTemp("", "speedgate-locust-")
	if err != nil {
		return "", "", err
	}
	name = filepath.Join(dir, "speedgate_flush.py")
	if err := os.WriteFile(name, []byte(flushFile), 0o644); err != nil {
		return "", "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, name, nil
}
