package archtest

// module is the path of the project's module in go.mod.
const module = "speedgate"

// rule is what a package may import, apart from the standard library and the
// foreign libraries that it is the user of.
type rule struct {
	imports []string // packages of the project, by their path below the module
	pure    bool     // imports nothing of impure, and reads no clock
}

// packages lists every package of the project, "." being main. A new package
// needs a row, a new arrow an entry: this is where to argue about it.
var packages = map[string]rule{
	"perf":                         {pure: true},
	"parsers":                      {pure: true, imports: []string{"perf", "parsers/decode", "parsers/locust", "parsers/gobench", "parsers/jsonmap", "parsers/runfile"}},
	"parsers/decode":               {pure: true, imports: []string{"perf"}},
	"parsers/locust":               {pure: true, imports: []string{"perf"}},
	"parsers/gobench":              {pure: true, imports: []string{"perf", "parsers/decode"}},
	"parsers/jsonmap":              {pure: true, imports: []string{"perf", "internal/jsontree"}},
	"parsers/runfile":              {pure: true, imports: []string{"perf", "internal/jsontree"}},
	"internal/jsontree":            {pure: true, imports: []string{"perf"}},
	"internal/stats":               {pure: true},
	"gate":                         {pure: true, imports: []string{"perf", "internal/stats", "internal/suggest", "internal/usl"}},
	"internal/usl":                 {pure: true, imports: []string{"internal/stats"}},
	"baseline":                     {imports: []string{"perf", "internal/jsontree", "internal/stats", "internal/suggest", "parsers/jsonmap"}},
	"runner/monitor":               {pure: true, imports: []string{"perf", "internal/stats"}},
	"runner/alert":                 {pure: true, imports: []string{"perf", "gate", "runner/monitor", "internal/suggest"}},
	"runner/child":                 {imports: []string{"internal/secret"}},
	"runner/resource":              {imports: []string{"runner/monitor"}},
	"runner":                       {imports: []string{"perf", "gate", "runner/alert", "runner/monitor", "runner/plan"}},
	"runner/locust":                {imports: []string{"perf", "parsers/locust", "report/safetext", "runner/child", "runner/monitor", "runner/plan"}},
	"runner/notify":                {imports: []string{"perf", "report/safetext", "runner/alert", "internal/rest"}},
	"runner/plan":                  {pure: true, imports: []string{"perf", "gate", "runner/monitor", "internal/stats", "internal/suggest"}},
	"report":                       {pure: true, imports: []string{"perf", "gate", "report/safetext", "internal/jsontree"}},
	"report/safetext":              {pure: true},
	"report/github":                {imports: []string{"report/sticky", "internal/rest"}},
	"report/gitlab":                {imports: []string{"report/sticky", "internal/rest"}},
	"report/sticky":                {pure: true},
	"internal/rest":                {},
	"internal/testutil/fakegithub": {},
	"internal/testutil/fakegitlab": {},
	"internal/testutil/hostile":    {},
	"internal/testutil/runneremu":  {},
	"internal/config":              {imports: []string{"perf", "gate", "internal/suggest", "parsers/jsonmap", "runner/alert", "runner/plan"}},
	"internal/git":                 {imports: []string{"internal/secret"}},
	"internal/secret":              {pure: true},
	"internal/ci":                  {pure: true},
	"internal/suggest":             {pure: true},
	"internal/workflows":           {pure: true},
	"internal/cli": {imports: []string{
		"perf", "parsers", "parsers/decode", "parsers/jsonmap", "gate", "baseline", "report", "report/safetext", "report/github", "report/gitlab", "report/sticky",
		"internal/config", "internal/git", "internal/ci", "internal/stats", "internal/suggest", "internal/workflows",
		"internal/loadtest", "runner/child", "parsers/runfile", "runner", "runner/alert", "runner/locust", "runner/monitor", "runner/plan",
	}},
	"internal/loadtest": {imports: []string{
		"perf", "gate", "parsers", "internal/config", "runner", "runner/child", "runner/alert", "runner/load", "runner/locust", "runner/monitor",
		"runner/notify", "runner/plan", "runner/resource",
	}},
	"runner/load":       {imports: []string{"perf"}},
	".":                 {imports: []string{"internal/cli"}},
	"internal/archtest": {},
	"examples/shop":     {},
}

// impure is what a pure package must not import: files, processes, the network,
// the environment and randomness come in as arguments.
var impure = []string{
	"os", "os/exec", "os/signal", "os/user", "syscall", "net", "net/http",
	"math/rand", "math/rand/v2", "crypto/rand", "hash/maphash",
}

// clock is what a pure package must not use of package time.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

// foreign names the only users of each library in code that is shipped: packages,
// or one file of a package. Tests may import what they like.
//
// One user keeps a library's types out of the rest, and a change of library within
// one place. The exception is doublestar, whose two functions take and give plain
// text: the config checks patterns, jsonmap matches names, the command finds files.
var foreign = map[string][]string{
	"github.com/urfave/cli/v2":                   {"internal/cli"},
	"github.com/google/go-github/v60":            {"report/github"},
	"github.com/olekukonko/tablewriter":          {"report/terminal.go"},
	"github.com/montanaflynn/stats":              {"internal/stats"},
	"gopkg.in/yaml.v3":                           {"internal/config"},
	"github.com/bmatcuk/doublestar/v4":           {"internal/cli", "internal/config", "parsers/jsonmap"},
	"golang.org/x/term":                          {"internal/cli"},
	"golang.org/x/sync":                          {"parsers"},
	"github.com/rogpeppe/go-internal/lockedfile": {"baseline"},
	"github.com/getkin/kin-openapi":              {"internal/testutil/fakegithub"},
	"github.com/shirou/gopsutil/v4":              {"runner/resource"},
	"github.com/tsenart/vegeta/v12":              {"runner/load"},
	"golang.org/x/sys":                           {"runner/load"},
}
