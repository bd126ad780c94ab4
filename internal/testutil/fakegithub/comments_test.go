package fakegithub

import (
	"fmt"
	"strings"
	"testing"

	gh "github.com/google/go-github/v60/github"
)

func TestComments(t *testing.T) {
	t.Parallel()
	_, r, c, _, _ := start(t)
	planted := r.AddComment(7, "mallory", "hello")
	made, _, err := c.Issues.CreateComment(t.Context(), "o", "r", 7, &gh.IssueComment{Body: gh.String("first")})
	check(t, "create", err)
	if made.GetUser().GetLogin() != Bot || made.GetUser().GetType() != "Bot" || made.GetUpdatedAt().After(made.GetCreatedAt().Time) {
		t.Errorf("created %v", made)
	}
	edited, _, err := c.Issues.EditComment(t.Context(), "o", "r", planted.ID, &gh.IssueComment{Body: gh.String("edited by another")})
	check(t, "edit", err)
	if !edited.GetUpdatedAt().After(edited.GetCreatedAt().Time) || edited.GetUser().GetLogin() != "mallory" {
		t.Errorf("edited %v", edited)
	}
	_, err = c.Issues.DeleteComment(t.Context(), "o", "r", made.GetID())
	check(t, "delete", err)
	var left []string
	for _, com := range r.Comments(7) {
		left = append(left, com.Author+": "+com.Body)
	}
	diff(t, "comments", []string{"mallory: edited by another"}, left)
}

func TestCommentRefusals(t *testing.T) {
	t.Parallel()
	const blank = "422 Validation Failed [IssueComment body missing_field Body can't be blank]"
	const long = "422 Validation Failed [IssueComment data unprocessable Body is too long (maximum is 65536 characters)]"
	cases := []struct {
		name string
		pull int
		body string
		want string
	}{
		{"no such pull request", 8, "x", "404 Not Found"},
		{"blank", 7, " \n", blank},
		{"one byte too long", 7, strings.Repeat("ä", maxComment/2) + "x", long},
		{"as long as it may be", 7, strings.Repeat("ä", maxComment/2), ""},
		{"locked", 9, "x", "403 Unable to create comment because issue is locked."},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, r, c, base, _ := start(t)
			r.AddPull(Pull{Number: 9, HeadSHA: base, HeadBranch: "other"})
			r.Lock(9)
			_, _, err := c.Issues.CreateComment(t.Context(), "o", "r", tc.pull, &gh.IssueComment{Body: &tc.body})
			if tc.want == "" {
				check(t, "create", err)
				return
			}
			wantError(t, err, tc.want)
		})
	}
}

func TestCommentsThatAreNotThere(t *testing.T) {
	t.Parallel()
	_, _, c, _, _ := start(t)
	_, _, err := c.Issues.EditComment(t.Context(), "o", "r", 1, &gh.IssueComment{Body: gh.String("x")})
	wantError(t, err, "404 Not Found")
	_, err = c.Issues.DeleteComment(t.Context(), "o", "r", 1)
	wantError(t, err, "404 Not Found")
	_, _, err = c.Issues.ListComments(t.Context(), "o", "r", 8, nil)
	wantError(t, err, "404 Not Found")
	_, _, err = c.Issues.ListComments(t.Context(), "o", "other", 7, nil)
	wantError(t, err, "404 Not Found")
}

func TestPages(t *testing.T) {
	t.Parallel()
	_, r, c, _, _ := start(t)
	for i := range 250 {
		r.AddComment(7, "somebody", fmt.Sprint(i))
	}
	cases := []struct{ size, page, n, prev, next, first, last int }{
		{0, 0, 30, 0, 2, 0, 9}, // 30 when not told
		{100, 1, 100, 0, 2, 0, 3},
		{100, 2, 100, 1, 3, 1, 3},
		{100, 3, 50, 2, 0, 1, 0},
		{100, 4, 0, 3, 0, 1, 0},
		{1000, 1, 100, 0, 2, 0, 3}, // not more than 100
		{250, 1, 100, 0, 2, 0, 3},
	}
	for _, tc := range cases {
		o := &gh.IssueListCommentsOptions{ListOptions: gh.ListOptions{PerPage: tc.size, Page: tc.page}}
		list, resp, err := c.Issues.ListComments(t.Context(), "o", "r", 7, o)
		check(t, "list", err)
		got := tc
		got.n, got.prev, got.next, got.first, got.last = len(list), resp.PrevPage, resp.NextPage, resp.FirstPage, resp.LastPage
		if got != tc {
			t.Errorf("got %+v, want %+v", got, tc)
		}
	}
}
