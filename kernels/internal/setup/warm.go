package setup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proc"
)

// cellPackages are what cells import: everything in the checkout that notebooks may use, and GoNB's own library.
var cellPackages = []string{"./data/...", "./siamese/...", "github.com/janpfeifer/gonb/gonbui", "github.com/janpfeifer/gonb/gonbui/dom", "github.com/janpfeifer/gonb/gonbui/widgets"}

// ensureWarm fetches the modules that cells need, since a kernel fetches nothing, and compiles them for one kernel so
// that its first cell does not have to. Packages of the checkout that do not compile are said, not an error: the cell
// that imports them will say it again.
func (in *Installer) ensureWarm(ctx context.Context, kernel string) error {
	spec, err := ReadSpec(in.Lab, kernel)
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(in.Lab.Repo, "go.mod"))
	if err != nil {
		return err
	}
	path := filepath.Join(in.Lab.Dir, ".warm-"+kernel+".json")
	sum := digest(in.Lab.Repo, string(mod), in.Go.GOVERSION, in.Go.GOCACHE, in.Go.GOMODCACHE, strings.Join(cellPackages, " "))
	if readMarker(path).Digest == sum {
		in.said("modules", "already there: compiled for %s", kernel)
		return nil
	}
	env := []string{"GOPROXY=" + in.Go.GOPROXY, "GOWORK=off"}
	for _, key := range []string{"GOEXPERIMENT", "CGO_ENABLED", "GOFLAGS"} {
		if value, ok := spec.Env[key]; ok {
			env = append(env, key+"="+value)
		}
	}
	run := func(args ...string) error {
		_, err := proc.Cmd{Name: in.Go.Go(), Args: append(args, cellPackages...), Dir: in.Lab.Repo, Env: env}.Run(ctx)
		return err
	}
	var broken error
	err = in.timed("modules", "fetching what cells import and compiling it for "+kernel, func() error {
		if err := run("list", "-deps", "-f", "{{with .Module}}{{end}}"); err != nil {
			return fmt.Errorf("fetching the modules that cells import: %w\n  mend: if the network failed, check it and GOPROXY, then run this again", err)
		}
		broken = run("build")
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if broken != nil {
		in.said("modules", "the checkout does not compile, cells that import it will fail: %v", broken)
		return nil
	}
	return writeMarker(path, marker{Digest: sum, Made: in.Go.GOVERSION})
}
