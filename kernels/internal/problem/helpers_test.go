package problem

import (
	"errors"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// source returns the file that GoNB would make of a cell on top of others: imports first, then what is declared, then
// main.
func source(c Context) string {
	var imports, decls strings.Builder
	_, body, main := split(c.Cell.Code)
	for _, cell := range append(append([]Cell{}, c.Earlier...), c.Cell) {
		before, _, _ := split(cell.Code)
		for line := range strings.Lines(before + "\n") {
			if strings.HasPrefix(line, "import ") {
				imports.WriteString(line)
			} else {
				// GoNB writes variables anew, in a group.
				decls.WriteString(regexp.MustCompile(`^var (\w+) = (.*)`).ReplaceAllString(line, "var (\n\t$1 = $2\n)"))
			}
		}
	}
	text := "package main\n\n" + imports.String() + "\n" + decls.String()
	if main {
		text += "func main() {\n" + body + "\n}\n"
	}
	return text
}

// parsing returns what GoNB says of a cell that Go's parser cannot read, or "". path is that of its file, which is
// written.
func parsing(t *testing.T, c Context, path string) string {
	t.Helper()
	before, body, main := split(c.Cell.Code)
	text := "package main\n\n" + before
	if main {
		text += "func main() {\n" + body + "\n}\n"
	}
	_, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		text = source(c)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return ""
	}
	return list.Error()
}

// build runs go build in a folder on all packages below it and returns what it says of each, by folder.
func build(t *testing.T, dir string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "build", "-o", os.DevNull, "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	said := map[string]string{}
	name := ""
	for line := range strings.Lines(string(out)) {
		if of, ok := strings.CutPrefix(line, "# cell/"); ok {
			name = strings.TrimSpace(of)
			continue
		}
		if m := regexp.MustCompile(`^(case\d+)/main\.go:`).FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		said[name] += line
	}
	return said
}

// newModule returns a folder with a go.mod.
func newModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module cell\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	// A package of the lab in small, for what cells do with it.
	for path, text := range map[string]string{
		"table/table.go": "package table\n\ntype Frame struct{ Columns []string; hidden int }\n" +
			"func (f *Frame) Describe() string { return \"\" }\n" +
			"func Open(path string) (*Frame, error) { return nil, nil }\n",
		"show/show.go": "package show\n\nfunc Table(v any) {}\nfunc Must[T any](v T, err error) T { return v }\n",
		"siamese/siamese.go": "package siamese\n\nimport \"cell/config\"\n\ntype Config = config.Config\n" +
			"func Train(c Config) error { return nil }\n",
		"config/config.go": "package config\n\ntype Config struct{ Epochs int; Rate float64; Seed uint64 }\n",
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// caseDir makes a folder for a case.
func caseDir(t *testing.T, dir string, i int) string {
	t.Helper()
	path := filepath.Join(dir, fmt.Sprintf("case%d", i))
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// colours matches the escapes of a traceback.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// shown returns a traceback without colours.
func shown(p Problem) string { return colours.ReplaceAllString(strings.Join(p.Traceback, "\n"), "") }

// caseName returns the name of a case's folder.
func caseName(i int) string { return fmt.Sprintf("case%d", i) }

// moveAway keeps a file from the compiler, moveBack ends that.
func moveAway(t *testing.T, path string) {
	t.Helper()
	if err := os.Rename(path, path+".txt"); err != nil {
		t.Fatal(err)
	}
}

func moveBack(t *testing.T, path string) {
	t.Helper()
	if err := os.Rename(path+".txt", path); err != nil {
		t.Fatal(err)
	}
}

// placeOf returns the line with the arrow and the column of the caret, such as "3:7"; tabs count as one.
func placeOf(p Problem) string {
	lines := strings.Split(shown(p), "\n")
	for i, line := range lines {
		m := regexp.MustCompile(`^---->\s*(\d+) `).FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if i+1 < len(lines) {
			if at := strings.IndexByte(lines[i+1], '^'); at >= 0 && strings.TrimSpace(lines[i+1]) == "^" {
				return fmt.Sprintf("%s:%d", m[1], at-8)
			}
		}
		return m[1] + ":"
	}
	return ""
}
