package github

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	gh "github.com/google/go-github/v60/github"
)

// Limits of an artifact. It is made by the change under test, so that it may be
// anything: 300 MB of zeros are 0.3 MB as a zip.
const (
	maxArtifact = 32 << 20 // bytes of the zip
	maxMember   = 64 << 20 // bytes of the file in it, unpacked
	maxMembers  = 100
)

// Archive is the content of an artifact, which is under the control of whoever wrote
// the change.
type Archive struct {
	what  string
	files []*zip.File
}

// Artifact returns a named artifact of a workflow run, the newest if the run was
// repeated. Only that run's own artifacts are looked at: by name alone, anybody's pull
// request could provide one. Nothing is unpacked to a disk.
func (c *Client) Artifact(ctx context.Context, repo Repo, run int64, name string) (*Archive, error) {
	what := fmt.Sprintf("reading artifact %q of run %d", name, run)
	found, err := c.artifact(ctx, repo, run, name)
	if err != nil {
		return nil, c.explain(what, needActions, err)
	}
	switch {
	case found == nil:
		return nil, fmt.Errorf("%s: %w", what, ErrNotFound)
	case found.GetExpired():
		return nil, fmt.Errorf("%s: it has expired", what)
	case found.GetSizeInBytes() > maxArtifact:
		return nil, fmt.Errorf("%s: it has %d bytes; %d is the limit", what, found.GetSizeInBytes(), maxArtifact)
	}
	req, err := c.request(http.MethodGet, repo, "actions/artifacts/"+strconv.FormatInt(found.GetID(), 10)+"/zip", nil, nil)
	if err != nil {
		return nil, c.explain(what, needActions, err)
	}
	data, err := c.download(ctx, req, maxArtifact)
	if err != nil {
		return nil, c.explain(what, needActions, err)
	}
	files, err := unzip(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return &Archive{what, files}, nil
}

// File returns one file of the archive. The error wraps [ErrNotFound] if it has none of
// that name.
func (a *Archive) File(name string) ([]byte, error) {
	data, err := member(a.files, name, maxMember)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.what, err)
	}
	return data, nil
}

// artifact returns the newest artifact of that name, nil if the run has none.
func (c *Client) artifact(ctx context.Context, repo Repo, run int64, name string) (newest *gh.Artifact, err error) {
	query := url.Values{"per_page": {strconv.Itoa(perPage)}, "name": {name}}
	for range maxPages {
		req, err := c.request(http.MethodGet, repo, "actions/runs/"+strconv.FormatInt(run, 10)+"/artifacts", query, nil)
		if err != nil {
			return nil, err
		}
		var list gh.ArtifactList
		resp, err := c.api.Do(ctx, req, &list)
		if err != nil {
			return nil, err
		}
		for _, a := range list.Artifacts {
			// Older servers do not know the filter.
			if a.GetName() == name && a.GetWorkflowRun().GetID() == run && a.GetID() > newest.GetID() {
				newest = a
			}
		}
		if resp.NextPage == 0 {
			return newest, nil
		}
		query.Set("page", strconv.Itoa(resp.NextPage))
	}
	return nil, fmt.Errorf("the run has more than %d artifacts", perPage*maxPages)
}

// unzip lists the files of an archive.
func unzip(data []byte) ([]*zip.File, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, errors.New("it is not a zip file")
	}
	if len(z.File) > maxMembers {
		return nil, fmt.Errorf("it has %d files; %d is the limit", len(z.File), maxMembers)
	}
	return z.File, nil
}

// member returns the one file of that name, up to limit bytes.
func member(files []*zip.File, name string, limit int64) ([]byte, error) {
	var found *zip.File
	for _, f := range files {
		switch {
		case f.Name != name:
		case found != nil:
			return nil, fmt.Errorf("it has %q twice", name)
		default:
			found = f
		}
	}
	if found == nil || !found.Mode().IsRegular() {
		return nil, &missing{name}
	}
	return inflate(found, limit)
}

// missing is the error for a file that an archive does not have.
type missing struct{ name string }

func (m *missing) Error() string { return fmt.Sprintf("it has no file %q", m.name) }

func (m *missing) Is(target error) bool { return target == ErrNotFound }

// inflate unpacks a file up to the limit, whatever size it claims to have.
func inflate(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%q cannot be unpacked: %w", f.Name, err)
	}
	defer r.Close() // it repeats what reading said
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q cannot be unpacked: %w", f.Name, err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("%q has more than %d bytes", f.Name, limit)
	}
	return data, nil
}
