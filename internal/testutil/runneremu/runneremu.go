// Package runneremu tells what the runner of GitHub Actions would obey in the output
// of a step.
//
// It follows actions/runner as of 2026: src/Runner.Sdk/ProcessInvoker.cs splits the
// lines, src/Runner.Common/ActionCommand.cs parses them and
// src/Runner.Worker/ActionCommandManager.cs decides. It does not know of problem
// matchers, nor of what a command then does.
package runneremu

import (
	"strings"
	"unicode"
)

// Command is a line that the runner obeys.
type Command struct {
	Name       string            // as it is written; letter case means nothing
	Properties map[string]string // unescaped, names in lower case; nil if there are none
	Data       string            // unescaped
}

// registered are the commands that a step can give. Some are refused later, with an
// error in the log.
var registered = map[string]bool{
	"add-mask": true, "add-matcher": true, "add-path": true, "debug": true, "echo": true, "endgroup": true, "error": true,
	"group": true, "notice": true, "remove-matcher": true, "save-state": true, "set-env": true, "set-output": true,
	"stop-commands": true, "warning": true,
}

// Commands returns what the runner obeys in outputs of one step, in order. The
// runner reads standard output and standard error side by side, and where both have
// lines waiting it takes those of standard error first: a test passes the pieces in
// every order that it wants to hold. The state that stop-commands makes goes on from
// one output to the next.
func Commands(outputs ...string) []Command {
	var (
		obeyed []Command
		token  string // what begins again, "" while nothing is stopped
	)
	for _, line := range lines(outputs) {
		c, ok := parse(line, token)
		switch {
		case !ok:
			continue
		case token != "" && !strings.EqualFold(c.Name, token):
			continue
		case token != "":
			token = ""
		case strings.EqualFold(c.Name, "stop-commands") && isToken(c.Data):
			token = c.Data
		}
		obeyed = append(obeyed, c)
	}
	return obeyed
}

// isToken reports whether the runner takes a token: others are an error, and nothing
// stops.
func isToken(token string) bool {
	return token != "" && token != "pause-logging" && !registered[strings.ToLower(token)]
}

// lines splits as the ReadLine of .NET does: at LF, CRLF and a lone CR.
func lines(outputs []string) []string {
	var all []string
	for _, o := range outputs {
		all = append(all, strings.FieldsFunc(o, func(r rune) bool { return r == '\n' || r == '\r' })...)
	}
	return all
}

// parse tries the new form of a command and then the old one.
func parse(line, token string) (Command, bool) {
	c, ok := parseNew(line)
	if ok && isKnown(c.Name, token) {
		return c, true
	}
	c, ok = parseOld(line)
	return c, ok && isKnown(c.Name, token)
}

func isKnown(name, token string) bool {
	return registered[strings.ToLower(name)] || token != "" && strings.EqualFold(name, token)
}

// parseNew parses "::name key=value,key=value::data" at the start of a line.
func parseNew(line string) (Command, bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::")
	if !ok {
		return Command{}, false
	}
	info, data, ok := strings.Cut(rest, "::")
	if !ok {
		return Command{}, false
	}
	name, properties, _ := strings.Cut(info, " ")
	return Command{
		Name: name, Data: unescape(data, newData),
		Properties: pairs(strings.TrimSpace(properties), ",", newProperty),
	}, true
}

// parseOld parses "##[name key=value;key=value]data", the first one anywhere in a
// line.
func parseOld(line string) (Command, bool) {
	_, rest, ok := strings.Cut(line, "##[")
	if !ok {
		return Command{}, false
	}
	info, data, ok := strings.Cut(rest, "]")
	if !ok {
		return Command{}, false
	}
	name, properties, _ := strings.Cut(info, " ")
	return Command{Name: name, Data: unescape(data, old), Properties: pairs(properties, ";", old)}, true
}

func pairs(text, separator string, escapes []string) map[string]string {
	var all map[string]string
	for pair := range strings.SplitSeq(text, separator) {
		// The runner drops empty parts: "=k==v" is "k=v", and "k=" has no value.
		name, value, _ := strings.Cut(strings.TrimLeft(pair, "="), "=")
		value = strings.TrimLeft(value, "=")
		if name == "" || value == "" {
			continue
		}
		if all == nil {
			all = map[string]string{}
		}
		all[strings.ToLower(name)] = unescape(value, escapes)
	}
	return all
}

// Escapes and what they stand for, in the order in which the runner replaces them:
// the percent sign last.
var (
	newData     = []string{"%0D", "\r", "%0A", "\n", "%25", "%"}
	newProperty = []string{"%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%"}
	old         = []string{"%3B", ";", "%0D", "\r", "%0A", "\n", "%5D", "]", "%25", "%"}
)

func unescape(text string, escapes []string) string {
	for i := 0; i < len(escapes); i += 2 {
		text = strings.ReplaceAll(text, escapes[i], escapes[i+1])
	}
	return text
}
