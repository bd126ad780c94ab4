package github

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"speedgate/internal/testutil/fakegithub"
)

// entry is a file of a zip.
type entry struct {
	name string
	data string
	mode fs.FileMode
}

func zipped(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode | 0o644)
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArtifact(t *testing.T) {
	t.Parallel()
	good := zipped(t, entry{"../../etc/passwd", "x", 0}, entry{"report.json", "{}", 0})
	type run struct {
		*hub
		id, other int64
	}
	add := func(archive []byte) func(r run) {
		return func(r run) { r.repo.AddArtifact(r.id, "speedgate", archive) }
	}
	cases := []struct {
		name   string
		before func(r run)
		want   string // content, or error
	}{
		{"one", add(good), "{}"},
		{"the newest of two attempts", func(r run) {
			add(good)(r)
			add(zipped(t, entry{"report.json", "2", 0}))(r)
		}, "2"},
		{"none", func(run) {}, "not found"},
		{"another name", func(r run) { r.repo.AddArtifact(r.id, "speedgate2", good) }, "not found"},
		{"of another run", func(r run) { r.repo.AddArtifact(r.other, "speedgate", good) }, "not found"},
		{"too large", add(make([]byte, maxArtifact+1)), "it has 33554433 bytes; 33554432 is the limit"},
		{"larger than it says", func(r run) {
			id := r.repo.AddArtifact(r.id, "speedgate", good)
			r.Other.Put(fmt.Sprintf("/artifacts/%d.zip", id), make([]byte, maxArtifact+1))
		}, "it has more than 33554432 bytes"},
		{"expired", func(r run) { r.repo.ExpireArtifact(r.repo.AddArtifact(r.id, "speedgate", good)) }, "it has expired"},
		{"gone from the storage", func(r run) {
			add(good)(r)
			r.on("GET actions/artifacts/*/zip", fakegithub.Redirect(302, r.Other.URL+"/none"))
		}, "not found, or the token is not permitted; the workflow needs permissions: actions: read"},
		{"cut", func(r run) {
			add(good)(r)
			r.on("GET actions/runs/*/artifacts", fakegithub.CutBody())
		}, "unexpected EOF"},
		{"no zip", add([]byte("<html>")), "it is not a zip file"},
		{"no such file", add(zipped(t, entry{"x/report.json", "{}", 0})), `it has no file "report.json"`},
		{"a link", add(zipped(t, entry{"report.json", "/etc/passwd", fs.ModeSymlink})), `it has no file "report.json"`},
		{"two of a name", add(zipped(t, entry{"report.json", "{}", 0}, entry{"report.json", "[]", 0})), `it has "report.json" twice`},
		{"many files", add(zipped(t, make([]entry, maxMembers+1)...)), "it has 101 files; 100 is the limit"},
		{
			"a broken file", add(broken(zipped(t, entry{"report.json", strings.Repeat("{}", 100), 0}))),
			`"report.json" cannot be unpacked: unexpected EOF`,
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			of := fakegithub.Run{HeadRepo: "fork/r", HeadSHA: h.head}
			r := run{h, h.repo.AddRun(of).ID, h.repo.AddRun(of).ID}
			tc.before(r)
			data, err := fileOf(h.Artifact(t.Context(), repo, r.id, "speedgate"))
			want := tc.want
			if err != nil {
				want = fmt.Sprintf(`reading artifact "speedgate" of run %d: %s`, r.id, tc.want)
			}
			if got := string(data) + textOf(err); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestArtifactOfOlderServers demands that a list which is not filtered, as older
// servers give it, is read to its end and by name and run.
func TestArtifactOfOlderServers(t *testing.T) {
	t.Parallel()
	pages := []string{
		`{"artifacts": [{"id": 9, "name": "logs", "workflow_run": {"id": 1}}]}`,
		`{"artifacts": [{"id": 8, "name": "speedgate", "workflow_run": {"id": 2}}]}`,
		`{"artifacts": [{"id": 5, "name": "speedgate", "workflow_run": {"id": 1}}]}`,
		`{"artifacts": [{"id": 4, "name": "speedgate", "workflow_run": {"id": 1}}]}`,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /repos/o/r/actions/runs/1/artifacts", func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("page"), "1"))
		if page < len(pages) {
			w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, page+1))
		}
		fmt.Fprint(w, pages[page-1])
	})
	mux.HandleFunc("GET /repos/o/r/actions/artifacts/5/zip", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(zipped(t, entry{"report.json", "{}", 0}))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	data, err := fileOf(over(t, server.URL, http.DefaultTransport.RoundTrip).Artifact(t.Context(), repo, 1, "speedgate"))
	if string(data) != "{}" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
}

// TestUnzipLimit demands that unpacking ends at the limit: 300 MB of zeros are
// 0.3 MB as a zip.
func TestUnzipLimit(t *testing.T) {
	t.Parallel()
	files, err := unzip(zipped(t, entry{"report.json", strings.Repeat("0", 1000), 0}))
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]string{
		999:  `"report.json" has more than 999 bytes`,
		1000: "",
	} {
		data, err := member(files, "report.json", limit)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want || (err == nil) != (len(data) == 1000) {
			t.Errorf("limit %d: %d bytes, %q", limit, len(data), got)
		}
	}
}

// fileOf returns the report of an artifact that could be read.
func fileOf(a *Archive, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return a.File("report.json")
}

// broken changes a byte of the first file's content.
func broken(data []byte) []byte {
	data[len("PK\x03\x04")+26+len("report.json")+2] ^= 0xff
	return data
}
