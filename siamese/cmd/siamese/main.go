// Command siamese does without a notebook what the notebooks do.
//
//	go run ./siamese/cmd/siamese <command> [flags]
//
// A command parses flags and calls the packages data and siamese.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// command is what follows the name of the program.
type command struct {
	name, does string
	run        func(ctx context.Context, args []string, out, complaints io.Writer) error
}

// commands lists all, in the order of the help. A new one is a file with a function and a line here.
var commands = []command{
	{"features", "compute the features of a folder of images, into a Parquet file", featuresCommand},
	{"describe", "say what is in a table, and what stands out", describeCommand},
	{"split", "split items into training, validation and test, and report what the sides have in common", splitCommand},
	{"train", "train a model", trainCommand},
	{"evaluate", "judge a model on test items, beside the features without training", evaluateCommand},
	{"report", "make a page of saved reports, of several models as one", reportCommand},
	{"protocols", "train and judge a configuration on new items, unseen classes and unseen domains, over folds and seeds", protocolsCommand},
	{"embed", "write the embeddings of items", embedCommand},
	{"compare", "say how similar items are to one another", compareCommand},
	{"search", "find the items most similar to one", searchCommand},
	{"explain", "say which blocks and features carry a similarity", explainCommand},
	{"bench", "measure training and embedding beside other libraries", benchCommand},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// usage lists the commands.
func usage(w io.Writer) {
	fmt.Fprint(w, "usage: siamese <command> [flags]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s  %s\n", c.name, c.does)
	}
	fmt.Fprintf(w, "  %-10s  %s\n\nEvery command takes -help.\n", "help", "show this list, or the help of a command")
}

// run runs a command and returns the exit status: 0 for success, 1 for a failure, 2 for a wrong command line and
// 130 for a run that was interrupted.
func run(ctx context.Context, args []string, out, complaints io.Writer) int {
	if len(args) == 0 {
		usage(complaints)
		return 2
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if args = args[1:]; len(args) == 0 {
			usage(out)
			return 0
		}
		args = []string{args[0], "-help"}
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(complaints, "unknown command %q\n\n", args[0])
		usage(complaints)
		return 2
	}
	err := commands[i].run(ctx, args[1:], out, complaints)
	var wrong usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(complaints, "%v\nsee: siamese help %s\n", err, args[0])
		return 2
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(complaints, "interrupted:", err)
		return 130
	}
	fmt.Fprintln(complaints, "error:", inFlags(err.Error()))
	return 1
}

// usageError is the error of a command line that does not say what to do.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// parse reads the flags of a command, which may also follow its arguments, and returns the arguments.
// Help goes to out.
func parse(flags *flag.FlagSet, args []string, out io.Writer) (rest []string, err error) {
	flags.SetOutput(io.Discard) // the error is told once, by run
	for {
		switch err := flags.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			flags.SetOutput(out)
			flags.Usage()
			return nil, err
		case err != nil:
			return nil, usageError{err}
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}
