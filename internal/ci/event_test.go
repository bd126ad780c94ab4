package ci

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// pullEvent is the payload of a pull request of number 7, from headRepo to o/r, as
// far as it is read.
func pullEvent(headRepo string) string {
	return `{"action": "synchronize", "number": 7, "repository": {"full_name": "o/r", "default_branch": "main"}, "pull_request": {"number": 7,
		"state": "open", "title": "::error::x", "merge_commit_sha": "` + sha("d") + `",
		"head": {"ref": "-rf", "sha": "` + sha("a") + `", "repo": ` + headRepo + `},
		"base": {"ref": "main", "sha": "` + sha("b") + `", "repo": {"full_name": "o/r"}}}}`
}

// runEvent is the payload of the end of a run.
func runEvent(event, headRepo string) string {
	return `{"action": "completed", "repository": {"full_name": "o/r", "default_branch": "main"}, "workflow_run": {"id": 20, "name": "perf",
		"path": ".github/workflows/perf.yml", "event": "` + event + `", "head_branch": "fast", "head_sha": "` + sha("a") + `",
		"head_repository": ` + headRepo + `, "pull_requests": []}}`
}

func queueEvent() string {
	return `{"action": "checks_requested", "merge_group": {"head_sha": "` + sha("a") + `",
		"head_ref": "refs/heads/gh-readonly-queue/main/pr-104-` + sha("a") + `", "base_sha": "` + sha("b") + `"}}`
}

func commentEvent(association string) string {
	return `{"issue": {"number": 9, "pull_request": {"url": "x"}}, "comment": {"author_association": "` + association + `"}}`
}

const (
	ours   = `{"full_name": "o/r"}`
	theirs = `{"full_name": "x/r"}`
)

