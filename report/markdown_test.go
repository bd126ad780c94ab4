package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"speedgate/gate"
	"speedgate/internal/testutil/hostile"
	"speedgate/report"
)

func markdown(b *bytes.Buffer, r *gate.Result, o report.Options) error {
	return report.Markdown(b, r, o)
}

func TestMarkdownGolden(t *testing.T) {
	t.Parallel()
	o := report.Options{Files: []string{"results/api_stats.csv", "bench.txt"}, RunURL: "https://github.com/o/r/actions/runs/1"}
	for _, name := range []string{"fail", "pass", "green", "no_baseline", "targets", "fixed", "creep_fails", "scaling", "many_targets"} {
		checkGolden(t, "markdown_"+name+".md", render(t, markdown, corpus()[name], o))
	}
	small := o
	small.MaxBytes = 6000
	checkGolden(t, "markdown_budget.md", render(t, markdown, large(200), small))
}

// parsed is what a reader of GitHub flavoured Markdown would see.
type parsed struct {
	tables  [][]int // cells of each row, by table
	html    []string
	links   []string
	outside string // text that stands in no code span
}

func parse(t *testing.T, src []byte) parsed {
	t.Helper()
	var p parsed
	var outside strings.Builder
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *east.Table:
			p.tables = append(p.tables, nil)
		case *east.TableRow, *east.TableHeader:
			last := len(p.tables) - 1
			p.tables[last] = append(p.tables[last], n.ChildCount())
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.CodeBlock, *ast.FencedCodeBlock, *ast.Image, *ast.Blockquote:
			t.Errorf("a %s in the report", n.Kind())
		case *ast.Link:
			p.links = append(p.links, string(n.Destination))
		case *ast.AutoLink:
			p.links = append(p.links, string(n.URL(src)))
		case *ast.RawHTML:
			p.html = append(p.html, string(n.Segments.Value(src)))
		case *ast.HTMLBlock:
			p.html = append(p.html, string(n.Lines().Value(src)))
		case *ast.Text:
			outside.Write(n.Value(src))
			outside.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p.outside = outside.String()
	return p
}

var (
	ownHTML = regexp.MustCompile(`^(<details><summary>[\w :,…]+</summary>|</details>)\s*$`)
	mention = regexp.MustCompile(`@\w|#\d|(?i)gh-\d|www\.|://`)
)

// checkMarkdown holds what is true of every report.
func checkMarkdown(t *testing.T, name string, src []byte) parsed {
	t.Helper()
	p := parse(t, src)
	checkParsed(t, name, src, p)
	return p
}

func checkParsed(t *testing.T, name string, src []byte, p parsed) {
	t.Helper()
	for i, table := range p.tables {
		for j, cells := range table {
			if cells != table[0] {
				t.Errorf("%s: table %d, row %d has %d cells of %d", name, i, j, cells, table[0])
			}
		}
	}
	rows := 0
	for line := range strings.Lines(string(src)) {
		if strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "|---") {
			rows++
		}
	}
	parsedRows := 0
	for _, table := range p.tables {
		parsedRows += len(table)
	}
	if rows != parsedRows {
		t.Errorf("%s: %d rows written, %d parsed", name, rows, parsedRows)
	}
	open := 0
	for _, h := range p.html {
		if !ownHTML.MatchString(h) {
			t.Errorf("%s: HTML %q", name, h)
		}
		open += strings.Count(h, "<details>") - strings.Count(h, "</details>")
	}
	if open != 0 {
		t.Errorf("%s: %d <details> left open", name, open)
	}
	if len(p.links) > 0 {
		t.Errorf("%s: links %q", name, p.links)
	}
	if m := mention.FindString(p.outside); m != "" {
		t.Errorf("%s: %q outside a code span in %q", name, m, p.outside)
	}
}

func TestMarkdownIsSafe(t *testing.T) {
	t.Parallel()
	for name, r := range corpus() {
		checkMarkdown(t, name, render(t, markdown, r, report.Options{}))
	}
	for _, n := range hostile.Names {
		src := render(t, markdown, hostileResultOf(n), report.Options{Files: []string{n}, Flags: []string{n}, Edited: []string{n}, Notices: []string{n}, Rerun: n})
		if p := checkMarkdown(t, fmt.Sprintf("%q", n), src); len(p.tables) != 5 {
			t.Errorf("%q: %d tables, want 5:\n%s", n, len(p.tables), src)
		}
	}
}

