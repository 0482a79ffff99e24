package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/openfile"

	"golang.org/x/term"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// labCmd is `lab`.
type labCmd struct {
	setup.Options

	// IP is an address of this machine; JupyterLab asks for its token on any of them.
	IP   string `name:"ip" default:"127.0.0.1" placeholder:"ADDRESS" help:"Address to listen on. ${open}"`
	Port int    `placeholder:"PORT" help:"Port to listen on; 0 = JupyterLab's choice."`
	// Extra are passed on as they stand, after ours, so that they win.
	Extra []string `arg:"" optional:"" name:"argument" help:"Further arguments of JupyterLab, after --."`
}

// openHelp is what ${open} stands for in a flag's help.
const openHelp = "Any other than this machine's own opens the lab to the network, behind its token."

// Validate returns an error if the flags do not go together or are out of range. An address is left to JupyterLab,
// which also takes names.
func (l *labCmd) Validate() error {
	if l.Port < 0 || l.Port > 65535 {
		return fmt.Errorf("--port: %d is not in [0, 65535]", l.Port)
	}
	return l.Options.Validate()
}

// Run installs everything and runs JupyterLab until it is stopped.
func (l *labCmd) Run(ctx context.Context, out io.Writer, c *cli) error {
	options := l.Options
	options.Gopls = true
	lab, result, err := c.install(ctx, options, out)
	if err != nil {
		return err
	}
	return jupyter.Lab(ctx, jupyter.LabOptions{Lab: lab, Python: result.Python, Kernel: result.Kernel,
		IP: l.IP, Port: l.Port, Extra: l.Extra, Out: out})
}

// checkCmd is `check`, to be run before notebooks are committed.
type checkCmd struct {
	Notebooks []string `arg:"" optional:"" name:"notebook" help:"Notebooks (default: those of notebooks/)."`
}

// Run prints every finding, with the notebook and the cell, and fails if there is one.
func (k *checkCmd) Run(out io.Writer, c *cli) error {
	// Only the default needs the checkout: notebooks that are named may be anywhere.
	paths := k.Notebooks
	if len(paths) == 0 {
		lab, err := place.Find(c.Dir, ".")
		if err != nil {
			return err
		}
		if paths, err = committed(lab.Notebooks()); err != nil {
			return err
		}
	}
	// bad is kept to the end, so that the findings of all notebooks are printed.
	bad := false
	for _, path := range paths {
		// All notebooks are checked, whatever is found in the first.
		findings, err := notebook.CheckFile(path)
		if err != nil {
			return err
		}
		for _, f := range findings {
			bad = true
			fmt.Fprintf(out, "%s: %s\n", short(path), quote.Line(f.String()))
		}
		if line := hint(c.Dir, path); len(findings) > 0 && line != "" {
			fmt.Fprintf(out, "%s: %s\n", short(path), line)
		}
		if len(findings) == 0 {
			fmt.Fprintf(out, "%s: fit to be committed\n", short(path))
		}
	}
	if bad {
		return errFailed
	}
	return nil
}

// hint returns which line gives a notebook receipts that the kernel has kept, since it was saved by a front end that has
// none; "" = there are none to be had, or there is no checkout.
func hint(dir, path string) string {
	lab, err := place.Find(dir, ".")
	if err != nil {
		return ""
	}
	_, before, after, err := stamped(lab, path)
	if err != nil || after <= before {
		return ""
	}
	return fmt.Sprintf("it was saved by a front end that keeps no receipts, such as VS Code; the kernel has those of %d more "+
		"cells: %s receipts %s", after-before, name, short(path))
}

// committed returns the notebooks of a directory, sorted by name, without the results of runs, which are called
// NAME.executed.ipynb and not committed. It fails if there are none: a check of nothing would pass.
func committed(dir string) ([]string, error) {
	paths, err := openfile.Glob(dir, "*.ipynb")
	if err != nil {
		return nil, err
	}
	paths = slices.DeleteFunc(paths, func(p string) bool {
		return strings.HasSuffix(p, ".executed.ipynb")
	})
	if len(paths) == 0 {
		return nil, fmt.Errorf("there are no notebooks in %s", dir)
	}
	return paths, nil
}

// short returns a path relative to the current directory where that is shorter, for printing only.
func short(path string) string {
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, path); err == nil && len(rel) < len(path) {
			path = rel
		}
	}
	return quote.Text(path)
}

// isTerminal reports whether a writer is a terminal, where a line can be rewritten.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
