// Command siamese does without a notebook what the notebooks do: it makes tables of features, splits them, trains,
// evaluates, compares and explains models, and writes embeddings, reports and pages.
//
//	go run ./siamese/cmd/siamese <command> [flags]
//
// A command parses flags, reads files and calls the packages data and siamese; it computes nothing itself. Each is a
// struct with its flags as fields, a method Help with the text below the usage, and a method Run. The usual order is
// describe, split, train, evaluate, and then embed, compare, search or explain with the model.
//
// Flags are in kebab-case with two hyphens and may stand before and after arguments. Those for settings of the
// configuration are called as in its file: loss.margin is --loss-margin. A number that is 0 means its default, a
// negative one is an error, and what can be switched off has a flag of its own or the word off.
//
// Results go to standard output; progress, warnings and errors go to standard error. The exit status is 0 for success,
// 1 for a failure, 2 for a wrong command line, 130 for a run that Ctrl-C ended and 143 for one that SIGTERM did. Files
// are written whole or not at all, and what cannot be written is found before the work ([checkOutputs]); for that a
// field that names something to write has the tag output. An interrupted train, protocols or features says how to
// resume it.
//
// Text that comes from files or from the command line is printed by the package data/quote: nothing in it can move the
// cursor, forge a line or turn the writing around.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"
	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/stop"
	"github.com/go-siamese/lab/siamese/loss"
)

// commandLine has the commands in the order of the help. A new one is a file with a struct and a line here. kong fills
// the fields from the flags and then calls the Run method of the command's struct, with what newParser and run have
// bound: a context, the streams and the parse itself, as its parameters ask for them.
type commandLine struct {
	// From images to a table, and from a table to a split.
	Features featuresCommand `cmd:"" help:"Compute the features of a folder of images, into a Parquet file."`
	Describe describeCommand `cmd:"" help:"Describe a table, and what stands out in it."`
	Advise   adviseCommand   `cmd:"" help:"Say what to collect next, and which labels look wrong."`
	Split    splitCommand    `cmd:"" help:"Split items into train, validation and test, and check for leakage."`
	// From a split to a model, and how good it is.
	Train     trainCommand     `cmd:"" help:"Train a model."`
	Evaluate  evaluateCommand  `cmd:"" help:"Evaluate models on test items, beside the features without training."`
	Report    reportCommand    `cmd:"" help:"Show saved reports, and make a page of them."`
	Protocols protocolsCommand `cmd:"" help:"Evaluate on new items, unseen classes and unseen domains."`
	Sweep     sweepCommand     `cmd:"" help:"Search for the best settings, and judge them honestly."`
	Adapt     adaptCommand     `cmd:"" help:"Adapt a model to items of another population without labels."`
	// What a model is used for.
	Embed   embedCommand   `cmd:"" help:"Write the embeddings of items."`
	Export  exportCommand  `cmd:"" help:"Write a model for other programs, as ONNX."`
	Compare compareCommand `cmd:"" help:"Print how similar items are to one another."`
	Search  searchCommand  `cmd:"" help:"Find the items most similar to one."`
	Index   indexCommands  `cmd:"" help:"Make, search and serve an index of items, which are embedded once."`
	Serve   serveCommand   `cmd:"" help:"Answer other programs over HTTP."`
	Explain explainCommand `cmd:"" help:"Attribute similarities to blocks and features."`
	// About the program itself.
	Bench   benchCommand   `cmd:"" help:"Measure training and embedding beside other libraries."`
	Version versionCommand `cmd:"" help:"Print the version."`
	Help    helpCommand    `cmd:"" help:"Print this list, or the help of a command."`
}

// streams are where a command writes. Results and progress are apart, so that the results can be piped to another
// program.
type streams struct {
	// out is standard output: results.
	out io.Writer
	// errOut is standard error: progress, warnings, errors, and which backend was chosen.
	errOut io.Writer
}

// main runs the command line of the process. The first Ctrl-C or SIGTERM ends the command in good order, with what it
// has so far kept; a second one ends the program at once.
func main() {
	// What goes wrong below comes as an error and is told once; logs of libraries would tell it again, in their words.
	klog.SetLogger(logr.Discard())
	out, errOut := quote.NewWriter(os.Stdout), quote.NewWriter(os.Stderr)
	status := run(stop.OnSignal(context.Background()), os.Args[1:], out, errOut)
	// Results that did not get to where they were sent are no success. A command that failed may have said so.
	if err := out.Close(); err != nil && status == 0 {
		fmt.Fprintln(errOut, "error: not all results were written:", quote.Error(err))
		status = 1
	}
	if err := errOut.Close(); err != nil && status == 0 {
		status = 1
	}
	os.Exit(status)
}

// run runs a command and returns the exit status: 0 for success, 1 for a failure, 2 for a wrong command line and that
// of [stop.Status] for a run that was interrupted. args are the words without the program's name. Results go to out,
// all else to errOut; a program that was called without arguments gets the help on errOut and 2.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	helped := false
	parser, err := newParser(commandsFor(args), func(int) { helped = true }, kong.Writers(out, errOut),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&streams{out, errOut}))
	if err != nil {
		fmt.Fprintln(errOut, "error:", err)
		return 1
	}
	nothing := len(args) == 0
	if nothing {
		parser.Stdout, args = errOut, []string{"--help"}
	}
	// kong prints help in the midst of parsing and calls Exit, which here only notes it, so that tests can run commands
	// in their own process. What Parse returns after that means nothing.
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
	if err = checkOutputs(parsed); err == nil {
		err = parsed.Run()
	}
	switch {
	case err == nil:
		return 0
	// A command found it out, rather than kong: some rules need more than one flag, or the data.
	case errors.As(err, new(usageError)):
		return wrongUsage(errOut, err, parsed)
	// The error says what was kept, and how to go on.
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errOut, "interrupted:", message(err, parsed.Selected()))
		return stop.Status(ctx)
	}
	fmt.Fprintln(errOut, "error:", message(err, parsed.Selected()))
	return 1
}

