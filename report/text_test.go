package report

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"speedgate/gate"
	"speedgate/perf"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxCommand)
	tests := []struct {
		name string
		o    Options
		args []string
		want string
	}{
		{"no files known", Options{}, []string{"update"}, "speedgate update results…"},
		{"files and flags", Options{Files: []string{"a b.csv", "c.txt"}, Flags: []string{"--suite", "my api"}}, []string{"check"}, "speedgate check --suite 'my api' 'a b.csv' c.txt"},
		{"a quote", Options{Files: []string{"it's.csv"}}, []string{"check"}, `speedgate check 'it'\''s.csv'`},
		{"a glob", Options{Files: []string{"*.csv"}}, []string{"check"}, "speedgate check '*.csv'"},
		{"an empty argument", Options{Files: []string{"a"}}, []string{"--reason", ""}, "speedgate --reason '' a"},
		{"a substitution", Options{Files: []string{"$(id)`id`"}}, []string{"check"}, "speedgate check '$(id)`id`'"},
		{"standard input", Options{Files: []string{"-"}}, []string{"check"}, "speedgate check results…"},
		{"a file that cannot be typed", Options{Files: []string{"a\x1bb"}}, []string{"check"}, "speedgate check results…"},
		{"many files", Options{Files: []string{long}}, []string{"check"}, "speedgate check results…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := command(tt.o, tt.args...); got != tt.want {
				t.Errorf("command = %s, want %s", got, tt.want)
			}
		})
	}
}

// A real shell reads back what was quoted.
func TestShellQuote(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell to ask")
	}
	args := []string{"plain", "", " ", "it's", `a\b`, "$HOME", "`id`", "$(id)", "a;b|c&d", "*", "~", "#x", "!x", `"`, "a=b", "(x)", "{a,b}", "<x>"}
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = shellQuote(a)
	}
	out, err := exec.CommandContext(t.Context(), sh, "-c", "printf '%s\\n' "+strings.Join(quoted, " ")).Output()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Join(args, "\n")+"\n", string(out)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func failingMetric(subject, metric string) gate.Metric {
	return gate.Metric{Key: perf.Key{Subject: subject, Metric: metric}, Verdict: gate.Regressed, Severity: gate.SeverityCritical}
}

// What a report suggests to accept matches the metric that it speaks of.
func TestPattern(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ subject, metric, want string }{
		{"Parse/large", "time_per_op", "Parse/large:time_per_op"},
		{"a:b", "time_per_op", "a:b:time_per_op"},
		{"a\nb", "m", "a*b:m"},
		{"##[error]", "m", "#*[error]:m"},
		{"::error::x", "m", ":*error:*x:m"},
		{"\x1b[2J", "m\u202e", "*[2J:m*"},
	} {
		m := failingMetric(tt.subject, tt.metric)
		got := pattern(&gate.Result{Metrics: []gate.Metric{m}}, m.Key)
		if got != tt.want {
			t.Errorf("pattern of %q = %q, want %q", tt.subject, got, tt.want)
		}
		p, err := perf.ParsePattern(got)
		if err != nil || !p.Match(m.Key) {
			t.Errorf("%q does not match %q: %v", got, m.Key, err)
		}
	}
	two := &gate.Result{Metrics: []gate.Metric{failingMetric("a", "m"), failingMetric("a", "n")}}
	if got, want := pattern(two, two.Metrics[0].Key), "a:*"; got != want {
		t.Errorf("pattern of two metrics = %q, want %q", got, want)
	}
}

// What makes everything incomparable is said once, unless every metric is asked for.
func TestRowsFold(t *testing.T) {
	t.Parallel()
	incomparable := func(subject, metric, reason string) gate.Metric {
		return gate.Metric{Key: perf.Key{Subject: subject, Metric: metric}, Verdict: gate.Incomparable, Reason: reason}
	}
	const cores = "1 core against 8"
	a, b, c := incomparable("a", "m", cores), incomparable("b", "m", cores), incomparable("b", "n", cores)
	for _, tt := range []struct {
		name    string
		metrics []gate.Metric
		fold    bool
		want    []string
	}{
		{"one reason", []gate.Metric{a, b, c}, true, []string{"2 subjects all: 3 metrics: " + cores}},
		{"one reason, all listed", []gate.Metric{a, b, c}, false, []string{"a m: " + cores, "b all: 2 metrics: " + cores}},
		{"two reasons", []gate.Metric{a, incomparable("b", "m", "unit")}, true, []string{"a m: " + cores, "b m: unit"}},
		{"one subject", []gate.Metric{b, c}, true, []string{"b all: 2 metrics: " + cores}},
		{"beside another verdict", []gate.Metric{failingMetric("x", "m"), a, b}, true, []string{"x m: ", "2 subjects all: 2 metrics: " + cores}},
	} {
		r := &gate.Result{Metrics: tt.metrics, Counts: map[gate.Verdict]int{gate.Incomparable: 1}}
		var got []string
		for _, row := range tableRows(r, func(*gate.Metric) bool { return true }, tt.fold) {
			got = append(got, row.subject+" "+row.metric+": "+row.reason)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abc…fg"},
		{"abcdefg", 2, "a…"},
		{"abcdefg", 1, "…"},
		{"測試測試", 5, "測…試"},
		{"測試測試", 4, "測…"},
		{"", 1, ""},
	} {
		if got := shorten(tt.in, tt.width); got != tt.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"one two", []string{"one two"}},
		{"one two three", []string{"one two", "three"}},
		{"averylongword x", []string{"averylongword", "x"}},
		{"one two ::error::x", []string{"one two", `:\:error::x`}},
	} {
		if d := cmp.Diff(tt.want, wrap(tt.in, 8)); d != "" {
			t.Errorf("wrap(%q) (-want +got):\n%s", tt.in, d)
		}
	}
}

