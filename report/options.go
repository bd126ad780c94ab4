package report

// Options is what a renderer may know beside the result.
type Options struct {
	// Width is the number of columns of the terminal, 0 for [DefaultWidth].
	Width int
	Color bool // ANSI colours; words always stand beside them
	All   bool // list every metric, not only those that need a look
	Quiet bool // the first line only

	// Files are the arguments that named the results, repeated in the commands
	// that a report suggests. Empty: a placeholder stands in their place.
	Files []string
	// Flags are further arguments that those commands need, such as --suite api.
	Flags []string
	// Rerun is the command that measures again, "" if none is known.
	Rerun string
	// Choose says that there are accepted runs of several environments, of which the
	// reader must name one.
	Choose bool

	// Updating says that the results are becoming the baseline, which needs no hint.
	Updating bool

	// Edited are the files of the gate itself, its config and baseline, that the change
	// edits. They stand right below the headline, in red: the gate used those of the
	// base commit, but after the merge the new ones decide.
	Edited []string
	// Judge says when the gate did not use those of the base commit. A reader must know
	// that the change was its own judge, in red too.
	Judge Judge
	// Notices are sentences that only the caller can say. They stand above all other
	// notes.
	Notices []string

	// RunURL is the address of the CI run that holds the whole report. Anything
	// but an absolute http or https URL is left out.
	RunURL string
	// MaxBytes is the most that [Markdown] writes, 0 for [DefaultMaxBytes].
	MaxBytes int
}

// Judge is whose config and baseline a gate used.
type Judge int8

// The judges of a change.
const (
	JudgeBase   Judge = iota // those of the base commit, or nothing is a change
	JudgeChange              // its own, of which Options.Edited differ from the base commit's
	JudgeUnread              // its own, and the base commit's could not be read
)

// DefaultWidth is the width of a report that goes to no terminal: a log of a CI
// system wraps, if at all, at about this many columns.
const DefaultWidth = 120

// DefaultMaxBytes keeps a report inside a pull request comment. GitHub documents
// 65,536 characters and refuses what is longer; the publisher adds some lines.
const DefaultMaxBytes = 60_000

// minMaxBytes is what the headline and the hints of a report may need; a smaller
// budget could not hold a verdict.
const minMaxBytes = 4096

func (o Options) width() int {
	if o.Width <= 0 {
		return DefaultWidth
	}
	return o.Width
}

func (o Options) maxBytes() int {
	if o.MaxBytes <= 0 {
		return DefaultMaxBytes
	}
	return max(o.MaxBytes, minMaxBytes)
}
