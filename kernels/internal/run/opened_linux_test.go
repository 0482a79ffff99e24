package run

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpened: a run in place beside JupyterLab says that both use one folder; any other run has its own.
func TestOpened(t *testing.T) {
	path, o := runsIn(t, "")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kernel := filepath.Join(t.TempDir(), "siamese-kernel")
	if err := os.Symlink(self, kernel); err != nil {
		t.Fatal(err)
	}
	said := func() string {
		var log bytes.Buffer
		o.Log = &log
		if _, err := Notebook(t.Context(), path, o); err != nil {
			t.Fatal(err)
		}
		return log.String()
	}
	o.Inplace = true
	if got := said(); strings.Contains(got, "JupyterLab") {
		t.Errorf("nothing is open, and it said %q", got)
	}
	cmd := exec.Command(kernel, "-test.run=^$")
	cmd.Env = append(os.Environ(), idleEnv+"=1", "JPY_SESSION_NAME="+path)
	if _, err := cmd.StdinPipe(); err != nil { // it ends with this process
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if got := said(); !strings.Contains(got, "open in JupyterLab") {
		t.Errorf("it is open, and it said %q", got)
	}
	o.Inplace = false
	if got := said(); strings.Contains(got, "JupyterLab") {
		t.Errorf("with a folder of its own it said %q", got)
	}
}
