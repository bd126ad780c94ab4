package workflows

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// workflow is what a test looks at.
type workflow struct {
	Name        string
	On          yaml.Node
	Permissions *map[string]string
	Jobs        map[string]struct {
		If          string
		Timeout     int `yaml:"timeout-minutes"`
		Permissions map[string]string
		Steps       []struct {
			Name, Uses, Run, Shell string
			With                   map[string]string
		}
	}
}

func parse(t *testing.T, f File) workflow {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal(f.Data, &w); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return w
}

// TestStarter demands of each workflow that it is YAML, that its jobs have the rights
// that they need and no others, and that no expression gets into a script.
func TestStarter(t *testing.T) {
	t.Parallel()
	files := Starter(Options{Action: "o/r@v1.2.3", Results: []string{"bench.txt"}})
	got := map[string]map[string]string{}
	for _, f := range files {
		w := parse(t, f)
		if w.Permissions == nil || len(*w.Permissions) != 0 {
			t.Errorf("%s: jobs have rights that they do not name", f.Name)
		}
		if strings.Contains(string(f.Data), "OWNER") || !strings.Contains(string(f.Data), "uses: o/r@v1.2.3\n") {
			t.Errorf("%s does not use the action of the release:\n%s", f.Name, f.Data)
		}
		for name, job := range w.Jobs {
			got[f.Name+" "+name] = job.Permissions
			for _, step := range job.Steps {
				if strings.Contains(step.Run, "${{") {
					t.Errorf("%s: an expression in a script: %s", f.Name, step.Run)
				}
				if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
					t.Errorf("%s: the checkout leaves its token in the clone", f.Name)
				}
			}
		}
	}
	want := map[string]map[string]string{
		".github/workflows/performance.yml gate":             {"contents": "read", "pull-requests": "write"},
		".github/workflows/performance-baseline.yml refresh": {"contents": "write"},
		".github/workflows/performance-comment.yml comment":  {"actions": "read", "contents": "read", "pull-requests": "write"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rights (-want +got):\n%s", d)
	}
}

// TestCommentFollowsGate demands that the workflow which comments waits for the one
// that measures, by its name, and neither checks out nor runs anything of it.
func TestCommentFollowsGate(t *testing.T) {
	t.Parallel()
	files := Starter(Options{})
	var trigger struct {
		Run struct{ Workflows []string } `yaml:"workflow_run"`
	}
	comment := parse(t, files[2])
	if err := comment.On.Decode(&trigger); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{parse(t, files[0]).Name}, trigger.Run.Workflows); d != "" {
		t.Errorf("waits for (-want +got):\n%s", d)
	}
	steps := comment.Jobs["comment"].Steps
	if len(steps) != 1 || steps[0].Uses != Placeholder || steps[0].With["publish"] != "true" {
		t.Errorf("steps %+v", steps)
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	const (
		goTest = "go test -run '^$' -bench . -count 5 ./... | tee "
		locust = "locust --headless --host http://localhost:8080 --users 50 --spawn-rate 10 --run-time 2m --csv "
		setup  = "pip install locust\n# Start the service here, in the background, and wait until it answers.\n"
	)
	for _, c := range []struct {
		name    string
		results []string
		uses    string
		want    string
	}{
		{"Go", []string{"bench.txt"}, "actions/setup-go@v5", goTest + "bench.txt\n"},
		{
			"Go, several files",
			[]string{"a/b/1.txt", "a/b/2.txt"},
			"actions/setup-go@v5",
			"mkdir -p a/b\n" + goTest + "a/b/1.txt\n" + goTest + "a/b/2.txt\n",
		},
		{"Locust", []string{"api_stats.csv"}, "actions/setup-python@v5", setup + locust + "api\n"},
		{
			"both",
			[]string{"r/api_stats.csv", "bench.txt"},
			"actions/setup-go@v5 actions/setup-python@v5",
			goTest + "bench.txt\n" + setup + "mkdir -p r\n" + locust + "r/api\n",
		},
		{"nothing", nil, "", unknown + "\n"},
		{"what nobody knows", []string{"load.json"}, "", unknown + "\n"},
		{"one of two known", []string{"bench.txt", "results/*"}, "actions/setup-go@v5", goTest + "bench.txt\n" + unknown + "\n"},
		{"names that a shell or YAML would read", []string{"a b.txt", "$(x).txt", "-x.txt", "x\n          y.txt", "${{ x }}.txt", "r/i{n}_stats.csv"}, "", unknown + "\n"},
	} {
		for _, f := range Starter(Options{Results: c.results})[:2] {
			var uses []string
			for _, job := range parse(t, f).Jobs {
				for _, step := range job.Steps {
					if strings.HasPrefix(step.Uses, "actions/setup-") {
						uses = append(uses, step.Uses)
					}
					if step.Name != "Measure" {
						continue
					}
					if d := cmp.Diff(c.want, step.Run); d != "" || step.Shell != "bash" {
						t.Errorf("%s: %s, by %q (-want +got):\n%s", c.name, f.Name, step.Shell, d)
					}
				}
			}
			if got := strings.Join(uses, " "); got != c.uses {
				t.Errorf("%s: %s uses %q, want %q", c.name, f.Name, got, c.uses)
			}
		}
	}
}