func TestReadEvent(t *testing.T) {
	t.Parallel()
	pull := func(fork bool, merge string) *Pull {
		return &Pull{Number: 7, Head: sha("a"), Base: sha("b"), Merge: merge, Fork: fork}
	}
	onPull := func(j Job, p *Pull) Job {
		j.DefaultBranch, j.Base, j.Pull, j.Unmerged = "main", sha("b"), p, true
		return j
	}
	merge := Job{Event: "pull_request", Commit: sha("c"), Branch: "7/merge"}
	target := Job{Event: "pull_request_target", Commit: sha("c"), Branch: "main"}
	gitea := Job{Event: "pull_request", Commit: sha("a"), Branch: "7/head"}
	after := Job{Event: "pull_request", Commit: sha("c"), Branch: "main"}
	up := func(event, repo string, fork bool) *Upstream {
		return &Upstream{RunID: 20, Event: event, Workflow: ".github/workflows/perf.yml", Head: sha("a"), HeadBranch: "fast", HeadRepo: repo, Fork: fork}
	}
	for _, c := range []struct {
		name    string
		job     Job
		payload string
		want    Job
	}{
		{"pull request", merge, pullEvent(ours), onPull(merge, pull(false, sha("c")))},
		{"from a fork", merge, pullEvent(theirs), onPull(merge, pull(true, sha("c")))},
		{"from a deleted fork", merge, pullEvent(`null`), onPull(merge, pull(true, sha("c")))},
		{"from a repository without a name", merge, pullEvent(`{}`), onPull(merge, pull(true, sha("c")))},
		{"on Gitea, where the commit is the head", gitea, pullEvent(ours), onPull(gitea, pull(false, ""))},
		{"after its merge", after, strings.Replace(pullEvent(ours), "open", "closed", 1), onPull(after, pull(false, ""))},
		{"merge of another number", Job{Branch: "8/merge"}, pullEvent(ours), onPull(Job{Branch: "8/merge"}, pull(false, ""))},
		{"target", target, pullEvent(theirs), onPull(target, pull(true, sha("d")))},
		{"target, closed", target, strings.Replace(pullEvent(theirs), "open", "closed", 1), onPull(target, pull(true, ""))},
		{
			"target, closed, on a branch called like a merge",
			Job{Event: "pull_request_target", Commit: sha("c"), Branch: "7/merge"},
			strings.Replace(pullEvent(theirs), "open", "closed", 1), onPull(Job{Event: "pull_request_target", Commit: sha("c"), Branch: "7/merge"}, pull(true, "")),
		},
		{"target, not merged yet", target, strings.Replace(pullEvent(theirs), `"`+sha("d")+`"`, "null", 1), onPull(target, pull(true, ""))},

		{"after a run", Job{}, runEvent("push", ours), Job{DefaultBranch: "main", Upstream: up("push", "o/r", false)}},
		{"after a run of a fork", Job{}, runEvent("pull_request", theirs), Job{DefaultBranch: "main", Upstream: up("pull_request", "x/r", true)}},
		{"after a run of a deleted fork", Job{}, runEvent("pull_request", `null`), Job{DefaultBranch: "main", Upstream: up("pull_request", "", true)}},
		{
			"after a run of hostile names",
			Job{},
			strings.Replace(runEvent("push", `{"full_name": "o/r/../x"}`), `"fast"`, `"--x"`, 1),
			Job{DefaultBranch: "main", Upstream: &Upstream{RunID: 20, Event: "push", Workflow: ".github/workflows/perf.yml", Head: sha("a"), Fork: true}},
		},

		{"merge queue", Job{}, queueEvent(), Job{Base: sha("b")}},

		{"comment of a member", Job{}, commentEvent("MEMBER"), Job{Comment: &Comment{Pull: 9, Trusted: true}}},
		{"comment of the owner", Job{}, commentEvent("OWNER"), Job{Comment: &Comment{Pull: 9, Trusted: true}}},
		{"comment of a collaborator", Job{}, commentEvent("COLLABORATOR"), Job{Comment: &Comment{Pull: 9, Trusted: true}}},
		{"comment of a contributor", Job{}, commentEvent("CONTRIBUTOR"), Job{Comment: &Comment{Pull: 9}}},
		{"comment of nobody", Job{}, `{"issue": {"number": 9, "pull_request": {}}}`, Job{Comment: &Comment{Pull: 9}}},
		{"comment on an issue", Job{}, `{"issue": {"number": 9}, "comment": {"author_association": "OWNER"}}`, Job{}},

		{"push", Job{}, `{"before": "` + sha("e") + `", "repository": {"default_branch": "main"}}`, Job{DefaultBranch: "main"}},
		{"schedule", Job{Event: "schedule"}, `{"schedule": "0 4 * * *"}`, Job{Event: "schedule"}},
		{"by hand", Job{}, `{"inputs": null, "ref": "refs/heads/x", "repository": {"default_branch": "main"}}`, Job{DefaultBranch: "main"}},
		{"hostile default branch", Job{}, `{"repository": {"default_branch": "-x"}}`, Job{}},
		{"null", Job{}, `null`, Job{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := c.job
			if err := got.ReadEvent([]byte(c.payload)); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("job (-want +got):\n%s", d)
			}
		})
	}
}

