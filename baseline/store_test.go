package baseline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// processVar makes the test binary a process that updates a baseline, so that
// tests can run several, and kill one.
const processVar = "SPEEDGATE_TEST_UPDATE"

func TestMain(m *testing.M) {
	if mode := os.Getenv(processVar); mode != "" {
		os.Exit(updateProcess(mode, os.Args[1], os.Args[2]))
	}
	os.Exit(m.Run())
}

// updateProcess adds a run with a metric of its own. In the mode "block" it says
// "locked" in the middle of the update and waits until standard input ends.
func updateProcess(mode, path, id string) int {
	err := Update(path, func(f *File) error {
		if mode == "block" {
			fmt.Println("locked")
			_, _ = io.Copy(io.Discard, os.Stdin)
		}
		_, err := f.Add("api", linux, at(id, 1), runOf(latency("s"+id+":m", 1)), AddOptions{})
		return err
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func process(t *testing.T, mode, path, id string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, path, id)
	cmd.Env = append(os.Environ(), processVar+"="+mode)
	return cmd
}

func add(id string) func(*File) error {
	return func(f *File) error {
		_, err := f.Add("api", linux, at(id, 1), runOf(latency("s"+id+":m", 1)), AddOptions{})
		return err
	}
}

func mustUpdate(t *testing.T, path string, change func(*File) error) {
	t.Helper()
	if err := Update(path, change); err != nil {
		t.Fatal(err)
	}
}

// wantFolder compares the names in a folder: nothing temporary may be left.
func wantFolder(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	wantEqual(t, "files", want, names)
}

func wantRuns(t *testing.T, path string, want ...string) {
	t.Helper()
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range window(t, f).Runs {
		ids = append(ids, r.ID)
	}
	wantEqual(t, "runs", want, ids)
}

func TestUpdateMakesAndChangesTheFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "base.json")
	mustUpdate(t, path, add("1"))
	wantRuns(t, path, "1")
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o644 {
		t.Errorf("mode of a new file: %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, path, add("2"))
	wantRuns(t, path, "1", "2")
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o640 {
		t.Errorf("mode of a changed file: %v, %v", info.Mode(), err)
	}
	wantFolder(t, folder, "base.json")
}

func TestUpdateWithoutAChangeDoesNotWrite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"plain.json": `{"latency": {"p95": 98}, "throughput": 1000}`,
		"base.json":  string(richFile(t).Encode()),
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		mustUpdate(t, path, func(*File) error { return nil })
		after, err := os.Stat(path)
		if err != nil || !os.SameFile(before, after) {
			t.Errorf("%s was written again (%v)", name, err)
		}
	}
	mustUpdate(t, filepath.Join(folder, "none.json"), func(*File) error { return nil })
	wantFolder(t, folder, "base.json", "plain.json")
}

func TestUpdateThroughALink(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "real"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "base.json")
	if err := os.Symlink(filepath.Join("real", "target.json"), link); err != nil {
		t.Skip("no symbolic links: ", err)
	}
	mustUpdate(t, link, add("1")) // the target does not exist yet
	mustUpdate(t, link, add("2"))
	wantRuns(t, link, "1", "2")
	if target, err := os.Readlink(link); err != nil || target != filepath.Join("real", "target.json") {
		t.Errorf("the link is %q now (%v)", target, err)
	}
	wantFolder(t, folder, "base.json", "real")
	wantFolder(t, filepath.Join(folder, "real"), "target.json")
}

func TestUpdateErrors(t *testing.T) {
	t.Parallel()
	own := errors.New("not accepted")
	broken := `{"schema": "speedgate.baseline/v2"}`
	for _, c := range []struct {
		name   string
		setUp  func(t *testing.T, path string)
		change func(*File) error
		want   string // behind the path and ": "
	}{
		{"the change fails", func(t *testing.T, path string) { mustUpdate(t, path, add("0")) }, func(*File) error { return own }, ""},
		{"a newer schema", writes(broken), add("1"), `1:12: schema "speedgate.baseline/v2" was written by a newer speedgate; this one reads "speedgate.baseline/v1"`},
		{"a folder", makes(func(p string) error { return os.Mkdir(p, 0o755) }), add("1"), " expected a baseline file, found a folder"},
		{"a lock that is a folder", makes(func(p string) error { return os.Mkdir(beside(p, ".lock"), 0o755) }), add("1"), " cannot lock the baseline: LOCK is not a regular file"},
		{"a lock that is a link", makes(func(p string) error { return os.Symlink("elsewhere", beside(p, ".lock")) }), add("1"), " cannot lock the baseline: LOCK is not a regular file"},
		{"links in a circle", makes(func(p string) error { return os.Symlink(filepath.Base(p), p) }), add("1"), " cannot update the baseline: too many symbolic links"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "base.json")
			c.setUp(t, path)
			before := snapshot(t, path)
			err := Update(path, c.change)
			if c.want == "" {
				if !errors.Is(err, own) {
					t.Errorf("got %v, want %v", err, own)
				}
			} else {
				wantError(t, path+":"+strings.ReplaceAll(c.want, "LOCK", beside(path, ".lock")), err)
			}
			wantEqual(t, "folder after the error", before, snapshot(t, path))
		})
	}
}

