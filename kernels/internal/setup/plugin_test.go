package setup

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestFindPluginOrder(t *testing.T) {
	in, _, ours := withPlugin(t)
	named := filepath.Join(t.TempDir(), "mine.so")
	write(t, named, "x", 0o644)
	listed := t.TempDir()
	write(t, filepath.Join(listed, "pjrt_c_api_cpu_plugin.so"), "unversioned", 0o644)
	fitting := filepath.Join(listed, "pjrt_c_api_cpu_"+officialVersion+"_plugin.so")
	write(t, fitting, "x", 0o644)
	goxla := t.TempDir()
	theirs := filepath.Join(goxla, "pjrt_c_api_cpu_plugin.so")
	write(t, theirs, "x", 0o644)
	write(t, filepath.Join(goxla, "pjrt_c_api_cpu_v0.1.0_plugin.so"), "too old", 0o644)
	empty := t.TempDir()
	write(t, filepath.Join(empty, "pjrt_c_api_cpu_plugin.so"), "", 0o644)

	tests := []struct {
		name, backend, paths, want string
	}{
		{"named", "xla:" + named, listed, named},
		{"named with options", "xla:" + named + ",shared_buffers=false", "", named},
		{"named but gone", "xla:/no/such.so", listed, fitting},
		{"named by word", "xla:cpu", "", ours.Path},
		{"listed", "", empty + ":" + listed, fitting},
		{"empty file", "", empty, ours.Path},
		{"relative directory", "", "relative", ours.Path},
		{"ours", "go", "", ours.Path},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("GOMLX_BACKEND", test.backend)
			t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", test.paths)
			if got, ok := findPlugin(in.Lab, []string{goxla}); !ok || got.Path != test.want {
				t.Errorf("found %q, want %q", got.Path, test.want)
			}
		})
	}
	write(t, ours.Path, "cut off", 0o644) // ours is damaged: that of go-xla serves
	if got, ok := findPlugin(in.Lab, []string{goxla}); !ok || got.Path != theirs {
		t.Errorf("found %q, want %q", got.Path, theirs)
	}
	if got, ok := findPlugin(in.Lab, nil); ok {
		t.Errorf("found %q where there is none", got.Path)
	}
	write(t, pluginRecord(in.Lab), "{", 0o644)
	if _, err := ownPlugin(in.Lab); err == nil || !strings.Contains(err.Error(), "plugin.json") {
		t.Errorf("torn record: %v", err)
	}
}

func TestDescribePlugin(t *testing.T) {
	in, python, p := withPlugin(t)
	got, err := p.describe(t.Context(), python, true)
	if err != nil || !strings.Contains(got, "PJRT 0.115") || !strings.Contains(got, p.SHA256) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := p.describe(t.Context(), "", true); err == nil {
		t.Error("described without being tried")
	}
	if _, err := p.describe(t.Context(), python, false); err == nil {
		t.Error("described where there is none")
	}
	write(t, p.Path, "FIRST LIBRARY", 0o644) // as long, not the same
	_, err = p.describe(t.Context(), python, true)
	wantError(t, err, "damaged", "remove it first")
	_, err = found(filepath.Join(in.Lab.Dir, "none.so"), "test").describe(t.Context(), "/no/such/python", true)
	wantError(t, err, "does not load")
}
