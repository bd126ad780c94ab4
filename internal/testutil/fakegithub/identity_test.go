package fakegithub

import (
	"errors"
	"net/http"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"
)

func TestWho(t *testing.T) {
	t.Parallel()
	g, r, _, _, _ := start(t)
	g.AddToken("ghp_Person", "octocat")
	g.AddReader("ghs_Reader")
	g.AddApp("ghs_App", "gate[bot]")
	const forbidden = "403 Resource not accessible by integration"
	cases := []struct{ name, token, user, read, write string }{
		{"a workflow", Token, forbidden, "", ""},
		{"a workflow that reads", "ghs_Reader", forbidden, "", forbidden},
		{"an app", "ghs_App", forbidden, "", ""},
		{"a person", "ghp_Person", "", "", ""},
		{"nobody", "", "401 Requires authentication", "", "401 Requires authentication"},
		{"a wrong token", "ghp_Wrong", "401 Bad credentials", "401 Bad credentials", "401 Bad credentials"},
	}
	for _, tc := range cases {
		c := client(t, g, tc.token)
		user, _, userErr := c.Users.Get(t.Context(), "")
		_, _, readErr := c.Issues.ListComments(t.Context(), "o", "r", 7, nil)
		_, _, writeErr := c.Issues.CreateComment(t.Context(), "o", "r", 7, &gh.IssueComment{Body: gh.String("x")})
		for _, asked := range []struct {
			err  error
			want string
		}{{userErr, tc.user}, {readErr, tc.read}, {writeErr, tc.write}} {
			if asked.want != "" {
				wantError(t, asked.err, asked.want)
			} else if asked.err != nil {
				t.Errorf("%s: %v", tc.name, asked.err)
			}
		}
		if tc.user == "" && (user.GetLogin() != "octocat" || user.GetType() != "User") {
			t.Errorf("%s is %v", tc.name, user)
		}
	}
	var authors []string
	for _, com := range r.Comments(7) {
		authors = append(authors, com.Author)
	}
	diff(t, "comments by", []string{Bot, "gate[bot]", "octocat"}, authors)
}

func TestRate(t *testing.T) {
	t.Parallel()
	g, _, c, _, _ := start(t)
	reset := time.Now().Add(time.Hour).Truncate(time.Second)
	g.SetRate(1, reset)
	_, resp, err := c.PullRequests.Get(t.Context(), "O", "R", 7) // names have no case
	check(t, "the last", err)
	if resp.Rate.Limit != 1000 || resp.Rate.Remaining != 0 || !resp.Rate.Reset.Equal(gh.Timestamp{Time: reset}) {
		t.Errorf("rate %v", resp.Rate)
	}
	_, _, err = client(t, g, Token).PullRequests.Get(t.Context(), "o", "r", 7)
	if limited, ok := errors.AsType[*gh.RateLimitError](err); !ok || limited.Response.StatusCode != http.StatusForbidden {
		t.Errorf("error %v", err)
	}
}
