package git

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// token is what must be seen nowhere, basic the form in which it logs in.
const token = "ghs_0123456789abcdefghijABCDEFGHIJ012345"

var basic = base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))

// serve serves the folder of a bare repository over HTTP as a git host does, by git's
// own program. handle may answer in its place.
func serve(t *testing.T, origin string, handle func(w http.ResponseWriter, r *http.Request, next http.Handler)) (url string) {
	t.Helper()
	needGit(t)
	backend := filepath.Join(git(t, origin, "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("git-http-backend is not installed")
	}
	git(t, origin, "config", "http.receivepack", "true")
	next := &cgi.Handler{Path: backend, Env: []string{
		"GIT_PROJECT_ROOT=" + filepath.Dir(origin), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
	}, Stderr: io.Discard}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r, next) }))
	t.Cleanup(server.Close)
	return server.URL
}

// isPush reports whether a request belongs to a push.
func isPush(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/git-receive-pack") || r.URL.Query().Get("service") == "git-receive-pack"
}

// login lets requests pass that bear the token, in one header. It tells of pushes if
// canPush is false that they are forbidden, and to whom.
func login(t *testing.T, canPush bool) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		got := r.Header.Values("Authorization")
		switch {
		case len(got) == 0:
			w.Header().Set("WWW-Authenticate", `Basic realm="hub"`)
			w.WriteHeader(http.StatusUnauthorized)
		case len(got) > 1 || !strings.HasSuffix(got[0], basic):
			t.Errorf("%s %s: got %q", r.Method, r.URL.Path, got)
			w.WriteHeader(http.StatusBadRequest)
		case isPush(r) && !canPush:
			http.Error(w, "Permission denied to "+got[0]+" alias "+token, http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	}
}

// setLogin points origin of a clone to url, with a way to log in.
var setLogin = map[string]func(t *testing.T, dir, url string){
	"a header, as actions/checkout leaves it": func(t *testing.T, dir, url string) {
		git(t, dir, "remote", "set-url", "origin", url+"/hub.git")
		git(t, dir, "config", "http."+url+"/.extraheader", "AUTHORIZATION: basic "+basic)
	},
	"a URL": func(t *testing.T, dir, url string) {
		git(t, dir, "remote", "set-url", "origin", strings.Replace(url, "://", "://x-access-token:"+token+"@", 1)+"/hub.git")
	},
	"insteadOf": func(t *testing.T, dir, url string) {
		git(t, dir, "remote", "set-url", "origin", url+"/hub.git")
		git(t, dir, "config", "url."+strings.Replace(url, "://", "://x-access-token:"+token+"@", 1)+"/.insteadOf", url+"/")
	},
	"a credential helper": func(t *testing.T, dir, url string) {
		git(t, dir, "remote", "set-url", "origin", url+"/hub.git")
		git(t, dir, "config", "credential.helper", "")
		git(t, dir, "config", "--add", "credential.helper", "!f() { echo username=x-access-token; echo password="+token+"; }; f")
	},
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, set := range setLogin {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			origin := hub(t)
			dir := clone(t, origin, "--depth=1")
			set(t, dir, serve(t, origin, login(t, true)))
			_, err := UpdateFile(t.Context(), dir, options(), add(" three")) // fetches, too
			wantEqual(t, "error", nil, err)
			wantEqual(t, "content", "two three", git(t, origin, "show", "refs/heads/main:base.json"))
		})
	}
}

func TestForbidden(t *testing.T) {
	for _, name := range []string{"a header, as actions/checkout leaves it", "a credential helper"} {
		t.Run(name, func(t *testing.T) {
			origin := hub(t)
			dir := clone(t, origin, "--depth=1")
			setLogin[name](t, dir, serve(t, origin, login(t, false)))
			if name == "a credential helper" {
				t.Setenv("MY_TOKEN", token) // helpers of CI jobs have it from a variable
			}
			_, err := UpdateFile(t.Context(), dir, options(), replaceBy("three"))
			if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "403") {
				t.Fatalf("got %v, want ErrRefused with status 403", err)
			}
			wantNoSecret(t, err)
			wantEqual(t, "content", "two", git(t, origin, "show", "refs/heads/main:base.json"))
		})
	}
}

