package github

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	gh "github.com/google/go-github/v60/github"
)

// Limits of a check run, from GitHub's OpenAPI description.
const (
	maxOutput      = 65_535   // bytes of the summary, and of the text
	maxTitle       = 255      // runes of a title
	maxMessage     = 64 << 10 // bytes of an annotation's message
	maxAnnotations = 50       // in one request; each further one adds to those before
)

// CheckRun is an entry among the checks of a commit.
type CheckRun struct {
	ID     int64  // as CheckRun returned it; 0 for a new one
	Commit string // head of the pull request, never its test merge
	Name   string
	URL    string // where "details" leads, "" for GitHub's own page

	// Conclusion ends the run: success, failure, neutral, … "" = in progress.
	Conclusion  string
	Title       string // "" only where there is nothing to show
	Summary     string // Markdown, cut at 65,535 bytes as is Text
	Text        string
	Annotations []Annotation
}

// Annotation is a note beside a line of a file.
type Annotation struct {
	Path    string // from the root of the repository
	Line    int    // from 1
	Level   string // notice, warning or failure
	Title   string
	Message string
}

// CheckRun creates a check run, or changes the one that r.ID names, and returns its
// id. One that was created in progress must be concluded, whatever happens: it would
// block the pull request for ever.
func (c *Client) CheckRun(ctx context.Context, repo Repo, r CheckRun) (id int64, err error) {
	what := "writing the check run " + r.Name
	if r.Title == "" && (r.Summary != "" || r.Text != "" || len(r.Annotations) > 0) {
		return r.ID, fmt.Errorf("%s: a text needs a title, or GitHub does not take it", what)
	}
	chunks := slices.Collect(slices.Chunk(r.Annotations, maxAnnotations))
	if len(chunks) == 0 {
		chunks = append(chunks, nil)
	}
	for _, notes := range chunks {
		if r.ID == 0 {
			r.ID, err = c.createCheck(ctx, repo, r, notes)
		} else {
			err = c.updateCheck(ctx, repo, r, notes)
		}
		if err != nil {
			return r.ID, c.explain(what, needChecks, err)
		}
	}
	return r.ID, nil
}

func (c *Client) createCheck(ctx context.Context, repo Repo, r CheckRun, notes []Annotation) (int64, error) {
	o := gh.CreateCheckRunOptions{
		Name: r.Name, HeadSHA: r.Commit, DetailsURL: optional(r.URL),
		Status: gh.String(r.status()), Conclusion: optional(r.Conclusion), Output: r.output(notes),
	}
	made, _, err := c.api.Checks.CreateCheckRun(ctx, repo.Owner, repo.Name, o)
	return made.GetID(), err
}

func (c *Client) updateCheck(ctx context.Context, repo Repo, r CheckRun, notes []Annotation) error {
	o := gh.UpdateCheckRunOptions{
		Name: r.Name, DetailsURL: optional(r.URL),
		Status: gh.String(r.status()), Conclusion: optional(r.Conclusion), Output: r.output(notes),
	}
	_, _, err := c.api.Checks.UpdateCheckRun(ctx, repo.Owner, repo.Name, r.ID, o)
	return err
}

func (r *CheckRun) status() string {
	if r.Conclusion == "" {
		return "in_progress"
	}
	return "completed"
}

// output is what the page of the run shows, nil without a title, which GitHub wants.
func (r *CheckRun) output(notes []Annotation) *gh.CheckRunOutput {
	if r.Title == "" {
		return nil
	}
	out := &gh.CheckRunOutput{
		Title: gh.String(cut(r.Title, maxTitle)), Summary: gh.String(cutLines(r.Summary, maxOutput)), Text: optional(cutLines(r.Text, maxOutput)),
	}
	for _, n := range notes {
		out.Annotations = append(out.Annotations, &gh.CheckRunAnnotation{
			Path: gh.String(n.Path), StartLine: gh.Int(n.Line), EndLine: gh.Int(n.Line), AnnotationLevel: gh.String(n.Level),
			Title: optional(cut(n.Title, maxTitle)), Message: gh.String(cutLines(n.Message, maxMessage)),
		})
	}
	return out
}

// cutNote ends a text that was too long.
const cutNote = "\n\n… cut here; the run has the whole report"

// cutLines shortens text to at most n bytes, behind a whole line where there is one:
// half a row would break its table.
func cutLines(text string, n int) string {
	if len(text) <= n {
		return text
	}
	end := n - len(cutNote)
	if line := strings.LastIndexByte(text[:end], '\n'); line > 0 {
		return text[:line] + cutNote
	}
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + cutNote
}
