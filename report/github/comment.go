package github

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Mode says when a pull request is told.
type Mode string

// The modes. In each, a comment that exists is kept up to date, so that it turns
// green on recovery.
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

// Comment is what a gate has to say on a pull request.
type Comment struct {
	ID      string // of the gate: several gates comment side by side
	Body    string // Markdown, without the marker
	Short   string // the same in fewer words, for when the body is refused as too long
	Head    string // commit that was measured
	Run     int64  // id of the CI run; it grows from run to run
	Attempt int64
	Create  bool   // whether there is something to say if no comment exists yet
	Author  string // login that owns the comment; "" = that of the token
}

// Outcome says what became of a comment.
type Outcome struct {
	URL    string // of the comment, "" if there is none
	Action string // created, updated, unchanged, or why nothing was written
}

const (
	markerPrefix = "<!-- speedgate:v1 id="
	needComment  = "pull-requests: write"
	// actionsBot owns the comments of GITHUB_TOKEN, which may not ask who it is.
	actionsBot = "github-actions[bot]"
	// maxPages bounds the search for the own comment: 100 comments a page.
	maxPages = 50
)

var commentID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// marker is the first line of a comment. It names the gate and the run that wrote
// it; nothing of it comes from results.
func (c *Comment) marker(body string) string {
	sum := sha256.Sum256([]byte(body))
	return fmt.Sprintf("%s%s head=%s run=%d attempt=%d digest=%s -->", markerPrefix, c.ID, c.Head, c.Run, c.Attempt, hex.EncodeToString(sum[:8]))
}

// Comment creates or updates the one comment of a gate on a pull request. It is
// found by its first line and its author: anybody may write the line, and a token
// may edit everybody's comments. A comment of a newer run is left alone, as is a
// pull request whose head is another commit by now.
func (c *Client) Comment(ctx context.Context, repo Repo, pull int, com Comment) (Outcome, error) {
	if pull <= 0 { // 0 would list the comments of the whole repository
		return Outcome{}, fmt.Errorf("%d is not the number of a pull request", pull)
	}
	if !commentID.MatchString(com.ID) {
		return Outcome{}, fmt.Errorf("%q is not an id; letters, digits, dots, dashes and underscores, at most 64", com.ID)
	}
	head, err := c.pullHead(ctx, repo, pull)
	if err != nil {
		return Outcome{}, err
	}
	if com.Head != "" && head != com.Head {
		return Outcome{Action: "the pull request has moved on to " + head}, nil
	}
	author, err := c.author(ctx, com.Author)
	if err != nil {
		return Outcome{}, err
	}
	own, err := c.ownComment(ctx, repo, pull, com.ID, author)
	switch {
	case err != nil:
		return Outcome{}, err
	case own == nil && !com.Create:
		return Outcome{Action: "nothing to say"}, nil
	case own == nil:
		return c.create(ctx, repo, pull, com, author)
	}
	return c.update(ctx, repo, own, com)
}

func (c *Client) pullHead(ctx context.Context, repo Repo, pull int) (string, error) {
	pr, _, err := c.api.PullRequests.Get(ctx, repo.Owner, repo.Name, pull)
	if err != nil {
		return "", c.explain("reading pull request "+strconv.Itoa(pull), "pull-requests: read", err)
	}
	return pr.GetHead().GetSHA(), nil
}

// author returns the login whose comments are ours.
func (c *Client) author(ctx context.Context, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	user, _, err := c.api.Users.Get(ctx, "")
	if err != nil {
		if err := c.explain("asking who the token is", needComment, err); !errors.Is(err, ErrNotPermitted) {
			return "", err
		}
		return actionsBot, nil // the token of a workflow may not ask
	}
	return user.GetLogin(), nil
}

