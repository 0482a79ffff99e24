package setup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/internal/proof"
)

// ensureTools builds a set of tools if it is not there, or not as it was built. They are built into a temporary
// directory and renamed one by one when all are built, so that a failure leaves the old ones; a kernel that runs keeps
// the file that it has open.
func (in *Installer) ensureTools(ctx context.Context, set toolset) error {
	sum, mod, err := set.digest(in.Lab, in.Go.GOVERSION)
	if err != nil {
		return err
	}
	dir := set.folder(in.Lab, sum)
	switch bad := set.check(in.Lab, in.Go.GOVERSION); {
	case len(bad) == 0:
		place.Use(dir)
		in.said(set.name, "already there: %s in %s", set.names(), dir)
		return nil
	case readMarker(filepath.Join(dir, toolsMarker)).Digest == sum: // it was whole once
		for _, t := range set.tools {
			if err := bad[t.name]; err != nil {
				in.said(set.name, "to be replaced: %s: %v", t.name, err)
			}
		}
	}
	var versions, packages []string
	for _, t := range set.tools {
		versions, packages = append(versions, strings.TrimSpace(t.name+" "+t.version(mod))), append(packages, t.pkg)
	}
	return in.timed(set.name, "building "+strings.Join(versions, " and "), func(s *step) error {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		place.Use(dir)
		removeOthers(in.Lab.Dir, ".tools-", "") // what a killed installer left
		// In the lab's directory, so that the rename stays within a file system.
		tmp, err := os.MkdirTemp(in.Lab.Dir, ".tools-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		// The user's own flags and workspace are about the user's own code, not about these programs.
		cmd := proc.Cmd{Name: in.Go.Go(), Dir: in.Lab.Repo, Env: append(in.goEnv(), "GOFLAGS=", "GOWORK=off",
			"GOEXPERIMENT=")}
		flags := []string{"-modfile=" + in.Lab.ToolsMod(), "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w"}
		// A module whose content is not that of tools.sum is an error here, before anything is built.
		if err = s.list(ctx, cmd, flags, packages); err == nil {
			err = s.build(ctx, cmd, append(flags, "-o", tmp+string(filepath.Separator)), packages)
		}
		if err != nil {
			return fmt.Errorf("building %s: %w", set.names(), mendModules(err))
		}
		m := marker{Digest: sum, Made: in.Go.GOVERSION, Files: map[string]proof.File{}}
		for _, t := range set.tools {
			path := filepath.Join(dir, t.name)
			if err := os.Rename(filepath.Join(tmp, t.name), path); err != nil {
				return fmt.Errorf("installing %s: %w", t.name, err)
			}
			if m.Files[t.name], err = proof.Of(path); err != nil {
				return fmt.Errorf("installing %s: %w", t.name, err)
			}
		}
		return writeMarker(filepath.Join(dir, toolsMarker), m)
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
