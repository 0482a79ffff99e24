package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/setup"
)

// TestCancelled: Ctrl-C while reproduce executes a cell, or install makes the environment, ends the command with the
// status of an interrupt: no process goes on, and no scratch folder is left. What takes long was
// told before.
func TestCancelled(t *testing.T) {
	options(t)
	for _, name := range []string{"reproduce", "install"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temp, err := os.MkdirTemp("", "stop-*") // a short path
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(temp) })
			began := filepath.Join(t.TempDir(), "began")
			var args []string
			told := ""
			switch name {
			case "reproduce":
				code := fmt.Sprintf("%%%%\nif err := os.WriteFile(%q, nil, 0o644); err != nil {\n\tpanic(err)\n}\ntime.Sleep(time.Hour)",
					began)
				args, told = []string{name, "--fresh", "--kernel", setup.KernelGo, tiny(t, "var A = 1", code)}, "[2/2]"
			case "install":
				// A Python that never has made its environment.
				python := filepath.Join(t.TempDir(), "python3")
				script := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *' venv '*) : > '%s'; exec sleep 3600 ;; esac\necho 3.12\n", began)
				if err := os.WriteFile(python, []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
				args = []string{name, "--no-xla", "--python", python, "--dir", filepath.Join(t.TempDir(), "lab")}
				told = "JupyterLab and the notebook runner"
			}
			mark := "TMPDIR=" + temp
			cmd, said := command(t, mark, args...)
			until(t, "what takes long", func() bool { _, err := os.Stat(began); return err == nil })
			if err := syscall.Kill(cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(said.String(), told) {
				t.Errorf("status %d (%v), want 130; said, without %q:\n%s", code, err, told, said)
			}
			until(t, "the end of all processes", func() bool { return len(of(mark)) == 0 })
			left, err := filepath.Glob(filepath.Join(temp, "siamese-*")) // the go command has others, which it may leave
			if err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}