func writes(text string) func(*testing.T, string) {
	return makes(func(path string) error { return os.WriteFile(path, []byte(text), 0o600) })
}

func makes(make func(path string) error) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		if err := make(path); err != nil {
			t.Skip(err)
		}
	}
}

// snapshot lists the folder of path, and what path holds.
func snapshot(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name()+" "+e.Type().String())
	}
	if data, err := os.ReadFile(path); err == nil {
		list = append(list, string(data))
	}
	return list
}

func TestUpdateInAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none", "base.json")
	err := Update(path, add("1"))
	want := fmt.Sprintf("%s: cannot update the baseline: the folder %s: %s", path, filepath.Dir(path), "no such file or directory")
	if runtime.GOOS == "windows" {
		want = ""
	}
	if err == nil || want != "" && err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestUpdateInAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if os.Getuid() <= 0 {
		t.Skip("this user may write everywhere, or modes mean nothing here")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "base.json")
	mustUpdate(t, path, add("1"))
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
	if err := Update(path, add("2")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v, want a permission error", err)
	}
	wantRuns(t, path, "1")
}

func TestReplaceOnAFullDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "base.json")
	mustUpdate(t, path, add("1"))
	err := replace(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "{"); err != nil {
			return err
		}
		return syscall.ENOSPC
	})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want %v", err, syscall.ENOSPC)
	}
	wantRuns(t, path, "1")
	wantFolder(t, folder, "base.json")
}

func TestUpdateRemovesWhatAKilledProcessLeft(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "base.json")
	for _, suffix := range []string{".tmp", ".lock"} {
		if err := os.WriteFile(beside(path, suffix), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustUpdate(t, path, add("1"))
	wantRuns(t, path, "1")
	wantFolder(t, folder, "base.json")
}

func TestSimultaneousUpdatesAllCount(t *testing.T) {
	t.Parallel()
	const processes, goroutines = 12, 12
	folder := t.TempDir()
	path := filepath.Join(folder, "base.json")
	var wg sync.WaitGroup
	var ids []string
	for i := range processes {
		id := fmt.Sprintf("p%02d", i)
		ids = append(ids, id)
		cmd := process(t, "add", path, id)
		wg.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	for i := range goroutines {
		id := fmt.Sprintf("g%02d", i)
		ids = append(ids, id)
		wg.Go(func() {
			if err := Update(path, add(id)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(ids)
	wantRuns(t, path, ids...)
	wantFolder(t, folder, "base.json")
}

func TestKilledUpdateLeavesTheFileAndNoLock(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "base.json")
	mustUpdate(t, path, add("1"))
	cmd := process(t, "block", path, "2")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "locked\n" {
		t.Fatalf("the process says %q, %v", line, err)
	}
	done := make(chan error, 1)
	go func() { done <- Update(path, add("3")) }()
	select {
	case err := <-done:
		t.Errorf("an update did not wait for the lock (%v)", err)
	case <-time.After(50 * time.Millisecond): // a lock that does not hold would be passed at once
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // reports the kill
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	wantRuns(t, path, "1", "3")
	wantFolder(t, folder, "base.json")
}

func TestRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	missing := filepath.Join(folder, "none.json")
	_, err := Read(missing)
	wantError(t, missing+": the file does not exist: no baseline", err)
	if !errors.Is(err, ErrNotFound) {
		t.Error("a missing file is not ErrNotFound")
	}
	_, err = Read(folder)
	wantError(t, folder+": expected a baseline file, found a folder", err)
	if errors.Is(err, ErrNotFound) {
		t.Error("a folder passes for a missing file")
	}
	inFile := filepath.Join(folder, "file")
	if err := os.WriteFile(inFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Read(filepath.Join(inFile, "base.json"))
	if err == nil || runtime.GOOS != "windows" && errors.Is(err, ErrNotFound) {
		t.Errorf("below a file: got %v, want an error that is not ErrNotFound", err)
	}
}