func TestMarkdownBudget(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 24, 25, 26, 27, 300, 2000} {
		for _, budget := range []int{1, 4096, 5000, 9000, 20000, 60000, 0} {
			src := render(t, markdown, large(n), report.Options{MaxBytes: budget})
			limit := max(budget, 4096)
			if budget == 0 {
				limit = report.DefaultMaxBytes
			}
			if len(src) > limit {
				t.Errorf("%d metrics: %d bytes of %d", n, len(src), limit)
			}
			checkMarkdown(t, fmt.Sprintf("%d metrics in %d bytes", n, budget), src)
		}
	}
	for _, budget := range []int{4096, 8000, 60000} {
		src := render(t, markdown, hostileResult(), report.Options{MaxBytes: budget})
		if len(src) > budget {
			t.Errorf("hostile: %d bytes of %d", len(src), budget)
		}
		checkMarkdown(t, "hostile", src)
	}
	for _, long := range []string{strings.Repeat("é<", 8000), strings.Repeat("`|", 8000), strings.Repeat("word ", 3000)} {
		o := report.Options{MaxBytes: 4096, RunURL: "https://x.example/" + long, Flags: []string{long}, Rerun: long, Notices: []string{long}}
		src := render(t, markdown, hostileResultOf(long), o)
		if len(src) > o.MaxBytes || !bytes.HasPrefix(src, []byte("### ❌ speedgate: 1 metric got slower, 1 suspect, ")) {
			t.Errorf("long names: %d bytes of %d:\n%s", len(src), o.MaxBytes, src)
		}
		checkMarkdown(t, "long names", src)
	}
}

// A notice of the caller is shown even where there is nothing else to say.
func TestNotices(t *testing.T) {
	t.Parallel()
	o := report.Options{Notices: []string{"this pull request edits performance_baseline.json"}}
	for _, f := range []renderer{{"terminal", terminal}, {"markdown", markdown}} {
		got := string(render(t, f.render, green(), o))
		if want := "notice: this pull request edits performance_baseline.json\n"; !strings.Contains(got, want) {
			t.Errorf("%s lacks %q:\n%s", f.name, want, got)
		}
	}
}

// What the change edits of its own gate stands right below the headline, even where
// there is nothing else to say.
func TestEdited(t *testing.T) {
	t.Parallel()
	edited := []string{"speedgate.yml", "perf/baseline.json"}
	for _, c := range []struct {
		o                  report.Options
		terminal, markdown string
	}{
		{
			report.Options{Edited: edited},
			"this change edits the gate itself: speedgate.yml and perf/baseline.json; that of the base commit was used",
			"this change edits the gate itself: `speedgate.yml` and `perf/baseline.json`; that of the base commit was used",
		},
		{
			report.Options{Edited: edited[:1], Judge: report.JudgeChange},
			"this change edits the gate itself: speedgate.yml; its own was used, not that of the base commit",
			"this change edits the gate itself: `speedgate.yml`; its own was used, not that of the base commit",
		},
		{
			report.Options{Judge: report.JudgeUnread},
			"this change was judged by its own config and baseline; whether they differ from those of the base commit is not",
			"this change was judged by its own config and baseline; whether they differ from those of the base commit is not known",
		},
	} {
		c.o.Color = true
		if got, want := string(render(t, terminal, green(), c.o)), "\x1b[31m"+c.terminal; !strings.Contains(got, want) {
			t.Errorf("the terminal lacks %q:\n%s", want, got)
		}
		if got, want := string(render(t, markdown, green(), c.o)), "\n🔴 **"+c.markdown+"**\n"; !strings.Contains(got, want) {
			t.Errorf("Markdown lacks %q:\n%s", want, got)
		}
	}
	if got := string(render(t, markdown, green(), report.Options{Judge: report.JudgeChange})); strings.Contains(got, "🔴") {
		t.Errorf("a warning of what the change leaves alone:\n%s", got)
	}
}

func TestRunURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://github.com/o/r/actions/runs/1?a=b": "https://github.com/o/r/actions/runs/1?a=b",
		"http://git.example:3000/o/r":               "http://git.example:3000/o/r",
		"https://x.example/a(b)|c`<d>'":             "https://x.example/a%28b%29%7Cc%60%3Cd%3E%27",
		"javascript:alert(1)":                       "",
		"data:text/html,x":                          "",
		"//evil.example":                            "",
		"https:///path":                             "",
		"https://user:pw@evil.example/":             "",
		"https://x.example/a\nb":                    "",
		"not an address":                            "",
	} {
		p := parse(t, render(t, markdown, green(), report.Options{RunURL: in}))
		if got := strings.Join(p.links, " "); got != want {
			t.Errorf("%q: link %q, want %q", in, got, want)
		}
	}
}

func BenchmarkMarkdown2000(b *testing.B) {
	r := large(2000)
	for b.Loop() {
		render(b, markdown, r, report.Options{})
	}
}

func BenchmarkTerminalAll2000(b *testing.B) {
	r := large(2000)
	for b.Loop() {
		render(b, terminal, r, report.Options{All: true})
	}
}

// No name breaks a report in any format.
func FuzzNames(f *testing.F) {
	for _, n := range hostile.Names {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, name string) {
		r := hostileResultOf(name)
		o := report.Options{Files: r.Files, Flags: r.Files, Edited: r.Files, Notices: r.Files, Rerun: name, RunURL: name}
		for _, format := range renderers {
			out := render(t, format.render, r, o)
			checkLog(t, format.name, out)
			if format.name != "markdown" {
				continue
			}
			o.RunURL = "" // links are allowed to it
			checkMarkdown(t, format.name, render(t, markdown, r, o))
		}
	})
}
