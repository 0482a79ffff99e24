// Package code builds the session's worker from a checkout, and knows when the checkout has changed since.
package code

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/openfile"
)

// Worker is the path of the worker's package below the checkout.
const Worker = "./siamese/cmd/siamese-session"

// Root returns the folder of the lab's source that this program was built from, "" where it is not known or is gone.
func Root() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	root := filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(file)))))
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		return ""
	}
	return root
}

// Bin returns the folder below dir, that of a session's values, for programs built from the checkout at root. Another
// checkout, and another environment that changes a build, have another one: two kernels do not build each other's away.
func Bin(dir, root string) string {
	sum := sha256.Sum256([]byte(environment(root)))
	return filepath.Join(dir, "bin-"+hex.EncodeToString(sum[:6]))
}

// environment returns what changes a build beside the sources.
func environment(root string) string {
	return fmt.Sprintln(root, runtime.Version(), os.Getenv("GOFLAGS"), os.Getenv("GOEXPERIMENT"),
		os.Getenv("CGO_ENABLED"))
}

// parts are the folders and files of a checkout that the worker is built from.
var parts = []string{"data", "siamese", "kernels", "go.mod", "go.sum"}

// Stamp returns a hash of how the sources look: names, sizes and times of change, with the version of Go and the
// variables that change a build. Another stamp may still build the same program. It takes some milliseconds.
func Stamp(root string) (string, error) {
	sum := sha256.New()
	_, _ = sum.Write([]byte(environment(root)))
	for _, part := range parts {
		err := filepath.WalkDir(filepath.Join(root, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := d.Name()
			switch {
			case d.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".")):
				return fs.SkipDir
			case d.IsDir() || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".md"):
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("the lab's source: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Built is a program and the sources that it was built from.
type Built struct {
	Path   string `json:"path"`
	Stamp  string `json:"stamp"`
	SHA256 string `json:"sha256"` // of the program
}

// BuildError is a build that failed; Output is what the compiler said.
type BuildError struct {
	Output string
	Err    error
}

// Error returns what the compiler said.
func (e *BuildError) Error() string {
	return fmt.Sprintf("the lab's code does not build: mend it, or go back to a commit that does (%v)\n%s", e.Err,
		strings.TrimSpace(e.Output))
}

// Unwrap returns how the compiler ended.
func (e *BuildError) Unwrap() error { return e.Err }

// Build returns the worker built from the checkout at root into the folder bin. Where the sources look as they did at
// the last build, and the program is the one that it made, nothing is done. The compiler's cache makes a build after a small change take some seconds.
func Build(ctx context.Context, root, bin string) (Built, error) {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return Built{}, err
	}
	unlock, err := lock(ctx, filepath.Join(bin, "siamese-session.lock"))
	if err != nil {
		return Built{}, fmt.Errorf("lock of the session's worker: %w", err)
	}
	defer unlock()
	stamp, err := Stamp(root) // before: what is edited meanwhile is built the next time
	if err != nil {
		return Built{}, err
	}
	last, err := Last(bin)
	if err == nil {
		_, sum, err := openfile.Hash(last.Path)
		whole := err == nil && sum == last.SHA256
		if whole && last.Stamp == stamp {
			return last, nil
		}
		if !whole { // the compiler would leave it alone if it still names the build that it wants
			_ = os.Remove(last.Path)
		}
	}
	path := filepath.Join(bin, "siamese-session")
	flags := "-s -w"
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" { // as cells are linked: without the C linker
		flags = "-linkmode=internal " + flags
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags="+flags, "-o", path, Worker)
	cmd.Dir = root
	// SIAMESE_KERNEL is for builds of cells, which the kernel follows.
	cmd.Env = append(os.Environ(), "GOWORK=off", "SIAMESE_KERNEL=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return Built{}, ctx.Err()
		}
		return Built{}, &BuildError{out.String(), err}
	}
	b := Built{Path: path, Stamp: stamp}
	if _, b.SHA256, err = openfile.Hash(path); err != nil {
		return Built{}, err
	}
	text, err := json.Marshal(b)
	if err != nil {
		return Built{}, err
	}
	// In one step: another process may read it. No package of ours does it here, because cells link this one.
	record := filepath.Join(bin, "siamese-session.json")
	if err := os.WriteFile(record+".new", text, 0o600); err != nil {
		return Built{}, err
	}
	return b, os.Rename(record+".new", record)
}

// Last returns the last build in the folder bin.
func Last(bin string) (Built, error) {
	text, err := os.ReadFile(filepath.Join(bin, "siamese-session.json"))
	if err != nil {
		return Built{}, err
	}
	var b Built
	return b, json.Unmarshal(text, &b)
}
