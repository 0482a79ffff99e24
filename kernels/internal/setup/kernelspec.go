package setup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// Names of the kernels, as Jupyter and `run --kernel` know them.
const (
	KernelGo  = "siamese-go"
	KernelXLA = "siamese-xla"
)

// Spec is a Jupyter kernelspec, the file kernel.json: how to start a kernel, and in which environment.
type Spec struct {
	Argv        []string `json:"argv"`
	DisplayName string   `json:"display_name"`
	Language    string   `json:"language"`
	// InterruptMode is "message": Jupyter asks the kernel by a message, rather than by a signal, to stop the cell.
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
}

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

// shellFile is the file that holds shellStart.
func shellFile(lab place.Lab) string { return filepath.Join(lab.Shims(), "shell.sh") }

// NewSpec returns the kernelspec of one of the two kernels, by name. library is the path of the XLA plugin; it is used
// by KernelXLA only. Cells run with the environment of the moment of installation, so that it does not matter from
// where Jupyter is started. Nothing is written.
func NewSpec(name string, lab place.Lab, env GoEnv, library string) Spec {
	vars := map[string]string{
		"PATH":                  kernelPath(lab, env, os.Getenv("PATH")),
		"GOCACHE":               env.GOCACHE,
		"GOMODCACHE":            env.GOMODCACHE,
		"GOPATH":                env.GOPATH,
		"GOFLAGS":               linkFlags(env),
		"GOTOOLCHAIN":           "local",
		"GOWORK":                "", // GoNB makes a go.work of its own; GOWORK=off would hide it
		"GO111MODULE":           "",
		"GOPROXY":               "off", // nothing is fetched at run time
		"GOSUMDB":               "off", // with no proxy, the checkout's go.sum decides
		"GOEXPERIMENT":          "",
		"GOMLX_NO_AUTO_INSTALL": "1",
		"BASH_ENV":              shellFile(lab),
		plugin.DirEnv:           lab.Dir, // the session keeps its values there
	}
	// Go looks for its settings there, and Jupyter may be started without a HOME.
	if home, err := os.UserHomeDir(); err == nil {
		vars["HOME"] = home
	}
	display := "Siamese Lab (Go)"
	if name == KernelXLA {
		display = "Siamese Lab (XLA)"
		vars["GOMLX_BACKEND"] = "xla:" + library
		vars["CGO_ENABLED"] = "1"
	} else {
		vars["GOMLX_BACKEND"] = "go"
		// The Go backend's SIMD kernels are behind this experiment. It changes every package's build, so the XLA
		// kernel goes without and shares the build cache with `go build` and `go test`.
		vars["GOEXPERIMENT"] = "simd"
	}
	return Spec{
		// Jupyter puts the path of the connection's file in place of {connection_file}. The workspace is the checkout,
		// so that cells import its packages as they are now.
		Argv: []string{filepath.Join(lab.Bin(), "siamese-kernel"), "--connection", "{connection_file}",
			"--gonb", filepath.Join(lab.Bin(), "gonb"), "--gopls", filepath.Join(lab.Gopls(), "gopls"),
			"--workspace", lab.Repo, "--language", goLanguage(lab), "--history", lab.History(),
			"--worker", filepath.Join(lab.Bin(), "siamese-session-launch")},
		DisplayName:   display,
		Language:      "go",
		InterruptMode: "message",
		Env:           vars,
	}
}

// linkFlags returns the GOFLAGS of cells. Leaving out symbols and linking without the C linker halves a cell's
// overhead; the latter is known to work with go-xla's C code on Linux for amd64.
func linkFlags(env GoEnv) string {
	flags := "-s -w"
	if env.GOOS == "linux" && env.GOARCH == "amd64" {
		flags = "-linkmode=internal " + flags
	}
	return "-buildvcs=false '-ldflags=" + flags + "'"
}

