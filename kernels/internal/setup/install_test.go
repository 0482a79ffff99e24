package setup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newMachine returns an installer for a machine on which nothing is installed: Python and Go are stand-ins, and the
// wheel with the plugin holds what wheel says. notes is what the stand-in for Go was asked.
func newMachine(t *testing.T, wheel error) (in *Installer, notes string) {
	t.Helper()
	in, _ = newInstaller(t)
	usePython(t, 0)
	notes = goCommand(t, in, "nothing-at-all")
	in.fetchWheel = func(_ context.Context, _, _ string) (string, error) { return "", wheel }
	makeTools(t, in, kernelTools) // the stand-in builds nothing
	return in, notes
}

// TestInstallWithoutXLA: cells' packages are compiled for XLA while its plugin is fetched, and for the Go backend when
// it cannot be had.
func TestInstallWithoutXLA(t *testing.T) {
	in, notes := newMachine(t, errors.New("no route to host"))
	got, err := in.Install(t.Context())
	if err != nil || got.Kernel != KernelGo || !strings.Contains(got.Why, "no route to host") {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, kernel := range []string{KernelXLA, KernelGo} {
		if !isFile(filepath.Join(in.Lab.Checkout(), ".warm-"+kernel+".json")) {
			t.Errorf("nothing was compiled for %s", kernel)
		}
	}
	if content, err := os.ReadFile(notes); err != nil || strings.Contains(string(content), "gopls") {
		t.Errorf("a run builds gopls: %s, %v", content, err)
	}
	in.Options.Kernel = KernelXLA
	_, err = in.Install(t.Context())
	wantError(t, err, "siamese-xla is not installed", "no route to host")
}

func TestLikelyKernel(t *testing.T) {
	tests := []struct {
		name   string
		change func(in *Installer)
		want   string
	}{
		{"all there", func(*Installer) {}, KernelXLA},
		{"without a compiler", func(in *Installer) { in.Go.CC = "no-such-compiler" }, KernelGo},
		{"left out", func(in *Installer) { in.Options.NoXLA = true }, KernelGo},
		{"named", func(in *Installer) { in.Options.Kernel = KernelGo }, KernelGo},
	}
	for _, test := range tests {
		in, _ := newInstaller(t)
		test.change(in)
		if got := in.likelyKernel(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestInstallStops: when one lane fails, the error is its own, not that the other one was stopped.
func TestInstallStops(t *testing.T) {
	in, _ := newMachine(t, nil)
	write(t, in.Go.Go(), "#!/bin/sh\nexec sleep 60\n", 0o755)
	t.Setenv("PATH", t.TempDir()+string(os.PathListSeparator)+"/bin:/usr/bin")
	in.Options.Python = "no-such-python"
	_, err := in.Install(t.Context())
	if !errors.Is(err, ErrPrerequisite) {
		t.Errorf("error %v, want that Python is missing", err)
	}
}
