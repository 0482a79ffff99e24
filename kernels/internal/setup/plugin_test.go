package setup

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
)

func TestDescribePlugin(t *testing.T) {
	in, python, p := withPlugin(t)
	got, err := describe(t.Context(), python, p)
	if err != nil || !strings.Contains(got, "PJRT 0.115") || !strings.Contains(got, p.SHA256) ||
		!strings.Contains(got, p.Why) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := describe(t.Context(), "", p); err == nil {
		t.Error("described without being tried")
	}
	write(t, p.Path, "FIRST LIBRARY", 0o644) // as long, not the same
	_, err = describe(t.Context(), python, p)
	wantError(t, err, "damaged", "other bytes")
	_, err = describe(t.Context(), "/no/such/python", plugin.Plugin{Path: filepath.Join(in.Lab.Dir, "none.so")})
	wantError(t, err, "does not load")
}

// TestPluginOrder sees that the installer and doctor use the plugin that the model would: see kernels/plugin for the
// order.
func TestPluginOrder(t *testing.T) {
	in, python, first := withPlugin(t)
	listed := t.TempDir()
	theirs := filepath.Join(listed, "pjrt_c_api_cpu_plugin.so")
	write(t, theirs, "x", 0o644)
	for _, test := range []struct{ paths, want, why string }{
		{"", first.Path, "installed by `kernels install`"},
		{listed, theirs, "found in PJRT_PLUGIN_LIBRARY_PATH"},
	} {
		t.Setenv(plugin.PathsEnv, test.paths)
		got, notUsed, err := in.ensurePlugin(t.Context(), python)
		if err != nil || notUsed != "" || got.Path != test.want {
			t.Errorf("the installer uses %s, %q, %v; want %s", got.Path, notUsed, err, test.want)
		}
		model, err := plugin.Find(in.Lab.Dir)
		if err != nil || model != got {
			t.Errorf("the model uses %+v, %v; the installer %+v", model, err, got)
		}
		var state string
		for _, item := range Doctor(t.Context(), in.Lab, Examination{Quick: true}).Items {
			if item.Name == "xla plugin" {
				state = item.State
			}
		}
		if !strings.Contains(state, test.want) {
			t.Errorf("doctor says %q, want %s", state, test.want)
		}
	}
	t.Setenv(plugin.BackendEnv, "xla:/no/such.so")
	if _, _, err := in.ensurePlugin(t.Context(), python); !errors.Is(err, ErrPrerequisite) {
		t.Errorf("error %v, want that the named plugin is missing", err)
	}
}
