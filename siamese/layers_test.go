package siamese_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Bounds of a package and of a file, tests aside.
const (
	mostFiles = 40  // of a package
	mostNames = 60  // exported ones at package level, of a package that others import
	mostLines = 300 // of a file
)

const module = "github.com/go-siamese/lab/"

// listed is what `go list` says of a package.
type listed struct {
	Dir        string
	ImportPath string
	Name       string
	GoFiles    []string
	Imports    []string
}

// packages returns the module's packages but for those below testdata.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=Dir,ImportPath,Name,GoFiles,Imports", "./...")
	cmd.Dir, cmd.Stderr = "..", t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.ImportPath, "/testdata/") {
			all = append(all, p)
		}
	}
	return all
}

// layers returns the line of doc.go's list of layers on which a package stands, by its path in the module.
func layers(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(string(text), "// # Layers\n")
	if !ok {
		t.Fatal("doc.go has no section Layers")
	}
	out := map[string]int{}
	for n, line := range regexp.MustCompile(`(?m)^//\s+- .*$`).FindAllString(list, -1) {
		for _, name := range strings.Fields(line)[2:] {
			if _, twice := out[name]; twice {
				t.Errorf("doc.go lists %s twice", name)
			}
			out[name] = n
		}
	}
	return out
}

// TestLayers: arrows point downward only. A package imports those of the module that stand on lines above its own in
// the list of layers in doc.go. Packages for tests may import any, and only tests import them.
func TestLayers(t *testing.T) {
	t.Parallel()
	layer := layers(t)
	forTests := func(name string) bool { return strings.Contains(name, "internal/labtest") }
	seen := map[string]bool{}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		seen[name] = true
		if forTests(name) {
			continue
		}
		own, ok := layer[name]
		if !ok {
			t.Errorf("%s is not among the layers in siamese/doc.go: put it below those that it imports", name)
			continue
		}
		for _, path := range p.Imports {
			imported, ok := strings.CutPrefix(path, module)
			if !ok {
				continue
			}
			if forTests(imported) {
				t.Errorf("%s imports %s, which is for tests", name, imported)
			} else if at, ok := layer[imported]; ok && at >= own {
				t.Errorf("%s imports %s, which does not stand above it in the list of layers in siamese/doc.go", name,
					imported)
			}
		}
	}
	for name := range layer {
		if !seen[name] {
			t.Errorf("siamese/doc.go lists %s, which is no package", name)
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d packages were seen", len(seen))
	}
}

// TestBounds: no package has too many files or exported names, and no file too many lines.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		// Files of other systems count as well, and so do those that other tags choose.
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
		if len(files) > mostFiles {
			t.Errorf("%s has %d files, more than %d: it is more than one idea", p.ImportPath, len(files), mostFiles)
		}
		names := map[string]bool{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte("\n")); n > mostLines {
				t.Errorf("%s/%s has %d lines, more than %d", p.ImportPath, filepath.Base(file), n, mostLines)
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			exported(parsed, names)
		}
		if p.Name != "main" && len(names) > mostNames {
			t.Errorf("%s exports %d names, more than %d", p.ImportPath, len(names), mostNames)
		}
	}
}

// TestPrograms: the programs below testdata, which `go build ./...` passes over, are sound.
func TestPrograms(t *testing.T) {
	t.Parallel()
	var programs []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if _, none := os.Stat(filepath.Join(path, "go.mod")); none == nil && path != ".." {
			return fs.SkipDir // a module of its own, with tests of its own
		}
		if err == nil && d.Name() == "main.go" && strings.Contains(path, "/testdata/") {
			programs = append(programs, "./"+filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), "../")))
		}
		return err
	})
	if err != nil || len(programs) == 0 {
		t.Fatalf("%v, programs: %q", err, programs)
	}
	cmd := exec.Command("go", append([]string{"vet"}, programs...)...)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// exported adds the names that a file exports at package level.
func exported(file *ast.File, names map[string]bool) {
	add := func(id *ast.Ident) {
		if id.IsExported() {
			names[id.Name] = true
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						add(id)
					}
				}
			}
		}
	}
}
