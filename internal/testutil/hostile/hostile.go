// Package hostile holds names that attack whoever prints them, and finds what the
// runner of a CI system would obey in a log.
package hostile

import (
	"strings"
	"unicode"
)

// Names are names of endpoints and benchmarks that try to break out: into commands
// of a runner, terminals, Markdown, HTML and mentions.
var Names = []string{
	"::error::x", "  ::error file=a.go,line=1::x", "\t::warning::x", "\u00a0::notice::x", "\u3000::notice::x", "\u2003::debug::x",
	"a\n::error::x", "a\r::error::x", "a\r\n::add-mask::e", "a\n  ::stop-commands::t", "a\u2028::error::x", "a\u0085::error::x",
	"x ##[add-mask]e", "##[error]x", "###[error]x", "x##[group]y", "#\u200b#[error]x", "##\x00[error]x", "##[add-matcher]m.json", "##[Error title=a;]x",
	"##vso[task.setvariable variable=a]b", "a ##vso[task.complete result=Succeeded;]b", "##teamcity[buildStatus status='SUCCESS']",
	"\x1b[2J\x1b[H", "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07", "\u009b2J", "\x07bell", "\b\b\bback", "\x7f",
	"\u202egnp.exe", "zero\u200bwidth\u200dname", "\ufeffbom", "\ue000private", "\xff\xfe invalid", "\u2066isolate\u2069",
	"a | b", "| --- | --- |", "a\\|b", "`tick`", "``` fence", "`", "``", "a``b`", "\\`", "\\", " ` ",
	"<script>alert(1)</script>", "</details><h1>x", "<!-- speedgate -->", "<img src=x onerror=y>", "</code>", "&lt;b&gt;", "a<br>b",
	"@octocat", "@org/team", "#1234", "GH-12", "owner/repo#1", "http://evil.example", "www.evil.example", "a@evil.example", "https://evil.example/?a=b&c=d",
	"[x](http://evil.example)", "![x](http://evil.example/p.png)", "[x]: http://evil.example", "**bold**", "_it_", "~~gone~~", "# head", "- item", "> quote", "1. item", "---", "$x^2$", ":tada:",
	"a ::error::wrapped at a blank when it is long enough to be wrapped by anybody ::error::who wraps", "'; rm -rf ~ #", "$(id)", "a'b\"c", "-rf", "%0A::error::x", "{{.}}", "${{ github.token }}",
}

// Commands finds what the runners of GitHub Actions, Azure Pipelines and
// TeamCity would obey in a log. It follows the source of the GitHub runner:
// lines end at LF, CRLF and a lone CR; "::name props::data" counts at the start of
// a line, white space trimmed; "##[name props]data" counts anywhere in a line.
// Unknown names count here as well.
func Commands(log string) []string {
	var found []string
	for _, line := range strings.FieldsFunc(log, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if head, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::"); ok {
			if name, _, ok := strings.Cut(head, "::"); ok && name != "" {
				found = append(found, line)
			}
		}
		lower := strings.ToLower(line)
		for _, open := range []string{"##[", "##vso[", "##teamcity["} {
			if _, rest, ok := strings.Cut(lower, open); ok && strings.Contains(rest, "]") {
				found = append(found, line)
			}
		}
	}
	return found
}
