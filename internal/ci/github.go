package ci

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// Pull is the pull request that a job checks.
type Pull struct {
	Number int
	Head   string // commit of the change; GITHUB_SHA is a test merge of it
	Base   string // commit of the base branch when the event was sent; may be behind
	Fork   bool   // the change comes from another repository: its token may only read
}

// maxEvent bounds the payload of an event. GitHub sends at most 25 MB.
const maxEvent = 25 << 20

// event is the part of a payload that is needed. Everything in it but numbers and
// hashes is text of whoever opened the pull request.
type event struct {
	PullRequest *struct {
		Number int `json:"number"`
		Head   struct {
			SHA  string    `json:"sha"`
			Repo *fullName `json:"repo"` // null when the fork was deleted
		} `json:"head"`
		Base struct {
			SHA  string    `json:"sha"`
			Repo *fullName `json:"repo"`
		} `json:"base"`
	} `json:"pull_request"`
	MergeGroup *struct {
		BaseSHA string `json:"base_sha"`
	} `json:"merge_group"`
	Repository *struct {
		DefaultBranch string `json:"default_branch"`
	} `json:"repository"`
}

type fullName struct {
	FullName string `json:"full_name"`
}

var hash = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// ReadEvent completes the job from the payload of its event, the file that
// GITHUB_EVENT_PATH names. Events without a pull request add nothing but the
// default branch.
func (j *Job) ReadEvent(payload []byte) error {
	if len(payload) > maxEvent {
		return fmt.Errorf("the event has %d bytes; %d is the limit", len(payload), maxEvent)
	}
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return fmt.Errorf("the event is not JSON: %w", err)
	}
	if e.Repository != nil {
		j.DefaultBranch = e.Repository.DefaultBranch
	}
	if e.MergeGroup != nil && hash.MatchString(e.MergeGroup.BaseSHA) {
		j.Base = e.MergeGroup.BaseSHA
	}
	if e.PullRequest == nil {
		return nil
	}
	pr := e.PullRequest
	if pr.Number <= 0 || !hash.MatchString(pr.Head.SHA) || !hash.MatchString(pr.Base.SHA) {
		return errors.New("the event has a pull request without a number or without its commits")
	}
	j.Pull = &Pull{
		Number: pr.Number, Head: pr.Head.SHA, Base: pr.Base.SHA,
		Fork: pr.Head.Repo == nil || pr.Base.Repo == nil || pr.Head.Repo.FullName != pr.Base.Repo.FullName,
	}
	j.Base = pr.Base.SHA
	return nil
}

// github reads the variables of a GitHub, Gitea or Forgejo job.
func github(env func(string) string) Job {
	j := Job{
		System: "github", Commit: env("GITHUB_SHA"), RunID: env("GITHUB_RUN_ID"), Event: env("GITHUB_EVENT_NAME"),
		Repo: env("GITHUB_REPOSITORY"), API: env("GITHUB_API_URL"), Branch: env("GITHUB_REF_NAME"),
		Gate: env("GITHUB_WORKFLOW") + "-" + env("GITHUB_JOB"),
	}
	j.Run, _ = strconv.ParseInt(j.RunID, 10, 64)
	j.Attempt, _ = strconv.ParseInt(env("GITHUB_RUN_ATTEMPT"), 10, 64)
	if server := env("GITHUB_SERVER_URL"); j.RunID != "" && server != "" && j.Repo != "" {
		j.RunURL = server + "/" + j.Repo + "/actions/runs/" + j.RunID
	}
	if j.RunID != "" {
		// A re-run has the same id and measures anew; a matrix job has neighbours.
		j.RunID += "." + cmp.Or(env("GITHUB_RUN_ATTEMPT"), "1") + "." + env("GITHUB_JOB")
	}
	return j
}
