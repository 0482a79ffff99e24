// Command kernels is the Jupyter side of Siamese Lab: it installs the kernels, executes notebooks without a browser,
// opens JupyterLab, and says what is missing.
//
//	go run ./kernels install|run|lab|doctor|check [flags]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage: go run ./kernels <command> [flags]

  install   put in place what is missing: JupyterLab, the Go kernel, the XLA plugin
  run       execute notebooks without a browser (default: notebooks/quickstart.ipynb)
  lab       open JupyterLab on the notebooks
  doctor    say what is there, what is missing, and what mends it
  check     check that notebooks are fit to be kept: executed, in order, without paths of a machine

Every command takes --dir (the installer's directory; default $SIAMESE_LAB_DIR, else siamese-lab in the user's cache
directory) and --help.
`

// commands are the functions behind the command names.
var commands = map[string]func(ctx context.Context, args []string, out io.Writer) error{
	"install": installCommand,
	"run":     runCommand,
	"lab":     labCommand,
	"doctor":  doctorCommand,
	"check":   checkCommand,
}

// errFailed is the error of a command that has said already what is wrong.
var errFailed = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command and returns the exit status: 0 for success, 1 for a failure, 2 for a wrong command line.
func run(ctx context.Context, args []string, out, complaints io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(complaints, usage)
		return 2
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		fmt.Fprint(out, usage)
		return 0
	}
	command, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(complaints, "unknown command %q\n\n%s", args[0], usage)
		return 2
	}
	err := command(ctx, args[1:], out)
	var wrong usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(complaints, "%v\nsee: go run ./kernels %s --help\n", err, args[0])
		return 2
	case !errors.Is(err, errFailed):
		fmt.Fprintln(complaints, "error:", err)
	}
	return 1
}

// usageError is the error of a command line that does not say what to do.
type usageError struct{ error }
