package setup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
)

// cellPackages are what cells import: everything in the checkout that notebooks may use, and GoNB's own library.
var cellPackages = []string{place.ModulePath + "/data/...", place.ModulePath + "/siamese/...",
	gonbui, gonbui + "/dom", gonbui + "/widgets"}

// gonbui is the import path of GoNB's library for displays and widgets.
const gonbui = "github.com/janpfeifer/gonb/gonbui"

// importable has `go list` print those packages that a cell can import. Commands are left out, and directories without
// a package. Internal ones come along: they are compiled for those that import them anyway.
const importable = `{{if not (or (eq .Name "main") (eq .Name ""))}}{{.ImportPath}}{{end}}`

// ensureWarm fetches the modules that cells need, since a kernel fetches nothing, and compiles them for one kernel so
// that its first cell does not have to. It does so as a cell would, from a module of its own in a workspace with the
// checkout: a workspace wants the go.mod files of many modules that the checkout alone does without. Packages of the
// checkout that do not compile are said, not an error: the cell that imports them will say it again.
func (in *Installer) ensureWarm(ctx context.Context, kernel string) error {
	mod, err := os.ReadFile(filepath.Join(in.Lab.Repo, "go.mod"))
	if err != nil {
		return err
	}
	// One marker for each kernel: their flags differ, so each needs its own compilation. The sources of the checkout
	// are not in the digest: the cells that import them compile what has changed since.
	path := filepath.Join(in.Lab.Checkout(), ".warm-"+kernel+".json")
	sum := digest(in.Lab.Repo, string(mod), in.Go.GOVERSION, in.Go.GOCACHE, in.Go.GOMODCACHE,
		strings.Join(cellPackages, " "))
	if readMarker(path).Digest == sum && !in.Options.Recompile {
		in.said("modules", "already there: compiled for %s", kernel)
		return nil
	}
	// The environment of the kernel, except that modules may be fetched now.
	env := append(in.goEnv(), "GOWORK=")
	for _, key := range []string{"GOEXPERIMENT", "CGO_ENABLED", "GOFLAGS"} {
		if value, ok := newSpec(kernel, in.Lab, in.Go, folders{}, "").Env[key]; ok {
			env = append(env, key+"="+value)
		}
	}
	tmp, err := os.MkdirTemp("", "siamese-warm-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	cmd := proc.Cmd{Name: in.Go.Go(), Dir: tmp, Env: env}
	run := func(args ...string) (string, error) {
		cmd := cmd
		cmd.Args = args
		return cmd.Run(ctx)
	}
	var broken error
	err = in.timed("modules", "fetching what cells import and compiling it for "+kernel, func(s *step) error {
		var packages []string
		// The output that counts is that of the last command, the list of packages.
		for _, args := range [][]string{
			{"mod", "init", "cell"}, {"work", "init"}, {"work", "use", ".", in.Lab.Repo},
			append([]string{"list", "-f", importable}, cellPackages...),
		} {
			out, err := run(args...)
			if err != nil {
				return fetching(err)
			}
			packages = strings.Fields(out)
		}
		if err := s.list(ctx, cmd, nil, packages); err != nil {
			return fetching(err)
		}
		cmd.Env = append(cmd.Env, "GOPROXY=off", "GOSUMDB=off") // from here on as in the kernel
		// Kept apart from the error of fetching: a checkout that does not compile is the user's work in progress.
		broken = s.build(ctx, cmd, nil, packages)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	// Without a marker, so that the next installation tries again.
	if broken != nil {
		in.said("modules", "the checkout does not compile, cells that import it will fail: %v", broken)
		return nil
	}
	return writeMarker(path, marker{Digest: sum, Made: in.Go.GOVERSION})
}

// fetching returns the error of fetching modules, with what to do about it.
func fetching(err error) error {
	return fmt.Errorf("fetching the modules that cells import: %w", mendModules(err))
}
