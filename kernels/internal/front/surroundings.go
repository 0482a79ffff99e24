package front

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/plugin"
)

// surroundings says what cells are executed with: versions, code, plugin and processor.
type surroundings struct {
	checkout string
	env      []string // of cells
	gonb     string   // GoNB's program
	files    *receipt.Files

	// fixed is what holds as long as the kernel runs.
	fixed func() (receipt.Notebook, error)
}

// newSurroundings returns what cells of a checkout are executed with. What takes time is found out in the background.
func newSurroundings(ctx context.Context, checkout string, env, gonb []string) *surroundings {
	cache := ""
	if dir, err := plugin.Dir(); err == nil {
		cache = filepath.Join(dir, "digests.json")
	}
	s := &surroundings{checkout: checkout, env: env, gonb: gonb[0], files: receipt.NewFiles(cache)}
	s.fixed = sync.OnceValues(func() (receipt.Notebook, error) { return s.find(ctx) })
	go func() { _, _ = s.now(ctx) }() // the first cell finds it done
	return s
}

// now returns what a cell that begins now is executed with.
func (s *surroundings) now(ctx context.Context) (receipt.Notebook, error) {
	n, err := s.fixed()
	if err != nil {
		return receipt.Notebook{}, err
	}
	if n.Lab, err = s.files.Code(ctx, s.checkout); err != nil {
		return receipt.Notebook{}, err
	}
	n.GoSum, err = receipt.GoSum(s.checkout)
	return n, err
}

// find finds out what holds as long as the kernel runs.
func (s *surroundings) find(ctx context.Context) (receipt.Notebook, error) {
	n := receipt.Notebook{Format: receipt.Format, Processor: receipt.Machine()}
	path, err := exec.LookPath("go")
	if err != nil {
		return n, err
	}
	cmd := exec.CommandContext(ctx, path, "env", "GOVERSION")
	cmd.Dir, cmd.Env = s.checkout, s.env
	out, err := cmd.Output()
	if err != nil {
		return n, fmt.Errorf("the version of Go: %w", err)
	}
	n.Go = strings.TrimSpace(string(out))
	n.GoNB = "unknown"
	if path, err := exec.LookPath(s.gonb); err == nil {
		if info, err := buildinfo.ReadFile(path); err == nil {
			n.GoNB = info.Main.Version
		}
	}
	n.Backend = "go"
	if os.Getenv(plugin.BackendEnv) == "go" {
		return n, nil
	}
	dir, err := plugin.Dir()
	if err != nil {
		return n, nil //nolint:nilerr // without a plugin it is Go's own backend
	}
	p, err := plugin.Find(dir)
	if err != nil {
		return n, nil //nolint:nilerr // as above
	}
	file, err := s.files.Hash(ctx, p.Path)
	if err != nil {
		return n, fmt.Errorf("XLA's plugin: %w", err)
	}
	n.Backend, n.Plugin = "xla", &file
	if portable() {
		n.Backend += receipt.Portable
	}
	return n, nil
}

// portable reports whether the environment asks for portable bits. A value that says neither is an error where a cell
// opens the backend.
func portable() bool {
	wanted, _ := plugin.WantsPortable()
	_, options, _ := strings.Cut(os.Getenv(plugin.BackendEnv), ",")
	return wanted || slices.Contains(strings.Split(options, ","), "portable")
}
