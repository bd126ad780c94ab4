package fakegithub

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
)

// Run is a run of a workflow.
type Run struct {
	ID         int64  // 0 = the next
	Attempt    int    // 0 = 1
	Event      string // "" = pull_request
	Path       string // of the workflow; "" = .github/workflows/gate.yml
	HeadRepo   string // OWNER/NAME; "" = the repository itself
	HeadBranch string
	HeadSHA    string
}

type artifact struct {
	id      int64
	run     *Run
	name    string
	data    []byte
	expired bool
}

// AddRun adds a run of a workflow and returns it with all fields filled.
func (r *Repo) AddRun(run Run) Run {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	run.ID = cmp.Or(run.ID, r.g.nextID())
	run.Attempt = cmp.Or(run.Attempt, 1)
	run.Event, run.Path = cmp.Or(run.Event, "pull_request"), cmp.Or(run.Path, ".github/workflows/gate.yml")
	run.HeadRepo = cmp.Or(run.HeadRepo, r.fullName)
	r.runs = append(r.runs, &run)
	return run
}

// AddArtifact adds an artifact, a ZIP archive, to a run and returns its id.
func (r *Repo) AddArtifact(run int64, name string, archive []byte) int64 {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	a := &artifact{id: r.g.nextID(), run: r.run(run), name: name, data: archive}
	if a.run == nil {
		r.g.violate("the test adds an artifact to run %d, which does not exist", run)
		return 0
	}
	r.artifacts = append(r.artifacts, a)
	r.g.Other.files[a.path()] = archive
	return a.id
}

// ExpireArtifact makes an artifact be gone. It is still listed.
func (r *Repo) ExpireArtifact(id int64) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	if a := r.artifact(id); a != nil {
		a.expired = true
	}
}

// Zip makes an archive with members NAME, TEXT, ….
func Zip(members ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(members); i += 2 {
		if w, err := z.Create(members[i]); err == nil { // a buffer does not fail
			_, _ = w.Write([]byte(members[i+1]))
		}
	}
	_ = z.Close()
	return b.Bytes()
}

// path is where the other host has the archive.
func (a *artifact) path() string { return fmt.Sprintf("/artifacts/%d.zip", a.id) }

func (r *Repo) run(id int64) *Run {
	i := slices.IndexFunc(r.runs, func(run *Run) bool { return run.ID == id })
	if i < 0 {
		return nil
	}
	return r.runs[i]
}

func (r *Repo) artifact(id int64) *artifact {
	i := slices.IndexFunc(r.artifacts, func(a *artifact) bool { return a.id == id })
	if i < 0 {
		return nil
	}
	return r.artifacts[i]
}

func getRun(c *call) answer {
	run := c.repo.run(c.id("run_id"))
	if run == nil {
		return notFound()
	}
	return found(c.repo.runJSON(run))
}

func (r *Repo) runJSON(run *Run) object {
	head := r.json()
	if run.HeadRepo != r.fullName {
		head = repoJSON(run.HeadRepo, r.headRepoID(run))
		head["fork"] = true
	}
	return object{
		"id": run.ID, "node_id": "WFR", "run_attempt": run.Attempt, "event": run.Event, "path": run.Path,
		"status": "completed", "conclusion": "success", "head_branch": orNull(run.HeadBranch), "head_sha": run.HeadSHA,
		"head_repository": head, "repository": r.json(), "created_at": r.g.now, "updated_at": r.g.now,
		"pull_requests": r.pullsOfRun(run), "url": r.url(fmt.Sprintf("actions/runs/%d", run.ID)),
		"html_url": fmt.Sprintf("https://github.example/%s/actions/runs/%d", r.fullName, run.ID),
	}
}

func (r *Repo) headRepoID(run *Run) int64 {
	if run.HeadRepo == r.fullName {
		return r.id
	}
	return r.id + forkID
}

// forkID is what the id of a fork is above that of its repository.
const forkID = 500

// pullsOfRun lists the open pull requests of the run's branch, and none of a fork.
func (r *Repo) pullsOfRun(run *Run) []any {
	var list []*Pull
	for _, p := range r.pulls {
		if run.HeadRepo == r.fullName && p.HeadRepo == r.fullName && p.HeadBranch == run.HeadBranch && p.State == "open" {
			list = append(list, p)
		}
	}
	side := func(ref, sha string) object {
		return object{"ref": ref, "sha": sha, "repo": object{"id": r.id, "url": r.url(""), "name": r.json()["name"]}}
	}
	return objectsOf(list, func(p *Pull) object {
		return object{
			"id": r.id*1000 + int64(p.Number), "number": p.Number, "url": r.url(fmt.Sprintf("pulls/%d", p.Number)),
			"head": side(p.HeadBranch, r.head(p)), "base": side(p.BaseBranch, p.BaseSHA),
		}
	})
}

func (r *Repo) artifactJSON(a *artifact) object {
	at := r.url(fmt.Sprintf("actions/artifacts/%d", a.id))
	return object{
		"id": a.id, "node_id": "A", "name": a.name, "size_in_bytes": len(a.data), "expired": a.expired, "url": at,
		"archive_download_url": at + "/zip", "created_at": r.g.now, "updated_at": r.g.now, "expires_at": r.g.now.AddDate(0, 0, 90),
		"workflow_run": object{
			"id": a.run.ID, "repository_id": r.id, "head_repository_id": r.headRepoID(a.run), "head_branch": a.run.HeadBranch,
			"head_sha": a.run.HeadSHA,
		},
	}
}

func listArtifacts(c *call) answer {
	run, name := c.repo.run(c.id("run_id")), c.r.URL.Query().Get("name")
	if run == nil {
		return notFound()
	}
	var list []*artifact
	for _, a := range slices.Backward(c.repo.artifacts) {
		if a.run == run && (name == "" || name == a.name) {
			list = append(list, a)
		}
	}
	if c.r.URL.Query().Get("direction") == "asc" {
		slices.Reverse(list)
	}
	part, header := page(c, list)
	return answer{status: http.StatusOK, header: header, body: object{
		"total_count": len(list), "artifacts": objectsOf(part, c.repo.artifactJSON),
	}}
}

// downloadArtifact leads to the other host. It needs a token, also for a public
// repository.
func downloadArtifact(c *call) answer {
	a := c.repo.artifact(c.id("artifact_id"))
	switch {
	case c.who == nil:
		return refused(http.StatusUnauthorized, "Requires authentication")
	case a == nil || c.r.PathValue("archive_format") != "zip":
		return notFound()
	case a.expired:
		return refused(http.StatusGone, "Artifact has expired")
	}
	return answer{status: http.StatusFound, header: http.Header{"Location": {c.g.Other.URL + a.path() + "?sig=1"}}}
}
