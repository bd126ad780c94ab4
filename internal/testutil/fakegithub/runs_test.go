package fakegithub

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	gh "github.com/google/go-github/v60/github"
)

func TestRuns(t *testing.T) {
	t.Parallel()
	_, r, c, _, head := start(t)
	own := r.AddRun(Run{HeadBranch: "change", HeadSHA: head})
	fork := r.AddRun(Run{ID: 9, Attempt: 2, HeadRepo: "mallory/r", HeadBranch: "change", HeadSHA: head})
	cases := []struct {
		run  Run
		want string
	}{
		{own, "pull_request .github/workflows/gate.yml 1 o/r false change 1"},
		{fork, "pull_request .github/workflows/gate.yml 2 mallory/r true change 0"}, // no pull requests
	}
	for _, tc := range cases {
		got, _, err := c.Actions.GetWorkflowRunByID(t.Context(), "o", "r", tc.run.ID)
		check(t, "get", err)
		path := "" // which go-github v60 does not read
		_, err = c.Do(t.Context(), request(t, c, fmt.Sprintf("repos/o/r/actions/runs/%d", tc.run.ID)), writeField(&path, "path"))
		check(t, "get", err)
		text := fmt.Sprintf("%s %s %d %s %v %s %d", got.GetEvent(), path, got.GetRunAttempt(), got.GetHeadRepository().GetFullName(), got.GetHeadRepository().GetFork(), got.GetHeadBranch(), len(got.PullRequests))
		if text != tc.want || got.GetHeadSHA() != head {
			t.Errorf("run %s, want %s", text, tc.want)
		}
	}
	_, _, err := c.Actions.GetWorkflowRunByID(t.Context(), "o", "r", 1)
	wantError(t, err, "404 Not Found")
}

func TestArtifacts(t *testing.T) {
	t.Parallel()
	g, r, c, _, head := start(t)
	run, other := r.AddRun(Run{HeadSHA: head, HeadBranch: "b", HeadRepo: "mallory/r"}), r.AddRun(Run{HeadSHA: head})
	archive := Zip("report.json", `{"verdict": "pass"}`, "../evil", "x")
	id := r.AddArtifact(run.ID, "speedgate", archive)
	r.AddArtifact(run.ID, "logs", Zip())
	r.AddArtifact(other.ID, "speedgate", Zip())
	var names []string
	list, _, err := c.Actions.ListWorkflowRunArtifacts(t.Context(), "o", "r", run.ID, &gh.ListOptions{PerPage: 1})
	check(t, "list", err)
	for _, a := range list.Artifacts {
		names = append(names, a.GetName())
	}
	diff(t, "the newest", []string{"logs"}, names)
	var named gh.ArtifactList
	_, err = c.Do(t.Context(), request(t, c, fmt.Sprintf("repos/o/r/actions/runs/%d/artifacts?name=speedgate", run.ID)), &named)
	check(t, "by name", err)
	a := named.Artifacts[0]
	if named.GetTotalCount() != 1 || a.GetID() != id || a.GetSizeInBytes() != int64(len(archive)) || a.GetExpired() ||
		a.GetWorkflowRun().GetID() != run.ID || a.GetWorkflowRun().GetHeadSHA() != head {
		t.Errorf("by name: %v", named)
	}
	where, _, err := c.Actions.DownloadArtifact(t.Context(), "o", "r", id, 0)
	check(t, "where", err)
	if where.Host == c.BaseURL.Host || where.Hostname() == c.BaseURL.Hostname() {
		t.Errorf("the archive is on the host of the API: %s", where)
	}
	resp, err := http.Get(where.String())
	check(t, "download", err)
	data, err := io.ReadAll(resp.Body)
	check(t, "download", err)
	resp.Body.Close()
	if !bytes.Equal(data, archive) {
		t.Errorf("%d bytes, want %d", len(data), len(archive))
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	check(t, "zip", err)
	diff(t, "members", []string{"report.json", "../evil"}, []string{z.File[0].Name, z.File[1].Name})
	if asked := g.Other.Requests(); len(asked) != 1 || asked[0].String() != fmt.Sprintf("GET /artifacts/%d.zip?sig=1", id) {
		t.Errorf("the other host was asked for %v", asked)
	}
}

func TestArtifactsThatAreNotThere(t *testing.T) {
	t.Parallel()
	g, r, c, _, head := start(t)
	run := r.AddRun(Run{HeadSHA: head})
	id := r.AddArtifact(run.ID, "speedgate", Zip())
	r.ExpireArtifact(id)
	list, _, err := c.Actions.ListWorkflowRunArtifacts(t.Context(), "o", "r", run.ID, nil)
	if err != nil || len(list.Artifacts) != 1 || !list.Artifacts[0].GetExpired() {
		t.Errorf("%v, %v", list, err)
	}
	get := func(c *gh.Client, path string) error {
		_, err := c.Do(t.Context(), request(t, c, path), nil)
		return err
	}
	zipped := fmt.Sprintf("repos/o/r/actions/artifacts/%d/zip", id)
	wantError(t, get(c, zipped), "410 Artifact has expired")
	wantError(t, get(client(t, g, ""), zipped), "401 Requires authentication")
	wantError(t, get(c, fmt.Sprintf("repos/o/r/actions/artifacts/%d/tar", id)), "404 Not Found")
	wantError(t, get(c, "repos/o/r/actions/artifacts/1/zip"), "404 Not Found")
	wantError(t, get(c, "repos/o/r/actions/runs/1/artifacts"), "404 Not Found")
}
