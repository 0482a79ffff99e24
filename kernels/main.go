// Command kernels is the Jupyter side of Siamese Lab: it installs the kernels, executes notebooks without a browser,
// opens JupyterLab, and says what is missing.
//
//	go run ./kernels install|run|lab|doctor|check|receipts|reproduce|bundle|uninstall [flags]
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/stop"
)

// name is what users call the command, in helps and in lines that mend something.
const name = "go run ./kernels"

// cli is the command line. Help and defaults stand in the tags; a command's Run does the work. kong passes Run what run
// has bound: the context, the writer of results, and the cli itself for the flags of all commands.
type cli struct {
	Dir string `placeholder:"DIR" help:"The lab's directory (default: $SIAMESE_LAB_DIR, or ~/.cache/siamese-lab)."`

	Install   installCmd   `cmd:"" help:"Install what is missing: JupyterLab, the Go kernel, the XLA plugin."`
	Run       runCmd       `cmd:"" help:"Execute notebooks without a browser."`
	Lab       labCmd       `cmd:"" help:"Open JupyterLab on the notebooks."`
	Doctor    doctorCmd    `cmd:"" help:"Try everything, portable bits too, and say what is missing and which line mends it."`
	Bundle    bundleCmd    `cmd:"" help:"Write what a machine without a network needs to install."`
	Uninstall uninstallCmd `cmd:"" help:"Remove what was installed."`
	Check     checkCmd     `cmd:"" help:"Check that notebooks are fit to be committed: executed, in order, no paths."`
	Receipts  receiptsCmd  `cmd:"" help:"Put the kernel's receipts into notebooks saved by VS Code or a Jupyter of your own."`
	Reproduce reproduceCmd `cmd:"" help:"Execute saved notebooks anew and compare, cell by cell."`
}

// progress is where a command says what it is doing whose results are for programs.
type progress struct{ io.Writer }

// errFailed is the error of a command that has printed what is wrong: only the exit status is left to set.
var errFailed = errors.New("failed")

// main runs the command line of the process. Ctrl-C and SIGTERM end the command's context; installing and executing
// then stop in good order and keep what is whole. A second one ends the program at once, and what it has started ends
// with it.
func main() {
	os.Exit(run(stop.OnSignal(context.Background()), os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command and returns the exit status: 0 for success, 1 for a failure, 2 for a wrong command line and that
// of [stop.Status] where ctx has ended it. args are
// the words without the program's name, none = print the help and return 2. Results and progress go to out, since
// installing is the result here; errors go to errOut. Tests call it in their own process.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	// Without arguments the help is an answer to a mistake, so it goes to errOut.
	if len(args) == 0 {
		run(ctx, []string{"--help"}, errOut, errOut)
		return 2
	}
	if args[0] == "help" { // `help run` is `run --help`
		args = append(args[1:len(args):len(args)], "--help")
	}
	helped := false
	parser, err := kong.New(&cli{}, kong.Name(name), kong.Description("The Jupyter side of Siamese Lab."),
		kong.Vars{"open": openHelp, "param": paramHelp}, kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.Writers(out, errOut), kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(out, (*io.Writer)(nil)), kong.Bind(progress{errOut}))
	if err != nil {
		fmt.Fprintln(errOut, "error:", err)
		return 1
	}
	// kong prints a help in the midst of parsing and calls Exit, which here only notes it. What Parse returns after
	// that means nothing.
	command, err := parser.Parse(args)
	switch {
	// The help of a command is no failure, whatever else the line has.
	case helped:
		return 0
	case err != nil:
		fmt.Fprintf(errOut, "error: %s\nsee: %s\n", quote.Line(err.Error()), helpFor(err))
		return 2
	}
	// kong calls the Run of the command that was chosen.
	if err := command.Run(); err != nil {
		if !errors.Is(err, errFailed) {
			fmt.Fprintln(errOut, "error:", colours.ReplaceAllString(quote.Error(err), ""))
		}
		if ctx.Err() != nil {
			return stop.Status(ctx)
		}
		return 1
	}
	return 0
}

// colours matches the colours of a terminal in a quoted text: tracebacks of cells and messages of pip have them.
var colours = regexp.MustCompile(`\\x1b\[[0-9;]*m`)

// helpFor returns the command that prints the help for a wrong command line: that of the command, or of the program
// where no command was recognised.
func helpFor(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		return name + " " + wrong.Context.Selected().Name + " --help"
	}
	return name + " --help"
}
