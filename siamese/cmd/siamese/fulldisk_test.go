package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Results that do not fit where standard output goes are no success: the last line says so.
func TestFullStandardOutput(t *testing.T) {
	const device = "/dev/full"
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has " + device)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("id,label,x\na,p,1.5\nb,q,2.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"describe a.csv", "version", "version --notices", "version --sbom", "help", "train --print-config"} {
		full, err := os.OpenFile(device, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		c := siameseCommand(t, dir, args)
		var said bytes.Buffer
		c.Stdout, c.Stderr = full, &said
		err = c.Run()
		var ended *exec.ExitError
		if !errors.As(err, &ended) || ended.ExitCode() != 1 || !strings.Contains(said.String(), "no space left") {
			t.Errorf("siamese %s: %v, %q", args, err, said.String())
		}
		if err := full.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A hyphen is no name of a file to write, and standard output none that can be replaced.
func TestOutputsThatAreNoFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.csv", []byte("id,label,x\na,p,1.5\nb,q,2.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"json", "html"} {
		status, _, errOut := call("describe", "--"+flag+"=-", "a.csv")
		if status != 1 || !strings.Contains(errOut, "--"+flag+": - is standard input") {
			t.Errorf("%s: status %d, %s", flag, status, errOut)
		}
	}
	if _, err := os.Stat("-"); err == nil {
		t.Error("a file - was written")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	// As /dev/stdout is, in a pipe: a link to a name that is no file.
	if err := os.Symlink(fmt.Sprintf("/proc/self/fd/%d", w.Fd()), "link"); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has such links")
	}
	if status, _, errOut := call("describe", "--json=link", "a.csv"); status != 1 ||
		!strings.Contains(errOut, "a device or a pipe") {
		t.Errorf("status %d, %s", status, errOut)
	}
}
