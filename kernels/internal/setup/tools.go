package setup

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
)

// tool is a program of the kernel, pinned in tools.mod: its name, the package of its main, and the module with its
// version, which is "" for one of the lab's own.
type tool struct{ name, pkg, module string }

// toolset is what is built together into a directory of its own, and has one marker.
type toolset struct {
	name string
	// needed = notebooks do not run without it.
	needed bool
	// dir returns the directory that the tools are installed to.
	dir   func(place.Lab) string
	tools []tool
}

var (
	// kernelTools are what a kernel runs: the lab's own, GoNB behind it, goimports, with which GoNB adds imports to
	// cells, the guard of cells' programs, and what starts the session's worker.
	kernelTools = toolset{"tools", true, place.Lab.Bin, []tool{
		{"gonb", "github.com/janpfeifer/gonb", "github.com/janpfeifer/gonb"},
		{"goimports", "golang.org/x/tools/cmd/goimports", "golang.org/x/tools"},
		{"siamese-kernel", place.ModulePath + "/kernels/siamese-kernel", ""},
		{"guard", place.ModulePath + "/kernels/internal/guard", ""},
		{"siamese-session-launch", place.ModulePath + "/siamese/cmd/siamese-session-launch", ""},
	}}
	// completionTools complete code in JupyterLab. A run without a browser does without them: they take as long to
	// compile as the others.
	completionTools = toolset{"completion", false, place.Lab.Gopls, []tool{
		{"gopls", "golang.org/x/tools/gopls", "golang.org/x/tools/gopls"},
	}}
)

// ownSources are the checkout's folders that the lab's own tools are made from: they are built anew when one changes.
var ownSources = []string{"data/provenance", "data/quote", "kernels/internal/assist", "kernels/internal/cells",
	"kernels/internal/front", "kernels/internal/guard", "kernels/internal/link", "kernels/internal/notebook",
	"kernels/internal/place", "kernels/internal/problem", "kernels/internal/quick", "kernels/internal/receipt",
	"kernels/internal/widgets", "kernels/internal/wire", "kernels/plugin", "kernels/siamese-kernel",
	"siamese/cmd/siamese-session-launch",
	"siamese/session/internal/code", "siamese/session/internal/wire", "siamese/session/launch", "siamese/version"}

// toolsets returns what the options want, in the order of building.
func (in *Installer) toolsets() []toolset {
	if in.Options.Gopls {
		return []toolset{kernelTools, completionTools}
	}
	return []toolset{kernelTools}
}

// path returns where a tool of the set is installed.
func (s toolset) path(lab place.Lab, t tool) string { return filepath.Join(s.dir(lab), t.name) }

// marker returns the file that says that the set is complete.
func (s toolset) marker(lab place.Lab) string { return filepath.Join(s.dir(lab), ".tools.json") }

// check returns nil if every tool of the set is there, made from the checkout's pins by this Go version; else what is
// wrong. It starts none of them.
func (s toolset) check(lab place.Lab, goVersion string) error {
	sum, _, err := s.digest(lab, goVersion)
	if err != nil {
		return err
	}
	for _, t := range s.tools {
		if !executable(s.path(lab, t)) {
			return fmt.Errorf("%s is not installed", t.name)
		}
	}
	// Looked at last, so that a tool that was removed by hand is named.
	if readMarker(s.marker(lab)).Digest != sum {
		return errors.New("made from other pins or by another Go version")
	}
	return nil
}

// version returns the tool's version as pinned in mod, the text of tools.mod, or "unknown"; "" for one of the lab's
// own.
func (t tool) version(mod string) string {
	if t.module == "" {
		return ""
	}
	// A line of a require block, or a require of one line.
	for line := range strings.Lines(mod) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && fields[0] == t.module {
			return fields[1]
		}
	}
	return "unknown"
}

