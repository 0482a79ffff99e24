package cells

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-siamese/lab/data/openfile"
)

// module is the lab's.
const module = "github.com/go-siamese/lab"

// deeper are packages of Go's library that are used by the last part of their path.
var deeper = map[string]string{"csv": "encoding/csv", "json": "encoding/json", "color": "image/color", "png": "image/png",
	"fs": "io/fs", "rand": "math/rand", "exec": "os/exec", "filepath": "path/filepath", "utf8": "unicode/utf8"}

// Sources returns [Results] that reads the sources of the checkout repo and of Go's library, a package once: an edit of
// the checkout is seen by the next kernel. Other modules are not known.
func Sources(repo string) Results {
	var mu sync.Mutex
	known := map[string]map[string]int{}
	return func(pkg, path, name string, receiver bool) (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		dir := folder(repo, pkg, path)
		if dir == "" {
			return 0, false
		}
		of, ok := known[dir]
		if !ok {
			of = functions(dir)
			known[dir] = of
		}
		if receiver {
			name = "." + name
		}
		n, found := of[name]
		return n, found
	}
}

// folder returns where a package is, "" = not known.
func folder(repo, pkg, path string) string {
	var dirs []string
	if rest, ok := strings.CutPrefix(path, module+"/"); ok {
		dirs = []string{filepath.Join(repo, rest)}
	} else if path != "" {
		dirs = []string{filepath.Join(build.Default.GOROOT, "src", path)}
	} else {
		std := pkg
		if path := deeper[pkg]; path != "" {
			std = path
		}
		for _, at := range []string{"data", "siamese", "kernels"} {
			dirs = append(dirs, filepath.Join(repo, at, pkg))
		}
		dirs = append(dirs, filepath.Join(repo, pkg), filepath.Join(build.Default.GOROOT, "src", std))
	}
	for _, dir := range dirs {
		if files, err := openfile.Glob(dir, "*.go"); err == nil && len(files) > 0 {
			return dir
		}
	}
	return ""
}

// functions returns the numbers of results of the functions in a folder, and of methods by "." and their name: of those
// of one name the fewest.
func functions(dir string) map[string]int {
	out := map[string]int{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return out
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := f.Name.Name
			if f.Recv != nil {
				name = "." + name
			}
			n := f.Type.Results.NumFields()
			if before, ok := out[name]; ok {
				n = min(n, before)
			}
			out[name] = n
		}
	}
	return out
}
