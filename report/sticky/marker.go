package sticky

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const markerPrefix = "<!-- speedgate:v1 id="

// 18 digits are below the largest int64.
var markerLine = regexp.MustCompile(`^<!-- speedgate:v1 id=\S+ head=\S* run=(\d{1,18}) attempt=(\d{1,18}) digest=([0-9a-f]+) -->`)

// marked returns a text as it is sent: behind a first line that names the gate, the
// run that wrote it, and what that run had to say in full.
func (c *Comment) marked(text string) string {
	return fmt.Sprintf("%s%s head=%s run=%d attempt=%d digest=%s -->\n%s", markerPrefix, c.ID, c.Head, c.Run, c.Attempt, digest(c.Body), text)
}

// digest identifies a body. A forge may store it with other blanks, so that it cannot
// be compared as a whole.
func digest(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:8])
}

// isOwn reports whether a comment is the gate's: by its first line, as a benchmark's
// name may hold another gate's marker, and by its author, as anybody may write the
// line and the token may edit everybody's comments.
func (c *Comment) isOwn(p Post, author string) bool {
	return author != "" && strings.EqualFold(p.Author, author) && strings.HasPrefix(p.Body, markerPrefix+c.ID+" ")
}

// upToDate says why an existing comment need not be written, "" if it must be.
func (c *Comment) upToDate(body string) string {
	m := markerLine.FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	run, _ := strconv.ParseInt(m[1], 10, 64)     // the pattern admits
	attempt, _ := strconv.ParseInt(m[2], 10, 64) // nothing else
	switch {
	case cmp.Or(cmp.Compare(run, c.Run), cmp.Compare(attempt, c.Attempt)) > 0:
		return "a newer run has written it"
	case m[3] == digest(c.Body):
		return "unchanged"
	}
	return ""
}
