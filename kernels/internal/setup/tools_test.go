package setup

import (
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

func TestCheckTools(t *testing.T) {
	in, out := newInstaller(t)
	wantError(t, kernelTools.check(in.Lab, in.Go.GOVERSION), "gonb is not installed")
	for _, tool := range kernelTools.tools {
		write(t, kernelTools.path(in.Lab, tool), "", 0o755)
	}
	wantError(t, kernelTools.check(in.Lab, in.Go.GOVERSION), "other pins")
	sum, _, err := kernelTools.digest(in.Lab, in.Go.GOVERSION)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeMarker(kernelTools.marker(in.Lab), marker{Digest: sum}); err != nil {
		t.Fatal(err)
	}
	if err := kernelTools.check(in.Lab, in.Go.GOVERSION); err != nil {
		t.Error(err)
	}
	wantError(t, kernelTools.check(in.Lab, "go1.99"), "another Go version")
	if err := in.ensureTools(t.Context(), kernelTools); err != nil || !strings.Contains(out.String(), "already there") {
		t.Errorf("complete tools were not left alone: %v, %s", err, out)
	}
	write(t, in.Lab.ToolsMod(), "module x\n", 0o644)
	wantError(t, kernelTools.check(in.Lab, in.Go.GOVERSION), "other pins")
	write(t, filepath.Join(in.Lab.Repo, "go.mod"), "module x\n\ngo 1.27.3\n", 0o644)
	if language := goLanguage(in.Lab); language != "go1.27" {
		t.Errorf("language %s", language)
	}
	if err := os.Remove(in.Lab.ToolsMod()); err != nil {
		t.Fatal(err)
	}
	wantError(t, kernelTools.check(in.Lab, in.Go.GOVERSION), "pins of the kernel's tools")
}

func TestEnsureToolsFails(t *testing.T) {
	in, _ := newInstaller(t)
	in.Go.GOROOT = t.TempDir()
	write(t, in.Go.Go(), "#!/bin/sh\necho 'module lookup disabled' >&2; exit 1\n", 0o755)
	old := kernelTools.path(in.Lab, kernelTools.tools[0])
	write(t, old, "old", 0o755)
	wantError(t, in.ensureTools(t.Context(), kernelTools), "module lookup disabled", "mend:")
	if content, err := os.ReadFile(old); err != nil || string(content) != "old" {
		t.Errorf("the old gonb was lost: %q, %v", content, err)
	}
	if left, _ := filepath.Glob(filepath.Join(in.Lab.Dir, ".tools-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
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
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(ownSources))); diff != "" {
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
	for _, item := range Doctor(t.Context(), in.Lab).Items {
		if item.Name == "gopls" && item.Needed || item.Name == "gonb" && !item.Needed {
			t.Errorf("%s: needed %v", item.Name, item.Needed)
		}
	}
}
