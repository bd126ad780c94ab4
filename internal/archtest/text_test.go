package archtest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unwanted is what no file of the project may hold: a folder of the machine it
// was written on, and the address of a package registry, which differs from place
// to place and belongs to the tools' own settings.
var unwanted = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"a path of one machine", regexp.MustCompile(`(^|[^A-Za-z0-9_.])/(work|root)/[a-z.]`)},
	{"the address of a package registry", regexp.MustCompile(`https?://[A-Za-z0-9.-]*(registry|proxy|hosted|pypi|crates|maven|debian)[A-Za-z0-9.-]*[/"]`)},
}

// notOurs are folders that hold no file of the project.
var notOurs = []string{".git", ".cache", "dist"}

// maxTextBytes leaves out what nobody wrote by hand, such as a built binary.
const maxTextBytes = 1 << 20

func TestNoFileHoldsMachineOrRegistry(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if slices.Contains(notOurs, e.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxTextBytes {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		seen++
		for _, msg := range complaints(data) {
			t.Errorf("%s: %s", name, msg)
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("read %d files: %v", seen, err)
	}
}

func complaints(data []byte) []string {
	var list []string
	for n, line := range bytes.Split(data, []byte("\n")) {
		for _, u := range unwanted {
			if u.pattern.Match(line) {
				list = append(list, "line "+strconv.Itoa(n+1)+" holds "+u.what)
			}
		}
	}
	return list
}

func TestComplaints(t *testing.T) {
	t.Parallel()
	text := "fine\nread from /" + "work/x.csv\nhttps:/" + "/pypi.example/simple\na/" + "root/x\n"
	want := []string{"line 2 holds a path of one machine", "line 3 holds the address of a package registry"}
	if d := cmp.Diff(want, complaints([]byte(text))); d != "" {
		t.Errorf("complaints (-want +got):\n%s", d)
	}
}
