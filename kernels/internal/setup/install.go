package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/go-siamese/lab/kernels/internal/jupyterlab"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// Result says what an installation ended with.
type Result struct {
	Python string // interpreter of the virtual environment
	Kernel string // the best kernel there is: KernelXLA where it can be had, else KernelGo
	Why    string // one line: which backend, and why
}

// New returns an Installer for a lab that shows its progress on out. It changes nothing yet, and fails if the options
// do not go together, or if there is no go command.
func New(ctx context.Context, lab place.Lab, options Options, out io.Writer) (*Installer, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
	// In the checkout's root, so that its go.mod chooses the toolchain.
	env, err := ReadGoEnv(ctx, lab.Repo)
	if err != nil {
		return nil, err
	}
	return &Installer{Lab: lab, Go: env, Options: options, board: &board{out: out, live: options.Live}}, nil
}

// Install puts in place what is missing and leaves alone what is there, one installer at a time: another one waits.
// Python's packages and the plugin are fetched while the kernel's programs, and then cells' packages, are compiled: the
// former wait for the network, the latter for the processor.
//
// It returns an error that says what failed and how to mend it; what was installed before the failure stays. When only
// XLA cannot be had that is no error: Result.Kernel is KernelGo then, and Result.Why has the reason.
func (in *Installer) Install(ctx context.Context) (Result, error) {
	start := time.Now()
	unlock, err := in.Lab.Lock(ctx, func() { in.said("install", "waiting for another installer to finish") })
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	var result Result
	// The first lane to fail ends the other: its error is what the user has to mend, and running again goes on from
	// there.
	lanes, laneCtx := errgroup.WithContext(ctx)
	lanes.Go(func() (err error) {
		result, err = in.ensureKernel(laneCtx)
		return err
	})
	kernel := in.likelyKernel()
	// The compiling lane. Tools come first, since all cells wait for them.
	lanes.Go(func() error {
		for _, set := range in.toolsets() {
			if err := in.ensureTools(laneCtx, set); err != nil {
				return err
			}
		}
		return in.warm(laneCtx, kernel)
	})
	if err := lanes.Wait(); err != nil {
		return Result{}, err
	}
	// Whoever asks for a kernel by name gets no other.
	if in.Options.Kernel == KernelXLA && result.Kernel != KernelXLA {
		return Result{}, fmt.Errorf("kernel %s is not installed: the backend is %s", KernelXLA, result.Why)
	}
	// The guess was wrong: there is no plugin after all.
	if in.Options.Kernel == "" && result.Kernel != kernel { // no plugin after all
		if err := in.warm(ctx, result.Kernel); err != nil {
			return Result{}, err
		}
	}
	in.said("backend", "%s", result.Why)
	in.said("install", "done in %.1f s", time.Since(start).Seconds())
	return result, nil
}

// warm prepares what a kernel's first cell and first completion would wait for.
func (in *Installer) warm(ctx context.Context, kernel string) error {
	if err := in.ensureWarm(ctx, kernel); err != nil || !in.Options.Gopls {
		return err
	}
	return in.ensureCompletion(ctx, kernel)
}

// likelyKernel returns the kernel that notebooks will most likely use. Compiling for it begins before it is known
// whether there is an XLA plugin; a wrong guess costs the time of compiling for the other one.
func (in *Installer) likelyKernel() string {
	_, noCompiler := in.Go.Compiler()
	switch {
	case in.Options.Kernel != "":
		return in.Options.Kernel
	case in.Options.NoXLA || noCompiler != nil:
		return KernelGo
	}
	return KernelXLA
}

// ensureKernel puts Python's packages, the plugin and the kernelspecs in place, in this order: trying the plugin needs
// Python, and a kernelspec names the plugin.
func (in *Installer) ensureKernel(ctx context.Context) (Result, error) {
	python, err := in.ensureVenv(ctx)
	if err != nil {
		return Result{}, err
	}
	in.ensurePackage(ctx, python)
	// A failed download is no failure of the installation, unless the user named what to download.
	p, notXLA, err := in.ensurePlugin(ctx, python)
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	if err != nil && (in.Options.PluginSHA256 != "" || errors.Is(err, ErrPrerequisite) || errors.Is(err, ErrTampered)) {
		return Result{}, err // the user named a plugin and did not get it, or somebody sent another
	}
	if err := in.ensureKernels(p, notXLA); err != nil {
		return Result{}, fmt.Errorf("kernelspecs: %w", err)
	}
	f, _, err := programs(in.Lab, in.Go)
	if err != nil {
		return Result{}, err
	}
	switch wrote, err := jupyterlab.Install(in.Lab, filepath.Join(f.bin, "siamese-kernel")); {
	case err != nil:
		return Result{}, fmt.Errorf("JupyterLab's settings: %w", err)
	case wrote:
		in.said("jupyterlab", "written: settings, starter notebook and logos")
	default:
		in.said("jupyterlab", "already there: settings, starter notebook and logos")
	}
	if notXLA != "" {
		return Result{Python: python, Kernel: KernelGo, Why: "pure Go with SIMD, since " + notXLA}, nil
	}
	return Result{Python: python, Kernel: KernelXLA, Why: "XLA, with the plugin " + origin(p)}, nil
}
