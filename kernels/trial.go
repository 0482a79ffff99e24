package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
	"github.com/go-siamese/lab/kernels/plugin"
)

// trialNotebook has a cell that multiplies on the kernel's backend.
//
//go:embed trial.json
var trialNotebook []byte

// product is what the cell of trialNotebook prints before the backend's name.
const product = "[[7 10] [15 22]] on "

// trial runs a cell through a kernel, for doctor.
type trial struct{ lab place.Lab }

// cell executes the notebook in a directory of its own, whatever bits the environment asks for, and returns what the cell
// found out.
func (t trial) cell(ctx context.Context, python, kernel string) (string, error) {
	return t.multiply(ctx, python, kernel, plugin.PortableEnv+"=")
}

// portable is cell with portable bits. It fails where the backend is refused, or is another.
func (t trial) portable(ctx context.Context, python string) (string, error) {
	said, err := t.multiply(ctx, python, setup.KernelXLA, plugin.PortableEnv+"=1")
	if err == nil && !strings.HasSuffix(said, receipt.Portable) {
		err = fmt.Errorf("with %s=1 %s", plugin.PortableEnv, said)
	}
	return said + ", and its trial had the bits of other processors", err
}

// multiply executes the notebook with a variable of the environment.
func (t trial) multiply(ctx context.Context, python, kernel, variable string) (string, error) {
	tmp, err := os.MkdirTemp("", "siamese-doctor-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	path := filepath.Join(tmp, "doctor.ipynb")
	if err := os.WriteFile(path, trialNotebook, 0o600); err != nil {
		return "", err
	}
	begun := time.Now()
	result, err := jupyter.Notebook(ctx, path, jupyter.Options{Lab: t.lab, Python: python, Kernel: kernel, Out: tmp,
		Env: []string{variable}, Log: io.Discard})
	if err != nil {
		return "", fmt.Errorf("%s runs no cell: %s", kernel, strings.Join(strings.Fields(err.Error()), " "))
	}
	on, ok := strings.CutPrefix(strings.TrimSpace(result.Results), product)
	if !ok {
		return "", fmt.Errorf("%s multiplies wrongly: %q", kernel, result.Results)
	}
	return fmt.Sprintf("%s ran one in %.1f s, and multiplied on %s", kernel, time.Since(begun).Seconds(), on), nil
}
