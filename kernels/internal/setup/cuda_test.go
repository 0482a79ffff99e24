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
	for _, gpu = range []bool{true, false} {
		err, mend := in.ensureKernels(t.Context(), plugin.Plugin{}, "test"), mendCUDA
		if !gpu {
			mend = mendGPU
		}
		if !errors.Is(err, ErrPrerequisite) || !strings.HasSuffix(err.Error(), "mend: "+mend) {
			t.Errorf("asked for by name, with a GPU %t: %v", gpu, err)
		}
	}
}

// Doctor says nothing of a kernel for GPUs where there is none and no GPU. A kernel whose GPU is gone is found, and so is
// a GPU whose plugin is not there: each with the line that mends it, and neither is needed.
func TestDoctorCUDA(t *testing.T) {
	in, _ := newInstaller(t)
	gpu := false
	in.gpu, in.goxla = func(context.Context) bool { return gpu }, []string{t.TempDir()}
	e := &examiner{lab: in.Lab, env: in.Go, gpu: in.gpu, how: Examination{Quick: true}}
	if _, _, skip, err := e.cuda(t.Context(), in); !errors.Is(err, errNoGPU) || !skip {
		t.Errorf("neither: %v, %t", err, skip)
	}
	gpu = true
	if _, mend, skip, err := e.cuda(t.Context(), in); !errors.Is(err, errNoCUDA) || skip || mend != mendCUDA {
		t.Errorf("no plugin: %v, %t, %q", err, skip, mend)
	}
	write(t, filepath.Join(in.goxla[0], "pjrt_c_api_cuda_plugin.so"), "library", 0o644)
	if library, _, skip, err := e.cuda(t.Context(), in); err != nil || skip || library == "" {
		t.Errorf("both: %q, %v, %t", library, err, skip)
	}
	if err := in.ensureKernels(t.Context(), plugin.Plugin{}, "test"); err != nil {
		t.Fatal(err)
	}
	gpu = false
	e.kernels(t.Context())
	found := false
	for _, item := range e.report.Items {
		if item.Name == KernelCUDA {
			found = true
			if item.OK || item.Needed || !strings.HasPrefix(item.State, errNoGPU.Error()) || item.Mend != e.install("") {
				t.Errorf("the GPU is gone: %+v", item)
			}
		}
	}
	if !found {
		t.Errorf("the GPU is gone, and doctor says nothing: %+v", e.report.Items)
	}
	in.Go.GOARCH = "arm64"
	if _, err := in.cudaPlugin(t.Context()); !errors.Is(err, errNoGPU) || !strings.Contains(err.Error(), "linux/arm64") {
		t.Errorf("on another system: %v", err)
	}
}
