package locust

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Variables make this test's binary play Locust.
const (
	fakeVariable    = "LOCUST_TEST_FAKE"    // what it does, beside what Locust does
	versionVariable = "LOCUST_TEST_VERSION" // what it says to --version
	argsVariable    = "LOCUST_TEST_ARGS"    // the file that gets its arguments
)

func TestMain(m *testing.M) {
	if role, ok := os.LookupEnv(fakeVariable); ok {
		os.Exit(fake(role, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// recorded is a run of the real Locust, which the fake one plays again.
const recorded = "../../parsers/locust/testdata/2.46.3-distributed/run"

// fake plays Locust and returns its exit code.
func fake(role string, args []string) int {
	if args[0] == "--version" {
		fmt.Println(os.Getenv(versionVariable))
		if role == "fails" {
			fmt.Println("No module named 'gevent'")
			return 3
		}
		return 0
	}
	line := strings.Join(args, " ")
	if name := os.Getenv(argsVariable); name != "" && !strings.Contains(line, "--worker") {
		if err := os.WriteFile(name, []byte(line), 0o644); err != nil {
			return 90
		}
	}
	switch {
	case strings.Contains(line, "--worker"):
		return fakeWorker(role)
	case role == "fails":
		fmt.Println("\x1b[31mTraceback\n::error::no module")
		return 3
	case role == "no workers":
		fmt.Fprintln(os.Stderr, "[2026-11-24 15:57:30,223] vm/INFO/root: Waiting for workers to be ready, 1 of 3 connected")
		fmt.Fprintln(os.Stderr, "[2026-11-24 15:57:31,224] vm/ERROR/locust.main: Gave up waiting for workers to connect")
		return 1
	case role == "writes nothing":
		return 0
	}
	return fakeMaster(role, args)
}

func fakeWorker(role string) int {
	if strings.Contains(role, "worker dies") {
		fmt.Println("no memory")
		return 7
	}
	time.Sleep(time.Minute) // it is ended
	return 0
}

// fakeMaster writes the recorded history, half a row at a time, and the other files
// when it ends. Left alone it does so after the history's last row.
func fakeMaster(role string, args []string) int {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt)
	prefix := ""
	for _, a := range args {
		if value, ok := strings.CutPrefix(a, "--csv="); ok {
			prefix = value
		}
	}
	fmt.Fprintln(os.Stderr, "[2026-11-24 13:11:03,705] host/WARNING/root: CPU usage above 90%! This may constrain your throughput")
	history, err := os.Create(prefix + "_stats_history.csv")
	if err != nil {
		return 91
	}
	in, err := os.Open(recorded + "_stats_history.csv")
	if err != nil {
		return 92
	}
	for rows := bufio.NewScanner(in); rows.Scan(); {
		half := len(rows.Text()) / 2
		fmt.Fprint(history, rows.Text()[:half])
		time.Sleep(10 * time.Millisecond)
		fmt.Fprintln(history, rows.Text()[half:])
	}
	if strings.Contains(role, "goes on") {
		<-asked
	}
	for _, name := range []string{"_stats.csv", "_failures.csv", "_exceptions.csv"} {
		text, err := os.ReadFile(recorded + name)
		if err == nil {
			err = os.WriteFile(prefix+name, text, 0o644)
		}
		if err != nil {
			return 93
		}
	}
	return 0
}

// fakeProgram returns the fake Locust and the variables that make it one.
func fakeProgram(role string, more ...string) (Program, []string) {
	environ := append(os.Environ(), fakeVariable+"="+role)
	return Program{os.Args[0], Version{2, 47, 0}}, append(environ, more...)
}

// simple is a test that the fake Locust runs.
func simple(t *testing.T) Test {
	t.Helper()
	return Test{Users: 4, SpawnRate: 2, Duration: 5 * time.Second, Prefix: filepath.Join(t.TempDir(), "new", "api")}
}
