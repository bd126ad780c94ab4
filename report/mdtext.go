package report

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"speedgate/report/safetext"
)

// maxNameRunes is the longest name in a Markdown report; what is longer tells
// nobody more and eats the budget of a comment.
const maxNameRunes = 120

var markdownText = quoter{name: codeSpan, prose: proseSpan}

// codeSpan puts untrusted text into a code span, in which nothing is a link, a
// mention, an image or HTML. Characters that are not seen become U+FFFD.
func codeSpan(s string) string { return fence(cleanName(s)) }

// cellCode is codeSpan for a cell of a table.
func cellCode(s string) string { return fence(escapePipes(cleanName(s))) }

func cleanName(s string) string { return clean(s, maxNameRunes) }

// clean returns at most limit runes of s as one visible line.
func clean(s string, limit int) string {
	var b strings.Builder
	for n, r := range []rune(s) { // an invalid byte is a rune of its own, U+FFFD
		switch {
		case n == limit:
			b.WriteRune('…')
			return tidy(b.String())
		case r == '\n', r == '\r', r == '\t':
			b.WriteByte(' ')
		case safetext.Visible(r):
			b.WriteRune(r)
		default:
			b.WriteRune(utf8.RuneError)
		}
	}
	return tidy(b.String())
}

// tidy trims s and breaks what a CI runner would obey, as a report may be written
// to a log. An empty code span does not exist, so nothing gets a name.
func tidy(s string) string {
	s = safetext.BreakHashes(strings.Trim(s, " "))
	if s == "" {
		return "(blank)"
	}
	return s
}

// escapePipes keeps a name inside its cell. Parsers differ in whether a backslash
// before an escaped pipe is itself an escape; an odd number of them is right for all.
func escapePipes(s string) string {
	var b strings.Builder
	backslashes := 0
	for i := range len(s) {
		if s[i] == '|' {
			b.WriteByte('\\')
			if backslashes%2 == 1 {
				b.WriteByte('\\')
			}
		}
		if s[i] == '\\' {
			backslashes++
		} else {
			backslashes = 0
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// fence makes a code span of s, with more backticks around it than it has in it.
func fence(s string) string {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	ticks := strings.Repeat("`", longest+1)
	// A backslash at the end would escape the fence in the eyes of table parsers.
	if strings.Trim(s, "`\\") != s {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

// What a sentence may consist of to stand outside a code span, and what it must
// not hold even so: the beginnings of links, references and emoji.
var (
	proseChars = regexp.MustCompile(`^[\p{L}\p{N} ,.;:%+±=()'"…−×/-]+$`)
	// An underscore inside a word opens no emphasis.
	snakeCase  = regexp.MustCompile(`[\p{L}\p{N}]+(?:_[\p{L}\p{N}]+)+`)
	proseLinks = regexp.MustCompile(`(?i)//|www\.|mailto:|xmpp:|gh-\d|:[a-z+_-][\w+-]*:|::`)
)

// maxProseRunes is the longest sentence that stands outside a code span.
const maxProseRunes = 300

// proseSpan returns a sentence as it is if it holds nothing that Markdown or
// GitHub act upon, and in a code span otherwise.
func proseSpan(s string) string { return prose(s, codeSpan) }

// cellProse is proseSpan for a cell of a table.
func cellProse(s string) string { return prose(s, cellCode) }

func prose(s string, code func(string) string) string {
	if isSimple(s) {
		return s
	}
	// A lone < between blanks opens no tag: "p < .001".
	plain := snakeCase.ReplaceAllString(strings.ReplaceAll(s, " < ", " "), "word")
	if utf8.RuneCountInString(s) > maxProseRunes || !safetext.Plain(s) || !proseChars.MatchString(plain) || proseLinks.MatchString(s) {
		return code(s)
	}
	return strings.ReplaceAll(s, " < ", " &lt; ")
}

// isSimple spares most sentences the regular expressions, which would be half of
// the time of a large report.
func isSimple(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(" ,.+=%()", c) >= 0) {
			return false
		}
	}
	return len(s) <= maxProseRunes && !strings.Contains(strings.ToLower(s), "www.")
}

// noBreak keeps a number and its unit, or a name of two words, on one line.
func noBreak(s string) string {
	if strings.HasPrefix(s, "`") {
		return s // a code span: untrusted, and left as it is
	}
	return strings.ReplaceAll(s, " ", "\u00a0")
}

// minus replaces a leading hyphen by the sign that is as wide as a plus.
func minus(s string) string {
	if len(s) > 1 && s[0] == '-' {
		return "−" + s[1:]
	}
	return s
}

// urlEscaper escapes what could end the address of a Markdown link.
var urlEscaper = strings.NewReplacer(
	"(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "[", "%5B", "]", "%5D", "|", "%7C", `\`, "%5C", "`", "%60",
	"*", "%2A", "'", "%27", `"`, "%22", " ", "%20", "##", "%23%23",
)

// maxURL is the longest address that is linked to; those of CI runs are short.
const maxURL = 500

// runLink is the link to the CI run, "" if address is no plain web address.
func runLink(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || !safetext.Plain(address) {
		return ""
	}
	return "[run](" + urlEscaper.Replace(u.String()) + ")"
}

// sparks are the steps of a sparkline.
var sparks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws values, oldest first. It spans at least floor, so that noise
// far below the threshold looks as flat as it is.
func sparkline(values []float64, floor float64) string {
	if len(values) < 2 {
		return ""
	}
	low, high := values[0], values[0]
	for _, v := range values {
		if !isFinite(v) {
			return ""
		}
		low, high = min(low, v), max(high, v)
	}
	span := max(high-low, floor)
	var b strings.Builder
	for _, v := range values {
		step := 0
		if span > 0 && isFinite(span) {
			step = int((v - low) / span * float64(len(sparks)-1))
		}
		b.WriteRune(sparks[min(step, len(sparks)-1)])
	}
	return b.String()
}

// maxAlertRunes is the longest text of an alert.
const maxAlertRunes = 1000

// Alert returns a line of Markdown that warns of something beside the verdict, with a
// line break. text may be anything.
func Alert(text string) string {
	return "⚠️ " + prose(text, func(s string) string { return fence(clean(s, maxAlertRunes)) }) + "\n"
}
