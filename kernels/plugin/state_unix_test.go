//go:build unix

package plugin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestState: what cells leave goes elsewhere where the lab's directory cannot be written, to a folder that only the user
// reads; never to one that somebody else has prepared.
func TestState(t *testing.T) {
	cache, tmp := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("TMPDIR", tmp)
	dir := t.TempDir()
	for _, dir := range []string{dir, filepath.Join(dir, "new")} {
		if got := State(dir); got != dir {
			t.Errorf("%s: %s", dir, got)
		}
	}
	// Below a file nobody can write, root included.
	locked := filepath.Join(write(t, "x", t.TempDir(), "file"), "lab")
	own := State(locked)
	info, err := os.Stat(own)
	if err != nil || info.Mode().Perm() != 0o700 || own == locked || State(locked) != own ||
		!strings.HasPrefix(own, cache) && !strings.Contains(own, "Caches") {
		t.Errorf("%s, %v, %v", own, info, err)
	}
	if other := State(locked + "2"); other == own {
		t.Error("two labs share a folder")
	}
	if err := os.Chmod(own, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := State(locked); !strings.HasPrefix(got, tmp) {
		t.Errorf("others may read it: %s", got)
	}
	t.Setenv(DirEnv, locked)
	if got, err := StateDir(); err != nil || !strings.HasPrefix(got, tmp) {
		t.Errorf("%s, %v", got, err)
	}
}