// An event that cannot be read leaves nothing behind but the default branch.
func TestReadEventErrors(t *testing.T) {
	t.Parallel()
	const noCommits = "the event has a pull request without a number or without its commits"
	for _, c := range []struct{ name, event, payload, err string }{
		{"hostile head", "pull_request", strings.Replace(pullEvent(ours), sha("a"), "--upload-pack=x", 1), noCommits},
		{"head in capitals", "pull_request", strings.Replace(pullEvent(ours), sha("a"), sha("A"), 1), noCommits},
		{"head of zeros", "pull_request", strings.Replace(pullEvent(ours), sha("a"), sha("0"), 1), noCommits},
		{"base with a line end", "pull_request", strings.Replace(pullEvent(ours), sha("b"), sha("b")+`\n`, 1), noCommits},
		{"no number", "pull_request", `{"pull_request": {"number": 0}}`, noCommits},
		{"no pull request", "pull_request", `{}`, "the event is called pull_request but holds none"},
		{"no pull request in a review", "pull_request_review", `{}`, "the event is called pull_request_review but holds none"},
		{"no run", "workflow_run", `{}`, "the event is called workflow_run but holds none"},
		{"run without an id", "workflow_run", `{"workflow_run": {"head_sha": "` + sha("a") + `"}}`, "the event has a workflow run without an id or without its commit"},
		{"run without a commit", "workflow_run", `{"workflow_run": {"id": 1}}`, "the event has a workflow run without an id or without its commit"},
		{"no merge group", "merge_group", `{}`, "the event is called merge_group but holds none"},
		{"merge group without a base", "merge_group", `{"merge_group": {}}`, "the event has a merge group without the commit that it is based on"},
		{"comment without a number", "issue_comment", `{"issue": {"number": -1, "pull_request": {}}}`, "the event has a comment on a pull request without a number"},
		{"not JSON", "push", `x`, "the event is not JSON: invalid character 'x' looking for beginning of value"},
		{"empty", "push", ``, "the event is not JSON: unexpected end of JSON input"},
		{"too long", "push", strings.Repeat(" ", maxEvent+1), fmt.Sprintf("the event has %d bytes; %d is the limit", maxEvent+1, maxEvent)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := Job{Event: c.event}
			want := got
			if err := got.ReadEvent([]byte(c.payload)); message(err) != c.err {
				t.Errorf("error %q, want %q", message(err), c.err)
			}
			want.DefaultBranch = got.DefaultBranch
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("job (-want +got):\n%s", d)
			}
		})
	}
}

func TestIsBranch(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"main", "feat/größe", "a@b", "a-b", "dependabot/npm_and_yarn/x-1.2.3", "@"} {
		if !isBranch(name) {
			t.Errorf("%q is refused", name)
		}
	}
	for _, name := range []string{
		"", "-x", "/x", "x/", "a..b", "a b", "a\nb", "a\x00b", "a~1", "a^", "a:b", "a?b", "a*", "a[b", `a\b`, "a@{1}", "a//b", "x.", "\u0085",
		strings.Repeat("x", 1024),
	} {
		if isBranch(name) {
			t.Errorf("%q is taken", name)
		}
	}
}

func FuzzReadEvent(f *testing.F) {
	f.Add("pull_request", "7/merge", []byte(pullEvent(theirs)))
	f.Add("pull_request_target", "main", []byte(pullEvent(`null`)))
	f.Add("workflow_run", "main", []byte(runEvent("pull_request", theirs)))
	f.Add("merge_group", "main", []byte(queueEvent()))
	f.Add("issue_comment", "main", []byte(commentEvent("NONE")))
	f.Add("push", "main", []byte(`{"before": "`+sha("0")+`", "repository": {"default_branch": "main"}}`))
	f.Fuzz(func(t *testing.T, event, branch string, payload []byte) {
		j := Job{Event: event, Branch: branch, Commit: sha("c")}
		if err := j.ReadEvent(payload); err != nil && (j.Pull != nil || j.Upstream != nil || j.Comment != nil || j.Base != "") {
			t.Errorf("%v, and yet %+v", err, j)
		}
		checkJob(t, j)
	})
}

// checkJob demands that whatever a command line or a URL could be made of is harmless.
func checkJob(t *testing.T, j Job) {
	t.Helper()
	commits := []string{j.Base}
	branches := []string{j.DefaultBranch}
	if j.Pull != nil {
		commits = append(commits, j.Pull.Head, j.Pull.Base, j.Pull.Merge)
	}
	if j.Upstream != nil {
		commits = append(commits, j.Upstream.Head)
		branches = append(branches, j.Upstream.HeadBranch)
	}
	for _, c := range commits {
		if c != "" && (len(c) != 40 && len(c) != 64 || strings.Trim(c, "0123456789abcdef") != "") {
			t.Errorf("commit %q", c)
		}
	}
	for _, b := range branches {
		if strings.HasPrefix(b, "-") || strings.Contains(b, "..") || strings.ContainsFunc(b, unicode.IsControl) {
			t.Errorf("branch %q", b)
		}
	}
	if j.Pull != nil && j.Pull.Number <= 0 || j.Comment != nil && j.Comment.Pull <= 0 {
		t.Errorf("number of %+v, %+v", j.Pull, j.Comment)
	}
}
