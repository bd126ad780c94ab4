package fakegithub

import (
	"net/http"
	"slices"
	"unicode/utf8"
)

// CheckRun is a check run.
type CheckRun struct {
	ID                   int64
	Name, HeadSHA        string
	Status, Conclusion   string
	Title, Summary, Text string
	DetailsURL           string
	Annotations          []Annotation // of all updates
}

// Annotation is a remark on lines of a file.
type Annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn int    `json:"start_column,omitempty"`
	EndColumn   int    `json:"end_column,omitempty"`
	Level       string `json:"annotation_level"`
	Message     string `json:"message"`
	Title       string `json:"title,omitempty"`
}

// CheckRuns returns all check runs, in the order in which they were made.
func (r *Repo) CheckRuns() []CheckRun {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	list := make([]CheckRun, len(r.checks))
	for i, check := range r.checks {
		list[i] = *check
		list[i].Annotations = slices.Clone(check.Annotations)
	}
	return list
}

// checkInput is what requests say of a check run. The limits of the output are in
// the description: 65,535 characters, and 50 annotations a request.
type checkInput struct {
	Name               string
	HeadSHA            string `json:"head_sha"`
	Status, Conclusion string
	DetailsURL         string `json:"details_url"`
	Output             *struct {
		Title, Summary, Text string
		Annotations          []Annotation
	}
}

// refusal says what is wrong with a check run beyond what the description says.
func (in *checkInput) refusal(c *call) (answer, bool) {
	if in.Status == "completed" && in.Conclusion == "" {
		return invalid("CheckRun", "conclusion", "missing_field", "a completed check run needs a conclusion"), false
	}
	if !c.who.isApp {
		return refused(http.StatusForbidden, "You must authenticate via a GitHub App."), false
	}
	if in.Output == nil {
		return answer{}, true
	}
	for _, a := range in.Output.Annotations {
		switch {
		case (a.StartColumn != 0 || a.EndColumn != 0) && a.StartLine != a.EndLine:
			return invalid("CheckRun", "annotations", "invalid", "columns need start_line and end_line to be the same"), false
		case a.StartLine < 1 || a.EndLine < a.StartLine:
			return invalid("CheckRun", "annotations", "invalid", "lines count from 1, and the end is not before the start"), false
		case utf8.RuneCountInString(a.Title) > maxAnnotationTitle || len(a.Message) > maxAnnotation:
			return invalid("CheckRun", "annotations", "invalid", "the title or the message is too long"), false
		}
	}
	return answer{}, true
}

// Limits of an annotation, which the description has in words only.
const (
	maxAnnotationTitle = 255      // characters
	maxAnnotation      = 64 << 10 // bytes of the message
)

// apply changes a check run.
func (in *checkInput) apply(check *CheckRun) {
	for to, from := range map[*string]string{
		&check.Name: in.Name, &check.Status: in.Status, &check.Conclusion: in.Conclusion, &check.DetailsURL: in.DetailsURL,
	} {
		if from != "" {
			*to = from
		}
	}
	if in.Conclusion != "" {
		check.Status = "completed"
	}
	if in.Output != nil {
		check.Title, check.Summary, check.Text = in.Output.Title, in.Output.Summary, in.Output.Text
		check.Annotations = append(check.Annotations, in.Output.Annotations...)
	}
}

func createCheck(c *call) answer {
	var in checkInput
	c.decode(&in)
	if a, ok := in.refusal(c); !ok {
		return a
	}
	if c.repo.objects.commits[in.HeadSHA] == nil {
		return noCommit(in.HeadSHA)
	}
	check := &CheckRun{ID: c.g.nextID(), HeadSHA: in.HeadSHA, Status: "queued"}
	in.apply(check)
	c.repo.checks = append(c.repo.checks, check)
	return created(c.repo.checkJSON(check))
}

func (c *call) check() *CheckRun {
	id := c.id("check_run_id")
	i := slices.IndexFunc(c.repo.checks, func(check *CheckRun) bool { return check.ID == id })
	if i < 0 {
		return nil
	}
	return c.repo.checks[i]
}

func updateCheck(c *call) answer {
	var in checkInput
	c.decode(&in)
	check := c.check()
	if check == nil {
		return notFound()
	}
	if a, ok := in.refusal(c); !ok {
		return a
	}
	in.apply(check)
	return found(c.repo.checkJSON(check))
}

func (r *Repo) checkJSON(check *CheckRun) object {
	var done any
	if check.Status == "completed" {
		done = r.g.now
	}
	return object{
		"id": check.ID, "node_id": "CR", "name": check.Name, "head_sha": check.HeadSHA, "status": check.Status,
		"conclusion": orNull(check.Conclusion), "started_at": r.g.now, "completed_at": done, "details_url": orNull(check.DetailsURL),
		"url": r.url("check-runs"), "html_url": "https://github.example/" + r.fullName + "/runs",
		"output": object{
			"title": orNull(check.Title), "summary": orNull(check.Summary), "text": orNull(check.Text),
			"annotations_count": len(check.Annotations), "annotations_url": r.url("check-runs/annotations"),
		},
	}
}
