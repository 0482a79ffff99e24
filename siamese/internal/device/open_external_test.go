package device_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-siamese/lab/siamese/internal/device"
)

func TestMain(m *testing.M) {
	names, ok := os.LookupEnv(openEnv)
	if !ok {
		os.Exit(m.Run())
	}
	var backend *device.Backend
	for name := range strings.SplitSeq(names, " then ") {
		var err error
		if backend, err = device.Open(name); err != nil {
			fmt.Println("error:", err)
			return
		}
		fmt.Println(backend.Why)
	}
	if want, err := strconv.Atoi(os.Getenv(describeEnv)); err == nil {
		if want == 0 {
			want = min(runtime.GOMAXPROCS(0), runtime.NumCPU())
		}
		for end := time.Now().Add(time.Minute); workers() < want && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		fmt.Printf("%d devices, %d workers of %d\n", backend.NumDevices(), workers(), runtime.GOMAXPROCS(0))
	}
}

// workers returns the number of threads of this process that compute for XLA. One that begins has no name yet.
func workers() (n int) {
	names, _ := filepath.Glob("/proc/self/task/*/comm")
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && strings.HasPrefix(string(text), "tf_XLAEigen") {
			n++
		}
	}
	return n
}

// openEnv, where it is set, makes the test binary open the backend of that name, or several after one another (as "go
// then xla"), print what came of it, and end: libraries that are loaded and variables that were read stay for the life
// of a process.
const openEnv = "SIAMESE_TEST_OPEN"

// describeEnv, where it is set as well, has it print how many devices and workers the backend has, and GOMAXPROCS. Its
// value is how many workers to wait for, 0 = GOMAXPROCS, or the number of processors if that is less.
const describeEnv = "SIAMESE_TEST_DESCRIBE"

// open returns what Open(name) says in a process of its own, with the variables of env.
func open(t *testing.T, name string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^$")
	for _, v := range os.Environ() {
		if key, _, _ := strings.Cut(v, "="); !strings.HasPrefix(key, "GOMLX_") && !strings.HasPrefix(key, "PJRT_") &&
			key != "SIAMESE_LAB_DIR" && key != "GOCOVERDIR" {
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
