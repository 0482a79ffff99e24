package setup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// Names of the kernels, as Jupyter and `run --kernel` know them.
const (
	KernelGo  = "siamese-go"
	KernelXLA = "siamese-xla"
)

// displays are the kernels' names for people.
var displays = map[string]string{KernelGo: "Siamese Lab (Go)", KernelXLA: "Siamese Lab (XLA)"}

// Flags of the kernel's command that are looked for in kernelspecs, and what the name of XLA's backend begins with.
const (
	workspaceFlag = "--workspace"
	goplsFlag     = "--gopls"
	xlaPrefix     = "xla:"
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

// newSpec returns the kernelspec of one of the kernels, by name, with the programs in f. library is the path of the XLA
// plugin; KernelGo uses none. Cells run with the environment of the moment of installation, so that it does not matter
// from where Jupyter is started. Nothing is written.
func newSpec(name string, lab place.Lab, env GoEnv, f folders, library string) Spec {
	vars := map[string]string{
		"PATH":                  kernelPath(lab, env, f, os.Getenv("PATH")),
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
		"BASH_ENV":              f.shell(),
		plugin.DirEnv:           lab.Dir, // the session keeps its values there
	}
	// Go looks for its settings there, and Jupyter may be started without a HOME.
	if home, err := os.UserHomeDir(); err == nil {
		vars["HOME"] = home
	}
	if name == KernelXLA {
		vars["GOMLX_BACKEND"] = xlaPrefix + library
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
		Argv: []string{filepath.Join(f.bin, "siamese-kernel"), "--connection", "{connection_file}",
			"--gonb", filepath.Join(f.bin, "gonb"), goplsFlag, filepath.Join(f.gopls, "gopls"),
			workspaceFlag, lab.Repo, "--language", goLanguage(lab), "--history", lab.History(),
			"--worker", filepath.Join(f.bin, "siamese-session-launch")},
		DisplayName:   displays[name],
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
// what is there twice and without other programs of the lab.
func kernelPath(lab place.Lab, env GoEnv, f folders, path string) string {
	// Ours come first, so that a kernel finds the shim before the real go command.
	dirs := []string{f.shims, f.bin, filepath.Join(env.GOROOT, "bin")}
	seen := map[string]bool{dirs[0]: true, dirs[1]: true, dirs[2]: true, "": true}
	for _, dir := range filepath.SplitList(path) {
		if !seen[dir] && !within(lab.Dir, dir) {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
	}
	return strings.Join(dirs, string(filepath.ListSeparator))
}

// within reports whether a path lies below a directory.
func within(dir, path string) bool {
	return strings.HasPrefix(path, dir+string(filepath.Separator))
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
	return readSpec(filepath.Join(lab.Kernels(), name))
}

// readSpec returns the kernelspec in a directory.
func readSpec(dir string) (Spec, error) {
	content, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return Spec{}, err
	}
	var spec Spec
	if err := json.Unmarshal(content, &spec); err != nil {
		return Spec{}, fmt.Errorf("kernelspec %s: %w", filepath.Base(dir), err)
	}
	return spec, nil
}

// Checkout returns the checkout that a kernel builds cells in; "" if it is no kernel of the lab.
func (s Spec) Checkout() string { return s.flag(workspaceFlag) }

// Gopls returns the program that completes code for a kernel; "" if it is no kernel of the lab.
func (s Spec) Gopls() string { return s.flag(goplsFlag) }

// flag returns the value of a flag of the kernel's command, "" if it has none.
func (s Spec) flag(name string) string {
	if len(s.Argv) == 0 || filepath.Base(s.Argv[0]) != "siamese-kernel" {
		return ""
	}
	for i, arg := range s.Argv[:len(s.Argv)-1] {
		if arg == name {
			return s.Argv[i+1]
		}
	}
	return ""
}
