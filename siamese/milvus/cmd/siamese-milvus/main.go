// Command siamese-milvus keeps the embeddings of a model in a collection of a Milvus server, and searches it.
//
//	siamese-milvus load --model=model.safetensors --cursor=items.cursor items items.parquet
//	siamese-milvus search --query=photo-17 items
//
// It is a program of its own, so that siamese does not link the client of Milvus. Results go to standard output, all
// else to standard error; the exit status is 0 for success, 1 for a failure, 2 for a wrong command line, and 130 or 143
// for a run that a signal ended.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/stop"
)

type commandLine struct {
	Load   loadCommand   `cmd:"" help:"Put the items of a table into a collection."`
	Search searchCommand `cmd:"" help:"Find the items most similar to others."`
	Delete deleteCommand `cmd:"" help:"Delete items by id."`
	Stats  statsCommand  `cmd:"" help:"Say what a collection holds."`
	Drop   dropCommand   `cmd:"" help:"Delete a collection with all its items."`
}

// streams are where a command writes: results, and all else.
type streams struct{ out, errOut io.Writer }

func main() {
	klog.SetLogger(logr.Discard()) // of the pure-Go backend
	out, errOut := quote.NewWriter(os.Stdout), quote.NewWriter(os.Stderr)
	status := run(stop.OnSignal(context.Background()), os.Args[1:], out, errOut)
	if err := out.Close(); err != nil && status == 0 {
		fmt.Fprintln(errOut, "error: not all results were written:", quote.Error(err))
		status = 1
	}
	if err := errOut.Close(); err != nil && status == 0 {
		status = 1
	}
	os.Exit(status)
}

// usageError is the error of a command line that cannot be meant.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func wrongFlag(flag, format string, args ...any) error {
	return usageError{option.Errorf(flag, format, args...)}
}

// run runs a command and returns the exit status.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	helped := false
	var commands commandLine
	parser, err := kong.New(&commands, kong.Name("siamese-milvus"), kong.Writers(out, errOut),
		kong.Description("Keep embeddings in a collection of a Milvus server, and search it."),
		kong.Exit(func(int) { helped = true }), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&streams{out, errOut}), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120}),
		kong.WithHyphenPrefixedParameters(true)) // --id -
	if err != nil {
		fmt.Fprintln(errOut, "error:", err)
		return 1
	}
	nothing := len(args) == 0
	if nothing {
		parser.Stdout, args = errOut, []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	switch {
	case nothing:
		return 2
	case helped:
		return 0
	case err == nil:
		err = parsed.Run()
	default:
		err = usageError{err}
	}
	if err == nil {
		return 0
	}
	text := quote.Lines(option.Text(err, flagNames(parsed)))
	switch {
	case errors.As(err, new(usageError)):
		fmt.Fprintf(errOut, "error: %s\nsee: siamese-milvus --help\n", text)
		return 2
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errOut, "interrupted:", text)
		return stop.Status(ctx)
	}
	fmt.Fprintln(errOut, "error:", text)
	return 1
}

// flagNames returns the flags' names for options of packages.
func flagNames(parsed *kong.Context) func(string) string {
	names := map[string]string{}
	if parsed != nil && parsed.Selected() != nil {
		for _, level := range parsed.Selected().AllFlags(false) {
			for _, flag := range level {
				plain := strings.ReplaceAll(flag.Name, "-", "")
				names[plain] = "--" + flag.Name
				if of := flag.Tag.Get("option"); of != "" {
					names[strings.ToLower(of)] = "--" + flag.Name
				}
			}
		}
	}
	return func(name string) string {
		return names[strings.ToLower(strings.ReplaceAll(name[strings.LastIndex(name, ".")+1:], "-", ""))]
	}
}
