package run

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// labEnv makes the test's own program one that opens JupyterLab: its value is the interpreter.
const labEnv = "SIAMESE_TEST_LAB"

// idleEnv makes it one that waits until its standard input ends.
const idleEnv = "SIAMESE_TEST_IDLE"

func TestMain(m *testing.M) {
	if os.Getenv(idleEnv) != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	if python := os.Getenv(labEnv); python != "" {
		dir := filepath.Dir(python)
		err := Lab(context.Background(), LabOptions{Lab: place.Lab{Dir: dir, Repo: dir}, Python: python, Out: os.Stdout})
		fmt.Println(err)
		return
	}
	os.Exit(m.Run())
}

// TestLabEnds: JupyterLab is asked to end, and so can end its kernels, when the process that opened it is killed.
func TestLabEnds(t *testing.T) {
	dir := t.TempDir()
	python := filepath.Join(dir, "python")
	script := "#!/bin/sh\ntrap 'touch " + dir + "/asked; exit' TERM\necho $$ > " + dir + "/pid\nwhile :; do sleep 0.05; done\n"
	if err := os.WriteFile(python, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), labEnv+"="+python)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	appears := func(name string) bool {
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return true
			}
		}
		return false
	}
	started := appears("pid")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if !started || !appears("asked") {
		t.Errorf("started %v, and was not asked to end", started)
	}
}
