package assist

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/modfile"
)

// Files of the workspace.
const (
	editedFile     = "main.go"
	rememberedFile = "other.go"
)

// workspace is the folder that gopls sees: a module of its own, in which the cell and what earlier cells declare are
// the package main. Its go.mod requires what the checkout's does, and has the checkout itself in place of its module.
// GoNB's folder does so by a go.work as well; with that, gopls would load the checkout's commands and tests too.
type workspace struct {
	folder, repo string
	// Only who has the turn to talk to gopls uses these.
	mod    time.Time            // when the checkout's go.mod was written
	files  map[string]time.Time // the checkout's, and when they were written
	looked time.Time            // when they were looked at

	mu       sync.Mutex // of what is below
	module   string     // the checkout's
	required []string   // it, and the modules of its go.mod
	// known are the packages that cells can use without importing them, by name.
	known map[string]string
}

// packages returns those that cells can use without importing them, by name.
func (w *workspace) packages() map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.known)
}

// lookAgain is how long what was seen of the checkout is good for.
const lookAgain = 2 * time.Second

// refresh returns the files that changed since they were looked at last, which gopls wants to be told.
func (w *workspace) refresh() []string {
	if w.repo == "" || time.Since(w.looked) < lookAgain {
		return nil
	}
	changed := w.scan()
	if info, err := os.Stat(filepath.Join(w.repo, "go.mod")); err == nil && !info.ModTime().Equal(w.mod) &&
		w.writeModule() == nil {
		changed = append(changed, filepath.Join(w.folder, "go.mod"), filepath.Join(w.folder, "go.sum"))
	}
	return changed
}

// standard are the packages of Go's library that cells use, by name. goimports chooses the same for these names.
var standard = []string{"bufio", "bytes", "cmp", "context", "encoding/csv", "encoding/json", "errors", "flag", "fmt",
	"image", "image/color", "image/png", "io", "io/fs", "log", "maps", "math", "math/rand", "os", "os/exec", "path",
	"path/filepath", "regexp", "runtime", "slices", "sort", "strconv", "strings", "sync", "testing", "time", "unicode",
	"unicode/utf8"}

// modules are those beside the checkout's own that cells use by name: packages of the go.mod's requirements.
var modules = map[string][]string{
	"github.com/janpfeifer/gonb": {"gonbui"},
}

// newWorkspace writes the workspace into a folder.
func newWorkspace(folder, repo string) (*workspace, error) {
	w := &workspace{folder: folder, repo: repo, known: map[string]string{}, files: map[string]time.Time{}}
	for _, p := range standard {
		w.known[path.Base(p)] = p
	}
	if err := w.writeModule(); err != nil {
		return nil, err
	}
	if repo == "" {
		return w, nil
	}
	w.scan()
	return w, nil
}

// writeModule writes go.mod and go.sum from the checkout's.
func (w *workspace) writeModule() error {
	if w.repo == "" {
		return os.WriteFile(filepath.Join(w.folder, "go.mod"), []byte("module cells\n"), 0o600)
	}
	from := filepath.Join(w.repo, "go.mod")
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	mod, err := modfile.Parse(from, text, nil)
	if err != nil {
		return err
	}
	if mod.Module == nil {
		return fmt.Errorf("%s names no module", from)
	}
	module := mod.Module.Mod.Path
	w.mod = info.ModTime()
	w.learnModule(mod)
	for _, t := range slices.Clone(mod.Tool) {
		if err := mod.DropTool(t.Path); err != nil {
			return err
		}
	}
	// Replacements by folders of the checkout are relative to it.
	for _, r := range mod.Replace {
		if strings.HasPrefix(r.New.Path, ".") {
			if err := mod.AddReplace(r.Old.Path, r.Old.Version, filepath.Join(w.repo, r.New.Path), ""); err != nil {
				return err
			}
		}
	}
	if err := mod.AddModuleStmt("cells"); err != nil {
		return err
	}
	const version = "v0.0.0-00010101000000-000000000000" // as the go command writes it for a folder
	if err := mod.AddRequire(module, version); err != nil {
		return err
	}
	if err := mod.AddReplace(module, "", w.repo, ""); err != nil {
		return err
	}
	mod.Cleanup()
	out, err := mod.Format()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(w.folder, "go.mod"), out, 0o600); err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(w.repo, "go.sum"))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(filepath.Join(w.folder, "go.sum"), sum, 0o600)
}

