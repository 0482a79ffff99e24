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
