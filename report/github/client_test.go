package github

import (
	"testing"
)

func TestNew(t *testing.T) {
	t.Parallel()
	for api, want := range map[string]string{
		"https://api.github.com":       "https://api.github.com/",
		"https://ghe.example/api/v3":   "https://ghe.example/api/v3/",
		"https://gitea.example/api/v1": "https://gitea.example/api/v1/",
		"http://127.0.0.1:8080":        "http://127.0.0.1:8080/",
		"http://api.github.com":        `"http://api.github.com" is not https, so that the token could be read on its way`,
	} {
		c, err := New(Options{APIURL: api})
		got := textOf(err)
		if err == nil {
			got = c.api.BaseURL.String()
		}
		if got != want {
			t.Errorf("New(%q): %s, want %s", api, got, want)
		}
	}
}

// TestPastedToken demands that a token which ends with a line feed, as a pasted secret
// does, works.
func TestPastedToken(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.AddToken("ghp_Pasted", "octocat")
	if _, err := h.as("ghp_Pasted\n").Pull(t.Context(), repo, 7); err != nil {
		t.Error(err)
	}
}

func TestParseRepo(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "o", "o/", "/r", "o/r/x", "../r", "o/..", "./r", "o/r?x", "o r/x"} {
		if r, err := ParseRepo(bad); err == nil {
			t.Errorf("ParseRepo(%q) = %v", bad, r)
		}
	}
	if r, err := ParseRepo("o/r.js"); err != nil || r != (Repo{"o", "r.js"}) {
		t.Errorf("ParseRepo = %v, %v", r, err)
	}
}
