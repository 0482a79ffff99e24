package setup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proof"
)

// goShim is the `go` that comes first in a kernel's PATH. GoNB runs a bare `go get` before every cell, which looks for
// modules on the network; cells build against the checkout's go.mod, so there is nothing to get. What it builds gets a
// guard: see the command guard. Everything else, `go get` of a named module included, goes to the real command.
const goShim = `#!/bin/sh
case "$*" in
"get" | "get -t") exit 0 ;;
"build -o "* | "test -c -o "*) exec '%[2]s' build '%[1]s' "$@" ;;
esac
exec '%[1]s' "$@"
`

// importsShim is the `goimports` of a kernel's PATH: the kernel learns what it says, and can end it.
const importsShim = `#!/bin/sh
exec '%[2]s' build '%[1]s' "$@"
`

// goplsShim is the `gopls` of a kernel's PATH. GoNB starts one for itself where it finds one, which takes hundreds of
// megabytes and outlives a GoNB that is killed; the lab's kernel completes code with one of its own.
const goplsShim = `#!/bin/sh
[ "$1" != -listen ] || exit 0
exec '%[1]s' "$@"
`

// shellStart is what a shell of a line that starts with "!" reads first: the line runs under the guard, as cells'
// programs do, and so does a script of %%bash, which comes by standard input.
const shellStart = `unset BASH_ENV
[ -z "$BASH_EXECUTION_STRING" ] || exec '%[1]s' shell "$BASH" -c "$BASH_EXECUTION_STRING"
[ "$0" != bash ] || [ ! -p /dev/stdin ] || exec '%[1]s' script "$BASH"
`

// quoted returns a path for use between single quotes of a shell: one with a quote in it is rare, not impossible.
func quoted(path string) string { return strings.ReplaceAll(path, "'", `'\''`) }

// shimsPrefix begins the name of a folder of shims.
const shimsPrefix = "shims-"

// folders are where the programs of the checkout's kernels lie, as it is now.
type folders struct{ bin, gopls, shims string }

// shell is the file that holds shellStart.
func (f folders) shell() string { return filepath.Join(f.shims, "shell.sh") }

// shim is one of the files that stand between GoNB and the programs that it starts.
type shim struct {
	name, content string
	mode          os.FileMode
}

// programs returns the folders for a checkout and a Go, and the shims that belong into f.shims. The name of that folder
// has the digest of what they hold: a kernel that runs keeps its own when the checkout or Go changes.
func programs(lab place.Lab, env GoEnv) (f folders, shims []shim, err error) {
	if f.bin, err = kernelTools.dir(lab, env.GOVERSION); err != nil {
		return f, nil, err
	}
	if f.gopls, err = completionTools.dir(lab, env.GOVERSION); err != nil {
		return f, nil, err
	}
	guard, gocmd := quoted(filepath.Join(f.bin, "guard")), quoted(env.Go())
	shims = []shim{
		{"go", fmt.Sprintf(goShim, gocmd, guard), 0o755},
		{"goimports", fmt.Sprintf(importsShim, quoted(filepath.Join(f.bin, "goimports")), guard), 0o755},
		{"gopls", fmt.Sprintf(goplsShim, quoted(filepath.Join(f.gopls, "gopls"))), 0o755},
		{"shell.sh", fmt.Sprintf(shellStart, guard), 0o644},
	}
	var contents []string
	for _, s := range shims {
		contents = append(contents, s.name, s.content)
	}
	f.shims = filepath.Join(lab.Dir, shimsPrefix+digest(contents...)[:12])
	return f, shims, nil
}

// checkShims returns an error unless all shims are in a folder as they were written, which matches [proof.ErrDamaged]
// where one is there and is another one.
func checkShims(dir string, shims []shim) error {
	for _, s := range shims {
		path := filepath.Join(dir, s.name)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if string(content) != s.content {
			return fmt.Errorf("%s is not what was installed: %w", path, proof.ErrDamaged)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&s.mode&0o111 == 0 && s.mode&0o111 != 0 {
			return errors.Join(err, fmt.Errorf("%s may not be executed: %w", path, proof.ErrDamaged))
		}
	}
	return nil
}

// writeShims writes the shims, and reports whether it wrote.
func writeShims(dir string, shims []shim) (wrote bool, err error) {
	for _, s := range shims {
		w, err := place.WriteIfOther(filepath.Join(dir, s.name), []byte(s.content), s.mode)
		if err != nil {
			return wrote, err
		}
		wrote = wrote || w
	}
	return wrote, nil
}