func wantNoSecret(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{token[:12], basic[:24], basic[len(basic)-12:]} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows the token: %v", err)
		}
	}
}

// TestNoSecretIsSeen runs git through a script that notes arguments and environment
// of each run, with tokens in our environment and in the config of the clone.
func TestNoSecretIsSeen(t *testing.T) {
	origin := hub(t)
	dir := clone(t, origin, "--depth=1")
	setLogin["a header, as actions/checkout leaves it"](t, dir, serve(t, origin, login(t, true)))
	real, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	script(t, filepath.Join(bin, "git"), "printf '%s\\n' \"$*\" >>'"+bin+"/arguments'\nenv >>'"+bin+"/environment'\nexec '"+real+"' \"$@\"\n")
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	const other = "glpat-abcdefghijklmnopqrst"
	for _, name := range []string{"GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "INPUT_GITHUB-TOKEN", "SPEEDGATE_GITLAB_TOKEN", "MY_PASSWORD"} {
		t.Setenv(name, other)
	}
	if _, err := Fetch(t.Context(), dir, "origin", "v1", "base.json"); err != nil {
		t.Error(err)
	}
	if _, err := UpdateFile(t.Context(), dir, options(), replaceBy("x")); err != nil {
		t.Error(err)
	}
	for file, secrets := range map[string][]string{"arguments": {token, basic, other, "127.0.0.1"}, "environment": {other}} {
		data, err := os.ReadFile(filepath.Join(bin, file))
		if err != nil || !strings.Contains(string(data), "push") && file == "arguments" {
			t.Fatalf("the script noted nothing: %v", err)
		}
		for _, s := range secrets {
			if strings.Contains(string(data), s) {
				t.Errorf("the %s of git hold %q", file, s)
			}
		}
	}
}

func TestServerRepeatsSecret(t *testing.T) {
	t.Setenv("DEPLOY_TOKEN", token)
	origin := hub(t)
	script(t, filepath.Join(origin, "hooks", "pre-receive"), "echo 'who is "+token+"' >&2\nenv >&2\nexit 1\n")
	dir := clone(t, origin)
	_, err := UpdateFile(t.Context(), dir, options(), replaceBy("x"))
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "who is ***; ") {
		t.Errorf("got %v, want ErrRefused with a hidden token", err)
	}
	wantNoSecret(t, err)
	git(t, dir, "remote", "set-url", "origin", "https://oauth2:"+token+"@127.0.0.1:1/hub.git")
	_, err = Fetch(t.Context(), dir, "origin", "main", "base.json")
	if err == nil {
		t.Fatal("no error")
	}
	wantNoSecret(t, err)
}

func TestAskPass(t *testing.T) {
	origin := hub(t)
	dir := clone(t, origin)
	ask := filepath.Join(t.TempDir(), "ask")
	script(t, ask, "case $1 in User*) echo \"$GIT_USERNAME\" ;; *) echo \"$GIT_PASSWORD\" ;; esac\n")
	git(t, dir, "remote", "set-url", "origin", serve(t, origin, login(t, true))+"/hub.git")
	if _, err := Fetch(t.Context(), dir, "origin", "v1", "base.json"); err == nil {
		t.Error("no error without a login")
	}
	for name, value := range map[string]string{"GIT_ASKPASS": ask, "GIT_USERNAME": "x-access-token", "GIT_PASSWORD": token} {
		t.Setenv(name, value)
	}
	_, err := UpdateFile(t.Context(), dir, options(), replaceBy("x"))
	wantEqual(t, "error", nil, err)
}

