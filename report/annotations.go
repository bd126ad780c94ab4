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
	// noteTool is the title of what is of no suite, or of several.
	noteTool = "speedgate"
	// maxNotesOfLevel is how many notes of a level a report makes: GitHub shows 10 errors
	// and 10 warnings of a step, and adds one for the exit code
	// (actions/runner:src/Runner.Worker/ExecutionContext.cs, _maxCountPerIssueType).
	maxNotesOfLevel = 9
	// maxNoteRunes is below the 4,096 characters that the runner keeps of a message.
	maxNoteRunes = 1000
)

// Notes returns what failed the gates of one step, as errors, and what only warns,
// the worst of each gate first. Beyond nine of a level the last one counts the rest,
// whatever gates they are of, as the limit is one of the step. The text is safe for a
// log; whoever writes it as a command escapes it for that.
func Notes(results ...*gate.Result) []Note {
	var errors, warnings []Note
	for _, r := range results {
		errors = append(errors, failures(r)...)
		warnings = append(warnings, cautions(r)...)
	}
	return slices.Concat(cutNotes(errors), cutNotes(warnings))
}

func failures(r *gate.Result) []Note {
	notes := notesOf(r, "error", gate.SeverityCritical)
	if r.Verdict == gate.Fail && len(notes) == 0 {
		return []Note{{"error", noteTitle(r), cutNote(outcomeText(r, plainText))}}
	}
	return notes
}

func cautions(r *gate.Result) []Note {
	notes := notesOf(r, "warning", gate.SeverityWarning)
	if r.Verdict == gate.NoBaseline {
		text := outcomeText(r, plainText) + ": " + safetext.Line(r.Reason)
		return slices.Concat([]Note{{"warning", noteTitle(r), cutNote(text)}}, notes)
	}
	return notes
}

func noteTitle(r *gate.Result) string {
	if r.Suite == "" {
		return noteTool
	}
	return noteTool + " " + safetext.Line(r.Suite)
}

func notesOf(r *gate.Result, level string, severity gate.Severity) []Note {
	var list []Note
	title, names := noteTitle(r), newNamer(r.Metrics)
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
	last := Note{list[0].Level, noteTool, "… and " + strconv.Itoa(more) + " more"}
	return append(list[:maxNotesOfLevel-1:maxNotesOfLevel-1], last)
}

func cutNote(text string) string {
	if runes := []rune(text); len(runes) > maxNoteRunes {
		return string(runes[:maxNoteRunes]) + "…"
	}
	return text
}
