package siamese

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
)

// openEnv, where it is set, makes the test binary open the backend of that name, print what came of it, and
// end: libraries that are loaded and variables that were read stay for the life of a process.
const openEnv = "SIAMESE_TEST_OPEN"

// describeEnv, where it is set as well, has it print how many devices and workers the backend has.
const describeEnv = "SIAMESE_TEST_DESCRIBE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(trainEnv); dir != "" {
		trainChild(dir)
		return
	}
	name, ok := os.LookupEnv(openEnv)
	if !ok {
		os.Exit(m.Run())
	}
	backend, err := OpenBackend(name)
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println(backend.Why)
	if os.Getenv(describeEnv) != "" {
		fmt.Printf("%d devices, %d workers\n", backend.NumDevices(), workers())
	}
}

// workers returns the number of threads of this process that compute for XLA.
func workers() (n int) {
	names, _ := filepath.Glob("/proc/self/task/*/comm")
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && strings.HasPrefix(string(text), "tf_XLAEigen") {
			n++
		}
	}
	return n
}

// open returns what OpenBackend(name) says in a process of its own, with the variables of env.
func open(t *testing.T, name string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	for _, v := range os.Environ() {
		if key, _, _ := strings.Cut(v, "="); !strings.HasPrefix(key, "GOMLX_") && !strings.HasPrefix(key, "PJRT_") && key != "SIAMESE_LAB_DIR" && key != "GOCOVERDIR" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, openEnv+"="+name, "PJRT_PLUGIN_LIBRARY_PATH="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// lab returns a lab's directory whose record of the plugin is the given text ("" = none).
func lab(t *testing.T, record string) string {
	t.Helper()
	dir := t.TempDir()
	if record != "" {
		if err := os.MkdirAll(filepath.Join(dir, "plugin"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "plugin", "plugin.json"), []byte(record), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenBackend(t *testing.T) {
	testBackends(t) // installs what is missing
	installed, err := plugin.Dir()
	if err != nil {
		t.Fatal(err)
	}
	noLibrary := filepath.Join(t.TempDir(), "plugin.so")
	if err := os.WriteFile(noLibrary, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	const goes, remedy = "backend: pure Go, ", "`go run ./kernels install`"
	var path, listed string
	if xlaAvailable() == nil {
		recorded, err := plugin.Recorded(installed)
		if err != nil {
			t.Fatal(err)
		}
		path, listed = recorded.Path, t.TempDir()
		if err := os.Symlink(path, filepath.Join(listed, "pjrt_c_api_cpu_"+plugin.Release+"_plugin.so")); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, open string
		lab        string
		env        string
		xla        bool // only in builds that have XLA
		want       []string
	}{
		{name: "go", open: "go", lab: installed, want: []string{goes, "(asked for by name)"}},
		{name: "go by variable", lab: installed, env: "GOMLX_BACKEND=go", want: []string{goes, "(GOMLX_BACKEND names it)"}},
		{name: "name before variable", open: "go", lab: installed, env: "GOMLX_BACKEND=tpu", want: []string{goes, "(asked for by name)"}},
		{name: "unknown", open: "tpu", lab: installed, want: []string{`error: backend "tpu" (asked for by name) is not known: use "xla", "xla:/path/to/plugin.so" or "go"`}},
		{name: "unknown by variable", lab: installed, env: "GOMLX_BACKEND=tpu:0", want: []string{`error: backend "tpu:0" (GOMLX_BACKEND names it) is not known`}},
		{name: "nothing installed", lab: lab(t, ""), xla: true, want: []string{goes, "not installed", remedy}},
		{name: "nothing installed, xla", open: "xla", lab: lab(t, ""), xla: true, want: []string{"error: ", "not installed", remedy}},
		{name: "installed", lab: installed, xla: true, want: []string{"backend: XLA through ", filepath.Base(path), "(installed by `kernels install`)"}},
		{name: "xla", open: "xla", lab: installed, xla: true, want: []string{"backend: XLA through ", "(asked for by name; installed by `kernels install`)"}},
		{name: "listed before installed", lab: installed, env: plugin.PathsEnv + "=" + listed, xla: true,
			want: []string{"backend: XLA through pjrt_c_api_cpu_" + plugin.Release + "_plugin.so (found in PJRT_PLUGIN_LIBRARY_PATH)"}},
		{name: "named before listed", open: "xla:" + path, lab: installed, env: plugin.PathsEnv + "=" + listed, xla: true,
			want: []string{"backend: XLA through " + filepath.Base(path) + " (asked for by name)"}},
		{name: "plugin by name", open: "xla:" + path, lab: lab(t, ""), xla: true, want: []string{"backend: XLA through " + filepath.Base(path)}},
		{name: "plugin by variable", lab: lab(t, ""), env: "GOMLX_BACKEND=xla:" + path, xla: true, want: []string{"backend: XLA through ", "(GOMLX_BACKEND names it)"}},
		{name: "plugin missing", lab: installed, env: "GOMLX_BACKEND=xla:/none/plugin.so", xla: true, want: []string{"error: ", "GOMLX_BACKEND names it", "/none/plugin.so", "no such file", remedy}},
		{name: "plugin no library", open: "xla:" + noLibrary, lab: installed, xla: true, want: []string{"error: ", noLibrary, "does not load", remedy}},
		{name: "recorded plugin missing", lab: lab(t, `{"path": "/none/plugin.so"}`), xla: true, want: []string{goes, "/none/plugin.so", "no such file", remedy}},
		{name: "recorded plugin missing, xla", open: "xla", lab: lab(t, `{"path": "/none/plugin.so"}`), xla: true, want: []string{"error: ", "/none/plugin.so", remedy}},
		{name: "record damaged", lab: lab(t, `{"path": `), xla: true, want: []string{goes, "plugin.json", remedy}},
		{name: "record without a path", open: "xla", lab: lab(t, `{}`), xla: true, want: []string{"error: ", "plugin.json", remedy}},
	}
	for _, test := range tests {
		if test.xla && xlaAvailable() != nil {
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
	if why := xlaAvailable(); why != nil {
		for _, name := range []string{"", "xla", "xla:/none/plugin.so"} {
			if got := open(t, name, "SIAMESE_LAB_DIR="+lab(t, "")); !strings.Contains(got, "C compiler") {
				t.Errorf("without cgo %q gives %q", name, got)
			}
		}
	}
}

// Opening a backend asks no network, whatever is missing: a proxy that counts its callers has none.
func TestOpenBackendStaysOffline(t *testing.T) {
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	var calls atomic.Int32
	go func() {
		for {
			conn, err := proxy.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			conn.Close()
		}
	}()
	home, url := t.TempDir(), "http://"+proxy.Addr().String()
	for _, name := range []string{"", "xla", "xla:cpu", "xla:cuda", "go"} {
		said := open(t, name, "SIAMESE_LAB_DIR="+lab(t, ""), "HOME="+home, "XDG_CACHE_HOME="+home,
			"HTTPS_PROXY="+url, "HTTP_PROXY="+url, "https_proxy="+url, "http_proxy="+url)
		if name != "" && name != "go" && !strings.HasPrefix(said, "error: ") {
			t.Errorf("%q without any plugin: %s", name, said)
		}
	}
	if n := calls.Load(); n > 0 {
		t.Errorf("the network was asked %d times", n)
	}
	if files, err := os.ReadDir(home); err != nil || len(files) > 0 {
		t.Errorf("%v: something was put into the home directory: %v", err, files)
	}
}

func TestCutName(t *testing.T) {
	for name, want := range map[string]struct {
		kind, plugin string
		options      xlaOptions
	}{
		"":                         {},
		"go":                       {kind: "go"},
		"xla":                      {kind: "xla"},
		"xla,devices=4":            {"xla", "", xlaOptions{devices: 4}},
		"xla:/p.so,tf32":           {"xla", "/p.so", xlaOptions{rest: "tf32"}},
		"xla:c,a=b,devices=2,tf32": {"xla", "c", xlaOptions{devices: 2, rest: "a=b,tf32"}},
	} {
		kind, plugin, options, err := cutName(name)
		if err != nil || kind != want.kind || plugin != want.plugin || options != want.options {
			t.Errorf("%q: %q, %q, %+v, %v", name, kind, plugin, options, err)
		}
	}
	for name, want := range map[string]string{
		"xla,devices=0": `"devices=0": want a number of devices`, "xla,devices=two": `"devices=two"`, "xla,devices": `"devices": want`,
		"go,devices=2": "options (devices=2) are for xla",
	} {
		_, err := OpenBackend(name)
		wantError(t, err, want)
	}
}

func TestWithoutTF32(t *testing.T) {
	for options, want := range map[string]string{
		"": "tf32=false", "preallocate=false": "preallocate=false,tf32=false", "tf32": "tf32",
		"preallocate=false,tf32=true": "preallocate=false,tf32=true", "notf32": "notf32",
	} {
		if got := withoutTF32(options); got != want {
			t.Errorf("%s becomes %s, want %s", options, got, want)
		}
	}
}

// XLA computes with no more threads than GOMAXPROCS, and shows as many devices, at most 4 unless told otherwise.
func TestXLAThreadsAndDevices(t *testing.T) {
	testBackends(t) // installs what is missing
	if xlaAvailable() != nil {
		return
	}
	for _, c := range []struct {
		open             string
		env              []string
		devices, workers int
	}{
		{"xla", []string{"GOMAXPROCS=1"}, 1, 1},
		{"xla", []string{"GOMAXPROCS=1", "PJRT_NPROC=3"}, 1, 3},
		{"xla,devices=4", []string{"GOMAXPROCS=1"}, 4, 4}, // a worker a device
		{"xla", nil, min(runtime.GOMAXPROCS(0), mostDevices), runtime.GOMAXPROCS(0)},
	} {
		said := open(t, c.open, append(c.env, "GOMLX_BACKEND=", describeEnv+"=1")...)
		if want := fmt.Sprintf("\n%d devices, %d workers", c.devices, c.workers); runtime.GOOS == "linux" && !strings.HasSuffix(said, want) {
			t.Errorf("%s with %v: %q, want %q at the end", c.open, c.env, said, want)
		}
	}
}

func TestSIMDIsTold(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	if simdEnabled == strings.Contains(backend.Why, "GOEXPERIMENT=simd") {
		t.Errorf("with SIMD %v the line is %q", simdEnabled, backend.Why)
	}
}
