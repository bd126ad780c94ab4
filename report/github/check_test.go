package github

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"speedgate/internal/testutil/fakegithub"
)

func TestCheckRun(t *testing.T) {
	t.Parallel()
	h := start(t)
	run := CheckRun{Commit: h.head, Name: "speedgate", URL: "https://ci.example/1"}
	id, err := h.CheckRun(t.Context(), repo, run)
	if err != nil {
		t.Fatal(err)
	}
	want := fakegithub.CheckRun{ID: id, Name: "speedgate", HeadSHA: h.head, Status: "in_progress", DetailsURL: "https://ci.example/1"}
	if d := cmp.Diff([]fakegithub.CheckRun{want}, h.repo.CheckRuns()); d != "" {
		t.Errorf("begun (-want +got):\n%s", d)
	}
	run.ID, run.Conclusion, run.Title, run.Summary, run.Text = id, "failure", "1 of 3 regressed", "| table |", "more"
	run.Annotations = []Annotation{{Path: "a.go", Line: 3, Level: "failure", Title: "slower", Message: "GET / p95 +30 %"}}
	if again, err := h.CheckRun(t.Context(), repo, run); again != id || err != nil {
		t.Fatalf("%d, %v; want %d", again, err, id)
	}
	want.Status, want.Conclusion, want.Title, want.Summary, want.Text = "completed", "failure", run.Title, run.Summary, run.Text
	want.Annotations = []fakegithub.Annotation{
		{Path: "a.go", StartLine: 3, EndLine: 3, Level: "failure", Title: "slower", Message: "GET / p95 +30 %"},
	}
	if d := cmp.Diff([]fakegithub.CheckRun{want}, h.repo.CheckRuns()); d != "" {
		t.Errorf("concluded (-want +got):\n%s", d)
	}
	for i, status := range []string{"in_progress", "completed"} {
		if body := string(h.Requests()[i].Body); !strings.Contains(body, `"status":"`+status+`"`) {
			t.Errorf("request %d: %s, want %s", i+1, body, status)
		}
	}
}

// TestCheckRunLimits demands that a large report is sent within the limits, which the
// fake holds it to, and none of its annotations left out.
func TestCheckRunLimits(t *testing.T) {
	t.Parallel()
	h := start(t)
	run := CheckRun{
		Commit: h.head, Name: "speedgate", Conclusion: "success", Title: strings.Repeat("ä", 300),
		Summary: strings.Repeat("| row |\n", 10_000), Text: strings.Repeat("ä", 40_000),
	}
	for i := range 120 {
		run.Annotations = append(run.Annotations, Annotation{
			Path: "a.go", Line: i + 1, Level: "notice", Title: strings.Repeat("ä", 300), Message: strings.Repeat("x", maxMessage+1),
		})
	}
	if _, err := h.CheckRun(t.Context(), repo, run); err != nil {
		t.Fatal(err)
	}
	if n := len(h.writes()); n != 3 {
		t.Errorf("%d requests for 120 annotations", n)
	}
	got := h.repo.CheckRuns()[0]
	if len(got.Summary) > maxOutput || !strings.HasSuffix(got.Summary, "| row |"+cutNote) || len(got.Text) > maxOutput || !utf8.ValidString(got.Text) {
		t.Errorf("summary of %d bytes, text of %d", len(got.Summary), len(got.Text))
	}
	if utf8.RuneCountInString(got.Title) != maxTitle {
		t.Errorf("title %q", got.Title)
	}
	if len(got.Annotations) != 120 {
		t.Errorf("%d annotations, want 120", len(got.Annotations))
	}
	for i, a := range got.Annotations {
		if a.StartLine != i+1 {
			t.Errorf("annotation %d is of line %d", i+1, a.StartLine)
		}
	}
}

func TestCheckRunErrors(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.AddToken("ghp_Person", "octocat")
	cases := []struct {
		token  string
		change func(r *CheckRun)
		want   string
	}{
		{fakegithub.Token, func(r *CheckRun) { r.Title = "" }, "a text needs a title, or GitHub does not take it"},
		{fakegithub.Token, func(r *CheckRun) { r.Title, r.Summary, r.Text = "", "", "T" }, "a text needs a title, or GitHub does not take it"},
		{
			fakegithub.Token, func(r *CheckRun) { r.Title, r.Summary, r.Annotations = "", "", []Annotation{{Path: "f"}} },
			"a text needs a title, or GitHub does not take it",
		},
		{
			"ghp_Person", func(*CheckRun) {},
			"the token is not permitted; the workflow needs permissions: checks: write (You must authenticate via a GitHub App.)",
		},
		{fakegithub.Token, func(r *CheckRun) { r.Commit = "none" }, "GitHub answered 422: No commit found for SHA: none"},
		{
			fakegithub.Token, func(r *CheckRun) { r.Annotations = []Annotation{{Path: "f", Level: "notice", Message: "m"}} },
			"GitHub answered 422: Validation Failed lines count from 1, and the end is not before the start",
		},
	}
	for _, tc := range cases {
		run := CheckRun{Commit: h.head, Name: "speedgate", Title: "T", Summary: "S"}
		tc.change(&run)
		if _, err := h.as(tc.token).CheckRun(t.Context(), repo, run); textOf(err) != "writing the check run speedgate: "+tc.want {
			t.Errorf("error %v, want %s", err, tc.want)
		}
	}
	if n := len(h.repo.CheckRuns()); n > 0 {
		t.Errorf("%d check runs were made", n)
	}
}

func TestCutLines(t *testing.T) {
	t.Parallel()
	n := len(cutNote)
	for _, tc := range []struct{ text, want string }{
		{strings.Repeat("x", n+5), strings.Repeat("x", n+5)},
		{strings.Repeat("x", n+6), "xxxxx" + cutNote},
		{"ab\ncd" + strings.Repeat("x", n+1), "ab" + cutNote},
		{"\n" + strings.Repeat("x", n+5), "\nxxxx" + cutNote},
		{"xxxxä" + strings.Repeat("x", n), "xxxx" + cutNote},
	} {
		if got := cutLines(tc.text, n+5); got != tc.want {
			t.Errorf("cutLines(%q) = %q, want %q", tc.text, got, tc.want)
		}
	}
}
