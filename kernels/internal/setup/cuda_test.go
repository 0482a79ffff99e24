package setup

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
)

// TestCUDA: the kernel for GPUs is there where a GPU and its plugin are, and goes with them.
func TestCUDA(t *testing.T) {
	in, _ := newInstaller(t)
	gpu := false
	in.gpu = func(context.Context) bool { return gpu }
	goxla := t.TempDir()
	in.goxla = []string{goxla}
	there := func() bool { return isFile(filepath.Join(in.Lab.Kernels(), KernelCUDA, "kernel.json")) }
	install := func() {
		t.Helper()
		if err := in.ensureKernels(t.Context(), plugin.Plugin{}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	library := filepath.Join(goxla, "nvidia", "pjrt_c_api_cuda_plugin.so")
	write(t, library, "library", 0o644)
	if _, err := in.cudaPlugin(t.Context()); !errors.Is(err, errNoGPU) {
		t.Errorf("without a GPU: %v", err)
	}
	install()
	if there() {
		t.Error("a kernel for a GPU that is not there")
	}
	gpu = true
	install()
	spec, err := ReadSpec(in.Lab, KernelCUDA)
	if err != nil || spec.Env["GOMLX_BACKEND"] != "xla:"+library || spec.Env["CGO_ENABLED"] != "1" ||
		spec.Env["GOEXPERIMENT"] != "" || spec.DisplayName != "Siamese Lab (CUDA)" {
		t.Errorf("%+v, %v", spec, err)
	}
	listed := t.TempDir()
	write(t, filepath.Join(listed, "pjrt_c_api_cuda_plugin.so"), "x", 0o644)
	t.Setenv(plugin.PathsEnv, "relative:"+listed)
	if got, err := in.cudaPlugin(t.Context()); err != nil || filepath.Dir(got) != listed {
		t.Errorf("listed: %s, %v", got, err)
	}
	t.Setenv(plugin.PathsEnv, "")
	write(t, library, "", 0o644) // as a download that broke off leaves it
	if _, err := in.cudaPlugin(t.Context()); err == nil || !strings.Contains(err.Error(), "no pjrt_c_api_cuda_plugin.so") {
		t.Errorf("without its plugin: %v", err)
	}
	install()
	if there() {
		t.Error("the kernel of a plugin that is gone")
	}
	in.Options.Kernel = KernelCUDA
	if err := in.ensureKernels(t.Context(), plugin.Plugin{}, "test"); !errors.Is(err, ErrPrerequisite) {
		t.Errorf("asked for by name: %v", err)
	}
}
