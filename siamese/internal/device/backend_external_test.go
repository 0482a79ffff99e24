package device_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

func TestOpenBackend(t *testing.T) {
	devicetest.TestBackends(t) // installs what is missing
	installed, err := plugin.Dir()
	if err != nil {
		t.Fatal(err)
	}
	noLibrary := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.WriteFile(noLibrary, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	const goes, remedy = "backend: pure Go, ", "`go run ./kernels install`"
	var path, listed, damaged string
	if device.XLAAvailable() == nil {
		recorded, err := plugin.Recorded(installed)
		if err != nil {
			t.Fatal(err)
		}
		path, listed = recorded.Path, t.TempDir()
		if err := os.Symlink(path, filepath.Join(listed, "pjrt_c_api_cpu_"+plugin.Release+"_plugin.so")); err != nil {
			t.Fatal(err)
		}
		damaged = damagedPlugin(t, path)
	}
	tests := []struct {
		name, open string
		lab        string
		env        string
		xla        bool // only in builds that have XLA
		want       []string
	}{
		{name: "go", open: "go", lab: installed, want: []string{goes, "(asked for by name)"}},
		{name: "go by variable", lab: installed, env: "GOMLX_BACKEND=go",
			want: []string{goes, "(GOMLX_BACKEND names it)"}},
		{name: "name before variable", open: "go", lab: installed, env: "GOMLX_BACKEND=tpu",
			want: []string{goes, "(asked for by name)"}},
		{name: "unknown", open: "tpu", lab: installed,
			want: []string{"error: ", `"tpu"`, `"xla"`, `"go"`}},
		{name: "unknown by variable", lab: installed, env: "GOMLX_BACKEND=tpu:0",
			want: []string{"error: ", `"tpu:0"`, "GOMLX_BACKEND"}},
		{name: "nothing installed", lab: lab(t, ""), xla: true, want: []string{goes, "not installed", remedy}},
		{name: "nothing installed, xla", open: "xla", lab: lab(t, ""), xla: true,
			want: []string{"error: ", "not installed", remedy}},
		{name: "installed", lab: installed, xla: true,
			want: []string{"backend: XLA through ", filepath.Base(path), "(installed by `kernels install`)"}},
		{name: "xla", open: "xla", lab: installed, xla: true,
			want: []string{"backend: XLA through ", "(asked for by name; installed by `kernels install`)"}},
		{name: "listed before installed", lab: installed, env: plugin.PathsEnv + "=" + listed, xla: true,
			want: []string{"backend: XLA through pjrt_c_api_cpu_" + plugin.Release +
				"_plugin.so (found in PJRT_PLUGIN_LIBRARY_PATH)"}},
		{name: "named before listed", open: "xla:" + path, lab: installed, env: plugin.PathsEnv + "=" + listed,
			xla:  true,
			want: []string{"backend: XLA through " + filepath.Base(path) + " (asked for by name)"}},
		{name: "plugin by name", open: "xla:" + path, lab: lab(t, ""), xla: true,
			want: []string{"backend: XLA through " + filepath.Base(path)}},
		{name: "plugin by variable", lab: lab(t, ""), env: "GOMLX_BACKEND=xla:" + path, xla: true,
			want: []string{"backend: XLA through ", "(GOMLX_BACKEND names it)"}},
		{name: "plugin missing", lab: installed, env: "GOMLX_BACKEND=xla:/none/plugin.so", xla: true,
			want: []string{"error: ", "GOMLX_BACKEND names it", "/none/plugin.so", "no such file", remedy}},
		{name: "plugin no library", open: "xla:" + noLibrary, lab: installed, xla: true,
			want: []string{"error: ", noLibrary, "does not load", remedy}},
		{name: "plugin with other bytes", open: "xla:" + damaged, lab: installed, xla: true,
			want: []string{"error: ", damaged, "other bytes than were installed", remedy}},
		{name: "recorded plugin missing", lab: lab(t, `{"path": "/none/plugin.so"}`), xla: true,
			want: []string{goes, "/none/plugin.so", "no such file", remedy}},
		{name: "recorded plugin missing, xla", open: "xla", lab: lab(t, `{"path": "/none/plugin.so"}`), xla: true,
			want: []string{"error: ", "/none/plugin.so", remedy}},
		{name: "record damaged", lab: lab(t, `{"path": `), xla: true, want: []string{goes, "plugin.json", remedy}},
		{name: "record without a path", open: "xla", lab: lab(t, `{}`), xla: true,
			want: []string{"error: ", "plugin.json", remedy}},
	}
	for _, test := range tests {
		if test.xla && device.XLAAvailable() != nil {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			got := open(t, test.open, "SIAMESE_LAB_DIR="+test.lab, test.env)
			if strings.Contains(got, "\n") {
				t.Errorf("more than a line: %s", got)
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("it says %q, not %q", got, want)
				}
			}
		})
	}
	if why := device.XLAAvailable(); why != nil {
		for _, name := range []string{"", "xla", "xla:/none/plugin.so"} {
			if got := open(t, name, "SIAMESE_LAB_DIR="+lab(t, "")); !strings.Contains(got, "C compiler") {
				t.Errorf("without cgo %q gives %q", name, got)
			}
		}
	}
}

