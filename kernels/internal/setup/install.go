package setup

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Result says what an installation ended with.
type Result struct {
	Python string // interpreter of the virtual environment
	Kernel string // the best kernel there is: KernelXLA where it can be had, else KernelGo
	Why    string // one line: which backend, and why
}

// New returns an Installer for a lab that prints its progress to out.
// It fails if there is no go command.
func New(ctx context.Context, lab place.Lab, options Options, out io.Writer) (*Installer, error) {
	env, err := ReadGoEnv(ctx, lab.Repo)
	if err != nil {
		return nil, err
	}
	return &Installer{Lab: lab, Go: env, Options: options, Out: out}, nil
}

// Install puts in place what is missing and leaves alone what is there, one installer at a time.
// It returns an error that says what failed and how to mend it; what was installed before the failure stays. When only
// XLA cannot be had that is no error: Result.Kernel is KernelGo then, and Result.Why has the reason.
func (in *Installer) Install(ctx context.Context) (Result, error) {
	start := time.Now()
	unlock, err := in.Lab.Lock(ctx, func() { in.said("install", "waiting for another installer to finish") })
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	python, err := in.ensureVenv(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := in.ensureTools(ctx); err != nil {
		return Result{}, err
	}
	plugin, notXLA, err := in.ensurePlugin(ctx, python)
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	if err != nil && in.Options.PluginSHA256 != "" {
		return Result{}, err // the user named a plugin and did not get it
	}
	if err := in.ensureKernels(plugin, notXLA); err != nil {
		return Result{}, fmt.Errorf("kernelspecs: %w", err)
	}
	result := Result{Python: python, Kernel: KernelXLA, Why: "XLA, with the plugin " + plugin.origin()}
	if notXLA != "" {
		result.Kernel, result.Why = KernelGo, "pure Go with SIMD, since "+notXLA
	}
	kernel := in.Options.Kernel
	if kernel == "" {
		kernel = result.Kernel
	}
	if err := in.ensureWarm(ctx, kernel); err != nil {
		return Result{}, err
	}
	in.said("backend", "%s", result.Why)
	in.said("install", "done in %.1f s", time.Since(start).Seconds())
	return result, nil
}
