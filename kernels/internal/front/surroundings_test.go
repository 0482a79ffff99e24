package front

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/plugin"
)

// TestSurroundingsBackend: the receipt's backend is the one that cells open by default, and whether its bits are portable.
func TestSurroundingsBackend(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(path, []byte("plugin"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(plugin.DirEnv, dir)
	for _, c := range []struct{ backend, variable, want string }{
		{"xla:" + path, "", "xla"},
		{"xla:" + path, "0", "xla"},
		{"xla:" + path, "1", "xla" + receipt.Portable},
		{"xla:" + path + ",portable", "", "xla" + receipt.Portable},
		{"xla:" + path + ",devices=2,portable", "false", "xla" + receipt.Portable},
		{"xla:" + path, "yes please", "xla"}, // no backend is opened
		{"go", "1", "go"},                    // likewise
	} {
		t.Setenv(plugin.BackendEnv, c.backend)
		t.Setenv(plugin.PortableEnv, c.variable)
		s := newSurroundings(t.Context(), dir, os.Environ(), []string{"no-gonb"})
		n, err := s.fixed()
		if err != nil || n.Backend != c.want || (n.Plugin == nil) != (c.want == "go") {
			t.Errorf("%q with %q: %q with plugin %v, %v; want %q", c.backend, c.variable, n.Backend, n.Plugin, err, c.want)
		}
	}
}
