package fakegithub

import (
	"strings"
	"testing"

	gh "github.com/google/go-github/v60/github"
)

func annotations(n int) []*gh.CheckRunAnnotation {
	list := make([]*gh.CheckRunAnnotation, n)
	for i := range list {
		list[i] = &gh.CheckRunAnnotation{
			Path: gh.String("f.go"), StartLine: gh.Int(i + 1), EndLine: gh.Int(i + 1), AnnotationLevel: gh.String("warning"), Message: gh.String("slow"),
		}
	}
	return list
}

func TestCheckRuns(t *testing.T) {
	t.Parallel()
	_, r, c, _, head := start(t)
	ctx := t.Context()
	made, _, err := c.Checks.CreateCheckRun(ctx, "o", "r", gh.CreateCheckRunOptions{Name: "speedgate", HeadSHA: head, Status: gh.String("in_progress")})
	check(t, "create", err)
	if made.GetStatus() != "in_progress" || made.Conclusion != nil || made.CompletedAt != nil {
		t.Errorf("created %v", made)
	}
	output := func(n int) *gh.CheckRunOutput {
		return &gh.CheckRunOutput{Title: gh.String("T"), Summary: gh.String(strings.Repeat("s", 65535)), Text: gh.String("x"), Annotations: annotations(n)}
	}
	_, _, err = c.Checks.UpdateCheckRun(ctx, "o", "r", made.GetID(), gh.UpdateCheckRunOptions{Name: "speedgate", Output: output(50)})
	check(t, "update", err)
	done, _, err := c.Checks.UpdateCheckRun(ctx, "o", "r", made.GetID(), gh.UpdateCheckRunOptions{
		Name: "speedgate", Conclusion: gh.String("failure"), DetailsURL: gh.String("https://ci.example/1"), Output: output(1),
	})
	check(t, "complete", err)
	if done.GetStatus() != "completed" || done.GetConclusion() != "failure" || done.CompletedAt == nil || done.GetOutput().GetAnnotationsCount() != 51 {
		t.Errorf("completed %v", done)
	}
	want := []CheckRun{{
		ID: made.GetID(), Name: "speedgate", HeadSHA: head, Status: "completed", Conclusion: "failure", Title: "T",
		Summary: strings.Repeat("s", 65535), Text: "x", DetailsURL: "https://ci.example/1",
	}}
	for _, n := range []int{50, 1} {
		for i := range n {
			want[0].Annotations = append(want[0].Annotations, Annotation{
				Path: "f.go", StartLine: i + 1, EndLine: i + 1, Level: "warning", Message: "slow",
			})
		}
	}
	diff(t, "check runs", want, r.CheckRuns())

	_, _, err = c.Checks.UpdateCheckRun(ctx, "o", "r", 1, gh.UpdateCheckRunOptions{Name: "x"})
	wantError(t, err, "404 Not Found")
}

func TestCheckRunRefusals(t *testing.T) {
	t.Parallel()
	g, _, c, _, head := start(t)
	g.AddToken("ghp_Person", "octocat")
	output := func(change func(a *gh.CheckRunAnnotation)) *gh.CheckRunOutput {
		list := annotations(1)
		change(list[0])
		return &gh.CheckRunOutput{Title: gh.String("T"), Summary: gh.String("S"), Annotations: list}
	}
	const refused = "422 Validation Failed [CheckRun "
	cases := []struct {
		name   string
		client *gh.Client
		o      gh.CreateCheckRunOptions
		want   string
	}{
		{"an unknown commit", c, gh.CreateCheckRunOptions{HeadSHA: "none"}, "422 No commit found for SHA: none"},
		{"no conclusion", c, gh.CreateCheckRunOptions{Status: gh.String("completed")}, refused + "conclusion missing_field a completed check run needs a conclusion]"},
		{"a person", client(t, g, "ghp_Person"), gh.CreateCheckRunOptions{}, "403 You must authenticate via a GitHub App."},
		{
			"columns over lines", c, gh.CreateCheckRunOptions{Output: output(func(a *gh.CheckRunAnnotation) {
				a.EndLine, a.StartColumn = gh.Int(2), gh.Int(1)
			})}, refused + "annotations invalid columns need start_line and end_line to be the same]",
		},
		{
			"line 0", c,
			gh.CreateCheckRunOptions{Output: output(func(a *gh.CheckRunAnnotation) { a.StartLine = gh.Int(0) })},
			refused + "annotations invalid lines count from 1, and the end is not before the start]",
		},
		{
			"a long title", c,
			gh.CreateCheckRunOptions{Output: output(func(a *gh.CheckRunAnnotation) { a.Title = gh.String(strings.Repeat("t", 256)) })},
			refused + "annotations invalid the title or the message is too long]",
		},
	}
	for _, tc := range cases {
		tc.o.Name = "speedgate"
		if tc.o.HeadSHA == "" {
			tc.o.HeadSHA = head
		}
		_, _, err := tc.client.Checks.CreateCheckRun(t.Context(), "o", "r", tc.o)
		wantError(t, err, tc.want)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	_, r, c, _, head := start(t)
	set := func(sha, context, state, text, link string) error {
		_, _, err := c.Repositories.CreateStatus(t.Context(), "o", "r", sha, &gh.RepoStatus{
			State: &state, Description: &text, Context: optional(context), TargetURL: optional(link),
		})
		return err
	}
	check(t, "pending", set(head, "perf", "pending", "running", "https://ci.example/1"))
	check(t, "without a name", set(head, "", "success", strings.Repeat("ä", 140), ""))
	wantError(t, set("none", "perf", "success", "", ""), "422 No commit found for SHA: none")
	wantError(t, set(head, "perf", "success", strings.Repeat("x", 141), ""),
		"422 Validation Failed [Status description custom description is too long (maximum is 140 characters)]")
	wantError(t, set(head, "perf", "success", "", "file:///etc/passwd"),
		"422 Validation Failed [Status target_url custom target_url must use http(s) scheme]")
	diff(t, "statuses", []CommitStatus{
		{SHA: head, Context: "perf", State: "pending", Description: "running", TargetURL: "https://ci.example/1", Creator: Bot},
		{SHA: head, Context: "default", State: "success", Description: strings.Repeat("ä", 140), Creator: Bot},
	}, r.Statuses())
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
