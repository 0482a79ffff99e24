package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// TestRemoveUnused: what nobody has used for a month goes, unless somebody uses it; what is not the installer's stays.
func TestRemoveUnused(t *testing.T) {
	in, out := newInstaller(t)
	gone := filepath.Join(in.Lab.Dir, "checkouts", "gone-0123")
	live := filepath.Join(in.Lab.Dir, "checkouts", "live-4567")
	write(t, filepath.Join(gone, ownerFile), "/no/such/checkout", 0o644)
	write(t, filepath.Join(live, ownerFile), in.Lab.Repo, 0o644)
	dirs := map[string]bool{gone: false, live: true} // whether they stay
	for name, stays := range map[string]bool{"venv-0123": false, "venv-in-use": true, "bin-0123": false,
		"gopls-0123": false, "shims-0123": false, "history": true, "my-venv-0123": true} {
		path := filepath.Join(in.Lab.Dir, name)
		write(t, filepath.Join(path, "file"), "x", 0o644)
		dirs[path] = stays
	}
	place.Use(filepath.Join(in.Lab.Dir, "venv-in-use"))
	in.removeUnused(time.Now().Add(place.Unused - time.Hour))
	for path := range dirs {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("removed too early: %v", err)
		}
	}
	in.removeUnused(time.Now().Add(place.Unused + time.Hour))
	for path, stays := range dirs {
		if _, err := os.Stat(path); (err == nil) != stays {
			t.Errorf("%s stays: %v, want %v", path, err == nil, stays)
		}
		if said := strings.Contains(out.String(), path); said == stays {
			t.Errorf("%s: said %s", path, out)
		}
	}
}
