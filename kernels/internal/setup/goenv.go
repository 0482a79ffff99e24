package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proc"
)

// GoEnv is what the installer must know about the Go command: its own settings, as `go env` prints them, which include
// those of the environment and of `go env -w`.
type GoEnv struct {
	// GOVERSION is such as "go1.26.1". It is part of the digest of whatever Go has built.
	GOROOT, GOVERSION, GOOS, GOARCH string
	// GOPROXY is used for installing only; kernels get "off".
	GOCACHE, GOMODCACHE, GOPATH, GOPROXY, GOSUMDB string
	// CC is the C compiler with its flags, mostly "gcc" or "clang" alone.
	CC string
	// CGO is "1" or "0". It is "0" also where Go found no C compiler.
	CGO string `json:"CGO_ENABLED"`
}

// ReadGoEnv asks the go command found in PATH for its settings. dir is the directory to ask in: a go.mod there may name
// a toolchain. It fails when there is no go command.
func ReadGoEnv(ctx context.Context, dir string) (GoEnv, error) {
	keys := []string{"env", "-json", "GOROOT", "GOVERSION", "GOOS", "GOARCH", "GOCACHE", "GOMODCACHE", "GOPATH",
		"GOPROXY", "GOSUMDB", "CC", "CGO_ENABLED"}
	// The user's flags and workspace are about other code; wrong ones would keep the command from answering.
	out, err := proc.Cmd{Name: "go", Args: keys, Dir: dir, Env: []string{"GOFLAGS=", "GOWORK=off", "GOEXPERIMENT="}}.Run(ctx)
	if err != nil {
		return GoEnv{}, fmt.Errorf("the go command: %w", err)
	}
	var env GoEnv
	if err := json.Unmarshal([]byte(out), &env); err != nil {
		return GoEnv{}, fmt.Errorf("the go command: go env: %w", err)
	}
	if env.GOCACHE == "" || env.GOCACHE == "off" || env.GOMODCACHE == "" {
		return env, errNoHome
	}
	return env, nil
}

// errNoHome is the error of a go command that knows no folder for what it builds.
var errNoHome = errors.New("the go command has no folder for its cache, since HOME is not set: export HOME, or GOCACHE " +
	"and GOPATH")

// Go returns the path of the go command itself, without wrappers, which PATH may have before it.
func (g GoEnv) Go() string { return filepath.Join(g.GOROOT, "bin", "go") }

// Compiler returns the path of the C compiler that cgo would use, or an error with the line that mends it: there is
// none, or cgo is switched off. XLA is bound through cgo, so that without one only the Go backend works.
func (g GoEnv) Compiler() (string, error) {
	const mend = "install one: Debian and Ubuntu `apt-get install gcc libc6-dev`, Fedora `dnf install gcc`, " +
		"macOS `xcode-select --install`"
	// CC may have flags: only its first word is a program.
	words := strings.Fields(g.CC)
	if len(words) == 0 {
		return "", fmt.Errorf("no C compiler is configured (go env CC is empty); %s", mend)
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return "", fmt.Errorf("no C compiler: %s is not in PATH; %s", words[0], mend)
	}
	// Go switches cgo off by itself where it finds no compiler, so that the compiler is looked for first: the message
	// is about the cause.
	if g.CGO == "0" {
		return "", fmt.Errorf("cgo is switched off (CGO_ENABLED=0); unset CGO_ENABLED, or `go env -w CGO_ENABLED=1`")
	}
	return path, nil
}
