package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// root is the module's folder, seen from this package's.
const root = "../.."

// source is one Go file of the project.
type source struct {
	pkg  string // path of its package below the module, "." for main
	name string // path below the module
	test bool
	fset *token.FileSet
	tree *ast.File
}

// imported is one import of a source.
type imported struct {
	path string
	line int
}

func (s source) imports() []imported {
	var list []imported
	for _, spec := range s.tree.Imports {
		// The parser has checked the quotes.
		path, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, imported{path, s.fset.Position(spec.Pos()).Line})
	}
	return list
}

// sources returns all Go files of all packages. The files are read rather than
// asked of the go command, which leaves out what is built on other systems only.
func sources(t *testing.T) []source {
	t.Helper()
	list, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var readSources = sync.OnceValues(func() ([]source, error) {
	dirs, err := packageDirs()
	if err != nil {
		return nil, err
	}
	var list []source
	for pkg, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			fset := token.NewFileSet()
			tree, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			base := filepath.Base(file)
			list = append(list, source{
				pkg: pkg, name: strings.TrimPrefix(pkg+"/"+base, "./"),
				test: strings.HasSuffix(base, "_test.go"), fset: fset, tree: tree,
			})
		}
	}
	slices.SortFunc(list, func(a, b source) int { return strings.Compare(a.name, b.name) })
	return list, nil
})

// packageDirs returns the folder of each package, by its path below the module.
func packageDirs() (map[string]string, error) {
	// -e: a package that does not compile is the business of other tests.
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct{ ImportPath, Dir string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return dirs, nil
		} else if err != nil {
			return nil, err
		}
		dirs[below(p.ImportPath)] = p.Dir
	}
}

// below returns the path of a package of the project below the module.
func below(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// isOurs reports whether a path is one of the project's packages.
func isOurs(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

// isForeign reports whether a path is of another module: the standard library's
// have no dot in their first element.
func isForeign(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".")
}
