package rest

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// maxText bounds what is repeated of an answer, in runes: a proxy may answer with a
// page.
const maxText = 300

// Clean makes foreign text one short line without the token.
func Clean(text, token string) string {
	if token != "" {
		text = strings.ReplaceAll(text, token, "***")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return text
}

// Hide returns an error that is no answer (of the network, of a time limit) with a
// text that is safe to print: without the token, and without an address, which may be
// one that a redirect led to, signed for whoever has it.
func Hide(what string, err error, token string) error {
	text := err.Error()
	var failed *url.Error
	if errors.As(err, &failed) {
		text = failed.Err.Error()
	}
	return &hiddenError{what + ": " + Clean(text, token), err}
}

// hiddenError is an error whose text is safe to print. What caused it can be asked
// for, not printed.
type hiddenError struct {
	text  string
	cause error
}

func (e *hiddenError) Error() string { return e.text }

// Is makes a cancelled context and the like known.
func (e *hiddenError) Is(target error) bool { return errors.Is(e.cause, target) }
