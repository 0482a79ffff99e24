package quick

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// record is what builds of one workspace have used.
type record struct {
	Packages map[string]string `json:"packages"` // compiled packages, by path
	// Imports are what each of them imports, so that a program is linked with what it needs, and depends on that alone.
	Imports map[string][]string `json:"imports"`
	Stamps  map[string]string   `json:"stamps"` // of the packages that may change, by folder
	Info    string              `json:"info"`   // the line of build information, as the linker takes it
	// The commands, with their programs first; $WORK is the folder to work in.
	Compile []string `json:"compile"`
	Link    []string `json:"link"`
	// Tools are the stamps of the two programs.
	Tools [2]string `json:"tools"`
}

// path is the file of a workspace's record.
func (b Builder) path(w workspace) string { return filepath.Join(b.State, w.key[:32]+".json") }

// load returns the record of a workspace, if all that it depends on is as it was.
func (b Builder) load(w workspace) (*record, error) {
	content, err := os.ReadFile(b.path(w))
	if err != nil {
		return nil, err
	}
	r := &record{}
	if err := json.Unmarshal(content, r); err != nil {
		return nil, err
	}
	if len(r.Compile) == 0 || len(r.Link) == 0 || r.Imports == nil {
		return nil, errNotSure
	}
	if tools, err := toolStamps(r.Compile[0], r.Link[0]); err != nil || tools != r.Tools {
		return nil, errNotSure
	}
	for dir, was := range r.Stamps {
		if is, _, err := stamp(dir); err != nil || is != was {
			return nil, errNotSure
		}
	}
	return r, nil
}

// toolStamps returns sizes and times of the compiler and the linker.
func toolStamps(tools ...string) (out [2]string, err error) {
	for i, name := range tools {
		info, err := os.Stat(name)
		if err != nil {
			return out, err
		}
		out[i] = fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
	}
	return out, nil
}

// errProgram is the error of a program that the compiler refused. In all likelihood it is at fault, and not what is
// remembered.
var errProgram = errors.New("the program does not compile")

// forget drops the record of a workspace.
func (b Builder) forget(w workspace) error { return os.Remove(b.path(w)) }

// build puts the program at out: one that was built before from the same, or what the compiler and the linker make. Any
// failure, also one of the program's own code, is the go command's to explain.
func (r *record) build(out string, kept programs) error {
	source, paths, ok := imports()
	if !ok {
		return errNotSure
	}
	var compile strings.Builder
	for _, path := range append(paths, "runtime") {
		if path == "unsafe" { // it has no file
			continue
		}
		file, ok := r.Packages[path]
		if !ok {
			return errNotSure
		}
		fmt.Fprintf(&compile, "packagefile %s=%s\n", path, file)
	}
	needed, ok := r.needed(paths)
	if !ok {
		return errNotSure
	}
	var link strings.Builder
	for _, path := range needed {
		fmt.Fprintf(&link, "packagefile %s=%s\n", path, r.Packages[path])
	}
	// The go command names compiled packages in its cache by their content, so that the lists stand for all of the code.
	// The module's name and ids of the build that is remembered are of no matter.
	folder := kept.folder(source, compile.String(), link.String(), strings.Join(withoutIDs(r.Compile), "\x00"),
		strings.Join(withoutIDs(r.Link), "\x00"), r.Tools[0], r.Tools[1])
	fmt.Fprintf(&link, "%s\n", r.Info)
	if kept.take(folder, out) == nil {
		return nil
	}
	begun, keeping := kept.begin(source)
	defer os.RemoveAll(begun)
	work, err := os.MkdirTemp(filepath.Dir(out), "quick-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for name, text := range map[string]string{"importcfg": compile.String(), "importcfg.link": link.String()} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if err := os.Mkdir(filepath.Join(work, "exe"), 0o700); err != nil {
		return err
	}
	for i, command := range [][]string{r.Compile, r.Link} {
		args := make([]string, len(command))
		for k, arg := range command {
			args[k] = strings.ReplaceAll(arg, "$WORK/b001", work)
			if keeping == nil && i == 0 && k > 0 && command[k-1] == "-trimpath" {
				args[k], keeping = moved(args[k], folder)
			}
		}
		err := exec.Command(args[0], args[1:]...).Run()
		var exit *exec.ExitError
		if i == 0 && errors.As(err, &exit) {
			return errProgram
		}
		if err != nil {
			return err
		}
	}
	executable := filepath.Join(work, "exe", "a.out")
	if keeping == nil {
		if err := kept.publish(begun, executable, folder); err != nil {
			return err // its stacks name a file that is not there
		}
	}
	return os.Rename(executable, out)
}

