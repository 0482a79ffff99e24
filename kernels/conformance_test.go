package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/setup"
)

// TestConformance runs jupyter_kernel_test against the lab's kernel, by a Python that has it: that of the variable
// SIAMESE_CONFORMANCE_PYTHON, else the lab's. It is not among what is installed for users.
func TestConformance(t *testing.T) {
	o, _ := options(t)
	python := os.Getenv("SIAMESE_CONFORMANCE_PYTHON")
	if python == "" {
		python = o.Python
	}
	if err := exec.Command(python, "-c", "import jupyter_kernel_test").Run(); err != nil {
		t.Skipf("%s has no jupyter_kernel_test: make one as testdata/conformance/conformance.py says, and name it in "+
			"SIAMESE_CONFORMANCE_PYTHON", python)
	}
	cmd := exec.Command(python, filepath.Join("testdata", "conformance", "conformance.py"), o.Lab.Checkout(), setup.KernelGo)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
