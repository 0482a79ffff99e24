package quick

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// kernel is a workspace as GoNB makes it, with a module in place of the checkout.
type kernel struct {
	t       *testing.T
	lib     string // folder of the module that may change
	asked   string // file that gets a line whenever the go command is asked to build
	builder Builder
}

// newKernel changes into a new workspace. state is where builds are remembered, lib the folder of the module that may
// change.
func newKernel(t *testing.T, lib, state string) *kernel {
	t.Helper()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	for name, value := range map[string]string{"GOFLAGS": "-buildvcs=false", "GOWORK": "", "GOTOOLCHAIN": "local"} {
		t.Setenv(name, value)
	}
	// A go command that says when it is asked.
	root := t.TempDir()
	k := &kernel{t, lib, filepath.Join(root, "asked"), Builder{filepath.Join(root, "bin", "go"), state}}
	k.write(filepath.Join(root, "VERSION"), "go0")
	k.write(k.builder.Go, fmt.Sprintf("#!/bin/sh\necho \"$*\" >>'%s'\nexec '%s' \"$@\"\n", k.asked, real))
	if err := os.Chmod(k.builder.Go, 0o755); err != nil {
		t.Fatal(err)
	}
	k.write("go.mod", "module "+filepath.Base(dir)+"\n\ngo 1.26\n")
	k.write("go.work", "go 1.26\n\nuse (\n\t.\n\t"+lib+"\n)\n")
	return k
}

// write writes a file as if it had been there for a while: what changes during a build is not remembered.
func (k *kernel) write(path, text string) {
	k.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		k.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		k.t.Fatal(err)
	}
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, past, past); err != nil {
		k.t.Fatal(err)
	}
}

// run builds and runs a program that begins with the imports and prints the values. asked = the go command built it.
func (k *kernel) run(imports, values string) (printed string, asked bool) {
	k.t.Helper()
	var text strings.Builder
	text.WriteString("package main\n")
	for _, path := range strings.Fields(imports) {
		fmt.Fprintf(&text, "import %q\n", path)
	}
	fmt.Fprintf(&text, "func main() { println(%s) }\n", values)
	k.write(program, text.String())
	_ = os.Remove(k.asked)
	out := filepath.Join(k.t.TempDir(), "x")
	status, err := k.builder.Build([]string{"build", "-o", out})
	if err != nil {
		k.t.Fatal(err)
	}
	_, missing := os.Stat(k.asked)
	if status != 0 {
		return fmt.Sprintf("status %d", status), missing == nil
	}
	said, err := exec.Command(out).CombinedOutput()
	if err != nil {
		k.t.Fatal(err)
	}
	return strings.TrimSpace(string(said)), missing == nil
}

// times returns how often the go command was asked in the last run.
func (k *kernel) times() int {
	text, err := os.ReadFile(k.asked)
	if err != nil {
		k.t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

// lose points the records to a compiled package that is not there.
func (k *kernel) lose(path string) {
	k.t.Helper()
	files, err := filepath.Glob(filepath.Join(k.builder.State, "*.json"))
	if err != nil {
		k.t.Fatal(err)
	}
	lost := false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			k.t.Fatal(err)
		}
		var r record
		if err := json.Unmarshal(text, &r); err != nil {
			k.t.Fatal(err)
		}
		if r.Packages[path] == "" {
			continue
		}
		lost, r.Packages[path] = true, filepath.Join(k.lib, "none.a")
		if text, err = json.Marshal(r); err != nil {
			k.t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			k.t.Fatal(err)
		}
	}
	if !lost {
		k.t.Fatal("the package is in no record")
	}
}

// expect runs a program and compares.
func (k *kernel) expect(what, imports, values, printed string, asked bool) {
	k.t.Helper()
	if got, was := k.run(imports, values); got != printed || was != asked {
		k.t.Errorf("%s: printed %q, want %q; the go command was asked: %t, want %t", what, got, printed, was, asked)
	}
}

