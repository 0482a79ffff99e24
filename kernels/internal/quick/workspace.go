package quick

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// workspace is what a build depends on, apart from packages: see [Builder.look].
type workspace struct {
	key     string            // digest of versions and settings
	modules map[string]string // folders of the modules that may change, by path
}

// errNotSure is the error of everything that this package leaves to the go command.
var errNotSure = errors.New("the go command decides")

// settings are the variables that the go command reads, by the beginning of their names.
var settings = []string{"GO", "CGO_", "CC=", "CXX=", "FC=", "AR=", "PKG_CONFIG="}

// kernelsOwn are variables that begin like the go command's settings and are none.
var kernelsOwn = []string{"GONB_", "GOMLX_", "GOGC=", "GOMEMLIMIT=", "GOMAXPROCS=", "GOTRACEBACK=", "GODEBUG="}

// replaced finds a module that is replaced by a folder, whose files may change.
var replaced = regexp.MustCompile(`(?m)^[^/\n]*=>\s*["\x60]?[./]`)

// used finds the folders of a go.work.
var used = regexp.MustCompile(`(?m)^\s*(?:use\s+)?(["\x60]?[./][^\s"\x60]*["\x60]?)\s*(?://.*)?$`)

// moduleLine finds the path of a go.mod's module.
var moduleLine = regexp.MustCompile(`(?m)^module\s+["\x60]?([^\s"\x60]+)`)

// look reads the workspace of the current directory, as GoNB makes it: a go.work that uses the program's module, and the
// checkout's among others.
func (b Builder) look() (workspace, error) {
	w := workspace{modules: map[string]string{}}
	h := sha256.New()
	add := func(name string, content []byte) { fmt.Fprintf(h, "%s %d:%s", name, len(content), content) }
	for _, v := range slices.Sorted(slices.Values(os.Environ())) {
		begins := func(name string) bool { return strings.HasPrefix(v, name) }
		if slices.ContainsFunc(settings, begins) && !slices.ContainsFunc(kernelsOwn, begins) {
			add("", []byte(v))
		}
	}
	if os.Getenv("GOWORK") == "off" {
		return w, errNotSure
	}
	// "go env -w" writes there.
	if dir, err := os.UserConfigDir(); err == nil {
		if content, err := os.ReadFile(filepath.Join(dir, "go", "env")); err == nil {
			add("env", content)
		}
	}
	self, err := filepath.EvalSymlinks(b.Go)
	if err != nil {
		return w, err
	}
	version, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(self)), "VERSION"))
	if err != nil {
		return w, err
	}
	add(self, version)
	work, err := os.ReadFile("go.work")
	if err != nil {
		return w, err
	}
	add("go.work", work)
	// Sums decide nothing here, but change with the modules.
	for _, sum := range []string{"go.sum", "go.work.sum"} {
		if content, err := os.ReadFile(sum); err == nil {
			add(sum, content)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return w, err
		}
	}
	if replaced.Match(work) {
		return w, errNotSure
	}
	for _, m := range used.FindAllStringSubmatch(string(work), -1) {
		dir := strings.Trim(m[1], "\"`")
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			return w, err
		}
		name := moduleLine.FindStringSubmatch(string(mod))
		if name == nil || replaced.Match(mod) {
			return w, errNotSure
		}
		if filepath.Clean(dir) == "." {
			// The program's own has one package, which is compiled each time. Every kernel calls it otherwise.
			mod = moduleLine.ReplaceAll(mod, nil)
		} else {
			w.modules[name[1]] = dir
		}
		add(dir, mod)
	}
	w.key = hex.EncodeToString(h.Sum(nil))
	return w, nil
}

// folder returns the folder of a package that may change; "" = it is of Go or of a module's version, which never change.
// The longest path that fits is the module's.
func (w workspace) folder(name string) string {
	longest := ""
	for module := range w.modules {
		if (name == module || strings.HasPrefix(name, module+"/")) && len(module) > len(longest) {
			longest = module
		}
	}
	if longest == "" {
		return ""
	}
	return filepath.Join(w.modules[longest], filepath.FromSlash(path.Clean(strings.TrimPrefix(name, longest))))
}

// stamp returns a digest of the names, sizes and times of the files of a package, and of folders below it that are no
// packages, which it may embed; and the latest of the times.
func stamp(dir string) (digest string, latest time.Time, err error) {
	h := sha256.New()
	err = stampInto(h, &latest, dir, true)
	return hex.EncodeToString(h.Sum(nil)), latest, err
}

// stampInto adds one folder; top = it is that of the package.
func stampInto(h io.Writer, latest *time.Time, dir string, top bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if !top && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".go") }) {
		return nil // a package of its own
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if e.Name() == ".git" {
				continue
			}
			if err := stampInto(h, latest, name, false); err != nil {
				return err
			}
			continue
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		info, err := os.Stat(name) // of what a link points to
		if err != nil {
			return err
		}
		if info.ModTime().After(*latest) {
			*latest = info.ModTime()
		}
		fmt.Fprintf(h, "%s\x00%d\x00%d\n", name, info.Size(), info.ModTime().UnixNano())
	}
	return nil
}
