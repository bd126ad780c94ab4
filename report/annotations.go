package report

import (
	"slices"
	"strconv"

	"speedgate/gate"
	"speedgate/report/safetext"
)

// Note is one thing that a CI system shows beside a run.
type Note struct {
	Level   string // error or warning
	Title   string
	Message string
}

const (
	// maxNotesOfLevel is how many notes of a level a report makes: GitHub shows 10 errors
	// and 10 warnings of a step, and adds one for the exit code
	// (actions/runner:src/Runner.Worker/ExecutionContext.cs, _maxCountPerIssueType).
	maxNotesOfLevel = 9
	// maxNoteRunes is below the 4,096 characters that the runner keeps of a message.
	maxNoteRunes = 1000
)

// Notes returns what failed the gate, as errors, and what only warns, the worst
// first. Beyond nine of a level the last one counts the rest. The text is safe for
// a log; whoever writes it as a command escapes it for that.
func Notes(r *gate.Result) []Note {
	title := "speedgate"
	if r.Suite != "" {
		title += " " + safetext.Line(r.Suite)
	}
	errors := notesOf(r, title, "error", gate.SeverityCritical)
	if r.Verdict == gate.Fail && len(errors) == 0 {
		errors = []Note{{"error", title, cutNote(outcomeText(r, plainText))}}
	}
	warnings := notesOf(r, title, "warning", gate.SeverityWarning)
	if r.Verdict == gate.NoBaseline {
		text := outcomeText(r, plainText) + ": " + safetext.Line(r.Reason)
		warnings = slices.Concat([]Note{{"warning", title, cutNote(text)}}, warnings)
	}
	return slices.Concat(cutNotes(errors), cutNotes(warnings))
}

func notesOf(r *gate.Result, title, level string, severity gate.Severity) []Note {
	var list []Note
	names := newNamer(r.Metrics)
	for i := range r.Metrics {
		if m := &r.Metrics[i]; m.Severity == severity {
			text := plainText.name(names.name(m.Key)) + " " + sentence(m)
			list = append(list, Note{level, title, cutNote(text)})
		}
	}
	return list
}

// cutNotes makes the last note that fits count those that do not.
func cutNotes(list []Note) []Note {
	if len(list) <= maxNotesOfLevel {
		return list
	}
	more := len(list) - maxNotesOfLevel + 1
	last := list[maxNotesOfLevel-1]
	last.Message = "… and " + strconv.Itoa(more) + " more"
	return append(list[:maxNotesOfLevel-1:maxNotesOfLevel-1], last)
}

func cutNote(text string) string {
	if runes := []rune(text); len(runes) > maxNoteRunes {
		return string(runes[:maxNoteRunes]) + "…"
	}
	return text
}
