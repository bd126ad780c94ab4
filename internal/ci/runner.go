package ci

import (
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Output is a value that later steps of a job can read.
type Output struct{ Name, Value string }

var outputName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// delimiterBytes is how many random bytes guard each value: nobody who writes a
// value can guess the line that ends it.
const delimiterBytes = 16

// WriteOutputs writes outputs in the form of the file that GITHUB_OUTPUT names: each
// as a block that ends at a random line, so that no value can forge another output.
// random fills its argument, as [crypto/rand.Read] does.
func WriteOutputs(w io.Writer, outputs []Output, random func([]byte) (int, error)) error {
	var b strings.Builder
	for _, o := range outputs {
		if !outputName.MatchString(o.Name) {
			return fmt.Errorf("%q is not the name of an output", o.Name)
		}
		guard, err := word(random)
		if err != nil {
			return err
		}
		if strings.Contains(o.Value, guard) {
			return fmt.Errorf("the value of %s holds its own delimiter", o.Name)
		}
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", o.Name, guard, o.Value, guard)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func word(random func([]byte) (int, error)) (string, error) {
	var guard [delimiterBytes]byte
	if _, err := random(guard[:]); err != nil {
		return "", fmt.Errorf("no random delimiter: %w", err)
	}
	return "speedgate-" + hex.EncodeToString(guard[:]), nil
}

// StopCommands returns what keeps a runner from obeying commands in the text
// between: begin goes before it, end behind it, each on a line of its own.
func StopCommands(random func([]byte) (int, error)) (begin, end string, err error) {
	token, err := word(random)
	if err != nil {
		return "", "", err
	}
	return "::stop-commands::" + token + "\n", "::" + token + "::\n", nil
}

var (
	// The percent sign first: its escapes hold percent signs. From
	// actions/toolkit:packages/core/src/command.ts.
	dataEscaper     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscaper = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Annotation returns the command that shows a message beside a run. level is error,
// warning or notice.
func Annotation(level, title, message string) string {
	return "::" + level + " title=" + propertyEscaper.Replace(title) + "::" + dataEscaper.Replace(message) + "\n"
}
