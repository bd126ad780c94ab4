package workflows

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Profile is a test that workflows run.
type Profile struct {
	Name     string // up to 64 letters, digits, dots, dashes and underscores
	Kind     string
	Cron     string // when it is run; "" = on pull requests, and on the main branch
	Locust   bool   // it needs Locust
	Starts   bool   // it starts its service itself
	Duration time.Duration
}

const profilesHead = `# The load tests that speedgate.yml has under profiles: benchmarks on pull requests,
# the others at night by the schedule of their kind, in UTC. Each is compared with its
# own accepted runs, which are refreshed when it passes.
# Written once by ` + "`speedgate init --github`" + `; it is yours to change.
name: performance profiles
on:
$ON  # By hand too: the first run of each is accepted as its baseline.
  workflow_dispatch:

permissions: {}

# Two tests at once on machines that share a service would measure each other.
concurrency:
  group: performance-profiles-${{ github.ref }}
  cancel-in-progress: false

jobs:
`

// profilesFile returns the workflow of profiles, in their order.
func profilesFile(profiles []Profile) string {
	var jobs strings.Builder
	var crons []string
	onChange := false
	ids := map[string]bool{}
	for _, p := range profiles {
		if p.Cron == "" {
			onChange = true
			jobs.WriteString(p.job(jobID(p.Name, ids), "github.event_name == 'pull_request'", pullRights, ""))
			jobs.WriteString(p.job(jobID(p.Name+"-baseline", ids), "github.event_name != 'pull_request' && github.event_name != 'schedule'", pushRights, refreshInputs))
			continue
		}
		if line := fmt.Sprintf("    - cron: %q # %s\n", p.Cron, p.Kind); !slices.Contains(crons, line) {
			crons = append(crons, line)
		}
		when := fmt.Sprintf("github.event_name == 'workflow_dispatch' || github.event.schedule == '%s'", p.Cron)
		jobs.WriteString(p.job(jobID(p.Name, ids), when, pushRights, refreshInputs))
	}
	on := ""
	if onChange {
		on += "  pull_request:\n  push:\n    branches: [main, master]\n"
	}
	if len(crons) > 0 {
		on += "  schedule:\n" + strings.Join(crons, "")
	}
	return strings.Replace(profilesHead, "$ON", on, 1) + jobs.String()
}

const (
	pullRights = `      contents: read # baseline and config of the commit that the change is based on
      pull-requests: write # the comment; from a fork the token may only read
`
	pushRights = `      contents: write # the commit of the baseline
`
	refreshInputs = `          update: true
          push: true
`
)

// spareMinutes is for everything but the test itself.
const spareMinutes = 20

// job returns a job that runs the profile when a condition holds.
func (p Profile) job(id, when, rights, inputs string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s:\n    if: %s\n    runs-on: ubuntu-latest\n    timeout-minutes: %d\n    permissions:\n%s    steps:\n",
		id, when, int(p.Duration.Minutes())+spareMinutes, rights)
	b.WriteString("      - uses: actions/checkout@v4\n        with:\n          persist-credentials: false\n")
	if p.Locust {
		b.WriteString(pythonSetup + "      - run: pip install locust\n")
	}
	if !p.Starts {
		b.WriteString("      # Start the service here, unless it runs elsewhere, or let the profile start it.\n")
	}
	fmt.Fprintf(&b, "      - uses: %s\n        with:\n          profile: %q\n%s", Placeholder, p.Name, inputs)
	return b.String()
}

var badInJobID = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// jobID returns a name that GitHub takes for a job and that no other job has.
func jobID(name string, taken map[string]bool) string {
	id := badInJobID.ReplaceAllString(name, "-")
	if id[0] >= '0' && id[0] <= '9' || id[0] == '-' {
		id = "run-" + id
	}
	for unique := id; ; unique += "-2" {
		if !taken[unique] {
			taken[unique] = true
			return unique
		}
	}
}
