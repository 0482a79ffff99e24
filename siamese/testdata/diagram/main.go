// Diagram prints the packages below data and siamese as a Mermaid graph of their imports, for READMEs:
//
//	go run ./siamese/testdata/diagram                            # to standard output
//	go run ./siamese/testdata/diagram --into siamese/README.md   # in place of the graph in that file
//	go run ./siamese/testdata/diagram --internal                 # with the internal packages
//
// An arrow points from a package to one that it imports, by itself or through packages that are not shown. Arrows that
// follow from others are left out (transitive reduction). Imports of tests do not count, and internal packages
// that only tests import are left out.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
)

const module = "github.com/go-siamese/lab/"

// graph has the imports of every package within the module, by path below it.
type graph map[string][]string

func main() {
	internal := flag.Bool("internal", false, "show internal packages too")
	into := flag.String("into", "", "Markdown `file` whose Mermaid graph is replaced")
	flag.Parse()
	if err := run(*internal, *into); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(internal bool, into string) error {
	imports, err := list("./data/...", "./siamese/...")
	if err != nil {
		return err
	}
	shown := map[string]bool{}
	for p := range imports {
		if isInternal(p) {
			continue
		}
		shown[p] = true
		if internal { // those for tests are not reached
			maps.Copy(shown, imports.reach(p))
		}
	}
	text := imports.reduced(slices.Sorted(maps.Keys(shown))).mermaid()
	if into == "" {
		_, err = fmt.Print(text)
		return err
	}
	return replace(into, text)
}

// list returns the packages that patterns match and their imports, as the go command sees them.
func list(patterns ...string) (graph, error) {
	cmd := exec.Command("go", append([]string{"list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}"}, patterns...)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1") // the same graph everywhere
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, complaints.String())
	}
	imports := graph{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		imports[strings.TrimPrefix(words[0], module)] = words[1:]
	}
	for p, all := range imports {
		imports[p] = slices.DeleteFunc(all, func(path string) bool {
			below, ours := strings.CutPrefix(path, module)
			_, listed := imports[below]
			return !ours || !listed
		})
		for i, path := range imports[p] {
			imports[p][i] = strings.TrimPrefix(path, module)
		}
	}
	return imports, nil
}

func isInternal(p string) bool { return slices.Contains(strings.Split(p, "/"), "internal") }

// reach returns all packages that p imports, by itself or through others.
func (g graph) reach(p string) map[string]bool {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(p string) {
		for _, q := range g[p] {
			if !seen[q] {
				seen[q] = true
				walk(q)
			}
		}
	}
	walk(p)
	return seen
}

// reduced returns the smallest graph of the shown packages from which as many can be reached as in g, which has no
// cycle.
func (g graph) reduced(show []string) graph {
	reach := map[string]map[string]bool{}
	for _, p := range show {
		reach[p] = g.reach(p)
	}
	out := graph{}
	for _, p := range show {
		out[p] = nil
		for _, q := range show {
			between := func(m string) bool { return reach[p][m] && reach[m][q] }
			if reach[p][q] && !slices.ContainsFunc(show, between) {
				out[p] = append(out[p], q)
			}
		}
	}
	return out
}

// mermaid returns the graph as a fenced block of Markdown, users above what they use.
func (g graph) mermaid() string {
	var b strings.Builder
	id := strings.NewReplacer("/", "_", "-", "_").Replace
	b.WriteString("```mermaid\ngraph TD\n")
	names := slices.Sorted(maps.Keys(g))
	for _, top := range []string{"siamese", "data"} {
		fmt.Fprintf(&b, "  subgraph %s_folder [\"%s/\"]\n", top, top)
		for _, p := range names {
			if p == top || strings.HasPrefix(p, top+"/") {
				fmt.Fprintf(&b, "    %s[\"%s\"]\n", id(p), p)
			}
		}
		b.WriteString("  end\n")
	}
	for _, p := range names {
		for _, q := range g[p] {
			fmt.Fprintf(&b, "  %s --> %s\n", id(p), id(q))
		}
	}
	b.WriteString("```\n")
	return b.String()
}

var block = regexp.MustCompile("(?s)```mermaid\n.*?\n```\n")

// replace puts text in place of the only Mermaid block of a file.
func replace(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	found := block.FindAllIndex(old, -1)
	if len(found) != 1 {
		return fmt.Errorf("%s has %d blocks of Mermaid: one is needed", path, len(found))
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s%s%s", old[:found[0][0]], text, old[found[0][1]:])
		return err
	})
}
