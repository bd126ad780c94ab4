package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Pull is the pull request that a job checks.
type Pull struct {
	Number int
	Head   string // commit of the change
	Base   string // commit of the base branch when the event was sent; may be behind
	Merge  string // test merge of both, "" if unknown; where the job's commit is it, its first parent is the exact base
	Fork   bool   // the change comes from another repository: unless the event is pull_request_target, its token may only read
}

// Comment is the comment on a pull request that started a job.
type Comment struct {
	Pull    int  // number of the pull request
	Trusted bool // who wrote it may push to the repository, or is in its organization
}

// Upstream is the run whose end started this one. Everything that it leaves behind is
// the work of whoever wrote Head.
type Upstream struct {
	RunID      int64
	Event      string // what started it: pull_request, push, …
	Workflow   string // file of its workflow, such as .github/workflows/perf.yml
	Head       string // commit that it was of
	HeadBranch string // "" unless it is a name that git allows
	HeadRepo   string // OWNER/NAME, "" if it was deleted
	Fork       bool   // Head comes from another repository
}

// maxEvent bounds the payload of an event. GitHub sends at most 25 MB.
const maxEvent = 25 << 20

// event is the part of a payload that is needed. Everything in it but numbers and
// hashes is text of whoever opened the pull request.
type event struct {
	PullRequest *eventPull    `json:"pull_request"`
	WorkflowRun *eventRun     `json:"workflow_run"`
	MergeGroup  *eventQueue   `json:"merge_group"`
	Issue       *eventIssue   `json:"issue"`
	Comment     *eventComment `json:"comment"`
	Repository  *eventRepo    `json:"repository"`
}

type eventPull struct {
	Number int      `json:"number"`
	State  string   `json:"state"`
	Merge  string   `json:"merge_commit_sha"` // null until GitHub made it
	Head   eventRef `json:"head"`
	Base   eventRef `json:"base"`
}

type eventRef struct {
	SHA  string     `json:"sha"`
	Repo *eventRepo `json:"repo"` // null when the fork was deleted
}

type eventRepo struct {
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
	Fork          bool   `json:"fork"`
}

type eventRun struct {
	ID         int64      `json:"id"`
	Event      string     `json:"event"`
	Path       string     `json:"path"`
	HeadSHA    string     `json:"head_sha"`
	HeadBranch string     `json:"head_branch"` // null when the branch was deleted
	HeadRepo   *eventRepo `json:"head_repository"`
}

type eventQueue struct {
	BaseSHA string `json:"base_sha"`
}

type eventIssue struct {
	Number      int       `json:"number"`
	PullRequest *struct{} `json:"pull_request"` // there if the issue is a pull request
}

type eventComment struct {
	Association string `json:"author_association"`
}

// ReadEvent completes the job from the payload of its event, the file that
// GITHUB_EVENT_PATH names. An error leaves out what could not be read, never half of
// it. Events about no change add nothing but the default branch.
func (j *Job) ReadEvent(payload []byte) error {
	if len(payload) > maxEvent {
		return fmt.Errorf("the event has %d bytes; %d is the limit", len(payload), maxEvent)
	}
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return fmt.Errorf("the event is not JSON: %w", err)
	}
	if e.Repository != nil && isBranch(e.Repository.DefaultBranch) {
		j.DefaultBranch = e.Repository.DefaultBranch
	}
	j.RepoIsFork = e.Repository != nil && e.Repository.Fork
	switch {
	case e.PullRequest != nil:
		return j.readPull(e.PullRequest)
	case e.WorkflowRun != nil:
		return j.readRun(e.WorkflowRun, e.Repository)
	case e.MergeGroup != nil:
		return j.readQueue(e.MergeGroup)
	case e.Issue != nil && e.Issue.PullRequest != nil:
		return j.readComment(e.Issue, e.Comment)
	case strings.HasPrefix(j.Event, "pull_request"), j.Event == "merge_group", j.Event == "workflow_run":
		return fmt.Errorf("the event is called %s but holds none", j.Event)
	}
	return nil
}

