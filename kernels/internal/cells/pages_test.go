package cells_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// TestPages: the cells of the pages for people compile as the kernel compiles them, one after the other.
func TestPages(t *testing.T) {
	const module = "github.com/go-siamese/lab/"
	out, err := exec.Command("go", "list", "-export", "-f", "{{.ImportPath}} {{.Export}}", module+"siamese/lab",
		module+"kernels/cell").Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	read := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	compile := func(code string) (errs []string) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "", "package main\n"+code, 0)
		if err != nil {
			return []string{err.Error()}
		}
		checker := types.Config{Importer: read, Error: func(err error) { errs = append(errs, err.Error()) }}
		_, _ = checker.Check("main", fset, []*ast.File{file}, nil) // errors are in errs
		return errs
	}
	block := regexp.MustCompile("(?ms)^```go\n(.*?)^```$")
	for page, least := range map[string]int{"PYTHON.md": 12, "README.md": 7} {
		text, err := os.ReadFile("../../../notebooks/" + page)
		if err != nil {
			t.Fatal(err)
		}
		var m cells.Memory
		found := block.FindAllStringSubmatch(string(text), -1)
		if len(found) < least {
			t.Errorf("%s has only %d cells", page, len(found))
		}
		for _, one := range found {
			cell := cells.Parse(one[1])
			program, trap := m.Program(cell, nil)
			if trap != nil {
				t.Errorf("%s:\n%s%v", page, one[1], trap)
				continue
			}
			// What GoNB makes of it: imports first, then a main function of what follows "%%".
			head, body, ok := strings.Cut(program, "%%\n")
			if !ok {
				t.Fatalf("%s: no main in\n%s", page, program)
			}
			for _, err := range compile(head + "func main() {\n" + body + "\n}\n") {
				t.Errorf("%s:\n%s%s in\n%s", page, one[1], err, program)
			}
			m.Add(cell)
			m.Keep(cell)
		}
	}
	if errs := compile("func main() { nothing() }"); len(errs) != 1 {
		t.Errorf("a mistake is not seen: %q", errs)
	}
}
