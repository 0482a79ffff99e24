package quick

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// panics is a program that ends with a stack.
const panics = "package main\n\nimport \"example.com/lib\"\n\nfunc main() {\n\tpanic(lib.A)\n}\n"

// another returns another kernel of the same checkout, with the same go command.
func (k *kernel) another() *kernel {
	other := newKernel(k.t, k.lib, k.builder.State)
	other.builder, other.asked = k.builder, k.asked
	return other
}

// built builds the program that panics and returns its file; asked = the go command was asked.
func (k *kernel) built() (out string, asked bool) {
	k.t.Helper()
	k.write(program, panics)
	_ = os.Remove(k.asked)
	out = filepath.Join(k.t.TempDir(), "x")
	if status, err := k.builder.Build([]string{"build", "-o", out}); status != 0 || err != nil {
		k.t.Fatal(status, err)
	}
	_, missing := os.Stat(k.asked)
	return out, missing == nil
}

// same reports whether two names are of one file.
func same(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := os.Stat(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.Stat(b)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(x, y)
}

// TestPrograms: a program that a kernel has built serves another one, until something that it is made from changes.
func TestPrograms(t *testing.T) {
	k := newKernel(t, t.TempDir(), t.TempDir())
	k.write(filepath.Join(k.lib, "go.mod"), "module example.com/lib\n\ngo 1.26\n")
	k.write(filepath.Join(k.lib, "lib.go"), "package lib\nvar A = 1\n")
	k.expect("what is imported gets known", "example.com/lib", "lib.A", "1", true)
	first, asked := k.built()
	if asked {
		t.Error("the go command built the first")
	}
	other := k.another()
	second, asked := other.built()
	if asked || !same(t, first, second) {
		t.Errorf("another kernel built it again; the go command was asked: %t", asked)
	}
	// Its stack names a file with its source, wherever it was built.
	said, err := exec.Command(second).CombinedOutput()
	if err == nil {
		t.Fatal("no panic")
	}
	kept, _, found := strings.Cut(string(said[strings.Index(string(said), "\t/")+1:]), ":6")
	if !found {
		t.Fatalf("no place in the program: %s", said)
	}
	if text, err := os.ReadFile(kept); err != nil || string(text) != panics {
		t.Errorf("%s: %q, %v", kept, text, err)
	}

	// What other programs import is of no matter.
	k.another().expect("more gets known", "example.com/lib encoding/json", `lib.A, json.Valid(nil)`, "1 false", true)
	if again, asked := k.another().built(); asked || !same(t, first, again) {
		t.Errorf("it was built again after another program; the go command was asked: %t", asked)
	}

	k.write(filepath.Join(k.lib, "lib.go"), "package lib\nvar A = 22\n")
	third, asked := k.another().built()
	if !asked || same(t, first, third) {
		t.Errorf("a changed package: the go command was asked: %t", asked)
	}
}

// TestProgramsBound: what was used longest ago goes when there is too much, and what is damaged is built again.
func TestProgramsBound(t *testing.T) {
	old := mostBytes
	t.Cleanup(func() { mostBytes = old })
	k := newKernel(t, t.TempDir(), t.TempDir())
	k.write(filepath.Join(k.lib, "go.mod"), "module example.com/lib\n\ngo 1.26\n")
	k.expect("what is imported gets known", "strings", `strings.ToLower("A")`, "a", true)
	all := func() []string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(k.builder.State, "programs", "*", built))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	k.expect("one", "strings", `strings.ToLower("B")`, "b", false)
	k.expect("two", "strings", `strings.ToLower("C")`, "c", false)
	if n := len(all()); n != 2 {
		t.Fatalf("%d are kept, want 2", n)
	}
	mostBytes = 1
	k.expect("three", "strings", `strings.ToLower("D")`, "d", false)
	left := all()
	if len(left) != 1 {
		t.Fatalf("%q are kept, want the last", left)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(left[0]), program)); err != nil {
		t.Fatal(err)
	}
	k.expect("without its source", "strings", `strings.ToLower("D")`, "d", false)
	if _, err := os.Stat(filepath.Join(filepath.Dir(left[0]), program)); err != nil {
		t.Errorf("the source is not there again: %v", err)
	}
	// Where nothing can be kept, programs are built all the same.
	dir := filepath.Join(k.builder.State, "programs")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	k.write(dir, "a file")
	k.expect("nowhere to keep it", "strings", `strings.ToLower("E")`, "e", false)
}
