package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
	"github.com/go-siamese/lab/siamese/version"
)

// Options say how to execute a notebook. Lab, Python, Kernel and Log must be set; the zero value of each of the others
// is the default. No option changes the notebook that is executed but Inplace.
type Options struct {
	Lab     place.Lab
	Python  string         // interpreter of the virtual environment
	Kernel  string         // name of the kernel
	Sets    []notebook.Set // parameters to set
	Out     string         // directory for results; empty: beside the notebook
	Timeout time.Duration  // for each cell; 0 means none
	HTML    bool           // write an HTML page too
	Env     []string       // NAME=VALUE each, added to the kernel's environment
	Inplace bool           // execute the notebook itself; excludes Sets, Out and HTML
	Log     io.Writer      // progress
	Live    bool           // Log is a terminal: show the running cell and its last line
}

// Result is what an execution left. Notebook is "" if nothing was executed.
type Result struct {
	Notebook string  // the executed notebook
	HTML     string  // the HTML page; empty if there is none
	Results  string  // text output of the cells tagged "results"
	Runs     string  // folder of the run's files where parameters gave it one of its own; else empty
	Seconds  float64 // wall time
}

// ErrInterrupted is the error of an execution that was cancelled. What was executed until then is kept.
var ErrInterrupted = errors.New("interrupted; the cells executed so far are kept")

// CellError is the error of an execution in which a cell failed. The executed notebook up to there is kept. Line and
// Message are meant to be printed together: they need no look at the notebook.
type CellError struct {
	Notebook string // the notebook's file
	Cell     int    // counted from 1
	Line     string // the line of the cell's source that the message points to, else its first
	Message  string // what the kernel said
}

// Error returns the notebook, the cell, its line and what the kernel said, which may be several lines.
func (e *CellError) Error() string {
	return fmt.Sprintf("%s: cell %d failed at: %s\n%s", e.Notebook, e.Cell, e.Line, e.Message)
}

