package setup

import (
	"context"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proc"
)

// staleFormat has `go list` print a line for each package that Go's build cache lacks.
const staleFormat = "{{if .Stale}}{{.ImportPath}}{{end}}"

// list fetches the modules that packages need, and adds to the step how many packages are to be compiled for them. cmd
// says where and with which environment to run the go command; flags are those of the build that follows, since they
// decide what the cache has.
func (s *step) list(ctx context.Context, cmd proc.Cmd, flags, packages []string) error {
	cmd.Args = append(append([]string{"list", "-deps", "-f", staleFormat}, flags...), packages...)
	out, err := cmd.Run(ctx)
	s.expect(len(strings.Fields(out)))
	return err
}

// build compiles packages, and counts them on the step as go prints their paths. cmd and flags are as for list.
func (s *step) build(ctx context.Context, cmd proc.Cmd, flags, packages []string) error {
	cmd.Args = append(append([]string{"build", "-v"}, flags...), packages...)
	cmd.OnLine = func(line string) {
		if line != "" && !strings.ContainsAny(line, " :") { // the path of a package, not a message
			s.count()
		}
	}
	_, err := cmd.Run(ctx)
	return err
}
