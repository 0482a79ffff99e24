package place

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/plugin"
)

// checkout makes a directory with a go.mod and returns it.
func checkout(t *testing.T, mod string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFind(t *testing.T) {
	repo := checkout(t, "// a comment\nmodule "+ModulePath+"\n\ngo 1.26\n")
	deep := filepath.Join(repo, "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	flag, env, cache := t.TempDir(), t.TempDir(), t.TempDir()
	tests := []struct {
		name, dir, env, want string
	}{
		{"flag wins", flag, env, flag},
		{"environment", "", env, env},
		{"cache", "", "", filepath.Join(cache, "siamese-lab")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(plugin.DirEnv, test.env)
			t.Setenv("XDG_CACHE_HOME", cache)
			t.Setenv("HOME", cache)
			got, err := Find(test.dir, deep)
			if err != nil {
				t.Fatal(err)
			}
			if got.Repo != repo {
				t.Errorf("checkout %s, want %s", got.Repo, repo)
			}
			if !strings.HasSuffix(got.Dir, "siamese-lab") && got.Dir != test.want {
				t.Errorf("directory %s, want %s", got.Dir, test.want)
			}
		})
	}
}

func TestFindOutside(t *testing.T) {
	other := checkout(t, "module example.com/other\n")
	if _, err := Find("", other); !errors.Is(err, ErrNoCheckout) {
		t.Errorf("error %v, want one about the checkout", err)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "file")
	for _, content := range []string{"one", "two"} {
		if err := WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Errorf("read %q, %v; want %q", got, err, content)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v; want only the one written", len(entries), err)
	}
}

func TestWriteFileKeepsOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "directory") // a file cannot be renamed onto a directory that holds something
	if err := os.MkdirAll(filepath.Join(path, "inside"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("x"), 0o644); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
	if err := WriteFile(filepath.Join(path, "inside", "below", "file"), []byte("x"), 0o644); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"directory"}, names); diff != "" {
		t.Errorf("left behind (-want +got):\n%s", diff)
	}
}

func TestLock(t *testing.T) {
	lab := Lab{Dir: filepath.Join(t.TempDir(), "lab")}
	unlock, err := lab.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waited := make(chan struct{})
	got := make(chan error)
	go func() {
		_, err := lab.Lock(ctx, func() { close(waited) })
		got <- err
	}()
	<-waited
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: %v", err)
	}
	taken := make(chan error)
	go func() {
		again, err := lab.Lock(t.Context(), nil)
		if err == nil {
			again()
		}
		taken <- err
	}()
	unlock()
	select {
	case err := <-taken:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("the lock was given back and not taken")
	}
}

func TestLockDirectoryCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := (Lab{Dir: filepath.Join(file, "lab")}).Lock(t.Context(), nil); err == nil ||
		!strings.Contains(err.Error(), "--dir") {
		t.Errorf("error %v, want one that says to name another directory", err)
	}
}

// TestRemove: what a process uses stays.
func TestRemove(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "venv-0123")
	file := filepath.Join(dir, "bin", "python")
	if err := WriteFile(file, []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	Use(dir)
	Use(dir) // twice is once
	if Remove(dir) || time.Since(LastUsed(dir)) > time.Hour {
		t.Errorf("removed while it is in use, since %v", LastUsed(dir))
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	Free()
	if !Remove(file) || !Remove(dir) || !Remove(dir) {
		t.Error("not removed")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("left: %v", err)
	}
	if !LastUsed(dir).IsZero() {
		t.Error("used once it is gone")
	}
}

// TestCheckoutFolders: each checkout has a folder of its own, which lists of paths can hold.
func TestCheckoutFolders(t *testing.T) {
	seen := map[string]bool{}
	for _, repo := range []string{"/a/lab", "/b/lab", "/a/lab:x, 'y'", "/a/lab/"} {
		dir := Lab{Dir: "/dir", Repo: repo}.Checkout()
		if strings.ContainsAny(dir, ":, '") || filepath.Dir(dir) != "/dir/checkouts" || seen[dir] {
			t.Errorf("%s: %s", repo, dir)
		}
		seen[dir] = true
	}
	repo := checkout(t, "module "+ModulePath+"\n")
	if _, err := Find("/a:b", repo); !errors.Is(err, errSeparator) {
		t.Errorf("a colon: %v", err)
	}
	if !IsCheckout(repo) || IsCheckout(filepath.Join(repo, "none")) {
		t.Error("the checkout is not told from another folder")
	}
}
