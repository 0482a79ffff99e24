// Command notices writes NOTICES.md, the licences of all modules that are linked into siamese and kernels, from the
// module cache. Run it from the top of the repository when go.mod changes:
//
//	go run ./siamese/cmd/siamese/testdata/notices          # writes it
//	go run ./siamese/cmd/siamese/testdata/notices --check  # fails unless it is what would be written
//	go run ./siamese/cmd/siamese/testdata/notices --module siamese/milvus ./cmd/siamese-milvus
//
// The last one looks at the licences of the programs of another module, and writes nothing.
//
// Of each module it takes the files of licences, notices and authors that lie in the folder of a linked package or in
// one above it. Texts that occur more than once are printed once. The line "SPDX:" of a module says what they are; a
// module with a licence that is not listed in spdx.go is an error.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/atomicfile"
)

const target = "siamese/cmd/siamese/NOTICES.md"

// images tells whose the images are that the programs contain.
const images = "data/builtin/files/README.md"

// isNotice matches the names of files that have to be passed on, ofNotices those of folders full of them.
var ofNotices = regexp.MustCompile(`(?i)^(third[-_]party[-_])?licen[cs]es$`)
var isNotice = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|copyright|patents)([-._].*)?$`)

// notALicence matches the names of files that go with one.
var notALicence = regexp.MustCompile(`(?i)^(notice|patents|copyright)`)

// module is a module with the folders of its packages that are linked.
type module struct {
	path, version, dir string
	folders            map[string]bool
}

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "compare instead of writing")
	other := flag.String("module", "", "folder of another module, whose programs are the arguments")
	flag.Parse()
	if *other != "" {
		allowed = append(allowed, ofOthers...)
		modules, err := linked(*other, flag.Args()...)
		if err == nil {
			_, err = notices(modules)
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d modules, all under licences that go with the lab's\n", *other, len(modules))
		return
	}
	modules, err := linked(".", "./siamese/cmd/siamese", "./kernels")
	if err != nil {
		log.Fatal(err)
	}
	text, err := notices(modules)
	if err != nil {
		log.Fatal(err)
	}
	of, err := os.ReadFile(images)
	if err != nil {
		log.Fatal(err)
	}
	text += "\n" + string(of)
	if *check {
		old, err := os.ReadFile(target)
		if err != nil {
			log.Fatal(err)
		}
		if string(old) != text {
			log.Fatalf("%s is not what the modules say: go run ./siamese/cmd/siamese/testdata/notices", target)
		}
		fmt.Printf("%s: %d modules, all under licences that go with the lab's\n", target, len(modules))
		return
	}
	err = atomicfile.Write(target, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %d modules, %d bytes\n", target, len(modules), len(text))
}

// linked returns the modules of the packages that programs of the module in a folder link, on the systems that the lab
// is built for, by path. The first is Go itself.
func linked(in string, programs ...string) ([]module, error) {
	byPath := map[string]module{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", append([]string{"list", "-deps", "-json=Dir,Module"}, programs...)...)
		cmd.Dir = in
		cmd.Env, cmd.Stderr = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1"), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, err
		}
		for dec := json.NewDecoder(bytes.NewReader(out)); ; {
			var p struct {
				Dir    string
				Module *struct {
					Path, Version, Dir string
					Main               bool
				}
			}
			if err := dec.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			// Modules of the lab have its licence, which is in the root.
			if p.Module == nil || p.Module.Main || strings.HasPrefix(p.Module.Path, "github.com/go-siamese/lab/") {
				continue
			}
			m, ok := byPath[p.Module.Path]
			if !ok {
				m = module{p.Module.Path, p.Module.Version, p.Module.Dir, map[string]bool{}}
				byPath[m.path] = m
			}
			// The folder of the package and those above it, up to the module's.
			for dir := p.Dir; len(dir) >= len(m.dir); dir = filepath.Dir(dir) {
				m.folders[dir] = true
			}
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	dir := strings.TrimSpace(string(root))
	all := []module{{"Go", "its standard library and runtime", dir, map[string]bool{dir: true}}}
	var paths []string
	for path := range byPath {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		all = append(all, byPath[path])
	}
	return all, nil
}

// notices returns the text of the file. A module without a licence is an error.
func notices(modules []module) (string, error) {
	var out strings.Builder
	out.WriteString("# Notices\n\nThe programs `siamese` and `kernels` contain the Go modules below, under the " +
		"licences that follow, and the images at the end.\n\nMade by `go run ./siamese/cmd/siamese/testdata/notices`; do not edit.\n")
	// before is where a text was printed first.
	before := map[string]string{}
	for _, m := range modules {
		var texts strings.Builder
		var spdx, folders []string
		for dir := range m.folders {
			folders = append(folders, dir)
		}
		within, err := os.ReadDir(m.dir)
		if err != nil {
			return "", err
		}
		for _, e := range within {
			if e.IsDir() && ofNotices.MatchString(e.Name()) {
				folders = append(folders, filepath.Join(m.dir, e.Name()))
			}
		}
		slices.Sort(folders)
		found := false
		for _, dir := range folders {
			entries, err := os.ReadDir(dir)
			if err != nil {
				return "", err
			}
			for _, e := range entries {
				if e.IsDir() || strings.HasSuffix(e.Name(), ".go") ||
					!isNotice.MatchString(e.Name()) && !ofNotices.MatchString(filepath.Base(dir)) {
					continue
				}
				found = true
				path := filepath.Join(dir, e.Name())
				raw, err := os.ReadFile(path)
				if err != nil {
					return "", err
				}
				name, err := filepath.Rel(m.dir, path)
				if err != nil {
					return "", err
				}
				name = filepath.ToSlash(name)
				text := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(string(raw), "\r\n", "\n"), ""))
				// Form feeds and tabs would not survive a terminal; indented, the text is a block of code in Markdown.
				text = strings.NewReplacer("\f", "", "\t", "    ", "\v", "").Replace(text)
				if !notALicence.MatchString(e.Name()) && !slices.Contains(choices, name) {
					of, err := spdxOf(text)
					if err != nil {
						return "", fmt.Errorf("%s of %s: %w", name, m.path, err)
					}
					spdx = append(spdx, of...)
				}
				if first, ok := before[text]; ok {
					fmt.Fprintf(&texts, "\n%s: as %s\n", name, first)
					continue
				}
				before[text] = name + " of " + m.path
				fmt.Fprintf(&texts, "\n%s:\n\n", name)
				for _, line := range strings.Split(text, "\n") {
					texts.WriteString(strings.TrimRight("    "+line, " ") + "\n")
				}
			}
		}
		if !found || len(spdx) == 0 {
			return "", fmt.Errorf("%s has no licence in %s (%s)", m.path, m.dir, runtime.GOOS)
		}
		fmt.Fprintf(&out, "\n## %s %s\n\nSPDX: %s\n%s", m.path, m.version, expression(spdx), &texts)
	}
	return out.String(), nil
}
