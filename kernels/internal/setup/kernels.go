package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// kernelNames are the names of all kernels that there can be.
var kernelNames = []string{KernelGo, KernelXLA, KernelCUDA}

// ensureKernels writes the checkout's kernelspecs, and the shims that they rely on; then those in other Jupyters.
// notXLA says why there is no XLA kernel by p; "" means there is.
func (in *Installer) ensureKernels(ctx context.Context, p plugin.Plugin, notXLA string) error {
	f, shims, err := programs(in.Lab, in.Go)
	if err != nil {
		return err
	}
	wrote, err := writeShims(f.shims, shims)
	if err != nil {
		return err
	}
	place.Use(f.shims)
	if _, err := place.WriteIfOther(filepath.Join(in.Lab.Checkout(), ownerFile), []byte(in.Lab.Repo), 0o644); err != nil {
		return err
	}
	place.Use(in.Lab.Checkout())
	specs := map[string]Spec{KernelGo: newSpec(KernelGo, in.Lab, in.Go, f, "")}
	switch kept, ok := in.keptXLA(f); {
	case notXLA == "":
		specs[KernelXLA] = newSpec(KernelXLA, in.Lab, in.Go, f, p.Path)
	case ok:
		specs[KernelXLA] = kept
	}
	if library, err := in.cudaPlugin(ctx); err == nil {
		specs[KernelCUDA] = newSpec(KernelCUDA, in.Lab, in.Go, f, library)
	} else if in.Options.Kernel == KernelCUDA {
		mend := mendGPU
		if errors.Is(err, errNoCUDA) {
			mend = mendCUDA
		}
		return fmt.Errorf("%w: kernel %s: %w\n  mend: %s", ErrPrerequisite, KernelCUDA, err, mend)
	} else if !errors.Is(err, errNoGPU) {
		in.said("kernels", "without %s: %v", KernelCUDA, err)
	}
	var names []string
	for _, name := range kernelNames {
		spec, ok := specs[name]
		if !ok { // one that can no longer run would fail when it is chosen
			if err := os.RemoveAll(filepath.Join(in.Lab.Kernels(), name)); err != nil {
				return err
			}
			continue
		}
		w, err := writeSpec(in.Lab.Kernels(), name, spec)
		if err != nil {
			return err
		}
		wrote, names = wrote || w, append(names, name)
	}
	state := "already there"
	if wrote {
		state = "written"
	}
	in.said("kernels", "%s: %s in %s", state, strings.Join(names, " and "), in.Lab.Kernels())
	return in.register(specs)
}

// keptXLA returns the checkout's XLA kernel as it was installed from another shell, brought up to date, and reports
// whether there is one that runs: a shell without a C compiler takes it from nobody. Its PATH stays, since the compiler
// is there.
func (in *Installer) keptXLA(f folders) (Spec, bool) {
	have, err := ReadSpec(in.Lab, KernelXLA)
	if err != nil {
		return Spec{}, false
	}
	library, ok := strings.CutPrefix(have.Env[plugin.BackendEnv], xlaPrefix)
	if info, err := os.Stat(library); !ok || err != nil || !info.Mode().IsRegular() || plugin.Check(library) != nil {
		return Spec{}, false
	}
	spec := newSpec(KernelXLA, in.Lab, in.Go, f, library)
	spec.Env["PATH"] = kernelPath(in.Lab, in.Go, f, have.Env["PATH"])
	return spec, true
}
