// Command siamese does without a notebook what the notebooks do.
//
//	go run ./siamese/cmd/siamese <command> [flags]
//
// A command parses flags and calls the packages data and siamese. Flags are in kebab-case with two hyphens and may
// stand before and after arguments. Those for settings of the configuration are called as in its file: loss.margin is
// --loss-margin.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/loss"
	"github.com/go-siamese/lab/siamese/version"
)

// commandLine has the commands in the order of the help. A new one is a file with a struct and a line here.
type commandLine struct {
	Features  featuresCommand  `cmd:"" help:"Compute the features of a folder of images, into a Parquet file."`
	Describe  describeCommand  `cmd:"" help:"Describe a table, and what stands out in it."`
	Split     splitCommand     `cmd:"" help:"Split items into train, validation and test, and check for leakage."`
	Train     trainCommand     `cmd:"" help:"Train a model."`
	Evaluate  evaluateCommand  `cmd:"" help:"Evaluate models on test items, beside the features without training."`
	Report    reportCommand    `cmd:"" help:"Show saved reports, and make a page of them."`
	Protocols protocolsCommand `cmd:"" help:"Evaluate on new items, unseen classes and unseen domains."`
	Embed     embedCommand     `cmd:"" help:"Write the embeddings of items."`
	Compare   compareCommand   `cmd:"" help:"Print how similar items are to one another."`
	Search    searchCommand    `cmd:"" help:"Find the items most similar to one."`
	Explain   explainCommand   `cmd:"" help:"Attribute similarities to blocks and features."`
	Bench     benchCommand     `cmd:"" help:"Measure training and embedding beside other libraries."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
	Help      helpCommand      `cmd:"" help:"Print this list, or the help of a command."`
}

// streams are where a command writes.
type streams struct {
	out    io.Writer // results
	errOut io.Writer // progress and errors
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command and returns the exit status: 0 for success, 1 for a failure, 2 for a wrong command line and
// 130 for a run that was interrupted.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	helped := false
	parser, err := newParser(func(int) { helped = true }, kong.Writers(out, errOut),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&streams{out, errOut}))
	if err != nil {
		fmt.Fprintln(errOut, "error:", err)
		return 1
	}
	nothing := len(args) == 0
	if nothing {
		parser.Stdout, args = errOut, []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	var wrong *kong.ParseError
	switch {
	case nothing:
		return 2
	case helped:
		return 0
	case errors.As(err, &wrong):
		return wrongUsage(errOut, err, wrong.Context)
	}
	err = parsed.Run()
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usageError)):
		return wrongUsage(errOut, err, parsed)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errOut, "interrupted:", err)
		return 130
	}
	fmt.Fprintln(errOut, "error:", option.Text(err, flagNames(parsed.Selected())))
	return 1
}

// newParser returns the parser of the command line. It calls helped when it has printed a help.
func newParser(helped func(int), options ...kong.Option) (*kong.Kong, error) {
	folder := images.DefaultFolder()
	parser, err := kong.New(&commandLine{}, append(options,
		kong.Name("siamese"),
		kong.Description("Train, evaluate and use models of similarity between feature vectors."),
		longHelps,
		kong.Vars{"losses": strings.Join(loss.Names(), ", "), "label_depth": fmt.Sprint(folder.LabelDepth),
			"domain_depth": fmt.Sprint(folder.DomainDepth)},
		kong.Exit(helped),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120}),
		kong.WithHyphenPrefixedParameters(true), // --id -
	)...)
	if err != nil {
		return nil, err
	}
	for _, node := range parser.Model.Children {
		if c, ok := node.Target.Addr().Interface().(interface{ settingFlags() []*kong.Flag }); ok {
			node.Flags = append(node.Flags, c.settingFlags()...)
		}
	}
	return parser, nil
}

// usageError is the error of a command line that does not say what to do.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// wrongFlag returns a usage error about a flag.
func wrongFlag(flag, format string, args ...any) error {
	return usageError{option.Errorf(flag, format, args...)}
}

// wrongUsage prints a usage error and where to find help, and returns the exit status.
func wrongUsage(errOut io.Writer, err error, parsed *kong.Context) int {
	command := parsed.Selected()
	if command == nil {
		fmt.Fprintf(errOut, "error: %v\nsee: siamese --help\n", err)
		return 2
	}
	fmt.Fprintf(errOut, "error: %s\nsee: siamese %s --help\n", option.Text(err, flagNames(command)), command.Name)
	return 2
}

// flagNames returns the names that a command has for options: that of the flag whose tag option names it, or of the
// flag that is called alike in kebab-case; "" where there is none.
func flagNames(command *kong.Node) func(option string) string {
	names := map[string]string{}
	for _, level := range command.AllFlags(false) {
		for _, flag := range level {
			names[flag.Name] = "--" + flag.Name
			if tag := flag.Tag.Get("option"); tag != "" {
				names[kebab(tag)] = "--" + flag.Name
			}
		}
	}
	return func(option string) string { return names[kebab(option)] }
}

// kebab returns a name of Go or of a file as a flag has it: AllowMissing, CostFP and loss.positive_margin are
// allow-missing, cost-fp and loss-positive-margin.
func kebab(name string) string {
	var out []rune
	small := false
	for _, r := range name {
		switch {
		case r == '.' || r == '_':
			r = '-'
		case unicode.IsUpper(r):
			if small {
				out = append(out, '-')
			}
			r = unicode.ToLower(r)
			small = false
			out = append(out, r)
			continue
		}
		small = unicode.IsLower(r)
		out = append(out, r)
	}
	return string(out)
}

// versionCommand prints the version.
type versionCommand struct{}

func (*versionCommand) Run(s *streams) error {
	_, err := fmt.Fprintln(s.out, "siamese", version.String())
	return err
}

// helpCommand prints the help of a command.
type helpCommand struct {
	Command string `arg:"" optional:"" help:"Name of the command."`
}

func (c *helpCommand) Run(parser *kong.Kong) error {
	var words []string
	if c.Command != "" {
		words = []string{c.Command}
	}
	parsed, err := kong.Trace(parser, words)
	if err == nil {
		err = parsed.Error
	}
	if err != nil {
		return usageError{err}
	}
	return parsed.PrintUsage(false)
}
