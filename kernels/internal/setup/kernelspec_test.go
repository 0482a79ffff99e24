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
	t.Setenv("PATH", "/usr/bin:"+in.Lab.Bin()+":/bin::/usr/bin")
	t.Setenv("HOME", "/home/someone")
	got := NewSpec(KernelXLA, in.Lab, in.Go, "/plugin.so")
	want := Spec{
		Argv: []string{in.Lab.Dir + "/bin/siamese-kernel", "--connection", "{connection_file}",
			"--gonb", in.Lab.Dir + "/bin/gonb", "--gopls", in.Lab.Dir + "/gopls/gopls", "--workspace", in.Lab.Repo,
			"--language", "go1.26", "--history", in.Lab.Dir + "/history",
			"--worker", in.Lab.Dir + "/bin/siamese-session-launch"},
		DisplayName:   "Siamese Lab (XLA)",
		Language:      "go",
		InterruptMode: "message",
		Env: map[string]string{
			"PATH":        in.Lab.Dir + "/shims:" + in.Lab.Dir + "/bin:/go root/bin:/usr/bin:/bin",
			"HOME":        "/home/someone",
			"GOCACHE":     "/cache",
			"GOMODCACHE":  "/modules",
			"GOPATH":      "/gopath",
			"GOFLAGS":     "-buildvcs=false '-ldflags=-linkmode=internal -s -w'",
			"GOTOOLCHAIN": "local", "GOWORK": "", "GO111MODULE": "", "GOPROXY": "off", "GOSUMDB": "off",
			"GOEXPERIMENT":          "",
			"BASH_ENV":              in.Lab.Dir + "/shims/shell.sh",
			"SIAMESE_LAB_DIR":       in.Lab.Dir,
			"GOMLX_NO_AUTO_INSTALL": "1", "GOMLX_BACKEND": "xla:/plugin.so", "CGO_ENABLED": "1",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("XLA kernel (-want +got):\n%s", diff)
	}
	plain := NewSpec(KernelGo, in.Lab, in.Go, "/plugin.so")
	if plain.Env["GOMLX_BACKEND"] != "go" || plain.Env["GOEXPERIMENT"] != "simd" {
		t.Errorf("Go kernel has %v", plain.Env)
	}
	in.Go.GOARCH = "arm64"
	if flags := NewSpec(KernelGo, in.Lab, in.Go, "").Env["GOFLAGS"]; strings.Contains(flags, "linkmode") {
		t.Errorf("internal linking where it was not tried: %s", flags)
	}
}

func TestEnsureKernels(t *testing.T) {
	in, out := newInstaller(t)
	user := filepath.Join(t.TempDir(), "jupyter")
	t.Setenv("JUPYTER_DATA_DIR", user)
	if err := in.ensureKernels(plugin.Plugin{Path: "/plugin.so"}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(user); !os.IsNotExist(err) {
		t.Error("the user's own Jupyter was touched without being asked")
	}
	spec, err := ReadSpec(in.Lab, KernelXLA)
	if err != nil || spec.Env["GOMLX_BACKEND"] != "xla:/plugin.so" {
		t.Errorf("read %+v, %v", spec, err)
	}
	out.Reset()
	if err := in.ensureKernels(plugin.Plugin{Path: "/plugin.so"}, ""); err != nil ||
		!strings.Contains(out.String(), "already there") {
		t.Errorf("second time: %v, %s", err, out)
	}
	in.Options.UserKernels = true
	if err := in.ensureKernels(plugin.Plugin{Path: "/plugin.so"}, ""); err != nil ||
		!isFile(filepath.Join(user, "kernels", KernelGo, "kernel.json")) {
		t.Errorf("not in the user's own Jupyter: %v", err)
	}
	// When XLA can no longer be had its kernel goes, wherever it was put.
	if err := in.ensureKernels(plugin.Plugin{}, "no compiler"); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{in.Lab.Kernels(), filepath.Join(user, "kernels")} {
		if isFile(filepath.Join(dir, KernelXLA, "kernel.json")) ||
			!isFile(filepath.Join(dir, KernelGo, "kernel.json")) {
			t.Errorf("%s does not hold the Go kernel alone", dir)
		}
	}
}

// TestShellStart: a line of a shell runs under the guard, and so does a script.
func TestShellStart(t *testing.T) {
	in, _ := newInstaller(t)
	if err := in.ensureKernels(plugin.Plugin{}, "test"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(in.Lab.Bin(), "guard"), "#!/bin/sh\necho \"guard: $*\"\n", 0o755)
	line := exec.Command("/bin/bash", "-c", `echo "a  b"`)
	script := exec.Command("bash") // as GoNB starts it
	script.Stdin = strings.NewReader("echo script")
	for cmd, want := range map[*exec.Cmd]string{line: `guard: shell /bin/bash -c echo "a  b"`,
		script: "guard: script " + script.Path} {
		cmd.Env = append(os.Environ(), "BASH_ENV="+shellFile(in.Lab))
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
}

func TestUserKernels(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", "")
	t.Setenv("HOME", "/home/someone")
	if dir, err := userKernels(); err != nil || !strings.HasPrefix(dir, "/home/someone/") ||
		filepath.Base(dir) != "kernels" {
		t.Errorf("got %s, %v", dir, err)
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
	write(t, filepath.Join(in.Lab.Bin(), "guard"), "#!/bin/sh\necho \"guard: $*\"; exit 7\n", 0o755)
	shim := filepath.Join(in.Lab.Shims(), "go")
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
	out, _ := exec.Command(filepath.Join(in.Lab.Shims(), "goimports"), "-w", "x").Output() // its status is 7
	if want := "guard: build " + filepath.Join(in.Lab.Bin(), "goimports") + " -w x\n"; string(out) != want {
		t.Errorf("goimports: %q, want %q", out, want)
	}
}
