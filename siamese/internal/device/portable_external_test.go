package device_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// A portable backend opens only where its trial has the bits that are expected, whatever the number of threads.
func TestOpenPortable(t *testing.T) {
	devicetest.TestBackends(t) // installs what is missing
	if device.XLAAvailable() != nil {
		t.Skipf("this build has no portable bits: %v", device.XLAAvailable())
	}
	installed, err := plugin.Dir()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  []string
		want []string
	}{
		{"xla,portable", nil, []string{"backend: XLA", "portable bits"}},
		{"xla,portable", []string{"GOMAXPROCS=1"}, []string{"backend: XLA", "portable bits"}},
		{"xla,portable", []string{"PJRT_NPROC=7"}, []string{"backend: XLA", "portable bits"}},
		{"", []string{plugin.PortableEnv + "=1", "GOMLX_BACKEND="}, []string{"backend: XLA", "portable bits"}},
		{"xla,portable then xla,portable", nil, []string{"backend: XLA", "portable bits"}},
		{"xla,portable then xla", nil, []string{"error: ", `"xla,portable"`, "another process"}},
		{"xla,portable then ", nil, []string{"error: ", `"xla,portable"`, "another process"}},
		{"xla then xla,portable", nil, []string{"error: ", "open the portable backend first"}},
		{"go,portable", nil, []string{"error: ", "options (portable) are for xla"}},
		{"go", []string{plugin.PortableEnv + "=1"}, []string{"error: ", `"xla,portable"`}},
		{"go", []string{plugin.PortableEnv + "=yes please"}, []string{"error: ", plugin.PortableEnv}},
		{"xla,portable", []string{"XLA_FLAGS=--xla_cpu_max_isa=AVX"}, []string{"error: ", "XLA_FLAGS"}},
	} {
		got := open(t, c.name, append(c.env, "SIAMESE_LAB_DIR="+installed)...)
		if strings.Contains(c.name, "xla,portable") && devicetest.NotPortable(got) {
			t.Skipf("a finding: this processor has no portable bits: %s", got)
		}
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%q with %v: it says %q, not %q", c.name, c.env, got, want)
			}
		}
	}
}

// The same on processors that QEMU emulates, of two makers, without AVX-512 and with other caches.
func TestOpenPortableElsewhere(t *testing.T) {
	if everywhere, env := devicetest.EverywherePortable(); !everywhere {
		t.Skipf("two emulated processors take 15 s: .ci/run tries them; or set %s=1", env)
	}
	emulator, err := exec.LookPath("qemu-x86_64")
	if err != nil || device.XLAAvailable() != nil {
		t.Skip("this needs XLA, and qemu-x86_64 (Debian: qemu-user)")
	}
	devicetest.TestBackends(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, cpu := range []string{"Haswell", "EPYC"} {
		cmd := exec.Command(emulator, "-cpu", cpu, self, "-test.run=^$")
		cmd.Env = append(os.Environ(), openEnv+"=xla,portable")
		out, err := cmd.Output()
		if err != nil || !strings.Contains(string(out), "portable bits") {
			t.Errorf("%s: %v: %s", cpu, err, out)
		}
	}
}

// A process that has loaded XLA otherwise cannot become portable: XLA reads its flags once.
func TestPortableAfterPlain(t *testing.T) {
	devicetest.TestBackends(t)
	if device.XLAAvailable() != nil {
		t.Skipf("this build has no portable bits: %v", device.XLAAvailable())
	}
	backend, err := device.Open("xla,portable")
	if err == nil {
		defer backend.Finalize()
	}
	if err == nil || !strings.Contains(fmt.Sprint(err), "first") {
		t.Errorf("after another XLA it is %v", err)
	}
}
