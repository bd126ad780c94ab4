package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"speedgate/runner/alert"
)

// watchFor watches a file off a terminal, for some time at most, and returns what was
// said.
func watchFor(t *testing.T, file string, limit time.Duration) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	var said bytes.Buffer
	s := &session{Process: Process{Stderr: &said}}
	w := &watching{s: s, file: file, view: s.view("x"), watcher: alert.NewWatcher(nil, time.Second), grown: time.Now()}
	err := w.run(ctx)
	return said.String(), err
}

// TestWatchNoFile holds that a file which never comes is not waited for for ever.
func TestWatchNoFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.csv")
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		said, err := watchFor(t, file, time.Hour)
		if want := file + ": no such file came within 1m0s"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if took := time.Since(began); took != fileTime {
			t.Errorf("gave up after %s", took)
		}
		if want := "speedgate: waiting for " + file + ", which is not there yet, for 1m0s at most\n"; said != want {
			t.Errorf("said %q, want %q", said, want)
		}
	})
}

// TestWatchOver holds that figures which stand still are written once.
func TestWatchOver(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.csv")
	const text = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,99%,100%,Total Request Count,Total Failure Count,Total Average Response Time\n" +
		"100,3,,Aggregated,1.0,0.0,20,30,40,50,5,0,25.0\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		said, err := watchFor(t, file, time.Hour)
		if err != nil {
			t.Error(err)
		}
		if n := strings.Count(said, "speedgate: running, "); n != 1 || !strings.Contains(said, "; the test is over\n") {
			t.Errorf("%d lines of figures:\n%s", n, said)
		}
	})
}
