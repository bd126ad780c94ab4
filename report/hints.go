package report

import (
	"slices"
	"strings"

	"speedgate/gate"
	"speedgate/perf"
	"speedgate/report/safetext"
)

// hint is a command that a reader may want next.
type hint struct {
	lead    string
	command string
	tail    string
}

// placeholder stands for the arguments that name the results.
const placeholder = "results…"

// hints are the next steps, each with a command that can be pasted.
func hints(r *gate.Result, o Options) []hint {
	var list []hint
	switch {
	case o.Choose:
		list = append(list, hint{lead: "To choose the environment to compare with:", command: command(o, "check", "--environment", "…")})
	case r.Verdict == gate.NoBaseline && !o.Updating:
		list = append(list, hint{lead: "To make these results the baseline:", command: command(o, "update")})
	}
	if n := count(r, isSuspect); n > 0 {
		lead := "To settle the suspect, measure again:"
		if n > 1 {
			lead = "To settle the suspects, measure again:"
		}
		rerun := o.Rerun
		if rerun == "" || len(rerun) > maxCommand/2 || !safetext.Plain(rerun) {
			rerun = "…"
		}
		list = append(list, hint{lead, command(o, "check", "--rerun", rerun), "or add result files of more runs"})
	}
	if m := acceptable(r); m != nil {
		list = append(list, hint{
			lead:    "To accept a slowdown on purpose:",
			command: command(o, "update", "--accept", pattern(r, m.Key), "--reason", "…"),
		})
	}
	return slices.DeleteFunc(list, func(h hint) bool { return h.command == "" })
}

func isSuspect(m *gate.Metric) bool { return m.Verdict == gate.Suspect }

// acceptable returns the worst metric whose slowdown can be accepted.
func acceptable(r *gate.Result) *gate.Metric {
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if isCritical(m) && (m.Verdict == gate.Regressed || m.Verdict == gate.Suspect || isCreeping(m)) {
			return m
		}
	}
	return nil
}

// pattern matches the metric k; all metrics of its subject, if another one of
// them fails as well. Characters that cannot be typed become stars, which match
// them.
func pattern(r *gate.Result, k perf.Key) string {
	metric := k.Metric
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if isCritical(m) && m.Key.Subject == k.Subject && m.Key.Metric != k.Metric {
			metric = "*"
		}
	}
	return typeable(k.Subject) + ":" + typeable(metric)
}

func typeable(s string) string {
	s = strings.Map(func(r rune) rune {
		if safetext.Visible(r) && r != '\ufffd' {
			return r
		}
		return '*'
	}, s)
	if safetext.Plain(s) {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "##", "#*"), "::", ":*")
}

// maxCommand is the longest command, in bytes, that a report suggests with all
// its file arguments; a longer one nobody reads.
const maxCommand = 240

// command returns a speedgate command with the flags and files of o, quoted for
// a POSIX shell. Files that cannot be printed safely are replaced by a
// placeholder. It is "" if names make it too long to be pasted.
func command(o Options, args ...string) string {
	quoted := []string{"speedgate"}
	for _, a := range append(args, o.Flags...) {
		quoted = append(quoted, shellQuote(a))
	}
	head := strings.Join(quoted, " ")
	if len(head) > 2*maxCommand {
		return ""
	}
	files := fileArguments(o)
	if len(head)+len(files) > maxCommand {
		files = placeholder
	}
	return safetext.Line(head + " " + files)
}

func fileArguments(o Options) string {
	if len(o.Files) == 0 {
		return placeholder
	}
	quoted := make([]string, len(o.Files))
	for i, f := range o.Files {
		// "-" is standard input, which cannot be read twice, and "-x" is a flag.
		if !safetext.Plain(f) || strings.HasPrefix(f, "-") {
			return placeholder
		}
		quoted[i] = shellQuote(f)
	}
	return strings.Join(quoted, " ")
}

// shellSafe are the characters besides letters and digits that no shell treats
// specially inside a word.
const shellSafe = "_-./:=@%+,"

func shellQuote(s string) string {
	isSafe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(shellSafe, r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !isSafe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
