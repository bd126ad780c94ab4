package sticky

import (
	"fmt"
	"regexp"
)

// Mode says when a pull or merge request is told.
type Mode string

// The modes. In each but Off, a comment that exists is kept up to date, so that it
// turns green on recovery.
const (
	Always      Mode = "always"
	Changes     Mode = "changes"     // something got slower or faster, is missing or new
	Regressions Mode = "regressions" // the gate failed
	Off         Mode = "off"
)

// ParseMode reads a mode.
func ParseMode(text string) (Mode, bool) {
	switch m := Mode(text); m {
	case Always, Changes, Regressions, Off:
		return m, true
	}
	return "", false
}

// Comment is what a gate has to say.
type Comment struct {
	ID      string // of the gate: several gates comment side by side
	Body    string // Markdown, without the marker
	Short   string // the same in fewer words, for when the body is refused as too long
	Head    string // commit that was measured, "" if unknown
	Run     int64  // id of the CI run, not negative; it grows from run to run
	Attempt int64  // of the run, not negative
	Create  bool   // whether there is something to say if no comment exists yet
	Author  string // login that owns the comment; "" = that of the token
}

// Outcome says what became of a comment.
type Outcome struct {
	URL    string // of the comment, "" if there is none
	Action string // created, updated, unchanged, or why nothing was written
}

var (
	gateID     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	headCommit = regexp.MustCompile(`^[0-9a-f]{0,64}$`)
)

// Check reports what is wrong with a comment before anything is asked.
func (c *Comment) Check() error {
	switch {
	case !gateID.MatchString(c.ID):
		return fmt.Errorf("%q is not an id; letters, digits, dots, dashes and underscores, at most 64", c.ID)
	case !headCommit.MatchString(c.Head):
		return fmt.Errorf("%q is not a commit", c.Head)
	case c.Run < 0 || c.Attempt < 0:
		return fmt.Errorf("run %d, attempt %d is not the number of a run", c.Run, c.Attempt)
	}
	return nil
}