// kernelPath returns a kernel's PATH: our programs, Go's own, then what the installer was started with (path), without
// what is there twice.
func kernelPath(lab place.Lab, env GoEnv, path string) string {
	// Ours come first, so that a kernel finds the shim before the real go command.
	dirs := []string{lab.Shims(), lab.Bin(), filepath.Join(env.GOROOT, "bin")}
	seen := map[string]bool{dirs[0]: true, dirs[1]: true, dirs[2]: true, "": true}
	for _, dir := range filepath.SplitList(path) {
		if !seen[dir] {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
	}
	return strings.Join(dirs, string(filepath.ListSeparator))
}

// writeSpec writes a kernelspec into a directory of kernels if it is not there with this content, and reports whether
// it wrote.
func writeSpec(dir, name string, spec Spec) (bool, error) {
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(spec); err != nil {
		return false, err
	}
	return place.WriteIfOther(filepath.Join(dir, name, "kernel.json"), want.Bytes(), 0o644)
}

// ReadSpec returns the kernelspec of a kernel that is installed in the lab's directory. The error matches
// [fs.ErrNotExist] if it is not.
func ReadSpec(lab place.Lab, name string) (Spec, error) {
	content, err := os.ReadFile(filepath.Join(lab.Kernels(), name, "kernel.json"))
	if err != nil {
		return Spec{}, err
	}
	var spec Spec
	if err := json.Unmarshal(content, &spec); err != nil {
		return Spec{}, fmt.Errorf("kernelspec %s: %w", name, err)
	}
	return spec, nil
}

// userKernels returns the directory where the user's own Jupyter looks for kernels, which differs between systems.
func userKernels() (string, error) {
	// Jupyter's own variable for it wins over the places that it uses by default.
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Join(dir, "kernels"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter", "kernels"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter", "kernels"), nil
}

// writeShims writes what stands between GoNB and the programs that it starts, and reports whether it wrote.
func (in *Installer) writeShims() (wrote bool, err error) {
	guard := quoted(filepath.Join(in.Lab.Bin(), "guard"))
	for _, f := range []struct {
		path    string
		content []byte
		mode    os.FileMode
	}{
		{filepath.Join(in.Lab.Shims(), "go"), fmt.Appendf(nil, goShim, quoted(in.Go.Go()), guard), 0o755},
		{filepath.Join(in.Lab.Shims(), "goimports"),
			fmt.Appendf(nil, importsShim, quoted(filepath.Join(in.Lab.Bin(), "goimports")), guard), 0o755},
		{filepath.Join(in.Lab.Shims(), "gopls"),
			fmt.Appendf(nil, goplsShim, quoted(filepath.Join(in.Lab.Gopls(), "gopls"))), 0o755},
		{shellFile(in.Lab), fmt.Appendf(nil, shellStart, guard), 0o644},
	} {
		w, err := place.WriteIfOther(f.path, f.content, f.mode)
		if err != nil {
			return wrote, err
		}
		wrote = wrote || w
	}
	return wrote, nil
}

// ensureKernels writes the kernelspecs, and the shims that they rely on. notXLA says why there is no XLA kernel; ""
// means there is one, with the plugin p. A spec of an XLA kernel that can no longer run is removed, rather than left to
// fail when it is chosen.
func (in *Installer) ensureKernels(p plugin.Plugin, notXLA string) error {
	wrote, err := in.writeShims()
	if err != nil {
		return err
	}
	dirs := []string{in.Lab.Kernels()}
	if in.Options.UserKernels {
		dir, err := userKernels()
		if err != nil {
			return fmt.Errorf("the user's own kernels: %w", err)
		}
		dirs = append(dirs, dir)
	}
	names := []string{KernelGo}
	if notXLA == "" {
		names = append(names, KernelXLA)
	}
	for _, dir := range dirs {
		for _, name := range names {
			w, err := writeSpec(dir, name, NewSpec(name, in.Lab, in.Go, p.Path))
			if err != nil {
				return err
			}
			wrote = wrote || w
		}
		if notXLA != "" {
			if err := os.RemoveAll(filepath.Join(dir, KernelXLA)); err != nil {
				return err
			}
		}
	}
	state := "already there"
	if wrote {
		state = "written"
	}
	in.said("kernels", "%s: %s in %s", state, strings.Join(names, " and "), strings.Join(dirs, " and "))
	return nil
}