// learnModule remembers what a go.mod says.
func (w *workspace) learnModule(mod *modfile.File) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.module = mod.Module.Mod.Path
	w.required = []string{w.module}
	for _, r := range mod.Require {
		w.required = append(w.required, r.Mod.Path)
		for _, p := range modules[r.Mod.Path] {
			w.known[path.Base(p)] = r.Mod.Path + "/" + p
		}
	}
}

// scan looks through the checkout's packages that cells can import. It returns the files that are new, changed or gone
// since it looked last.
func (w *workspace) scan() (changed []string) {
	seen := map[string]bool{}
	for _, top := range []string{"data", "siamese", "kernels"} {
		changed = append(changed, w.look(filepath.Join(w.repo, top), seen)...)
	}
	for name := range w.files {
		if !seen[name] {
			delete(w.files, name)
			changed = append(changed, name)
		}
	}
	w.looked = time.Now()
	return changed
}

// look is scan for a folder; what it sees goes into seen.
func (w *workspace) look(dir string, seen map[string]bool) (changed []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // what cannot be read is not offered
	}
	for _, e := range entries {
		base := e.Name()
		name := filepath.Join(dir, base)
		switch {
		case e.IsDir():
			// Of the kernel's own insides nothing reaches cells; those of data and siamese do, by other packages.
			if base != "testdata" && base[0] != '.' && base[0] != '_' &&
				name != filepath.Join(w.repo, "kernels", "internal") {
				changed = append(changed, w.look(name, seen)...)
			}
			continue
		case !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
			continue
		}
		seen[name] = true
		old, ok := w.files[name]
		if !ok {
			w.learn(name)
		}
		if info, err := e.Info(); err == nil && (!ok || !old.Equal(info.ModTime())) {
			w.files[name] = info.ModTime()
			changed = append(changed, name)
		}
	}
	return changed
}

// learn remembers the package of a file, if cells can import it. Of two with one name it is that with the shorter
// path.
func (w *workspace) learn(name string) {
	rel, err := filepath.Rel(w.repo, filepath.Dir(name))
	if err != nil || slices.Contains(strings.Split(filepath.ToSlash(rel), "/"), "internal") {
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly)
	if err != nil || file.Name.Name == "main" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := path.Join(w.module, filepath.ToSlash(rel))
	if old, ok := w.known[file.Name.Name]; !ok || strings.HasPrefix(old, w.module) &&
		(len(p) < len(old) || len(p) == len(old) && p < old) {
		w.known[file.Name.Name] = p
	}
}

// uri returns the address of a file.
func uri(name string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(name)}
	return u.String()
}

// fromURI returns the path of an address.
func fromURI(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return filepath.FromSlash(u.Path)
}

// quotedPath is the path of a package as gopls tells it of what a file does not import yet.
var quotedPath = regexp.MustCompile(`^(?:\(from )?"([^"]+)"\)?$`)

// importable reports whether a cell can import the package that gopls names in the detail of a completion; what names
// none is there already.
func (w *workspace) importable(detail string) bool {
	m := quotedPath.FindStringSubmatch(detail)
	if m == nil {
		return true
	}
	elements := strings.Split(m[1], "/")
	if slices.Contains(elements, "internal") || slices.Contains(elements, "vendor") {
		return false
	}
	if !strings.Contains(elements[0], ".") {
		return true // Go's own
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.required, func(module string) bool {
		return m[1] == module || strings.HasPrefix(m[1], module+"/")
	})
}
