package locust

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"speedgate/perf"

	"github.com/google/go-cmp/cmp"
)

func TestArgs(t *testing.T) {
	t.Parallel()
	base := Test{Users: 100, SpawnRate: 2.5, Duration: 90 * time.Second, Prefix: "/r/api"}
	const common = "--headless --only-summary --locustfile=locustfile.py,/f.py --users=100 --spawn-rate=2.5 --run-time=90s --stop-timeout=1 --csv=/r/api --csv-full-history "
	for _, c := range []struct {
		name         string
		version      Version
		change       func(*Test)
		want, worker string
	}{
		{"one process", Version{2, 36, 0}, func(*Test) {}, common + "--exit-code-on-error=0", ""},
		{"one process, said so", Version{2, 36, 0}, func(c *Test) { c.Processes = 1 }, common + "--exit-code-on-error=0", ""},
		{
			"everything",
			Version{2, 47, 0},
			func(c *Test) {
				c.Locustfile, c.Host, c.HTML, c.ResetStats, c.StopTimeout = "a.py,b.py", "http://127.0.0.1:8000", true, true, 30*time.Second
				c.SpawnRate, c.Tags, c.ExcludeTags = 1e6, []string{"read", "a b"}, []string{"slow"}
			},
			"--headless --only-summary --locustfile=a.py,b.py,/f.py --users=100 --spawn-rate=1000000 --run-time=90s --stop-timeout=30 --csv=/r/api --csv-full-history " +
				"--json-file=/r/api --html=/r/api.html --host=http://127.0.0.1:8000 --exit-code-on-error=0 --reset-stats --tags read a b --exclude-tags slow",
			"",
		},
		{
			"stages",
			Version{2, 36, 0},
			func(c *Test) {
				c.Users, c.SpawnRate, c.Duration, c.ResetStats = 0, 0, 0, true
				c.Stages = []Stage{{10, 5, 2 * time.Second}, {10, 5, 20 * time.Second}, {50, 40, 5500 * time.Millisecond}}
			},
			"--headless --only-summary --locustfile=locustfile.py,/f.py --stop-timeout=1 --csv=/r/api --csv-full-history --exit-code-on-error=0",
			"",
		},
		{
			"processes",
			Version{2, 36, 0},
			func(c *Test) { c.Processes = 4 },
			common + "--master-bind-host=127.0.0.1 --master-bind-port=5557 --processes=4 --master-host=127.0.0.1 --master-port=5557 --exit-code-on-error=0",
			"",
		},
		{
			"workers here and elsewhere",
			Version{2, 36, 0},
			func(c *Test) { c.Workers, c.Remote, c.Listen, c.Tags = 2, 3, ":6000", []string{"read"} },
			common + "--master-bind-host=* --master-bind-port=6000 --master --expect-workers=5 --expect-workers-max-wait=60 --exit-code-on-error=0 --tags read",
			"--worker --headless --locustfile=locustfile.py --master-host=127.0.0.1 --master-port=6000 --exit-code-on-error=0 --tags read",
		},
		{
			"an address of this machine",
			Version{2, 36, 0},
			func(c *Test) { c.Workers, c.Listen, c.WorkerWait, c.ResetStats = 1, "[::1]:6000", 5*time.Second, true },
			common + "--master-bind-host=::1 --master-bind-port=6000 --master --expect-workers=1 --expect-workers-max-wait=5 --exit-code-on-error=0 --reset-stats",
			"--worker --headless --locustfile=locustfile.py --master-host=::1 --master-port=6000 --exit-code-on-error=0 --reset-stats",
		},
	} {
		test := base
		c.change(&test)
		if problems := test.Check(); problems != nil {
			t.Errorf("%s: %v", c.name, problems)
		}
		if d := cmp.Diff(c.want, strings.Join(test.args(c.version, []string{"/f.py"}), " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if c.worker != "" {
			if d := cmp.Diff(c.worker, strings.Join(test.worker(), " ")); d != "" {
				t.Errorf("worker of %s (-want +got):\n%s", c.name, d)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	test := Test{
		SpawnRate: -1, Duration: 500 * time.Millisecond, StopTimeout: -time.Second, WorkerWait: 1500 * time.Millisecond, Tags: []string{"--help"}, ExcludeTags: []string{""},
		Processes: 2, Workers: -1, Remote: 2,
	}
	want := []perf.Problem{
		{Key: "users", Msg: "expected 1 or more, found 0"},
		{Key: "spawn_rate", Msg: "expected a number above 0, found -1"},
		{Key: "duration", Msg: "expected 1s or more, found 500ms"},
		{Key: "duration", Msg: "expected whole seconds, found 500ms"},
		{Key: "stop_timeout", Msg: "expected 0 or more, found -1s"},
		{Key: "worker_wait", Msg: "expected whole seconds, found 1.5s"},
		{Key: "tags", Msg: `expected a name, found "--help"`},
		{Key: "exclude_tags", Msg: `expected a name, found ""`},
		{Key: "prefix", Msg: "expected the path that the files of results begin with"},
		{Key: "workers", Msg: "expected 0 or more, found -1"},
		{Key: "processes", Msg: "expected either processes or workers"},
		{Key: "listen", Msg: "expected the address that remote workers connect to, such as 10.0.0.5:5557"},
	}
	skipOnWindows(t)
	if d := cmp.Diff(want, test.Check()); d != "" {
		t.Errorf("Check (-want +got):\n%s", d)
	}
	for _, listen := range []string{"5557", "a:b:c", "host:http", "host:0", "host:99999", "host:"} {
		test := Test{Users: 1, SpawnRate: 1, Duration: time.Second, Prefix: "x", Workers: 1, Listen: listen}
		want := []perf.Problem{{Key: "listen", Msg: fmt.Sprintf("expected HOST:PORT as in 127.0.0.1:5557, found %q", listen)}}
		if d := cmp.Diff(want, test.Check()); d != "" {
			t.Errorf("%s (-want +got):\n%s", listen, d)
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	test := Test{Duration: 5 * time.Minute}
	if got, want := test.limit(), 7*time.Minute+time.Second; got != want {
		t.Errorf("limit = %s, want %s", got, want)
	}
	test.Remote, test.StopTimeout = 1, 30*time.Second
	if got, want := test.limit(), 8*time.Minute+30*time.Second; got != want {
		t.Errorf("limit = %s, want %s", got, want)
	}
	staged := Test{Stages: []Stage{{10, 5, time.Minute}, {50, 40, 30 * time.Second}}}
	if got, want := staged.limit(), 3*time.Minute+31*time.Second; got != want {
		t.Errorf("limit of stages = %s, want %s", got, want)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	program := os.Args[0]
	missing := filepath.Join(t.TempDir(), "locust")
	for _, c := range []struct {
		name, program, role, says string
		want                      Version
		err                       string
	}{
		{"today's", program, "", "locust 2.47.0 from /venv/lib/python3.11/site-packages/locust (Python 3.11.7)", Version{2, 47, 0}, ""},
		{"without a path", program, "", "locust 2.19.0", Version{2, 19, 0}, ""},
		{"of a branch", program, "", "some warning\nlocust 2.43.5.dev12 from /src (Python 3.12.1)", Version{2, 43, 5}, ""},
		{"two numbers", program, "", "locust 3.0", Version{3, 0, 0}, ""},
		{"too old", program, "", "locust 2.18.9", Version{}, "locust 2.18.9 is too old: expected 2.19.0 or newer"},
		{"another program", program, "", "swarm\x1b 1.0", Version{}, program + ` --version: expected a version as in locust 2.19.0, found "swarm\\x1b 1.0"`},
		{"broken", program, "fails", "Traceback", Version{}, program + " --version: exit status 3; its last lines were:\n  Traceback\n  No module named 'gevent'"},
		{
			"missing", "no-such-locust", "", "",
			Version{},
			`there is no program "no-such-locust": install it with "pip install locust" (in CI, at a fixed version), or name its program in the profile`,
		},
		{
			"a missing path", missing, "", "",
			Version{},
			fmt.Sprintf(`there is no program %q: install it with "pip install locust" (in CI, at a fixed version), or name its program in the profile`, missing),
		},
	} {
		_, environ := fakeProgram(c.role, versionVariable+"="+c.says)
		got, err := Find(t.Context(), c.program, environ)
		if d := cmp.Diff(c.want, got.Version); d != "" || message(err) != c.err {
			t.Errorf("%s: %v, want %s (-want +got):\n%s", c.name, err, c.err, d)
		}
	}
}

func TestWritesJSON(t *testing.T) {
	t.Parallel()
	for v, want := range map[Version]bool{
		{2, 36, 9}: false, {2, 37, 0}: true, {2, 37, 1}: false, {2, 37, 9}: false, {2, 37, 10}: true, {2, 38, 0}: true, {3, 0, 0}: true,
	} {
		if got := v.writesJSON(); got != want {
			t.Errorf("%s: %v, want %v", v, got, want)
		}
	}
}

func TestWithTail(t *testing.T) {
	t.Parallel()
	plain := errors.New("plain")
	if got := withTail(plain); got != plain {
		t.Errorf("withTail(plain) = %v", got)
	}
}