// TestProfiles demands that each profile has its jobs, with the rights that they need,
// and that what is scheduled is what the jobs wait for.
func TestProfiles(t *testing.T) {
	t.Parallel()
	profiles := []Profile{
		{Name: "quick", Kind: "benchmark", Duration: 3 * time.Minute, Starts: true},
		{Name: "api.load", Kind: "load", Cron: "17 3 * * *", Locust: true, Duration: 15 * time.Minute},
		{Name: "api-load", Kind: "load", Cron: "17 3 * * *", Duration: 90 * time.Minute},
		{Name: "7", Kind: "stress", Cron: "43 5 * * 6"},
	}
	files := Starter(Options{Action: "o/r@v1", Profiles: profiles})
	if len(files) != 1 || files[0].Name != ".github/workflows/performance-profiles.yml" {
		t.Fatalf("files %v", files)
	}
	if all := Starter(Options{Results: []string{"a.txt"}, Profiles: profiles}); len(all) != 4 {
		t.Errorf("%d files beside results of other tests, want 4", len(all))
	}
	w := parse(t, files[0])
	var on struct {
		Schedule []struct{ Cron string }
		Pull     *struct{} `yaml:"pull_request"`
		Push     struct{ Branches []string }
	}
	if err := w.On.Decode(&on); err != nil {
		t.Fatal(err)
	}
	if len(on.Schedule) != 2 || on.Schedule[0].Cron != "17 3 * * *" || len(on.Push.Branches) != 2 {
		t.Errorf("on %+v", on)
	}
	got := map[string]string{}
	for id, job := range w.Jobs {
		last := job.Steps[len(job.Steps)-1]
		got[id] = job.If + " | " + last.With["profile"] + " | " + job.Permissions["contents"] + " | " + last.With["push"] + " | " + strconv.Itoa(job.Timeout)
	}
	want := map[string]string{
		"quick":          "github.event_name == 'pull_request' | quick | read |  | 23",
		"quick-baseline": "github.event_name != 'pull_request' && github.event_name != 'schedule' | quick | write | true | 23",
		"api-load":       "github.event_name == 'workflow_dispatch' || github.event.schedule == '17 3 * * *' | api.load | write | true | 35",
		"api-load-2":     "github.event_name == 'workflow_dispatch' || github.event.schedule == '17 3 * * *' | api-load | write | true | 110",
		"run-7":          "github.event_name == 'workflow_dispatch' || github.event.schedule == '43 5 * * 6' | 7 | write | true | 20",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("jobs (-want +got):\n%s", d)
	}
	if text := string(files[0].Data); strings.Count(text, "pip install locust") != 1 || strings.Count(text, "# Start the service here") != 3 {
		t.Errorf("steps:\n%s", text)
	}
}

// TestBranches demands that a branch is one text for YAML and no pattern for GitHub.
func TestBranches(t *testing.T) {
	t.Parallel()
	for branch, want := range map[string][]string{
		"": {"main", "master"}, "trunk": {"trunk"}, "on": {"on"}, "1.0": {"1.0"}, "it's": {"it's"}, "c++": {`c\+\+`}, "!x": {`\!x`}, "a, b": {"a, b"}, "ünï/x#1": {"ünï/x#1"},
	} {
		w := parse(t, Starter(Options{Branch: branch})[1])
		var on struct {
			Push struct{ Branches []string }
		}
		if err := w.On.Decode(&on); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, on.Push.Branches); d != "" {
			t.Errorf("branch %q (-want +got):\n%s", branch, d)
		}
	}
}
