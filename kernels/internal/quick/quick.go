// Package quick builds the program of a cell without asking the go command what has changed. Of the time of a build, a good
// third goes into finding out that some hundred packages are as they were. This package remembers which compiled packages
// an earlier build used, and calls the compiler and the linker itself where it is sure that the go command would use the
// same ones:
//
//   - the versions of Go and of all modules are the same, and so are the settings in the environment;
//   - no file of a package in a module of the workspace has changed, by size and time;
//   - the program is one file without cgo and embedded files, and imports only packages that were used before.
//
// In all other cases, and wherever anything fails, the go command builds, so that errors are its own.
package quick

import (
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Builder builds programs of cells.
type Builder struct {
	Go    string // path of the go command
	State string // folder for what is remembered; made when it is needed
}

// Build runs "go ARG..." in the current directory and returns its exit status: by itself if args are those of a build that
// it is sure about, else by the go command. What that prints goes to standard output and standard error.
func (b Builder) Build(args []string) (status int, err error) {
	out, ok := plainBuild(args)
	if !ok {
		return b.run(args, os.Stderr)
	}
	now, err := b.look()
	if err != nil { // a workspace that is not of a kernel's: nothing can be said
		return b.run(args, os.Stderr)
	}
	if old, err := b.load(now); err == nil {
		switch err := old.build(out, programs{filepath.Join(b.State, "programs")}); {
		case err == nil:
			return 0, nil
		case errors.Is(err, errProgram):
			// The go command says why. Where it builds all the same, compiled packages have been removed, say, and the next
			// build is to find out which ones there are.
			status, err := b.run(args, os.Stderr)
			if err == nil && status == 0 {
				_ = b.forget(now) // it has no file any more
			}
			return status, err
		}
	}
	// With -x the go command prints what it does. On a failure it is run again for its messages alone.
	var told bytes.Buffer
	begun := time.Now()
	status, err = b.run(append([]string{"build", "-x"}, args[1:]...), &told)
	if err != nil || status != 0 {
		return b.run(args, os.Stderr)
	}
	_ = b.remember(now, begun, told.String()) // the next build is a slow one
	return 0, nil
}

// plainBuild returns the output of a build that has no other option.
func plainBuild(args []string) (out string, ok bool) {
	if len(args) != 3 || args[0] != "build" || args[1] != "-o" {
		return "", false
	}
	return args[2], true
}

// run runs the go command.
func (b Builder) run(args []string, stderr io.Writer) (status int, err error) {
	cmd := exec.Command(b.Go, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, stderr
	err = cmd.Run()
	if cmd.ProcessState != nil {
		return cmd.ProcessState.ExitCode(), nil
	}
	return 1, err
}

// program is the one file of a cell's program.
const program = "main.go"

// imports returns the program in the current directory and what it imports, if it is one that can be built here.
func imports() (source string, paths []string, ok bool) {
	entries, err := os.ReadDir(".")
	if err != nil {
		return "", nil, false
	}
	for _, e := range entries {
		name := e.Name()
		// Whatever else go would compile or link with it.
		ending := filepath.Ext(name)
		if name != program && (ending == ".go" || slices.Contains(place.SourceEndings, ending)) {
			return "", nil, false
		}
	}
	text, err := os.ReadFile(program)
	if err != nil || bytes.Contains(text, []byte("//go:embed")) || bytes.Contains(text, []byte("//go:build")) {
		return "", nil, false
	}
	file, err := parser.ParseFile(token.NewFileSet(), program, text, parser.ImportsOnly)
	if err != nil {
		return "", nil, false
	}
	for _, i := range file.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		// Only the go command knows who may import what is internal.
		if err != nil || path == "C" || slices.Contains(strings.Split(path, "/"), "internal") {
			return "", nil, false
		}
		paths = append(paths, path)
	}
	return string(text), paths, true
}