// ownComment returns the oldest comment of the gate, nil if there is none.
func (c *Client) ownComment(ctx context.Context, repo Repo, pull int, id, author string) (*gh.IssueComment, error) {
	o := &gh.IssueListCommentsOptions{ListOptions: gh.ListOptions{PerPage: 100}}
	for range maxPages {
		list, resp, err := c.api.Issues.ListComments(ctx, repo.Owner, repo.Name, pull, o)
		if err != nil {
			return nil, c.explain("listing the comments of pull request "+strconv.Itoa(pull), needComment, err)
		}
		for _, com := range list {
			if isOwn(com, id, author) {
				return com, nil
			}
		}
		if resp.NextPage == 0 {
			return nil, nil
		}
		o.Page = resp.NextPage
	}
	return nil, fmt.Errorf("pull request %d has more than %d comments", pull, 100*maxPages)
}

func isOwn(com *gh.IssueComment, id, author string) bool {
	user := com.GetUser()
	return strings.HasPrefix(com.GetBody(), markerPrefix+id+" ") && user.GetLogin() == author &&
		(author != actionsBot || user.GetType() == "Bot")
}

// create writes a new comment. A POST is never sent twice blindly: whether it got
// through is seen by looking for the marker. When two jobs create at once, the
// older comment stays.
func (c *Client) create(ctx context.Context, repo Repo, pull int, com Comment, author string) (Outcome, error) {
	body := com.Body
	made, err := c.post(ctx, repo, pull, com, body)
	if isTooLong(err) && com.Short != "" {
		body = com.Short
		made, err = c.post(ctx, repo, pull, com, body)
	}
	own, findErr := c.ownComment(ctx, repo, pull, com.ID, author)
	switch {
	case findErr == nil && own != nil && made != nil && own.GetID() != made.GetID():
		if _, err := c.api.Issues.DeleteComment(ctx, repo.Owner, repo.Name, made.GetID()); err != nil {
			return Outcome{}, c.explain("deleting a second comment", needComment, err)
		}
		return c.update(ctx, repo, own, com)
	case err != nil && findErr == nil && own != nil:
		made = own // it got through all the same
	case err != nil:
		return Outcome{}, c.explain("commenting on pull request "+strconv.Itoa(pull), needComment, err)
	}
	return Outcome{made.GetHTMLURL(), "created"}, nil
}

func (c *Client) post(ctx context.Context, repo Repo, pull int, com Comment, body string) (*gh.IssueComment, error) {
	made, _, err := c.api.Issues.CreateComment(ctx, repo.Owner, repo.Name, pull, &gh.IssueComment{Body: gh.String(com.marker(body) + "\n" + body)})
	return made, err
}

// isTooLong reports whether GitHub refused a body for its length.
func isTooLong(err error) bool {
	var answer *gh.ErrorResponse
	return errors.As(err, &answer) && answer.Response != nil && answer.Response.StatusCode == http.StatusUnprocessableEntity
}

var markerLine = regexp.MustCompile(`^<!-- speedgate:v1 id=\S+ head=\S* run=(\d+) attempt=(\d+) digest=([0-9a-f]+) -->`)

// update brings an existing comment up to date.
func (c *Client) update(ctx context.Context, repo Repo, own *gh.IssueComment, com Comment) (Outcome, error) {
	out := Outcome{URL: own.GetHTMLURL(), Action: "updated"}
	if m := markerLine.FindStringSubmatch(own.GetBody()); m != nil {
		run, _ := strconv.ParseInt(m[1], 10, 64)
		attempt, _ := strconv.ParseInt(m[2], 10, 64)
		if cmp.Or(cmp.Compare(run, com.Run), cmp.Compare(attempt, com.Attempt)) > 0 {
			out.Action = "a newer run has written it"
			return out, nil
		}
		if strings.HasSuffix(own.GetBody(), "\n"+com.Body) {
			out.Action = "unchanged"
			return out, nil
		}
	}
	err := c.edit(ctx, repo, own.GetID(), com, com.Body)
	if isTooLong(err) && com.Short != "" {
		err = c.edit(ctx, repo, own.GetID(), com, com.Short)
	}
	return out, c.explain("updating the comment", needComment, err)
}

func (c *Client) edit(ctx context.Context, repo Repo, id int64, com Comment, body string) error {
	_, _, err := c.api.Issues.EditComment(ctx, repo.Owner, repo.Name, id, &gh.IssueComment{Body: gh.String(com.marker(body) + "\n" + body)})
	return err
}
