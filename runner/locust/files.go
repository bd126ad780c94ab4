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
