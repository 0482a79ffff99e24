package setup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

func TestUserKernels(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", "")
	t.Setenv("HOME", "/home/someone")
	if dir, err := UserKernels(); err != nil || !strings.HasPrefix(dir, "/home/someone/") ||
		filepath.Base(dir) != "kernels" {
		t.Errorf("got %s, %v", dir, err)
	}
	t.Setenv("JUPYTER_DATA_DIR", "/data")
	if dir, err := UserKernels(); err != nil || dir != "/data/kernels" {
		t.Errorf("got %s, %v", dir, err)
	}
}

func TestPrefixKernels(t *testing.T) {
	virtual, conda := t.TempDir(), t.TempDir()
	for _, test := range []struct{ virtual, conda, want string }{
		{virtual, conda, virtual + "/share/jupyter/kernels"}, {"", conda, conda + "/share/jupyter/kernels"},
		{"", "", ""}, {virtual + "/none", conda, ""},
	} {
		t.Setenv("VIRTUAL_ENV", test.virtual)
		t.Setenv("CONDA_PREFIX", test.conda)
		got, err := PrefixKernels()
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%+v: %s, %v", test, got, err)
		}
	}
}

// another returns an installer for another checkout of the same lab, in a folder of that name.
func another(t *testing.T, in *Installer, name string) *Installer {
	t.Helper()
	other := *in
	other.Lab.Repo = filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(other.Lab.Repo, os.DirFS(in.Lab.Repo)); err != nil {
		t.Fatal(err)
	}
	return &other
}

// registered returns the kernels in a directory: the name for people and the checkout by the kernel's name.
func registered(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		spec, err := readSpec(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = spec.DisplayName + " in " + filepath.Base(spec.Checkout())
	}
	return got
}

