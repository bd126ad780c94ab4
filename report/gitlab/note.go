package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"speedgate/report/sticky"
)

const (
	// maxPages bounds how much of a list is looked through, at 100 notes a page.
	maxPages = 50
	perPage  = 100
)

var projectNumber = regexp.MustCompile(`^[0-9]{1,18}$`)

// Note creates or updates the one note of a gate on a merge request. project is the
// number of the project that the change goes to, request the merge request's in it.
//
// The job's own CI_JOB_TOKEN may not write notes (gitlab-org/gitlab#464591).
func (c *Client) Note(ctx context.Context, project string, request int, com sticky.Comment) (sticky.Outcome, error) {
	switch {
	case !projectNumber.MatchString(project):
		return sticky.Outcome{}, fmt.Errorf("%q is not the number of a project", project)
	case request <= 0:
		return sticky.Outcome{}, fmt.Errorf("%d is not the number of a merge request", request)
	}
	t := &thread{c: c, number: request, path: "projects/" + project + "/merge_requests/" + strconv.Itoa(request)}
	return sticky.Keep(ctx, t, com)
}

// thread is the conversation of a merge request.
type thread struct {
	c      *Client
	number int
	path   string
	url    string // page of the merge request, once Head was asked for
}

// note is the part of a note that is needed.
type note struct {
	ID     int64  `json:"id"`
	Body   string `json:"body"`
	System bool   `json:"system"` // GitLab's own words, on behalf of somebody
	Author struct {
		Username string `json:"username"`
	} `json:"author"`
}

func (t *thread) post(n note) sticky.Post {
	p := sticky.Post{ID: n.ID, Body: n.Body, URL: t.url + "#note_" + strconv.FormatInt(n.ID, 10)}
	if !n.System {
		p.Author = n.Author.Username
	}
	return p
}

// Head implements [sticky.Thread].
func (t *thread) Head(ctx context.Context) (string, error) {
	var mr struct {
		SHA string `json:"sha"`
		URL string `json:"web_url"`
	}
	_, err := t.c.do(ctx, call{what: fmt.Sprintf("reading merge request %d", t.number), method: http.MethodGet, path: t.path}, &mr)
	t.url = mr.URL
	return mr.SHA, err
}

// Author implements [sticky.Thread].
func (t *thread) Author(ctx context.Context) (string, error) {
	const what = "asking who the token is"
	var user struct {
		Username string `json:"username"`
	}
	_, err := t.c.do(ctx, call{what: what, method: http.MethodGet, path: "user"}, &user)
	if err == nil && user.Username == "" {
		return "", errors.New(what + ": the answer has no name")
	}
	return user.Username, err
}

// Find implements [sticky.Thread].
func (t *thread) Find(ctx context.Context, matches func(sticky.Post) bool) (*sticky.Post, error) {
	page := "1"
	for range maxPages {
		var list []note
		header, err := t.c.do(ctx, call{
			what: fmt.Sprintf("listing the notes of merge request %d", t.number), method: http.MethodGet, path: t.path + "/notes",
			query: url.Values{"sort": {"asc"}, "order_by": {"created_at"}, "per_page": {strconv.Itoa(perPage)}, "page": {page}},
		}, &list)
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			if p := t.post(n); matches(p) {
				return &p, nil
			}
		}
		// A page may hold fewer notes than asked for though others follow: those that
		// the token may not see are left out.
		if page = header.Get("X-Next-Page"); page == "" {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("merge request %d has more than %d notes", t.number, perPage*maxPages)
}

// quickAction matches the start of a line that GitLab would obey, such as /merge.
var quickAction = regexp.MustCompile(`(?m)^([ \t]*)/`)

// sent is a body as GitLab takes it. Nothing of ours begins a line with a slash; the
// backslash keeps a mistake there from becoming a command of the token.
func sent(body string) map[string]string {
	return map[string]string{"body": quickAction.ReplaceAllString(body, `$1\/`)}
}

// Create implements [sticky.Thread].
func (t *thread) Create(ctx context.Context, body string) (sticky.Post, error) {
	what := fmt.Sprintf("writing a note on merge request %d", t.number)
	var made note
	_, err := t.c.do(ctx, call{what: what, method: http.MethodPost, path: t.path + "/notes", in: sent(body)}, &made)
	switch {
	case err != nil:
		return sticky.Post{}, err
	case made.ID <= 0:
		return sticky.Post{}, errors.New(what + ": the answer is no note")
	}
	return t.post(made), nil
}

// Edit implements [sticky.Thread].
func (t *thread) Edit(ctx context.Context, id int64, body string) error {
	_, err := t.c.do(ctx, call{what: "updating the note", method: http.MethodPut, path: t.notePath(id), in: sent(body)}, nil)
	return err
}

// Delete implements [sticky.Thread].
func (t *thread) Delete(ctx context.Context, id int64) error {
	_, err := t.c.do(ctx, call{what: "deleting a second note", method: http.MethodDelete, path: t.notePath(id)}, nil)
	var no *refused
	if errors.As(err, &no) && no.code == http.StatusNotFound {
		return nil
	}
	return err
}

func (t *thread) notePath(id int64) string { return t.path + "/notes/" + strconv.FormatInt(id, 10) }