// commandsFor returns what newParser needs for args: a new [commandLine], or only the command that the first word names,
// since to build all of them takes longer than most short commands. The help of a command shows no other one, but the
// command help may be asked for any.
func commandsFor(args []string) any {
	all := reflect.TypeFor[commandLine]()
	for i := range all.NumField() {
		if field := all.Field(i); len(args) > 0 && kebab(field.Name) == args[0] && args[0] != "help" {
			return reflect.New(reflect.StructOf([]reflect.StructField{field})).Interface()
		}
	}
	return &commandLine{}
}

// newParser returns the parser of commands: a pointer to a struct of them. It calls helped, with the status that kong
// would exit with, when it has printed a help. It fails if a struct tag is wrong, such as one that names a help text
// that does not exist.
func newParser(commands any, helped func(int), options ...kong.Option) (*kong.Kong, error) {
	folder := images.DefaultFolder()
	parser, err := kong.New(commands, append(append(options, numberMappers...),
		kong.Name("siamese"),
		kong.Description("Train, evaluate and use models of similarity between feature vectors."),
		kong.PostBuild(longHelpsInto),
		kong.Vars{"losses": strings.Join(loss.Names(), ", "), "label_depth": fmt.Sprint(folder.LabelDepth),
			"domain_depth": fmt.Sprint(folder.DomainDepth)},
		kong.Exit(helped),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120}),
		kong.WithHyphenPrefixedParameters(true), // --id -
	)...)
	if err != nil {
		return nil, err
	}
	// Flags for single settings are not in struct tags, see [configFlags.settingFlags].
	for _, node := range parser.Model.Children {
		if c, ok := node.Target.Addr().Interface().(interface{ settingFlags() []*kong.Flag }); ok {
			node.Flags = append(node.Flags, c.settingFlags()...)
		}
	}
	return parser, nil
}

// usageError is the error of a command line that does not say what to do. It ends the program with status 2 and a line
// that names the command's help, as kong's own errors do; an error about the data has status 1.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// wrongFlag returns a usage error about a flag, without its hyphens. The text, formatted as by [fmt.Sprintf], says what
// is wrong and what to do and does not name the flag, which is printed before it.
func wrongFlag(flag, format string, args ...any) error {
	return usageError{option.Errorf(flag, format, args...)}
}

// wrongUsage prints a usage error and where to find help, and returns the exit status 2. parsed may have no command,
// where that is what is wrong.
func wrongUsage(errOut io.Writer, err error, parsed *kong.Context) int {
	command := parsed.Selected()
	see := "siamese" // or as far as words are commands
	for _, p := range parsed.Path {
		if p.Command != nil {
			see = p.Command.FullPath()
		}
	}
	text := message(err, command)
	// kong writes the words of the command line as they are, and one line.
	if errors.As(err, new(*kong.ParseError)) {
		text = quote.Line(err.Error())
	}
	fmt.Fprintf(errOut, "error: %s\nsee: %s --help\n", text, see)
	return 2
}

// message returns the text of an error for the terminal, with the names of the command's flags for options; command may
// be nil.
func message(err error, command *kong.Node) string {
	names := func(string) string { return "" }
	if command != nil {
		names = flagNames(command)
	}
	return quote.Lines(option.Text(err, names))
}

// flagNames returns a function that returns the name a command has for an option of a package, such as "--near" for
// "Threshold" in describe: that of the flag whose tag option names it, else of the flag that is called alike in
// kebab-case; "" where there is none. With it [option.Text] prints errors of packages, which know fields and not flags,
// in the words of the command line.
func flagNames(command *kong.Node) func(option string) string {
	// Both keys are in kebab-case, so that an option is found under either spelling.
	names := map[string]string{}
	for _, level := range command.AllFlags(false) {
		for _, flag := range level {
			names[flag.Name] = "--" + flag.Name
			if tag := flag.Tag.Get("option"); tag != "" {
				for one := range strings.SplitSeq(tag, ",") { // an option that is called otherwise elsewhere
					names[kebab(one)] = "--" + flag.Name
				}
			}
		}
	}
	return func(option string) string {
		if name, ok := names[kebab(option)]; ok {
			return name
		}
		// PairOptions.ByRow and JoinOptions.ByRow are one flag.
		_, field, _ := strings.Cut(option, "Options.")
		return names[kebab(field)]
	}
}

// kebab returns a name of Go or of a file as a flag has it: AllowMissing, CostFP and loss.positive_margin are
// allow-missing, cost-fp and loss-positive-margin. A run of capitals is one word up to its end: there is no hyphen in
// front of the next word (HTMLPage would be htmlpage), which no name needs.
func kebab(name string) string {
	var out []rune
	small := false
	for _, r := range name {
		switch {
		case r == '.' || r == '_':
			r = '-'
		case unicode.IsUpper(r):
			// A word begins at a capital after a small letter.
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

// helpCommand prints the help of a command: help index build is index build --help.
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"Name of the command."`
}

// Run prints the help. A command that does not exist is a usage error.
func (c *helpCommand) Run(parser *kong.Kong) error {
	parsed, err := kong.Trace(parser, c.Command) // without a name the list of commands
	if err == nil {
		err = parsed.Error
	}
	if err != nil {
		return usageError{errors.New(quote.Line(err.Error()))}
	}
	return parsed.PrintUsage(false)
}