func (j *Job) readPull(pr *eventPull) error {
	if pr.Number <= 0 || commit(pr.Head.SHA) == "" || commit(pr.Base.SHA) == "" {
		return errors.New("the event has a pull request without a number or without its commits")
	}
	j.Pull = &Pull{Number: pr.Number, Head: pr.Head.SHA, Base: pr.Base.SHA, Merge: j.testMerge(pr), Fork: isFork(pr.Head.Repo, pr.Base.Repo)}
	j.Base, j.Unmerged = pr.Base.SHA, true
	return nil
}

// testMerge returns the test merge of a pull request. Where the job's branch is
// N/merge its commit is that. It is not on Gitea, where the branch is N/head, nor
// after the merge, where it is the base branch; nor for pull_request_target, which
// runs on the base and whose payload names the merge, perhaps one of an older head.
func (j *Job) testMerge(pr *eventPull) string {
	switch {
	case j.Event == "pull_request_target" && pr.State == "open":
		return commit(pr.Merge)
	case j.Event != "pull_request_target" && j.Branch == strconv.Itoa(pr.Number)+"/merge":
		return commit(j.Commit)
	}
	return ""
}

func (j *Job) readRun(run *eventRun, repo *eventRepo) error {
	if run.ID <= 0 || commit(run.HeadSHA) == "" {
		return errors.New("the event has a workflow run without an id or without its commit")
	}
	j.Upstream = &Upstream{RunID: run.ID, Event: run.Event, Workflow: run.Path, Head: run.HeadSHA, Fork: isFork(run.HeadRepo, repo)}
	if isBranch(run.HeadBranch) {
		j.Upstream.HeadBranch = run.HeadBranch
	}
	if run.HeadRepo != nil && repoName.MatchString(run.HeadRepo.FullName) {
		j.Upstream.HeadRepo = run.HeadRepo.FullName
	}
	return nil
}

// readQueue reads what a merge queue checks. The pull request has no field of its own
// and is not looked for: a queue is told by the result of the job, not by a comment.
func (j *Job) readQueue(q *eventQueue) error {
	base := commit(q.BaseSHA)
	if base == "" {
		return errors.New("the event has a merge group without the commit that it is based on")
	}
	j.Base = base
	return nil
}

// trusted are the ways of belonging to a repository that let somebody vouch for code.
var trusted = []string{"OWNER", "MEMBER", "COLLABORATOR"}

func (j *Job) readComment(issue *eventIssue, c *eventComment) error {
	if issue.Number <= 0 {
		return errors.New("the event has a comment on a pull request without a number")
	}
	j.Comment = &Comment{Pull: issue.Number, Trusted: c != nil && slices.Contains(trusted, c.Association)}
	return nil
}

var (
	hash     = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	repoName = regexp.MustCompile(`^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`)
)

// commit returns text if it is the hash of a commit, else "". Zeros stand for none:
// a new branch was at them before its first push.
func commit(text string) string {
	if !hash.MatchString(text) || strings.Trim(text, "0") == "" {
		return ""
	}
	return text
}

// isFork reports whether head and base are different repositories, as they are when
// one of them is gone.
func isFork(head, base *eventRepo) bool {
	return head == nil || base == nil || head.FullName == "" || head.FullName != base.FullName
}

// isBranch reports whether name can be a branch and cannot be an option: the rules
// of git check-ref-format as far as a shell, a URL or git could trip over them.
func isBranch(name string) bool {
	bad := func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune(` ~^:?*[\`, r) }
	return name != "" && len(name) < 1024 && !strings.ContainsFunc(name, bad) &&
		!strings.HasPrefix(name, "-") && !strings.HasPrefix(name, "/") && !strings.HasSuffix(name, "/") && !strings.HasSuffix(name, ".") &&
		!strings.Contains(name, "..") && !strings.Contains(name, "//") && !strings.Contains(name, "@{")
}
