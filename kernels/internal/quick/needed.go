package quick

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// cgo is a package that the linker asks for by itself in some programs.
const cgo = "runtime/cgo"

// needed returns the packages that a program with these imports is linked with, sorted. ok is false where one of them is
// not known.
func (r *record) needed(imports []string) (paths []string, ok bool) {
	seen := map[string]bool{}
	next := append(slices.Clone(imports), "runtime")
	if r.Packages[cgo] != "" {
		next = append(next, cgo)
	}
	for len(next) > 0 {
		path := next[len(next)-1]
		next = next[:len(next)-1]
		if path == "unsafe" || path == "C" || seen[path] {
			continue
		}
		seen[path] = true
		more, known := r.Imports[path]
		if !known || r.Packages[path] == "" {
			return nil, false
		}
		next = append(next, more...)
	}
	return slices.Sorted(maps.Keys(seen)), true
}

// withoutIDs returns the arguments of a command without those that only name one build.
func withoutIDs(args []string) (out []string) {
	for i, arg := range args {
		if !strings.HasPrefix(arg, "-buildid=") && arg != "-buildid" && (i == 0 || args[i-1] != "-buildid") {
			out = append(out, arg)
		}
	}
	return out
}

// listImports returns what the packages of the program in the current directory import, by path. withCgo = package cgo
// is among them.
func (b Builder) listImports(withCgo bool) (map[string][]string, error) {
	// What a source calls a package of Go's own vendored ones has another path.
	const line = `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}{{range $from, $to := .ImportMap}} {{$from}}={{$to}}{{end}}`
	args := []string{"list", "-deps", "-f", line, ".", "runtime"}
	if withCgo {
		args = append(args, cgo)
	}
	told, err := exec.Command(b.Go, args...).Output()
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(told)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		imports, called := []string{}, map[string]string{}
		for _, word := range words[1:] {
			if from, to, ok := strings.Cut(word, "="); ok {
				called[from] = to
				continue
			}
			imports = append(imports, word)
		}
		for i, path := range imports {
			if to := called[path]; to != "" {
				imports[i] = to
			}
		}
		all[words[0]] = imports
	}
	return all, nil
}
