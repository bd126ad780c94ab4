package notify

import (
	"fmt"
	"strings"
	"time"

	"speedgate/report/safetext"
	"speedgate/runner/alert"
)

// maxName bounds a name in a message, in characters.
const maxName = 100

// escapes are what Slack wants escaped, which takes the power from <!channel> and
// <@U123>, and the at sign in another width: other programs mention whom a plain one
// names.
var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "＠")

// Alert returns the message that tells of an event of the test of a profile.
func Alert(profile string, e alert.Event) string {
	text := escapes.Replace(fmt.Sprintf("speedgate: %s alert %s in %s: %s", e.Rule.Severity, e.Kind, name(profile), e.Rule))
	if e.Kind == alert.Resolved {
		return fmt.Sprintf("%s; it is %s at %s, after a breach since %s", text, e.Rounded(), clock(e.At), clock(e.Since))
	}
	text += fmt.Sprintf("; it is %s at %s, and beyond the limit since %s", e.Rounded(), clock(e.At), clock(e.Since))
	if e.Aborts() {
		text += "; the test is ended"
	}
	return text
}

// name makes an untrusted name harmless, and short.
func name(s string) string {
	s = safetext.Line(s)
	if runes := []rune(s); len(runes) > maxName {
		s = string(runes[:maxName-1]) + "…"
	}
	return s
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }
