package plugin

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/proof"
)

// write writes a file with its directories, and returns its path.
func write(t *testing.T, content string, path ...string) string {
	t.Helper()
	name := filepath.Join(path...)
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755),
		os.WriteFile(name, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
	return name
}

// lab makes a lab's directory with an installed plugin.
func lab(t *testing.T) (dir string, p Plugin) {
	t.Helper()
	dir = t.TempDir()
	p = Plugin{Path: write(t, "ours", Folder(dir), "1", "plugin.so"), Source: "test", Version: "1", Size: 4}
	content, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	write(t, string(content), Record(dir))
	p.Why = installed
	return dir, p
}

func TestFindOrder(t *testing.T) {
	dir, ours := lab(t)
	named := write(t, "x", t.TempDir(), "mine.so")
	listed, goxla, empty := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, "unversioned", listed, "pjrt_c_api_cpu_plugin.so")
	fitting := write(t, "x", listed, "pjrt_c_api_cpu_"+Release+"_plugin.so")
	theirs := write(t, "x", goxla, "pjrt_c_api_cpu_plugin.so")
	write(t, "too old", goxla, "pjrt_c_api_cpu_v0.1.0_plugin.so")
	write(t, "", empty, "pjrt_c_api_cpu_plugin.so")

	tests := []struct {
		name, backend, paths, want, why string
	}{
		{"named", "xla:" + named, listed, named, "GOMLX_BACKEND names it"},
		{"named with options", "xla:" + named + ",shared_buffers=false", "", named, "GOMLX_BACKEND names it"},
		{"kind without a path", "xla", listed, fitting, "found in PJRT_PLUGIN_LIBRARY_PATH"},
		{"named by word", "xla:cpu", "", ours.Path, installed},
		{"listed before recorded", "", empty + ":" + listed, fitting, "found in PJRT_PLUGIN_LIBRARY_PATH"},
		{"empty file", "", empty, ours.Path, installed},
		{"relative directory", "", "relative", ours.Path, installed},
		{"recorded before go-xla's", "go", "", ours.Path, installed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(BackendEnv, test.backend)
			t.Setenv(PathsEnv, test.paths)
			got, err := FindIn(dir, []string{goxla})
			if err != nil || got.Path != test.want || got.Why != test.why ||
				got.Installed() != (test.want == ours.Path) {
				t.Errorf("found %+v, %v; want %s, %s", got, err, test.want, test.why)
			}
		})
	}
	t.Setenv(BackendEnv, "")
	t.Setenv(PathsEnv, "")
	if got, err := FindIn(dir, nil); err != nil || got != ours {
		t.Errorf("found %+v, %v; want %+v", got, err, ours)
	}
	write(t, "cut off", ours.Path) // ours is damaged: that of go-xla serves
	if got, err := FindIn(dir, []string{goxla}); err != nil || got.Path != theirs || got.Why != "installed by go-xla" {
		t.Errorf("found %+v, %v; want %s", got, err, theirs)
	}
}

func TestFindFails(t *testing.T) {
	t.Setenv(BackendEnv, "")
	t.Setenv(PathsEnv, "")
	if _, err := FindIn(t.TempDir(), nil); !errors.Is(err, ErrNone) || err.Error() != ErrNone.Error() {
		t.Errorf("nothing was installed: %v", err)
	}
	tests := []struct {
		name, record string // "" = the one that was there
		library      string // "" = removed
		want         string
	}{
		{"damaged", "", "cut off", "7 bytes, 4 were installed"},
		{"removed", "", "", "plugin.so: no such file"},
		{"torn record", "{", "ours", "plugin.json: "},
		{"record without a path", "{}", "ours", "names no path"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, ours := lab(t)
			write(t, test.library, ours.Path)
			if test.library == "" {
				if err := os.Remove(ours.Path); err != nil {
					t.Fatal(err)
				}
			}
			if test.record != "" {
				write(t, test.record, Record(dir))
			}
			if _, err := FindIn(dir, nil); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want ErrNone and %q", err, test.want)
			}
		})
	}
	// A plugin asked for by name is never replaced by another one in silence.
	dir, ours := lab(t)
	t.Setenv(BackendEnv, "xla:/no/such.so")
	if got, err := FindIn(dir, nil); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNone) ||
		!strings.Contains(err.Error(), BackendEnv) {
		t.Errorf("found %+v, %v; want that GOMLX_BACKEND names a missing file", got, err)
	}
	t.Setenv(BackendEnv, "xla:"+filepath.Dir(ours.Path))
	if got, err := FindIn(dir, nil); err == nil {
		t.Errorf("a directory counts as a plugin: %+v", got)
	}
}

func TestDir(t *testing.T) {
	t.Setenv(DirEnv, "/somewhere")
	if dir, err := Dir(); err != nil || dir != "/somewhere" {
		t.Errorf("%q, %v", dir, err)
	}
	t.Setenv(DirEnv, "")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if dir, err := Dir(); err != nil || dir != filepath.Join(cache, "siamese-lab") {
		t.Errorf("%q, %v", dir, err)
	}
	if runtime.GOOS == "linux" {
		t.Setenv("XDG_CACHE_HOME", "")
		t.Setenv("HOME", "")
		if dir, err := Dir(); err == nil || !strings.Contains(err.Error(), DirEnv) {
			t.Errorf("%q, %v; want an error that names %s", dir, err, DirEnv)
		}
	}
}

// TestRecorded: of the plugins of several checkouts each finds the pinned one, and a lab's directory can be moved.
func TestRecorded(t *testing.T) {
	dir := t.TempDir()
	put := func(folder, source, archive, record string) string {
		library := write(t, "ours", Folder(dir), folder, "plugin.so")
		content, err := json.Marshal(Plugin{Path: "plugin.so", Source: source, Archive: archive, Size: 4})
		if err != nil {
			t.Fatal(err)
		}
		write(t, string(content), Beside(library))
		if record != "" {
			write(t, strings.Replace(string(content), "plugin.so", folder+"/plugin.so", 1), record)
		}
		return library
	}
	other := put("0.1-old", Package, "other", Record(dir))
	if got, err := Recorded(dir); err != nil || got.Path != other {
		t.Errorf("another version alone: %+v, %v", got, err)
	}
	pinned := put("0.2-new", Package, Wheel, "")
	if got, err := Recorded(dir); err != nil || got.Path != pinned || !got.Installed() {
		t.Errorf("%+v, %v; want %s", got, err, pinned)
	}
	write(t, "{", Record(dir))
	if got, err := Recorded(dir); err != nil || got.Path != pinned {
		t.Errorf("with a torn record: %+v, %v; want %s", got, err, pinned)
	}
	own := put("0.3-official", "official release", "theirs", Record(dir))
	if got, err := Recorded(dir); err != nil || got.Path != own {
		t.Errorf("the user's own choice: %+v, %v; want %s", got, err, own)
	}
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	if got, err := Recorded(moved); err != nil || !strings.HasPrefix(got.Path, moved) {
		t.Errorf("moved: %+v, %v", got, err)
	}
}

// TestCheck: what was installed is loaded only as it was installed; of others nothing is known.
func TestCheck(t *testing.T) {
	library := write(t, "library", t.TempDir(), "plugin.so")
	if err := Check(library); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
	is, err := proof.Of(library)
	if err != nil {
		t.Fatal(err)
	}
	record := func(p Plugin) {
		content, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		write(t, string(content), Beside(library))
	}
	p := Plugin{Path: "plugin.so", Source: "test", SHA256: is.SHA256, Size: is.Size}
	record(p)
	if err := Check(library); err != nil {
		t.Error(err)
	}
	if err := Check(write(t, "another", filepath.Dir(library), "another.so")); err != nil {
		t.Errorf("one that somebody put beside it: %v", err)
	}
	write(t, "lib4567", library)
	if err := Check(library); !errors.Is(err, proof.ErrDamaged) {
		t.Errorf("four other bytes: %v", err)
	}
	write(t, "library", library)
	p.Source, p.Archive = Package, Wheel // its digest is another
	record(p)
	if err := Check(library); !errors.Is(err, proof.ErrDamaged) {
		t.Errorf("a record that was changed with the library: %v", err)
	}
	write(t, "{", Beside(library))
	if err := Check(library); err == nil || !strings.Contains(err.Error(), Beside(library)) {
		t.Errorf("a torn record: %v", err)
	}
}