// TestBuild: programs whose packages are known are built without the go command, and print what its programs print;
// whatever changes is seen.
func TestBuild(t *testing.T) {
	state, lib := t.TempDir(), t.TempDir()
	k := newKernel(t, lib, state)
	k.write(filepath.Join(lib, "go.mod"), "module example.com/lib\n\ngo 1.26\n")
	k.write(filepath.Join(lib, "lib.go"), "package lib\nimport _ \"embed\"\n//go:embed texts/a\nvar A string\nvar B = 1\n")
	k.write(filepath.Join(lib, "texts", "a"), "one")
	k.write(filepath.Join(lib, "internal", "in", "in.go"), "package in\nvar C = 1\n")
	k.write(filepath.Join(lib, "out", "out.go"), "package out\nimport \"example.com/lib/internal/in\"\nvar D = in.C\n")

	k.expect("the first", "example.com/lib strings", `lib.A, strings.ToUpper("a")`, "one A", true)
	k.expect("other code", "example.com/lib strings", `lib.B, strings.ToLower("B")`, "1 b", false)
	k.expect("fewer packages", "strings", `strings.ToLower("C")`, "c", false)
	k.expect("more packages", "example.com/lib/out strings", `out.D, strings.ToUpper("d")`, "1 D", true)
	k.expect("those again", "example.com/lib/out example.com/lib", `out.D, lib.B`, "1 1", false)
	k.expect("what is internal", "example.com/lib/internal/in", `in.C`, "status 1", true)
	k.expect("a mistake", "strings", `strings.Nothing`, "status 1", true)
	if n := k.times(); n != 1 {
		t.Errorf("a mistake: the go command was asked %d times", n)
	}
	k.expect("after a mistake", "strings", `strings.ToLower("A")`, "a", false)

	// A compiled package that is gone is no mistake of the program, and is seen.
	k.lose("example.com/lib")
	k.expect("a lost package", "example.com/lib", `lib.B+4`, "5", true)
	k.expect("what there is instead is found out", "example.com/lib", `lib.B+5`, "6", true)
	k.expect("and known", "example.com/lib", `lib.B+6`, "7", false)

	k.write(filepath.Join(lib, "lib.go"), "package lib\nimport _ \"embed\"\n//go:embed texts/a\nvar A string\nvar B = 22\n")
	k.expect("a changed package", "example.com/lib", `lib.B`, "22", true)
	k.expect("it is known again", "example.com/lib", `lib.A, lib.B`, "one 22", false)
	k.write(filepath.Join(lib, "texts", "a"), "three")
	k.expect("a changed file that is embedded", "example.com/lib", `lib.A`, "three", true)
	k.write(filepath.Join(lib, "internal", "in", "in.go"), "package in\nvar C = 333\n")
	k.expect("a changed package of a package", "example.com/lib/out", `out.D`, "333", true)
	k.write(filepath.Join(lib, "lib_test.go"), "package lib\n")
	k.expect("a test", "example.com/lib", `lib.B`, "22", false)
	k.write(filepath.Join(lib, "lib_test.go"), "package lib\nvar X = 1\n")
	k.expect("a changed test", "example.com/lib", `lib.B+1`, "23", false)

	t.Setenv("GOFLAGS", "-buildvcs=false -tags=x")
	k.expect("other settings", "example.com/lib", `lib.B`, "22", true)
	t.Setenv("GOFLAGS", "-buildvcs=false")
	k.expect("the old settings", "example.com/lib", `lib.B+2`, "24", false)
	if err := os.WriteFile("more.go", []byte("package main\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	k.expect("a second file", "example.com/lib", `lib.B+3`, "25", true)
	if err := os.Remove("more.go"); err != nil {
		t.Fatal(err)
	}

	// Another kernel of the same checkout knows it too; a package of which a file changes at this moment is not kept.
	k = newKernel(t, lib, state)
	k.expect("another kernel", "example.com/lib", `lib.B`, "22", true)
	k.expect("another kernel, again", "example.com/lib", `lib.B+1`, "23", false)
	if err := os.WriteFile(filepath.Join(lib, "lib.go"), []byte("package lib\nvar B = 5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(lib, "lib.go"), later, later); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		k.expect("a file of the future", "example.com/lib", `lib.B`, "5", true)
	}
	// A damaged record is none.
	files, err := filepath.Glob(filepath.Join(state, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if err := os.WriteFile(f, []byte(`{"packages":{`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k.expect("a damaged record", "strings", `strings.ToLower("E")`, "e", true)
}

// TestOtherCommands: whatever is no plain build is the go command's.
func TestOtherCommands(t *testing.T) {
	k := newKernel(t, t.TempDir(), t.TempDir())
	for _, args := range [][]string{{"version"}, {"build", "-o", "x", "-race"}, {"build", "./..."}} {
		if out, ok := plainBuild(args); ok {
			t.Errorf("%q builds %s", args, out)
		}
	}
	if status, err := k.builder.Build([]string{"env", "-nothing"}); err != nil || status == 0 {
		t.Errorf("status %d, %v", status, err)
	}
}
