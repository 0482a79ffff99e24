package setup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/plugin"
)

// KernelCUDA is the kernel for an NVIDIA GPU. It is there where a GPU and XLA's plugin for it are; the lab installs
// neither.
const KernelCUDA = "siamese-cuda"

// hasGPU reports whether the machine has an NVIDIA GPU, as go-xla finds out: by the devices of its driver, else by its
// own command.
func hasGPU(ctx context.Context) bool {
	devices, err := os.ReadDir("/dev")
	if err == nil {
		for _, d := range devices {
			if strings.HasPrefix(d.Name(), "nvidia") {
				return true
			}
		}
	}
	out, err := proc.Cmd{Name: "nvidia-smi"}.Run(ctx)
	return err == nil && strings.Contains(out, "NVIDIA-SMI")
}

// cudaPlugin returns the path of XLA's plugin for NVIDIA GPUs, or an error that says why there is none to use: in a
// directory of PJRT_PLUGIN_LIBRARY_PATH, or where go-xla installs it.
func (in *Installer) cudaPlugin(ctx context.Context) (string, error) {
	gpu := in.gpu
	if gpu == nil {
		gpu = hasGPU
	}
	if in.Go.GOOS+"/"+in.Go.GOARCH != wheelPlatform || !gpu(ctx) {
		return "", errNoGPU
	}
	if _, err := in.Go.Compiler(); err != nil {
		return "", err
	}
	goxla := in.goxla
	if goxla == nil {
		goxla = plugin.GoXLA()
	}
	dirs := filepath.SplitList(os.Getenv(plugin.PathsEnv))
	for _, dir := range goxla {
		dirs = append(dirs, filepath.Join(dir, "nvidia"), dir) // the former since go-xla v0.4
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, "pjrt_c_api_cuda_plugin.so")
		info, err := os.Stat(path)
		if err == nil && filepath.IsAbs(path) && info.Mode().IsRegular() && info.Size() > 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is an NVIDIA GPU, and no pjrt_c_api_cuda_plugin.so in %s", strings.Join(dirs, ", "))
}

// errNoGPU is the error of a plugin for GPUs on a machine without one: nothing is amiss there.
var errNoGPU = fmt.Errorf("there is no NVIDIA GPU")
