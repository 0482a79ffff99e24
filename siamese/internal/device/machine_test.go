package device

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/compute"
)

// The machine of a backend is the same at every call, names all that bits depend on, and tells what differs.
func TestMachine(t *testing.T) {
	backend, err := Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	m := MachineOf(backend.Backend)
	if m.Backend != backend.Name() || m.Threads != runtime.GOMAXPROCS(0) || m.SIMD == "" || m.Processor == "" ||
		!strings.Contains(m.Program, runtime.Version()) || m.Plugin != "" {
		t.Errorf("%+v", m)
	}
	if again := MachineOf(backend.Backend); again != m || m.Differences(again) != nil {
		t.Errorf("%+v, then %+v", m, again)
	}
	if unknown := (Machine{}).Differences(m); unknown != nil {
		t.Errorf("nothing is known, and %q differs", unknown)
	}
	other := m
	other.Threads, other.SIMD, other.Processor = m.Threads+1, "somehow", "another"
	if got := m.Differences(other); len(got) != 3 || !strings.HasPrefix(got[0], "threads were ") ||
		!strings.HasSuffix(got[1], " SIMD and is built somehow SIMD") || !strings.HasSuffix(got[2], " and is another") {
		t.Errorf("%q", got)
	}
}

// pluginBackend says of itself what a backend of XLA does.
type pluginBackend struct {
	compute.Backend
	config string
}

func (pluginBackend) Name() string       { return "xla" }
func (pluginBackend) PluginName() string { return "cpu" }
func (p pluginBackend) Config() string   { return p.config }

// Of XLA the plugin counts by its content, and so do threads and flags that it was told.
func TestMachineOfXLA(t *testing.T) {
	t.Setenv("PJRT_NPROC", "3")
	t.Setenv(xlaFlags, "--fast")
	dir := t.TempDir()
	var machines []Machine
	for _, name := range []string{"a.so", "b.so"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("abc"), 0o644); err != nil {
			t.Fatal(err)
		}
		machines = append(machines, MachineOf(pluginBackend{config: path + ",tf32=false"}))
	}
	// printf abc | sha256sum
	const sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if m := machines[0]; m.Plugin != "a.so sha256:"+sum || m.Threads != 3 || m.SIMD != "" ||
		m.Options != "tf32=false --fast" {
		t.Errorf("%+v", m)
	}
	if got := machines[0].Differences(machines[1]); len(got) != 1 ||
		!strings.HasPrefix(got[0], "the plugin was a.so ") {
		t.Errorf("%q", got)
	}
	if m := MachineOf(pluginBackend{}); m.Plugin != "cpu" {
		t.Errorf("%+v", m)
	}
}
