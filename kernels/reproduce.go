package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/kept"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/reproduce"
	"github.com/go-siamese/lab/kernels/internal/setup"
	"github.com/go-siamese/lab/siamese/version"
)

// reproduceCmd is `reproduce`.
type reproduceCmd struct {
	setup.Options

	Notebooks []string      `arg:"" optional:"" name:"notebook" help:"Saved notebooks (default: those of notebooks/)."`
	Kernel    string        `enum:"saved,siamese-xla,siamese-go,siamese-cuda" default:"saved" help:"${enum} (saved: as it was)."`
	Tolerance float64       `placeholder:"NUMBER" help:"Numbers that differ by no more are within; 0 = none."`
	Timeout   time.Duration `placeholder:"TIME" help:"Longest time for a cell, such as 10m; 0 = none."`
	Fresh     bool          `help:"Execute every cell, whatever was kept."`
	Clear     bool          `help:"Forget what was kept of cells, and do nothing else."`
	JSON      string        `name:"json" placeholder:"FILE" help:"Write the verdict as JSON; - = print it."`
	HTML      string        `name:"html" placeholder:"FILE" help:"Write a page with both sides of what differs."`
}

// errClear is the error of notebooks that are named with --clear.
var errClear = errors.New("--clear forgets what was kept of all notebooks: it goes with none")

// Validate returns an error if the flags do not go together or are out of range.
func (r *reproduceCmd) Validate() error {
	switch {
	case r.Timeout < 0:
		return fmt.Errorf("--timeout: %v is less than 0", r.Timeout)
	case r.Tolerance < 0 || math.IsNaN(r.Tolerance) || math.IsInf(r.Tolerance, 0):
		return fmt.Errorf("--tolerance: %v is not a number of 0 or more", r.Tolerance)
	case r.HTML == "-":
		return errors.New("--html: a page goes to a file")
	case r.Clear && len(r.Notebooks) > 0:
		return errClear
	}
	return r.Options.Validate()
}

// Run reproduces the notebooks one after the other and prints the verdict on each. It fails unless every cell is the
// same or within what is expected.
func (r *reproduceCmd) Run(ctx context.Context, out io.Writer, errOut progress, c *cli) error {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return err
	}
	if r.Clear {
		return kept.NewStore(lab).Clear()
	}
	paths := r.Notebooks
	if len(paths) == 0 {
		if paths, err = committed(lab.Notebooks()); err != nil {
			return err
		}
	}
	// Before anything is executed: a file that is no notebook, a report that cannot be written.
	kernels, err := r.check(paths)
	if err != nil {
		return err
	}
	// What is printed as JSON stands alone on the output.
	told := out
	if r.JSON == "-" {
		told = errOut.Writer
	}
	o := reproduce.Options{Lab: lab, Tolerance: r.Tolerance, Timeout: r.Timeout, Fresh: r.Fresh, Log: told,
		Live: isTerminal(told)}
	if r.Kernel != "saved" {
		o.Kernel = r.Kernel
	}
	var verdicts []reproduce.Notebook
	for i, path := range paths {
		fmt.Fprintf(told, "\n%s on %s\n", short(path), quote.Text(kernels[i]))
		v, err := r.one(ctx, path, &o, c, kernels)
		if err != nil {
			return err
		}
		if err := v.Text(told); err != nil {
			return err
		}
		verdicts = append(verdicts, v)
	}
	report := reproduce.NewReport(version.Version, r.Tolerance, verdicts)
	if err := r.write(report, out); err != nil {
		return err
	}
	if !report.Good {
		return errFailed
	}
	return nil
}

// one reproduces a notebook, from what was kept where that will do. What executing needs is installed before the first
// notebook that is executed: o gets its Python.
func (r *reproduceCmd) one(ctx context.Context, path string, o *reproduce.Options, c *cli, kernels []string) (
	reproduce.Notebook, error) {
	if !r.Fresh {
		if v, ok, err := reproduce.FromKept(ctx, path, *o); ok || err != nil {
			return v, err
		}
	}
	if o.Python == "" {
		options := r.Options
		switch {
		case slices.Contains(kernels, setup.KernelCUDA):
			options.Kernel = setup.KernelCUDA
		case !slices.Contains(kernels, setup.KernelXLA):
			options.Kernel = setup.KernelGo
		}
		_, result, err := c.install(ctx, options, o.Log)
		if err != nil {
			return reproduce.Notebook{}, err
		}
		if options.Kernel == "" && result.Kernel != setup.KernelXLA {
			return reproduce.Notebook{}, &noXLAError{result.Why}
		}
		o.Python = result.Python
	}
	return reproduce.Execute(ctx, path, *o)
}

// noXLAError is the error of a notebook that was saved with a kernel that cannot be had here.
type noXLAError struct{ why string }

// Error says why, and what can be done.
func (e *noXLAError) Error() string {
	const text = "kernel %s is not installed: the backend is %s\n" +
		"--kernel %s executes it in pure Go, where numbers may differ"
	return fmt.Sprintf(text,
		setup.KernelXLA, e.why, setup.KernelGo)
}

// check returns the kernel of each notebook, or what would keep the command from its end.
func (r *reproduceCmd) check(paths []string) (kernels []string, err error) {
	var faults []error
	for _, path := range paths {
		nb, err := notebook.Read(path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		kernel := r.Kernel
		if kernel == "saved" {
			kernel = nb.Kernel()
		}
		if !slices.Contains([]string{setup.KernelGo, setup.KernelXLA, setup.KernelCUDA}, kernel) {
			faults = append(faults, fmt.Errorf("%s: it names the kernel %q, not one of ours: --kernel names one", path,
				kernel))
		}
		kernels = append(kernels, kernel)
	}
	for _, path := range []string{r.JSON, r.HTML} {
		if path == "" || path == "-" && path == r.JSON {
			continue
		}
		if info, err := os.Stat(filepath.Dir(path)); err != nil {
			faults = append(faults, err)
		} else if !info.IsDir() {
			faults = append(faults, &fs.PathError{Op: "write", Path: path, Err: errors.New("not in a directory")})
		} else if info, err := os.Stat(path); err == nil && info.IsDir() {
			faults = append(faults, &fs.PathError{Op: "write", Path: path, Err: errors.New("it is a directory")})
		}
	}
	return kernels, errors.Join(faults...)
}

// write writes the report where the flags say.
func (r *reproduceCmd) write(report reproduce.Report, out io.Writer) error {
	var faults []error
	put := func(path string, write func(io.Writer) error) {
		var b bytes.Buffer
		err := write(&b)
		switch {
		case err != nil:
		case path == "-":
			_, err = out.Write(b.Bytes())
		default:
			err = place.WriteFile(path, b.Bytes(), 0o644)
		}
		faults = append(faults, err)
	}
	if r.JSON != "" {
		put(r.JSON, report.JSON)
	}
	if r.HTML != "" {
		put(r.HTML, report.Page)
	}
	return errors.Join(faults...)
}
