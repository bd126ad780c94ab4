// Package safetext makes untrusted text harmless before it reaches a terminal or
// the log of a CI job.
//
// Names of benchmarks, endpoints and files come from the change under test. A
// terminal obeys escape sequences in them, and the runners of CI systems obey
// commands that stand in a job's output. The package knows nothing of
// measurements; it must not import another package of the project.
package safetext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns s as one line that can be printed anywhere: what a reader cannot
// see is spelled as an escape (\n, \x1b, \u202e), and what a CI runner would take
// for a command is broken by a visible backslash (#\#[error], :\:notice). Plain
// text is returned unchanged, and Line(Line(s)) == Line(s).
//
// The result is safe wherever it is put into a line that is otherwise ours, as
// long as no '#' of ours stands directly before it.
func Line(s string) string {
	return breakColons(BreakHashes(visible(s)))
}

// Plain reports whether Line would leave s unchanged.
func Plain(s string) bool { return Line(s) == s }

// Visible reports whether r is a character that a reader sees, or the plain
// blank. Controls, bidirectional and zero-width characters, private-use and
// unassigned code points, fillers and blanks other than the plain one are not.
func Visible(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r < 0x7f
	}
	// unicode.IsPrint takes variation selectors (marks) and Hangul fillers
	// (letters) for printable, and neither is seen.
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func visible(s string) string {
	if isVisible(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case Visible(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
		i += n
	}
	return b.String()
}

func isVisible(s string) bool {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return false
			}
		}
		if !Visible(r) {
			return false
		}
	}
	return true
}

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// BreakHashes puts a backslash between the hash marks of everything that has the
// shape of a command of a CI runner: "##[" (GitHub Actions), "##vso[" (Azure
// Pipelines), "##teamcity[" and their like. These are obeyed anywhere in a line.
func BreakHashes(s string) string {
	if !strings.Contains(s, "##") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && s[i] == '#' && s[i-1] == '#' && opensCommand(s[i+1:]) {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// opensCommand reports whether rest, which stands behind "##", is "[" or a word
// of letters and "[".
func opensCommand(rest string) bool {
	return strings.HasPrefix(strings.TrimLeftFunc(rest, unicode.IsLetter), "[")
}

// breakColons breaks the "::" that opens a workflow command at the start of a
// line. Runners trim blanks before they look.
func breakColons(s string) string {
	text := strings.TrimLeft(s, " ")
	if !strings.HasPrefix(text, "::") {
		return s
	}
	return s[:len(s)-len(text)] + `:\:` + text[2:]
}
