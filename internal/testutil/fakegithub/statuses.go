package fakegithub

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// CommitStatus is a status of a commit.
type CommitStatus struct {
	SHA, Context, State, Description, TargetURL string
	Creator                                     string
}

// Statuses returns all statuses, also those that newer ones replace, oldest first.
func (r *Repo) Statuses() []CommitStatus {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	return slices.Clone(r.statuses)
}

// maxStatusText is the length of a status's description, in characters.
const maxStatusText = 140

func createStatus(c *call) answer {
	var in struct {
		State, Context, Description string
		TargetURL                   string `json:"target_url"`
	}
	c.decode(&in)
	sha := c.r.PathValue("sha")
	switch {
	case c.repo.objects.commits[sha] == nil:
		return noCommit(sha)
	case utf8.RuneCountInString(in.Description) > maxStatusText:
		return invalid("Status", "description", "custom", "description is too long (maximum is 140 characters)")
	case in.TargetURL != "" && !strings.HasPrefix(in.TargetURL, "https://") && !strings.HasPrefix(in.TargetURL, "http://"):
		return invalid("Status", "target_url", "custom", "target_url must use http(s) scheme")
	}
	s := CommitStatus{
		SHA: sha, Context: cmp.Or(in.Context, "default"), State: in.State, Description: in.Description, TargetURL: in.TargetURL,
		Creator: c.who.login,
	}
	c.repo.statuses = append(c.repo.statuses, s)
	now := c.g.tick()
	return created(object{
		"id": c.g.nextID(), "node_id": "SC", "state": s.State, "context": s.Context, "description": orNull(s.Description),
		"target_url": orNull(s.TargetURL), "created_at": now, "updated_at": now, "url": c.repo.url("statuses/" + sha),
		"creator": userJSON(s.Creator),
	})
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