// digest returns the digest of everything the tools of the set are made from (tools.mod, tools.sum, the version of Go,
// and the sources of the lab's own if there are any among them), and the text of tools.mod.
func (s toolset) digest(lab place.Lab, goVersion string) (sum, mod string, err error) {
	modText, err := os.ReadFile(lab.ToolsMod())
	if err != nil {
		return "", "", fmt.Errorf("pins of the kernel's tools: %w", err)
	}
	sumText, err := os.ReadFile(strings.TrimSuffix(lab.ToolsMod(), ".mod") + ".sum")
	if err != nil {
		return "", "", fmt.Errorf("checksums of the kernel's tools: %w", err)
	}
	parts := []string{string(modText), string(sumText), goVersion}
	sources := ownSources
	if !slices.ContainsFunc(s.tools, func(t tool) bool { return t.module == "" }) {
		sources = nil
	}
	for _, dir := range sources {
		files, err := filepath.Glob(filepath.Join(lab.Repo, dir, "*.go"))
		if err != nil {
			return "", "", err
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return "", "", fmt.Errorf("sources of the kernel's tools: %w", err)
			}
			parts = append(parts, string(text))
		}
	}
	return digest(parts...), string(modText), nil
}

// goLanguage returns the version of Go's language that the checkout's go.mod asks for, such as "go1.26", or "".
func goLanguage(lab place.Lab) string {
	text, err := os.ReadFile(filepath.Join(lab.Repo, "go.mod"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "go "); ok {
			return version.Lang("go" + strings.TrimSpace(v))
		}
	}
	return ""
}

// ensureTools builds a set of tools if it is not there. They are built into a temporary directory and renamed one by
// one when all are built, so that a failure leaves the old ones; a kernel that runs keeps the file that it has open.
func (in *Installer) ensureTools(ctx context.Context, set toolset) error {
	if set.check(in.Lab, in.Go.GOVERSION) == nil {
		in.said(set.name, "already there: %s in %s", set.names(), set.dir(in.Lab))
		return nil
	}
	// The version of Go is in it: another Go builds the tools anew.
	sum, mod, err := set.digest(in.Lab, in.Go.GOVERSION)
	if err != nil {
		return err
	}
	var versions, packages []string
	for _, t := range set.tools {
		versions, packages = append(versions, strings.TrimSpace(t.name+" "+t.version(mod))), append(packages, t.pkg)
	}
	return in.timed(set.name, "building "+strings.Join(versions, " and "), func(s *step) error {
		if err := os.MkdirAll(in.Lab.Dir, 0o755); err != nil {
			return err
		}
		removeOthers(in.Lab.Dir, ".tools-*", "") // what a killed installer left
		// In the lab's directory, so that the rename stays within a file system.
		tmp, err := os.MkdirTemp(in.Lab.Dir, ".tools-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		// The user's own flags and workspace are about the user's own code, not about these programs.
		cmd := proc.Cmd{Name: in.Go.Go(), Dir: in.Lab.Repo, Env: []string{"GOFLAGS=", "GOWORK=off", "GOEXPERIMENT="}}
		flags := []string{"-modfile=" + in.Lab.ToolsMod(), "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w"}
		// A module whose content is not that of tools.sum is an error here, before anything is built.
		if err = s.list(ctx, cmd, flags, packages); err == nil {
			err = s.build(ctx, cmd, append(flags, "-o", tmp+string(filepath.Separator)), packages)
		}
		if err != nil {
			return fmt.Errorf("building %s: %w\n  mend: check the network or GOPROXY, then run this again", set.names(),
				err)
		}
		for _, t := range set.tools {
			if err := os.MkdirAll(set.dir(in.Lab), 0o755); err != nil {
				return err
			}
			if err := os.Rename(filepath.Join(tmp, t.name), set.path(in.Lab, t)); err != nil {
				return fmt.Errorf("installing %s: %w", t.name, err)
			}
		}
		return writeMarker(set.marker(in.Lab), marker{Digest: sum, Made: in.Go.GOVERSION})
	})
}

// names returns the tools of the set, in words.
func (s toolset) names() string {
	var names []string
	for _, t := range s.tools {
		names = append(names, t.name)
	}
	return strings.Join(names, " and ")
}
