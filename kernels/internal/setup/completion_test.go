package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEnsureCompletion: a gopls that does not work is said, and tried again the next time.
func TestEnsureCompletion(t *testing.T) {
	in, out := newInstaller(t)
	write(t, filepath.Join(dirs(t, in).gopls, "gopls"), "#!/bin/sh\nexit 1\n", 0o755)
	if err := in.ensureCompletion(t.Context(), KernelGo); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "not prepared") {
		t.Errorf("said %s", out)
	}
	path := filepath.Join(in.Lab.Checkout(), ".completion-"+KernelGo+".json")
	if readMarker(path).Digest != "" {
		t.Error("counts as done")
	}
	left, err := filepath.Glob(filepath.Join(in.Lab.Dir, "siamese-cells-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.Remove(filepath.Join(dirs(t, in).gopls, "gopls")); err != nil {
		t.Fatal(err)
	}
	if err := in.ensureCompletion(t.Context(), KernelGo); err != nil || strings.Count(out.String(), "not prepared") != 2 {
		t.Errorf("%v, said %s", err, out)
	}
}
