package main

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// bundleCmd is `bundle`.
type bundleCmd struct {
	Dir    string `arg:"" name:"dir" help:"Folder to write to: a new one, or an older bundle, which is replaced."`
	Python string `placeholder:"PROGRAM" help:"Python of the version that the other machine has."`
	NoXLA  bool   `name:"no-xla" help:"Leave the XLA plugin out."`
}

// Run writes the bundle.
func (b *bundleCmd) Run(ctx context.Context, out io.Writer, c *cli) error {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return err
	}
	options := setup.Options{Python: b.Python, NoXLA: b.NoXLA, Live: isTerminal(out)}
	installer, err := setup.New(ctx, lab, options, out)
	if err != nil {
		return err
	}
	if err := installer.Bundle(ctx, b.Dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "on a machine of the same system, in the same state of the checkout:\n"+
		"  GOPROXY=%s GOSUMDB=off %s install --offline %s\n", quote.Text(setup.BundleProxy(b.Dir)), name, quote.Text(b.Dir))
	return nil
}

// uninstallCmd is `uninstall`.
type uninstallCmd struct {
	All bool `help:"Remove what other checkouts have in the lab's directory too."`
}

// Run removes what was installed, and prints each folder that it removes.
func (u *uninstallCmd) Run(ctx context.Context, out io.Writer, c *cli) error {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return err
	}
	return setup.Uninstall(ctx, lab, u.All, func(format string, args ...any) {
		fmt.Fprintln(out, quote.Line(fmt.Sprintf(format, args...)))
	})
}
