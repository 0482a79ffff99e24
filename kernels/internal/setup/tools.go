package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
)

// tool is a program of the kernel, pinned in tools.mod.
type tool struct {
	name, pkg, module string
	dir               func(place.Lab) string
}

// tools are all of them. gopls has a directory of its own: completion wants it, a headless run does without.
var tools = []tool{
	{"gonb", "github.com/janpfeifer/gonb", "github.com/janpfeifer/gonb", place.Lab.Bin},
	{"goimports", "golang.org/x/tools/cmd/goimports", "golang.org/x/tools", place.Lab.Bin},
	{"gopls", "golang.org/x/tools/gopls", "golang.org/x/tools/gopls", place.Lab.Gopls},
}

// path is where the tool is installed.
func (t tool) path(lab place.Lab) string { return filepath.Join(t.dir(lab), t.name) }

// version returns the tool's version as pinned in the text of tools.mod, or "unknown".
func (t tool) version(mod string) string {
	for line := range strings.Lines(mod) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && fields[0] == t.module {
			return fields[1]
		}
	}
	return "unknown"
}

// toolsDigest returns the digest of everything the tools are made from, and the text of tools.mod.
func toolsDigest(lab place.Lab, goVersion string) (sum, mod string, err error) {
	modText, err := os.ReadFile(lab.ToolsMod())
	if err != nil {
		return "", "", fmt.Errorf("pins of the kernel's tools: %w", err)
	}
	sumText, err := os.ReadFile(strings.TrimSuffix(lab.ToolsMod(), ".mod") + ".sum")
	if err != nil {
		return "", "", fmt.Errorf("checksums of the kernel's tools: %w", err)
	}
	return digest(string(modText), string(sumText), goVersion), string(modText), nil
}

// toolsMarker is the marker of the complete set of tools.
func toolsMarker(lab place.Lab) string { return filepath.Join(lab.Bin(), ".tools.json") }

// checkTools returns nil if every tool is there, made from the checkout's pins by this Go version.
func checkTools(lab place.Lab, goVersion string) error {
	sum, _, err := toolsDigest(lab, goVersion)
	if err != nil {
		return err
	}
	for _, t := range tools {
		if !executable(t.path(lab)) {
			return fmt.Errorf("%s is not installed", t.name)
		}
	}
	if readMarker(toolsMarker(lab)).Digest != sum {
		return errors.New("the tools are of other pins or another Go version")
	}
	return nil
}

// ensureTools builds the tools if they are not there.
func (in *Installer) ensureTools(ctx context.Context) error {
	if checkTools(in.Lab, in.Go.GOVERSION) == nil {
		in.said("tools", "already there: gonb, goimports and gopls in %s", in.Lab.Dir)
		return nil
	}
	sum, mod, err := toolsDigest(in.Lab, in.Go.GOVERSION)
	if err != nil {
		return err
	}
	var names []string
	args := []string{"build", "-modfile=" + in.Lab.ToolsMod(), "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w"}
	for _, t := range tools {
		names = append(names, t.name+" "+t.version(mod))
	}
	return in.timed("tools", "building "+strings.Join(names, ", "), func() error {
		if err := os.MkdirAll(in.Lab.Dir, 0o755); err != nil {
			return err
		}
		removeOthers(in.Lab.Dir, ".tools-*", "") // what a killed installer left
		tmp, err := os.MkdirTemp(in.Lab.Dir, ".tools-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		args = append(args, "-o", tmp+string(filepath.Separator))
		for _, t := range tools {
			args = append(args, t.pkg)
		}
		// The user's own flags and workspace are about the user's own code, not about these programs.
		env := []string{"GOFLAGS=", "GOWORK=off", "GOEXPERIMENT="}
		if _, err := (proc.Cmd{Name: in.Go.Go(), Args: args, Dir: in.Lab.Repo, Env: env}).Run(ctx); err != nil {
			return fmt.Errorf("building the kernel's tools: %w\n  mend: check the network or GOPROXY, then run this again", err)
		}
		for _, t := range tools {
			if err := os.MkdirAll(t.dir(in.Lab), 0o755); err != nil {
				return err
			}
			if err := os.Rename(filepath.Join(tmp, t.name), t.path(in.Lab)); err != nil {
				return fmt.Errorf("installing %s: %w", t.name, err)
			}
		}
		return writeMarker(toolsMarker(in.Lab), marker{Digest: sum, Made: in.Go.GOVERSION})
	})
}