func TestSparkline(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []float64
		floor  float64
		want   string
	}{
		{nil, 0, ""},
		{[]float64{1}, 0, ""},
		{[]float64{1, 1, 1}, 0, "▁▁▁"},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, 0, "▁▂▃▄▅▆▇█"},
		{[]float64{100, 101, 100}, 20, "▁▁▁"},
		{[]float64{100, 110, 120}, 20, "▁▄█"},
	} {
		if got := sparkline(tt.values, tt.floor); got != tt.want {
			t.Errorf("sparkline(%v, %v) = %q, want %q", tt.values, tt.floor, got, tt.want)
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	k := func(subject string, labels map[string]string) perf.Key {
		return perf.Key{Subject: subject, Metric: "m", Labels: perf.NewLabels(labels)}
	}
	keys := []perf.Key{
		k("alone", map[string]string{"all": "1", "pkg": "x"}),
		k("twice", map[string]string{"all": "1", "n": "1", "same": "s"}),
		k("twice", map[string]string{"all": "1", "n": "4", "same": "s"}),
		k("twice", map[string]string{"all": "1", "same": "s"}),
	}
	metrics := make([]gate.Metric, len(keys))
	for i := range keys {
		metrics[i].Key = keys[i]
	}
	n := newNamer(metrics)
	got := []string{labelText(n.common)}
	for _, key := range keys {
		got = append(got, n.labels(key))
	}
	if d := cmp.Diff([]string{"{all=1}", "", "{n=1}", "{n=4}", ""}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestCodeSpan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, code, cell string }{
		{"plain", "`plain`", "`plain`"},
		{"", "`(blank)`", "`(blank)`"},
		{" \t ", "`(blank)`", "`(blank)`"},
		{"a|b", "`a|b`", "`a\\|b`"},
		{`a\|b`, "`a\\|b`", "`a\\\\\\|b`"},
		{"`", "`` ` ``", "`` ` ``"},
		{"a``b`", "``` a``b` ```", "``` a``b` ```"},
		{`x\`, "` x\\ `", "` x\\ `"},
		{"a\nb\x00\u202e", "`a b\ufffd\ufffd`", "`a b\ufffd\ufffd`"},
		{"##[error]", "`#\\#[error]`", "`#\\#[error]`"},
		{strings.Repeat("x", 121), "`" + strings.Repeat("x", 120) + "…`", "`" + strings.Repeat("x", 120) + "…`"},
	} {
		if got := codeSpan(tt.in); got != tt.code {
			t.Errorf("codeSpan(%q) = %s, want %s", tt.in, got, tt.code)
		}
		if got := cellCode(tt.in); got != tt.cell {
			t.Errorf("cellCode(%q) = %s, want %s", tt.in, got, tt.cell)
		}
	}
}

func TestProseSpan(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                 "",
		"3 of 3 runs over, p = .004":       "3 of 3 runs over, p = .004",
		"p < .001":                         "p &lt; .001",
		"a_b_c.json does not exist":        "a_b_c.json does not exist",
		"_it_":                             "`_it_`",
		"see http://x.example":             "`see http://x.example`",
		"see WWW.x.example":                "`see WWW.x.example`",
		"GH-12":                            "`GH-12`",
		"a :tada: b":                       "`a :tada: b`",
		"@octocat":                         "`@octocat`",
		"bench.txt:3: 2 lines are skipped": "bench.txt:3: 2 lines are skipped",
		"a <b> c":                          "`a <b> c`",
		"a\u3164":                          "`a\ufffd`",
	} {
		if got := proseSpan(in); got != want {
			t.Errorf("proseSpan(%q) = %s, want %s", in, got, want)
		}
	}
}
