package setup

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/place"
)

func TestToolVersions(t *testing.T) {
	in, _ := newInstaller(t)
	mod, err := os.ReadFile(in.Lab.ToolsMod())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"gonb": "v0.11.3", "gopls": "v0.23.0"}
	for _, tool := range slices.Concat(kernelTools.tools, completionTools.tools) {
		got := tool.version(string(mod))
		if tool.module == "" { // the lab's own
			continue
		}
		if got == "unknown" || want[tool.name] != "" && got != want[tool.name] {
			t.Errorf("%s is pinned at %s, want %s", tool.name, got, want[tool.name])
		}
		if !strings.Contains(string(mod), "\t"+tool.pkg+"\n") {
			t.Errorf("tools.mod has no tool directive for %s", tool.pkg)
		}
	}
	if got := kernelTools.tools[0].version("module x\n"); got != "unknown" {
		t.Errorf("version out of nothing: %s", got)
	}
}

// TestLibraryIsClean checks that the tools' needs stay out of the library's own go.mod.
func TestLibraryIsClean(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join("..", "..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"golang.org/x/tools/gopls", "honnef.co/go/tools", "mvdan.cc/gofumpt", "\ntool "} {
		if strings.Contains(string(mod), name) {
			t.Errorf("go.mod names %q, which only the kernel's tools need", strings.TrimSpace(name))
		}
	}
}

// TestCheckTools: each tool is known by what it has to be, and a set by what it is made from.
func TestCheckTools(t *testing.T) {
	in, out := newInstaller(t)
	check := func(tool, word string) {
		t.Helper()
		wantError(t, kernelTools.check(in.Lab, in.Go.GOVERSION)[tool], word)
	}
	check("gonb", "gonb is not installed")
	dir := makeTools(t, in, kernelTools)
	if bad := kernelTools.check(in.Lab, in.Go.GOVERSION); len(bad) > 0 {
		t.Error(bad)
	}
	if err := in.ensureTools(t.Context(), kernelTools); err != nil || !strings.Contains(out.String(), "already there") {
		t.Errorf("complete tools were not left alone: %v, %s", err, out)
	}
	wantError(t, kernelTools.check(in.Lab, "go1.99")["gonb"], "not installed for this checkout and Go")
	write(t, filepath.Join(dir, "goimports"), "#!/bin/sh\n: goimport5\n", 0o755) // as long
	check("goimports", "damaged")
	write(t, filepath.Join(dir, "gonb"), "#!/bin/sh\n", 0o755)
	check("gonb", "10 bytes, 17 were installed")
	if err := os.Chmod(filepath.Join(dir, "guard"), 0o644); err != nil {
		t.Fatal(err)
	}
	check("guard", "may not be executed")
	write(t, in.Lab.ToolsMod(), "module x\n", 0o644)
	check("gonb", "not installed for this checkout")
	write(t, filepath.Join(in.Lab.Repo, "go.mod"), "module x\n\ngo 1.27.3\n", 0o644)
	if language := goLanguage(in.Lab); language != "go1.27" {
		t.Errorf("language %s", language)
	}
	if err := os.Remove(in.Lab.ToolsMod()); err != nil {
		t.Fatal(err)
	}
	check("gonb", "pins of the kernel's tools")
}

// TestToolsOfPatterns: sources are found in a checkout whose path means something in a pattern.
func TestToolsOfPatterns(t *testing.T) {
	in, _ := newInstaller(t)
	in.Lab.Repo = filepath.Join(in.Lab.Repo, "a [b], 'c'")
	for _, name := range []string{"tools.mod", "tools.sum"} {
		write(t, filepath.Join(in.Lab.Repo, "kernels", name), "x", 0o644)
	}
	source := filepath.Join(in.Lab.Repo, OwnSources[0], "x.go")
	sums := map[string]bool{}
	for _, text := range []string{"package a", "package b"} {
		write(t, source, text, 0o644)
		sum, _, err := kernelTools.digest(in.Lab, "go1.26.5")
		if err != nil {
			t.Fatal(err)
		}
		sums[sum] = true
	}
	if len(sums) != 2 {
		t.Error("a change of the sources is not seen")
	}
}

// TestEnsureToolsFails: what cannot be built leaves what is there, and a module that is not the pinned one is said.
func TestEnsureToolsFails(t *testing.T) {
	in, out := newInstaller(t)
	dir := makeTools(t, in, kernelTools)
	cut := filepath.Join(dir, "gonb")
	write(t, cut, "cut", 0o755)
	in.Go.GOROOT = t.TempDir()
	write(t, in.Go.Go(), "#!/bin/sh\necho 'module lookup disabled' >&2; exit 1\n", 0o755)
	wantError(t, in.ensureTools(t.Context(), kernelTools), "module lookup disabled", "mend:")
	if content, err := os.ReadFile(cut); err != nil || string(content) != "cut" {
		t.Errorf("the old gonb was lost: %q, %v", content, err)
	}
	if !strings.Contains(out.String(), "to be replaced: gonb") {
		t.Errorf("said %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(in.Lab.Dir, ".tools-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	write(t, in.Go.Go(), "#!/bin/sh\necho 'verifying x: checksum mismatch' >&2; exit 1\n", 0o755)
	if err := in.ensureTools(t.Context(), kernelTools); !errors.Is(err, ErrTampered) {
		t.Errorf("another module: %v", err)
	}
}

// TestOwnSources: the lab's own tools are built anew when any package of the checkout changes that is in them.
func TestOwnSources(t *testing.T) {
	args := []string{"list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.ImportPath}}{{end}}{{end}}"}
	for _, tool := range kernelTools.tools {
		if tool.module == "" {
			args = append(args, tool.pkg)
		}
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for pkg := range strings.FieldsSeq(string(out)) {
		want = append(want, strings.TrimPrefix(pkg, place.ModulePath+"/"))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(OwnSources))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestToolsets sees that a run without a browser waits for no completion, and that doctor does not want it.
func TestToolsets(t *testing.T) {
	in, _ := newInstaller(t)
	if sets := in.toolsets(); len(sets) != 1 || sets[0].name != kernelTools.name {
		t.Errorf("a run builds %v", sets)
	}
	in.Options.Gopls = true
	if sets := in.toolsets(); len(sets) != 2 || sets[1].tools[0].name != "gopls" {
		t.Errorf("JupyterLab gets %v", sets)
	}
	for _, item := range Doctor(t.Context(), in.Lab, Examination{Quick: true}).Items {
		if item.Name == "gopls" && item.Needed || item.Name == "gonb" && !item.Needed {
			t.Errorf("%s: needed %v", item.Name, item.Needed)
		}
	}
}
