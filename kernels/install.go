package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// install finds the lab from --dir and the current directory, and puts in place what the options want and is missing.
// It prints progress on out. run and lab call it too, so that the one command that a user needs to know installs what
// it needs.
func (c *cli) install(ctx context.Context, options setup.Options, out io.Writer) (place.Lab, setup.Result, error) {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return place.Lab{}, setup.Result{}, err
	}
	// Whether a line can be rewritten is the writer's affair, not the user's choice.
	options.Live = isTerminal(out)
	installer, err := setup.New(ctx, lab, options, out)
	if err != nil {
		return place.Lab{}, setup.Result{}, err
	}
	result, err := installer.Install(ctx)
	return lab, result, err
}

// installCmd is `install`.
type installCmd struct {
	setup.Options
	User      bool   `help:"Register the kernels in the user's own Jupyter too."`
	SysPrefix bool   `name:"sys-prefix" help:"Register them in the active Python environment's Jupyter too."`
	Name      string `placeholder:"NAME" help:"With these: begin the kernels' names with it (default: siamese)."`
	Offline   string `placeholder:"DIR" help:"Install from a bundle, and fetch nothing: see bundle."`
	Verify    bool   `help:"Compare the bytes of all that is there with what was installed, and replace what differs."`
}

// The errors of a name for kernels that are not registered anywhere, and of one that Jupyter does not take.
var (
	errNameAlone = errors.New("--name goes with --user or --sys-prefix: the lab's own kernels keep their names")
	errName      = errors.New("--name: letters of ASCII, digits, -, _ and . only, at most 32")
)

// Validate returns an error if the flags do not go together.
func (i *installCmd) Validate() error {
	switch {
	case i.Name != "" && !i.User && !i.SysPrefix:
		return errNameAlone
	case i.Name != place.Plain(i.Name):
		return errName
	}
	return i.Options.Validate()
}

// Run installs everything, including what JupyterLab's completion needs.
func (i *installCmd) Run(ctx context.Context, out io.Writer, c *cli) error {
	options := i.Options
	options.Gopls, options.Retry, options.Verify, options.Name = true, true, i.Verify, i.Name
	if i.Offline != "" {
		dir, err := filepath.Abs(i.Offline)
		if err != nil {
			return err
		}
		options.Offline = dir
	}
	for _, to := range []struct {
		wanted bool
		find   func() (string, error)
	}{{i.User, setup.UserKernels}, {i.SysPrefix, setup.PrefixKernels}} {
		if !to.wanted {
			continue
		}
		dir, err := to.find()
		if err != nil {
			return err
		}
		options.Register = append(options.Register, dir)
	}
	_, _, err := c.install(ctx, options, out)
	return err
}

// doctorCmd is `doctor`.
type doctorCmd struct {
	JSON  bool `name:"json" help:"Print JSON."`
	Quick bool `help:"Only look at what is there: compile, import, load and run nothing."`
}

// Run prints what is there, what is missing, and what does not work when it is tried. It changes nothing, and fails if
// something is missing or damaged that the lab does not work without. What takes long is said on progress.
func (d *doctorCmd) Run(ctx context.Context, out io.Writer, c *cli, progress progress) error {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return err
	}
	try := trial{lab}
	report := setup.Doctor(ctx, lab, setup.Examination{Quick: d.Quick, Cell: try.cell, Portable: try.portable,
		Slow: func(name string) { fmt.Fprintf(progress, "trying: %s …\n", name) }})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if d.JSON {
		err = report.JSON(out)
	} else {
		err = report.Text(out)
	}
	// The report says what is missing; an error text would say it again.
	if err == nil && !report.Healthy() {
		err = errFailed
	}
	return err
}
