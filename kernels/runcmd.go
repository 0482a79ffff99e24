package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/params"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/reproduce"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// runCmd is `run`.
type runCmd struct {
	setup.Options

	Notebooks []string       `arg:"" optional:"" name:"notebook" help:"Notebooks (default: the quickstart)."`
	Params    []notebook.Set `name:"param" short:"p" sep:"none" placeholder:"NAME=VALUE" help:"${param}"`
	File      string         `name:"params" placeholder:"FILE" help:"Set the parameters of a YAML or JSON file; -p wins."`
	Jobs      int            `short:"j" default:"1" placeholder:"N" help:"Runs at once (default: ${default})."`
	Resume    bool           `help:"Leave out runs that were done before, by the same code and parameters."`
	Table     string         `placeholder:"FILE" help:"Write settings and results of all runs, as .csv or .json."`
	Kernel    string         `enum:"auto,siamese-xla,siamese-go,siamese-cuda" default:"auto" help:"${enum} (auto: the best)."`
	Out       string         `placeholder:"DIR" help:"Where results are written (default: beside the notebook)."`
	Timeout   limit          `placeholder:"TIME" help:"Longest time for a cell: 10m, 1.5s, or seconds; 0 = none."`
	HTML      bool           `default:"true" negatable:"" help:"Write an HTML page too."`
	Inplace   bool           `help:"Execute the notebook itself, for committing it; writes no HTML page."`
}

// paramHelp is what ${param} stands for in a flag's help.
const paramHelp = "Set a parameter. Several values of a number, such as Seed=1,2,3, are a run each."

// limit is a time that a user gives: a duration, or a number of seconds.
type limit time.Duration

// UnmarshalText implements [encoding.TextUnmarshaler].
func (l *limit) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		seconds, wrong := strconv.ParseFloat(string(text), 64)
		if wrong != nil || !(math.Abs(seconds) < math.MaxInt64/float64(time.Second)) {
			return fmt.Errorf("%q is no time such as 10m, 1.5s or 90 (seconds)", text)
		}
		d = time.Duration(math.Round(seconds * float64(time.Second)))
	}
	*l = limit(d)
	return nil
}

// errInplace is the error of parameters for a notebook that is to be committed: its outputs would belong to other
// values than its own cells show. It stays where it is, too.
var errInplace = errors.New("--inplace keeps the notebook's own parameters and place: " +
	"it goes with neither -p, --params, --out nor --resume")

// Validate returns an error if the flags do not go together or are out of range. kong calls it after parsing, so that
// nothing is installed for a wrong command line.
func (r *runCmd) Validate() error {
	if r.Inplace && (len(r.Params) > 0 || r.File != "" || r.Out != "" || r.Resume) {
		return errInplace
	}
	if r.Timeout < 0 {
		return fmt.Errorf("--timeout: %v is less than 0", time.Duration(r.Timeout))
	}
	if r.Jobs < 1 {
		return fmt.Errorf("-j: %d runs at once is less than 1", r.Jobs)
	}
	if ext := strings.ToLower(filepath.Ext(r.Table)); r.Table != "" && ext != ".csv" && ext != ".json" {
		return fmt.Errorf("--table: %s ends with neither .csv nor .json", r.Table)
	}
	return r.Options.Validate()
}

