package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableListsThePackages(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, s := range sources(t) {
		found[s.pkg] = true
	}
	for pkg := range found {
		if _, ok := packages[pkg]; !ok {
			t.Errorf("package %s has no row in the table of packages", pkg)
		}
	}
	for pkg := range packages {
		if !found[pkg] {
			t.Errorf("the table of packages lists %s, which does not exist", pkg)
		}
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, i := range s.imports() {
			if msg := objection(s, i.path); msg != "" {
				t.Errorf("%s:%d: %s", s.name, i.line, msg)
			}
		}
	}
}

// objection says what is wrong with an import of shipped code, "" if nothing is.
func objection(s source, importPath string) string {
	r := packages[s.pkg]
	switch {
	case isOurs(importPath):
		if !slices.Contains(r.imports, below(importPath)) {
			return fmt.Sprintf("%s must not import %s", s.pkg, below(importPath))
		}
	case isForeign(importPath):
		return foreignObjection(s, importPath)
	case r.pure && slices.Contains(impure, importPath):
		return fmt.Sprintf("%s is pure and must not import %s", s.pkg, importPath)
	}
	return ""
}

func foreignObjection(s source, importPath string) string {
	library, users := usersOf(importPath)
	switch {
	case library == "":
		return fmt.Sprintf("%s has no row in the table of foreign libraries", importPath)
	case slices.Contains(users, s.pkg), slices.Contains(users, s.name):
		return ""
	}
	return fmt.Sprintf("only %s may import %s", strings.Join(users, ", "), library)
}

// usersOf returns the library of the table that a package belongs to, "" if there
// is none, and its users.
func usersOf(importPath string) (library string, users []string) {
	for library, users := range foreign {
		if within(importPath, library) {
			return library, users
		}
	}
	return "", nil
}

// within reports whether a package is, or lies below, a module or folder.
func within(importPath, folder string) bool {
	return importPath == folder || strings.HasPrefix(importPath, folder+"/")
}

func TestPurePackagesReadNoClock(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test || !packages[s.pkg].pure {
			continue
		}
		for _, use := range clockUses(s) {
			t.Error(use)
		}
	}
}

// clockUses returns the places where s uses the clock of package time.
func clockUses(s source) []string {
	name := nameOf(s, "time")
	if name == "" {
		return nil
	}
	var uses []string
	ast.Inspect(s.tree, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && slices.Contains(clock, sel.Sel.Name) {
			uses = append(uses, fmt.Sprintf("%s:%d: %s is pure and must not use time.%s",
				s.name, s.fset.Position(sel.Pos()).Line, s.pkg, sel.Sel.Name))
		}
		return true
	})
	return uses
}

// nameOf returns what s calls the package with the import path, "" if it does not
// import it.
func nameOf(s source, importPath string) string {
	for _, spec := range s.tree.Imports {
		if spec.Path.Value != `"`+importPath+`"` {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// The table itself must be free of cycles and point at packages it lists;
// otherwise a row would allow what the layout forbids.
func TestArrowsPointOneWay(t *testing.T) {
	t.Parallel()
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(pkg string, trail []string)
	visit = func(pkg string, trail []string) {
		r, ok := packages[pkg]
		if !ok || state[pkg] == visiting {
			t.Errorf("%s is in a cycle or has no row", strings.Join(append(trail, pkg), " -> "))
			return
		}
		if state[pkg] == done {
			return
		}
		state[pkg] = visiting
		for _, to := range r.imports {
			if r.pure && !packages[to].pure {
				t.Errorf("%s is pure and may import %s, which is not", pkg, to)
			}
			visit(to, append(trail, pkg))
		}
		state[pkg] = done
	}
	for pkg := range packages {
		visit(pkg, nil)
	}
}

// A rule that nothing can break is no rule: the checks are shown code that breaks
// each of them.
func TestChecksBite(t *testing.T) {
	t.Parallel()
	tests := []struct{ pkg, file, imports, want string }{
		{"perf", "perf/x.go", "speedgate/gate", "perf must not import gate"},
		{"gate", "gate/x.go", "speedgate/perf", ""},
		{"gate", "gate/x.go", "os", "gate is pure and must not import os"},
		{"baseline", "baseline/x.go", "os", ""},
		{"gate", "gate/x.go", "gopkg.in/yaml.v3", "only internal/config may import gopkg.in/yaml.v3"},
		{"internal/config", "internal/config/x.go", "gopkg.in/yaml.v3", ""},
		{"report", "report/x.go", "github.com/olekukonko/tablewriter/tw", "only report/terminal.go may import github.com/olekukonko/tablewriter"},
		{"report", "report/terminal.go", "github.com/olekukonko/tablewriter/tw", ""},
		{"gate", "gate/x.go", "example.com/new", "example.com/new has no row in the table of foreign libraries"},
	}
	for _, tt := range tests {
		got := objection(source{pkg: tt.pkg, name: tt.file}, tt.imports)
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s importing %s (-want +got):\n%s", tt.file, tt.imports, d)
		}
	}
	fset := token.NewFileSet()
	const code = "package gate\nimport clock \"time\"\nvar now = clock.Now\nvar day = 24 * clock.Hour\n"
	tree, err := parser.ParseFile(fset, "gate/x.go", code, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	s := source{pkg: "gate", name: "gate/x.go", fset: fset, tree: tree}
	if d := cmp.Diff([]string{"gate/x.go:3: gate is pure and must not use time.Now"}, clockUses(s)); d != "" {
		t.Errorf("uses of the clock (-want +got):\n%s", d)
	}
}
