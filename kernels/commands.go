package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// parse reads flags that may stand before, between and after the other arguments, and returns the latter.
// Everything after "--" is an argument.
func parse(flags *flag.FlagSet, args []string, out io.Writer) ([]string, error) {
	flags.SetOutput(out)
	var tail, rest []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, tail = args[:i], args[i+1:]
	}
	for {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, usageError{err}
		}
		if flags.NArg() == 0 {
			return append(rest, tail...), nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

// installFlags defines the flags of everything that installs.
func installFlags(flags *flag.FlagSet) (dir *string, options *setup.Options) {
	options = &setup.Options{}
	dir = flags.String("dir", "", "installer's `directory` (default $"+place.DirEnv+", else siamese-lab in the user's cache directory)")
	flags.StringVar(&options.Python, "python", "", "Python `interpreter` to make the virtual environment with (default: the first of 3.10 or newer in PATH)")
	flags.BoolVar(&options.NoXLA, "no-xla", false, "leave XLA out: use the pure-Go backend")
	flags.StringVar(&options.PluginSHA256, "plugin-sha256", "", "install the official XLA plugin release whose archive has this `digest`")
	flags.StringVar(&options.PluginURL, "plugin-url", "", "`address` of that archive, where it is not the usual one")
	return dir, options
}

// install finds the lab and puts in place what is missing.
func install(ctx context.Context, dir string, options setup.Options, out io.Writer) (place.Lab, setup.Result, error) {
	if options.PluginURL != "" && options.PluginSHA256 == "" {
		return place.Lab{}, setup.Result{}, usageError{errors.New("--plugin-url needs --plugin-sha256: a plugin that is not pinned is never used")}
	}
	lab, err := place.Find(dir, ".")
	if err != nil {
		return place.Lab{}, setup.Result{}, err
	}
	installer, err := setup.New(ctx, lab, options, out)
	if err != nil {
		return place.Lab{}, setup.Result{}, err
	}
	result, err := installer.Install(ctx)
	return lab, result, err
}

// installCommand is `install`.
func installCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("install", flag.ContinueOnError)
	dir, options := installFlags(flags)
	flags.BoolVar(&options.UserKernels, "user", false, "register the kernels in the user's own Jupyter too")
	rest, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError{fmt.Errorf("install takes no arguments, got %q", rest)}
	}
	_, _, err = install(ctx, *dir, *options, out)
	return err
}

// runCommand is `run`.
func runCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	dir, options := installFlags(flags)
	o := jupyter.Options{Log: out, Live: isTerminal(out)}
	flags.Func("p", "set a parameter, as `name=value`; may be given several times", func(s string) error {
		set, err := notebook.ParseSet(s)
		o.Sets = append(o.Sets, set)
		return err
	})
	flags.StringVar(&o.Kernel, "kernel", "auto", "`kernel` to use: "+setup.KernelXLA+", "+setup.KernelGo+", or auto for the best one there is")
	flags.StringVar(&o.Out, "out", "", "`directory` for the executed notebook and the HTML page (default: beside the notebook)")
	flags.DurationVar(&o.Timeout, "timeout", 0, "longest time for a cell, such as 10m (default: none)")
	flags.BoolVar(&o.HTML, "html", true, "write an HTML page too")
	flags.BoolVar(&o.Inplace, "inplace", false, "replace the notebook itself by the executed one, for committing it; writes no HTML page")
	paths, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if o.Inplace && len(o.Sets) > 0 {
		return usageError{errors.New("--inplace keeps the notebook's own parameters: it does not go with -p")}
	}
	o.HTML = o.HTML && !o.Inplace
	if o.Kernel != "auto" {
		options.Kernel = o.Kernel
	}
	lab, result, err := install(ctx, *dir, *options, out)
	if err != nil {
		return err
	}
	o.Lab, o.Python = lab, result.Python
	if o.Kernel == "auto" {
		o.Kernel = result.Kernel
	}
	if len(paths) == 0 {
		paths = []string{filepath.Join(lab.Notebooks(), "quickstart.ipynb")}
	}
	for _, path := range paths {
		if err := runOne(ctx, path, o, out); err != nil {
			return err
		}
	}
	return nil
}

// runOne executes one notebook and says what came of it.
func runOne(ctx context.Context, path string, o jupyter.Options, out io.Writer) error {
	fmt.Fprintf(out, "\n%s on %s\n", short(path), o.Kernel)
	result, err := jupyter.Notebook(ctx, path, o)
	if result.Results != "" {
		fmt.Fprintf(out, "\n%s\n", result.Results)
	}
	if result.Notebook != "" {
		fmt.Fprintf(out, "\nwritten: %s", short(result.Notebook))
		if result.HTML != "" {
			fmt.Fprintf(out, " and %s", short(result.HTML))
		}
		fmt.Fprintf(out, " in %.1f s\n", result.Seconds)
	}
	return err
}

// labCommand is `lab`.
func labCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	dir, options := installFlags(flags)
	o := jupyter.LabOptions{Out: out}
	flags.StringVar(&o.IP, "ip", "127.0.0.1", "`address` to listen on; any other than this machine's own opens the lab to the network, behind its token")
	flags.IntVar(&o.Port, "port", 0, "`port` to listen on (default: JupyterLab's choice)")
	extra, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	lab, result, err := install(ctx, *dir, *options, out)
	if err != nil {
		return err
	}
	o.Lab, o.Python, o.Kernel, o.Extra = lab, result.Python, result.Kernel, extra
	return jupyter.Lab(ctx, o)
}

// doctorCommand is `doctor`.
func doctorCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	dir := flags.String("dir", "", "installer's `directory`")
	asJSON := flags.Bool("json", false, "print JSON")
	if _, err := parse(flags, args, out); err != nil {
		return err
	}
	lab, err := place.Find(*dir, ".")
	if err != nil {
		return err
	}
	report := setup.Doctor(ctx, lab)
	if *asJSON {
		err = report.JSON(out)
	} else {
		err = report.Text(out)
	}
	if err == nil && !report.Healthy() {
		err = errFailed
	}
	return err
}

// checkCommand is `check`.
func checkCommand(_ context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.String("dir", "", "not used; every command takes it")
	paths, err := parse(flags, args, out)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		lab, err := place.Find("", ".")
		if err != nil {
			return err
		}
		if paths, err = committed(lab.Notebooks()); err != nil {
			return err
		}
	}
	bad := false
	for _, path := range paths {
		findings, err := notebook.CheckFile(path)
		if err != nil {
			return err
		}
		for _, f := range findings {
			bad = true
			fmt.Fprintf(out, "%s: %s\n", short(path), f)
		}
		if len(findings) == 0 {
			fmt.Fprintf(out, "%s: fit to be kept\n", short(path))
		}
	}
	if bad {
		return errFailed
	}
	return nil
}

// committed returns the notebooks of a directory without the results of runs.
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

// short returns a path relative to the current directory where that is shorter.
func short(path string) string {
	if cwd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(cwd, path); err == nil && len(rel) < len(path) {
			return rel
		}
	}
	return path
}

// isTerminal tells whether a writer is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