// TestRegister: two checkouts never take each other's kernels in a Jupyter, and are told apart there; one that is gone
// leaves its name to the next.
func TestRegister(t *testing.T) {
	first, _ := newInstaller(t)
	one, two, same := another(t, first, "one"), another(t, first, "two"), another(t, first, "two")
	dir := filepath.Join(t.TempDir(), "kernels")
	if err := one.ensureKernels(t.Context(), plugin.Plugin{}, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("another Jupyter was touched without being asked")
	}
	install := func(in *Installer, to ...string) {
		t.Helper()
		in.Options.Register = to
		if err := in.ensureKernels(t.Context(), plugin.Plugin{}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	want := func(kernels map[string]string) {
		t.Helper()
		if diff := cmp.Diff(kernels, registered(t, dir)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	install(one, dir)
	want(map[string]string{"siamese-go": "Siamese Lab (Go) in one"})
	install(two, dir)
	want(map[string]string{"siamese-go": "Siamese Lab (Go) · one in one", "siamese-two-go": "Siamese Lab (Go) · two in two"})
	install(one) // brought up to date without being asked again
	install(two, dir)
	want(map[string]string{"siamese-go": "Siamese Lab (Go) · one in one", "siamese-two-go": "Siamese Lab (Go) · two in two"})
	install(same, dir) // a folder of the same name elsewhere
	third := "siamese-" + filepath.Base(same.Lab.Checkout()) + "-go"
	want(map[string]string{"siamese-go": "Siamese Lab (Go) · one in one", "siamese-two-go": "Siamese Lab (Go) · two in two",
		third: "Siamese Lab (Go) · " + same.Lab.Repo + " in two"})
	two.Options.Name, two.Options.Register = "siamese", []string{dir}
	if err := two.ensureKernels(t.Context(), plugin.Plugin{}, "test"); !errors.Is(err, ErrNameTaken) {
		t.Errorf("a name that is another's: %v", err)
	}
	two.Options.Name = "second" // another name than before
	install(two, dir)
	if got := registered(t, dir); got["second-go"] == "" || got["siamese-two-go"] != "" {
		t.Errorf("renamed: %v", got)
	}
	// What else is called so is not ours.
	write(t, filepath.Join(dir, "mine-go", "kernel.json"), `{"argv": ["python"], "display_name": "mine"}`, 0o644)
	same.Options.Name, same.Options.Register = "mine", []string{dir}
	if err := same.ensureKernels(t.Context(), plugin.Plugin{}, "test"); !errors.Is(err, ErrNameTaken) {
		t.Errorf("somebody's own kernel: %v", err)
	}
	if err := os.RemoveAll(one.Lab.Repo); err != nil {
		t.Fatal(err)
	}
	next := another(t, two, "next")
	next.Options.Name = ""
	install(next, dir)
	if got := registered(t, dir)["siamese-go"]; !strings.HasSuffix(got, "in next") {
		t.Errorf("the name of a checkout that is gone: %s", got)
	}
}

// TestUninstall: what was installed goes, as long as nobody else has it or uses it.
func TestUninstall(t *testing.T) {
	first, _ := newInstaller(t)
	one, two := another(t, first, "one"), another(t, first, "two")
	dir := filepath.Join(t.TempDir(), "kernels")
	theirs := filepath.Join(dir, "siamese-cpp", "kernel.json")
	write(t, theirs, `{"argv": ["cpp"], "display_name": "theirs"}`, 0o644)
	for _, in := range []*Installer{one, two} {
		in.Options.Register = []string{dir}
		if err := in.ensureKernels(t.Context(), plugin.Plugin{}, "test"); err != nil {
			t.Fatal(err)
		}
	}
	tools := makeTools(t, one, kernelTools)
	write(t, filepath.Join(one.plugins(), "1.0-0123", pluginFile), "library", 0o644)
	for _, name := range []string{"cells/x.ipynb.gz", "digests.json", "frames/x", "history/x", "quick/programs/x/program",
		"session/begun/x", "trust/x"} { // what cells leave behind
		write(t, filepath.Join(one.Lab.Dir, filepath.FromSlash(name)), "x", 0o600)
	}
	mine := filepath.Join(one.Lab.Dir, "thesis.txt")
	write(t, mine, "mine", 0o644)
	var said []string
	uninstall := func(in *Installer, all bool) error {
		said = nil
		return Uninstall(t.Context(), in.Lab, all, func(format string, args ...any) {
			said = append(said, fmt.Sprintf(format, args...))
		})
	}
	// What this process has put in place it uses.
	if err := uninstall(one, false); !errors.Is(err, ErrInUse) {
		t.Errorf("in use: %v", err)
	}
	place.Free()
	if err := uninstall(one, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"siamese-cpp": "theirs in .", "siamese-two-go": "Siamese Lab (Go) · two in two"},
		registered(t, dir)); diff != "" {
		t.Errorf("of one (-want +got):\n%s", diff)
	}
	if !executable(filepath.Join(tools, "gonb")) || isFile(filepath.Join(one.Lab.Kernels(), KernelGo, "kernel.json")) {
		t.Errorf("the other checkout's tools went, or kernels stayed: %q", said)
	}
	if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "kept ") }) {
		t.Errorf("said %q", said)
	}
	if err := uninstall(one, true); err != nil {
		t.Fatal(err)
	}
	if got := registered(t, dir); len(got) != 1 {
		t.Errorf("all: %v", got)
	}
	if left, err := os.ReadDir(one.Lab.Dir); err != nil || len(left) != 1 || left[0].Name() != "thesis.txt" {
		t.Errorf("left %v, %v", left, err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	if err := uninstall(one, false); err != nil || !slices.ContainsFunc(said, func(s string) bool {
		return s == "removed "+one.Lab.Dir
	}) {
		t.Errorf("the empty directory: %v, said %q", err, said)
	}
	if err := uninstall(one, false); err != nil || len(said) != 1 || !strings.HasPrefix(said[0], "nothing is installed") {
		t.Errorf("nothing: %v, said %q", err, said)
	}
}