// TestSettingsByEnvironment gives the header by variables and, for the conditional
// include, by the user's config. Each must arrive, and once.
func TestSettingsByEnvironment(t *testing.T) {
	origin := hub(t)
	dir := clone(t, origin)
	url := serve(t, origin, login(t, true))
	git(t, dir, "remote", "set-url", "origin", url+"/hub.git")
	real, err := filepath.EvalSymlinks(dir)
	wantEqual(t, "EvalSymlinks", nil, err)
	home := t.TempDir()
	global, more := filepath.Join(home, "config"), filepath.Join(home, "more")
	header := "AUTHORIZATION: basic " + basic
	for _, c := range []struct {
		name string
		set  func(t *testing.T)
	}{
		{"variables", func(t *testing.T) {
			for name, value := range map[string]string{
				"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraheader", "GIT_CONFIG_VALUE_0": header,
			} {
				t.Setenv(name, value)
			}
		}},
		{"the user's config", func(t *testing.T) { git(t, home, "config", "-f", global, "http.extraheader", header) }},
		{"the user's config for this folder", func(t *testing.T) {
			write(t, global, "")
			git(t, home, "config", "-f", global, "includeIf.gitdir:"+filepath.ToSlash(real)+"/.path", more)
			git(t, home, "config", "-f", more, "http.extraheader", header)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("GIT_CONFIG_GLOBAL", global)
			c.set(t)
			_, err := UpdateFile(t.Context(), dir, options(), add("+"))
			wantEqual(t, "error", nil, err)
		})
	}
	wantEqual(t, "content", "two+++", git(t, origin, "show", "refs/heads/main:base.json"))
}

// TestAnswerGetsLost breaks the connection after the push was done.
func TestAnswerGetsLost(t *testing.T) {
	t.Parallel()
	origin := hub(t)
	dir := clone(t, origin)
	url := serve(t, origin, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method != http.MethodPost || !isPush(r) {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	git(t, dir, "remote", "set-url", "origin", url+"/hub.git")
	commit, err := UpdateFile(t.Context(), dir, options(), add("+"))
	wantEqual(t, "error", nil, err)
	wantEqual(t, "tip", git(t, origin, "rev-parse", "refs/heads/main"), commit)
	wantEqual(t, "content", "two+", git(t, origin, "show", "refs/heads/main:base.json"))
}

// TestServerHangs ends git and its program for HTTP with the context.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there only git itself is ended")
	}
	origin := hub(t)
	dir := clone(t, origin)
	ctx, cancel := context.WithCancel(t.Context())
	gone, release := make(chan struct{}), make(chan struct{})
	url := serve(t, origin, func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		cancel()
		select {
		case <-r.Context().Done(): // the client has closed the connection
			close(gone)
		case <-release:
		}
	})
	git(t, dir, "remote", "set-url", "origin", url+"/hub.git")
	_, err := Fetch(ctx, dir, "origin", "main", "base.json")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("git's program for HTTP still holds the connection")
		close(release)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	secrets := settingSecrets([]setting{
		{"http.https://example.com/.extraheader", "AUTHORIZATION: basic " + basic},
		{"http.extraheader", ""},
		{"remote.origin.url", "https://user:p%40ssw0rd@example.com/x"},
		{"url.https://secret-in-a-key@example.com/.insteadof", "x:"},
		{"user.name", "nothing to hide"},
	})
	for _, c := range []struct{ text, want string }{
		{"to " + token, "to ***"},
		{"to " + basic, "to ***"},
		{"p@ssw0rd, p%40ssw0rd", "***, ***"},
		{base64.StdEncoding.EncodeToString([]byte("user:p@ssw0rd")), "***"},
		{"by secret-in-a-key", "by ***"},
		{"at https://a:b@example.com/x and ssh://git@host/y", "at https://***@example.com/x and ssh://***@host/y"},
		{"Basic " + strings.Repeat("x", 16) + ", bearer " + strings.Repeat("y.", 9) + ", basic functions", "Basic ***, bearer ***, basic functions"},
		{"user nothing to hide", "user nothing to hide"},
	} {
		wantEqual(t, "redact", c.want, redact(c.text, secrets))
	}
	wantEqual(t, "the longest first", "*** ***", redact("secret secret-long", []string{"secret", "secret-long"}))
}
