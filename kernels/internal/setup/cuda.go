package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	if system := in.Go.GOOS + "/" + in.Go.GOARCH; system != wheelPlatform {
		return "", fmt.Errorf("%w: the kernel is for %s, and this is %s", errNoGPU, wheelPlatform, system)
	}
	if !gpu(ctx) {
		return "", fmt.Errorf("%w: neither /dev/nvidia* nor nvidia-smi tells of one", errNoGPU)
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
	return "", fmt.Errorf("%w, and no pjrt_c_api_cuda_plugin.so in %s", errNoCUDA, strings.Join(dirs, ", "))
}

// Why there is no plugin for GPUs to use: on a machine without a GPU nothing is amiss; on one with a GPU the user has to
// install it.
var (
	errNoGPU  = errors.New("there is no NVIDIA GPU to use")
	errNoCUDA = errors.New("there is an NVIDIA GPU")
)

// The lines that mend what keeps a GPU from being used.
const (
	mendCUDA = "go run github.com/gomlx/go-xla/cmd/pjrt_installer@latest (its plugin cuda), or name the plugin's folder in " +
		plugin.PathsEnv + "; then " + mendInstall
	mendGPU = "nvidia-smi, which tells of the driver, or go without: --kernel " + KernelXLA
)

// cuda looks for the plugin of the kernel for GPUs and returns its path with the line that mends what is amiss. skip
// reports that nothing is: there is no GPU, and no kernel for one.
func (e *examiner) cuda(ctx context.Context, in *Installer) (library, mend string, skip bool, err error) {
	library, err = in.cudaPlugin(ctx)
	_, installed := ReadSpec(e.lab, KernelCUDA)
	mend = e.install("")
	switch {
	case errors.Is(err, errNoCUDA):
		mend = mendCUDA
	case errors.Is(err, errNoGPU):
		skip = errors.Is(installed, fs.ErrNotExist)
	}
	return library, mend, skip, err
}
