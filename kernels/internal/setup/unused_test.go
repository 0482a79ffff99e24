package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
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

// TestRemoveEarlier: of a checkout's older tools the last few stay, and those that a kernel names.
func TestRemoveEarlier(t *testing.T) {
	in, _ := newInstaller(t)
	if err := in.ensureKernels(t.Context(), plugin.Plugin{}, "test"); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	older := func(name, repo string, age int) string {
		t.Helper()
		dir := filepath.Join(in.Lab.Dir, kernelTools.prefix+name)
		if err := writeMarker(filepath.Join(dir, toolsMarker), marker{Digest: name, Repo: repo}); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, ".used"), "", 0o644)
		when := now.Add(-time.Duration(age) * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, ".used"), when, when); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	named := dirs(t, in).bin
	if err := writeMarker(filepath.Join(named, toolsMarker), marker{Repo: in.Lab.Repo}); err != nil {
		t.Fatal(err)
	}
	stays := []string{named, older("new", in.Lab.Repo, 0), older("a", in.Lab.Repo, 1), older("b", in.Lab.Repo, 2),
		older("c", in.Lab.Repo, 3), older("other", "/other", 9)}
	goes := []string{older("d", in.Lab.Repo, 4), older("e", in.Lab.Repo, 5)}
	in.removeEarlier(kernelTools, stays[1])
	for _, dir := range stays {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
	for _, dir := range goes {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s stays", dir)
		}
	}
}