// The pieces of what "go build -x" prints for the last package, the program.
var (
	compileLine = regexp.MustCompile(`(?m)^(\S+/compile -o \$WORK/b001/_pkg_\.a .* \./main\.go)(?: #.*)?$`)
	linkLine    = regexp.MustCompile(`(?m)^(?:GOROOT='[^']*' )?(\S+/link -o \$WORK/b001/exe/a\.out .* \$WORK/b001/_pkg_\.a)(?: #.*)?$`)
	cached      = regexp.MustCompile(`(?m)^cp \$WORK/(b\d+)/_pkg_\.a (\S+) # internal$`)
	linked      = regexp.MustCompile(`(?s)\ncat >\S+/b001/importcfg\.link << 'EOF' # internal\n(.*?)\nEOF\n`)
)

// remember keeps what a build by the go command has used, beside what is known of the same workspace. begun is when it began,
// told what it printed.
func (b Builder) remember(w workspace, begun time.Time, told string) error {
	compile, link, list := compileLine.FindStringSubmatch(told), linkLine.FindStringSubmatch(told),
		linked.FindStringSubmatch(told)
	if compile == nil || link == nil || list == nil {
		return errNotSure // it had built the same before
	}
	r, err := b.load(w)
	if err != nil {
		r = &record{Packages: map[string]string{}, Imports: map[string][]string{}, Stamps: map[string]string{}}
	}
	imports, err := b.listImports(strings.Contains("\n"+list[1], "\npackagefile "+cgo+"="))
	if err != nil {
		return err
	}
	if r.Compile, err = fields(compile[1]); err != nil {
		return err
	}
	if r.Link, err = fields(link[1]); err != nil {
		return err
	}
	if r.Tools, err = toolStamps(r.Compile[0], r.Link[0]); err != nil {
		return err
	}
	// What was compiled by this build is named where it was made, and then moved into the cache.
	moved := map[string]string{}
	for _, m := range cached.FindAllStringSubmatch(told, -1) {
		moved[m[1]] = m[2]
	}
	for line := range strings.Lines(list[1]) {
		line = strings.TrimSuffix(line, "\n")
		path, file, ok := strings.Cut(strings.TrimPrefix(line, "packagefile "), "=")
		switch {
		case strings.HasPrefix(line, "modinfo "):
			r.Info = line
		case !strings.HasPrefix(line, "packagefile ") || !ok:
			return fmt.Errorf("the linker's list has a line %q", line)
		case strings.Contains(file, "/b001/"):
			// The program itself: it takes another name in every kernel.
		default:
			if filepath.Base(file) == "_pkg_.a" {
				if file = moved[filepath.Base(filepath.Dir(file))]; file == "" {
					return errNotSure
				}
			}
			if r.Imports[path], ok = imports[path]; !ok {
				return errNotSure
			}
			r.Packages[path] = file
			if dir := w.folder(path); dir != "" && r.Stamps[dir] == "" {
				is, latest, err := stamp(dir)
				if err != nil {
					return err
				}
				// What was changed while it was compiled may be in it or not.
				if !latest.Before(begun) {
					return errNotSure
				}
				r.Stamps[dir] = is
			}
		}
	}
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return place.WriteFile(b.path(w), content, 0o600)
}

// fields splits a command as the go command prints it: arguments with blanks are between quotes, with \ before a quote.
func fields(line string) ([]string, error) {
	var out []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		if line[0] != '"' {
			arg, rest, _ := strings.Cut(line, " ")
			out, line = append(out, arg), rest
			continue
		}
		end := strings.IndexByte(line[1:], '"')
		if end < 0 || strings.Contains(line[1:1+end], `\`) {
			return nil, errors.New("a command with quotes that are not understood")
		}
		out, line = append(out, line[1:1+end]), line[end+2:]
	}
	return out, nil
}