// Notebook executes the notebook at path in a fresh kernel, in the notebook's directory. Whether its result can be
// written is found out before anything starts: see [Check]. The result is written atomically at the end, or when a cell
// fails (a *[CellError]) or ctx is done ([ErrInterrupted], after the kernel was interrupted): what was executed is not
// lost, and is in the Result with the error. An *[OutputError] says where it is kept if it could not be written.
//
// The files are NAME.executed.ipynb and NAME.executed.html in o.Out, with the parameters that were set after NAME; with
// Inplace it is the notebook itself. They are written only if every cell succeeded, else NAME.failed.executed.ipynb and
// its page, so that a failure replaces no result of an earlier run. Other errors are of reading, of
// options, of parameters ([notebook.Notebook.Inject]) and of the driver.
//
// While it runs, what was executed is in NAME.running.executed.ipynb, anew after every cell: all but the last cell is
// there if this process or the driver is killed, and the next execution says so. Files of the notebook's parameter Runs
// go to a folder of this execution's own; another execution that writes the same waits until this one has ended.
func Notebook(ctx context.Context, path string, o Options) (Result, error) {
	start := time.Now()
	// The kernel's display name goes into the notebook, and a kernel that is missing is found before anything starts.
	spec, err := setup.ReadSpec(o.Lab, o.Kernel)
	if err != nil {
		return Result{}, fmt.Errorf("kernel %s is not installed: %w", o.Kernel, err)
	}
	p, held, err := own(ctx, path, o)
	defer held.release()
	if err != nil {
		return Result{}, err
	}
	// The driver works on copies: a notebook that is open in an editor changes only once, at the end.
	tmp, err := os.MkdirTemp("", "siamese-run-*")
	if err != nil {
		return Result{}, err
	}
	// only is the only copy of what was executed, where there is no better one; empty: it is not needed.
	only := ""
	defer func() {
		if filepath.Dir(only) != tmp {
			os.RemoveAll(tmp)
		}
	}()
	cwd, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Result{}, err
	}
	base, err := filepath.Abs(p.base)
	if err != nil {
		return Result{}, err
	}
	running := base + runningEnd
	todo := order{Notebook: filepath.Join(tmp, "in.ipynb"), Output: running,
		Elsewhere: []string{filepath.Join(tmp, "out.ipynb"), filepath.Join(o.Lab.State(), filepath.Base(running))},
		Kernel:    o.Kernel, Cwd: cwd, Timeout: o.Timeout.Seconds(), IPC: filepath.Join(tmp, "k"), Log: o.Lab.Log(base)}
	if len(todo.IPC+"-00") > socketPath {
		todo.IPC = ""
	}
	if err := p.nb.Write(todo.Notebook); err != nil {
		return Result{}, err
	}
	if err := os.MkdirAll(filepath.Dir(todo.Log), 0o755); err != nil {
		return Result{}, err
	}
	d, err := startDriver(o.Python, o.Lab, todo, held, o.Env...)
	if err != nil {
		return Result{}, err
	}
	defer d.close()
	stop := d.interruptOn(ctx)
	defer stop()
	// From here on failed is what the execution ended with; it is returned only after its result is written.
	copied := todo.Output // the newest copy
	failed := follow(d, path, p.nb, newProgress(o.Log, o.Live, p.nb), &copied)
	executed, err := notebook.Read(copied)
	if errors.Is(err, fs.ErrNotExist) {
		return Result{}, errors.Join(failed, err) // no cell was executed
	}
	if err != nil {
		only = copied
		return Result{Notebook: copied}, errors.Join(failed, err)
	}
	executed.SetVersion(version.Version)
	if !o.Inplace {
		executed.SetRun(p.code(o))
	}
	executed.Clean(o.Kernel, spec.DisplayName)
	if other := executed.Seal(o.Kernel, o.Sets); len(other) > 0 {
		fmt.Fprintf(o.Log, "cells %v have no receipt: the lab's code changed while the notebook ran\n", other)
	}
	// Results are read before a page is made: they are printed even if that fails.
	result := Result{Results: executed.Results(), Runs: p.runs, HTML: p.page}
	if failed != nil {
		p.fail() // the notebook itself, or the result of an earlier run, stays as it was
		result.HTML = p.page
	}
	content, err := executed.Bytes()
	if err == nil {
		result.Notebook, err = p.keep(content, o.Lab.State(), os.TempDir())
	}
	if err != nil {
		failed = errors.Join(failed, err)
		if result.Notebook == "" {
			only, result.Notebook = copied, copied
		}
	}
	if only == "" {
		for _, path := range append([]string{running}, todo.Elsewhere...) {
			os.Remove(path)
		}
	}
	if failed == nil {
		failed = p.finish(o)
	}
	// All outputs are of this execution. One that could not be signed is shown all the same, without its scripts.
	if failed == nil {
		if err := d.trust(o.Lab, result.Notebook); err != nil {
			failed = fmt.Errorf("signing the notebook: %w", err)
		}
	}
	switch {
	case errors.Is(failed, errGone):
		result.HTML = "" // nobody is left to make the page
	case o.HTML:
		if err := writePage(d, result, tmp); err != nil {
			result.HTML, failed = "", errors.Join(failed, err)
		}
	}
	result.Seconds = time.Since(start).Seconds()
	return result, failed
}

// writePage renders the executed notebook and puts the page in place atomically. tmp is a directory for the driver to
// write to.
func writePage(d *driver, result Result, tmp string) error {
	page := filepath.Join(tmp, "page.html")
	title := strings.TrimSuffix(filepath.Base(result.HTML), pageEnd)
	if err := d.render(result.Notebook, page, title); err != nil {
		return fmt.Errorf("the HTML page: %w", err)
	}
	content, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	return place.WriteFile(result.HTML, bytes.TrimSpace(content), 0o644)
}

// follow reads the driver's events to the end of the execution and shows progress. path names the notebook in errors.
// It returns the first cell's failure, [ErrInterrupted], or what else ended the execution early; nil if all went well.
// copied is set to where the newest copy of the executed notebook is.
func follow(d *driver, path string, nb *notebook.Notebook, p *progress, copied *string) error {
	defer p.end()
	var failed error
	for {
		e, err := d.next()
		if err != nil {
			return errors.Join(failed, err)
		}
		if e.Copy != "" && e.Copy != *copied {
			fmt.Fprintf(p.log, "what was executed is now kept in %s\n", quote.Text(e.Copy))
			*copied = e.Copy
		}
		switch e.Event {
		case "cell":
			p.begin(e.Index)
		case "output":
			p.output(e.Text)
		case "done":
			p.done(e.Index, e.Seconds, e.Error == "")
			if e.Error != "" && failed == nil {
				failed = cellError(path, nb, e)
			}
		// Of the kernel rather than of a cell: it did not start, or died.
		case "failed":
			failed = errors.Join(failed, fmt.Errorf("%s: %s", path, e.Error))
		case "executed":
			if e.Interrupted {
				failed = ErrInterrupted
			}
			if e.Error != "" { // not everything is in a copy
				failed = errors.Join(failed, &OutputError{Path: *copied, Err: errors.New(e.Error)})
			}
			return failed
		}
	}
}
