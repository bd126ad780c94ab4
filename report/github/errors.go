package github

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"speedgate/internal/rest"
)

// The normal cases in which GitHub says no.
var (
	// ErrNotPermitted is wrapped when the token may not do what was asked, as on a
	// pull request from a fork. The message holds the line that `permissions:` lacks.
	ErrNotPermitted = errors.New("the token is not permitted")
	// ErrNotFound is wrapped when GitHub answers that there is no such thing. It says
	// so, too, of what a token may not see, so that such an error is an
	// [ErrNotPermitted] as well.
	ErrNotFound = errors.New("not found")
	// ErrRefused is wrapped when a branch does not take a commit.
	ErrRefused = errors.New("the branch does not take the commit")
)

// The lines of `permissions:` that calls need.
const (
	needContents = "contents: read"
	needWrite    = "contents: write"
	needComment  = "pull-requests: write"
	needPulls    = "pull-requests: read"
	needChecks   = "checks: write"
	needStatuses = "statuses: write"
	needActions  = "actions: read"
)

// explain turns an error of the library into one of ours, without the token and
// with what to do. need is the line that `permissions:` may lack.
func (c *Client) explain(what, need string, err error) error {
	if err == nil {
		return nil
	}
	switch statusOf(err) {
	case 0:
		return c.hide(what, err)
	case http.StatusUnauthorized:
		return fmt.Errorf("%s: %w: it is wrong or has expired (%s)", what, ErrNotPermitted, c.said(err))
	case http.StatusForbidden:
		if containsAny(err, "locked") {
			return fmt.Errorf("%s: %w: the conversation is locked", what, ErrNotPermitted)
		}
		return fmt.Errorf("%s: %w; the workflow needs permissions: %s (%s)", what, ErrNotPermitted, need, c.said(err))
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%s: %w, or %w; the workflow needs permissions: %s", what, ErrNotFound, ErrNotPermitted, need)
	}
	return fmt.Errorf("%s: GitHub answered %d: %s", what, statusOf(err), c.said(err))
}

// hide returns an error that is no answer: of the network, of a time limit, of a body
// that is not what GitHub sends; or that the library makes of an answer by itself.
func (c *Client) hide(what string, err error) error {
	var limit *gh.RateLimitError
	var secondary *gh.AbuseRateLimitError
	switch {
	case errors.As(err, &limit):
		return fmt.Errorf("%s: the token's requests are used up until %s UTC", what, limit.Rate.Reset.UTC().Format(time.TimeOnly))
	case errors.As(err, &secondary):
		return fmt.Errorf("%s: GitHub asks to slow down: %s", what, rest.Clean(secondary.Message, c.token))
	}
	return rest.Hide(what, err, c.token)
}

// statusOf returns the status of an answer that is an error, 0 for other errors.
func statusOf(err error) int {
	if answer := answerOf(err); answer != nil {
		return answer.Response.StatusCode
	}
	return 0
}

func answerOf(err error) *gh.ErrorResponse {
	var answer *gh.ErrorResponse
	if errors.As(err, &answer) && answer.Response != nil {
		return answer
	}
	return nil
}

// said returns what GitHub said, safe to print: the name of the status if it was
// nothing, as with a proxy's page.
func (c *Client) said(err error) string {
	return cmp.Or(rest.Clean(words(err), c.token), http.StatusText(statusOf(err)))
}

// words returns the message of an answer with those of its details: "Validation
// Failed" alone helps nobody.
func words(err error) string {
	answer := answerOf(err)
	if answer == nil {
		return ""
	}
	parts := []string{answer.Message}
	for _, e := range answer.Errors {
		parts = append(parts, e.Message)
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// containsAny reports whether an answer says one of some texts, given in lower case.
func containsAny(err error, texts ...string) bool {
	said := strings.ToLower(words(err))
	for _, text := range texts {
		if strings.Contains(said, text) {
			return true
		}
	}
	return false
}
