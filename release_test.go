package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInstall demands that the action runs a release only where its hash is the one
// that is committed beside it, and builds from source only where there is none.
func TestInstall(t *testing.T) {
	t.Parallel()
	needBash(t)
	linux, windows := tarGz(t, "speedgate", "the release"), tarGz(t, "speedgate.exe", "the release")
	mux := http.NewServeMux()
	for name, data := range map[string][]byte{"linux_amd64": linux, "darwin_arm64": linux, "windows_amd64": windows} {
		mux.HandleFunc("/dl/speedgate_"+name+".tar.gz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	address := server.URL + "/dl"
	table := func(lines ...string) string { return "# comment\n" + address + "\n" + strings.Join(lines, "\n") + "\n" }
	const wrong = "0000000000000000000000000000000000000000000000000000000000000000"
	full := table(hashOf(linux)+"  speedgate_linux_amd64.tar.gz", hashOf(linux)+"  speedgate_darwin_arm64.tar.gz", hashOf(windows)+"  speedgate_windows_amd64.tar.gz")
	const source = "GOFLAGS=-mod=readonly GOWORK=off GOOS= build -trimpath -buildvcs=false -o FOLDER/ ."
	for _, c := range []struct {
		name, table, system string
		tools               map[string]string // commands beside the usual ones; a script, "" = none
		want, says          string            // "" = nothing is installed
	}{
		{name: "Linux", table: full, system: "Linux X64", want: "speedgate: the release", says: "downloading " + address + "/speedgate_linux_amd64.tar.gz"},
		{name: "Windows", table: full, system: "Windows X64", want: "speedgate.exe: the release"},
		{
			name: "macOS, which has no sha256sum", table: full, system: "macOS ARM64", want: "speedgate: the release",
			tools: map[string]string{"sha256sum": "", "shasum": "echo " + hashOf(linux) + "  x"},
		},
		{
			name: "another hash", table: table(wrong + "  speedgate_linux_amd64.tar.gz"), system: "Linux X64", tools: goStub,
			says: "::error title=speedgate::" + address + "/speedgate_linux_amd64.tar.gz has the hash " + hashOf(linux) + ", not " + wrong +
				" as this revision of the action says; it was not run",
		},
		{
			name: "no such file", table: table(wrong + "  speedgate_linux_arm64.tar.gz"), system: "Linux ARM64", tools: goStub,
			says: "::error title=speedgate::" + address + "/speedgate_linux_arm64.tar.gz cannot be downloaded; the input binary takes a speedgate that is there already",
		},
		{name: "no release", table: "# comment\n", system: "Linux X64", tools: goStub, want: "speedgate: " + source, says: "building from source"},
		{name: "a release without this system", table: full, system: "Linux ARM64", tools: goStub, want: "speedgate: " + source},
		{name: "a system that is not known", table: full, system: "Plan9 X64", tools: goStub, want: "speedgate: " + source},
		{
			name: "no release and no Go", table: "# comment\n", system: "Linux X64",
			says: "::error title=speedgate::this revision is no release for Linux X64, and Go is not on the runner to build it: " +
				"use a release, add actions/setup-go before this step, or give the input binary",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, installed := install(t, c.table, c.system, c.tools)
			if installed != c.want {
				t.Errorf("installed %q, want %q; it said:\n%s", installed, c.want, out)
			}
			if !strings.Contains(out, c.says+"\n") && c.says != "" {
				t.Errorf("said %q, want the line %q", out, c.says)
			}
		})
	}
}

// goStub builds a file that says how it was built.
var goStub = map[string]string{"go": `folder=${5%/}
echo "GOFLAGS=$GOFLAGS GOWORK=$GOWORK GOOS=$GOOS $1 $2 $3 $4 FOLDER/ $6" >"$folder/speedgate"`}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// install runs the script of an action whose table and runner are given. It returns
// what it said and NAME: TEXT of the program, "" if there is none.
func install(t *testing.T, table, system string, tools map[string]string) (out, installed string) {
	t.Helper()
	action, folder, bin := t.TempDir(), filepath.Join(t.TempDir(), "a b", "bin"), plainPath(t)
	script, err := os.ReadFile(".github/action/install.sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{".github/action/install.sh": script, "release.sha256": []byte(table)} {
		path := filepath.Join(action, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range tools {
		_ = os.Remove(filepath.Join(bin, name)) // may be none of the usual ones
		if script != "" {
			stub(t, bin, name, script)
		}
	}
	runner, arch, _ := strings.Cut(system, " ")
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "bash"), filepath.Join(action, ".github/action/install.sh"), folder)
	cmd.Env = []string{"PATH=" + bin, "RUNNER_OS=" + runner, "RUNNER_ARCH=" + arch, "GOFLAGS=-tags=theirs", "GOWORK=theirs", "GOOS=theirs"}
	text, err := cmd.CombinedOutput()
	found, globErr := filepath.Glob(filepath.Join(folder, "*"))
	if globErr != nil || len(found) > 1 {
		t.Fatalf("%v left in the folder, %v", found, globErr)
	}
	if (err == nil) != (len(found) == 1) {
		t.Errorf("error %v, and %v is installed", err, found)
	}
	for _, path := range found {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		installed = filepath.Base(path) + ": " + strings.TrimSpace(string(data))
	}
	return string(text), installed
}

// ghStub plays GitHub's command: it writes down what it is asked, shows what it is
// given to read, and has no tag v1 that could be moved.
const ghStub = `printf '%s\n' "$*" | sed 's#@/[^ ]*#@FILE#' >>"$LOG"
for a in "$@"; do
	case "$a" in
	content=@*) { base64 -d "${a#content=@}"; echo; } >>"$LOG" ;;
	esac
done
case "$*" in
*PATCH*) exit 1 ;;
*git/blobs*) echo blob0 ;;
*git/trees*) echo tree0 ;;
*git/commits*) echo commit0 ;;
esac`

// TestPublishRelease demands that a release's tag names a commit that adds the table
// to what was built, and that only a release moves the tag of the major version.
func TestPublishRelease(t *testing.T) {
	t.Parallel()
	needBash(t)
	script, err := os.ReadFile(".ci/publish-release")
	if err != nil {
		t.Fatal(err)
	}
	dir, bin := t.TempDir(), t.TempDir()
	stub(t, bin, "gh", ghStub)
	for name, text := range map[string]string{
		".ci/publish-release": string(script), "main.go": "package main\n", "dist/release.sha256": "hash  name",
		"dist/speedgate_linux_amd64.tar.gz": "", "dist/SHA256SUMS": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	shell(t, dir, "git init -q && git add main.go && git -c user.name=t -c user.email=t@example.com commit -qm one")
	commit, _ := shell(t, dir, "git rev-parse HEAD")
	tree, _ := shell(t, dir, "git rev-parse 'HEAD^{tree}'")
	common := func(version string) []string {
		return []string{
			"api --method POST repos/o/r/git/blobs --jq .sha -f encoding=base64 -F content=@FILE",
			"hash  name",
			"api --method POST repos/o/r/git/trees --jq .sha -f base_tree=" + strings.TrimSpace(tree) +
				" -f tree[][path]=release.sha256 -f tree[][mode]=100644 -f tree[][type]=blob -f tree[][sha]=blob0",
			"api --method POST repos/o/r/git/commits --jq .sha -f message=Release " + version + " -f tree=tree0 -f parents[]=" + strings.TrimSpace(commit),
			"api --method POST repos/o/r/git/refs -f ref=refs/tags/" + version + " -f sha=commit0",
			"release create " + version + " --verify-tag --title " + version + " --generate-notes dist/speedgate_linux_amd64.tar.gz dist/SHA256SUMS",
		}
	}
	for version, more := range map[string][]string{
		"v1.2.3": {
			"api --method PATCH repos/o/r/git/refs/tags/v1 -f sha=commit0 -F force=true",
			"api --method POST repos/o/r/git/refs -f ref=refs/tags/v1 -f sha=commit0",
		},
		"v2.0.0-rc.1": nil,
	} {
		log := filepath.Join(t.TempDir(), "log")
		out, code := shell(t, dir, "bash .ci/publish-release "+version+" dist",
			"LOG="+log, "GITHUB_REPOSITORY=o/r", "PATH="+bin+":"+os.Getenv("PATH"))
		if code != 0 {
			t.Fatalf("%s: exit code %d:\n%s", version, code, out)
		}
		data, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		want := append(common(version), more...)
		if d := cmp.Diff(want, strings.Split(strings.TrimSpace(string(data)), "\n")); d != "" {
			t.Errorf("%s (-want +got):\n%s", version, d)
		}
	}
}
