package setup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/plugin"
)

func TestNewSpec(t *testing.T) {
	in, _ := newInstaller(t)
	f := folders{"/b", "/gopls", "/s"}
	t.Setenv("PATH", "/usr/bin:"+in.Lab.Dir+"/bin-0123:/b:/bin::/usr/bin")
	t.Setenv("HOME", "/home/someone")
	got := newSpec(KernelXLA, in.Lab, in.Go, f, "/plugin.so")
	want := Spec{
		Argv: []string{"/b/siamese-kernel", "--connection", "{connection_file}",
			"--gonb", "/b/gonb", "--gopls", "/gopls/gopls", "--workspace", in.Lab.Repo,
			"--language", "go1.26", "--history", in.Lab.Dir + "/history",
			"--worker", "/b/siamese-session-launch"},
		DisplayName:   "Siamese Lab (XLA)",
		Language:      "go",
		InterruptMode: "message",
		Env: map[string]string{
			"PATH":        "/s:/b:/go root/bin:/usr/bin:/bin",
			"HOME":        "/home/someone",
			"GOCACHE":     "/cache",
			"GOMODCACHE":  "/modules",
			"GOPATH":      "/gopath",
			"GOFLAGS":     "-buildvcs=false '-ldflags=-linkmode=internal -s -w'",
			"GOTOOLCHAIN": "local", "GOWORK": "", "GO111MODULE": "", "GOPROXY": "off", "GOSUMDB": "off",
			"GOEXPERIMENT":          "",
			"BASH_ENV":              "/s/shell.sh",
			"SIAMESE_LAB_DIR":       in.Lab.Dir,
			"GOMLX_NO_AUTO_INSTALL": "1", "GOMLX_BACKEND": "xla:/plugin.so", "CGO_ENABLED": "1",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("XLA kernel (-want +got):\n%s", diff)
	}
	plain := newSpec(KernelGo, in.Lab, in.Go, f, "/plugin.so")
	if plain.Env["GOMLX_BACKEND"] != "go" || plain.Env["GOEXPERIMENT"] != "simd" {
		t.Errorf("Go kernel has %v", plain.Env)
	}
	in.Go.GOARCH = "arm64"
	if flags := newSpec(KernelGo, in.Lab, in.Go, f, "").Env["GOFLAGS"]; strings.Contains(flags, "linkmode") {
		t.Errorf("internal linking where it was not tried: %s", flags)
	}
}

func TestEnsureKernels(t *testing.T) {
	in, out := newInstaller(t)
	t.Setenv("PATH", "/with/gcc")
	library := filepath.Join(t.TempDir(), "plugin.so")
	write(t, library, "library", 0o644)
	if err := in.ensureKernels(plugin.Plugin{Path: library}, ""); err != nil {
		t.Fatal(err)
	}
	spec, err := ReadSpec(in.Lab, KernelXLA)
	if err != nil || spec.Env["GOMLX_BACKEND"] != "xla:"+library || spec.Checkout() != in.Lab.Repo {
		t.Errorf("read %+v, %v", spec, err)
	}
	out.Reset()
	if err := in.ensureKernels(plugin.Plugin{Path: library}, ""); err != nil ||
		!strings.Contains(out.String(), "already there") {
		t.Errorf("second time: %v, %s", err, out)
	}
	// A shell without a compiler takes the kernel from nobody, and keeps its PATH, where one is.
	t.Setenv("PATH", "/without")
	in.Go.GOCACHE = "/new/cache"
	if err := in.ensureKernels(plugin.Plugin{}, "no compiler"); err != nil {
		t.Fatal(err)
	}
	kept, err := ReadSpec(in.Lab, KernelXLA)
	if err != nil || kept.Env["PATH"] != spec.Env["PATH"] || kept.Env["GOCACHE"] != "/new/cache" ||
		kept.Env["GOMLX_BACKEND"] != spec.Env["GOMLX_BACKEND"] {
		t.Errorf("kept %+v, %v", kept, err)
	}
	// Without its plugin it could not run.
	if err := os.Remove(library); err != nil {
		t.Fatal(err)
	}
	if err := in.ensureKernels(plugin.Plugin{}, "no plugin"); err != nil {
		t.Fatal(err)
	}
	if isFile(filepath.Join(in.Lab.Kernels(), KernelXLA, "kernel.json")) ||
		!isFile(filepath.Join(in.Lab.Kernels(), KernelGo, "kernel.json")) {
		t.Errorf("%s does not hold the Go kernel alone", in.Lab.Kernels())
	}
}

// TestShellStart: a line of a shell runs under the guard, and so does a script.
func TestShellStart(t *testing.T) {
	in, _ := newInstaller(t)
	if err := in.ensureKernels(plugin.Plugin{}, "test"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dirs(t, in).bin, "guard"), "#!/bin/sh\necho \"guard: $*\"\n", 0o755)
	line := exec.Command("/bin/bash", "-c", `echo "a  b"`)
	script := exec.Command("bash") // as GoNB starts it
	script.Stdin = strings.NewReader("echo script")
	for cmd, want := range map[*exec.Cmd]string{line: `guard: shell /bin/bash -c echo "a  b"`,
		script: "guard: script " + script.Path} {
		cmd.Env = append(os.Environ(), "BASH_ENV="+dirs(t, in).shell())
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
}

// TestGoShim runs the kernels' own go command: a bare `go get` does nothing, builds go to the guard, everything else to
// the real one.
func TestGoShim(t *testing.T) {
	in, _ := newInstaller(t)
	in.Go.GOROOT = filepath.Join(t.TempDir(), "it's go")
	write(t, in.Go.Go(), "#!/bin/sh\necho \"real: $*\"; exit 7\n", 0o755)
	if err := in.ensureKernels(plugin.Plugin{}, "test"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dirs(t, in).bin, "guard"), "#!/bin/sh\necho \"guard: $*\"; exit 7\n", 0o755)
	shim := filepath.Join(dirs(t, in).shims, "go")
	for _, test := range []struct{ args, want string }{
		{"get", ""}, {"get -t", ""}, {"get example.com/x", "real: get example.com/x"},
		{"build -o x", "guard: build " + in.Go.Go() + " build -o x"}, {"", "real: "}, {"build x", "real: build x"},
		{"test -c -o x", "guard: build " + in.Go.Go() + " test -c -o x"}, {"test -c", "real: test -c"},
	} {
		out, err := exec.Command(shim, strings.Fields(test.args)...).CombinedOutput()
		got := strings.TrimSuffix(string(out), "\n")
		if got != test.want || (err == nil) != (test.want == "") {
			t.Errorf("go %s: %q, %v; want %q", test.args, got, err, test.want)
		}
	}
	out, _ := exec.Command(filepath.Join(dirs(t, in).shims, "goimports"), "-w", "x").Output() // its status is 7
	if want := "guard: build " + filepath.Join(dirs(t, in).bin, "goimports") + " -w x\n"; string(out) != want {
		t.Errorf("goimports: %q, want %q", out, want)
	}
}
