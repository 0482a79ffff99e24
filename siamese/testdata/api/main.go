// Command api keeps the list of the public API: every exported name of the packages that others can import, with its
// signature, one a line, so that a change of the API is seen in a diff:
//
//	go run ./siamese/testdata/api          # writes data.txt, kernels.txt and siamese.txt beside this file
//	go run ./siamese/testdata/api --check  # prints the lines that a write would remove and add, and fails if any
//
// It reads what the compiler exports (go list -export), not the sources, so that types and values of constants are
// those that a user of the package gets. The files are only ever written: after a merge, whatever it made of them, run
// the first line again.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
)

const (
	module = "github.com/go-siamese/lab/"
	folder = "siamese/testdata/api"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	changed, err := run(*check)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || changed {
		os.Exit(1)
	}
}

// run writes the lists, or compares them and prints what changed.
func run(check bool) (changed bool, err error) {
	lists, err := all()
	if err != nil {
		return false, err
	}
	for _, top := range slices.Sorted(maps.Keys(lists)) {
		path := filepath.Join(folder, top+".txt")
		if check {
			old, err := os.ReadFile(path)
			if err != nil {
				return false, err
			}
			for _, line := range difference(strings.Split(strings.TrimSpace(string(old)), "\n"), lists[top]) {
				fmt.Println(line)
				changed = true
			}
			continue
		}
		err := atomicfile.Write(path, func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Join(lists[top], "\n")+"\n")
			return err
		})
		if err != nil {
			return false, err
		}
		fmt.Printf("%s: %d lines\n", path, len(lists[top]))
	}
	return changed, nil
}

// all returns the lines of each top folder, sorted.
func all() (map[string][]string, error) {
	cmd := exec.Command("go", "list", "-export", "-f",
		`{{if ne .Name "main"}}{{.ImportPath}} {{.Export}}{{end}}`, "./...")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, complaints.String())
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	// What a package exports names the types of others in full: no other file is read.
	read := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	lists := map[string][]string{}
	for path := range exports {
		if isInternal(path) {
			continue
		}
		pkg, err := read.Import(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		top, _, _ := strings.Cut(strings.TrimPrefix(path, module), "/")
		lists[top] = append(lists[top], lines(pkg)...)
	}
	for _, list := range lists {
		slices.Sort(list)
	}
	return lists, nil
}

func isInternal(path string) bool { return slices.Contains(strings.Split(path, "/"), "internal") }

// difference returns the lines that only one of two lists has, marked by - and +.
func difference(old, now []string) (out []string) {
	for _, line := range old {
		if !slices.Contains(now, line) {
			out = append(out, "-"+line)
		}
	}
	for _, line := range now {
		if !slices.Contains(old, line) {
			out = append(out, "+"+line)
		}
	}
	if len(out) == 0 && !slices.Equal(old, now) {
		out = append(out, " the order, or a line that is there twice")
	}
	return out
}
