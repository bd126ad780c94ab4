package fakegithub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Comment is a comment on a pull request.
type Comment struct {
	ID     int64
	Author string // login
	Body   string
	URL    string
}

type comment struct {
	Comment
	pull         int
	made, edited time.Time
}

// maxComment is where GitHub really cuts, in bytes. Its message has another number.
const maxComment = 262144

func bodyTooLong() answer {
	return invalid("IssueComment", "data", "unprocessable", "Body is too long (maximum is 65536 characters)")
}

// AddComment adds a comment of somebody to a pull request.
func (r *Repo) AddComment(pull int, login, body string) Comment {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	if r.pull(pull) == nil {
		r.g.violate("the test comments on pull request %d, which does not exist", pull)
	}
	return r.addComment(pull, login, body).Comment
}

func (r *Repo) addComment(pull int, login, body string) *comment {
	c := &comment{pull: pull, made: r.g.tick()}
	c.ID, c.Author, c.Body, c.edited = r.g.nextID(), login, body, c.made
	c.URL = fmt.Sprintf("https://github.example/%s/pull/%d#issuecomment-%d", r.fullName, pull, c.ID)
	r.comments = append(r.comments, c)
	return c
}

// Comments returns the comments on a pull request, oldest first.
func (r *Repo) Comments(pull int) []Comment {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	var list []Comment
	for _, c := range r.commentsOf(pull) {
		list = append(list, c.Comment)
	}
	return list
}

// Lock closes the conversation on a pull request.
func (r *Repo) Lock(pull int) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.locked[pull] = true
}

func (r *Repo) commentsOf(pull int) []*comment {
	var list []*comment
	for _, c := range r.comments {
		if c.pull == pull {
			list = append(list, c)
		}
	}
	return list
}

func (r *Repo) commentJSON(c *comment) object {
	return object{
		"id": c.ID, "node_id": fmt.Sprintf("IC_%d", c.ID), "body": c.Body, "html_url": c.URL,
		"url":       fmt.Sprintf("%s/repos/%s/issues/comments/%d", r.g.URL, r.fullName, c.ID),
		"issue_url": fmt.Sprintf("%s/repos/%s/issues/%d", r.g.URL, r.fullName, c.pull),
		"user":      userJSON(c.Author), "created_at": c.made, "updated_at": c.edited, "author_association": "NONE",
	}
}

func listComments(c *call) answer {
	pull := int(c.id("issue_number"))
	if c.repo.pull(pull) == nil {
		return notFound()
	}
	list, header := page(c, c.repo.commentsOf(pull))
	return answer{status: http.StatusOK, header: header, body: objectsOf(list, c.repo.commentJSON)}
}

func createComment(c *call) answer {
	pull := int(c.id("issue_number"))
	body, refusal, ok := c.commentBody()
	switch {
	case c.repo.pull(pull) == nil:
		return notFound()
	case c.repo.locked[pull]:
		return refused(http.StatusForbidden, "Unable to create comment because issue is locked.")
	case !ok:
		return refusal
	}
	return created(c.repo.commentJSON(c.repo.addComment(pull, c.who.login, body)))
}

// commentBody returns the body of a comment, or why it is refused.
func (c *call) commentBody() (body string, refusal answer, ok bool) {
	var in struct{ Body string }
	c.decode(&in)
	switch {
	case strings.TrimSpace(in.Body) == "":
		return "", invalid("IssueComment", "body", "missing_field", "Body can't be blank"), false
	case len(in.Body) > maxComment:
		return "", bodyTooLong(), false
	}
	return in.Body, answer{}, true
}

// comment returns the comment of the path, nil if there is none.
func (c *call) comment() *comment {
	id := c.id("comment_id")
	i := slices.IndexFunc(c.repo.comments, func(c *comment) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return c.repo.comments[i]
}

func editComment(c *call) answer {
	com := c.comment()
	body, refusal, ok := c.commentBody()
	switch {
	case com == nil:
		return notFound()
	case !ok:
		return refusal
	}
	com.Body, com.edited = body, c.g.tick()
	return found(c.repo.commentJSON(com))
}

func deleteComment(c *call) answer {
	com := c.comment()
	if com == nil {
		return notFound()
	}
	c.repo.comments = slices.DeleteFunc(c.repo.comments, func(other *comment) bool { return other == com })
	return gone()
}
