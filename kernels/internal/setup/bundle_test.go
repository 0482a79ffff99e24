package setup

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proof"
)

// TestBundle: a bundle installs without a network, and only as it was made, where it belongs.
func TestBundle(t *testing.T) {
	in := toyLab(t)
	write(t, filepath.Join(in.Lab.Repo, "go.sum"), "", 0o644)
	in.Go.GOOS, in.Go.GOARCH, in.Go.GOMODCACHE, in.Go.GOPROXY = "linux", "amd64", "/the user's, cache", "direct"
	env, err := ReadGoEnv(t.Context(), in.Lab.Repo)
	if err != nil {
		t.Fatal(err)
	}
	in.Go.GOROOT, in.Go.GOVERSION = env.GOROOT, env.GOVERSION
	in.fetchWheel = func(_ context.Context, _, dir string) (string, error) {
		path := filepath.Join(dir, "plugin.whl")
		return path, os.WriteFile(path, []byte("wheel"), 0o644)
	}
	dir := filepath.Join(t.TempDir(), "a, bundle")
	for range 2 { // the second takes the first's place
		if err := in.Bundle(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(files(t, dir), " "); got != "bundle.json modules/m/v1.zip wheels/plugin.whl" {
		t.Errorf("the bundle holds %s", got)
	}
	const fetched = "file:///the%20user%27s%2C%20cache/cache/download,direct sum.golang.org list -deps ./..."
	if log := readText(env.Go() + ".log"); !strings.Contains(log, fetched) {
		t.Errorf("the go command was asked\n%s, want %s", log, fetched)
	}
	place.Free()
	if err := os.RemoveAll(in.Lab.Dir); err != nil {
		t.Fatal(err)
	}
	in.Options.Offline = dir
	reinstallBy(t, in)
	offline := "file://" + strings.NewReplacer(" ", "%20", ",", "%2C").Replace(dir) + "/modules off build "
	if log := readText(env.Go() + ".log"); !strings.Contains(log, offline) {
		t.Errorf("the go command was asked\n%s, want %s", log, offline)
	}

	list := filepath.Join(dir, bundleFile)
	whole := readText(list)
	change := func(f func(b *bundle)) func(t *testing.T) {
		return func(t *testing.T) {
			t.Helper()
			var b bundle
			if err := json.Unmarshal([]byte(whole), &b); err != nil {
				t.Fatal(err)
			}
			f(&b)
			content, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			write(t, list, string(content), 0o644)
		}
	}
	zip := filepath.Join(dir, "modules", "m", "v1.zip")
	tests := []struct {
		name   string
		damage func(t *testing.T)
		want   error
		said   string
	}{
		{"another system", change(func(b *bundle) { b.System = "linux/arm64" }), ErrBundle, "linux/arm64"},
		{"another checkout", change(func(b *bundle) { b.Pins, b.Checkout = "other", "old" }), ErrBundle, "(old)"},
		{"a path outside", change(func(b *bundle) { b.Files["../x"] = proof.File{} }), ErrTampered, `"../x"`},
		{"another wheel", func(t *testing.T) { write(t, filepath.Join(dir, "wheels", "plugin.whl"), "WHEEL", 0o644) },
			ErrTampered, "plugin.whl has other bytes"},
		{"another module", func(t *testing.T) { write(t, zip, "zap\n", 0o644) }, proof.ErrDamaged, "v1.zip has other bytes"},
		{"a module missing", func(t *testing.T) {
			if err := os.Remove(zip); err != nil {
				t.Fatal(err)
			}
		}, os.ErrNotExist, "v1.zip"},
		{"no list", func(t *testing.T) {
			if err := os.Remove(list); err != nil {
				t.Fatal(err)
			}
		}, os.ErrNotExist, "no whole bundle"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.damage(t)
			_, err := in.Install(t.Context())
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.said) {
				t.Errorf("%v, want %v and %q", err, test.want, test.said)
			}
			write(t, list, whole, 0o644)
			write(t, filepath.Join(dir, "wheels", "plugin.whl"), "wheel", 0o644)
			write(t, zip, "zip\n", 0o644)
		})
	}
	place.Free()
	if err := os.RemoveAll(in.Lab.Dir); err != nil {
		t.Fatal(err)
	}
	change(func(b *bundle) { b.Python = "3.10" })(t)
	if _, err := in.Install(t.Context()); !errors.Is(err, ErrBundle) || !strings.Contains(err.Error(), "Python 3.10") {
		t.Errorf("another Python: %v", err)
	}
	write(t, filepath.Join(dir, "thesis.txt"), "mine", 0o644)
	if err := in.Bundle(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "thesis.txt") {
		t.Errorf("into a folder with something else: %v", err)
	}
}