// Run finds out whether all notebooks can be executed and their results written, installs what that needs, which is no
// gopls, and executes them, also where one has failed. Relative paths are relative to the current directory, the default
// notebook is that of the checkout.
func (r *runCmd) Run(ctx context.Context, out io.Writer, c *cli) error {
	lab, err := place.Find(c.Dir, ".")
	if err != nil {
		return err
	}
	paths := r.Notebooks
	if len(paths) == 0 {
		paths = []string{filepath.Join(lab.Notebooks(), "quickstart.ipynb")}
	}
	asked, err := r.asked(os.Environ(), out)
	if err != nil {
		return err
	}
	// A page of the executed notebook is of no use where the notebook itself is what is wanted.
	o := jupyter.Options{Lab: lab, Kernel: r.Kernel, Out: r.Out, Timeout: time.Duration(r.Timeout),
		HTML: r.HTML && !r.Inplace, Inplace: r.Inplace, Log: out, Live: isTerminal(out)}
	jobs, err := jupyter.Jobs(paths, asked, o)
	if err == nil && r.Table != "" {
		err = jupyter.Writable(r.Table)
	}
	if err != nil {
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
	return r.all(ctx, jobs, o, out)
}

// asked returns the parameters that are asked for: the environment's, over which those of the file win, over which those
// of the command line win. Those that the command line does not show are told on out.
func (r *runCmd) asked(environ []string, out io.Writer) ([]notebook.Asked, error) {
	env, err := params.Env(environ)
	if err != nil {
		return nil, err
	}
	if r.Inplace && len(env) > 0 {
		return nil, fmt.Errorf("%w (unset %s)", errInplace, env[0].From)
	}
	var file, line []notebook.Asked
	if r.File != "" {
		if file, err = params.Read(r.File); err != nil {
			return nil, err
		}
	}
	for _, set := range r.Params {
		line = append(line, notebook.Asked{Set: set})
	}
	all := params.Over(env, file, line)
	for _, a := range all {
		if a.From != "" {
			fmt.Fprintf(out, "parameter %s = %s, from %s\n", a.Name, quote.Text(a.Text()), quote.Text(a.From))
		}
	}
	return all, nil
}

// all executes jobs and prints what came of them. Of several of one notebook it prints a table; its error has that of
// each.
func (r *runCmd) all(ctx context.Context, jobs []jupyter.Job, o jupyter.Options, out io.Writer) error {
	var mu sync.Mutex // for out, in what is printed at a job's end
	parallel := r.Jobs > 1 && len(jobs) > 1
	label := labels(jobs)
	begin := func(job jupyter.Job) (jupyter.Options, func(jupyter.Outcome)) {
		o, name := o, label(job)
		if parallel {
			o.Log, o.Live = &prefixed{mu: &mu, out: out, prefix: name + "  "}, false
		}
		// The name comes before the progress, which tells cells apart but not notebooks.
		mu.Lock()
		fmt.Fprintf(out, "\n%s on %s\n", name, o.Kernel)
		mu.Unlock()
		keep := reproduce.Keep(ctx, o.Lab, o.Kernel, job.Path)
		return o, func(outcome jupyter.Outcome) {
			if outcome.Err == nil && outcome.State != jupyter.Kept {
				_ = keep(outcome.Result.Notebook) // what is not kept is executed again
			}
			if log, ok := o.Log.(*prefixed); ok {
				log.end()
			}
			mu.Lock()
			defer mu.Unlock()
			if parallel {
				fmt.Fprintf(out, "\n%s: %s\n", name, outcome.State)
			}
			tell(outcome, out)
		}
	}
	table := jupyter.Table(jupyter.All(ctx, jobs, r.Jobs, r.Resume, begin))
	var faults []error
	for _, outcome := range table {
		if err := outcome.Err; err != nil && len(jobs) > 1 {
			faults = append(faults, fmt.Errorf("%s: %w", label(outcome.Job), err))
		} else if err != nil {
			faults = append(faults, err)
		}
	}
	if len(jobs) > 1 {
		if slices.ContainsFunc(jobs[1:], func(j jupyter.Job) bool { return j.Path == jobs[0].Path }) {
			fmt.Fprintf(out, "\n%s", table) // other notebooks have other numbers: there is nothing to compare
		}
		if ctx.Err() != nil || len(faults) > 0 {
			fmt.Fprintln(out, "\nthe same command with --resume leaves out what is done")
		}
	}
	if r.Table != "" {
		if err := r.write(table); err != nil {
			faults = append(faults, err)
		} else {
			fmt.Fprintf(out, "written: %s\n", short(r.Table))
		}
	}
	return errors.Join(faults...)
}

// write writes the table to the file that is asked for.
func (r *runCmd) write(table jupyter.Table) error {
	var content strings.Builder
	as := table.CSV
	if strings.EqualFold(filepath.Ext(r.Table), ".json") {
		as = table.JSON
	}
	if err := as(&content); err != nil {
		return err
	}
	return place.WriteFile(r.Table, []byte(content.String()), 0o644)
}

// labels returns what names a job among others: its notebook, and those of its parameters that differ.
func labels(jobs []jupyter.Job) func(jupyter.Job) string {
	values := map[string]map[string]bool{} // of each parameter
	for _, job := range jobs {
		for _, set := range job.Sets {
			if values[set.Name] == nil {
				values[set.Name] = map[string]bool{}
			}
			values[set.Name][set.Value] = true
		}
	}
	return func(job jupyter.Job) string {
		name := short(job.Path)
		for _, set := range job.Sets {
			if len(values[set.Name]) > 1 {
				name += " " + quote.Text(set.Name+"="+set.Value)
			}
		}
		return name
	}
}

// tell prints what came of one job: its results, the files written and the wall time. What was executed until a cell
// failed is printed and kept too.
func tell(outcome jupyter.Outcome, out io.Writer) {
	result := outcome.Result
	// Before the error: the cells that succeeded may have said why the next one failed.
	if result.Results != "" {
		fmt.Fprintf(out, "\n%s\n", quote.Lines(result.Results))
	}
	switch {
	case outcome.State == jupyter.Kept:
		fmt.Fprintf(out, "\ndone before: %s\n", short(result.Notebook))
	case result.Notebook != "":
		fmt.Fprintf(out, "\nwritten: %s", short(result.Notebook))
		if result.HTML != "" {
			fmt.Fprintf(out, " and %s", short(result.HTML))
		}
		fmt.Fprintf(out, " in %.1f s\n", result.Seconds)
	}
	if result.Runs != "" {
		const told = "files of this run: %s beside the notebook (-p %s=FOLDER for another)\n"
		fmt.Fprintf(out, told, quote.Text(result.Runs), notebook.ParameterRuns)
	}
}
