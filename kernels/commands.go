package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// runCmd is `run`.
type runCmd struct {
	setup.Options

	Notebooks []string       `arg:"" optional:"" name:"notebook" help:"Notebooks (default: the quickstart)."`
	Params    []notebook.Set `name:"param" short:"p" sep:"none" placeholder:"NAME=VALUE" help:"Set a parameter."`
	Kernel    string         `enum:"auto,siamese-xla,siamese-go,siamese-cuda" default:"auto" help:"${enum} (auto: the best)."`
	Out       string         `placeholder:"DIR" help:"Where results are written (default: beside the notebook)."`
	Timeout   time.Duration  `placeholder:"TIME" help:"Longest time for a cell, such as 10m; 0 = none."`
	HTML      bool           `default:"true" negatable:"" help:"Write an HTML page too."`
	Inplace   bool           `help:"Execute the notebook itself, for committing it; writes no HTML page."`
}

// errInplace is the error of parameters for a notebook that is to be committed: its outputs would belong to other
// values than its own cells show. It stays where it is, too.
var errInplace = errors.New("--inplace keeps the notebook's own parameters and place: " +
	"it goes with neither -p nor --out")

// Validate returns an error if the flags do not go together or are out of range. kong calls it after parsing, so that
// nothing is installed for a wrong command line.
func (r *runCmd) Validate() error {
	if r.Inplace && (len(r.Params) > 0 || r.Out != "") {
		return errInplace
	}
	if r.Timeout < 0 {
		return fmt.Errorf("--timeout: %v is less than 0", r.Timeout)
	}
	return r.Options.Validate()
}

// Run finds out whether all notebooks can be executed and their results written, installs what that needs, which is no
// gopls, and executes them one after the other, up to the first that fails. Relative paths are relative to the current
// directory, the default notebook is that of the checkout.
func (r *runCmd) Run(ctx context.Context, out io.Writer, c *cli) error {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return err
	}
	paths := r.Notebooks
	if len(paths) == 0 {
		paths = []string{filepath.Join(lab.Notebooks(), "quickstart.ipynb")}
	}
	// A page of the executed notebook is of no use where the notebook itself is what is wanted.
	o := jupyter.Options{Lab: lab, Kernel: r.Kernel, Sets: r.Params, Out: r.Out, Timeout: r.Timeout,
		HTML: r.HTML && !r.Inplace, Inplace: r.Inplace, Log: out, Live: isTerminal(out)}
	if err := jupyter.Check(paths, o); err != nil {
		return err
	}
	options := r.Options
	if r.Kernel != "auto" {
		options.Kernel = r.Kernel
	}
	_, result, err := c.install(ctx, options, out)
	if err != nil {
		return err
	}
	o.Python = result.Python
	// With auto the installer decides: XLA where it can be had, else Go.
	if r.Kernel == "auto" {
		o.Kernel = result.Kernel
	}
	for _, path := range paths {
		if err := runOne(ctx, path, o, out); err != nil {
			return err
		}
	}
	return nil
}

// runOne executes one notebook and prints its results, the files written and the wall time on out. Where a cell fails,
// what was executed until then is printed and kept too, and the error is about the cell.
func runOne(ctx context.Context, path string, o jupyter.Options, out io.Writer) error {
	fmt.Fprintf(out, "\n%s on %s\n", short(path), o.Kernel)
	// The name comes before the progress, which tells cells apart but not notebooks.
	result, err := jupyter.Notebook(ctx, path, o)
	// Before the error: the cells that succeeded may have said why the next one failed.
	if result.Results != "" {
		fmt.Fprintf(out, "\n%s\n", quote.Lines(result.Results))
	}
	if result.Notebook != "" {
		fmt.Fprintf(out, "\nwritten: %s", short(result.Notebook))
		if result.HTML != "" {
			fmt.Fprintf(out, " and %s", short(result.HTML))
		}
		fmt.Fprintf(out, " in %.1f s\n", result.Seconds)
	}
	if result.Runs != "" {
		const told = "files of this run: %s beside the notebook, since it has other parameters (-p %s=FOLDER for another)\n"
		fmt.Fprintf(out, told, result.Runs, notebook.ParameterRuns)
	}
	return err
}

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
		if len(findings) == 0 {
			fmt.Fprintf(out, "%s: fit to be committed\n", short(path))
		}
	}
	if bad {
		return errFailed
	}
	return nil
}

// committed returns the notebooks of a directory, sorted by name, without the results of runs, which are called
// NAME.executed.ipynb and not committed. It fails if there are none: a check of nothing would pass.
func committed(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
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
