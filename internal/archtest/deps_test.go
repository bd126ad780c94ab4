package archtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dependency is a row of docs/DEPENDENCIES.md.
type dependency struct{ version, in, user string }

// dependencyRow is | module | version | in | used by | why | licence |.
var dependencyRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (v\\S+) \\| (product|tests|product, tests) \\| ([^|]+) \\| [^|]+ \\| [^|]+ \\|$")

// TestDependencies holds docs/DEPENDENCIES.md to go.mod and to what the code
// imports: the list is of use to a reviewer only while it is true.
func TestDependencies(t *testing.T) {
	t.Parallel()
	listed, required := listedDependencies(t), requiredVersions(t)
	for path, d := range listed {
		if d.version != required[path] {
			t.Errorf("%s: listed as %s, go.mod has %q", path, d.version, required[path])
		}
		if want := foreignUsers(path); want != d.user {
			t.Errorf("%s: listed as used by %q, the table of foreign libraries has %q", path, d.user, want)
		}
		ships := d.user != "tests" && !within(d.user, "internal/testutil")
		if strings.HasPrefix(d.in, "product") != ships {
			t.Errorf("%s: listed in %s and used by %s", path, d.in, d.user)
		}
	}
	for path, where := range importedModules(t, required) {
		if _, ok := listed[path]; !ok {
			t.Errorf("%s: %s is not listed", where, path)
		}
	}
}

// TestBinary holds the list to what is linked: a module that is there for tests only
// is no part of the program. What package runner holds is, even before a command
// uses it.
func TestBinary(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".", "./runner/...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(out))
	if len(linked) == 0 {
		t.Fatal("no module is linked")
	}
	for path, d := range listedDependencies(t) {
		if inBinary := slices.Contains(linked, path); inBinary != strings.HasPrefix(d.in, "product") {
			t.Errorf("%s: listed in %s; in the binary: %v", path, d.in, inBinary)
		}
	}
}

func listedDependencies(t *testing.T) map[string]dependency {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "DEPENDENCIES.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]dependency{}
	for _, m := range dependencyRow.FindAllStringSubmatch(string(text), -1) {
		listed[m[1]] = dependency{version: m[2], in: m[3], user: strings.ReplaceAll(m[4], "`", "")}
	}
	if rows := strings.Count(string(text), "\n| `"); len(listed) != rows {
		t.Fatalf("%d of %d rows of docs/DEPENDENCIES.md can be read", len(listed), rows)
	}
	return listed
}

// requiredVersions returns what go.mod requires, by module.
func requiredVersions(t *testing.T) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range mod.Require {
		versions[r.Path] = r.Version
	}
	return versions
}

// foreignUsers returns who uses a module in shipped code, "tests" if nobody does.
func foreignUsers(path string) string {
	for library, users := range foreign {
		if within(library, path) {
			return strings.Join(users, ", ")
		}
	}
	return "tests"
}

// importedModules returns the modules that any file imports, each with a file
// that does.
func importedModules(t *testing.T, required map[string]string) map[string]string {
	t.Helper()
	used := map[string]string{}
	for _, s := range sources(t) {
		for _, i := range s.imports() {
			if !isForeign(i.path) {
				continue
			}
			used[moduleOf(i.path, required)] = s.name
		}
	}
	return used
}

// moduleOf returns the required module that holds a package, the package itself
// if none does.
func moduleOf(importPath string, required map[string]string) string {
	best := ""
	for path := range required {
		if within(importPath, path) && len(path) > len(best) {
			best = path
		}
	}
	if best == "" {
		return importPath
	}
	return best
}

func TestModuleOf(t *testing.T) {
	t.Parallel()
	required := map[string]string{"example.com/a": "v1.0.0", "example.com/a/b": "v1.0.0"}
	var got []string
	for _, p := range []string{"example.com/a", "example.com/a/c", "example.com/a/b/c", "example.com/ab"} {
		got = append(got, moduleOf(p, required))
	}
	if d := cmp.Diff([]string{"example.com/a", "example.com/a", "example.com/a/b", "example.com/ab"}, got); d != "" {
		t.Errorf("modules (-want +got):\n%s", d)
	}
}