// damagedPlugin returns the path of a plugin that loads, beside a record by which it has another byte than was installed.
func damagedPlugin(t *testing.T, path string) string {
	t.Helper()
	linked := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.Link(path, linked); err != nil { // another file system
		content, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(linked, content, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(linked)
	if err != nil {
		t.Fatal(err)
	}
	record := fmt.Sprintf(`{"path": "plugin.so", "size": %d, "sha256": "%064d"}`, info.Size(), 1)
	if err := os.WriteFile(plugin.Beside(linked), []byte(record), 0o644); err != nil {
		t.Fatal(err)
	}
	return linked
}

// XLA computes with no more threads than GOMAXPROCS, and shows as many devices, at most 4 by default.
func TestXLAThreadsAndDevices(t *testing.T) {
	devicetest.TestBackends(t) // installs what is missing
	if device.XLAAvailable() != nil {
		return
	}
	installed, err := plugin.Dir()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		open             string
		env              []string
		devices, workers int // 0 = as many as GOMAXPROCS is by itself
	}{
		{"xla", []string{"GOMAXPROCS=1"}, 1, 1},
		{"xla", []string{"GOMAXPROCS=1", "PJRT_NPROC=3"}, 1, 3},
		{"xla,devices=4", []string{"GOMAXPROCS=1"}, 4, 4}, // a worker a device
		{"xla", nil, 0, 0},
	} {
		said := open(t, c.open, append(c.env, "SIAMESE_LAB_DIR="+installed, "GOMLX_BACKEND=",
			fmt.Sprint(describeEnv, "=", c.workers))...)
		var devices, workers, procs int
		line := said[strings.LastIndexByte(said, '\n')+1:]
		if _, err := fmt.Sscanf(line, "%d devices, %d workers of %d", &devices, &workers, &procs); err != nil {
			t.Fatalf("%s with %v: %q, %v", c.open, c.env, said, err)
		}
		if c.workers == 0 {
			c.devices = min(procs, device.MaxCPUDevices)
			c.workers = max(c.devices, min(procs, runtime.NumCPU()))
		}
		if devices != c.devices || workers != c.workers && runtime.GOOS == "linux" {
			t.Errorf("%s with %v: %q, want %d devices, %d workers", c.open, c.env, line, c.devices, c.workers)
		}
	}
}

func TestSIMDIsReported(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	if device.SIMDEnabled == strings.Contains(backend.Why, "GOEXPERIMENT=simd") {
		t.Errorf("with SIMD %v the line is %q", device.SIMDEnabled, backend.Why)
	}
}
